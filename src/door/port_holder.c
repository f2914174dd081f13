#include <sys/socket.h>

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door/port_holder.h"

/* The state of a listening socket in /proc/net/tcp, TCP_LISTEN. */
#define STATE_LISTEN	0x0A
#define INODE_MAX	32

/*
 * Whether a line of /proc/net/tcp, or the like, is of a socket on this port:
 * on the same address, or where one of both is the wildcard.
 */
static bool
port_holder_is_port(const char *line, bool listens, const struct addr *want,
    unsigned long *inode)
{
	static const char any[] = "00000000000000000000000000000000";
	char has[33], wanted[33];
	uint32_t words[4] = { 0 };
	size_t n = addr_family(want) == AF_INET ? 1 : 4;
	unsigned port, state;

	/* An address is written as words of the host's byte order. */
	memcpy(words, n == 1 ? (const void *)&want->u.in.sin_addr :
	    (const void *)&want->u.in6.sin6_addr, n * sizeof(*words));
	for (size_t i = 0; i < n; i++)
		(void)snprintf(wanted + 8 * i, 9, "%08" PRIX32, words[i]);
	return sscanf(line, "%*u: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s "
	    "%lu", has, &port, &state, inode) == 4 &&
	    *inode != 0 && port == addr_port(want) &&
	    (!listens || state == STATE_LISTEN) &&
	    (strcmp(has, wanted) == 0 ||
	    strncmp(has, any, strlen(has)) == 0 ||
	    strncmp(wanted, any, strlen(wanted)) == 0);
}

/* The inode of the socket in a table of /proc/net; 0: none. */
static unsigned long
port_holder_inode(const char *table, bool listens, const struct addr *want)
{
	char path[ADDR_HOST_MAX], has[110], *line = NULL;
	bool found = false;
	unsigned long inode = 0;
	size_t size = 0;
	FILE *f = fopen(table, "re");

	if (f == NULL)
		return 0;
	(void)addr_host(want, path, sizeof(path));
	while (!found && getline(&line, &size, f) > 0)
		/* An abstract name of /proc/net/unix has "@" before. */
		found = addr_family(want) == AF_UNIX ?
		    sscanf(line, "%*s %*s %*s %*s %*s %*s %lu %109[^\n]",
		    &inode, has) == 2 && strcmp(has, path) == 0 :
		    port_holder_is_port(line, listens, want, &inode);
	free(line);
	(void)fclose(f);
	return found ? inode : 0;
}

/* Whether a process has a descriptor with that text as its link. */
static bool
port_holder_has(const char *pid, const char *link)
{
	char path[64], text[INODE_MAX];
	struct dirent *d;
	DIR *dir;
	ssize_t n;
	bool has = false;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	if ((dir = opendir(path)) == NULL)
		return false;
	while (!has && (d = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), d->d_name, text, sizeof(text));
		has = n > 0 && (size_t)n == strlen(link) &&
		    memcmp(text, link, (size_t)n) == 0;
	}
	(void)closedir(dir);
	return has;
}

void
port_holder(const struct socket_kind *kind, const struct addr *addr,
    char *text, size_t size)
{
	static const char *const tables[2][2] = {
		{ "/proc/net/tcp", "/proc/net/tcp6" },
		{ "/proc/net/udp", "/proc/net/udp6" }
	};
	bool stream = kind->type != SOCK_DGRAM;
	char link[INODE_MAX], path[64], name[17];
	unsigned long inode = 0;
	struct dirent *d;
	DIR *dir;
	FILE *f;

	*text = '\0';
	if (addr_family(addr) == AF_UNIX)
		inode = port_holder_inode("/proc/net/unix", false, addr);
	/* A stream's listener first, then any socket. */
	for (int i = stream ? 0 : 2; addr_is_inet(addr) && i < 4 && inode == 0;
	    i++)
		inode = port_holder_inode(tables[!stream][i % 2], i < 2, addr);
	if (inode == 0 || (dir = opendir("/proc")) == NULL)
		return;
	(void)snprintf(link, sizeof(link), "socket:[%lu]", inode);
	while (*text == '\0' && (d = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "/proc/%.20s/comm",
		    d->d_name);
		if (!isdigit((unsigned char)d->d_name[0]) ||
		    !port_holder_has(d->d_name, link) ||
		    (f = fopen(path, "re")) == NULL)
			continue;
		if (fscanf(f, "%16[^\n]", name) == 1)
			(void)snprintf(text, size, "%s, process %.20s", name,
			    d->d_name);
		(void)fclose(f);
	}
	(void)closedir(dir);
}

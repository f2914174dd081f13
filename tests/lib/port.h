/*
 * Who listens and is bound, as the kernel's tables under /proc/net tell it.
 */
#ifndef PROCNET_H
#define PROCNET_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PROCNET_LINKED = 0x01, PROCNET_BOUND = 0x07, PROCNET_LISTENS = 0x0a };

/* A line of /proc/net/tcp and its like: sl local remote state ... */
static inline bool
procnet_in(const char *table, long port, unsigned want_state)
{
	char line[512], *at;
	unsigned lport, state;
	FILE *f = fopen(table, "re");
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = (at = strchr(line, ':')) != NULL &&
		    sscanf(at + 1, " %*[0-9A-Fa-f]:%x %*s %x", &lport,
		    &state) == 2 && (long)lport == port &&
		    state == want_state;
	fclose(f);
	return found;
}

static inline bool
procnet_tcp(long port, unsigned state)
{
	return procnet_in("/proc/net/tcp", port, state) ||
	    procnet_in("/proc/net/tcp6", port, state);
}

static inline bool
procnet_udp(long port)
{
	return procnet_in("/proc/net/udp", port, PROCNET_BOUND) ||
	    procnet_in("/proc/net/udp6", port, PROCNET_BOUND);
}

static inline bool
procnet_unix(const char *path)
{
	char line[512];
	size_t len = strlen(path);
	FILE *f = fopen("/proc/net/unix", "re");
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = strlen(line) > len &&
		    strcmp(line + strlen(line) - len, path) == 0 &&
		    line[strlen(line) - len - 1] == ' ';
		/* Unless of datagrams it must listen: __SO_ACCEPTCON. */
		if (found && strstr(line, " 0002 ") == NULL)
			found = strstr(line, " 00010000 ") != NULL;
	}
	fclose(f);
	return found;
}

#endif

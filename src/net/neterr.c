#include <sys/stat.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/neterr.h"

void
neterr_set(struct error *err, int num, const char *op,
    const struct socket_kind *kind, const struct addr *addr)
{
	char host[ADDR_HOST_MAX];

	addr_host(addr, host, sizeof(host));
	if (addr_family(addr) == AF_UNIX)
		error_set(err, num, op, "%s", host);
	else if (!kind->has_ports)
		error_set(err, num, op, "%s (%s)", host, kind->name);
	else
		error_set(err, num, op, "%s port %u (%s)", host,
		    addr_port(addr), kind->name);
}

/* A reason beyond errno, or "". */
static const char *
neterr_why(const struct addr *to, int num)
{
	char path[ADDR_HOST_MAX];
	struct stat st;

	if (num == ECONNREFUSED && addr_family(to) == AF_UNIX &&
	    stat(addr_host(to, path, sizeof(path)), &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		return "it is no socket";
	if (num == EINVAL && addr_family(to) == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&to->u.in6.sin6_addr) &&
	    to->u.in6.sin6_scope_id == 0)
		return "it needs its link behind it, as in fe80::1%eth0";
	return "";
}

void
neterr_refusal(struct error *err, int num, const struct socket_kind *kind,
    const struct addr *to)
{
	neterr_set(err, num, "connect to", kind, to);
	(void)strlcpy(err->why, neterr_why(to, num), sizeof(err->why));
}

/*
 * True if a line of /proc/net/udp, "  12: 0100007F:1F90 ...", has this port at
 * 127.0.0.1 or at all addresses.
 */
static bool
neterr_serves(const char *line, unsigned port)
{
	unsigned long ip, at;
	char *end;

	if ((line = strchr(line, ':')) == NULL)
		return false;
	ip = strtoul(line + 1, &end, 16);
	if (*end != ':')
		return false;
	at = strtoul(end + 1, &end, 16);
	return at == port && (ip == htonl(INADDR_LOOPBACK) || ip == 0);
}

const char *
neterr_other_loopback(int fd, const char *host)
{
	char *line = NULL;
	struct addr to;
	size_t size = 0;
	bool found = false;
	FILE *f;

	if (addr_peer(&to, fd) == -1 || addr_family(&to) != AF_INET6 ||
	    !IN6_IS_ADDR_LOOPBACK(&to.u.in6.sin6_addr) ||
	    (f = fopen("/proc/net/udp", "re")) == NULL)
		return NULL;
	while (!found && getline(&line, &size, f) != -1)
		found = neterr_serves(line, addr_port(&to));
	free(line);
	(void)fclose(f);
	if (!found)
		return NULL;
	return host != NULL && strchr(host, ':') != NULL ?
	    "127.0.0.1 has a UDP server at this port" :
	    "127.0.0.1 has a UDP server at this port: try -4";
}

bool
neterr_is_ours(const struct error *err)
{
	return strcmp(err->op, "bind") == 0 || strcmp(err->op, "set") == 0 ||
	    strcmp(err->op, "read") == 0;
}

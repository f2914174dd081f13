#include <sys/stat.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/neterr.h"

void
neterr_set(struct error *err, int num, const char *op,
    const struct socket_kind *kind, const struct addr *addr)
{
	/* Of unix_path_bind: bind(2) fails if any file has that name. */
	bool no_socket = num == ENOTSOCK && strcmp(op, "bind") == 0;
	char host[ADDR_HOST_MAX];

	if (no_socket)
		num = EADDRINUSE;
	addr_host(addr, host, sizeof(host));
	if (addr_family(addr) == AF_UNIX)
		error_set(err, num, op, "%s", host);
	else if (!kind->has_ports)
		error_set(err, num, op, "%s (%s)", host, kind->name);
	else
		error_set(err, num, op, "%s port %u (%s)", host,
		    addr_port(addr), kind->name);
	if (no_socket)
		(void)strlcpy(err->why, "it exists and is not a socket",
		    sizeof(err->why));
}

void
neterr_refusal(struct error *err, int num, const struct socket_kind *kind,
    const struct addr *to)
{
	char path[ADDR_HOST_MAX];
	const char *why = "";
	struct stat st;

	if (num == ECONNREFUSED && addr_family(to) == AF_UNIX &&
	    stat(addr_host(to, path, sizeof(path)), &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		why = "not a socket";
	if (num == EINVAL && addr_family(to) == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&to->u.in6.sin6_addr) &&
	    to->u.in6.sin6_scope_id == 0)
		why = "add the interface: fe80::1%eth0";
	neterr_set(err, num, "connect to", kind, to);
	(void)strlcpy(err->why, why, sizeof(err->why));
}

const char *
neterr_other_loopback(int fd, const char *host)
{
	struct addr to;
	unsigned ip, port;
	bool found = false;
	FILE *f;

	if (addr_peer(&to, fd) == -1 || addr_family(&to) != AF_INET6 ||
	    !IN6_IS_ADDR_LOOPBACK(&to.u.in6.sin6_addr) ||
	    (f = fopen("/proc/net/udp", "re")) == NULL)
		return NULL;
	/* After a line of headings: "  12: 0100007F:1F90 ..." */
	while (!found && fscanf(f, "%*[^\n] %*u: %8x:%4x", &ip, &port) == 2)
		found = port == addr_port(&to) &&
		    (ip == htonl(INADDR_LOOPBACK) || ip == INADDR_ANY);
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

/*
 * Socket addresses. "Peer" means a socket address and nothing else.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <linux/vm_sockets.h>
#include <stdbool.h>
#include <stddef.h>

struct addr {
	socklen_t	len;		/* 0: no address (an unnamed socket) */
	union {
		struct sockaddr		sa;
		struct sockaddr_in	in;
		struct sockaddr_in6	in6;
		struct sockaddr_un	un;
		struct sockaddr_vm	vm;
		struct sockaddr_storage	ss;
	} u;
};

struct addr_list {
	struct addr	*v;		/* in the order to be tried */
	size_t		 n;
};

/* Room for any text that addr_host and addr_port write, NUL included. */
#define ADDR_HOST_MAX	200
#define ADDR_PORT_MAX	16

int	addr_family(const struct addr *);
/* IPv4 or IPv6. */
bool	addr_is_inet(const struct addr *);
/* A multicast group of IPv4 or IPv6. */
bool	addr_is_group(const struct addr *);
/* The wildcard address of IPv4 or IPv6: 0.0.0.0 or ::. */
bool	addr_is_any(const struct addr *);
/*
 * The numeric host, the path of a Unix socket ("@name" when abstract, ""
 * when unnamed), or the CID of a virtual machine. An IPv4-mapped IPv6
 * address stays as it is here.
 */
const char	*addr_host(const struct addr *, char *buf, size_t size);
unsigned	 addr_port(const struct addr *);
void		 addr_set_port(struct addr *, unsigned port);
/* Make an IPv4-mapped IPv6 address (::ffff:192.0.2.1) an IPv4 one. */
void		 addr_unmap(struct addr *);
bool		 addr_equal(const struct addr *, const struct addr *);
/*
 * A Unix address from a path; a leading '@' makes it abstract (unix(7)).
 * Returns -1 with ENAMETOOLONG when it does not fit.
 */
int		 addr_unix(struct addr *, const char *path);
/*
 * The address of a virtual machine: its CID is a number or any, local or
 * host; a port is a number of 32 bits; NULL is any. Returns -1 with EINVAL.
 */
int		 addr_vsock(struct addr *, const char *cid, const char *port);
/* An address from a number, of this family or (AF_UNSPEC) any; else false. */
bool		 addr_numeric(struct addr *, const char *host, int family);
/* getsockname(2), getpeername(2): -1 with errno on failure. */
int		 addr_local(struct addr *, int sock);
int		 addr_peer(struct addr *, int sock);
void		 addr_list_free(struct addr_list *);

#endif

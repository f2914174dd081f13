/* Socket addresses. "Peer" means a socket address and nothing else. */
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

/* The ends of a connection, as a listener sees them. */
struct addr_pair {
	struct addr	peer, local;	/* local.len 0: the socket's own */
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
 * Writes the numeric host, the path of a Unix socket ("@name" if abstract, ""
 * if unnamed), or the CID of a virtual machine. IPv4-mapped IPv6 addresses stay
 * IPv6. Returns buf.
 */
const char	*addr_host(const struct addr *, char *buf, size_t size);
unsigned	 addr_port(const struct addr *);
void		 addr_set_port(struct addr *, unsigned port);
/* Makes an IPv4-mapped IPv6 address (::ffff:192.0.2.1) an IPv4 address. */
void		 addr_unmap(struct addr *);
bool		 addr_equal(const struct addr *, const struct addr *);
/*
 * Makes a Unix address from a path; a leading '@' means an abstract name
 * (unix(7)). Returns -1 with ENAMETOOLONG or ENOENT (empty).
 */
int		 addr_unix(struct addr *, const char *path);
/*
 * Makes the address of a virtual machine: the CID is a number, "any", "local"
 * or "host", the port a number of 32 bits; NULL: any. Returns -1 with EINVAL.
 */
int		 addr_vsock(struct addr *, const char *cid, const char *port);
/* Makes an address from a number of this family (AF_UNSPEC: any); or false. */
bool		 addr_numeric(struct addr *, const char *host, int family);
/*
 * The same without getaddrinfo(3), for addresses as inet_pton(3) takes them;
 * false: perhaps a number of another form, such as 127.1 or fe80::1%eth0.
 */
bool		 addr_usual(struct addr *, const char *host, int family);
/* getsockname(2), getpeername(2): -1 with errno on failure. */
int		 addr_local(struct addr *, int sock);
int		 addr_peer(struct addr *, int sock);
void		 addr_list_free(struct addr_list *);

/*
 * A hash of the host alone: of IPv4, or of the first 64 bits of IPv6, which one
 * user has. 0: another family.
 */
uint64_t	addr_host_hash(const struct addr *, uint64_t seed);

#endif

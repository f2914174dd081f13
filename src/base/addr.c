#include <arpa/inet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/num.h"

/* Descriptors that may be a socket. */
#define SOCKETS_ASKED	32
#define UNIX_HEAD	offsetof(struct sockaddr_un, sun_path)

int
addr_family(const struct addr *a)
{
	return a->len != 0 ? a->u.sa.sa_family : AF_UNSPEC;
}

bool
addr_is_inet(const struct addr *a)
{
	int family = addr_family(a);

	return family == AF_INET || family == AF_INET6;
}

bool
addr_is_group(const struct addr *a)
{
	if (addr_family(a) == AF_INET)
		return IN_MULTICAST(ntohl(a->u.in.sin_addr.s_addr));
	return addr_family(a) == AF_INET6 &&
	    IN6_IS_ADDR_MULTICAST(&a->u.in6.sin6_addr);
}

bool
addr_is_any(const struct addr *a)
{
	if (addr_family(a) == AF_INET)
		return a->u.in.sin_addr.s_addr == htonl(INADDR_ANY);
	return addr_family(a) == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr);
}

/* A path need not end in a NUL. The NULs of an abstract name become '@'. */
static void
addr_unix_host(const struct addr *a, char *buf, size_t size)
{
	size_t len, i;
	bool abstract;

	len = a->len > UNIX_HEAD ? a->len - UNIX_HEAD : 0;
	abstract = len > 0 && a->u.un.sun_path[0] == '\0';
	for (i = 0; i < len && i + 1 < size; i++) {
		buf[i] = a->u.un.sun_path[i];
		if (buf[i] == '\0' && !abstract)
			break;
		if (buf[i] == '\0')
			buf[i] = '@';
	}
	buf[i] = '\0';
}

/*
 * A sandbox refuses the socket that if_indextoname(3) makes. Any socket that is
 * open knows the names, too; its number does not matter.
 */
static bool
addr_ask_socket(unsigned index, char *name)
{
	struct ifreq ask = { .ifr_ifindex = (int)index };

	for (int num = 0; num < SOCKETS_ASKED; num++)
		if (ioctl(num, SIOCGIFNAME, &ask) == 0) {
			(void)strlcpy(name, ask.ifr_name, IF_NAMESIZE);
			return true;
		}
	return false;
}

/* A link-local address is of no use without its interface. */
static void
addr_inet6_host(const struct sockaddr_in6 *in6, char *buf, size_t size)
{
	char name[IF_NAMESIZE];
	size_t n;

	inet_ntop(AF_INET6, &in6->sin6_addr, buf, (socklen_t)size);
	if (in6->sin6_scope_id == 0)
		return;
	n = strlen(buf);
	if (!addr_ask_socket(in6->sin6_scope_id, name) &&
	    if_indextoname(in6->sin6_scope_id, name) == NULL)
		snprintf(name, sizeof(name), "%u", in6->sin6_scope_id);
	snprintf(buf + n, size - n, "%%%s", name);
}

const char *
addr_host(const struct addr *a, char *buf, size_t size)
{
	char *end = buf;
	uint32_t host;

	if (size == 0)
		return "";
	buf[0] = '\0';
	switch (addr_family(a)) {
	case AF_INET:
		host = ntohl(a->u.in.sin_addr.s_addr);
		for (int shift = 24; shift >= 0 && size >= INET_ADDRSTRLEN;
		    shift -= 8) {
			end = num_put(end, host >> shift & 0xff);
			if (shift > 0)
				*end++ = '.';
		}
		break;
	case AF_INET6:
		addr_inet6_host(&a->u.in6, buf, size);
		break;
	case AF_UNIX:
		addr_unix_host(a, buf, size);
		break;
	case AF_VSOCK:
		(void)snprintf(buf, size, "%u", a->u.vm.svm_cid);
		break;
	}
	return buf;
}

unsigned
addr_port(const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		return ntohs(a->u.in.sin_port);
	case AF_INET6:
		return ntohs(a->u.in6.sin6_port);
	case AF_VSOCK:
		return a->u.vm.svm_port;
	}
	return 0;
}

void
addr_set_port(struct addr *a, unsigned port)
{
	switch (addr_family(a)) {
	case AF_INET:
		a->u.in.sin_port = htons((uint16_t)port);
		break;
	case AF_INET6:
		a->u.in6.sin6_port = htons((uint16_t)port);
		break;
	case AF_VSOCK:
		a->u.vm.svm_port = port;
		break;
	}
}

void
addr_unmap(struct addr *a)
{
	struct sockaddr_in in;

	if (addr_family(a) != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr))
		return;
	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = a->u.in6.sin6_port;
	memcpy(&in.sin_addr, &a->u.in6.sin6_addr.s6_addr[12],
	    sizeof(in.sin_addr));
	memset(&a->u, 0, sizeof(a->u));
	a->u.in = in;
	a->len = sizeof(in);
}

/* Padding and flow labels do not count. */
bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (addr_family(a) != addr_family(b))
		return false;
	switch (addr_family(a)) {
	case AF_INET:
		return a->u.in.sin_port == b->u.in.sin_port &&
		    a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
	case AF_INET6:
		return a->u.in6.sin6_port == b->u.in6.sin6_port &&
		    a->u.in6.sin6_scope_id == b->u.in6.sin6_scope_id &&
		    memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr,
		    sizeof(a->u.in6.sin6_addr)) == 0;
	case AF_VSOCK:
		return a->u.vm.svm_cid == b->u.vm.svm_cid &&
		    a->u.vm.svm_port == b->u.vm.svm_port;
	case AF_UNSPEC:
		return true;		/* both unnamed */
	}
	return a->len == b->len && memcmp(&a->u, &b->u, a->len) == 0;
}

/*
 * An abstract name ends at its length, without a NUL, as in unix(7) and in the
 * other tools. The kernel would take an empty path for an abstract name.
 */
int
addr_unix(struct addr *a, const char *path)
{
	size_t len = strlen(path);
	bool abstract = path[0] == '@';

	memset(a, 0, sizeof(*a));
	if (len == 0) {
		errno = ENOENT;
		return -1;
	}
	if (!abstract)
		len++;			/* with the NUL */
	if (len > sizeof(a->u.un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	a->u.un.sun_family = AF_UNIX;
	memcpy(a->u.un.sun_path, path, len);
	if (abstract)
		a->u.un.sun_path[0] = '\0';
	a->len = (socklen_t)(UNIX_HEAD + len);
	return 0;
}

/* NULL leaves the value. */
static bool
addr_vsock_number(const char *word, uint32_t *value)
{
	long long n = *value;

	if (word != NULL && num_int(word, 0, UINT32_MAX, &n) != NULL)
		return false;
	*value = (uint32_t)n;
	return true;
}

int
addr_vsock(struct addr *a, const char *cid, const char *port)
{
	uint32_t id = VMADDR_CID_ANY, number = VMADDR_PORT_ANY;

	memset(a, 0, sizeof(*a));
	if (cid != NULL && strcmp(cid, "local") == 0)
		id = VMADDR_CID_LOCAL;
	else if (cid != NULL && strcmp(cid, "host") == 0)
		id = VMADDR_CID_HOST;
	else if (cid != NULL && strcmp(cid, "any") != 0 &&
	    !addr_vsock_number(cid, &id)) {
		errno = EINVAL;
		return -1;
	}
	if (!addr_vsock_number(port, &number)) {
		errno = EINVAL;
		return -1;
	}
	a->u.vm.svm_family = AF_VSOCK;
	a->u.vm.svm_cid = id;
	a->u.vm.svm_port = number;
	a->len = sizeof(a->u.vm);
	return 0;
}

bool
addr_usual(struct addr *a, const char *host, int family)
{
	memset(a, 0, sizeof(*a));
	if (family != AF_INET6 &&
	    inet_pton(AF_INET, host, &a->u.in.sin_addr) == 1) {
		a->u.sa.sa_family = AF_INET;
		a->len = sizeof(a->u.in);
	} else if (family != AF_INET &&
	    inet_pton(AF_INET6, host, &a->u.in6.sin6_addr) == 1) {
		a->u.sa.sa_family = AF_INET6;
		a->len = sizeof(a->u.in6);
	}
	return a->len != 0;
}

bool
addr_numeric(struct addr *a, const char *host, int family)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
	    .ai_socktype = SOCK_STREAM, .ai_family = family };
	struct addrinfo *found;

	if (addr_usual(a, host, family))
		return true;
	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return false;
	a->len = found->ai_addrlen;
	memcpy(&a->u, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

/* The kernel may return a length beyond the buffer. */
static int
addr_ask(int (*name)(int, struct sockaddr *, socklen_t *), struct addr *a,
    int sock)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->u);
	if (name(sock, &a->u.sa, &a->len) == -1) {
		a->len = 0;
		return -1;
	}
	if (a->len > sizeof(a->u))
		a->len = sizeof(a->u);
	return 0;
}

int
addr_local(struct addr *a, int sock)
{
	return addr_ask(getsockname, a, sock);
}

int
addr_peer(struct addr *a, int sock)
{
	return addr_ask(getpeername, a, sock);
}

void
addr_list_free(struct addr_list *list)
{
	free(list->v);
	*list = (struct addr_list){ NULL, 0 };
}

uint64_t
addr_host_hash(const struct addr *addr, uint64_t seed)
{
	struct addr a = *addr;
	const unsigned char *p;
	size_t n;

	addr_unmap(&a);
	if (addr_family(&a) == AF_INET) {
		p = (const unsigned char *)&a.u.in.sin_addr;
		n = sizeof(a.u.in.sin_addr);
	} else if (addr_family(&a) == AF_INET6) {
		p = a.u.in6.sin6_addr.s6_addr;
		n = 8;
	} else
		return 0;
	while (n-- > 0) {
		seed = (seed ^ *p++) * UINT64_C(0x9e3779b97f4a7c15);
		seed ^= seed >> 29;
	}
	return seed == 0 ? 1 : seed;
}

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include "reach/route.h"

/* Bytes before the addresses: type, length and pointer. */
#define HEAD	3

size_t
route_build(const struct addr_list *hops, const struct addr *to, int pointer,
    unsigned char buf[ROUTE_MAX])
{
	size_t len = HEAD;
	const struct addr *a;

	if (hops->n >= (ROUTE_MAX - HEAD) / sizeof(a->u.in.sin_addr))
		return 0;
	for (size_t i = 0; i <= hops->n; i++) {
		a = i < hops->n ? &hops->v[i] : to;
		if (addr_family(a) != AF_INET)
			return 0;
		memcpy(buf + len, &a->u.in.sin_addr, sizeof(a->u.in.sin_addr));
		len += sizeof(a->u.in.sin_addr);
	}
	buf[0] = IPOPT_LSRR;
	buf[1] = (unsigned char)len;
	buf[2] = (unsigned char)pointer;
	buf[len] = IPOPT_NOOP;
	return len + 1;
}

int
route_set(const struct fd *fd, const struct addr_list *hops,
    const struct addr *to, int pointer, struct error *err)
{
	unsigned char buf[ROUTE_MAX];
	size_t len = route_build(hops, to, pointer, buf);

	if (len == 0)
		errno = EAFNOSUPPORT;
	else if (setsockopt(fd->num, IPPROTO_IP, IP_OPTIONS, buf,
	    (socklen_t)len) == 0)
		return 0;
	error_set(err, errno, "set", "IP_OPTIONS");
	return -1;
}

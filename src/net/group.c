#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/reason.h"
#include "net/group.h"

static int
group_add(const struct fd *fd, const struct addr *group)
{
	struct ip_mreqn v4 = { .imr_ifindex = 0 };
	struct ipv6_mreq v6;

	if (addr_family(group) == AF_INET) {
		v4.imr_multiaddr = group->u.in.sin_addr;
		return setsockopt(fd->num, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4,
		    sizeof(v4));
	}
	v6.ipv6mr_multiaddr = group->u.in6.sin6_addr;
	v6.ipv6mr_interface = group->u.in6.sin6_scope_id;
	return setsockopt(fd->num, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &v6,
	    sizeof(v6));
}

void
group_explain(struct error *err, const struct addr *addr)
{
	if (!addr_is_group(addr))
		return;
	if (addr_family(addr) == AF_INET && err->num == ENODEV)
		(void)snprintf(err->why, sizeof(err->why),
		    "%s (no interface has a route to this group)",
		    reason_text(err->num));
	else if (addr_family(addr) == AF_INET6 &&
	    addr->u.in6.sin6_scope_id == 0 &&
	    (err->num == ENODEV || err->num == EINVAL))
		(void)snprintf(err->why, sizeof(err->why),
		    "%s (name the interface, as in ff02::1%%eth0)",
		    reason_text(err->num));
}

int
group_join(const struct fd *fd, const struct addr *addr, struct error *err)
{
	char host[ADDR_HOST_MAX];

	if (!addr_is_group(addr) || group_add(fd, addr) == 0)
		return 0;
	error_set(err, errno, "join", "the multicast group %s",
	    addr_host(addr, host, sizeof(host)));
	group_explain(err, addr);
	return -1;
}

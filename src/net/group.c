#include <sys/socket.h>

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/diag.h"
#include "net/group.h"
#include "net/own_addrs.h"

/* linux/in6.h: not in every C library. */
#define MULTICAST_ALL_INET6	29

/* ---- Interfaces --------------------------------------------------------- */

/* Finds an interface by name, number or address; NULL: 0. -1: there is none. */
static int
group_find_interface(const char *word, unsigned *index)
{
	struct addr addr;
	long long n;
	char name[IF_NAMESIZE];

	*index = 0;
	if (word == NULL || (*index = if_nametoindex(word)) != 0)
		return 0;
	if (num_int(word, 1, UINT16_MAX, &n) == NULL)
		*index = (unsigned)n;
	else if (addr_numeric(&addr, word, AF_UNSPEC) &&
	    own_addrs_interface(&addr, name) == 1)
		*index = if_nametoindex(name);
	return *index != 0 ? 0 : -1;
}

/* ---- Sending ------------------------------------------------------------ */

/* A number of IPv4's packets, or of those of IPv6. */
static int
group_set(const struct fd *fd, bool inet6, int name, int value,
    const char *text, struct error *err)
{
	if (setsockopt(fd->num, inet6 ? IPPROTO_IPV6 : IPPROTO_IP, name,
	    &value, sizeof(value)) == 0)
		return 0;
	error_set(err, errno, "set", "%s", text);
	return -1;
}

/* The options of IPv4's packets, or of those of IPv6. */
static int
group_set_all(const struct mcast_options *o, const struct fd *fd, bool inet6,
    unsigned index, struct error *err)
{
	const struct ip_mreqn by = { .imr_ifindex = (int)index };

	if (index != 0 && inet6 && group_set(fd, true, IPV6_MULTICAST_IF,
	    (int)index, "IPV6_MULTICAST_IF", err) == -1)
		return -1;
	if (index != 0 && !inet6 && setsockopt(fd->num, IPPROTO_IP,
	    IP_MULTICAST_IF, &by, sizeof(by)) == -1) {
		error_set(err, errno, "set", "IP_MULTICAST_IF");
		return -1;
	}
	if (o->ttl >= 0 && group_set(fd, inet6, inet6 ? IPV6_MULTICAST_HOPS :
	    IP_MULTICAST_TTL, o->ttl, inet6 ? "IPV6_MULTICAST_HOPS" :
	    "IP_MULTICAST_TTL", err) == -1)
		return -1;
	return o->loop == MCAST_LOOP_LEAVE ? 0 : group_set(fd, inet6,
	    inet6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP,
	    o->loop == MCAST_LOOP_ON, inet6 ? "IPV6_MULTICAST_LOOP" :
	    "IP_MULTICAST_LOOP", err);
}

int
group_set_sending(const struct mcast_options *o, const struct fd *fd,
    int family, struct error *err)
{
	struct error ignored;
	unsigned index;

	if ((family != AF_INET && family != AF_INET6) ||
	    fd->kind != FD_DGRAM)
		return 0;
	if (group_find_interface(o->interface, &index) == -1) {
		error_set(err, ENODEV, "set", "the multicast interface %s",
		    o->interface);
		return -1;
	}
	/* A socket of IPv6 may send packets of IPv4, too. */
	if (family == AF_INET6)
		(void)group_set_all(o, fd, false, index, &ignored);
	return group_set_all(o, fd, family == AF_INET6, index, err);
}

/* ---- Joining ------------------------------------------------------------ */

void
group_explain(struct error *err, const struct addr *addr)
{
	const char *hint;

	if (!addr_is_group(addr))
		return;
	if (addr_family(addr) == AF_INET && err->num == ENODEV)
		hint = "no interface has a route to this group";
	else if (addr_family(addr) == AF_INET6 &&
	    addr->u.in6.sin6_scope_id == 0 &&
	    (err->num == ENODEV || err->num == EINVAL))
		hint = "name the interface, as in ff02::1%eth0";
	else
		return;
	(void)snprintf(err->why, sizeof(err->why), "%s (%s)",
	    reason_text(err->num), hint);
}

static void
group_blame(struct error *err, int num, const struct mcast_join *j)
{
	char host[ADDR_HOST_MAX];

	error_set(err, num, "join", "the multicast group %s",
	    j->word != NULL ? j->word :
	    addr_host(&j->group, host, sizeof(host)));
}

static int
group_join_one(const struct mcast_options *o, const struct fd *fd,
    const struct mcast_join *j, struct error *err)
{
	int level = addr_family(&j->group) == AF_INET ? IPPROTO_IP :
	    IPPROTO_IPV6;
	struct group_source_req from = { .gsr_interface = 0 };
	struct group_req all = { .gr_interface = 0 };
	const char *hint = NULL;
	unsigned index;

	if (group_find_interface(j->interface != NULL ? j->interface :
	    o->interface, &index) == -1) {
		group_blame(err, ENODEV, j);
		return -1;
	}
	if (index == 0 && addr_family(&j->group) == AF_INET6)
		index = j->group.u.in6.sin6_scope_id;
	from.gsr_interface = all.gr_interface = index;
	memcpy(&all.gr_group, &j->group.u, j->group.len);
	memcpy(&from.gsr_group, &j->group.u, j->group.len);
	memcpy(&from.gsr_source, &j->source.u, j->source.len);
	if ((j->source.len == 0 ? setsockopt(fd->num, level, MCAST_JOIN_GROUP,
	    &all, sizeof(all)) : setsockopt(fd->num, level,
	    MCAST_JOIN_SOURCE_GROUP, &from, sizeof(from))) == 0)
		return 0;
	group_blame(err, errno, j);
	/* What goes wrong most often, in words. */
	if (err->num == ENOBUFS || err->num == ENOMEM)
		hint = "see net.ipv4.igmp_max_memberships";
	else if (err->num == EADDRINUSE)
		hint = "joined already";
	else if (err->num == EINVAL && index != 0)
		hint = "joined already, from other sources";
	if (hint != NULL)
		(void)snprintf(err->why, sizeof(err->why), "%s (%s)",
		    reason_text(err->num), hint);
	else if (index == 0)
		group_explain(err, &j->group);
	return -1;
}

/* Why a socket with this address would never hear the group; NULL: hears. */
static const char *
group_unheard(const struct mcast_join *j, const struct addr *bound,
    bool v6only)
{
	struct addr same = *bound;

	if (addr_family(bound) != addr_family(&j->group))
		return addr_family(bound) == AF_INET6 && addr_is_any(bound) &&
		    !v6only ? NULL : "the socket is of the other family";
	if (addr_is_any(bound))
		return NULL;
	addr_set_port(&same, 0);
	if (addr_family(bound) == AF_INET6)
		same.u.in6.sin6_scope_id = 0;
	return addr_equal(&same, &j->group) ? NULL :
	    "the socket has another address: leave the address out";
}

int
group_join(const struct mcast_options *o, const struct fd *fd,
    const struct addr *addr, struct error *err)
{
	const struct mcast_join bound = { .group = *addr };
	const int off = 0;
	const char *why;
	bool v6only;

	if (o->njoins == 0)
		return addr_is_group(addr) ?
		    group_join_one(o, fd, &bound, err) : 0;
	/* The groups of this socket alone, not those of the whole host. */
	(void)setsockopt(fd->num, IPPROTO_IP, IP_MULTICAST_ALL, &off,
	    sizeof(off));
	if (addr_family(addr) == AF_INET6)
		(void)setsockopt(fd->num, IPPROTO_IPV6, MULTICAST_ALL_INET6,
		    &off, sizeof(off));
	v6only = addr_family(addr) == AF_INET6 &&
	    fd_option(fd->num, IPPROTO_IPV6, IPV6_V6ONLY) == 1;
	for (size_t i = 0; i < o->njoins; i++) {
		why = group_unheard(&o->joins[i], addr, v6only);
		if (why != NULL) {
			group_blame(err, EINVAL, &o->joins[i]);
			(void)strlcpy(err->why, why, sizeof(err->why));
			return -1;
		}
		if (group_join_one(o, fd, &o->joins[i], err) == -1)
			return -1;
	}
	return 0;
}

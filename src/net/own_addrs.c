#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include "net/own_addrs.h"

int
own_addrs_interface(const struct addr *a, char name[IF_NAMESIZE])
{
	struct ifaddrs *list, *i;
	struct addr own, bare = *a;
	int found = 0;

	addr_set_port(&bare, 0);
	if (getifaddrs(&list) == -1)
		return -1;
	for (i = list; i != NULL && found == 0; i = i->ifa_next) {
		if (i->ifa_addr == NULL ||
		    i->ifa_addr->sa_family != addr_family(a))
			continue;
		own.len = a->len;
		memcpy(&own.u.sa, i->ifa_addr, a->len);
		addr_set_port(&own, 0);
		if (addr_family(a) == AF_INET6 && bare.u.in6.sin6_scope_id == 0)
			own.u.in6.sin6_scope_id = 0;
		if (!addr_equal(&own, &bare))
			continue;
		(void)strlcpy(name, i->ifa_name, IF_NAMESIZE);
		found = 1;
	}
	freeifaddrs(list);
	return found;
}

bool
own_addrs_is_loopback(const struct addr *a)
{
	return addr_family(a) == AF_INET ?
	    ntohl(a->u.in.sin_addr.s_addr) >> 24 == 127 :
	    IN6_IS_ADDR_LOOPBACK(&a->u.in6.sin6_addr);
}

void
own_addrs_add(struct own_addrs *own, const struct addr *addr)
{
	struct addr a = *addr, *v;

	addr_unmap(&a);
	if (!addr_is_inet(&a))
		return;
	v = reallocarray(own->v, own->n + 1, sizeof(*v));
	if (v == NULL)
		return;
	own->v = v;
	own->v[own->n++] = a;
}

bool
own_addrs_have(const struct own_addrs *own, const struct addr *addr)
{
	struct addr a = *addr;
	char name[IF_NAMESIZE];

	addr_unmap(&a);
	if (!addr_is_inet(&a))
		return false;
	for (size_t i = 0; i < own->n; i++) {
		if (addr_port(&own->v[i]) != addr_port(&a))
			continue;
		if (addr_equal(&own->v[i], &a))
			return true;
		if (addr_is_any(&own->v[i]) && (addr_is_any(&a) ||
		    own_addrs_is_loopback(&a) ||
		    own_addrs_interface(&a, name) != 0))
			return true;
	}
	return false;
}

void
own_addrs_free(struct own_addrs *own)
{
	free(own->v);
	*own = (struct own_addrs){ .n = 0 };
}

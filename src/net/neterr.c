#include <errno.h>
#include <string.h>

#include "net/neterr.h"

void
neterr_set(struct error *err, int num, const char *op,
    const struct plan *plan, const struct addr *addr)
{
	char host[ADDR_HOST_MAX];

	addr_host(addr, host, sizeof(host));
	if (addr_family(addr) == AF_UNIX)
		error_set(err, num, op, "%s", host);
	else if (!plan_has_ports(plan))
		error_set(err, num, op, "%s (%s)", host, plan_proto(plan));
	else
		error_set(err, num, op, "%s port %u (%s)", host,
		    addr_port(addr), plan_proto(plan));
}

bool
neterr_is_short(int num)
{
	return num == EMFILE || num == ENFILE || num == ENOBUFS ||
	    num == ENOMEM;
}

bool
neterr_is_ours(const struct error *err)
{
	return strcmp(err->op, "bind") == 0 || strcmp(err->op, "set") == 0 ||
	    strcmp(err->op, "read") == 0;
}

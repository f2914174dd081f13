#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>

#include "net/route.h"

/* Type, length and pointer. */
#define HEAD	3

struct route {
	struct loop		*loop;
	const struct plan	*plan;
	struct plan		 hop_plan;	/* IPv4, whatever the peer is */
	struct resolve		*resolve;
	struct timer		 limit;		/* of one lookup */
	struct task		 death;
	bool			 over;
	struct addr_list	 hops;
	void			(*done)(void *, struct addr_list *,
				    const char *, const struct error *);
	void			*arg;
};

static unsigned char *
route_put_addr(unsigned char *at, const struct addr *a)
{
	memcpy(at, &a->u.in.sin_addr, sizeof(a->u.in.sin_addr));
	return at + sizeof(a->u.in.sin_addr);
}

/* The last one on the way is the host itself. */
size_t
route_build(const struct addr_list *hops, const struct addr *to, int pointer,
    unsigned char buf[ROUTE_MAX])
{
	size_t i, len = HEAD + (hops->n + 1) * sizeof(struct in_addr);
	unsigned char *at = buf + HEAD;

	if (len + 1 > ROUTE_MAX || addr_family(to) != AF_INET)
		return 0;
	buf[0] = IPOPT_LSRR;
	buf[1] = (unsigned char)len;
	buf[2] = (unsigned char)pointer;
	for (i = 0; i < hops->n; i++) {
		if (addr_family(&hops->v[i]) != AF_INET)
			return 0;
		at = route_put_addr(at, &hops->v[i]);
	}
	at = route_put_addr(at, to);
	*at = IPOPT_NOOP;
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

static void
route_die(void *arg)
{
	struct route *r = arg;

	addr_list_free(&r->hops);
	free(r);
}

static void
route_end(struct route *r)
{
	r->over = true;
	timer_clear(r->loop, &r->limit);
	resolve_cancel(r->resolve);
	r->death = (struct task){ .run = route_die, .arg = r };
	loop_defer(r->loop, &r->death);
}

static int	route_next_hop(struct route *);

static void
route_on_hop(void *arg, struct addr_list *list, const struct error *err)
{
	struct route *r = arg;
	struct error why = *err;
	const char *host = r->plan->hops[r->hops.n];
	struct addr_list hops;

	r->resolve = NULL;
	timer_clear(r->loop, &r->limit);
	if (err->num == 0 && err->gai == 0) {
		r->hops.v[r->hops.n++] = list->v[0];
		addr_list_free(list);
		if (r->hops.n < r->plan->nhops && route_next_hop(r) == 0)
			return;
		if (r->hops.n < r->plan->nhops)
			error_set(&why, errno, "look up", "%s", host);
	}
	hops = r->hops;
	if (why.num == 0 && why.gai == 0)
		r->hops = (struct addr_list){ NULL, 0 };
	route_end(r);
	r->done(r->arg, &hops, host, &why);
}

static void
route_on_limit(void *arg)
{
	struct route *r = arg;
	const char *host = r->plan->hops[r->hops.n];
	struct addr_list none = { NULL, 0 };
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", host);
	route_end(r);
	r->done(r->arg, &none, host, &err);
}

static int
route_next_hop(struct route *r)
{
	if (r->plan->retry.names && r->plan->connect_timeout > 0)
		timer_set(r->loop, &r->limit,
		    loop_now(r->loop) + r->plan->connect_timeout);
	r->resolve = resolve_start(r->loop, &r->hop_plan,
	    r->plan->hops[r->hops.n], NULL, false, route_on_hop, r);
	return r->resolve == NULL ? -1 : 0;
}

struct route *
route_find(struct loop *loop, const struct plan *plan,
    void (*done)(void *, struct addr_list *, const char *,
    const struct error *), void *arg)
{
	struct route *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->plan = plan;
	r->hop_plan = *plan;
	r->hop_plan.family = FAMILY_INET;
	r->done = done;
	r->arg = arg;
	r->limit = (struct timer){ .fire = route_on_limit, .arg = r };
	r->hops.v = calloc(plan->nhops, sizeof(*r->hops.v));
	if (r->hops.v != NULL && route_next_hop(r) == 0)
		return r;
	timer_clear(loop, &r->limit);
	free(r->hops.v);
	free(r);
	return NULL;
}

void
route_cancel(struct route *r)
{
	if (r != NULL && !r->over)
		route_end(r);
}

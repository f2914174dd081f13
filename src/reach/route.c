#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>

#include "reach/route.h"

/* Bytes before the addresses: type, length and pointer. */
#define HEAD	3

struct route {
	struct loop		*loop;
	struct route_options	 opt;
	struct resolve		*resolve;
	struct timer		 limit;		/* of each lookup */
	struct addr_list	 hops;
	void			(*done)(void *, struct addr_list *,
				    const char *, const struct error *);
	void			*arg;
};

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

void
route_cancel(struct route *r)
{
	if (r == NULL)
		return;
	timer_clear(r->loop, &r->limit);
	resolve_cancel(r->resolve);
	addr_list_free(&r->hops);
	free(r);
}

/* Frees the route, and calls done(): with the hops if there is no error. */
static void
route_finish(struct route *r, const struct error *err)
{
	const struct route old = *r;
	const char *host = r->opt.hops[r->hops.n < r->opt.nhops ? r->hops.n :
	    r->hops.n - 1];
	struct addr_list hops = { NULL, 0 };

	if (err->num == 0 && err->gai == 0) {
		hops = r->hops;
		r->hops.v = NULL;
	}
	route_cancel(r);
	old.done(old.arg, &hops, host, err);
}

static int	route_next_hop(struct route *);

static void
route_on_hop(void *arg, struct addr_list *list, const struct error *err)
{
	struct route *r = arg;
	struct error why = *err;

	r->resolve = NULL;
	timer_clear(r->loop, &r->limit);
	if (err->num == 0 && err->gai == 0) {
		r->hops.v[r->hops.n++] = list->v[0];
		addr_list_free(list);
		if (r->hops.n < r->opt.nhops && route_next_hop(r) == 0)
			return;
		if (r->hops.n < r->opt.nhops)
			error_set(&why, errno, "look up", "%s",
			    r->opt.hops[r->hops.n]);
	}
	route_finish(r, &why);
}

static void
route_on_limit(void *arg)
{
	struct route *r = arg;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", r->opt.hops[r->hops.n]);
	route_finish(r, &err);
}

static int
route_next_hop(struct route *r)
{
	if (r->opt.limit > 0)
		timer_set(r->loop, &r->limit,
		    loop_now(r->loop) + r->opt.limit);
	r->resolve = resolve_start(r->loop, &r->opt.resolve,
	    r->opt.hops[r->hops.n], NULL, false, route_on_hop, r);
	return r->resolve == NULL ? -1 : 0;
}

struct route *
route_find(struct loop *loop, const struct route_options *opt,
    void (*done)(void *, struct addr_list *, const char *,
    const struct error *), void *arg)
{
	struct route *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct route){ .loop = loop, .opt = *opt, .done = done,
	    .arg = arg, .limit = { .fire = route_on_limit, .arg = r } };
	r->opt.resolve.family = AF_INET;
	r->hops.v = calloc(opt->nhops, sizeof(*r->hops.v));
	if (r->hops.v != NULL && route_next_hop(r) == 0)
		return r;
	route_cancel(r);
	return NULL;
}

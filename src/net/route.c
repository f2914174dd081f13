#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>

#include "net/route.h"

/* Bytes before the addresses: type, length and pointer. */
#define HEAD	3

struct route {
	struct loop		*loop;
	struct route_options	 opt;
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

/* Ends the route, and calls done(): with the hops if there is no error. */
static void
route_finish(struct route *r, const struct error *err)
{
	const char *host = r->opt.hops[r->hops.n < r->opt.nhops ? r->hops.n :
	    r->hops.n - 1];
	struct addr_list hops = { NULL, 0 };

	if (err->num == 0 && err->gai == 0) {
		hops = r->hops;
		r->hops.v = NULL;
	}
	route_end(r);
	r->done(r->arg, &hops, host, err);
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
	r->loop = loop;
	r->opt = *opt;
	r->opt.resolve.family = AF_INET;
	r->done = done;
	r->arg = arg;
	r->limit = (struct timer){ .fire = route_on_limit, .arg = r };
	r->hops.v = calloc(opt->nhops, sizeof(*r->hops.v));
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

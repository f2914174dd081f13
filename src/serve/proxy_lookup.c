#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "run/net_options.h"
#include "serve/proxy_lookup.h"

/* Clients that have ended are looked for so often while others wait. */
#define PROXY_LOOKUP_REVIEW	(200 * NSEC_PER_MSEC)

struct proxy_lookup {
	TAILQ_ENTRY(proxy_lookup) link;
	struct proxy_lookups	*of;
	struct resolve		*resolve;	/* NULL: waits */
	unsigned		 host_at;	/* the client's count */
	int			 sock;		/* the client's */
	bool			 left;		/* has such a place */
	/* NULL: the client has left. */
	void			(*done)(void *, struct addr_list *,
				    const struct error *);
	void			*arg;
	char			 host[];
};

static bool
proxy_places_free(const struct proxy_places *p, unsigned host)
{
	return p->n + p->of[host] < PROXY_LOOKUPS_MAX;
}

static void
proxy_places_count(struct proxy_places *p, unsigned host, int by)
{
	p->n += (unsigned)by;
	p->of[host] += (unsigned)by;
}

/* The client has ended: others may have its place, if there is one for it. */
static void
proxy_lookup_yield(struct proxy_lookup *l)
{
	struct proxy_lookups *s = l->of;

	if (l->left || !proxy_places_free(&s->left, l->host_at))
		return;
	proxy_places_count(&s->present, l->host_at, -1);
	proxy_places_count(&s->left, l->host_at, 1);
	l->left = true;
}

/* Whether a lookup may begin, if those of clients that have ended yield. */
static bool
proxy_lookup_may_begin(struct proxy_lookup *new)
{
	struct proxy_lookups *s = new->of;
	struct proxy_lookup *l;
	struct addr number;

	if (proxy_places_free(&s->present, new->host_at) ||
	    addr_numeric(&number, new->host, AF_UNSPEC))
		return true;
	/* While a client waits for its target, its socket is not read. */
	TAILQ_FOREACH(l, &s->going, link)
		if (!l->left && (l->done == NULL ||
		    fd_poll(l->sock, POLLRDHUP) != 0))
			proxy_lookup_yield(l);
	return proxy_places_free(&s->present, new->host_at);
}

/* Frees the lookup, which is in no list, and calls done(). */
static void
proxy_lookup_end(struct proxy_lookup *l, struct addr_list *list,
    const struct error *err)
{
	struct proxy_lookup ended = *l;

	free(l);
	if (ended.done != NULL)
		ended.done(ended.arg, list, err);
	else
		addr_list_free(list);
}

static void	proxy_lookup_on_resolved(void *, struct addr_list *,
		    const struct error *);

/* -1 with errno. */
static int
proxy_lookup_begin(struct proxy_lookup *l)
{
	struct proxy_lookups *s = l->of;
	struct resolve_options opt = net_resolve_options(s->run->plan);

	/* As ncat, -4 and -6 are about targets, too. */
	if (!s->run->plan->proxy_server.ncat ||
	    s->run->plan->family == FAMILY_UNIX)
		opt.family = AF_UNSPEC;
	opt.dgram = false;
	l->resolve = resolve_start(s->run->loop, &opt, l->host, NULL, false,
	    proxy_lookup_on_resolved, l);
	if (l->resolve == NULL)
		return -1;
	TAILQ_INSERT_TAIL(&s->going, l, link);
	proxy_places_count(&s->present, l->host_at, 1);
	return 0;
}

/* Begins those that wait and may; clients of other hosts may be passed. */
static void
proxy_lookups_begin_waiting(struct proxy_lookups *s)
{
	struct addr_list none = { .n = 0 };
	struct proxy_lookup *l = TAILQ_FIRST(&s->waiting);
	struct error err;

	while (l != NULL) {
		if (!proxy_places_free(&s->present, l->host_at)) {
			l = TAILQ_NEXT(l, link);
			continue;
		}
		TAILQ_REMOVE(&s->waiting, l, link);
		if (proxy_lookup_begin(l) == -1) {
			error_set(&err, errno, "look up", "%s", l->host);
			proxy_lookup_end(l, &none, &err);
		}
		/* Others may have come and gone. */
		l = TAILQ_FIRST(&s->waiting);
	}
}

static void
proxy_lookups_on_review(void *arg)
{
	struct proxy_lookups *s = arg;

	if (TAILQ_EMPTY(&s->waiting))
		return;
	(void)proxy_lookup_may_begin(TAILQ_FIRST(&s->waiting));
	proxy_lookups_begin_waiting(s);
	timer_set(s->run->loop, &s->review,
	    loop_now(s->run->loop) + PROXY_LOOKUP_REVIEW);
}

static void
proxy_lookup_on_resolved(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct proxy_lookup *l = arg;
	struct proxy_lookups *s = l->of;

	TAILQ_REMOVE(&s->going, l, link);
	proxy_places_count(l->left ? &s->left : &s->present, l->host_at, -1);
	proxy_lookups_begin_waiting(s);
	proxy_lookup_end(l, list, err);
}

struct proxy_lookup *
proxy_lookup_start(struct proxy_lookups *s, const char *host,
    const struct addr *peer, int sock,
    void (*done)(void *, struct addr_list *, const struct error *), void *arg)
{
	size_t size = strlen(host) + 1;
	struct proxy_lookup *l = malloc(sizeof(*l) + size);

	if (l == NULL)
		return NULL;
	*l = (struct proxy_lookup){ .of = s, .done = done, .arg = arg,
	    .sock = sock, .host_at = (unsigned)(addr_host_hash(peer,
	    s->seed) % PROXY_LOOKUP_HOSTS) };
	memcpy(l->host, host, size);
	if (proxy_lookup_may_begin(l)) {
		if (proxy_lookup_begin(l) == 0)
			return l;
		free(l);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&s->waiting, l, link);
	if (!timer_is_set(&s->review))
		timer_set(s->run->loop, &s->review,
		    loop_now(s->run->loop) + PROXY_LOOKUP_REVIEW);
	return l;
}

void
proxy_lookup_cancel(struct proxy_lookup *l)
{
	if (l == NULL)
		return;
	l->done = NULL;
	if (l->resolve != NULL) {
		proxy_lookup_yield(l);
		return;
	}
	TAILQ_REMOVE(&l->of->waiting, l, link);
	free(l);
}

void
proxy_lookups_init(struct proxy_lookups *s, const struct run *run)
{
	*s = (struct proxy_lookups){ .run = run,
	    .review = { .fire = proxy_lookups_on_review, .arg = s } };
	arc4random_buf(&s->seed, sizeof(s->seed));
	TAILQ_INIT(&s->going);
	TAILQ_INIT(&s->waiting);
}

void
proxy_lookups_free(struct proxy_lookups *s)
{
	struct proxy_lookup *l;

	timer_clear(s->run->loop, &s->review);
	while ((l = TAILQ_FIRST(&s->going)) != NULL) {
		TAILQ_REMOVE(&s->going, l, link);
		resolve_cancel(l->resolve);
		free(l);
	}
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/net_options.h"
#include "serve/proxy_lookup.h"

struct proxy_lookup {
	TAILQ_ENTRY(proxy_lookup) link;
	struct proxy_lookups	*of;
	struct resolve		*resolve;	/* NULL: waits */
	/* NULL: the client has left. */
	void			(*done)(void *, struct addr_list *,
				    const struct error *);
	void			*arg;
	char			 host[];
};

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

	opt.family = AF_UNSPEC;
	opt.dgram = false;
	l->resolve = resolve_start(s->run->loop, &opt, l->host, NULL, false,
	    proxy_lookup_on_resolved, l);
	if (l->resolve == NULL)
		return -1;
	TAILQ_INSERT_TAIL(&s->going, l, link);
	s->ngoing++;
	return 0;
}

static void
proxy_lookups_begin_next(struct proxy_lookups *s)
{
	struct proxy_lookup *l = TAILQ_FIRST(&s->waiting);
	struct addr_list none = { .n = 0 };
	struct error err;

	if (l == NULL)
		return;
	TAILQ_REMOVE(&s->waiting, l, link);
	if (proxy_lookup_begin(l) == 0)
		return;
	error_set(&err, errno, "look up", "%s", l->host);
	proxy_lookup_end(l, &none, &err);
}

static void
proxy_lookup_on_resolved(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct proxy_lookup *l = arg;
	struct proxy_lookups *s = l->of;

	TAILQ_REMOVE(&s->going, l, link);
	s->ngoing--;
	while (s->ngoing < PROXY_LOOKUPS_MAX && !TAILQ_EMPTY(&s->waiting))
		proxy_lookups_begin_next(s);
	proxy_lookup_end(l, list, err);
}

struct proxy_lookup *
proxy_lookup_start(struct proxy_lookups *s, const char *host,
    void (*done)(void *, struct addr_list *, const struct error *), void *arg)
{
	size_t size = strlen(host) + 1;
	struct proxy_lookup *l = malloc(sizeof(*l) + size);
	struct addr number;

	if (l == NULL)
		return NULL;
	*l = (struct proxy_lookup){ .of = s, .done = done, .arg = arg };
	memcpy(l->host, host, size);
	if (s->ngoing >= PROXY_LOOKUPS_MAX &&
	    !addr_numeric(&number, host, AF_UNSPEC)) {
		TAILQ_INSERT_TAIL(&s->waiting, l, link);
		return l;
	}
	if (proxy_lookup_begin(l) == 0)
		return l;
	free(l);
	return NULL;
}

void
proxy_lookup_cancel(struct proxy_lookup *l)
{
	if (l == NULL)
		return;
	l->done = NULL;
	if (l->resolve != NULL)
		return;
	TAILQ_REMOVE(&l->of->waiting, l, link);
	free(l);
}

void
proxy_lookups_init(struct proxy_lookups *s, const struct run *run)
{
	s->run = run;
	s->ngoing = 0;
	TAILQ_INIT(&s->going);
	TAILQ_INIT(&s->waiting);
}

void
proxy_lookups_free(struct proxy_lookups *s)
{
	struct proxy_lookup *l;

	if (s->run == NULL)
		return;
	while ((l = TAILQ_FIRST(&s->going)) != NULL) {
		TAILQ_REMOVE(&s->going, l, link);
		resolve_cancel(l->resolve);
		free(l);
	}
	s->run = NULL;
}

#include <search.h>
#include <stdlib.h>

#include "door/places.h"
#include "loop/loop.h"

/* Clients that one choice asks at most; the next choice goes on. */
#define PLACES_ASKS	256
#define PLACES_PAUSE	NSEC_PER_MSEC
/* What the kernel's clock of a connection may be late. */
#define PLACES_TICK	(10 * NSEC_PER_MSEC)

#define NCROWDS(p)	(sizeof((p)->crowds) / sizeof((p)->crowds[0]))

/* ---- Hosts -------------------------------------------------------------- */

void
client_hosts_init(struct client_hosts *t)
{
	t->root = NULL;
	arc4random_buf(&t->seed, sizeof(t->seed));
}

void
client_hosts_free(struct client_hosts *t)
{
	tdestroy(t->root, free);
	t->root = NULL;
}

static int
client_hosts_order(const void *one, const void *two)
{
	const struct client_host *a = one, *b = two;

	return (a->hash > b->hash) - (a->hash < b->hash);
}

struct client_host *
client_hosts_find(struct client_hosts *t, const struct addr *addr)
{
	struct client_host *h = calloc(1, sizeof(*h)), **found;

	if (h == NULL)
		return NULL;
	h->hash = addr_host_hash(addr, t->seed);
	found = h->hash == 0 ? NULL : tsearch(h, &t->root, client_hosts_order);
	if (found == NULL || *found != h)
		free(h);
	return found == NULL ? NULL : *found;
}

void
client_hosts_settle(struct client_hosts *t, struct client_host *host)
{
	if (host == NULL || host->n > 0 || host->waiting > 0)
		return;
	(void)tdelete(host, &t->root, client_hosts_order);
	free(host);
}

/* ---- Places ------------------------------------------------------------- */

void
places_init(struct places *p, unsigned most,
    bool (*active)(struct client_place *, int64_t *))
{
	*p = (struct places){ .most = most, .active = active };
	client_hosts_init(&p->hosts);
}

void
places_free(struct places *p)
{
	client_hosts_free(&p->hosts);
}

/* Enters the host among those with more than a quarter, or removes it. */
static void
places_count(struct places *p, struct client_host *host)
{
	bool is_crowd = host->n >= 2 && host->n > p->most / 4;
	struct client_host **free = NULL;

	for (size_t i = 0; i < NCROWDS(p); i++)
		if (p->crowds[i] == host) {
			if (!is_crowd)
				p->crowds[i] = NULL;
			return;
		} else if (p->crowds[i] == NULL)
			free = &p->crowds[i];
	if (is_crowd && free != NULL)
		*free = host;
}

void
places_add(struct places *p, struct client_host *host)
{
	if (host == NULL)
		return;
	host->n++;
	places_count(p, host);
}

void
places_remove(struct places *p, struct client_host *host)
{
	if (host == NULL)
		return;
	host->n--;
	places_count(p, host);
	client_hosts_settle(&p->hosts, host);
}

/* Puts the host where its first client says; it may have none any more. */
static void
places_order_host(struct places *p, struct client_host *host)
{
	if (host->idle.top == NULL)
		heap_clear(&p->idle, &host->order);
	else if (!heap_has(&host->order) ||
	    host->order.key != host->idle.top->key)
		heap_set(&p->idle, &host->order, host->idle.top->key);
}

static void
places_order(struct places *p, struct client_place *c, int64_t active)
{
	heap_set(&c->host->idle, &c->order, active);
	places_order_host(p, c->host);
}

void
places_keep(struct places *p, struct client_place *c)
{
	if (c->host == NULL)
		return;
	heap_clear(&c->host->idle, &c->order);
	places_order_host(p, c->host);
}

void
places_take(struct places *p, struct client_place *c, struct client_host *host,
    int64_t now, bool may_give_way)
{
	*c = (struct client_place){ .host = host };
	if (host != NULL && may_give_way)
		places_order(p, c, now);
}

void
places_leave(struct places *p, struct client_place *c)
{
	struct client_host *host = c->host;

	places_keep(p, c);
	c->host = NULL;
	places_remove(p, host);
}

/* ---- The choice --------------------------------------------------------- */

/*
 * Finds the client of the host (NULL: of all) that was idle longest, for this
 * time or longer. The order
 * says when a client was active when it was last asked; so only those are asked
 * that may have been idle for so long. With a time of 0 an answer is found, if
 * not always the best of many.
 */
static struct client_place *
places_find_idle(struct places *p, const struct client_host *host, int64_t time,
    int64_t now, int64_t *again)
{
	struct client_place *c, *best = NULL;
	const struct client_host *of;
	int64_t active;
	bool may;

	for (int i = 0; i < PLACES_ASKS; i++) {
		of = host != NULL ? host : (struct client_host *)p->idle.top;
		if (of == NULL || of->idle.top == NULL)
			return best;
		c = (struct client_place *)of->idle.top;
		if (c->order.key > now - time) {
			*again = timer_earlier(*again, c->order.key + time);
			return NULL;
		}
		active = now;
		may = p->active(c, &active);
		if (may && active <= c->order.key + PLACES_TICK)
			return c;
		places_order(p, c, may ? active : now);
		if (may && time == 0 && (best == NULL ||
		    active < best->order.key))
			best = c;
	}
	*again = timer_earlier(*again, now + PLACES_PAUSE);
	return best;
}

struct client_place *
places_choose(struct places *p, const struct client_host *newcomer, int64_t now,
    int64_t waited, int64_t *again)
{
	const struct client_host *crowd = NULL;
	struct client_place *c;

	for (size_t i = 0; i < NCROWDS(p); i++)
		if (p->crowds[i] != NULL &&
		    (crowd == NULL || p->crowds[i]->n > crowd->n))
			crowd = p->crowds[i];
	/* Among equals, clients would displace each other for ever. */
	if (crowd != NULL &&
	    (newcomer == NULL ? 0 : newcomer->n) + 1 < crowd->n) {
		c = places_find_idle(p, crowd, waited < PLACES_PATIENCE ?
		    PLACES_IDLE : 0, now, again);
		if (c != NULL)
			return c;
		if (waited < PLACES_PATIENCE)
			*again = timer_earlier(*again,
			    now + PLACES_PATIENCE - waited);
	}
	return p->most < PLACES_FEW ? NULL :
	    places_find_idle(p, NULL, PLACES_IDLE_ANY, now, again);
}

struct client_place *
places_choose_of(struct places *p, const struct client_host *host, int64_t now)
{
	int64_t again = 0;

	return places_find_idle(p, host, PLACES_IDLE_ANY, now, &again);
}

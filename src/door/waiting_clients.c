#include <stdlib.h>

#include "door/waiting_clients.h"

void
waiting_clients_init(struct waiting_clients *w, unsigned most)
{
	*w = (struct waiting_clients){ .most = most };
	TAILQ_INIT(&w->all);
}

int
waiting_clients_add(struct waiting_clients *w,
    const struct waiting_client *client)
{
	struct waiting_client *c = malloc(sizeof(*c));

	if (c == NULL)
		return -1;
	*c = *client;
	TAILQ_INSERT_TAIL(&w->all, c, link);
	w->n++;
	if (c->host != NULL)
		c->host->waiting++;
	return 0;
}

/* Clients without a host are hosts of their own. */
static unsigned
waiting_clients_of_host(const struct waiting_client *c)
{
	return c->host == NULL ? 1 : c->host->waiting;
}

struct waiting_client *
waiting_clients_surplus(const struct waiting_clients *w)
{
	struct waiting_client *c, *oldest = NULL;

	if (w->n <= w->most)
		return NULL;
	TAILQ_FOREACH(c, &w->all, link)
		if (!c->promised && (oldest == NULL ||
		    waiting_clients_of_host(c) >
		    waiting_clients_of_host(oldest)))
			oldest = c;
	return oldest;
}

struct waiting_client *
waiting_clients_next(const struct waiting_clients *w)
{
	struct waiting_client *c;

	TAILQ_FOREACH(c, &w->all, link)
		if (c->promised || w->promised == 0)
			return c;
	return NULL;
}

void
waiting_clients_promise(struct waiting_clients *w, struct waiting_client *c)
{
	c->promised = true;
	w->promised++;
	if (c->host != NULL)
		c->host->waiting--;
}

void
waiting_clients_remove(struct waiting_clients *w, struct waiting_client *c)
{
	TAILQ_REMOVE(&w->all, c, link);
	w->n--;
	if (c->promised)
		w->promised--;
	else if (c->host != NULL)
		c->host->waiting--;
}

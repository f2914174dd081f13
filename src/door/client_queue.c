#include "door/client_queue.h"

void
client_queue_init(struct client_queue *q, unsigned most)
{
	*q = (struct client_queue){ .most = most };
	TAILQ_INIT(&q->all);
}

void
client_queue_add(struct client_queue *q, struct queued_client *c)
{
	TAILQ_INSERT_TAIL(&q->all, c, link);
	q->n++;
	if (c->host != NULL)
		c->host->waiting++;
}

/* Clients without a host are hosts of their own. */
static unsigned
client_queue_of_host(const struct queued_client *c)
{
	return c->host == NULL ? 1 : c->host->waiting;
}

struct queued_client *
client_queue_surplus(const struct client_queue *q)
{
	struct queued_client *c, *oldest = NULL;

	if (q->n <= q->most)
		return NULL;
	TAILQ_FOREACH(c, &q->all, link)
		if (!c->promised && (oldest == NULL ||
		    client_queue_of_host(c) > client_queue_of_host(oldest)))
			oldest = c;
	return oldest;
}

struct queued_client *
client_queue_next(const struct client_queue *q)
{
	struct queued_client *c;

	TAILQ_FOREACH(c, &q->all, link)
		if (c->promised || q->promised == 0)
			return c;
	return NULL;
}

void
client_queue_promise(struct client_queue *q, struct queued_client *c)
{
	c->promised = true;
	q->promised++;
	if (c->host != NULL)
		c->host->waiting--;
}

void
client_queue_remove(struct client_queue *q, struct queued_client *c)
{
	TAILQ_REMOVE(&q->all, c, link);
	q->n--;
	if (c->promised)
		q->promised--;
	else if (c->host != NULL)
		c->host->waiting--;
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "door/client_hosts.h"
#include "door/pending_clients.h"
#include "reach/proxyp_io.h"
#include "reach/secure.h"

struct pending_client {
	TAILQ_ENTRY(pending_client) link;
	struct pending_clients	*of;
	void			*work;	/* NULL: ready */
	struct fd		 fd;	/* if ready */
	struct layer		*tls;	/* if ready; NULL: none */
	struct client_host	*host;	/* counts those going; NULL: none */
	struct addr_pair	 ends;
};

TAILQ_HEAD(pending_client_list, pending_client);

struct pending_clients {
	struct loop		*loop;
	const struct pending_kind *kind;
	const struct pending_clients_ops *ops;
	void			*arg;
	struct pending_client_list going, ready;	/* the oldest first */
	size_t			 ngoing;
	struct client_hosts	 hosts;
	struct task		 next;		/* gives the ready ones away */
	bool			 paused;
	bool			 dead;		/* until the end of the turn */
};

static void
pending_client_stop(struct pending_client *c)
{
	TAILQ_REMOVE(&c->of->going, c, link);
	c->of->ngoing--;
	if (c->host == NULL)
		return;
	c->host->n--;
	client_hosts_settle(&c->of->hosts, c->host);
	c->host = NULL;
}

static void
pending_clients_close_fd(struct fd *fd, struct layer *tls)
{
	if (tls != NULL)
		layer_close(tls);
	fd_close(fd);
}

static void
pending_client_drop(struct pending_client *c)
{
	if (c->work != NULL) {
		c->of->kind->cancel(c->work);
		pending_client_stop(c);
	} else {
		TAILQ_REMOVE(&c->of->ready, c, link);
		pending_clients_close_fd(&c->fd, c->tls);
	}
	free(c);
}

void
pending_client_failed(void *client, const struct error *err)
{
	struct pending_client *c = client;
	struct pending_clients *s = c->of;
	struct addr peer = c->ends.peer;

	pending_client_stop(c);
	free(c);
	s->ops->failed(s->arg, &peer, err);
}

void
pending_client_done(struct pending_client *c, const struct fd *fd,
    const struct addr_pair *ends, struct layer *tls)
{
	struct pending_clients *s = c->of;

	pending_client_stop(c);
	c->work = NULL;
	c->fd = *fd;
	c->tls = tls;
	if (ends != NULL)
		c->ends = *ends;
	TAILQ_INSERT_TAIL(&s->ready, c, link);
	if (!s->paused)
		loop_post(s->loop, &s->next);
}

static void
pending_clients_give(void *arg)
{
	struct pending_clients *s = arg;
	struct pending_client *c, ready;

	while (!s->paused && !s->dead &&
	    (c = TAILQ_FIRST(&s->ready)) != NULL) {
		TAILQ_REMOVE(&s->ready, c, link);
		ready = *c;
		free(c);
		s->ops->accepted(s->arg, &ready.fd, &ready.ends, ready.tls);
	}
}

/* Clients without a host are hosts of their own. */
static unsigned
pending_client_of_host(const struct pending_client *c)
{
	return c->host == NULL ? 1 : c->host->n;
}

/* The oldest of the host with most clients that are not ready. */
static struct pending_client *
pending_clients_surplus(const struct pending_clients *s)
{
	struct pending_client *c, *oldest = TAILQ_FIRST(&s->going);

	TAILQ_FOREACH(c, &s->going, link)
		if (pending_client_of_host(c) > pending_client_of_host(oldest))
			oldest = c;
	return oldest;
}

static void
pending_clients_make_room(struct pending_clients *s)
{
	struct pending_client *c;
	struct error err = { .num = ETIMEDOUT };

	if (s->ngoing < PENDING_CLIENTS_MAX)
		return;
	c = pending_clients_surplus(s);
	(void)strlcpy(err.why, s->kind->crowded, sizeof(err.why));
	s->kind->cancel(c->work);
	pending_client_failed(c, &err);
}

void
pending_clients_add(struct pending_clients *s, struct fd *fd,
    const struct addr_pair *ends, struct layer *tls)
{
	struct pending_client *c = calloc(1, sizeof(*c));
	struct error err = { .num = ENOMEM };

	pending_clients_make_room(s);
	/* The failure of the oldest may have been the end of all. */
	if (s->dead) {
		free(c);
		pending_clients_close_fd(fd, tls);
		return;
	}
	if (c != NULL) {
		*c = (struct pending_client){ .of = s, .ends = *ends };
		c->work = s->kind->start(s->loop, fd, tls,
		    loop_now(s->loop) + PENDING_CLIENT_TIME, c);
		if (c->work != NULL) {
			TAILQ_INSERT_TAIL(&s->going, c, link);
			s->ngoing++;
			c->host = client_hosts_find(&s->hosts, &ends->peer);
			if (c->host != NULL)
				c->host->n++;
			return;
		}
		err.num = errno;
	}
	free(c);
	pending_clients_close_fd(fd, tls);
	s->ops->failed(s->arg, &ends->peer, &err);
}

void
pending_clients_pause(struct pending_clients *s, bool pause)
{
	s->paused = pause;
	if (!pause && !TAILQ_EMPTY(&s->ready))
		loop_post(s->loop, &s->next);
}

unsigned
pending_clients_close(struct pending_clients *s)
{
	struct pending_client *c;
	unsigned n = 0;

	if (s == NULL)
		return 0;
	for (; (c = TAILQ_FIRST(&s->going)) != NULL; n++)
		pending_client_drop(c);
	for (; (c = TAILQ_FIRST(&s->ready)) != NULL; n++)
		pending_client_drop(c);
	return n;
}

struct pending_clients *
pending_clients_new(struct loop *loop, const struct pending_kind *kind,
    const struct pending_clients_ops *ops, void *arg)
{
	struct pending_clients *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct pending_clients){ .loop = loop, .kind = kind, .ops = ops,
	    .arg = arg, .next = { .run = pending_clients_give, .arg = s } };
	TAILQ_INIT(&s->going);
	TAILQ_INIT(&s->ready);
	client_hosts_init(&s->hosts);
	return s;
}

void
pending_clients_free(struct pending_clients *s)
{
	if (s == NULL || s->dead)
		return;
	s->dead = true;
	(void)pending_clients_close(s);
	client_hosts_free(&s->hosts);
	loop_unpost(s->loop, &s->next);
	s->next.run = free;
	loop_defer(s->loop, &s->next);
}

/* ---- Headers of the PROXY protocol -------------------------------------- */

static void
pending_client_on_header(void *arg, struct fd *fd,
    const struct proxyp_ends *ends)
{
	const struct addr_pair pair = { ends->source, ends->dest };

	pending_client_done(arg, fd, ends->source.len != 0 ? &pair : NULL,
	    NULL);
}

static void *
pending_client_receive(struct loop *loop, const struct fd *fd,
    struct layer *tls, int64_t until, struct pending_client *c)
{
	static const struct proxyp_io_ops ops = { pending_client_on_header,
	    pending_client_failed };

	(void)tls;
	return proxyp_receive(loop, fd, until, &ops, c);
}

static void
pending_client_cancel_header(void *work)
{
	proxyp_cancel(work);
}

const struct pending_kind pending_headers = {
	.start = pending_client_receive,
	.cancel = pending_client_cancel_header,
	.crowded = "too many clients without a PROXY header" };

/* ---- Handshakes --------------------------------------------------------- */

static void
pending_client_on_secured(void *arg, struct fd *fd, struct layer *tls)
{
	pending_client_done(arg, fd, NULL, tls);
}

static void *
pending_client_secure(struct loop *loop, const struct fd *fd,
    struct layer *tls, int64_t until, struct pending_client *c)
{
	static const struct secure_ops ops = { pending_client_on_secured,
	    pending_client_failed };
	struct secure *s = secure_start(loop, fd, tls, until, &ops, c);

	if (s != NULL)
		secure_resets(s);
	return s;
}

static void
pending_client_cancel_handshake(void *work)
{
	secure_cancel(work);
}

const struct pending_kind pending_handshakes = {
	.start = pending_client_secure,
	.cancel = pending_client_cancel_handshake,
	.crowded = "too many handshakes at once" };

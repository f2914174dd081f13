#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "door/client_queue.h"
#include "door/greet.h"
#include "reach/handshake.h"
#include "reach/proxyp.h"

struct greeted {
	struct queued_client	 client;	/* the first member */
	struct greet		*of;
	struct handshake	*handshake;	/* NULL: ready */
	bool			 in_tls;
	struct proxyp_ends	 announced;
};

struct greet {
	struct loop		*loop;
	struct tls_context	*tls;		/* NULL: none */
	const struct listener_ops	*ops;
	void			*arg;
	struct client_queue	 going, ready;
	struct client_hosts	 hosts;		/* of those going */
	struct task		 next;		/* gives the ready ones away */
	bool			 headers, paused;
	bool			 dead;		/* until the end of the turn */
};

static void
greet_close_fd(struct fd *fd, struct layer *tls)
{
	if (tls != NULL)
		layer_close(tls);
	fd_close(fd);
}

static bool
greet_admits(const struct greet *g, const struct fd *fd,
    const struct addr_pair *ends)
{
	return g->ops->admits == NULL || g->ops->admits(g->arg, fd, ends);
}

static void
greet_stop(struct greeted *c)
{
	client_queue_remove(&c->of->going, &c->client);
	client_hosts_settle(&c->of->hosts, c->client.host);
	c->client.host = NULL;
	c->handshake = NULL;
}

/* Gives up a client, whose descriptor is closed. */
static void
greet_fail(void *arg, const struct error *err)
{
	struct greeted *c = arg;
	struct greet *g = c->of;
	const struct addr peer = c->client.ends.peer;
	bool in_tls = c->in_tls;

	greet_stop(c);
	free(c);
	(in_tls ? g->ops->not_secured : g->ops->not_announced)(g->arg, &peer,
	    err);
}

static void	greet_on_done(void *, struct fd *, struct layer *);

static void
greet_begin(struct greeted *c, const struct fd *fd, struct layer *layer)
{
	static const struct handshake_ops ops = { greet_on_done, greet_fail };
	struct error err = { .num = 0 };

	c->handshake = handshake_start(c->of->loop, fd, layer,
	    loop_now(c->of->loop) + GREET_TIME, &ops, c);
	if (c->handshake == NULL) {
		err.num = errno;
		greet_fail(c, &err);
	} else
		handshake_resets(c->handshake);
}

/* The header has come, or TLS has shaken hands. */
static void
greet_on_done(void *arg, struct fd *fd, struct layer *tls)
{
	struct greeted *c = arg;
	struct greet *g = c->of;

	if (!c->in_tls && c->announced.source.len != 0)
		c->client.ends = (struct addr_pair){ c->announced.source,
		    c->announced.dest };
	if (c->in_tls || g->tls == NULL) {
		greet_stop(c);
		c->client.fd = *fd;
		c->client.tls = tls;
		client_queue_add(&g->ready, &c->client);
		if (!g->paused)
			loop_post(g->loop, &g->next);
	} else if (greet_admits(g, fd, &c->client.ends)) {
		c->in_tls = true;
		greet_begin(c, fd, layer_tls(g->tls, NULL));
	} else {
		greet_stop(c);
		free(c);
		fd_close(fd);
	}
}

void
greet_client(struct greet *g, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	struct error err = { .num = ENOMEM };
	bool announces = g->headers && tls == NULL;
	struct greeted *c, *surplus;

	if (!announces && g->tls == NULL) {
		g->ops->accepted(g->arg, fd, ends, NULL);
		return;
	}
	/* A client that may not come in keeps no other one out. */
	if (!announces && !greet_admits(g, fd, ends)) {
		greet_close_fd(fd, tls);
		return;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		greet_close_fd(fd, tls);
		(announces ? g->ops->not_announced : g->ops->not_secured)(
		    g->arg, &ends->peer, &err);
		return;
	}
	c->of = g;
	c->in_tls = !announces;
	c->client.ends = *ends;
	c->client.host = client_hosts_find(&g->hosts, &ends->peer);
	client_queue_add(&g->going, &c->client);
	surplus = (struct greeted *)client_queue_surplus(&g->going);
	if (surplus != NULL) {
		err.num = ETIMEDOUT;
		(void)strlcpy(err.why, surplus->in_tls ?
		    "too many handshakes at once" :
		    "too many clients without a PROXY header",
		    sizeof(err.why));
		handshake_cancel(surplus->handshake);
		greet_fail(surplus, &err);
	}
	/* The failure of the oldest may have been the end of all. */
	if (g->dead)
		greet_close_fd(fd, tls);
	else
		greet_begin(c, fd, announces ? proxyp_receiver(&c->announced) :
		    tls != NULL ? tls : layer_tls(g->tls, NULL));
}

static void
greet_give(void *arg)
{
	struct greet *g = arg;
	struct queued_client *c, ready;

	while (!g->paused && !g->dead &&
	    (c = TAILQ_FIRST(&g->ready.all)) != NULL) {
		client_queue_remove(&g->ready, c);
		ready = *c;
		free(c);
		g->ops->accepted(g->arg, &ready.fd, &ready.ends, ready.tls);
	}
}

void
greet_pause(struct greet *g, bool pause)
{
	g->paused = pause;
	if (!pause && g->ready.n > 0)
		loop_post(g->loop, &g->next);
}

unsigned
greet_close(struct greet *g)
{
	struct queued_client *c;
	unsigned n = g->going.n + g->ready.n;

	while ((c = TAILQ_FIRST(&g->going.all)) != NULL) {
		handshake_cancel(((struct greeted *)c)->handshake);
		greet_stop((struct greeted *)c);
		free(c);
	}
	while ((c = TAILQ_FIRST(&g->ready.all)) != NULL) {
		client_queue_remove(&g->ready, c);
		greet_close_fd(&c->fd, c->tls);
		free(c);
	}
	return n;
}

struct greet *
greet_new(struct loop *loop, struct tls_context *tls,
    const struct listener_ops *ops, void *arg)
{
	struct greet *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	*g = (struct greet){ .loop = loop, .tls = tls, .ops = ops, .arg = arg,
	    .next = { .run = greet_give, .arg = g } };
	client_queue_init(&g->going, GREET_MOST);
	client_queue_init(&g->ready, 0);
	client_hosts_init(&g->hosts);
	return g;
}

void
greet_expect_headers(struct greet *g)
{
	g->headers = true;
}

void
greet_free(struct greet *g)
{
	if (g == NULL || g->dead)
		return;
	g->dead = true;
	(void)greet_close(g);
	client_hosts_free(&g->hosts);
	loop_unpost(g->loop, &g->next);
	g->next.run = free;
	loop_defer(g->loop, &g->next);
}

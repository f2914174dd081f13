#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/secure.h"

struct secure {
	struct loop		*loop;
	const struct secure_ops	*ops;
	void			*arg;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 task;	/* the first step, or the end */
	int64_t			 until;	/* 0: no limit */
	bool			 over;	/* until the end of the turn */
	struct layer_fd		 bottom;
	struct layer		*tls;
};

/* Ends all but the memory, which lives until the end of the turn. */
static void
secure_end(struct secure *s)
{
	s->over = true;
	loop_unpost(s->loop, &s->task);
	loop_unwatch(s->loop, &s->watch);
	timer_clear(s->loop, &s->timer);
	s->task.run = free;
	loop_defer(s->loop, &s->task);
}

void
secure_cancel(struct secure *s)
{
	if (s == NULL || s->over)
		return;
	secure_end(s);
	layer_close(s->tls);
}

static void
secure_fail(struct secure *s, enum io io)
{
	struct error err = { .num = io == IO_EOF ? ECONNRESET : errno };
	const char *why = io == IO_EOF ?
	    "the peer closed the connection in the handshake" :
	    layer_fault(s->tls);

	if (err.num != ETIMEDOUT && why != NULL)
		(void)strlcpy(err.why, why, sizeof(err.why));
	secure_end(s);
	layer_close(s->tls);
	s->ops->failed(s->arg, &err);
}

static void
secure_succeed(struct secure *s)
{
	struct fd fd = s->bottom.fd;

	s->tls->below = NULL;
	secure_end(s);
	s->ops->done(s->arg, &fd, s->tls);
}

/* Sets the timer to the end of the time, or to the next flight of DTLS. */
static void
secure_arm(struct secure *s)
{
	int64_t flight = layer_tls_date(s->tls), when = s->until;

	if (flight >= 0)
		when = timer_earlier(when, loop_now(s->loop) + flight);
	if (when != 0)
		timer_set(s->loop, &s->timer, when);
	loop_touch(s->loop, &s->watch);
}

static void
secure_step(void *arg)
{
	struct secure *s = arg;
	enum io io = layer_handshake(&s->tls);

	if (io == IO_OK)
		secure_succeed(s);
	else if (io == IO_AGAIN)
		secure_arm(s);
	else
		secure_fail(s, io);
}

static void
secure_on_ready(void *arg, unsigned what)
{
	(void)what;
	secure_step(arg);
}

static void
secure_on_timer(void *arg)
{
	struct secure *s = arg;

	if (s->until == 0 || loop_now(s->loop) < s->until) {
		secure_step(s);
		return;
	}
	errno = ETIMEDOUT;
	secure_fail(s, IO_FAIL);
}

static unsigned
secure_want(void *arg)
{
	return layer_want(((struct secure *)arg)->tls, LOOP_IN);
}

struct secure *
secure_start(struct loop *loop, const struct fd *fd, struct layer *tls,
    int64_t until, const struct secure_ops *ops, void *arg)
{
	struct secure *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct secure){ .loop = loop, .ops = ops, .arg = arg,
	    .until = until, .tls = tls,
	    .watch = { .fd = fd->num, .want = secure_want,
	    .ready = secure_on_ready, .arg = s },
	    .timer = { .fire = secure_on_timer, .arg = s },
	    .task = { .run = secure_step, .arg = s } };
	layer_fd_init(&s->bottom, fd);
	tls->below = &s->bottom.layer;
	if (loop_watch(loop, &s->watch) == -1) {
		tls->below = NULL;
		free(s);
		return NULL;
	}
	loop_post(loop, &s->task);
	return s;
}

/* ---- The clients of a listener ------------------------------------------ */

struct secure_client {
	TAILQ_ENTRY(secure_client) link;
	struct secure_clients	*of;
	struct secure		*secure;	/* NULL: it is over */
	struct fd		 fd;		/* then */
	struct layer		*tls;		/* then */
	struct addr_pair	 ends;
};

TAILQ_HEAD(secure_client_list, secure_client);

struct secure_clients {
	struct loop		*loop;
	const struct secure_clients_ops *ops;
	void			*arg;
	struct secure_client_list going, ready;	/* the oldest first */
	size_t			 ngoing;
	struct task		 next;		/* gives the ready ones away */
	bool			 paused;
	bool			 dead;		/* until the end of the turn */
};

static void
secure_client_drop(struct secure_client *c)
{
	struct secure_clients *s = c->of;

	if (c->secure != NULL) {
		secure_cancel(c->secure);
		TAILQ_REMOVE(&s->going, c, link);
		s->ngoing--;
	} else {
		TAILQ_REMOVE(&s->ready, c, link);
		layer_close(c->tls);
		fd_close(&c->fd);
	}
	free(c);
}

static void
secure_client_fail(struct secure_client *c, const struct error *err)
{
	struct secure_clients *s = c->of;
	struct addr peer = c->ends.peer;

	TAILQ_REMOVE(&s->going, c, link);
	s->ngoing--;
	free(c);
	s->ops->not_secured(s->arg, &peer, err);
}

static void
secure_client_on_failed(void *arg, const struct error *err)
{
	secure_client_fail(arg, err);
}

static void
secure_client_on_done(void *arg, struct fd *fd, struct layer *tls)
{
	struct secure_client *c = arg;
	struct secure_clients *s = c->of;

	c->secure = NULL;
	c->fd = *fd;
	c->tls = tls;
	TAILQ_REMOVE(&s->going, c, link);
	s->ngoing--;
	TAILQ_INSERT_TAIL(&s->ready, c, link);
	if (!s->paused)
		loop_post(s->loop, &s->next);
}

static void
secure_clients_give(void *arg)
{
	struct secure_clients *s = arg;
	struct secure_client *c;
	struct fd fd;
	struct layer *tls;
	struct addr_pair ends;

	while (!s->paused && !s->dead &&
	    (c = TAILQ_FIRST(&s->ready)) != NULL) {
		TAILQ_REMOVE(&s->ready, c, link);
		fd = c->fd;
		tls = c->tls;
		ends = c->ends;
		free(c);
		s->ops->accepted(s->arg, &fd, &ends, tls);
	}
}

static void
secure_clients_make_room(struct secure_clients *s)
{
	struct secure_client *c = TAILQ_FIRST(&s->going);
	const struct error err = { .num = ETIMEDOUT,
	    .why = "too many handshakes at once" };

	if (s->ngoing < SECURE_CLIENTS_MAX)
		return;
	secure_cancel(c->secure);
	secure_client_fail(c, &err);
}

void
secure_clients_add(struct secure_clients *s, struct fd *fd,
    const struct addr_pair *ends, struct layer *tls)
{
	static const struct secure_ops ops = { secure_client_on_done,
	    secure_client_on_failed };
	struct secure_client *c = calloc(1, sizeof(*c));
	struct error err = { .num = ENOMEM };

	secure_clients_make_room(s);
	if (c != NULL) {
		*c = (struct secure_client){ .of = s, .ends = *ends };
		c->secure = secure_start(s->loop, fd, tls,
		    loop_now(s->loop) + SECURE_CLIENT_TIME, &ops, c);
		if (c->secure != NULL) {
			TAILQ_INSERT_TAIL(&s->going, c, link);
			s->ngoing++;
			return;
		}
		err.num = errno;
	}
	free(c);
	layer_close(tls);
	fd_close(fd);
	s->ops->not_secured(s->arg, &ends->peer, &err);
}

void
secure_clients_pause(struct secure_clients *s, bool pause)
{
	s->paused = pause;
	if (!pause && !TAILQ_EMPTY(&s->ready))
		loop_post(s->loop, &s->next);
}

unsigned
secure_clients_close(struct secure_clients *s)
{
	struct secure_client *c;
	unsigned n = 0;

	for (; (c = TAILQ_FIRST(&s->going)) != NULL; n++)
		secure_client_drop(c);
	for (; (c = TAILQ_FIRST(&s->ready)) != NULL; n++)
		secure_client_drop(c);
	return n;
}

struct secure_clients *
secure_clients_new(struct loop *loop, const struct secure_clients_ops *ops,
    void *arg)
{
	struct secure_clients *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct secure_clients){ .loop = loop, .ops = ops, .arg = arg,
	    .next = { .run = secure_clients_give, .arg = s } };
	TAILQ_INIT(&s->going);
	TAILQ_INIT(&s->ready);
	return s;
}

void
secure_clients_free(struct secure_clients *s)
{
	if (s == NULL || s->dead)
		return;
	s->dead = true;
	(void)secure_clients_close(s);
	loop_unpost(s->loop, &s->next);
	s->next.run = free;
	loop_defer(s->loop, &s->next);
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "reach/secure.h"

struct secure {
	struct loop		*loop;
	const struct secure_ops	*ops;
	void			*arg;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 task;	/* the first step, or the end */
	int64_t			 until;	/* 0: no limit */
	bool			 serves;	/* the peer is a client */
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

/*
 * Closes the connection. A client that speaks no TLS has been sent nothing, and
 * would take an end in order for an empty answer: that client is reset.
 */
static void
secure_close(struct secure *s)
{
	secure_end(s);
	if (s->serves && !fd_has_sent(&s->bottom.fd))
		fd_reset(&s->bottom.fd);
	layer_close(s->tls);
}

void
secure_resets(struct secure *s)
{
	s->serves = true;
}

void
secure_cancel(struct secure *s)
{
	if (s != NULL && !s->over)
		secure_close(s);
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
	secure_close(s);
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

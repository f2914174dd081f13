#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layer/tls.h"
#include "reach/handshake.h"

struct handshake {
	struct loop		*loop;
	const struct handshake_ops *ops;
	void			*arg;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 task;	/* the first step, or the end */
	int64_t			 until;	/* 0: no limit */
	bool			 resets;
	bool			 over;	/* until the end of the turn */
	struct layer_fd		 bottom;
	struct layer		*layer;
};

/* A set-up layer pops itself; that of TLS stays. */
static bool
handshake_is_setup(const struct handshake *h)
{
	return h->layer->ops->read == NULL;
}

/* Ends all but the memory, which lives until the end of the turn. */
static void
handshake_end(struct handshake *h)
{
	h->over = true;
	loop_unpost(h->loop, &h->task);
	loop_unwatch(h->loop, &h->watch);
	timer_clear(h->loop, &h->timer);
	h->task.run = free;
	loop_defer(h->loop, &h->task);
}

void
handshake_cancel(struct handshake *h)
{
	if (h == NULL || h->over)
		return;
	handshake_end(h);
	if (h->resets && !fd_has_sent(&h->bottom.fd))
		fd_reset(&h->bottom.fd);
	layer_close(h->layer);
}

void
handshake_resets(struct handshake *h)
{
	h->resets = !handshake_is_setup(h);
}

static void
handshake_fail(struct handshake *h, enum io io, bool late)
{
	struct error err = { .num = late ? ETIMEDOUT :
	    io == IO_EOF ? ECONNRESET : errno };
	const char *why = io == IO_EOF ?
	    "the peer closed the connection in the handshake" :
	    late && !handshake_is_setup(h) ? NULL : layer_fault(h->layer);

	if (why != NULL)
		(void)strlcpy(err.why, why, sizeof(err.why));
	handshake_cancel(h);
	h->ops->failed(h->arg, &err);
}

static void
handshake_step(void *arg)
{
	struct handshake *h = arg;
	struct layer *top = h->layer;
	enum io io = layer_handshake(&top);
	int64_t flight, when = h->until;
	struct fd fd;

	if (io == IO_AGAIN) {
		/* Until the end of the time, or the next flight of DTLS. */
		if (!handshake_is_setup(h) &&
		    (flight = layer_tls_date(h->layer)) >= 0)
			when = timer_earlier(when, loop_now(h->loop) + flight);
		if (when != 0)
			timer_set(h->loop, &h->timer, when);
		loop_touch(h->loop, &h->watch);
		return;
	}
	if (io != IO_OK) {
		handshake_fail(h, io, false);
		return;
	}
	h->layer->below = NULL;
	if (handshake_is_setup(h)) {
		layer_close(h->layer);
		top = NULL;
	}
	fd = h->bottom.fd;
	handshake_end(h);
	h->ops->done(h->arg, &fd, top);
}

static void
handshake_on_ready(void *arg, unsigned what)
{
	(void)what;
	handshake_step(arg);
}

static void
handshake_on_timer(void *arg)
{
	struct handshake *h = arg;

	if (h->until == 0 || loop_now(h->loop) < h->until)
		handshake_step(h);
	else
		handshake_fail(h, IO_FAIL, true);
}

static unsigned
handshake_want(void *arg)
{
	return layer_want(((struct handshake *)arg)->layer, LOOP_IN);
}

struct handshake *
handshake_start(struct loop *loop, const struct fd *fd, struct layer *layer,
    int64_t until, const struct handshake_ops *ops, void *arg)
{
	struct handshake *h = layer != NULL ? calloc(1, sizeof(*h)) : NULL;
	struct fd left = *fd;
	int num = ENOMEM;

	if (h != NULL) {
		*h = (struct handshake){ .loop = loop, .ops = ops, .arg = arg,
		    .until = until, .layer = layer,
		    .watch = { .fd = fd->num, .want = handshake_want,
		    .ready = handshake_on_ready, .arg = h },
		    .timer = { .fire = handshake_on_timer, .arg = h },
		    .task = { .run = handshake_step, .arg = h } };
		layer_fd_init(&h->bottom, fd);
		layer->below = &h->bottom.layer;
		if (loop_watch(loop, &h->watch) == 0) {
			loop_post(loop, &h->task);
			return h;
		}
		num = errno;
		layer->below = NULL;
		free(h);
	}
	if (layer != NULL)
		layer_close(layer);
	fd_close(&left);
	errno = num;
	return NULL;
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "base/num.h"
#include "hub/hub.h"
#include "peers/next_address.h"
#include "serve/mirror.h"

/* Reads in a turn from a target. */
#define MIRROR_READS	16

/* A target: a member of the mirror's hub, also while it is dialled. */
struct mirror_way {
	struct mirror		*of;
	size_t			 i;		/* of forward's targets */
	struct lookups		 lookups;
	struct dial		*dial;		/* NULL: not dialling */
	struct endpoint		 ep;		/* while open */
	struct hub_member	 m;
	bool			 open, over;
	bool			 dgram;
};

struct mirror {
	struct layer		 layer;
	struct mirror_targets	 to;
	struct loop		*loop;
	struct hub		 hub;
	struct timer		 wake;		/* of the endpoint, for shut */
	int64_t			 limit;		/* of shut; 0: not begun */
	size_t			 n;
	struct mirror_way	 ways[];
};

/* ---- The end of a target ------------------------------------------------ */

/* Lets the endpoint's flow ask again whether all has ended. */
static void
mirror_wake(struct mirror *m)
{
	if (m->limit != 0)
		timer_set(m->loop, &m->wake, loop_now(m->loop));
}

/* A stream without all bytes is reset: its end would look like all of them. */
static void
mirror_end_way(struct mirror_way *w)
{
	lookups_stop(&w->lookups);
	dial_cancel(w->dial);
	w->dial = NULL;
	hub_remove(&w->m);
	if (w->open) {
		if (!w->dgram && w->m.lost > 0)
			fd_reset(&w->ep.in_bottom.fd);
		else
			endpoint_end(&w->ep);
		run_count_drops(w->of->to.run, &w->ep.in_bottom.fd, NULL);
		endpoint_close(&w->ep);
	}
	w->open = false;
	w->over = true;
}

/* The target gets no more copies. why: instead of the errno; or NULL. */
static void
mirror_fail(struct mirror_way *w, int num, const char *why)
{
	struct mirror *m = w->of;
	const struct run *r = m->to.run;
	struct error err;

	error_set(&err, num, "copy to", "%s", m->to.name(m->to.arg, w->i));
	if (why != NULL)
		(void)strlcpy(err.why, why, sizeof(err.why));
	(void)messages_failed(r->plan, &err);
	mirror_end_way(w);
	mirror_wake(m);
}

/* ---- Bytes -------------------------------------------------------------- */

static void
mirror_on_output_ended(struct hub_member *member, int num)
{
	struct mirror_way *w = member->arg;

	if (num != 0)
		mirror_fail(w, num, num == ENOBUFS ?
		    "it is too slow" : NULL);
	else
		mirror_wake(w->of);
}

/* Datagrams that found no room are lost without a word, as in a network. */
static void
mirror_on_missed(struct hub_member *member, uint64_t n)
{
	(void)member, (void)n;
}

static void
mirror_discard(struct mirror_way *w)
{
	size_t n;

	/* A refused datagram is followed by others. */
	for (int i = 0; i < MIRROR_READS &&
	    w->ep.in.state != HALF_ENDED; i++) {
		if (half_discard(&w->ep.in, &n) != IO_FAIL)
			return;
		if (!w->dgram || !errclass_is(errno, ERRCLASS_REPORT)) {
			mirror_fail(w, errno, NULL);
			return;
		}
	}
}

static void
mirror_on_ready(void *arg)
{
	struct mirror_way *w = arg;

	mirror_discard(w);
	hub_wake(&w->m);
	if (!w->open)
		return;
	if (hub_has_all(&w->m))
		mirror_wake(w->of);
	endpoint_touch(&w->ep);
}

static bool
mirror_wants_in(const void *arg)
{
	const struct mirror_way *w = arg;

	return w->ep.in.state != HALF_ENDED;
}

/* ---- Connecting --------------------------------------------------------- */

static void
mirror_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct mirror_way *w = arg;
	const struct dial_options opt = w->of->to.dial(w->of->to.arg, w->i);

	w->dial = NULL;
	if (endpoint_socket(&w->ep, w->of->loop, fd, w->dgram, NULL) == -1) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		mirror_fail(w, errno, NULL);
		return;
	}
	if (tls != NULL)
		endpoint_wrap(&w->ep, tls);
	if (w->dgram)
		(void)next_address_watch(&w->ep, &opt, addr, NULL,
		    NULL);
	w->ep.notify = mirror_on_ready;
	w->ep.user = w;
	w->ep.in.wants = mirror_wants_in;
	w->ep.in.user = w;
	w->ep.out.ready = true;
	w->open = true;
	hub_watch(&w->m);
	hub_wake(&w->m);
}

static void
mirror_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct mirror_way *w = arg;

	(void)addr;
	if (!last)
		return;
	w->dial = NULL;
	mirror_fail(w, err->num, error_reason(err));
}

static void
mirror_on_found(void *arg)
{
	static const struct dial_ops ops = { .connected = mirror_on_connected,
	    .failed = mirror_on_failed };
	struct mirror_way *w = arg;
	const struct dial_options opt = w->of->to.dial(w->of->to.arg, w->i);

	w->dial = dial_start(w->of->loop, &opt, &ops, w);
	if (w->dial == NULL)
		mirror_fail(w, errno, NULL);
}

static void
mirror_on_not_found(void *arg, const struct addresses *a,
    const struct error *err)
{
	(void)a;
	mirror_fail(arg, err->num, error_reason(err));
}

static void
mirror_begin(struct mirror_way *w)
{
	const struct lookups_step *steps;
	size_t n;

	endpoint_init(&w->ep, w->of->loop);
	w->m = (struct hub_member){ .out = &w->ep.out, .arg = w,
	    .stays = w->dgram, .output_ended = mirror_on_output_ended,
	    .missed = mirror_on_missed };
	hub_add(&w->of->hub, &w->m);
	hub_join(&w->m);
	w->lookups = (struct lookups){ .found = mirror_on_found,
	    .failed = mirror_on_not_found, .arg = w };
	steps = w->of->to.steps(w->of->to.arg, w->i, &n);
	lookups_start(&w->lookups, steps, n);
}

/* ---- The layer ---------------------------------------------------------- */

static enum io
mirror_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->read(l->below, iov, cnt, n);
}

static enum io
mirror_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct mirror *m = (struct mirror *)l;
	enum io io = l->below->ops->write(l->below, iov, cnt, n);

	if (io != IO_OK)
		return io;
	if (fanout_add(&m->hub.ring, NULL, iov, cnt, *n) == 0) {
		hub_push_all(&m->hub);
		return io;
	}
	for (size_t i = 0; i < m->n; i++)
		if (!m->ways[i].dgram && !m->ways[i].over)
			mirror_fail(&m->ways[i], ENOMEM, NULL);
	return io;
}

/* The endpoint's own end does not wait for the other targets. */
static enum io
mirror_shut(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;
	enum io io = m->limit != 0 ? IO_OK : layer_shut(l->below);
	bool busy = false;

	if (io == IO_AGAIN)
		return io;
	for (size_t i = 0; i < m->n; i++) {
		struct mirror_way *w = &m->ways[i];

		/* A datagram socket has no end to pass on. */
		if (!w->dgram && m->limit == 0)
			hub_finish(&w->m, NULL);
		hub_wake(&w->m);
		busy = busy || (!w->over && (w->dgram ? !w->open ||
		    !hub_has_all(&w->m) : w->m.hearing != HUB_DEAF));
	}
	if (m->limit == 0) {
		m->limit = loop_now(m->loop) + DRAIN_TIME;
		timer_set(m->loop, &m->wake, m->limit);
	}
	return busy && loop_now(m->loop) < m->limit ? IO_AGAIN : io;
}

static void
mirror_close(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;

	for (size_t i = 0; i < m->n; i++)
		mirror_end_way(&m->ways[i]);
	timer_clear(m->loop, &m->wake);
	hub_free(&m->hub);
	free(m);
}

static const struct layer_ops mirror_ops = {
	.read = mirror_read,
	.write = mirror_write,
	.shut = mirror_shut,
	.close = mirror_close
};

void
mirror_wrap(const struct mirror_targets *to, struct endpoint *ep)
{
	const struct hub_options opt = { .ring = MIRROR_ROOM };
	struct mirror *m = calloc(1, sizeof(*m) + to->n * sizeof(m->ways[0]));

	if (m == NULL) {
		(void)run_failed(to->run, "copy to", "further targets");
		return;
	}
	m->layer.ops = &mirror_ops;
	m->to = *to;
	m->loop = to->run->loop;
	m->n = to->n;
	hub_init(&m->hub, m->loop, &opt);
	m->wake = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	endpoint_wrap(ep, &m->layer);
	for (size_t i = 0; i < to->n; i++) {
		m->ways[i].of = m;
		m->ways[i].i = to->first + i;
		m->ways[i].dgram = to->dgram(to->arg, to->first + i);
		mirror_begin(&m->ways[i]);
	}
}

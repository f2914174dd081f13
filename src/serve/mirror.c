#include <sys/queue.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "base/num.h"
#include "serve/mirror.h"
#include "serve/udp_next.h"

/* Reads in a turn of what a target sends. */
#define MIRROR_READS	16

/* Bytes that wait; a datagram, where the target takes datagrams. */
struct mirror_piece {
	TAILQ_ENTRY(mirror_piece) link;
	size_t			 len, at;	/* at: of these were written */
	unsigned char		 data[];
};

/* A target. */
struct mirror_way {
	struct mirror		*of;
	size_t			 i;		/* of forward's targets */
	struct addresses_ask	 ask;
	struct dial		*dial;		/* NULL: not dialling */
	struct endpoint		 ep;		/* while open */
	bool			 open, over;
	bool			 dgram;
	bool			 asks;		/* waits for addresses */
	TAILQ_HEAD(, mirror_piece) pieces;
	size_t			 held;
};

struct mirror {
	struct layer		 layer;
	struct mirror_targets	 to;
	struct loop		*loop;
	struct timer		 wake;		/* of the endpoint, for shut */
	int64_t			 limit;		/* of shut; 0: not begun */
	size_t			 n;
	struct mirror_way	 ways[];
};

/* ---- The pieces that wait ----------------------------------------------- */

static size_t
mirror_cost(size_t len)
{
	return len + sizeof(struct mirror_piece) + 2 * sizeof(void *);
}

static void
mirror_drop_first(struct mirror_way *w)
{
	struct mirror_piece *p = TAILQ_FIRST(&w->pieces);

	TAILQ_REMOVE(&w->pieces, p, link);
	w->held -= mirror_cost(p->len);
	free(p);
}

/* ---- The end of a target ------------------------------------------------ */

/* Lets the endpoint's flow ask again whether all has ended. */
static void
mirror_wake(struct mirror *m)
{
	if (m->limit != 0)
		timer_set(m->loop, &m->wake, loop_now(m->loop));
}

/* A stream that lacks bytes is reset: its end would look like all of them. */
static void
mirror_end_way(struct mirror_way *w)
{
	if (w->asks)
		addresses_leave(w->of->to.addresses(w->of->to.arg, w->i),
		    &w->ask);
	dial_cancel(w->dial);
	w->dial = NULL;
	if (w->open && !w->dgram && !TAILQ_EMPTY(&w->pieces))
		fd_reset(&w->ep.in_bottom.fd);
	else if (w->open)
		endpoint_end(&w->ep);
	if (w->open) {
		run_count_drops(w->of->to.run, &w->ep.in_bottom.fd, NULL);
		endpoint_close(&w->ep);
	}
	while (!TAILQ_EMPTY(&w->pieces))
		mirror_drop_first(w);
	w->open = w->asks = false;
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
	(void)r->messages->failed(r->plan, &err);
	mirror_end_way(w);
	mirror_wake(m);
}

/* ---- Bytes -------------------------------------------------------------- */

/* False: nothing more can be written now. */
static bool
mirror_write_first(struct mirror_way *w)
{
	struct mirror_piece *p = TAILQ_FIRST(&w->pieces);
	struct iovec iov = { .iov_base = p->data + p->at,
	    .iov_len = p->len - p->at };
	enum io io;
	size_t n = 0;

	io = half_write(&w->ep.out, &iov, 1, &n);
	if (io == IO_AGAIN)
		return false;
	if (io == IO_OK)
		p->at += n;
	else if (!w->dgram || (errno != EMSGSIZE &&
	    !errclass_is(errno, ERRCLASS_REPORT))) {
		mirror_fail(w, io == IO_EOF ? EPIPE : errno, NULL);
		return false;
	}
	/* A datagram is written at once, or lost. */
	if (w->dgram || p->at == p->len)
		mirror_drop_first(w);
	return true;
}

static void
mirror_drain(struct mirror_way *w)
{
	while (w->open && w->ep.out.ready && !TAILQ_EMPTY(&w->pieces) &&
	    mirror_write_first(w))
		continue;
	if (!w->open)
		return;
	if (w->of->limit != 0 && TAILQ_EMPTY(&w->pieces)) {
		if (!w->dgram)
			(void)half_shut(&w->ep.out);
		mirror_wake(w->of);
	}
	endpoint_touch(&w->ep);
}

/* Of a datagram that finds no room, nothing is kept. */
static void
mirror_keep(struct mirror_way *w, const struct iovec *iov, int cnt, size_t n)
{
	struct mirror_piece *p;
	struct iovec part;
	size_t at;

	if (w->over)
		return;
	if (w->held + mirror_cost(n) > MIRROR_ROOM ||
	    (p = malloc(sizeof(*p) + n)) == NULL) {
		if (!w->dgram)
			mirror_fail(w, ENOBUFS, "it takes less than comes");
		return;
	}
	*p = (struct mirror_piece){ .len = n };
	for (at = 0; at < n; at += part.iov_len) {
		(void)fd_slice(iov, cnt, at, n - at, &part, 1);
		memcpy(p->data + at, part.iov_base, part.iov_len);
	}
	TAILQ_INSERT_TAIL(&w->pieces, p, link);
	w->held += mirror_cost(n);
	mirror_drain(w);
}

static void
mirror_discard(struct mirror_way *w)
{
	size_t n;

	/* A datagram that was refused is followed by others. */
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
	mirror_drain(w);
}

static bool
mirror_wants_in(const void *arg)
{
	const struct mirror_way *w = arg;

	return w->ep.in.state != HALF_ENDED;
}

static bool
mirror_wants_out(const void *arg)
{
	return !TAILQ_EMPTY(&((const struct mirror_way *)arg)->pieces);
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
		udp_next_watch(&w->ep, &opt, addr);
	w->ep.notify = mirror_on_ready;
	w->ep.user = w;
	w->ep.in.wants = mirror_wants_in;
	w->ep.out.wants = mirror_wants_out;
	w->ep.in.user = w->ep.out.user = w;
	w->ep.out.ready = true;
	w->open = true;
	mirror_drain(w);
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
mirror_dial(struct mirror_way *w)
{
	static const struct dial_ops ops = { .connected = mirror_on_connected,
	    .failed = mirror_on_failed };
	const struct dial_options opt = w->of->to.dial(w->of->to.arg, w->i);

	w->dial = dial_start(w->of->loop, &opt, &ops, w);
	if (w->dial == NULL)
		mirror_fail(w, errno, NULL);
}

static void
mirror_on_answered(void *arg, const struct error *err)
{
	struct mirror_way *w = arg;

	w->asks = false;
	if (err != NULL)
		mirror_fail(w, err->num, error_reason(err));
	else
		mirror_dial(w);
}

static void
mirror_begin(struct mirror_way *w)
{
	w->ask = (struct addresses_ask){ .answered = mirror_on_answered,
	    .arg = w };
	w->asks = true;
	if (!addresses_get(w->of->to.addresses(w->of->to.arg, w->i), &w->ask))
		return;
	w->asks = false;
	mirror_dial(w);
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

	for (size_t i = 0; io == IO_OK && i < m->n; i++)
		mirror_keep(&m->ways[i], iov, cnt, *n);
	return io;
}

static bool
mirror_is_busy(const struct mirror *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->ways[i].over && (!m->ways[i].open ||
		    !TAILQ_EMPTY(&m->ways[i].pieces)))
			return true;
	return false;
}

/* The endpoint's own end does not wait for the other targets. */
static enum io
mirror_shut(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;
	enum io io = m->limit != 0 ? IO_OK : layer_shut(l->below);

	if (io == IO_AGAIN)
		return io;
	if (m->limit == 0) {
		m->limit = loop_now(m->loop) + DRAIN_TIME;
		timer_set(m->loop, &m->wake, m->limit);
		for (size_t i = 0; i < m->n; i++)
			mirror_drain(&m->ways[i]);
	}
	return mirror_is_busy(m) && loop_now(m->loop) < m->limit ? IO_AGAIN :
	    io;
}

static void
mirror_close(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;

	for (size_t i = 0; i < m->n; i++)
		mirror_end_way(&m->ways[i]);
	timer_clear(m->loop, &m->wake);
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
	struct mirror *m = calloc(1, sizeof(*m) + to->n * sizeof(m->ways[0]));

	if (m == NULL) {
		(void)run_failed(to->run, "copy to", "further targets");
		return;
	}
	m->layer.ops = &mirror_ops;
	m->to = *to;
	m->loop = to->run->loop;
	m->wake = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	endpoint_wrap(ep, &m->layer);
	for (; m->n < to->n; m->n++) {
		struct mirror_way *w = &m->ways[m->n];

		w->of = m;
		w->i = to->first + m->n;
		w->dgram = to->dgram(to->arg, w->i);
		TAILQ_INIT(&w->pieces);
		endpoint_init(&w->ep, m->loop);
	}
	for (size_t i = 0; i < to->n; i++)
		mirror_begin(&m->ways[i]);
}

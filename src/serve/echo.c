/*
 * The echo of a stream: one socket and one way, from its read half to its
 * write half. Ten thousand idle clients cost little: no flow, no ring, and a
 * name only where a message may contain it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "filter/sanitize.h"
#include "link/way.h"
#include "run/inputs.h"
#include "run/net_options.h"
#include "serve/conn.h"

/* A kernel pipe or a flow that was not used for so long is given back. */
#define ECHO_REST	NSEC_PER_SEC

struct echo {
	struct conn	 conn;
	struct way	 way;
	int64_t		 active;	/* when a byte moved last */
	struct pause_watch	 pause;
	char			 tag[];		/* none: what the client says is
						   not shown */
};

/* ---- What clients say --------------------------------------------------- */

const char *
echo_tag(const struct plan *plan)
{
	return plan->serve.tag != NULL ? plan->serve.tag :
	    plan->verbose == 0 ? NULL :
	    plan->family != FAMILY_UNIX ? "%a %p: " :
	    plan->type == TYPE_DGRAM ? "%a: " : "client %n: ";
}

void
echo_show(const struct plan *plan, const char *tag, uint64_t before,
    const struct iovec *iov, int cnt)
{
	size_t n = iov[0].iov_len + (cnt > 1 ? iov[1].iov_len : 0);
	struct filter *f = filter_sanitize(&(struct sanitize_options){
	    .finish_line = true });
	struct buf line = { .used = 0 };
	struct iovec out[2];
	struct ring clean;
	char *at, *lf;

	if (f == NULL)
		return;
	ring_init(&clean, f->ops->tail + n * f->ops->growth);
	if (ring_space(&clean, out, 1) == 1) {
		at = out[0].iov_base;
		for (int i = 0; i < cnt; i++)
			f->ops->push(f, iov[i].iov_base, iov[i].iov_len,
			    i == cnt - 1, &clean);
		for (; ring_used(&clean) > 0; at = lf + 1) {
			lf = memchr(at, '\n', ring_used(&clean));
			buf_str(&line, tag);
			buf_add(&line, at, (size_t)(lf - at));
			buf_add(&line, "", 1);
			if (!line.failed)
				diag_line(buf_data(&line));
			buf_take(&line, line.used);
			ring_take(&clean, (size_t)(lf + 1 - at));
		}
	}
	buf_free(&line);
	ring_free(&clean);
	filter_free(f);
	if (plan->serve.tag == NULL && before + n >= FLOW_MUCH)
		diag_plain("%s(the rest is not shown; --tag shows all)", tag);
}

static void
echo_took(void *arg, const struct ring *ring, size_t n)
{
	const struct echo *e = arg;
	const struct plan *plan = e->conn.run->plan;
	const uint64_t before = e->way.flow->ledger.written;
	struct iovec iov[2];

	if (plan->serve.tag != NULL || before < FLOW_MUCH)
		echo_show(plan, e->tag, before, iov, ring_data(ring, iov, n));
}

/* ---- The way ------------------------------------------------------------ */

static struct way_ends
echo_ends(struct echo *e)
{
	return (struct way_ends){ &e->conn.ep, &e->conn.ep };
}

static struct way_step
echo_next_step(struct echo *e)
{
	struct conn *c = &e->conn;
	struct way_step s = { .ends = echo_ends(e), .name = "echo",
	    .opt = { .mover = c->run->plan->mover }, .now = conn_now(c),
	    .unclean = !c->run->plan->end.cut_resets,
	    /* A socket that is closed right after its end need not be shut. */
	    .shuts = conn_is_alone(c) || c->ep.in.layered };

	if (echo_tag(c->run->plan) != NULL) {
		s.opt.took = echo_took;
		s.opt.watcher = e;
		s.opt.took_first = c->run->plan->serve.tag == NULL;
	}
	progress_count(c->run, &s.opt, NULL);
	return s;
}

static bool
echo_count(const struct conn *c, struct outcome *o)
{
	const struct ledger l = way_ledger(&((const struct echo *)c)->way);

	o->sent = l.written;
	o->received = l.read;
	return true;
}

static void
echo_settle(struct conn *c, struct outcome *o)
{
	struct echo *e = (struct echo *)c;
	struct ledger l = way_end(&e->way);

	o->lost_out += l.lost;
	o->dropped_out += l.dropped;
	way_blame(&e->way, &o->far_read);
}

/* The way is over. */
static void
echo_conclude(struct echo *e)
{
	struct conn *c = &e->conn;
	const struct way *w = &e->way;

	c->read_errno = w->read_errno;
	c->write_errno = w->write_errno;
	if (c->cause == SESSION_EOF && w->cause == FLOW_LIMIT)
		c->cause = SESSION_LIMIT;
	if (w->cause == FLOW_RESET)
		c->cause = SESSION_RESET;
	/*
	 * All bytes are in our kernel. If the peer may have sent bytes not yet
	 * read, closing now would reset the connection; and where the exit
	 * status depends on it, the peer's kernel has to have everything.
	 */
	if (plan_has_connections(c->run->plan) &&
	    c->read_errno == 0 && c->write_errno == 0 &&
	    c->cause != SESSION_IDLE &&
	    (c->cause != SESSION_TOTAL || conn_is_cut(c)) &&
	    (w->cause != FLOW_EOF ||
	    (c->run->plan->end.confirm && conn_is_alone(c))))
		conn_linger(c, false);
	else
		conn_close(c);
}

static int64_t
echo_silent_since(const struct conn *c)
{
	return ((const struct echo *)c)->active;
}

static int64_t
echo_date(const struct conn *c)
{
	const struct echo *e = (const struct echo *)c;

	return c->state >= CONN_LINGERING ? 0 :
	    timer_earlier(pause_date(&e->pause),
	    way_date(&e->way, e->active + ECHO_REST));
}

static void
echo_on_notify(void *user)
{
	struct echo *e = user;
	struct conn *c = &e->conn;
	struct way_step s;

	if (c->state >= CONN_LINGERING)
		return;
	s = echo_next_step(e);
	way_see_death(&e->way, s.ends);
	way_step(&e->way, &s);
	if (s.moved)
		e->active = s.now;
	if (way_is_over(&e->way))
		echo_conclude(e);
	else if (s.more)
		conn_review_later(c);
	(void)pause_look(&e->pause, (uint64_t)e->active, s.now,
	    net_patience(c->run->plan), &c->ep.in_bottom.fd, NULL);
	conn_arm(c);
	endpoint_touch(&c->ep);
}

static void
echo_review(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (conn_now(c) >= e->active + ECHO_REST)
		way_rest(&e->way, echo_ends(e));
	echo_on_notify(e);
}

static void
echo_give_up(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	way_stop(&e->way, echo_ends(e), false);
}

static void
echo_leave(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (c->cause != SESSION_INTERRUPTED)
		conn_give_up(c);
	else
		way_stop(&e->way, echo_ends(e), true);
}

static void
echo_dispose(struct conn *c)
{
	way_free(&((struct echo *)c)->way);
}

static bool
echo_is_cut(const struct conn *c)
{
	return c->cause != SESSION_IDLE && c->cause != SESSION_LIMIT &&
	    !way_has_ended(&((const struct echo *)c)->way);
}

static const struct conn_ops echo_ops = {
	.cut = echo_is_cut,
	.silent_since = echo_silent_since,
	.date = echo_date,
	.review = echo_review,
	.leave = echo_leave,
	.give_up = echo_give_up,
	.count = echo_count,
	.settle = echo_settle,
	.dispose = echo_dispose
};

/* -1 with errno; freeing the conn undoes what was done. */
static int
echo_begin(struct echo *e, const struct conn_start *start)
{
	struct conn *c = &e->conn;
	const struct plan *plan = start->run->plan;
	struct way_step s = echo_next_step(e);

	s.opt.max_reads = plan->end.max_reads;
	if (!run_stages_echo(plan, &s.opt) ||
	    conn_open(c, start, conn_is_alone(c) || plan->verbose > 0 ||
	    plan->frame.how != FRAME_NONE, false) == -1) {
		filter_free(s.opt.filter);
		gate_free(s.opt.gate);
		return -1;
	}
	if (way_begin(&e->way, &s, NULL, 0) == -1)
		return -1;
	c->ep.notify = echo_on_notify;
	c->ep.user = e;
	way_rest(&e->way, s.ends);
	e->active = c->started;
	return 0;
}

struct conn *
conn_echo(const struct conn_start *start, int *status)
{
	const char *format = echo_tag(start->run->plan);
	struct echo *e = NULL;
	char *tag = NULL;
	size_t len = 0;

	if (format == NULL || (tag = tag_text(format, &(struct tag){
	    .peer = start->peer, .number = start->number }, &len)) != NULL)
		e = conn_new(sizeof(*e) + (tag != NULL ? len + 1 : 0),
		    &echo_ops, start);
	if (e != NULL && tag != NULL)
		memcpy(e->tag, tag, len);
	free(tag);
	if (e == NULL || echo_begin(e, start) == -1)
		return conn_fail((struct conn *)e, start, status);
	conn_begin(&e->conn, start);
	/* A gate has dates of its own. */
	if (e->way.flow != NULL)
		conn_review_later(&e->conn);
	return &e->conn;
}

/*
 * Many clients at once on the standard streams.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/linger.h"
#include "net/sockopt.h"
#include "run/metrics.h"
#include "run/tag.h"
#include "serve/joined.h"
#include "serve/multi_client.h"

struct client {
	struct conn		 conn;
	struct multi_client		*multi_client;
	struct endpoint		 ep;
	struct gather_source	 src;
	struct scatter_member	 dst;
	char			*tag;
	struct lingering	 linger;
	struct timer		 timer;
	struct task		 review;
	bool			 tcp;
	bool			 in_over, out_over;
	bool			 fell;		/* too slow: dropped */
	bool			 lingering;
	enum outcome_cause	 cause;
	int			 read_errno, write_errno;
	uint64_t		 unacked;
	int64_t			 started;
	int64_t			 half_close_delay_until,
	    stop_at;	/* 0: not set */
	int64_t			 ended_at;	/* its input; later: the last
						   that it was given since */
	int64_t			 leave_at;	/* unless it is given more; 0:
						   not set */
};

static struct loop *
multi_client_loop_of(const struct client *c)
{
	return c->conn.run->loop;
}

static void
multi_client_review_later(struct client *c)
{
	loop_post(multi_client_loop_of(c), &c->review);
}

static void
multi_client_dispose(struct client *c)
{
	timer_clear(multi_client_loop_of(c), &c->timer);
	loop_unpost(multi_client_loop_of(c), &c->review);
	gather_remove(&c->src);
	scatter_remove(&c->dst);
	endpoint_close(&c->ep);
	free(c->tag);
	free(c);
}

/* How it ended. It is not one of the crowd any more. */
static int
multi_client_tell(struct client *c)
{
	const struct run *r = c->conn.run;
	struct outcome o;

	gather_remove(&c->src);
	scatter_remove(&c->dst);
	o = (struct outcome){ .cause = c->cause, .sent = c->dst.written,
	    .received = c->src.read, .lost_out = c->dst.lost + c->unacked,
	    .lost_in = c->src.lost, .idle = r->plan->end.idle,
	    .elapsed = loop_now(r->loop) - c->started, .listener = true };
	joined_blame(&o.far_read, &c->ep, c->read_errno);
	if (c->write_errno != 0)
		error_set(&o.far_write, c->write_errno, "write to", "%s",
		    c->ep.name);
	meter_over(c->conn.run, c, &o);
	if (c->fell) {
		r->messages->dropped(r->plan, c->ep.name, o.lost_out);
		o.lost_out = 0;
		o.far_write.num = 0;
	}
	return r->signo == 0 ? r->messages->ended(r->plan, &o) : 0;
}

static void
multi_client_finish(struct client *c)
{
	c->conn.over(c->conn.arg, &c->conn, multi_client_tell(c));
	multi_client_dispose(c);
}

static void
multi_client_on_lingered(void *arg, size_t lost)
{
	struct client *c = arg;

	c->lingering = false;
	c->unacked = lost;
	multi_client_finish(c);
}

/* Both ways are over; what was sent is to arrive. */
static void
multi_client_take_leave(struct client *c)
{
	struct fd *fd = &c->ep.in_bottom.fd;
	size_t left = c->tcp ? fd_unacked(fd) : 0;

	if (c->cause != OUTCOME_EOF || c->fell || c->read_errno != 0 ||
	    c->write_errno != 0 ||
	    (left == 0 && c->ep.in.ended && c->dst.shut)) {
		c->unacked = left > 0 && c->dst.shut ? left - 1 : left;
		multi_client_finish(c);
		return;
	}
	c->lingering = true;
	c->linger.done = multi_client_on_lingered;
	c->linger.arg = c;
	meter_last(c->conn.run, c);
	loop_unwatch(multi_client_loop_of(c), &c->ep.in_watch);
	linger_start(&c->linger, multi_client_loop_of(c), fd, c->tcp);
	fd->num = -1;
}

/*
 * A client that ends gets what the input has for it at this moment, and
 * nothing later.
 */
static void
multi_client_ask_input(const struct client *c)
{
	struct run *r = c->conn.run;

	if (!r->in_session || r->near.in.top == NULL || r->near.in.ended)
		return;
	r->near.in.ready = true;
	if (r->near.notify != NULL)
		r->near.notify(r->near.user);
}

/*
 * The rule for a client that has said everything, while the input is open:
 * as for a single peer (far_end.c), but the input is not closed for it.
 */
static enum far_rule
multi_client_rule_of(const struct client *c)
{
	const struct run *r = c->conn.run;
	const struct half *in = &r->near.in;
	bool given = c->dst.written > 0;

	if (!r->in_session || in->top == NULL || in->ended)
		return RULE_NONE;
	if (in->fd != NULL && in->fd->kind == FD_FILE)
		return RULE_FILE;
	if (r->plan->end.far_eof != FAR_BY_INPUT ||
	    (in->fd != NULL && fd_has_no_end(in->fd)))
		return RULE_ENDLESS;
	return policy_data_rule(c->src.read > 0, given);
}

/* Is the input still to give this client something? */
static bool
multi_client_awaits_input(struct client *c)
{
	enum far_rule rule = multi_client_rule_of(c);
	int64_t limit = rule == RULE_NONE ? 0 :
	    c->conn.run->plan->end.far_limit[rule];
	int64_t now = loop_now(multi_client_loop_of(c));

	c->leave_at = 0;
	if (limit <= 0)
		return limit < 0;
	if (c->dst.active > c->ended_at)
		c->ended_at = c->dst.active;
	if (now >= c->ended_at + limit)
		return false;
	c->leave_at = c->ended_at + limit;
	return true;
}

static void	multi_client_arm_timer(struct client *);

static void
multi_client_on_review(void *arg)
{
	struct client *c = arg;

	if (c->lingering)
		return;
	c->leave_at = 0;
	if (c->in_over && !c->out_over && !multi_client_awaits_input(c)) {
		multi_client_ask_input(c);
		scatter_finish(&c->dst);
	}
	if (c->in_over && c->out_over)
		multi_client_take_leave(c);
	else if (c->leave_at != 0)
		multi_client_arm_timer(c);
}

static void
multi_client_on_source_ended(void *arg, struct gather_source *s, int num)
{
	struct client *c = arg;

	(void)s;
	c->in_over = true;
	c->read_errno = num;
	c->ended_at = loop_now(multi_client_loop_of(c));
	multi_client_review_later(c);
}

/*
 * One that takes no more may still have something to say, unless it is
 * dropped.
 */
static void
multi_client_on_member_over(void *arg, struct scatter_member *m, int num)
{
	struct client *c = arg;

	(void)m;
	c->out_over = true;
	c->fell = num == ENOBUFS;
	c->write_errno = num;
	if (c->fell)
		gather_finish(&c->src);
	multi_client_review_later(c);
}

static int64_t
multi_client_silent_since(const struct client *c)
{
	int64_t since = c->started;

	/* It would speak if we listened. */
	if (!c->in_over && c->ep.in.ready)
		return loop_now(multi_client_loop_of(c));
	if (c->src.active > since)
		since = c->src.active;
	if (c->dst.active > since)
		since = c->dst.active;
	return since;
}

static void
multi_client_arm_timer(struct client *c)
{
	const struct end_policy *end = &c->conn.run->plan->end;
	int64_t when = timer_earlier(c->half_close_delay_until, c->stop_at);

	when = timer_earlier(when, c->leave_at);

	/* One that was given up has no dates left; they would be past. */
	if (!c->lingering && c->cause == OUTCOME_EOF && end->idle >= 0)
		when = timer_earlier(when, multi_client_silent_since(c) +
		    end->idle);
	if (!c->lingering && c->cause == OUTCOME_EOF && end->total >= 0)
		when = timer_earlier(when, c->started + end->total);
	if (when == 0)
		timer_clear(multi_client_loop_of(c), &c->timer);
	else
		timer_set(multi_client_loop_of(c), &c->timer, when);
}

/* At once, whatever it held. */
static void
multi_client_give_up(struct client *c, enum outcome_cause cause)
{
	c->cause = cause;
	if (c->lingering) {
		linger_abort(&c->linger);
		c->lingering = false;
	}
	scatter_remove(&c->dst);
	/* What it said is passed on all the same, while there is time. */
	if (cause == OUTCOME_SIGNAL)
		gather_remove(&c->src);
	gather_finish(&c->src);
	c->out_over = true;
	c->in_over |= c->src.of == NULL;
	multi_client_review_later(c);
}

static void
multi_client_on_timer(void *arg)
{
	struct client *c = arg;
	const struct end_policy *end = &c->conn.run->plan->end;
	int64_t now = loop_now(multi_client_loop_of(c));

	if (c->half_close_delay_until != 0 &&
	    now >= c->half_close_delay_until) {
		c->half_close_delay_until = 0;
		scatter_wake(&c->dst);
	}
	if (c->leave_at != 0 && now >= c->leave_at) {
		c->leave_at = 0;
		multi_client_review_later(c);
	}
	if (c->stop_at != 0 && now >= c->stop_at) {
		c->stop_at = 0;
		multi_client_give_up(c, OUTCOME_SIGNAL);
	} else if (c->lingering || c->cause != OUTCOME_EOF)
		;
	else if (end->total >= 0 && now >= c->started + end->total)
		multi_client_give_up(c, OUTCOME_TOTAL);
	else if (end->idle >= 0 && now >= multi_client_silent_since(c) +
	    end->idle)
		multi_client_give_up(c, OUTCOME_IDLE);
	if (c->cause == OUTCOME_EOF || c->stop_at != 0)
		multi_client_arm_timer(c);
}

static bool
multi_client_may_shut(void *arg, struct scatter_member *m)
{
	struct client *c = arg;
	int64_t until = policy_half_close_delay(c->started, c->src.active,
	    c->src.read, c->dst.written);

	(void)m;
	if (!c->conn.run->plan->end.delay_half_close ||
	    loop_now(multi_client_loop_of(c)) >= until)
		return true;
	c->half_close_delay_until = until;
	multi_client_arm_timer(c);
	return false;
}

/* --send-only: what it says is of no interest, but that it has ended is. */
static bool
multi_client_always(const void *user)
{
	(void)user;
	return true;
}

static void
multi_client_discard(struct client *c)
{
	char waste[16 << 10];
	struct iovec iov = { .iov_base = waste, .iov_len = sizeof(waste) };
	enum io io = IO_OK;
	size_t n;
	int turns = 16;

	while (io == IO_OK && c->ep.in.ready && turns-- > 0)
		if ((io = half_read(&c->ep.in, &iov, 1, &n)) == IO_OK)
			c->src.active = loop_now(multi_client_loop_of(c));
	if (io == IO_OK || io == IO_AGAIN)
		return;
	c->read_errno = io == IO_FAIL ? errno : 0;
	c->in_over = true;
	c->ended_at = loop_now(multi_client_loop_of(c));
	c->ep.in.wants = NULL;
	multi_client_review_later(c);
}

static void
multi_client_on_ready(void *arg)
{
	struct client *c = arg;

	if (c->ep.in.ready && c->ep.in.wants == multi_client_always)
		multi_client_discard(c);
	else if (c->ep.in.ready)
		gather_wake(&c->src);
	if (c->ep.out.ready)
		scatter_wake(&c->dst);
}

static void
multi_client_stop(struct conn *conn, bool now)
{
	struct client *c = (struct client *)conn;
	struct run *r = conn->run;

	if (now) {
		if (c->lingering)
			linger_abort(&c->linger);
		if (r->deadline.passed)
			(void)multi_client_tell(c);
		multi_client_dispose(c);
		return;
	}
	c->stop_at = loop_now(r->loop) + LAST_WORDS;
	multi_client_arm_timer(c);
	if (c->lingering)
		return;
	gather_finish(&c->src);
	/* Before the session reads no more. */
	if (r->in_session && r->far.notify != NULL) {
		r->far.in.ready = true;
		r->far.notify(r->far.user);
	}
	scatter_finish(&c->dst);
	c->in_over |= c->src.of == NULL;
	c->out_over |= c->dst.of == NULL;
	multi_client_review_later(c);
}

static const struct conn_ops client_ops = { multi_client_stop };

/* The one session of all clients; -1 with errno. */
static int
multi_client_begin(struct multi_client *w)
{
	struct run *r = w->run;
	struct end_policy policy = r->plan->end;

	/* These are each client's own. */
	policy.idle = policy.total = -1;
	policy.delay_half_close = policy.confirm = false;
	/* One that is stuck does not keep a program that shows nothing. */
	policy.last_words = LAST_WORDS;
	w->begun = run_session_by(r, &policy, true, false) == 0;
	return w->begun ? 0 : -1;
}

static void
multi_client_open_far(struct multi_client *w)
{
	static const enum scatter_to to[] = {
		[STDIN_FIRST] = SCATTER_FIRST, [STDIN_LAST] = SCATTER_LAST,
		[STDIN_ALL] = SCATTER_ALL, [STDIN_NONE] = SCATTER_FIRST
	};
	static const char name[] = "the clients";
	const struct plan_serve *serve = &w->run->plan->serve;
	struct endpoint *far = &w->run->far;

	endpoint_init(far, w->run->loop);
	gather_init(&w->gather, far, serve->merge == MERGE_LINE &&
	    !w->run->plan->frame.output_raw ? GATHER_LINES : GATHER_CHUNKS,
	    name);
	scatter_init(&w->scatter, far, to[serve->stdin_for], name);
	joined_by_messages(w->run->plan, &w->scatter, &w->frames);
	endpoint_rename(far, name);
}

void
multi_client_init(struct multi_client *w, struct run *r)
{
	memset(w, 0, sizeof(*w));
	w->run = r;
}

void
multi_client_add_losses(const struct multi_client *w, struct outcome *o)
{
	o->lost_in += w->gather.lost;
	o->lost_out += w->scatter.lost;
}

/* Tie it to the others. */
static void
multi_client_join(struct client *c)
{
	struct run *r = c->conn.run;

	c->src.from = &c->ep.in;
	c->src.ended = multi_client_on_source_ended;
	c->dst.to = &c->ep.out;
	c->dst.may_shut = multi_client_may_shut;
	c->dst.over = multi_client_on_member_over;
	c->src.arg = c->dst.arg = c;
	c->ep.notify = multi_client_on_ready;
	c->ep.user = c;
	if (r->near.out.top != NULL)
		gather_add(&c->multi_client->gather, &c->src);
	else
		c->ep.in.wants = multi_client_always;
	if (r->near.in.top != NULL)
		scatter_add(&c->multi_client->scatter, &c->dst);
	else
		c->out_over = true;
	multi_client_arm_timer(c);
	endpoint_touch(&c->ep);
}

static struct client *
multi_client_make(const struct conn_start *start)
{
	struct client *c = calloc(1, sizeof(*c));
	struct run *r = start->run;
	const char *format = r->plan->serve.tag;
	char name[ENDPOINT_NAME_MAX];

	if (c == NULL)
		return NULL;
	c->conn = (struct conn){ .run = r, .ops = &client_ops,
	    .over = start->over, .arg = start->arg };
	c->multi_client = start->common;
	c->started = loop_now(r->loop);
	c->tcp = addr_is_inet(start->peer);
	c->timer = (struct timer){ .fire = multi_client_on_timer, .arg = c };
	c->review = (struct task){ .run = multi_client_on_review, .arg = c };
	run_peer_name(r->plan, NULL, start->peer, name, sizeof(name));
	if (format != NULL)
		c->src.tag = c->tag = tag_text(format, &(struct tag){
		    .peer = start->peer, .number = start->number },
		    &c->src.tag_len);
	if ((format == NULL || c->tag != NULL) &&
	    joined_open(r, &c->ep, start->fd, name) == 0)
		return c;
	free(c->tag);
	free(c);
	return NULL;
}

static void
multi_client_fail(const struct run *r, int *status)
{
	struct error err;

	error_set(&err, errno, "serve", "a client");
	*status = r->messages->failed(r->plan, &err);
}

struct conn *
conn_multi_client(const struct conn_start *start, int *status)
{
	struct multi_client *w = start->common;
	struct client *c = multi_client_make(start);

	if (c == NULL) {
		multi_client_fail(start->run, status);
		fd_close(start->fd);
		return NULL;
	}
	if (c->tcp)
		run_nodelay(start->run, start->fd);
	meter_start(start->run, c, start->fd, start->peer);
	if (!w->begun)
		multi_client_open_far(w);
	multi_client_join(c);
	if (w->begun || multi_client_begin(w) == 0)
		return &c->conn;
	multi_client_fail(start->run, status);
	meter_over(start->run, c, NULL);
	multi_client_dispose(c);
	return NULL;
}

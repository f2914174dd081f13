/*
 * Clients that are served at once on the standard streams.
 */
#include <errno.h>
#include <stdlib.h>

#include "link/way.h"
#include "run/inputs.h"
#include "serve/server.h"

struct client {
	struct conn		 conn;
	struct hub_source	 sock;
	char			*tag;		/* before its lines; or NULL */
	bool			 in_over, out_over;
	bool			 shut;		/* the client has the end */
	/* Dates; 0: not set */
	int64_t			 half_close_delay_until;
	int64_t			 ended_at;	/* of its input; or the last
						   byte given, if later */
	int64_t			 wait_until;	/* for the input */
};

static void
multi_client_dispose(struct conn *conn)
{
	struct client *c = (struct client *)conn;

	hub_port_remove(&c->sock);
	free(c->tag);
}

static bool
multi_client_count(const struct conn *conn, struct outcome *o)
{
	const struct client *c = (const struct client *)conn;

	o->sent = c->sock.m.written;
	o->received = c->sock.m.read;
	return true;
}

static void
multi_client_settle(struct conn *conn, struct outcome *o)
{
	struct client *c = (struct client *)conn;

	hub_port_remove(&c->sock);
	o->lost_out += c->sock.m.lost;
	o->lost_in = c->sock.lost;
}

/*
 * The input has not ended, or not all of it was taken. A client that has left
 * or was silent for too long has ended by itself.
 */
static bool
multi_client_is_cut(const struct conn *conn)
{
	const struct client *c = (const struct client *)conn;
	const struct run *r = conn->run;
	const struct half *in = &r->near.in;

	if (in->top == NULL || c->shut)
		return false;
	if (c->sock.m.lost > 0)
		return true;
	return (conn->cause != SESSION_EOF || r->deadline.passed) &&
	    conn->cause != SESSION_IDLE && r->session.up.cause != FLOW_EOF &&
	    (in->fd == NULL || !fd_has_no_end(in->fd));
}

/* Both ways are over: waits until the sent bytes have arrived. */
static void
multi_client_take_leave(struct client *c)
{
	struct conn *conn = &c->conn;
	size_t left = conn->tcp ? conn_lacks(conn,
	    fd_unacked(&conn->ep.in_bottom.fd)) : 0;
	bool cut = conn_is_cut(conn), orderly = conn->cause == SESSION_EOF &&
	    !conn->slow && conn->read_errno == 0 && conn->write_errno == 0;

	if (cut || (orderly &&
	    (left > 0 || conn->ep.in.state != HALF_ENDED || !c->shut))) {
		conn_linger(conn, false);
		return;
	}
	/* A FIN counts as one byte. */
	conn->unacked = left > 0 && c->shut ? left - 1 : left;
	conn_close(conn);
}

/* Makes the session read its near or far end once more. */
static void
multi_client_wake(const struct run *r, struct endpoint *ep)
{
	if (!r->in_session || ep->notify == NULL)
		return;
	ep->in.ready = true;
	ep->notify(ep->user);
}

/*
 * Does a client that has ended wait for the input, and until when? By the rule
 * for a single peer (link/far_end.c), but the input stays open.
 */
static bool
multi_client_awaits_input(struct client *c)
{
	const struct run *r = c->conn.run;
	const struct hub_member *m = &c->sock.m;
	const struct half *in = &r->near.in;
	enum far_rule rule;
	int64_t limit;

	if (!r->in_session || in->top == NULL || in->state == HALF_ENDED)
		return false;
	rule = session_rule_of_kind(in, NULL);
	if (rule != RULE_FILE && r->plan->end.far_eof != FAR_BY_INPUT)
		rule = RULE_ENDLESS;
	else if (rule == RULE_RECEIVED)
		rule = policy_data_rule(m->read > 0, m->written > 0);
	limit = r->plan->end.far_limit[rule];
	if (limit <= 0)
		return limit < 0;
	if (m->written_at > c->ended_at)
		c->ended_at = m->written_at;
	c->wait_until = c->ended_at + limit;
	if (conn_now(&c->conn) < c->wait_until)
		return true;
	c->wait_until = 0;
	return false;
}

static void
multi_client_review(struct conn *conn)
{
	struct client *c = (struct client *)conn;
	struct run *r = conn->run;

	if (conn->state >= CONN_LINGERING)
		return;
	if (c->half_close_delay_until != 0 &&
	    conn_now(&c->conn) >= c->half_close_delay_until) {
		c->half_close_delay_until = 0;
		hub_wake(&c->sock.m);
	}
	c->wait_until = 0;
	if (c->in_over && !c->out_over && !multi_client_awaits_input(c)) {
		/* The client gets the bytes of the input now, none later. */
		if (r->near.in.top != NULL && r->near.in.state != HALF_ENDED)
			multi_client_wake(r, &r->near);
		hub_port_finish(&c->sock);
	}
	if (c->in_over && c->out_over)
		multi_client_take_leave(c);
}

/* num: 0, or the errno of a read that failed. */
static void
multi_client_on_input_ended(struct hub_member *m, int num)
{
	struct client *c = m->arg;

	c->in_over = true;
	c->conn.read_errno = (int16_t)num;
	c->ended_at = conn_now(&c->conn);
	conn_review_later(&c->conn);
}

/*
 * num: 0, or why the client takes no more; ENOBUFS: too slow, and dropped.
 * Others may still send.
 */
static void
multi_client_on_output_ended(struct hub_member *m, int num)
{
	struct client *c = m->arg;

	c->out_over = true;
	c->shut = c->conn.ep.out.state == HALF_ENDED;
	c->conn.slow = num == ENOBUFS;
	c->conn.write_errno = num;
	if (c->conn.slow)
		hub_merge_finish(&c->sock);
	conn_review_later(&c->conn);
}

static int64_t
multi_client_silent_since(const struct conn *conn)
{
	const struct client *c = (const struct client *)conn;
	int64_t since = conn->started;

	/* There is input that was not read yet: that is no silence. */
	if (!c->in_over && conn->ep.in.ready)
		return conn_now(&c->conn);
	if (c->sock.m.read_at > since)
		since = c->sock.m.read_at;
	if (c->sock.m.written_at > since)
		since = c->sock.m.written_at;
	return since;
}

static int64_t
multi_client_date(const struct conn *conn)
{
	const struct client *c = (const struct client *)conn;

	return conn->state >= CONN_LINGERING ? 0 :
	    timer_earlier(c->half_close_delay_until, c->wait_until);
}

static void
multi_client_give_up(struct conn *conn)
{
	struct client *c = (struct client *)conn;

	hub_cut_output(&c->sock.m);
	/* Else the client's bytes are passed on, with no limit. */
	if (conn->cause == SESSION_INTERRUPTED)
		hub_merge_drop(&c->sock);
	hub_merge_finish(&c->sock);
	c->out_over = true;
	c->in_over |= !c->sock.open;
}

static void
multi_client_leave(struct conn *conn)
{
	struct client *c = (struct client *)conn;
	struct run *r = conn->run;

	if (conn->cause != SESSION_INTERRUPTED) {
		conn_give_up(conn);
		return;
	}
	hub_merge_finish(&c->sock);
	/* Before the session reads no more. */
	multi_client_wake(r, &r->far);
	c->sock.m.no_end = conn_is_cut(conn);
	hub_port_finish(&c->sock);
	c->in_over |= !c->sock.open;
	c->out_over |= c->sock.m.hub == NULL;
}

/* Called when the input has ended, and the client has all of it. */
static bool
multi_client_may_end(struct hub_member *m)
{
	struct client *c = m->arg;
	struct conn *conn = &c->conn;
	int64_t until = policy_half_close_delay(conn->started, m->read_at,
	    m->read, m->written);

	if (!conn->run->plan->end.delay_half_close || conn_now(conn) >= until)
		return true;
	c->half_close_delay_until = until;
	conn_arm(conn);
	return false;
}

static void
multi_client_on_ready(void *arg)
{
	struct client *c = arg;
	struct half *in = &c->conn.ep.in;
	enum io io;
	size_t n;

	/* --send-only: the client's input is read for its end alone. */
	if (in->ready && in->wants == way_always) {
		io = half_discard(in, &n);
		if (n > 0)
			c->sock.m.read_at = conn_now(&c->conn);
		if (io == IO_EOF || io == IO_FAIL) {
			in->wants = NULL;
			multi_client_on_input_ended(&c->sock.m,
			    io == IO_FAIL ? errno : 0);
		}
	}
	hub_wake(&c->sock.m);
}

static const struct conn_ops multi_client_ops = {
	.silent_since = multi_client_silent_since,
	.cut = multi_client_is_cut,
	.date = multi_client_date,
	.review = multi_client_review,
	.leave = multi_client_leave,
	.give_up = multi_client_give_up,
	.count = multi_client_count,
	.settle = multi_client_settle,
	.dispose = multi_client_dispose,
	.always_reports = true
};

static void
multi_client_open_far(struct multi_client *m, struct run *r)
{
	static const enum hub_to to[] = {
		[STDIN_FIRST] = HUB_TO_FIRST, [STDIN_LAST] = HUB_TO_LAST,
		[STDIN_ALL] = HUB_TO_ALL, [STDIN_NONE] = HUB_TO_FIRST
	};
	static const char name[] = "the clients";
	const struct plan_serve *serve = &r->plan->serve;

	endpoint_init(&r->far, r->loop);
	hub_port_init(&m->port, &r->far, serve->merge == MERGE_LINE ?
	    HUB_BY_LINE : HUB_BY_CHUNK, name);
	m->port.stamps = r->plan->timestamps ? &r->stamped : NULL;
	hub_port_init_out(&m->port, to[serve->stdin_for], name);
	m->port.hub.may_end = multi_client_may_end;
	endpoint_rename(&r->far, name);
}

void
multi_client_add_losses(const struct multi_client *m, struct outcome *o)
{
	o->lost_in += m->port.lost_in;
	o->lost_out += m->port.lost_out;
}

/* Ties the client to the others. */
static void
multi_client_join(struct client *c, struct multi_client *m)
{
	struct endpoint *ep = &c->conn.ep;
	const struct run *r = c->conn.run;

	c->sock.m = (struct hub_member){
	    .in = r->near.out.top != NULL ? &ep->in : NULL,
	    .out = r->near.in.top != NULL ? &ep->out : NULL,
	    .input_ended = multi_client_on_input_ended,
	    .output_ended = multi_client_on_output_ended, .arg = c };
	ep->notify = multi_client_on_ready;
	ep->user = c;
	if (c->sock.m.in == NULL)
		ep->in.wants = way_always;
	c->out_over = c->sock.m.out == NULL;
	hub_port_add(&m->port, &c->sock);
	endpoint_touch(ep);
}

struct conn *
conn_multi_client(const struct conn_start *start, int *status)
{
	struct run *r = start->run;
	struct multi_client *m = start->common;
	struct end_policy policy = r->plan->end;
	const char *format = r->plan->serve.tag;
	struct client *c = conn_new(sizeof(*c), &multi_client_ops, start);

	if (c != NULL && format != NULL)
		c->sock.tag = c->tag = tag_text(format, &(struct tag){
		    .peer = start->peer, .number = start->number },
		    &c->sock.tag_len);
	if (c == NULL || (format != NULL && c->tag == NULL) ||
	    conn_open(&c->conn, start, true, false) == -1)
		return conn_fail((struct conn *)c, start, status);
	if (!m->begun)
		multi_client_open_far(m, r);
	conn_begin(&c->conn, start);
	multi_client_join(c, m);
	if (m->begun)
		return &c->conn;
	/* These apply to each client. */
	policy.idle = policy.total = -1;
	policy.delay_half_close = policy.confirm = false;
	/* A stuck client does not keep a program that shows nothing. */
	policy.drain_time = DRAIN_TIME;
	if (run_session_by(r, &policy, true, false) == -1)
		return conn_fail(&c->conn, start, status);
	m->begun = true;
	return &c->conn;
}

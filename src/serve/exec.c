/*
 * A command on a connection. It gets the socket itself, or stands behind
 * pipes, and a session moves the bytes: the plan says which.
 *
 * When is it over? The command's last byte must have arrived, and nothing of
 * its process group is left: whoever lingers there, after the command has
 * ended and all has been quiet for a while, is told to go, and then killed.
 * A peer that takes nothing for much longer has gone, and that is a loss.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/num.h"
#include "run/metrics.h"
#include "serve/exec_state.h"

/* Patience with what is left of a command, and between TERM and KILL. */
#define GRACE		(2 * NSEC_PER_SEC)
/* A peer that takes nothing for so long has gone. */
#define STALL		(20 * NSEC_PER_SEC)
/* No event tells that grandchildren have gone. */
#define LOOK_FIRST	(10 * NSEC_PER_MSEC)
#define LOOK_MOST	(200 * NSEC_PER_MSEC)

static void	exec_review(struct exec *);

static void
exec_on_timer(void *arg)
{
	exec_review(arg);
}

void
exec_dispose(struct exec *e)
{
	metrics_over(e->conn.run, e, NULL);
	timer_clear(e->conn.run->loop, &e->timer);
	exec_hint_stop(e);
	child_forget(&e->child);
	exec_socket_unwatch(&e->exec_socket);
	fd_close(&e->sock);
	free(e);
}

static void
exec_finish(struct exec *e)
{
	struct conn *c = &e->conn;
	int status = e->failure != 0 ? e->failure :
	    c->run->plan->exec.hides_status ? 0 : e->code;

	c->over(c->arg, c, status);
	exec_dispose(e);
}

/* Ask what is left of the group to end. */
static void
exec_dismiss(struct exec *e)
{
	if (e->dismissed)
		return;
	e->dismissed = true;
	e->kill_at = loop_now(e->conn.run->loop) + GRACE;
	e->look = LOOK_FIRST;
	child_signal(&e->child, SIGTERM);
}

/* Grows as bytes arrive. held: some are on their way to the peer. */
static uint64_t
exec_progress(const struct exec *e, bool *held)
{
	const struct session *s = &e->session;
	size_t unacked = 0;

	if (!e->pumping) {
		*held = fd_unacked(&e->sock) > 0;
		return fd_progress(&e->sock);
	}
	if (s->opt.tcp)
		unacked = fd_unacked(s->far->out.fd);
	*held = unacked > 0 || flow_held(&s->up) > 0;
	return s->up.ledger.read + s->up.ledger.written - unacked +
	    s->down.ledger.written;
}

/* Nothing has moved for so long that nothing will. */
static bool
exec_is_quiet(struct exec *e, bool *held)
{
	int64_t now = loop_now(e->conn.run->loop);
	uint64_t moved = exec_progress(e, held);

	/* A pause that was asked for is none of anybody's. */
	if (e->quiet_since == 0 || moved != e->moved ||
	    (e->pumping && (e->session.up.gated_until != 0 ||
	    e->session.down.gated_until != 0))) {
		e->moved = moved;
		e->quiet_since = now;
	}
	return now - e->quiet_since >= (*held ? STALL : GRACE);
}

/* May a failure be told? One client's troubles are not the server's. */
static bool
exec_tells(const struct run *r)
{
	return r->signo == 0 && (!r->plan->keep_open || r->plan->verbose > 0);
}

static void
exec_on_lingered(void *arg, size_t lost)
{
	struct exec *e = arg;
	const struct run *r = e->conn.run;
	struct outcome o = { .cause = OUTCOME_EOF, .lost_out = lost };

	error_set(&o.far_write, e->linger.num, "write to", "the peer");
	e->lingering = false;
	if (lost > 0 && exec_tells(r))
		e->failure = r->messages->ended(r->plan, &o);
	exec_review(e);
}

/* The command had the socket and is done with it. */
static void
exec_take_back(struct exec *e)
{
	metrics_last(e->conn.run, e);
	exec_socket_unwatch(&e->exec_socket);
	e->lingering = true;
	e->linger.done = exec_on_lingered;
	e->linger.arg = e;
	linger_start(&e->linger, e->conn.run->loop, &e->sock,
	    !e->conn.run->is_unix);
	e->sock.num = -1;
	if (e->stop_at != 0)
		linger_until(&e->linger, e->stop_at);
}

static bool
exec_is_left(struct exec *e)
{
	return e->child.running ||
	    (!e->killed && child_has_heirs(&e->child));
}

static void
exec_kill_late(struct exec *e)
{
	if (e->kill_at == 0 || loop_now(e->conn.run->loop) < e->kill_at)
		return;
	e->kill_at = 0;
	e->killed = true;
	child_signal(&e->child, SIGKILL);
}

/* It did not notice. */
static void
exec_say_broke(struct exec *e)
{
	const struct run *r = e->conn.run;
	struct outcome o = { .cause = OUTCOME_EOF };

	error_set(&o.far_read, ECONNRESET, "read from", "the peer");
	e->failure = exec_tells(r) ?
	    r->messages->ended(r->plan, &o) : 1;
	if (e->failure == 0)
		e->failure = 1;
}

/*
 * The connection is closed. The command may end by itself, for a while; what
 * it left behind has as long from its end.
 */
static void
exec_await_end(struct exec *e)
{
	int64_t now = loop_now(e->conn.run->loop);

	if (e->leave_at == 0)
		e->leave_at = now + GRACE;
	if (now < (e->child.running ? e->leave_at : e->heirs_until))
		return;
	if (e->broke && e->child.running && !e->dismissed)
		exec_say_broke(e);
	exec_dismiss(e);
}

static void
exec_look_again(struct exec *e)
{
	struct loop *loop = e->conn.run->loop;

	/* What has neither ended nor been told to end is just at work. */
	if (e->child.running && !e->dismissed && e->leave_at == 0) {
		timer_clear(loop, &e->timer);
		return;
	}
	timer_set(loop, &e->timer, loop_now(loop) + e->look);
	e->look = e->look < LOOK_MOST / 2 ? 2 * e->look : LOOK_MOST;
}

/*
 * The command has ended, and its session goes on: for its last bytes, or for
 * somebody who still holds its pipes.
 */
static void
exec_review_session(struct exec *e, bool left)
{
	const struct session *s = &e->session;
	bool held;

	if (!exec_is_quiet(e, &held) ||
	    (s->up.state == FLOW_DONE && s->down.state == FLOW_DONE))
		return;
	exec_dismiss(e);
	if (!left || held)
		session_leave(&e->session, held ? ETIMEDOUT : 0);
}

/* The same of a socket that was handed over. */
static void
exec_review_socket(struct exec *e, bool left)
{
	bool held;

	if (!left || exec_is_quiet(e, &held))
		exec_take_back(e);
}

/* Everything that follows from what has ended so far. */
static void
exec_review(struct exec *e)
{
	bool ended = !e->child.running, left;

	exec_kill_late(e);
	left = exec_is_left(e);
	if (e->pumping) {
		if (ended)
			exec_review_session(e, left);
	} else if (e->sock.num != -1) {
		if (ended)
			exec_review_socket(e, left);
		else if (e->broke)
			exec_await_end(e);
	} else if (!e->lingering) {
		if (!left) {
			exec_finish(e);
			return;
		}
		exec_await_end(e);
	}
	exec_look_again(e);
}

static void
exec_on_exited(void *arg, struct child *c)
{
	struct exec *e = arg;

	/* What we did to it is not its own doing. */
	if (!e->dismissed)
		e->code = child_code(c);
	e->heirs_until = loop_now(e->conn.run->loop) + GRACE;
	if (e->pumping && e->far.in.record)
		session_near_eof(&e->session, NEAR_CLOSE);
	exec_review(e);
}

/*
 * A command that stops reading, or has more to say than its peer wants to
 * hear, is as usual as any.
 */
static void
exec_forgive(struct outcome *o)
{
	o->near_write.num = 0;
	o->lost_in = 0;
	if (o->near_read.num == ECONNRESET)
		o->near_read.num = 0;
}

void
exec_session_done(void *user, struct session *s)
{
	struct exec *e = user;
	const struct run *r = e->conn.run;
	struct outcome o;
	int status = 0;

	run_outcome(r, s, &o);
	exec_forgive(&o);
	session_free(s);
	e->pumping = false;
	/* Who asks for messages wants to know what is none. */
	if (exec_tells(r) || (r->signo == 0 &&
	    (o.far_read.why[0] != '\0' || run_was_short(&o))))
		status = r->messages->ended(r->plan, &o);
	if (status != 0 && e->failure == 0)
		e->failure = status;
	metrics_over(e->conn.run, e, &o);
	endpoint_close(&e->near);
	if (r->is_unix && !e->far.in.record)
		linger_refuse(e->far.in.fd);
	endpoint_close(&e->far);
	if (s->end != SESSION_EOF || status != 0)
		exec_dismiss(e);
	exec_review(e);
}

/* There is no more time: what is on its way does not arrive. */
static void
exec_tell_late(struct exec *e)
{
	const struct run *r = e->conn.run;
	struct outcome o = { .cause = OUTCOME_EOF };
	size_t left;

	if (e->pumping) {
		run_outcome(r, &e->session, &o);
		exec_forgive(&o);
	} else {	/* a FIN counts as one byte */
		left = e->lingering ? e->linger.unacked : e->sock.num != -1 ?
		    fd_unacked(&e->sock) : 0;
		o.lost_out = left - (e->lingering && left > 0);
	}
	if (exec_tells(r))
		(void)r->messages->ended(r->plan, &o);
	metrics_over(e->conn.run, e, &o);
}

static void
exec_stop(struct conn *c, bool now)
{
	struct exec *e = (struct exec *)c;

	if (!now) {
		exec_dismiss(e);
		e->kill_at = e->stop_at = loop_now(c->run->loop) + LAST_WORDS;
		if (e->lingering)
			linger_until(&e->linger, e->stop_at);
		if (e->pumping)
			session_interrupt(&e->session, LAST_WORDS);
		else
			exec_review(e);
		return;
	}
	child_signal(&e->child, SIGKILL);
	if (e->pumping)
		session_abort(&e->session);
	if (c->run->deadline.passed)
		exec_tell_late(e);
	endpoint_close(&e->near);
	endpoint_close(&e->far);
	if (e->lingering)
		linger_abort(&e->linger);
	exec_dispose(e);
}

static const struct conn_ops exec_ops = { .stop = exec_stop };

void
exec_broke(void *arg)
{
	struct exec *e = arg;

	e->broke = true;
	exec_review(e);
}

void
exec_init(struct exec *e, const struct conn_start *start)
{
	e->conn = (struct conn){ .run = start->run, .ops = &exec_ops,
	    .over = start->over, .arg = start->arg };
	metrics_start(start->run, e, start->fd, start->peer);
	e->child = (struct child){ .exited = exec_on_exited, .arg = e };
	e->timer = (struct timer){ .fire = exec_on_timer, .arg = e };
	e->look = LOOK_FIRST;
	e->sock.num = -1;
	endpoint_init(&e->near, start->run->loop);
	endpoint_init(&e->far, start->run->loop);
}

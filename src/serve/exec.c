/*
 * A command on a connection. The plan says whether the command gets the socket
 * itself, or pipes, with a session that moves the bytes.
 *
 * The signals to the command's process group:
 *
 *	RUNNING --exits--> ENDED
 *	   |                 |
 *	   +------ TERM -----+--> TERMINATED --2 s, KILL--> KILLED
 *
 * The conn is CLOSED when the command's last byte has arrived, and over when
 * neither a process of the group is left, nor one that has left the group. A
 * command that outlives its connection is sent TERM two seconds later; so are
 * processes that outlive the command, once no byte has moved for two seconds.
 * A peer that takes nothing for STALL_LIMIT counts as gone, which is a loss.
 * A command that is stopped when its client ends its output, and for two more
 * seconds, is sent TERM.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/num.h"
#include "link/session.h"
#include "run/metrics.h"
#include "run/net_options.h"
#include "serve/command.h"

/* Before TERM, and between TERM and KILL. */
#define EXEC_GRACE	(2 * NSEC_PER_SEC)
/* Pauses between two checks for processes that outlive the command. */
#define EXEC_LOOK_FIRST	(10 * NSEC_PER_MSEC)
#define EXEC_LOOK_MOST	(200 * NSEC_PER_MSEC)
/* A command that is silent for so long after half a line waits for more. */
#define EXEC_SILENCE	NSEC_PER_SEC
/* The largest payload of UDP, bytes. */
#define EXEC_DATAGRAM	65507

enum exec_state {
	EXEC_RUNNING,
	EXEC_ENDED,
	EXEC_TERMINATED,
	EXEC_KILLED
};

static const char *const exec_states[] = {
	[EXEC_RUNNING] = "running",
	[EXEC_ENDED] = "ended",
	[EXEC_TERMINATED] = "terminated",
	[EXEC_KILLED] = "killed"
};

/* The state of a command on pipes. */
struct exec_pump {
	struct endpoint	 near;		/* our ends of the pipes */
	struct session	 session;
	int64_t		 hint_at;	/* 0: not set */
	uint64_t	 read;		/* bytes of the command's output
					   when hint_at was set */
};

struct exec {
	struct conn	 conn;		/* its ep: the session's far end */
	struct child	 child;
	enum exec_state	 state;
	struct exec_pump *pump;		/* NULL: no session */
	/* Without a pump, ep has our copy of the command's socket. */
	struct watch	 sock_watch;	/* for its failure */
	int		 failure;	/* exit status that overrides code; 0:
					   none */
	int		 code;		/* the command's own */
	bool		 cut;		/* by us, before its output had ended */
	int64_t		 due;		/* TERM, then KILL; 0: not set */
	int64_t		 stop_due;	/* TERM for a stopped command whose
					   client has left; 0: not set */
	bool		 told_stop;	/* that the command is stopped */
	int64_t		 look_at;	/* 0: events tell everything */
	int64_t		 look;		/* the next pause */
	int64_t		 quiet_since;	/* 0: not known */
	uint64_t	 moved;		/* bytes, as of then */
};

static void
exec_enter(struct exec *e, enum exec_state state)
{
	if (diag_tracing())
		diag_trace("command %u: %s -> %s", e->conn.number,
		    exec_states[e->state], exec_states[state]);
	e->state = state;
}

/* Asks the rest of the group to end. */
static void
exec_terminate(struct exec *e)
{
	if (e->state >= EXEC_TERMINATED)
		return;
	exec_enter(e, EXEC_TERMINATED);
	e->due = conn_now(&e->conn) + EXEC_GRACE;
	e->look = EXEC_LOOK_FIRST;
	child_signal(&e->child, SIGTERM);
	/* A stopped process takes no other signal. */
	child_signal(&e->child, SIGCONT);
}

/* Does the command, or a process of its group, still run? */
static bool
exec_is_left(struct conn *c)
{
	struct exec *e = (struct exec *)c;

	return e->child.running ||
	    (e->state != EXEC_KILLED && child_has_heirs(&e->child));
}

/*
 * Does anything run that has to end with the connection? After KILL, for a
 * moment: a process that leaves children becomes visible, and then they.
 */
static bool
exec_is_busy(struct conn *c)
{
	struct exec *e = (struct exec *)c;

	return exec_is_left(c) || ((e->state != EXEC_KILLED ||
	    conn_now(c) < e->due + EXEC_GRACE) && child_has_strays(&e->child));
}

/* Has nothing moved for so long that nothing will? held: on the way out. */
static bool
exec_is_quiet(struct exec *e, bool *held)
{
	const struct exec_pump *p = e->pump;
	const struct session *s = p == NULL ? NULL : &p->session;
	int64_t now = conn_now(&e->conn);
	bool gated = false;	/* a pause that -i asks for is no silence */
	const struct fd *fd = &e->conn.ep.in_bottom.fd;
	size_t unacked = 0;
	uint64_t moved;

	if (s == NULL) {
		*held = fd_unacked(fd) > 0;
		moved = fd_progress(fd);
	} else {
		if (s->opt.tcp)
			unacked = fd_unacked(s->far->out.fd);
		*held = unacked > 0 || flow_held(&s->up) > 0;
		moved = s->up.ledger.read + s->up.ledger.written - unacked +
		    s->down.ledger.written;
		gated = s->up.gated_until != 0 || s->down.gated_until != 0;
	}
	if (e->quiet_since == 0 || moved != e->moved || gated) {
		e->moved = moved;
		e->quiet_since = now;
	}
	return now - e->quiet_since >= (*held ? STALL_LIMIT : EXEC_GRACE);
}

/* ---- A command that has the socket -------------------------------------- */

static unsigned
exec_want_failure(void *arg)
{
	(void)arg;
	return LOOP_ERR;
}

/*
 * A command that neither reads nor writes does not learn that its connection
 * has failed. The event may also mean that both ways have ended, or that the
 * command got the error already: no other event follows then either.
 */
static void
exec_on_socket_event(void *arg, unsigned what)
{
	struct exec *e = arg;

	(void)what;
	loop_unwatch(e->conn.run->loop, &e->sock_watch);
	if (fd_has_failed(&e->conn.ep.in_bottom.fd))
		conn_leave(&e->conn, SESSION_EOF);
}

/* ---- A command that is stopped ------------------------------------------ */

static void
exec_on_stopped(void *arg, struct child *child)
{
	struct exec *e = arg;

	if (!e->told_stop && e->state == EXEC_RUNNING)
		messages_command_stopped(child->stop_signal,
		    child_wants_terminal(child));
	e->told_stop = true;
	conn_review_later(&e->conn);
}

/* ---- The end of a command ----------------------------------------------- */

/*
 * The connection has ended or failed: the group has EXEC_GRACE to end by
 * itself.
 */
static void
exec_await_end(struct exec *e)
{
	struct outcome o = { .cause = SESSION_EOF };

	if (e->state >= EXEC_TERMINATED)
		return;
	if (e->due == 0)
		e->due = conn_now(&e->conn) + EXEC_GRACE;
	if (conn_now(&e->conn) < e->due)
		return;
	/* The command did not notice that the connection has failed. */
	if (e->conn.state != CONN_CLOSED && e->child.running) {
		error_set(&o.far_read, ECONNRESET, "read from", "the peer");
		e->failure = conn_report_end(&e->conn, &o);
		if (e->failure == 0)
			e->failure = 1;
	}
	exec_terminate(e);
}

static void
exec_review_socket(struct exec *e)
{
	bool held;

	if (e->child.running) {
		if (e->conn.state == CONN_LEAVING)
			exec_await_end(e);
	} else if (!exec_is_left(&e->conn) || exec_is_quiet(e, &held)) {
		loop_unwatch(e->conn.run->loop, &e->sock_watch);
		conn_linger(&e->conn, false);
	}
}

static void
exec_review_pump(struct exec *e)
{
	struct exec_pump *p = e->pump;
	struct session *s = &p->session;
	struct run *r = e->conn.run;
	bool held, left = exec_is_left(&e->conn);

	/*
	 * A command that reads lines and is given datagrams without a newline
	 * waits for the rest of the line, and its peer for the answer.
	 */
	if (p->hint_at != 0 && conn_now(&e->conn) >= p->hint_at) {
		p->hint_at = 0;
		if (!r->hinted && e->child.running &&
		    s->up.ledger.read == p->read) {
			r->hinted = true;
			diag_warnx("the command has said nothing after a "
			    "datagram without a newline (if it reads lines, "
			    "use --dgram=line)");
		}
	}
	/*
	 * The command has ended, and its session goes on: for the last bytes,
	 * or because another process holds the pipes open.
	 */
	if (e->child.running || !exec_is_quiet(e, &held) ||
	    (s->up.state == FLOW_DONE && s->down.state == FLOW_DONE))
		return;
	exec_terminate(e);
	if (!left || held)
		session_leave(s, held ? ETIMEDOUT : 0);
}

static void
exec_on_unended(void *arg)
{
	struct exec *e = arg;
	struct exec_pump *p = e->pump;

	if (e->conn.run->hinted ||
	    (p->hint_at != 0 && p->session.up.ledger.read == p->read))
		return;
	p->read = p->session.up.ledger.read;
	p->hint_at = conn_now(&e->conn) + EXEC_SILENCE;
	conn_arm(&e->conn);
}

static void
exec_review(struct conn *c)
{
	struct exec *e = (struct exec *)c;

	/* A stopped command does not notice that its client has left. */
	if (e->state != EXEC_RUNNING || e->child.stop_signal == 0 ||
	    !fd_has_ended(&c->ep.in_bottom.fd))
		e->stop_due = 0;
	else if (e->stop_due == 0)
		e->stop_due = conn_now(c) + EXEC_GRACE;
	else if (conn_now(c) >= e->stop_due) {
		e->failure = 1;
		exec_terminate(e);
	}
	/* The program ends. */
	if (c->leave_at != 0 && e->state < EXEC_KILLED) {
		exec_terminate(e);
		e->due = c->leave_at;
	}
	if (e->state == EXEC_TERMINATED && conn_now(c) >= e->due)
		exec_enter(e, EXEC_KILLED);
	if (e->state == EXEC_KILLED)
		child_signal(&e->child, SIGKILL);
	if (e->pump != NULL)
		exec_review_pump(e);
	else if (c->ep.in_bottom.fd.num != -1)
		exec_review_socket(e);
	else if (c->state == CONN_CLOSED && exec_is_busy(c))
		exec_await_end(e);
	e->look_at = 0;
	/*
	 * No event reports the end of processes that outlive the command, or
	 * the leaving of a client whose socket the command has.
	 */
	if (e->state != EXEC_RUNNING || e->due != 0 ||
	    e->child.stop_signal != 0) {
		e->look_at = conn_now(c) + e->look;
		e->look = e->look < EXEC_LOOK_MOST / 2 ? 2 * e->look :
		    EXEC_LOOK_MOST;
	}
}

static int64_t
exec_date(const struct conn *c)
{
	const struct exec *e = (const struct exec *)c;

	return e->pump == NULL ? e->look_at :
	    timer_earlier(e->look_at, e->pump->hint_at);
}

static void
exec_on_exited(void *arg, struct child *child)
{
	struct exec *e = arg;

	/* A status that our signal caused is not the command's own. */
	e->cut = e->state != EXEC_RUNNING && e->pump == NULL;
	if (e->state == EXEC_RUNNING) {
		e->code = child_code(child);
		exec_enter(e, EXEC_ENDED);
		e->due = conn_now(&e->conn) + EXEC_GRACE;
	}
	if (e->pump != NULL && e->conn.ep.in.record)
		session_near_eof(&e->pump->session, NEAR_CLOSE);
	conn_review_later(&e->conn);
}

/*
 * A command that stops reading, or that has more to say than its peer wants
 * to hear, has not failed.
 */
static void
exec_outcome_of(const struct exec *e, struct outcome *o)
{
	run_outcome(e->conn.run, &e->pump->session, o);
	o->near_write.num = 0;
	o->lost_in = 0;
	if (o->near_read.num == ECONNRESET)
		o->near_read.num = 0;
}

static void
exec_free_pump(struct exec *e)
{
	endpoint_close(&e->pump->near);
	free(e->pump);
	e->pump = NULL;
}

static void
exec_on_session_done(void *user, struct session *s)
{
	struct exec *e = user;
	struct conn *c = &e->conn;
	struct outcome o;
	bool resets = s->resets;	/* s is a part of the pump */
	int status;

	exec_outcome_of(e, &o);
	session_free(s);
	metrics_await_status(c->run, c);
	status = conn_report_end(c, &o);
	if (e->failure == 0)
		e->failure = status;
	if (s->end != SESSION_EOF || status != 0)
		exec_terminate(e);
	exec_free_pump(e);
	if (resets)
		endpoint_reset(&c->ep);
	else if (outcome_delivered(&o))
		endpoint_end(&c->ep);
	if (!resets && c->run->is_unix && !c->ep.in.record)
		closing_refuse(c->ep.in.fd);
	endpoint_close(&c->ep);
	conn_close(c);
}

static void
exec_leave(struct conn *c)
{
	struct exec *e = (struct exec *)c;

	if (e->pump != NULL)
		session_interrupt(&e->pump->session, DRAIN_TIME);
}

static void
exec_abort_session(struct exec *e)
{
	child_signal(&e->child, SIGKILL);
	if (e->pump == NULL || e->pump->session.loop == NULL)
		return;
	session_abort(&e->pump->session);
	e->cut = e->pump->session.resets;
	if (e->cut)
		endpoint_reset(&e->conn.ep);
}

static bool
exec_count(const struct conn *c, struct outcome *o)
{
	const struct exec *e = (const struct exec *)c;

	if (e->pump == NULL)
		return false;
	o->sent = e->pump->session.up.ledger.written;
	o->received = e->pump->session.down.ledger.read;
	return true;
}

static void
exec_settle(struct conn *c, struct outcome *o)
{
	struct exec *e = (struct exec *)c;

	if (e->pump != NULL) {
		exec_abort_session(e);
		exec_outcome_of(e, o);
		exec_free_pump(e);
	} else if (c->ep.in_bottom.fd.num != -1)
		o->lost_out += fd_unacked(&c->ep.in_bottom.fd);
	if (c->linger_errno != 0)
		error_set(&o->far_write, c->linger_errno, "write to",
		    "the peer");
}

/* The end of a session was reported already. */
static int
exec_report(struct conn *c, struct outcome *o)
{
	struct exec *e = (struct exec *)c;
	int status = 0;

	if (c->state != CONN_CLOSED || o->lost_out > 0)
		status = conn_report_end(c, o);
	if (status != 0)
		e->failure = status;
	status = e->failure != 0 ? e->failure :
	    c->run->plan->exec.hides_status ? 0 : e->code;
	metrics_settle(c->run, c, status);
	return status;
}

static void
exec_dispose(struct conn *c)
{
	struct exec *e = (struct exec *)c;

	exec_abort_session(e);
	child_forget(&e->child);
	if (e->pump != NULL)
		exec_free_pump(e);
	loop_unwatch(c->run->loop, &e->sock_watch);
	if (c->ep.in.top == NULL)
		fd_close(&c->ep.in_bottom.fd);
}

static bool
exec_is_cut(const struct conn *c)
{
	const struct exec *e = (const struct exec *)c;

	return e->cut || (e->pump == NULL && e->child.running &&
	    c->ep.in_bottom.fd.num != -1);
}

static const struct conn_ops exec_ops = {
	.cut = exec_is_cut,
	.date = exec_date,
	.review = exec_review,
	.leave = exec_leave,
	.busy = exec_is_busy,
	.count = exec_count,
	.settle = exec_settle,
	.report = exec_report,
	.dispose = exec_dispose
};

/* ---- The beginning ------------------------------------------------------ */

/*
 * Makes the filters and gates of both flows. Returns -1 with errno, and there
 * are none.
 */
static int
exec_make_stages(const struct plan *plan, bool dgram, struct flow_options *up,
    struct flow_options *down)
{
	bool ok = run_stages(plan, up) && run_stages_down(plan, down, NULL);
	struct filter *whole;

	up->mover = down->mover = plan->mover;
	up->block = !dgram ? 0 : plan->dgram == DGRAM_BLOCK ? plan->block :
	    EXEC_DATAGRAM;
	if (ok && dgram && plan->dgram == DGRAM_LINE &&
	    plan->frame.how == FRAME_NONE) {
		down->filter = filter_to_lines();
		whole = filter_whole_lines(EXEC_DATAGRAM);
		up->filter = up->filter == NULL ? whole :
		    filter_chain(up->filter, whole);
		/* With -i there is a gate that lets lines go already. */
		if (up->gate == NULL)
			up->gate = gate_lines(0, EXEC_DATAGRAM);
		ok = down->filter != NULL && up->filter != NULL &&
		    up->gate != NULL;
	}
	if (ok)
		return 0;
	run_stages_free(up, down);
	errno = ENOMEM;
	return -1;
}

/*
 * Makes pipes for the standard input and output of the command. record: each
 * of its writes becomes a datagram, and its input is given one datagram at a
 * time, the next when the pipe is empty. -1 with errno.
 */
static int
exec_open_pipes(struct endpoint *near, bool record, struct fd *in,
    struct fd *out)
{
	static const char name[] = "the command";
	struct fd from = { .num = -1 }, to = from;

	if ((record ? fd_record_pair(&from, out) : fd_pipe(&from, out)) == -1 ||
	    (record ? endpoint_add_dgram_reader(near, &from, EXEC_DATAGRAM,
	    name) : endpoint_add_in(near, &from, name)) == -1) {
		fd_close(&from);
		return -1;
	}
	if (fd_pipe(in, &to) == -1 ||
	    (record ? endpoint_add_dgram_pipe(near, &to, name) :
	    endpoint_add_out(near, &to, name)) == -1) {
		fd_close(&to);
		return -1;
	}
	return fd_make_blocking(in) == -1 ? -1 : fd_make_blocking(out);
}

/*
 * Starts the command on pipes, and the session that moves the bytes. -1 with
 * errno; freeing the conn undoes the steps that succeeded.
 */
static int
exec_begin_piped(struct exec *e, const struct conn_start *start)
{
	struct conn *c = &e->conn;
	struct loop *loop = c->run->loop;
	const struct plan *plan = c->run->plan;
	struct session_options opt = {
		.policy = plan->end,
		.tcp = plan->type == TYPE_STREAM && !c->run->is_unix,
		.patience = net_patience(plan),
		.done = exec_on_session_done, .user = e
	};
	bool record = c->ep.in.record && plan->dgram == DGRAM_RECORD &&
	    plan->frame.how == FRAME_NONE;
	struct fd in = { .num = -1 }, out = in;
	struct endpoint *near;
	int rc;

	if ((e->pump = calloc(1, sizeof(*e->pump))) == NULL)
		return -1;
	near = &e->pump->near;
	endpoint_init(near, loop);
	if (exec_make_stages(plan, c->ep.in.record, &opt.up, &opt.down) == -1)
		return -1;
	progress_count(c->run, &opt.up, &opt.down);
	rc = exec_open_pipes(near, record, &in, &out);
	if (rc == 0)
		rc = command_start(&e->child, start, &in, &out);
	fd_close(&in);
	fd_close(&out);
	if (rc == -1) {
		run_stages_free(&opt.up, &opt.down);
		return -1;
	}
	/*
	 * A sender of datagrams never ends, so the end of the command ends
	 * the session. A command that closes its output alone does not.
	 */
	if (plan->type == TYPE_DGRAM)
		opt.policy.near_eof = NEAR_KEEP;
	if (c->ep.in.record && plan->exec.hints_lines)
		endpoint_dgram_pipe_tells(near, exec_on_unended, e);
	session_start(&e->pump->session, loop, near, &c->ep, &opt);
	return 0;
}

/* The command gets the socket. -1 with errno. */
static int
exec_begin_on_socket(struct exec *e, const struct conn_start *start)
{
	struct loop *loop = start->run->loop;
	struct fd *fd = &e->conn.ep.in_bottom.fd;

	*fd = *start->fd;
	if (fd_make_blocking(fd) == -1 ||
	    command_start(&e->child, start, fd, fd) == -1)
		return -1;
	e->sock_watch = (struct watch){ .fd = fd->num,
	    .want = exec_want_failure, .ready = exec_on_socket_event,
	    .arg = e };
	/* Without memory, a failure of the connection is not noticed. */
	if (loop_watch(loop, &e->sock_watch) == -1)
		e->sock_watch.fd = -1;
	return 0;
}

struct conn *
conn_exec(const struct conn_start *start, int *status)
{
	struct run *r = start->run;
	bool stream = start->fd != NULL && start->fd->kind == FD_STREAM;
	/* A command would take an empty non-blocking socket for an error. */
	bool hands_over = start->fd != NULL && r->plan->exec.handover &&
	    fd_can_block(start->fd);
	struct exec *e = conn_new(sizeof(*e), &exec_ops, start);
	struct conn *c = (struct conn *)e;
	struct outcome o = { .cause = SESSION_EOF };

	if (e == NULL)
		return conn_fail(NULL, start, status);
	e->child = (struct child){ .exited = exec_on_exited,
	    .stopped = exec_on_stopped, .arg = e };
	e->look = EXEC_LOOK_FIRST;
	e->sock_watch.fd = -1;
	c->tcp = !r->is_unix;
	/*
	 * No command for a client that has reset the connection and left no
	 * byte: a reset takes the client nothing, a command a fork and an exec.
	 */
	if (stream && r->plan->keep_open && fd_peek(start->fd) == IO_FAIL) {
		error_set(&o.far_read, errno, "read from", "the peer");
		*status = conn_report_end(c, &o);
		conn_drop_socket(start);
		conn_stop(c, true);
		return NULL;
	}
	if (hands_over && stream && c->tcp)
		run_nodelay(r, start->fd);
	if (!hands_over && conn_open(c, start, true, false) == -1)
		return conn_fail(c, start, status);
	if ((hands_over ? exec_begin_on_socket : exec_begin_piped)(e,
	    start) == 0) {
		conn_begin(c, start);
		return c;
	}
	*status = command_failed(r);
	conn_stop(c, true);
	return NULL;
}

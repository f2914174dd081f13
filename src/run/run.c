/*
 * What the modes share.
 */
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errclass.h"
#include "base/num.h"
#include "endpoint/urgent.h"
#include "net/neterr.h"
#include "net/socket.h"
#include "run/files.h"
#include "run/inputs.h"
#include "run/metrics.h"
#include "run/report.h"
#include "run/run.h"
#include "run/taps.h"

/* Beside "/sockcat-XXXXXX/recv.sock" and its NUL in the path of a socket. */
#define TEMP_DIR_MAX	(sizeof(((struct sockaddr_un *)0)->sun_path) - 26)

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void
run_on_signal(void *arg, int signo)
{
	struct run *r = arg;

	bool second = r->signo != 0;

	r->signo = signo;
	/* The second one does not wait. */
	if (second || (!r->in_session && r->interrupt == NULL)) {
		loop_stop(r->loop);
		return;
	}
	if (r->interrupt != NULL)
		r->interrupt(r->interrupt_arg);
	if (r->in_session)
		session_interrupt(&r->session, LAST_WORDS);
}

static void
run_on_question(void *arg, int signo)
{
	(void)signo;
	report(arg);
}

/* Whoever started us may want it ignored: nohup(1). */
static void
run_catch_signal(struct run *r, int signo, void (*fn)(void *, int))
{
	struct sigaction was;

	if (sigaction(signo, NULL, &was) == -1 || was.sa_handler != SIG_IGN)
		(void)loop_signal(r->loop, signo, fn, r);
}

static void
run_catch_signals(struct run *r)
{
	size_t i;

	for (i = 0; i < sizeof(ending_signals) / sizeof(int); i++)
		run_catch_signal(r, ending_signals[i], run_on_signal);
	if (r->plan->service.reports)
		run_catch_signal(r, SIGUSR1, run_on_question);
}

static void	run_tidy(struct run *);

/* Half a run is none. */
static int
run_undo(struct run *r, const struct error *err)
{
	int status = r->messages->failed(r->plan, err);

	run_tidy(r);
	return status;
}

int
run_open(struct run *r, const struct plan *plan, void *arg)
{
	struct error err;

	memset(r, 0, sizeof(*r));
	r->plan = plan;
	r->messages = plan->messages;
	r->arg = arg;
	if (files_check(plan, &err) == -1)
		return r->messages->failed(plan, &err);
	r->loop = loop_new();
	if (r->loop == NULL) {
		error_set(&err, errno, "start", "the loop");
		return r->messages->failed(plan, &err);
	}
	run_catch_signals(r);
	deadline_start(r);
	if (metrics_open(r, &err) == -1)
		return run_undo(r, &err);
	if (plan->near != PLAN_EXEC ||
	    children_init(&r->children, r->loop) == 0)
		return 0;
	error_set(&err, errno, "start", "children");
	return run_undo(r, &err);
}

bool
run_has_near(const struct plan *plan)
{
	return plan->near == PLAN_STDIO || plan->near == PLAN_CHAT ||
	    plan->near == PLAN_HUB;
}

int
run_open_near(struct run *r, bool may_answer, const struct near_ops *ops)
{
	bool several = may_answer && r->plan->ninputs > 0;
	const struct stdio_options opt = {
		.no_in = r->plan->no_stdin || !may_answer || several,
		.no_out = r->plan->no_stdout
	};
	struct error err;

	r->near_ops = ops;
	if (ops != NULL)
		return ops->open(r);
	if (endpoint_stdio(&r->near, r->loop, &opt, &err) == 0 &&
	    (!several || (r->inputs = inputs_open(r->plan, &r->near, &err))
	    != NULL))
		return 0;
	return r->messages->failed(r->plan, &err);
}

void
run_stop(struct run *r, int status)
{
	r->status = status;
	loop_stop(r->loop);
}

void
run_fail(struct run *r, const struct error *err)
{
	run_stop(r, r->messages->failed(r->plan, err));
	r->failed = true;
}

void
run_fail_peer(struct run *r, const struct error *err)
{
	if (r->next == NULL) {
		run_fail(r, err);
		return;
	}
	(void)r->messages->failed(r->plan, err);
	r->next(r->next_arg);
}

bool
run_was_cut(struct run *r, const struct error *err)
{
	if (err->num != EINTR)
		return false;
	loop_take_signals(r->loop);
	if (r->signo == 0 && !r->deadline.passed)
		return false;
	loop_stop(r->loop);
	return true;
}

static enum outcome_cause
run_cause_of(const struct session *s)
{
	static const enum outcome_cause causes[] = {
		[SESSION_GOING] = OUTCOME_EOF, [SESSION_EOF] = OUTCOME_EOF,
		[SESSION_LINGER] = OUTCOME_LINGER,
		[SESSION_IDLE] = OUTCOME_IDLE, [SESSION_TOTAL] = OUTCOME_TOTAL,
		[SESSION_LIMIT] = OUTCOME_LIMIT,
		[SESSION_INTERRUPTED] = OUTCOME_SIGNAL
	};

	return causes[s->end];
}

static void
run_blame(struct error *err, int num, const char *op, const char *name)
{
	if (num != 0)
		error_set(err, num, op, "%s", name);
}

/* Adds a hint if ::1 refused a datagram that 127.0.0.1 would have taken. */
static void
run_hint_refusal(const struct run *r, struct error *err)
{
	if (err->num == ECONNREFUSED && r->plan->type == TYPE_DGRAM)
		err->hint = neterr_other_loopback(r->far.in_watch.fd,
		    r->plan->host);
}

/* What was read made no sense. */
static void
run_blame_fault(struct error *err, const struct flow *f)
{
	if (f->fault != NULL)
		(void)snprintf(err->why, sizeof(err->why), "%s", f->fault);
}

/* An input that failed is told of once. */
static void
run_add_inputs(struct inputs *in, const struct session *s, struct outcome *o)
{
	if (o->near_read.num == 0)
		o->near_read = in->err;
	in->err.num = 0;
	if (!s->opt.near_stays)
		o->lost_out += gather_held(&in->gather);
}

void
run_outcome(const struct run *r, const struct session *s, struct outcome *o)
{

	memset(o, 0, sizeof(*o));
	o->cause = run_cause_of(s);
	o->sent = s->up.ledger.written;
	o->received = s->down.ledger.written;
	o->lost_out = session_lost_up(s);
	o->lost_in = session_lost_down(s);
	run_blame(&o->near_read, s->up.read_errno, "read from",
	    s->near->in.name);
	if (r->inputs != NULL)
		run_add_inputs(r->inputs, s, o);
	run_blame(&o->near_write, s->down.write_errno, "write to",
	    s->near->out.name);
	/* A refusal is the answer to what was sent. */
	run_blame(&o->far_read, s->down.read_errno,
	    s->refused ? "send to" : "read from", s->far->in.name);
	run_hint_refusal(r, &o->far_read);
	run_blame(&o->far_write, s->up.write_errno, "write to",
	    s->far->in.name);
	run_blame_fault(&o->near_read, &s->up);
	run_blame_fault(&o->far_read, &s->down);
	o->near_warned = s->input_reported;
	o->reader_left = s->down.write_errno == EPIPE &&
	    s->opt.policy.reader_wait > 0 && o->lost_in == 0;
	o->silent = s->far_end.failed;
	o->warned = r->warned != 0 && r->warned == s->down.read_errno;
	o->elapsed = loop_now(r->loop) - s->started;
	o->idle = r->plan->end.idle;
	o->listener = r->listener;
}

bool
run_was_short(const struct outcome *o)
{
	return errclass_is(o->near_read.num, ERRCLASS_SHORT) ||
	    errclass_is(o->near_write.num, ERRCLASS_SHORT) ||
	    errclass_is(o->far_read.num, ERRCLASS_SHORT) ||
	    errclass_is(o->far_write.num, ERRCLASS_SHORT);
}

/*
 * A session that nothing can wake any more, for the loop found nothing to
 * wait for, or that has no more time. What it holds has nobody to go to.
 */
static void
run_abandon_session(struct run *r)
{
	struct outcome o;
	int status;

	session_abort(&r->session);
	run_outcome(r, &r->session, &o);
	if (r->add_losses != NULL)
		r->add_losses(r->arg, &o);
	if (r->signo == 0) {
		status = r->messages->ended(r->plan, &o, true);
		r->status = r->failed ? r->status : status;
	}
	meter_over(r, &r->session, &o);
	endpoint_close(&r->far);
}

/* Somebody else may have taken the path over since. */
static void
run_unlink_own(const struct run *r)
{
	struct stat st;

	if (r->unlink_ino != 0 && (lstat(r->unlink_path, &st) == -1 ||
	    st.st_dev != r->unlink_dev || st.st_ino != r->unlink_ino))
		return;
	(void)unlink(r->unlink_path);
}

static void
run_tidy(struct run *r)
{
	if (r->in_session)
		run_abandon_session(r);
	metrics_close(r);
	if (r->near_ops != NULL)
		r->near_ops->close(r);
	if (r->near.loop != NULL)
		endpoint_close(&r->near);
	if (r->tidy != NULL)
		r->tidy(r->tidy_arg);
	if (r->unlink_path != NULL)
		run_unlink_own(r);
	if (r->unlink_dir != NULL)
		(void)rmdir(r->unlink_dir);
	free(r->unlink_path);
	free(r->unlink_dir);
	inputs_free(r->inputs);
	access_free(r->access);
	if (r->children.loop != NULL)
		children_free(&r->children);
	taps_close(r);
	deadline_stop(r);
	loop_free(r->loop);
}

int
run_close(struct run *r)
{
	run_tidy(r);
	if (r->signo == 0)
		return r->deadline.passed ? r->deadline.status : r->status;
	/* The tool that does not die of these dies of a hangup. */
	if (r->messages->interrupt_status != 0 && r->signo != SIGHUP) {
		diag_plain("%s", "");
		return r->messages->interrupt_status;
	}
	/* Whoever waits for us is to see what we died of. */
	(void)signal(r->signo, SIG_DFL);
	(void)raise(r->signo);
	return 128 + r->signo;
}

static void
run_on_done(void *user, struct session *s)
{
	struct run *r = user;
	struct outcome o;

	run_outcome(r, s, &o);
	if (r->near_ops != NULL && r->near_ops->ended != NULL)
		r->near_ops->ended(r, s);
	session_free(s);
	r->in_session = false;
	meter_over(r, &r->session, &o);
	endpoint_close(&r->far);
	if (r->signo != 0) {
		(void)r->messages->ended(r->plan, &o, true);
		if (r->others == 0)
			loop_stop(r->loop);
		return;
	}
	r->ended(r->arg, &o);
}

static void
run_on_warn(void *user, const struct half *h, int num)
{
	struct run *r = user;
	struct error err;
	bool input = h == &r->session.near->in;

	if (!input && r->near_ops != NULL &&
	    r->near_ops->not_delivered != NULL &&
	    r->near_ops->not_delivered(r, num))
		return;
	/* Once is enough: every datagram may meet the same. */
	if (r->messages->warn == NULL || (num == r->warned && !input))
		return;
	if (!input)
		r->warned = num;
	error_set(&err, num, num == ECONNREFUSED ? "send to" :
	    h == &r->far.out ? "write to" : "read from", "%s", h->name);
	run_hint_refusal(r, &err);
	if (input)
		run_blame_fault(&err, &r->session.up);
	r->messages->warn(r->plan, &err);
}

static void
run_on_ruled(void *user, enum far_rule rule)
{
	struct run *r = user;

	if (r->messages->ruled != NULL)
		r->messages->ruled(r->plan, &r->session.opt.policy, rule);
}

static uint64_t
run_inputs_held(const void *user)
{
	return gather_held(&((const struct run *)user)->inputs->gather);
}

void
run_nodelay(const struct run *r, const struct fd *fd)
{
	if (r->near.in.fd == NULL || r->near.in.fd->kind != FD_FILE)
		sockopt_nodelay(&r->plan->sock, fd);
}

void
run_session(struct run *r, bool stays, bool tcp)
{
	struct error err;

	if (run_session_by(r, &r->plan->end, stays, tcp) == 0)
		return;
	error_set(&err, errno, "prepare", "filters");
	run_fail_peer(r, &err);
}

int
run_session_by(struct run *r, const struct end_policy *policy, bool stays,
    bool tcp)
{
	struct session_options opt = {
		.policy = *policy,
		.up.block = r->far.out.record ? r->plan->block : 0,
		.up.mover = (enum mover_choice)r->plan->mover,
		.down.block = r->near.out.record ? r->plan->block : 0,
		.down.mover = (enum mover_choice)r->plan->mover,
		.near_stays = stays,
		.near_held = r->inputs != NULL ? run_inputs_held : NULL,
		.tcp = tcp,
		.done = run_on_done, .ruled = run_on_ruled, .warn = run_on_warn,
		    .user = r
	};

	if (!run_stages(r->plan, &opt.up) ||
	    !run_stages_down_next(r->plan, &opt.down, &r->broke_off) ||
	    (r->near_ops != NULL && r->near_ops->prepare != NULL &&
	    !r->near_ops->prepare(r, &opt))) {
		run_stages_free(&opt.up, &opt.down);
		endpoint_close(&r->far);
		errno = ENOMEM;
		return -1;
	}
	if (tcp)
		run_nodelay(r, &r->far.in_bottom.fd);
	/* Perhaps all that it had to say: that is looked at before we wait. */
	if (r->far.in_bottom.fd.early)
		r->far.in.ready = r->far.in.closing = true;
	r->in_session = true;
	/* What many share has no figures of its own. */
	if (!r->plan->serve.concurrent)
		meter_start(r, &r->session, &r->far.in_bottom.fd, NULL);
	session_start(&r->session, r->loop, &r->near, &r->far, &opt);
	return 0;
}

static void
run_join(char *buf, size_t size, const char *const *words)
{
	size_t n = 0;

	for (; *words != NULL && n < size; words++)
		n += strlcpy(buf + n, *words, size - n);
}

void
run_peer_name(const struct plan *plan, const char *host,
    const struct addr *addr, char *buf, size_t size)
{
	char text[ADDR_HOST_MAX], port[ADDR_PORT_MAX];

	if (host == NULL)
		host = addr_host(addr, text, sizeof(text));
	/* A datagram's sender without a name has no family either. */
	if (addr_family(addr) == AF_UNIX || addr_family(addr) == AF_UNSPEC)
		(void)snprintf(buf, size, "%s",
		    *host != '\0' ? host : "unnamed socket");
	else if (!plan_has_ports(plan))
		(void)snprintf(buf, size, "%s (%s)", host, plan_proto(plan));
	else {
		(void)num_put(port, addr_port(addr));
		run_join(buf, size, (const char *[]){ host, " port ", port,
		    " (", plan_proto(plan), ")", NULL });
	}
}

void
run_unlink_later(struct run *r, const char *path)
{
	struct stat st;

	if (*path == '@')
		return;
	r->unlink_path = strdup(path);
	if (lstat(path, &st) == 0) {
		r->unlink_dev = st.st_dev;
		r->unlink_ino = st.st_ino;
	}
}

void
run_unlink_now(struct run *r)
{
	if (r->unlink_path == NULL)
		return;
	run_unlink_own(r);
	/* What has no inode here is ours whenever it is there. */
	if (r->unlink_ino == 0)
		return;
	free(r->unlink_path);
	r->unlink_path = NULL;
	r->unlink_ino = 0;
}

/*
 * The directory for temporary files: TMPDIR, if it is an absolute path that
 * leaves room for a socket's name.
 */
static const char *
run_temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL && *dir == '/' && strlen(dir) <= TEMP_DIR_MAX ?
	    dir : "/tmp";
}

int
run_temp_socket(struct run *r, struct addr *addr, struct error *err)
{
	const char *in = run_temp_dir();
	char dir[TEMP_DIR_MAX + 32], path[sizeof(dir) + 16];

	(void)snprintf(dir, sizeof(dir), "%s/%s-XXXXXX", in,
	    r->plan->compat == COMPAT_NATIVE ? "sockcat" : "nc");
	if (mkdtemp(dir) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/recv.sock", dir);
		r->unlink_dir = strdup(dir);
		run_unlink_later(r, path);
		if (addr_unix(addr, path) == 0)
			return 0;
	}
	error_set(err, errno, "make", "a temporary socket in %s", in);
	return -1;
}

/* ---- What some kinds of connections have beside ------------------------- */

static void
run_on_urgent(void *arg, unsigned char byte)
{
	const struct run *r = arg;

	if (r->messages->urgent != NULL)
		r->messages->urgent(r->plan, byte);
}

bool
run_open_urgent(struct run *r)
{
	const struct plan_urgent *u = &r->plan->urgent;
	const struct urgent_options opt = { .sends = u->sent,
	    .mark = u->mark, .came = u->shown ? run_on_urgent : NULL,
	    .arg = r };
	struct error err;

	if ((!u->shown && !u->sent) || endpoint_urgent(&r->far, &opt) == 0)
		return true;
	error_set(&err, errno, "use", "%s", r->far.in.name);
	endpoint_close(&r->far);
	run_fail_peer(r, &err);
	return false;
}

void
run_say_multipath(const struct run *r, const struct fd *fd)
{
	if (r->plan->socket.protocol == IPPROTO_MPTCP &&
	    r->messages->multipath != NULL)
		r->messages->multipath(r->plan, sockopt_is_multipath(fd));
}

/*
 * The beginning and the end of a run: deadline, signals, streams and files.
 */
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layer/tls.h"
#include "net/unix_path.h"
#include "run/inputs.h"
#include "run/metrics.h"
#include "run/sum.h"
#include "run/user.h"

/* Leaves room for "/sockcat-XXXXXX/recv.sock" in the path of a socket. */
#define TEMP_DIR_MAX	(sizeof(((struct sockaddr_un *)0)->sun_path) - 26)
/* Microseconds between two alarms: the first may precede the question. */
#define ALARM_AGAIN	100000

/* ---- The deadline ------------------------------------------------------- */

static void
run_on_deadline(void *arg)
{
	struct run *r = arg;
	struct deadline *d = &r->deadline;

	timer_clear(r->loop, &d->timer);
	loop_background(r->loop, -1);
	loop_stop(r->loop);
	/* The program dies of the signal, as the signal's sender expects. */
	if (r->signo != 0)
		return;
	d->passed = true;
	d->status = messages_deadline(r->plan, &d->last);
}

static void
run_on_alarm(void *arg, int signo)
{
	struct run *r = arg;

	(void)signo;
	/* An alarm may also repeat another signal (loop/loop.h). */
	if (timer_is_set(&r->deadline.timer) &&
	    loop_now(r->loop) >= r->deadline.timer.node.key)
		run_on_deadline(r);
}

static void
run_start_deadline(struct run *r)
{
	struct timer *t = &r->deadline.timer;
	/* Rounded up: not before the deadline, and never 0. */
	int64_t usec = r->plan->deadline / 1000 + 1;
	const struct itimerval when = {
		.it_interval.tv_usec = ALARM_AGAIN,
		.it_value.tv_sec = (time_t)(usec / 1000000),
		.it_value.tv_usec = (suseconds_t)(usec % 1000000)
	};

	if (r->plan->deadline < 0)
		return;
	diag_never_wait();
	*t = (struct timer){ .fire = run_on_deadline, .arg = r };
	timer_set(r->loop, t, loop_now(r->loop) + r->plan->deadline);
	loop_background(r->loop, 1);
	if (loop_signal(r->loop, SIGALRM, run_on_alarm, r) == 0)
		(void)setitimer(ITIMER_REAL, &when, NULL);
}

void
deadline_blame(struct run *r, const struct error *err)
{
	r->deadline.last = err != NULL ? *err : (struct error){ .num = 0 };
}

/* ---- Signals ------------------------------------------------------------ */

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void
run_on_signal(void *arg, int signo)
{
	struct run *r = arg;
	bool second = r->signo != 0;

	r->signo = signo;
	/* The second signal ends the program without waiting. */
	if (second || (!r->in_session && r->interrupt.call == NULL)) {
		loop_stop(r->loop);
		return;
	}
	if (r->interrupt.call != NULL)
		r->interrupt.call(r->interrupt.arg);
	if (r->in_session)
		session_interrupt(&r->session, DRAIN_TIME);
}

static void
run_on_question(void *arg, int signo)
{
	(void)signo;
	metrics_report(arg);
}

/* A signal that was ignored at the start stays ignored: nohup(1). */
static void
run_catch_signals(struct run *r)
{
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(int); i++)
		(void)loop_signal_unless_ignored(r->loop, ending_signals[i],
		    run_on_signal, r);
	if (r->plan->service.native)
		(void)loop_signal_unless_ignored(r->loop, SIGUSR1,
		    run_on_question, r);
}

static void
run_interrupt_waits(bool on)
{
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(int); i++)
		loop_signal_interrupts(ending_signals[i], on);
	loop_signal_interrupts(SIGALRM, on);
}

void
run_begin_reading(struct run *r)
{
	/* Workers read before they have a loop, and take no signal yet. */
	if (r->loop == NULL)
		return;
	(void)loop_signal(r->loop, SIGALRM, run_on_alarm, r);
	run_interrupt_waits(true);
}

bool
run_end_reading(struct run *r)
{
	if (r->loop == NULL)
		return false;
	run_interrupt_waits(false);
	return run_is_cut(r);
}

/* ---- Paths of sockets --------------------------------------------------- */

/*
 * Another program may have made a socket of that path since, or may be about
 * to.
 */
static void
run_unlink_own(const struct run *r)
{
	int lock = unix_path_lock(r->unlink_path);
	struct stat st;

	if (lock == -1 && errno == EADDRINUSE)
		return;
	if (r->unlink_ino == 0 || (lstat(r->unlink_path, &st) == 0 &&
	    st.st_dev == r->unlink_dev && st.st_ino == r->unlink_ino))
		(void)unlink(r->unlink_path);
	unix_path_unlock(r->unlink_path, lock);
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
	/* Without an inode the path stays to be removed at the end. */
	if (r->unlink_ino == 0)
		return;
	free(r->unlink_path);
	r->unlink_path = NULL;
	r->unlink_ino = 0;
}

int
run_temp_socket(struct run *r, struct addr *addr, struct error *err)
{
	const struct messages *m = r->messages;
	const char *in = m->temp_dir != NULL ? m->temp_dir : getenv("TMPDIR");
	char dir[TEMP_DIR_MAX + 32], path[sizeof(dir) + 16];

	/* A relative path would not be found again. */
	if (in == NULL || *in != '/' || strlen(in) > TEMP_DIR_MAX)
		in = "/tmp";
	(void)snprintf(dir, sizeof(dir), "%s/%s-XXXXXX", in, m->temp_prefix);
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

/* ---- Beginning and end -------------------------------------------------- */

static void
run_tidy(struct run *r)
{
	const struct itimerval never = { .it_value.tv_sec = 0 };

	if (r->in_session)
		run_abandon_session(r);
	metrics_close(r);
	progress_close(r);
	sums_close(r);
	if (r->incomplete && r->status == 0)
		r->status = 1;
	if (r->near_ops.close != NULL)
		r->near_ops.close(r);
	if (r->near.loop != NULL)
		endpoint_close(&r->near);
	if (r->tidy.call != NULL)
		r->tidy.call(r->tidy.arg);
	if (r->drops.all.n > 0)
		REPORT(r->plan, EVENT_OVERRAN, .drops = &r->drops.all);
	if (r->signo == 0 || !r->plan->signal_keeps_socket) {
		if (r->unlink_path != NULL)
			run_unlink_own(r);
		if (r->unlink_dir != NULL)
			(void)rmdir(r->unlink_dir);
	}
	free(r->unlink_path);
	free(r->unlink_dir);
	free(r->user.name);
	free(r->user.home);
	tls_context_free(r->tls);
	inputs_free(r->inputs);
	access_free(r->access);
	if (r->children.loop != NULL)
		children_free(&r->children);
	taps_close(r);
	if (r->plan->deadline >= 0 || r->signo != 0)
		(void)setitimer(ITIMER_REAL, &never, NULL);
	timer_clear(r->loop, &r->deadline.timer);
	loop_free(r->loop);
}

int
run_close(struct run *r)
{
	run_tidy(r);
	if (r->signo == 0)
		return r->deadline.passed ? r->deadline.status : r->status;
	/* The traditional netcat exits after these, and dies of SIGHUP. */
	if (r->messages->interrupt_status != 0 && r->signo != SIGHUP) {
		diag_plain("%s", "");
		return r->messages->interrupt_status;
	}
	(void)signal(r->signo, SIG_DFL);
	(void)raise(r->signo);
	return 128 + r->signo;
}

int
run_open(struct run *r, const struct plan *plan, void *arg)
{
	struct error err;
	int status;

	memset(r, 0, sizeof(*r));
	r->plan = plan;
	r->messages = plan->messages;
	r->arg = arg;
	r->is_unix = plan->family == FAMILY_UNIX;
	if (taps_check_files(plan, &err) == -1 || user_find(r, &err) == -1)
		return messages_failed(plan, &err);
	if ((r->loop = loop_new()) == NULL)
		return run_failed(r, "start", "the loop");
	run_catch_signals(r);
	run_start_deadline(r);
	if ((status = metrics_open(r, &err)) == 0 && plan->near == PLAN_EXEC &&
	    (status = children_init(&r->children, r->loop)) == -1)
		error_set(&err, errno, "start", "children");
	if (status == 0)
		status = progress_open(r, &err);
	if (status == 0)
		status = sums_open(r, &err);
	if (status == 0 && faults_by_chance(&plan->faults) && plan->verbose > 0)
		diag_warnx("these faults can be repeated with --fault-seed %"
		    PRIu64, plan->faults.seed);
	if (status == 0)
		return 0;
	status = messages_failed(plan, &err);
	run_tidy(r);
	return status;
}

int
run_open_tls(struct run *r)
{
	const struct plan *plan = r->plan;
	bool serves = plan_is_tls_server(plan), made;
	const char *key;
	struct tls_cert cert;
	struct error err;
	struct stat st;

	if (!plan->tls.on || r->tls != NULL)
		return 0;
	r->tls_options = plan->tls;
	if (r->near_ops.adapt_tls != NULL)
		r->near_ops.adapt_tls(r, &r->tls_options);
	run_begin_reading(r);
	r->tls = tls_context_new(&r->tls_options, serves ? TLS_SERVER :
	    TLS_CLIENT, plan->type == TYPE_DGRAM, &err);
	if (run_end_reading(r))
		return 1;
	if (r->tls == NULL)
		return messages_failed(plan, &err);
	/* Warns of a key that other users of this system can read. */
	key = r->tls_options.key != NULL ? r->tls_options.key :
	    r->tls_options.cert;
	if (key != NULL && stat(key, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IRGRP | S_IROTH)) != 0)
		messages_loose_key(plan, key);
	if (serves && tls_context_cert(r->tls, &cert, &made) && made &&
	    r->chat == NULL)
		REPORT(plan, EVENT_MADE_CERT, .cert = &cert);
	return 0;
}

bool
run_has_near(const struct plan *plan)
{
	return plan->near == PLAN_STDIO || plan->near == PLAN_CHAT ||
	    plan->near == PLAN_HUB;
}

/* Opens the standard streams and the inputs; the exit status, or 0. */
static int
run_open_streams(struct run *r, bool may_answer)
{
	bool several = may_answer && r->plan->ninputs > 0;
	bool reads = !r->plan->no_stdin && may_answer && !several;
	struct error err;

	endpoint_init(&r->near, r->loop);
	if ((reads && endpoint_stdin(&r->near, &err) == -1) ||
	    (!r->plan->no_stdout && endpoint_stdout(&r->near, &err) == -1) ||
	    (several && (r->inputs = inputs_open(r->plan, &r->near, &err)) ==
	    NULL))
		return messages_failed(r->plan, &err);
	progress_share(r);
	return 0;
}

int
run_open_ends(struct run *r, bool may_answer, const struct near_ops *ops)
{
	int status = 0;

	if (run_has_near(r->plan)) {
		if (ops != NULL)
			r->near_ops = *ops;
		status = ops != NULL ? ops->open(r) :
		    run_open_streams(r, may_answer);
	}
	if (status == 0)
		status = run_open_tls(r);
	return status == 0 ? taps_open(r) : status;
}

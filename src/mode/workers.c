/*
 * --workers: several processes that listen on one port, where one processor is
 * not enough; the kernel deals the clients out among them (SO_REUSEPORT).
 *
 *	parent --fork--> worker 1 --opens the port, tells the others--> serves
 *	       --fork--> worker 2.. --wait for the port, open it--> serve
 *
 * Laws: all workers are forked before the parent has a loop or a thread. The
 * parent serves no client: it makes the keys of TLS, passes signals on, has the
 * deadline, and reports that all workers listen; then it is confined, too, and
 * hears no more of them. A worker that dies is reported and not replaced. No
 * worker outlives the parent.
 */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layer/tls.h"
#include "mode/mode.h"
#include "run/user.h"

struct workers;

struct worker_child {
	struct workers	*of;
	struct child	 child;
	int		 number;
	bool		 opened;	/* its sockets, or has ended */
};

/* The parent. */
struct workers {
	struct run	 run;
	struct ready	 ready;
	struct watch	 watch;		/* of the reading end of up */
	int		 up[2];		/* pipe: gets a struct worker_open of
					   each worker */
	int		 port[2];	/* pipe: gets the port, for each of the
					   workers behind the first */
	struct worker_open first;	/* of any worker; n 0: none yet */
	unsigned	 left;		/* workers that have not ended */
	bool		 reported;	/* that all of them are ready */
	int		 status;	/* of the first that failed; 0: none */
	int		 n;
	struct worker_child *all;	/* owned */
	unsigned char	 secret[NONCE_SECRET];	/* of nonces */
};

/* ---- The worker --------------------------------------------------------- */

/* Signals still have their default actions. Returns 0 if there is no port. */
static uint16_t
workers_await_port(int num)
{
	uint16_t port = 0;
	ssize_t n;

	do
		n = read(num, &port, sizeof(port));
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(port) ? port : 0;
}

/* In the process of a worker; returns its exit status. */
static int
workers_serve(struct workers *ws, struct plan *plan, int number, pid_t parent,
    struct tls_context *tls)
{
	struct worker w = { .number = number, .parent = ws->up[1],
	    .others = number == 1 ? ws->port[1] : -1,
	    .job = getpgid(parent), .tls = tls };

	memcpy(w.secret, ws->secret, sizeof(w.secret));
	free(ws->all);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 1;
	(void)close(ws->up[0]);
	if (number > 1) {
		(void)close(ws->port[1]);
		/* Worker 1 has reported why there is no port. */
		if ((w.port = workers_await_port(ws->port[0])) == 0) {
			tls_context_free(tls);
			return 0;
		}
	}
	(void)close(ws->port[0]);
	plan_seal_worker(plan, number);
	return mode_listen(plan, &w);
}

/* ---- The parent --------------------------------------------------------- */

static void
workers_signal(struct workers *ws, int signo)
{
	for (int i = 0; i < ws->n; i++)
		if (ws->all[i].child.running)
			child_signal(&ws->all[i].child, signo);
}

static void
workers_on_interrupt(void *arg)
{
	struct workers *ws = arg;

	workers_signal(ws, ws->run.signo);
}

static void
workers_on_question(void *arg, int signo)
{
	workers_signal(arg, signo);
}

/* The port is reported when no worker is about to open it any more. */
static void
workers_report(struct workers *ws)
{
	struct run *r = &ws->run;
	struct error err;

	for (int i = 0; i < ws->n; i++)
		if (!ws->all[i].opened)
			return;
	if (ws->first.n == 0 || ws->reported)
		return;
	ws->reported = true;
	if (ready_report(&ws->ready, r, ws->first.bound, ws->first.n,
	    &err) == -1)
		run_fail(r, &err);
	else if (user_become(r))
		(void)run_confine(r, CONFINE_LEADING);
}

static void
workers_on_open(void *arg, unsigned what)
{
	struct workers *ws = arg;
	struct worker_open open;
	ssize_t n;

	(void)what;
	while ((n = read(ws->up[0], &open, sizeof(open))) ==
	    (ssize_t)sizeof(open)) {
		ws->first = open;
		ws->all[open.number - 1].opened = true;
	}
	/* All have told, or have ended. */
	if (n == 0)
		loop_unwatch(ws->run.loop, &ws->watch);
	workers_report(ws);
}

static void
workers_on_exit(void *arg, struct child *c)
{
	struct worker_child *w = arg;
	struct workers *ws = w->of;
	struct run *r = &ws->run;

	ws->left--;
	/* What it may have written before. */
	workers_on_open(ws, LOOP_IN);
	w->opened = true;
	if (r->signo == 0 && c->status != 0) {
		if (ws->status == 0)
			ws->status = WIFEXITED(c->status) ?
			    WEXITSTATUS(c->status) : 1;
		if (ws->first.n > 0 || WIFSIGNALED(c->status))
			messages_worker_ended(w->number, c->status, ws->left);
	}
	if (ws->left > 0)
		workers_report(ws);
	else
		run_stop(r, ws->status);
}

/* Returns 0, or the exit status after a report. */
static int
workers_watch(struct workers *ws, const pid_t *pids)
{
	struct run *r = &ws->run;

	if (r->children.loop == NULL &&
	    children_init(&r->children, r->loop) == -1)
		return run_failed(r, "start", "workers");
	r->interrupt = (struct run_hook){ workers_on_interrupt, ws };
	(void)loop_signal(r->loop, SIGUSR1, workers_on_question, ws);
	ws->watch = (struct watch){ .fd = ws->up[0], .want = loop_want_in,
	    .ready = workers_on_open, .arg = ws };
	if (loop_watch(r->loop, &ws->watch) == -1)
		return run_failed(r, "start", "workers");
	for (int i = 0; i < ws->n; i++) {
		struct worker_child *w = &ws->all[i];

		*w = (struct worker_child){ .of = ws, .number = i + 1,
		    .child = { .exited = workers_on_exit, .arg = w } };
		child_adopt(&r->children, &w->child, pids[i]);
	}
	return 0;
}

/* In the parent: forks no more, and serves as the parent. */
static int
workers_lead(struct workers *ws, const struct plan *plan, const pid_t *pids)
{
	struct run *r = &ws->run;
	int status;

	(void)close(ws->up[1]);
	(void)close(ws->port[0]);
	(void)close(ws->port[1]);
	if ((status = run_open(r, plan, ws)) != 0)
		return status;
	if ((status = workers_watch(ws, pids)) != 0)
		run_stop(r, status);
	loop_run(r->loop);
	/* Workers that are left end by themselves: their parent does. */
	workers_signal(ws, SIGTERM);
	for (int i = 0; i < ws->n; i++)
		child_forget(&ws->all[i].child);
	loop_unwatch(r->loop, &ws->watch);
	(void)close(ws->up[0]);
	ready_end(&ws->ready);
	return run_close(r);
}

int
mode_workers(struct plan *plan)
{
	struct run keys = { .plan = plan, .messages = plan->messages };
	struct workers ws = { .n = plan->serve.workers, .watch.fd = -1 };
	pid_t parent = getpid(), pids[WORKERS_MAX];
	struct error err;
	int status;

	if (ready_check(plan, &err) == -1)
		return messages_failed(plan, &err);
	if ((status = run_open_tls(&keys)) != 0)
		return status;
	arc4random_buf(ws.secret, sizeof(ws.secret));
	ws.all = calloc((size_t)ws.n, sizeof(*ws.all));
	if (ws.all == NULL || pipe2(ws.up, O_CLOEXEC) == -1 ||
	    pipe2(ws.port, O_CLOEXEC) == -1 ||
	    fcntl(ws.up[0], F_SETFL, O_NONBLOCK) == -1)
		return run_failed(&keys, "start", "workers");
	for (int i = 0; i < ws.n; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			return workers_serve(&ws, plan, i + 1, parent,
			    keys.tls);
		if (pids[i] == -1)
			return run_failed(&keys, "start", "workers");
		(void)setpgid(pids[i], pids[i]);
	}
	ws.left = (unsigned)ws.n;
	status = workers_lead(&ws, plan, pids);
	tls_context_free(keys.tls);
	free(ws.all);
	return status;
}

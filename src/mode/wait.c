/*
 * --wait-for: until all ports are open, one after the other: whoever waits
 * for the first has not to look at the second yet. Silent, but for -v and
 * the last word of one that gives up.
 *
 * A datagram port is open when it answers, or refuses none of a few empty
 * datagrams: most services say nothing to such.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "mode/targets.h"
#include "net/dial.h"
#include "net/neterr.h"

#define PROBES		4
#define PROBE_PAUSE	(250 * NSEC_PER_MSEC)

struct await {
	struct run	 run;
	struct targets	 targets;
	struct dial	*dial;
	unsigned	 port;
	struct addr	 addr;		/* of the datagram port */
	struct fd	 fd;		/* its socket */
	struct watch	 watch;
	struct timer	 timer;
	struct task	 next;
	int		 probes;
};

static void
opened(struct await *w, const struct addr *addr)
{
	struct run *r = &w->run;
	struct target t = { .host = r->plan->host, .port = w->port,
	    .addr = addr };

	r->voice->connected(r->plan, &t);
	loop_post(r->loop, &w->next);
}

/* Not yet, or not any more. */
static void
failed(struct await *w, const struct addr *addr, const struct error *err,
    bool last)
{
	struct run *r = &w->run;
	struct target t = { .host = r->plan->host, .port = w->port,
	    .addr = addr, .timeout = r->plan->connect_timeout };
	bool again = last && targets_may_retry(&w->targets, err);
	int status = r->voice->connect_failed(r->plan, &t, err,
	    last && !again);

	if (again)
		targets_retry(&w->targets, err);
	else if (last)
		run_stop(r, status);
}

/* ---- Datagrams ---------------------------------------------------------- */

static void
stop_probing(struct await *w)
{
	loop_unwatch(w->run.loop, &w->watch);
	timer_clear(w->run.loop, &w->timer);
	fd_close(&w->fd);
}

static void
refused(struct await *w, int num)
{
	struct error err;

	stop_probing(w);
	neterr_set(&err, num, "connect to", w->run.plan, &w->addr);
	failed(w, &w->addr, &err, true);
}

static void
answered(struct await *w)
{
	stop_probing(w);
	opened(w, &w->addr);
}

static unsigned
want_answer(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
on_answer(void *arg, unsigned what)
{
	struct await *w = arg;
	char byte;

	(void)what;
	if (recv(w->fd.num, &byte, 1, MSG_DONTWAIT) != -1)
		answered(w);
	else if (errno != EAGAIN && errno != EINTR)
		refused(w, errno);
}

static void
send_probe(void *arg)
{
	struct await *w = arg;

	if (w->probes++ == PROBES)
		answered(w);
	else if (send(w->fd.num, "", 0, MSG_DONTWAIT) == -1 &&
	    errno != EAGAIN && errno != ENOBUFS)
		refused(w, errno);
	else
		timer_set(w->run.loop, &w->timer,
		    loop_now(w->run.loop) + PROBE_PAUSE);
}

static void
probe(struct await *w, const struct fd *fd, const struct addr *addr)
{
	w->fd = *fd;
	w->addr = *addr;
	w->probes = 0;
	w->watch.fd = fd->num;
	if (loop_watch(w->run.loop, &w->watch) == -1) {
		w->watch.fd = -1;
		refused(w, errno);
		return;
	}
	send_probe(w);
}

/* ---- All ---------------------------------------------------------------- */

static void
on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct await *w = arg;

	w->dial = NULL;
	if (fd->kind == FD_DGRAM && addr_family(addr) != AF_UNIX) {
		probe(w, fd, addr);
		return;
	}
	fd_close(fd);
	opened(w, addr);
}

static void
on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct await *w = arg;

	if (last)
		w->dial = NULL;
	failed(w, addr, err, last);
}

static void
next_port(void *arg)
{
	static const struct dial_ops ops = { on_connected, on_failed };
	struct await *w = arg;
	struct run *r = &w->run;
	struct error err;

	if (!targets_next(&w->targets, &w->port)) {
		run_stop(r, 0);
		return;
	}
	w->dial = dial_start(r->loop, r->plan, &w->targets.remote, w->port,
	    &w->targets.local, &ops, w);
	if (w->dial == NULL) {
		error_set(&err, errno, "connect to", "%s", r->plan->host);
		run_fail(r, &err);
	}
}

int
mode_wait(const struct plan *plan)
{
	struct await w;
	int status;

	memset(&w, 0, sizeof(w));
	if ((status = run_open(&w.run, plan, &w)) != 0)
		return status;
	w.fd.num = -1;
	w.watch = (struct watch){ .fd = -1, .want = want_answer,
	    .ready = on_answer, .arg = &w };
	w.timer = (struct timer){ .fire = send_probe, .arg = &w };
	w.next = (struct task){ .run = next_port, .arg = &w };
	w.run.status = 1;
	status = targets_find(&w.targets, &w.run, next_port, &w);
	if (status != 0)
		run_stop(&w.run, status);
	loop_run(w.run.loop);
	stop_probing(&w);
	dial_cancel(w.dial);
	targets_free(&w.targets);
	return run_close(&w.run);
}

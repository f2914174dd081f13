/*
 * -z: is there anybody at these ports? Nothing is sent over a connection;
 * of a datagram port only a refusal can be told for sure.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "mode/run.h"
#include "mode/targets.h"
#include "net/dial.h"
#include "net/neterr.h"

/* An empty datagram so often, so far apart; then no refusal will come. */
#define PROBES		4
#define PROBE_PAUSE	(250 * NSEC_PER_MSEC)

struct scan {
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

static void	next_port(void *);

static void
probed(struct scan *s, const struct addr *addr, bool open, int num)
{
	struct run *r = &s->run;
	struct target t = { .host = r->plan->host, .port = s->port,
	    .addr = addr };

	struct error err;

	if (open)
		r->status = 0;
	r->voice->probed(r->plan, &t, open, num);
	neterr_set(&err, num, "connect to", r->plan, addr);
	if (!open && targets_may_retry(&s->targets, &err))
		targets_retry(&s->targets, &err);
	else
		loop_post(r->loop, &s->next);
}

static void
datagram_answer(struct scan *s, bool open, int num)
{
	loop_unwatch(s->run.loop, &s->watch);
	timer_clear(s->run.loop, &s->timer);
	fd_close(&s->fd);
	probed(s, &s->addr, open, num);
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
	struct scan *s = arg;
	char byte;

	(void)what;
	if (recv(s->fd.num, &byte, 1, MSG_DONTWAIT) != -1)
		datagram_answer(s, true, 0);
	else if (errno != EAGAIN && errno != EINTR)
		datagram_answer(s, false, errno);
}

static void
send_probe(void *arg)
{
	struct scan *s = arg;

	if (s->probes++ == PROBES) {
		datagram_answer(s, true, 0);
		return;
	}
	if (send(s->fd.num, "", 0, MSG_DONTWAIT) == -1 &&
	    errno != EAGAIN && errno != ENOBUFS) {
		datagram_answer(s, false, errno);
		return;
	}
	timer_set(s->run.loop, &s->timer,
	    loop_now(s->run.loop) + PROBE_PAUSE);
}

static void
probe_datagrams(struct scan *s, struct fd *fd, const struct addr *addr)
{
	s->fd = *fd;
	s->addr = *addr;
	s->probes = 0;
	s->watch = (struct watch){ .fd = fd->num, .want = want_answer,
	    .ready = on_answer, .arg = s };
	s->timer = (struct timer){ .fire = send_probe, .arg = s };
	if (loop_watch(s->run.loop, &s->watch) == -1) {
		s->watch.fd = -1;
		datagram_answer(s, false, errno);
		return;
	}
	send_probe(s);
}

static void
on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct scan *s = arg;

	s->dial = NULL;
	if (fd->kind == FD_DGRAM && addr_family(addr) != AF_UNIX) {
		probe_datagrams(s, fd, addr);
		return;
	}
	fd_close(fd);
	probed(s, addr, true, 0);
}

static void
on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct scan *s = arg;
	struct run *r = &s->run;
	struct target t = { .host = r->plan->host, .port = s->port,
	    .addr = addr, .timeout = r->plan->connect_timeout };

	bool again = last && targets_may_retry(&s->targets, err);

	(void)r->voice->connect_failed(r->plan, &t, err, last && !again);
	if (!last)
		return;
	s->dial = NULL;
	if (again)
		targets_retry(&s->targets, err);
	else
		loop_post(r->loop, &s->next);
}

static void
next_port(void *arg)
{
	static const struct dial_ops ops = { on_connected, on_failed };
	struct scan *s = arg;
	struct run *r = &s->run;
	struct error err;

	if (!targets_next(&s->targets, &s->port)) {
		if (r->plan->scan_lenient && s->targets.nports > 1)
			r->status = 0;
		loop_stop(r->loop);
		return;
	}
	s->dial = dial_start(r->loop, r->plan, &s->targets.remote, s->port,
	    &s->targets.local, &ops, s);
	if (s->dial == NULL) {
		error_set(&err, errno, "connect to", "%s", r->plan->host);
		run_fail(r, &err);
	}
}

int
mode_scan(const struct plan *plan)
{
	struct scan s;
	int status;

	memset(&s, 0, sizeof(s));
	if ((status = run_open(&s.run, plan, &s)) != 0)
		return status;
	s.watch.fd = -1;
	s.next.run = next_port;
	s.next.arg = &s;
	s.run.status = 1;
	status = targets_find(&s.targets, &s.run, next_port, &s);
	if (status != 0)
		run_stop(&s.run, status);
	loop_run(s.run.loop);
	dial_cancel(s.dial);
	targets_free(&s.targets);
	return run_close(&s.run);
}

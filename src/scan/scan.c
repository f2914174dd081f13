/*
 * -z: reports which ports are open. Many ports are probed at once, and reported
 * in the order of the command line. Nothing is sent over a connection; of a
 * datagram port an answer or a refusal is reported, silence as unknown.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/diag.h"
#include "base/num.h"
#include "net/socket.h"
#include "run/destinations.h"
#include "run/retry.h"
#include "run/run.h"
#include "scan/scan.h"
#include "scan/scan_results.h"
#include "scan/udp_probe.h"

/* Ports at once, if descriptors allow and the plan does not say. */
#define INFLIGHT	1024u
/* Descriptors that are left alone: names of services come from files. */
#define RESERVE		4u
/* Ports started in a turn, so that answers get their turns. */
#define STARTS		64
/* If a resource is short: growing pauses, and further tries. */
#define SHORT_PAUSE	NSEC_PER_MSEC
#define SHORT_PAUSE_MAX	(100 * NSEC_PER_MSEC)
#define SHORT_TRIES	100
#define SHORT_TRIES_OWN	10	/* if only this process could free some */

struct scan;

/* A port that is probed. */
struct probe {
	struct scan_port entry;		/* in the results; the first member */
	struct probe	*next;		/* in waiting or failed */
	struct scan	*of;
	struct dial	*dial;
	struct udp_probe *udp_probe;
	unsigned	 failures;	/* of addresses, in this try */
	unsigned	 reported;	/* failures reported by earlier tries */
	int		 left;		/* further tries; -1: no end */
};

struct scan {
	struct run		 run;
	struct destinations	 destinations;
	struct scan_results	 scan_results;
	struct probe		*waiting;	/* for a resource */
	struct probe		*failed;	/* for the retry */
	struct retry		 retry;
	struct dial_socket_reuse socket_reuse;
	size_t			 most;		/* probes at once */
	size_t			 limit;		/* for now; 0: stopped */
	size_t			 inflight;
	struct task		 fill;
	struct timer		 pause;
	int			 tries;		/* while a resource is short */
	struct scan_outcome	 totals;
	struct addr		 broken_addr;	/* of totals.broken_at */
	int64_t			 began;
};

/* The first port that could not be probed is remembered. */
static void
scan_count(struct scan *s, const struct target *t, const struct finding *f)
{
	struct scan_outcome *o = &s->totals;

	if (f->kind == FOUND_FAILED)
		return;
	o->last_open = f->kind == FOUND_OPEN || f->kind == FOUND_SILENT;
	if (f->kind == FOUND_OPEN)
		o->open++;
	else if (f->kind == FOUND_SILENT || f->num == ETIMEDOUT)
		o->silent++;
	else if (f->num == ECONNREFUSED || f->num == ECONNRESET ||
	    (f->num == 0 && f->err != NULL))	/* by a proxy */
		o->refused++;
	else if (o->broken++ == 0) {
		s->broken_addr = *t->addr;
		o->broken_at = *t;
		o->broken_at.addr = &s->broken_addr;
		o->broken_num = f->num;
	}
}

static void
scan_report(void *arg, unsigned port, const struct finding *found)
{
	struct scan *s = arg;
	const struct plan *plan = s->run.plan;
	struct target t = { .host = plan->host, .port = port,
	    .addr = found->addr, .timeout = plan->connect_timeout };
	struct error err = { .op = found->op, .num = found->num };

	if (found->err != NULL)
		err = *found->err;
	scan_count(s, &t, found);
	if (found->kind <= FOUND_CLOSED)
		(void)REPORT(plan, EVENT_CONNECT_FAILED, .target = &t,
		    .error = &err, .last = found->kind == FOUND_CLOSED);
	else
		REPORT(plan, EVENT_PROBED, .target = &t, .open = found->kind ==
		    FOUND_OPEN, .errnum = found->kind == FOUND_REFUSED ?
		    found->num : 0);
}

/* Ends the scan: no port reports any more. */
static void
scan_stop(struct scan *s, int status)
{
	struct scan_port *entry;

	TAILQ_FOREACH(entry, &s->scan_results.ports, link) {
		struct probe *p = (struct probe *)entry;

		dial_cancel(p->dial);
		udp_probe_cancel(p->udp_probe);
		p->dial = NULL;
		p->udp_probe = NULL;
	}
	timer_clear(s->run.loop, &s->pause);
	retry_stop(&s->retry);
	loop_unpost(s->run.loop, &s->fill);
	s->most = s->limit = 0;
	run_stop(&s->run, status);
}

/* Puts the probe into this list; reported failures are not repeated. */
static void
scan_begin_anew(struct probe *p, struct probe **list)
{
	if (p->failures > p->reported)
		p->reported = p->failures;
	p->failures = 0;
	p->next = *list;
	*list = p;
}

/* Takes the final finding of a port; a failed port may be probed again. */
static void
scan_settle(struct probe *p, const struct finding *found)
{
	struct scan *s = p->of;
	struct error err;

	s->inflight--;
	if (p->left == 0 || (found->kind != FOUND_CLOSED &&
	    found->kind != FOUND_REFUSED))
		scan_results_add(&s->scan_results, &p->entry, found);
	else {
		p->left -= p->left > 0;
		net_error(&err, found->num, found->op, s->run.plan,
		    found->addr);
		if (found->err != NULL)
			err = *found->err;
		if (!retry_is_pausing(&s->retry))
			retry_later(&s->retry, &err);
		scan_begin_anew(p, &s->failed);
	}
	s->tries = 0;
	/* Perhaps a shortage is over. */
	if (s->limit < s->most)
		s->limit++;
	if (s->run.plan->scan.paced && destinations_left(&s->destinations) > 0)
		timer_set(s->run.loop, &s->pause,
		    loop_now(s->run.loop) + s->run.plan->interval);
	if (!timer_is_set(&s->pause))
		loop_post(s->run.loop, &s->fill);
}

/*
 * A resource of the system is short. Other probes will free some; without other
 * probes, another process might: probes again, after a pause that grows.
 */
static void
scan_wait_for_more(struct probe *p, const struct error *err)
{
	struct scan *s = p->of;
	int tries = err->num == EMFILE ? SHORT_TRIES_OWN : SHORT_TRIES;

	s->inflight--;
	if (s->inflight == 0 && s->tries++ == tries) {
		scan_stop(s, messages_failed(s->run.plan, err));
		return;
	}
	scan_begin_anew(p, &s->waiting);
	s->limit = s->inflight > 1 ? s->inflight : 1;
	if (s->inflight == 0)
		timer_set(s->run.loop, &s->pause, loop_now(s->run.loop) +
		    (s->tries > 6 ? SHORT_PAUSE_MAX :
		    SHORT_PAUSE << s->tries));
}

static void
scan_on_answer(void *arg, const struct finding *found)
{
	struct probe *p = arg;

	p->udp_probe = NULL;
	scan_settle(p, found);
}

static void
scan_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct probe *p = arg;
	const struct plan *plan = p->of->run.plan;
	const struct finding found = { .kind = FOUND_OPEN, .addr = addr };
	const struct udp_probe_options opt = { .addr = *addr,
	    .wait = plan->scan.wait, .probes = plan->scan.probes,
	    .byte = plan->scan.byte, .done = scan_on_answer, .arg = p };
	struct error err;

	(void)tls;
	p->dial = NULL;
	destinations_claim(&p->of->destinations);
	if (plan->type != TYPE_DGRAM || !addr_is_inet(addr) ||
	    plan->scan.unasked) {
		fd_close(fd);
		scan_settle(p, &found);
	} else if ((p->udp_probe = udp_probe_start(p->of->run.loop, fd,
	    &opt)) == NULL) {
		net_error(&err, errno, "ask", plan, addr);
		scan_wait_for_more(p, &err);
	}
}

static void
scan_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct probe *p = arg;
	struct run *r = &p->of->run;
	const struct finding found = { .op = err->op, .num = err->num,
	    .kind = last ? FOUND_CLOSED : FOUND_FAILED, .addr = addr,
	    .err = r->plan->proxy.kind != PROXY_NONE ? err : NULL };
	const struct target t = { .host = r->plan->host, .port = p->entry.port,
	    .addr = addr };

	destinations_claim_failed(&p->of->destinations, err);
	if (last)
		p->dial = NULL;
	if (run_was_cut(r, err)) {
		scan_stop(p->of, 1);
		return;
	}
	if (neterr_is_ours(err)) {
		scan_stop(p->of, REPORT(r->plan, EVENT_CONNECT_FAILED,
		    .target = &t, .error = err, .last = true));
		return;
	}
	if (errclass_is(err->num, ERRCLASS_SHORT)) {
		dial_cancel(p->dial);
		p->dial = NULL;
		scan_wait_for_more(p, err);
		return;
	}
	p->failures++;
	if (last)
		scan_settle(p, &found);
	else if (p->failures > p->reported)
		scan_results_add(&p->of->scan_results, &p->entry, &found);
}

static void
scan_start(struct probe *p)
{
	static const struct dial_ops ops = { .connected = scan_on_connected,
	    .failed = scan_on_failed };
	struct scan *s = p->of;
	struct dial_options opt;
	struct error err;

	s->inflight++;
	opt = destinations_dial_options(&s->destinations, p->entry.port);
	if (opt.proxy->kind == PROXY_NONE)
		opt.reuse = &s->socket_reuse;
	p->dial = dial_start(s->run.loop, &opt, &ops, p);
	if (p->dial != NULL)
		return;
	error_set(&err, errno, "connect to", "%s", s->run.plan->host);
	if (errclass_is(errno, ERRCLASS_SHORT))
		scan_wait_for_more(p, &err);
	else
		scan_stop(s, messages_failed(s->run.plan, &err));
}

/*
 * The number of probes at once. A race takes a socket for each address;
 * datagram sockets cannot share the port of -p.
 */
static size_t
scan_most_inflight(const struct scan *s)
{
	const struct plan *plan = s->run.plan;
	size_t n = plan->scan.max_inflight > 0 ?
	    (size_t)plan->scan.max_inflight : INFLIGHT;
	size_t each = plan->race_delay >= 0 && plan->type == TYPE_STREAM ?
	    s->destinations.remote.list.n : 1, room;

	if (plan->scan.paced || plan->proxy.kind != PROXY_NONE ||
	    (plan->type == TYPE_DGRAM && plan->local_port != NULL))
		n = 1;
	if (n > s->destinations.nports)
		n = s->destinations.nports;
	if (n <= 1)
		return 1;
	room = fd_room(n * each + RESERVE);
	room = room > RESERVE ? (room - RESERVE) / each : 0;
	return room < 1 ? 1 : room < n ? room : n;
}

/* A waiting probe, or that of the next port; NULL: none can begin. */
static struct probe *
scan_next_probe(struct scan *s)
{
	struct probe *p = s->waiting;

	if (p != NULL) {
		s->waiting = p->next;
		return p;
	}
	if (destinations_left(&s->destinations) == 0 ||
	    (p = scan_results_enter(&s->scan_results, sizeof(*p))) == NULL)
		return NULL;
	p->of = s;
	p->left = s->run.plan->retry.retries;
	(void)destinations_next(&s->destinations, &p->entry.port);
	return p;
}

static void
scan_fill(void *arg)
{
	struct scan *s = arg;
	struct probe *p;
	struct error err;
	int n;

	for (n = 0; n < STARTS && s->inflight < s->limit; n++) {
		if (timer_is_set(&s->pause) || (p = scan_next_probe(s)) == NULL)
			break;
		scan_start(p);
	}
	if (s->limit != 0 && n == STARTS)
		loop_post(s->run.loop, &s->fill);
	if (s->limit == 0 || n == STARTS || s->inflight > 0 ||
	    timer_is_set(&s->pause) || s->failed != NULL)
		return;
	s->totals.elapsed = loop_now(s->run.loop) - s->began;
	error_set(&err, ENOMEM, "scan", "%s", s->run.plan->host);
	/* If a port is left, there is no memory for another probe. */
	scan_stop(s, destinations_left(&s->destinations) > 0 ?
	    messages_failed(s->run.plan, &err) : REPORT(s->run.plan,
	    EVENT_SCANNED, .scan = &s->totals));
}

static void
scan_on_destinations(void *arg)
{
	struct scan *s = arg;
	struct probe *p;

	if (s->began == 0) {
		s->began = loop_now(s->run.loop);
		s->most = s->limit = scan_most_inflight(s);
	}
	if (s->limit == 0)
		return;
	while ((p = s->failed) != NULL) {
		s->failed = p->next;
		p->next = s->waiting;
		s->waiting = p;
	}
	scan_fill(s);
}

static void
scan_on_retry(void *arg)
{
	struct scan *s = arg;

	run_unlink_now(&s->run);
	destinations_refresh(&s->destinations);
}

int
mode_scan(const struct plan *plan)
{
	struct scan s;
	int status;

	memset(&s, 0, sizeof(s));
	if ((status = run_open(&s.run, plan, &s)) != 0)
		return status;
	s.run.status = 1;
	s.socket_reuse.fd.num = -1;
	s.fill = (struct task){ .run = scan_fill, .arg = &s };
	s.pause = (struct timer){ .fire = scan_fill, .arg = &s };
	retry_init(&s.retry, &s.run, scan_on_retry, &s);
	retry_fresh(&s.retry, -1);
	scan_results_init(&s.scan_results, scan_report, &s);
	status = destinations_find(&s.destinations, &s.run,
	    scan_on_destinations, &s);
	if (status != 0)
		run_stop(&s.run, status);
	loop_run(s.run.loop);
	scan_stop(&s, s.run.status);
	fd_close(&s.socket_reuse.fd);
	scan_results_clear(&s.scan_results);
	destinations_free(&s.destinations);
	return run_close(&s.run);
}

/*
 * --wait-for: waits until all ports are open, in sequence. Reports
 * nothing but the failure that ends the wait, and with -v each port.
 *
 * A datagram port is open if an answer comes, or no refusal of a few small
 * datagrams for a while: most services do not answer such datagrams.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "run/destinations.h"
#include "scan/scan.h"
#include "scan/udp_probe.h"

/* The time within which a refusal comes. */
#define REFUSAL	NSEC_PER_SEC

struct await {
	struct run	 run;
	struct destinations	 destinations;
	struct dial	*dial;
	unsigned	 port;
	struct udp_probe	*udp_probe;
	struct task	 next;
};

static void
wait_opened(struct await *w, const struct addr *addr)
{
	struct run *r = &w->run;
	struct target t = { .host = r->plan->host, .port = w->port,
	    .addr = addr };

	REPORT(r->plan, EVENT_CONNECTED, .target = &t);
	loop_post(r->loop, &w->next);
}

static void
wait_failed(struct await *w, const struct addr *addr, const struct error *err,
    bool last)
{
	struct run *r = &w->run;
	struct target t = { .host = r->plan->host, .port = w->port,
	    .addr = addr, .timeout = r->plan->connect_timeout };
	bool retry = last && destinations_may_retry(&w->destinations, err);
	int status = destinations_failed(&w->destinations, &t, err, last,
	    retry);

	if (retry)
		destinations_retry(&w->destinations, err);
	else if (last)
		run_stop(r, status);
}

static void
wait_on_answer(void *arg, const struct finding *found)
{
	struct await *w = arg;
	struct error err;

	w->udp_probe = NULL;
	if (found->kind != FOUND_REFUSED) {
		wait_opened(w, found->addr);
		return;
	}
	net_error(&err, found->num, found->op, w->run.plan, found->addr);
	wait_failed(w, found->addr, &err, true);
}

static void
wait_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct await *w = arg;
	const struct udp_probe_options opt = { .addr = *addr, .wait = REFUSAL,
	    .done = wait_on_answer, .arg = w };
	struct error err;

	w->dial = NULL;
	destinations_claim(&w->destinations);
	if (tls != NULL || w->run.plan->type != TYPE_DGRAM ||
	    !addr_is_inet(addr)) {
		layer_close(tls);
		fd_close(fd);
		wait_opened(w, addr);
	} else if ((w->udp_probe = udp_probe_start(w->run.loop, fd, &opt)) ==
	    NULL) {
		net_error(&err, errno, "ask", w->run.plan, addr);
		run_fail(&w->run, &err);
	}
}

static void
wait_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct await *w = arg;

	if (last)
		w->dial = NULL;
	if (!run_was_cut(&w->run, err))
		wait_failed(w, addr, err, last);
}

static void
wait_next_port(void *arg)
{
	static const struct dial_ops ops = { .connected = wait_on_connected,
	    .failed = wait_on_failed };
	struct await *w = arg;
	struct run *r = &w->run;
	struct dial_options opt;
	struct error err;

	if (!destinations_next(&w->destinations, &w->port)) {
		run_stop(r, 0);
		return;
	}
	opt = destinations_dial_options(&w->destinations, w->port);
	w->dial = dial_start(r->loop, &opt, &ops, w);
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
	w.next = (struct task){ .run = wait_next_port, .arg = &w };
	w.run.status = 1;
	if ((status = run_open_tls(&w.run)) == 0)
		status = destinations_find(&w.destinations, &w.run,
		    wait_next_port, &w);
	if (status != 0)
		run_stop(&w.run, status);
	loop_run(w.run.loop);
	udp_probe_cancel(w.udp_probe);
	dial_cancel(w.dial);
	destinations_free(&w.destinations);
	return run_close(&w.run);
}

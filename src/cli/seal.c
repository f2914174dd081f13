#include "base/num.h"
#include "cli/subjects.h"

/*
 * The consequences of all options together: the end of a session, repeated
 * tries, scans; then everything else. plan_seal is the last writer of a plan.
 */

/* --wait-for tries soon at first, and then less often. */
#define WAIT_FIRST	(100 * NSEC_PER_MSEC)
#define WAIT_MOST	NSEC_PER_SEC
/* A try without any answer is given up, and begun again. */
#define WAIT_TRY	(5 * NSEC_PER_SEC)
/* The wait for the answer to a datagram of -z, without -w. */
#define SCAN_WAIT	(2 * NSEC_PER_SEC)

static void
seal_end(struct parse *p)
{
	struct end_policy	*end = &p->plan->end;
	bool			 quits = p->seen[ACT_QUIT] && end->linger >= 0;
	bool			 loose = p->seen[ACT_QUIT_LOOSE];

	if (p->seen[ACT_HALF_CLOSE])
		end->near_eof = NEAR_HALF_CLOSE;
	if (p->seen[ACT_NO_SHUTDOWN])
		end->near_eof = NEAR_KEEP;
	/*
	 * -q N: below zero never; zero on a stream only half-closes; otherwise
	 * N seconds after the end of the input.
	 */
	if ((p->seen[ACT_QUIT] || loose) && end->linger != 0)
		end->near_eof = end->linger < 0 && !p->seen[ACT_HALF_CLOSE] ?
		    NEAR_KEEP : NEAR_HALF_CLOSE;
	else if (p->seen[ACT_QUIT] || loose) {
		end->near_eof = loose || p->plan->type == TYPE_DGRAM ?
		    NEAR_CLOSE : NEAR_HALF_CLOSE;
		end->linger = -1;
	}
	if (p->seen[ACT_SEND_ONLY])
		end->near_eof = NEAR_CLOSE;
	/* An end that the user asked for by an option comes at once. */
	if (p->seen[ACT_HALF_CLOSE] || p->seen[ACT_SEND_ONLY] || quits)
		end->null_keeps = end->delay_half_close = false;
	/* -w 0: data that has arrived already still moves. */
	if (end->idle == 0)
		end->idle = NSEC_PER_MSEC;
	if (p->plan->mode == PLAN_LISTEN)
		end->far_eof = p->plan->keep_open ? FAR_IDLE : FAR_BY_INPUT;
}

static int
seal_retry(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_retry	*retry = &plan->retry;

	if (plan->mode == PLAN_SCAN && retry->busy_only) {
		retry->busy_only = false;
		retry->retries = 0;
	}
	/* The first pause between tries is doubled up to the longest. */
	if (p->seen[ACT_RETRY_DELAY] || retry->busy_only)
		retry->delay_most = retry->delay;
	else if (plan->mode == PLAN_WAIT) {
		retry->delay = WAIT_FIRST;
		retry->delay_most = WAIT_MOST;
	} else
		retry->delay = retry->delay_most = NSEC_PER_SEC;
	retry->returns = p->seen[ACT_RETRY] ? retry->retries : -1;
	/* The next connection gets the rest of the input. */
	if (retry->reconnect && plan->near == PLAN_STDIO) {
		plan->end.far_eof = FAR_KEEP_INPUT;
		plan->end.confirm = true;
	}
	if (plan->mode != PLAN_WAIT)
		return 0;
	if (!p->seen[ACT_RETRY])
		retry->retries = -1;
	if (plan->connect_timeout < 0)
		plan->connect_timeout = WAIT_TRY;
	retry->names = true;
	return 0;
}

static int
seal_scan(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_scan	*scan = &plan->scan;

	if (plan->mode != PLAN_SCAN)
		return 0;
	if (scan->wait == 0)
		scan->wait = plan->connect_timeout >= 0 ?
		    plan->connect_timeout : SCAN_WAIT;
	scan->unasked = scan->unasked && plan->verbose == 0;
	scan->paced = scan->paced && plan->interval > 0;
	return 0;
}

/* The share of a worker: the first ones get what does not divide. */
void
plan_seal_worker(struct plan *plan, int number)
{
	struct plan_serve	*serve = &plan->serve;

	serve->max_conns = serve->max_conns / serve->workers +
	    (number <= serve->max_conns % serve->workers);
	/* The parent has the deadline, and reports that all are ready. */
	plan->deadline = -1;
	plan->service.port_file = NULL;
	plan->service.ready_fd = 0;
}

int
plan_seal(struct parse *p)
{
	static int	(*const seals[])(struct parse *) = {
		seal_forward, seal_chat, seal_files, seal_serve, seal_retry,
		seal_proxy_login, seal_proxy_server, seal_proxy,
		seal_proxyp, seal_scan, seal_tls, seal_service, seal_faults,
		seal_sandbox
	};
	int		 rc;

	seal_targets(p);
	if ((rc = seal_socket(p)) != 0 || (rc = seal_tag(p)) != 0)
		return rc;
	seal_end(p);
	seal_concurrent(p);
	if (p->dialect->seal != NULL && (rc = p->dialect->seal(p)) != 0)
		return rc;
	for (size_t i = 0; i < sizeof(seals) / sizeof(seals[0]); i++)
		if ((rc = seals[i](p)) != 0)
			return rc;
	/* A program that gets the socket may pause its reading for long. */
	p->plan->sock.gives_up = !p->plan->exec.handover &&
	    p->plan->near != PLAN_PASS;
	p->plan->subject = p->plan->mode;
	if (p->seen[ACT_EXPLAIN])
		p->plan->mode = PLAN_EXPLAIN;
	return 0;
}

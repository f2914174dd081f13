#include <sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd_batch.h"
#include "layer/layer.h"
#include "run/metrics.h"
#include "run/stats.h"

/* The metrics of a connection. */
struct series {
	TAILQ_ENTRY(series)	 link;
	const void		*owner;
	struct fd		 fd;		/* num -1: not read any more */
	uint64_t		 cookie;	/* of fd's socket */
	int64_t			 began;
	struct fd_metrics	 seen;		/* at the last look */
	struct stats		 stats;		/* owns stats.tls */
	bool			 held;		/* the exit status comes later
						   than the outcome */
	struct outcome		*outcome;	/* owned, while it is held */
};

struct metrics {
	struct run		*run;
	int			 file;		/* -1: none */
	unsigned		 numbered;	/* series so far */
	bool			 idle;		/* the loop was at the last
						   look */
	struct timer		 timer;
	struct task		 on_work;	/* ends a rest of the timer */
	TAILQ_HEAD(, series)	 all;
	uint64_t		 left_out;	/* lines that a slow reader
						   did not take */
};

/* Bytes of the text of a flow. */
#define REPORT_MAX	128

static double
metrics_seconds(int64_t nsec)
{
	return (double)nsec / (double)NSEC_PER_SEC;
}

/*
 * Lines that a FIFO does not take are counted as left out. Any other failure
 * is reported and closes the file: the transfer goes on.
 */
static void
metrics_put(struct metrics *f, const char *text, size_t len)
{
	const struct run *r = f->run;
	struct error err;
	ssize_t n;

	do
		n = write(f->file, text, len);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN) {
		for (; len > 0; len--)
			f->left_out += *text++ == '\n';
		return;
	}
	if (n != -1 && (size_t)n == len)
		return;
	error_set(&err, n == -1 ? errno : ENOSPC, "write to", "%s",
	    r->plan->service.tcp_info);
	(void)messages_failed(r->plan, &err);
	(void)close(f->file);
	f->file = -1;
	f->run->incomplete = true;
	timer_clear(r->loop, &f->timer);
}

/* Returns false if the socket is gone: another may have got the number. */
static bool
metrics_read(struct series *m, struct fd_metrics *metrics)
{
	if (m->fd.num != -1 && fd_cookie(&m->fd) != m->cookie)
		m->fd.num = -1;
	return m->fd.num != -1 && fd_metrics(&m->fd, metrics);
}

/*
 * Writes a line of one series, or of all, by a single write(2). Returns
 * whether anything has moved since the last look, or is on its way.
 */
static bool
metrics_look(struct metrics *f, struct series *only)
{
	struct fd_metrics now;
	struct series *m;
	bool moves = false;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (f->file == -1 || (out = open_memstream(&text, &len)) == NULL)
		return false;
	TAILQ_FOREACH(m, &f->all, link) {
		if ((only != NULL && m != only) || !metrics_read(m, &now))
			continue;
		(void)fprintf(out, "%.6f\t%u\t%s",
		    metrics_seconds(loop_now(f->run->loop) - m->began),
		    m->stats.number, now.state);
		for (int i = 0; i < FD_METRICS; i++)
			if (now.value[i] == -1)
				(void)fputs("\tNaN", out);
			else
				(void)fprintf(out, "\t%" PRId64, now.value[i]);
		(void)fputc('\n', out);
		moves |= m->seen.state != now.state || memcmp(m->seen.value,
		    now.value, sizeof(now.value)) != 0 ||
		    fd_unacked(&m->fd) > 0;
		m->seen = now;
	}
	if (fclose(out) == 0 && len > 0)
		metrics_put(f, text, len);
	free(text);
	return moves;
}

static void
metrics_set_timer(struct metrics *f)
{
	if (f->file != -1 && !timer_is_set(&f->timer))
		timer_set(f->run->loop, &f->timer, loop_now(f->run->loop) +
		    f->run->plan->service.tcp_info_every);
}

/* Something happens after a rest. */
static void
metrics_on_work(void *arg)
{
	struct metrics *f = arg;

	(void)metrics_look(f, NULL);
	metrics_set_timer(f);
}

/*
 * If the loop is idle now and 1 ms later, the timer is not set again: another
 * timer of the same turn may begin work. Where nothing moves, the timer rests.
 */
static void
metrics_on_time(void *arg)
{
	struct metrics *f = arg;
	struct loop *loop = f->run->loop;
	bool idle = loop_is_idle(loop);

	if (TAILQ_EMPTY(&f->all) || (idle && f->idle))
		return;
	f->idle = idle;
	if (idle)
		timer_set(loop, &f->timer, loop_now(loop) + NSEC_PER_MSEC);
	else if (metrics_look(f, NULL))
		metrics_set_timer(f);
	else
		loop_on_work(loop, &f->on_work);
}

int
metrics_open(struct run *r, struct error *err)
{
	const struct plan_service *s = &r->plan->service;
	char columns[256] = "time\tconnection\tstate";
	struct metrics *f;

	if (!s->stats && s->tcp_info == NULL)
		return 0;
	if ((f = calloc(1, sizeof(*f))) == NULL) {
		error_set(err, errno, "prepare", "figures");
		return -1;
	}
	f->run = r;
	f->file = -1;
	f->timer = (struct timer){ .fire = metrics_on_time, .arg = f };
	f->on_work = (struct task){ .run = metrics_on_work, .arg = f };
	TAILQ_INIT(&f->all);
	r->metrics = f;
	if (s->tcp_info == NULL)
		return 0;
	f->file = fd_create(s->tcp_info, O_WRONLY | O_TRUNC, 0666);
	if (f->file == -1) {
		error_set(err, errno, "open", "%s", s->tcp_info);
		return -1;
	}
	for (int i = 0; i < FD_METRICS; i++) {
		(void)strlcat(columns, "\t", sizeof(columns));
		(void)strlcat(columns, fd_metrics_name(i), sizeof(columns));
	}
	(void)strlcat(columns, "\n", sizeof(columns));
	metrics_put(f, columns, strlen(columns));
	return 0;
}

void
metrics_close(struct run *r)
{
	struct metrics *f = r->metrics;
	struct series *m;

	if (f == NULL)
		return;
	(void)metrics_look(f, NULL);
	while ((m = TAILQ_FIRST(&f->all)) != NULL)
		metrics_over(r, m->owner, NULL);
	timer_clear(r->loop, &f->timer);
	loop_unpost(r->loop, &f->on_work);
	if (f->file != -1)
		(void)close(f->file);
	if (f->left_out > 0)
		diag_warnx("%s is too slow (%" PRIu64 " line%s left out)",
		    r->plan->service.tcp_info, f->left_out,
		    f->left_out == 1 ? "" : "s");
	free(f);
	r->metrics = NULL;
}

static struct series *
metrics_of(const struct run *r, const void *owner)
{
	struct series *m;

	if (r->metrics == NULL)
		return NULL;
	TAILQ_FOREACH(m, &r->metrics->all, link)
		if (m->owner == owner)
			return m;
	return NULL;
}

/* Adds what JSON alone tells. */
static void
metrics_add_facts(const struct run *r, struct stats *s,
    const struct metrics_of *of, int num)
{
	/* A given socket may be another than the plan says. */
	s->protocol = r->plan->device != NULL ? "file" :
	    r->is_unix && r->plan->family != FAMILY_UNIX ? "unix" :
	    plan_proto(r->plan);
	(void)clock_gettime(CLOCK_REALTIME, &s->started);
	if (of->local != NULL && of->local->len != 0)
		s->local = *of->local;
	else if (num == -1 || addr_local(&s->local, num) == -1)
		s->local.len = 0;
	if (!r->plan->show_mapped)
		addr_unmap(&s->local);
	if (of->top == NULL || (s->tls = malloc(sizeof(*s->tls))) == NULL ||
	    layer_facts(of->top, s->tls))
		return;
	free(s->tls);
	s->tls = NULL;
}

void
metrics_start(struct run *r, const void *owner, const struct metrics_of *of)
{
	struct metrics *f = r->metrics;
	int num = of->fd != NULL ? of->fd->num : -1;
	struct series *m;

	/* A connection that was given up may have had the same memory. */
	metrics_over(r, owner, NULL);
	if (f == NULL || (m = calloc(1, sizeof(*m))) == NULL)
		return;
	m->owner = owner;
	m->stats.number = ++f->numbered;
	m->began = loop_now(r->loop);
	m->fd.num = -1;
	if (num != -1 && (m->cookie = fd_cookie(of->fd)) != 0)
		m->fd = *of->fd;
	if (of->peer != NULL)
		m->stats.peer = *of->peer;
	else if (num == -1 || addr_peer(&m->stats.peer, num) == -1)
		m->stats.peer.len = 0;
	if (!r->plan->show_mapped)
		addr_unmap(&m->stats.peer);
	if (r->plan->service.stats == STATS_JSON)
		metrics_add_facts(r, &m->stats, of, num);
	TAILQ_INSERT_TAIL(&f->all, m, link);
	(void)metrics_look(f, m);
	loop_unpost(r->loop, &f->on_work);
	metrics_set_timer(f);
}

void
metrics_last(struct run *r, const void *owner)
{
	struct series *m = metrics_of(r, owner);

	if (m == NULL)
		return;
	(void)metrics_look(r->metrics, m);
	if (r->plan->service.stats == STATS_JSON && m->fd.num != -1)
		m->stats.has_tcp = metrics_read(m, &m->stats.tcp);
	m->fd.num = -1;
}

void
metrics_over(struct run *r, const void *owner, const struct outcome *o)
{
	struct series *m = metrics_of(r, owner);
	struct outcome reported;

	if (m == NULL)
		return;
	metrics_last(r, owner);
	if (m->outcome != NULL && o != NULL)
		return;
	if (m->outcome != NULL || (o != NULL && r->plan->service.stats)) {
		reported = o != NULL ? *o : *m->outcome;
		/* The deadline ended the connection, not the peer. */
		if (o != NULL && r->deadline.passed &&
		    reported.cause == SESSION_EOF)
			reported.cause = SESSION_TOTAL;
		if (m->held && m->outcome == NULL &&
		    (m->outcome = malloc(sizeof(reported))) != NULL) {
			*m->outcome = reported;
			return;
		}
		/* The program dies of a signal. */
		stats_print(&m->stats, &reported, reported.cause ==
		    SESSION_INTERRUPTED && r->signo != 0 ? 128 + r->signo :
		    outcome_status(&reported),
		    r->plan->service.stats == STATS_JSON);
		r->incomplete |= diag_was_lost();
	}
	TAILQ_REMOVE(&r->metrics->all, m, link);
	free(m->stats.tls);
	free(m->outcome);
	free(m);
}

void
metrics_await_status(const struct run *r, const void *owner)
{
	struct series *m = metrics_of(r, owner);

	if (m != NULL)
		m->held = r->plan->service.stats == STATS_JSON;
}

void
metrics_settle(struct run *r, const void *owner, int status)
{
	struct series *m = metrics_of(r, owner);

	if (m == NULL || m->outcome == NULL)
		return;
	m->outcome->status = status;
	metrics_over(r, owner, NULL);
}

/* ---- SIGUSR1 ------------------------------------------------------------ */

static const char *
metrics_report_state(const struct flow *f, char buf[REPORT_MAX])
{
	const char *end = f->state == FLOW_OPEN ? "" : "has ended; ";
	size_t held = flow_held(f);

	if (f->state == FLOW_DONE && f->cause == FLOW_EOF)
		return f->half_close ? "has ended, which was passed on" :
		    "has ended";
	if (f->state == FLOW_DONE)
		return f->cause == FLOW_READ_FAILED ||
		    f->cause == FLOW_WRITE_FAILED ? "has failed" :
		    "is not in use";
	if (f->stalled)
		(void)snprintf(buf, REPORT_MAX, "%sstalled by request",
		    end);
	else if (f->gated_until != 0)
		(void)snprintf(buf, REPORT_MAX, "%spauses between what is sent",
		    end);
	else if (held > 0)
		(void)snprintf(buf, REPORT_MAX, "%s%zu bytes wait to be taken",
		    end, held);
	else if (f->state != FLOW_OPEN)
		(void)snprintf(buf, REPORT_MAX, "%s%s", end, f->hold_shut ?
		    "the peer is told when it pauses" :
		    "the peer is being told");
	else
		return "waits for something to read";
	return buf;
}

static void
metrics_report_flow(const char *what, uint64_t bytes, const char *name,
    const struct flow *f)
{
	char buf[REPORT_MAX];

	diag_warnx("%s %" PRIu64 " bytes; %s %s", what, bytes, name,
	    metrics_report_state(f, buf));
}

static void
metrics_report_date(const struct run *r, const char *what, int64_t when)
{
	if (when != 0)
		diag_warnx("%s in %.1f seconds", what,
		    metrics_seconds(when - loop_now(r->loop)));
}

static void
metrics_report_session(const struct run *r)
{
	const struct session *s = &r->session;
	struct dgram_drops drops = { .n = 0 };
	char text[FAR_RULE_TEXT_MAX];

	diag_warnx("%s: %.1f seconds so far", s->far->in.name,
	    metrics_seconds(loop_now(r->loop) - s->started));
	metrics_report_flow("sent", s->up.ledger.written,
	    s->near->in.top != NULL ? s->near->in.name :
	    "the input", &s->up);
	/* Stamps are not the peer's. */
	metrics_report_flow("received", s->down.ledger.written -
	    r->stamped.taken, "the peer", &s->down);
	dgram_add_drops(r->drops.sock != NULL ? r->drops.sock :
	    &r->far.in_bottom.fd, &drops);
	if (drops.n > 0)
		diag_warnx("%s%" PRIu64 " datagram%s dropped by the kernel",
		    drops.at_least ? "at least " : "", drops.n,
		    drops.n == 1 ? " was" : "s were");
	if (s->acks.look_at != 0)
		diag_warnx("%" PRIu64 " bytes are not acknowledged yet",
		    (uint64_t)s->acks.left);
	if (s->idleness)
		metrics_report_date(r, "idle timeout",
		    s->active + s->opt.policy.idle);
	metrics_report_date(r, "quits after the end of the input",
	    s->linger_until);
	if (s->far_end.rule != RULE_NONE && s->up.state == FLOW_OPEN)
		diag_warnx("the peer has ended; %s",
		    policy_far_text(&s->opt.policy, s->far_end.rule, text));
	metrics_report_date(r, "ends unless input comes",
	    s->far_end.until);
	metrics_report_date(r, "ends unless the peer ends", s->reader_until);
	if (s->quiet != 0)
		metrics_report_date(r, "ends unless the peer sends data",
		    s->active + s->quiet);
	metrics_report_date(r, "session timeout", s->total_until);
}

void
metrics_report(const struct run *r)
{
	if (r->in_session)
		metrics_report_session(r);
	if (r->report_others.call != NULL)
		r->report_others.call(r->report_others.arg);
	if (r->others > 0)
		diag_warnx("%u active connection%s", r->others,
		    r->others == 1 ? "" : "s");
	else if (r->in_session || r->report_others.call != NULL)
		return;
	else if (r->interrupt.call != NULL)
		diag_warnx("at most one active connection");
	else
		diag_warnx("no connection yet");
}

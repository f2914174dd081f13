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
#include "io/fd_metrics.h"
#include "run/metrics.h"
#include "run/stats.h"

/* The metrics of a connection. */
struct series {
	TAILQ_ENTRY(series)	 link;
	const void		*owner;
	struct fd		 fd;		/* num -1: not read any more */
	uint64_t		 cookie;	/* of fd's socket */
	unsigned		 number;
	int64_t			 started;
	struct addr		 peer;		/* len 0: not known */
	struct fd_metrics	 seen;		/* at the last look */
	struct stats_facts	*facts;		/* for JSON; or NULL */
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
	bool			 failed;	/* lines are missing */
	uint64_t		 left_out;	/* lines that a slow reader
						   did not take */
};

/* Bytes of the text of a flow. */
#define REPORT_MAX	128

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

	if (f->file == -1)
		return;
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
	(void)r->messages->failed(r->plan, &err);
	(void)close(f->file);
	f->file = -1;
	f->failed = true;
	timer_clear(r->loop, &f->timer);
}

static double
metrics_seconds(int64_t nsec)
{
	return (double)nsec / (double)NSEC_PER_SEC;
}

static void
metrics_print(FILE *out, const struct series *m, int64_t now,
    const struct fd_metrics *metrics)
{
	(void)fprintf(out, "%.6f\t%u\t%s", metrics_seconds(now - m->started),
	    m->number, metrics->state);
	for (int i = 0; i < FD_METRICS; i++)
		if (metrics->value[i] == -1)
			(void)fputs("\tNaN", out);
		else
			(void)fprintf(out, "\t%" PRId64, metrics->value[i]);
	(void)fputc('\n', out);
}

/* Returns false if the socket is gone: another may have got the number. */
static bool
metrics_read(struct series *m, struct fd_metrics *metrics)
{
	if (m->fd.num != -1 && fd_cookie(&m->fd) != m->cookie)
		m->fd.num = -1;
	return m->fd.num != -1 && fd_metrics(&m->fd, metrics);
}

/* Whether anything has moved since the last look, or is on its way. */
static bool
metrics_moves(struct series *m, const struct fd_metrics *metrics)
{
	bool same = m->seen.state == metrics->state && memcmp(m->seen.value,
	    metrics->value, sizeof(metrics->value)) == 0;

	m->seen = *metrics;
	return !same || fd_unacked(&m->fd) > 0;
}

/*
 * Writes a line of one series, or of all, by a single write(2). Returns
 * whether anything moves.
 */
static bool
metrics_look(struct metrics *f, struct series *only)
{
	struct fd_metrics metrics;
	struct series *m;
	bool moves = false;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (f->file == -1 || (out = open_memstream(&text, &len)) == NULL)
		return false;
	TAILQ_FOREACH(m, &f->all, link) {
		if ((only != NULL && m != only) || !metrics_read(m, &metrics))
			continue;
		metrics_print(out, m, loop_now(f->run->loop), &metrics);
		moves |= metrics_moves(m, &metrics);
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
	if (idle) {
		timer_set(loop, &f->timer, loop_now(loop) + NSEC_PER_MSEC);
		return;
	}
	if (metrics_look(f, NULL))
		metrics_set_timer(f);
	else
		loop_on_work(loop, &f->on_work);
}

/* Writes the names of the columns. */
static void
metrics_put_header(struct metrics *f)
{
	char line[256] = "time\tconnection\tstate";

	for (int i = 0; i < FD_METRICS; i++) {
		(void)strlcat(line, "\t", sizeof(line));
		(void)strlcat(line, fd_metrics_name(i), sizeof(line));
	}
	(void)strlcat(line, "\n", sizeof(line));
	metrics_put(f, line, strlen(line));
}

int
metrics_open(struct run *r, struct error *err)
{
	const struct plan_service *s = &r->plan->service;
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
	metrics_put_header(f);
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
	if (f->failed && r->status == 0)
		r->status = 1;
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
	m->number = ++f->numbered;
	m->started = loop_now(r->loop);
	m->fd.num = -1;
	if (num != -1 && (m->cookie = fd_cookie(of->fd)) != 0)
		m->fd = *of->fd;
	if (of->peer != NULL)
		m->peer = *of->peer;
	else if (num == -1 || addr_peer(&m->peer, num) == -1)
		m->peer.len = 0;
	if (!r->plan->show_mapped)
		addr_unmap(&m->peer);
	if (r->plan->service.stats_json)
		m->facts = stats_facts_new(of->local, num, of->top,
		    r->plan->show_mapped);
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
	if (m->facts != NULL && m->fd.num != -1)
		m->facts->has_tcp = metrics_read(m, &m->facts->tcp);
	m->fd.num = -1;
}

static void
metrics_print_stats(struct run *r, const struct series *m,
    const struct outcome *o)
{
	/* A given socket may be another than the plan says. */
	const char *protocol = r->plan->device != NULL ? "file" :
	    r->is_unix && r->plan->family != FAMILY_UNIX ? "unix" :
	    plan_proto(r->plan);
	struct stats stats = { .number = m->number, .protocol = protocol,
	    .peer = &m->peer, .outcome = o,
	    .json = r->plan->service.stats_json, .facts = m->facts,
	    .status = outcome_status(o) };

	/* The program dies of the signal. */
	if (o->cause == SESSION_INTERRUPTED && r->signo != 0)
		stats.status = 128 + r->signo;
	stats_print(&stats);
	if (diag_was_lost())
		r->metrics->failed = true;
}

void
metrics_over(struct run *r, const void *owner, const struct outcome *o)
{
	struct series *m = metrics_of(r, owner);
	struct outcome reported;

	if (m == NULL)
		return;
	metrics_last(r, owner);
	if (m->facts != NULL && m->facts->over) {
		if (o != NULL)
			return;
		metrics_print_stats(r, m, &m->facts->outcome);
	} else if (o != NULL && r->plan->service.stats) {
		reported = *o;
		/* The deadline ended the connection, not the peer. */
		if (r->deadline.passed && o->cause == SESSION_EOF)
			reported.cause = SESSION_TOTAL;
		/* The outcome waits until the exit status is known. */
		if (m->facts != NULL && m->facts->held) {
			m->facts->outcome = reported;
			m->facts->over = true;
			return;
		}
		metrics_print_stats(r, m, &reported);
	}
	TAILQ_REMOVE(&r->metrics->all, m, link);
	free(m->facts);
	free(m);
}

void
metrics_await_status(const struct run *r, const void *owner)
{
	struct series *m = metrics_of(r, owner);

	if (m != NULL && m->facts != NULL)
		m->facts->held = true;
}

void
metrics_settle(struct run *r, const void *owner, int status)
{
	struct series *m = metrics_of(r, owner);

	if (m == NULL || m->facts == NULL || !m->facts->over)
		return;
	m->facts->outcome.status = status;
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
	if (r->report_others != NULL)
		r->report_others(r->report_arg);
	if (r->others > 0)
		diag_warnx("%u active connection%s", r->others,
		    r->others == 1 ? "" : "s");
	else if (!r->in_session && r->report_others != NULL)
		diag_warnx("no active connection");
	else if (!r->in_session && r->interrupt != NULL)
		diag_warnx("at most one active connection");
	else if (!r->in_session)
		diag_warnx("no connection yet");
}

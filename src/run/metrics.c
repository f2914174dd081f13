/*
 * Figures of connections.
 */
#include <sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd_metrics.h"
#include "run/metrics.h"

struct meter {
	TAILQ_ENTRY(meter)	 link;
	struct run		*run;
	const void		*owner;
	struct fd		 fd;		/* num -1: not looked at */
	uint64_t		 cookie;	/* of that very socket */
	unsigned		 number;
	int64_t			 started;
	struct addr		 peer;
};

struct metrics {
	struct run		*run;
	int			 file;		/* -1: none */
	unsigned		 numbered;
	bool			 idle;		/* the loop was, just now */
	struct timer		 timer;
	TAILQ_HEAD(, meter)	 meters;
	bool		 failed;	/* some are missing in the file */
	uint64_t	 left_out;	/* lines, for it took no more */
};

static const char header[] = "time\tconnection\tstate\trtt\trttvar\tcwnd\t"
    "ssthresh\tmss\tretransmits\tunacked\tlost\tsnd_wnd\trcv_space\t"
    "bytes_acked\tbytes_received\tdelivery_rate\n";

/* Nobody waits for whoever reads a FIFO; at the end it is told. */
static void
metrics_leave_out(struct metrics *f, const char *text, size_t len)
{
	const char *end = text + len;

	for (; text < end; text++)
		f->left_out += *text == '\n';
}

static void
metrics_tell_left_out(const struct metrics *f)
{
	if (f->left_out > 0)
		diag_warnx("%s is too slow (%" PRIu64 " line%s left out)",
		    f->run->plan->service.tcp_info, f->left_out,
		    f->left_out == 1 ? "" : "s");
}

/* The transfer is worth more than its figures: told once, and given up. */
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
		metrics_leave_out(f, text, len);
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

static void
metrics_print(FILE *out, const struct meter *m,
    const struct fd_metrics *metrics)
{
	int64_t t = loop_now(m->run->loop) - m->started;
	int i;

	(void)fprintf(out, "%.6f\t%u\t%s", (double)t / (double)NSEC_PER_SEC,
	    m->number, metrics->state);
	for (i = 0; i < FD_METRICS; i++)
		if (metrics->value[i] == -1)
			(void)fputs("\tNaN", out);
		else
			(void)fprintf(out, "\t%" PRId64, metrics->value[i]);
	(void)fputc('\n', out);
}

/* Somebody else may have the number by now. */
static bool
metrics_is_there(struct meter *m)
{
	if (m->fd.num != -1 && fd_cookie(&m->fd) != m->cookie)
		m->fd.num = -1;
	return m->fd.num != -1;
}

/* A line of one, or of all; one write for them. */
static void
metrics_look(struct metrics *f, struct meter *only)
{
	struct fd_metrics metrics;
	struct meter *m;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (f->file == -1 || (out = open_memstream(&text, &len)) == NULL)
		return;
	TAILQ_FOREACH(m, &f->meters, link)
		if ((only == NULL || m == only) && metrics_is_there(m) &&
		    fd_metrics(&m->fd, &metrics))
			metrics_print(out, m, &metrics);
	if (fclose(out) == 0 && len > 0)
		metrics_put(f, text, len);
	free(text);
}

static void
metrics_set_timer(struct metrics *f)
{
	if (f->file != -1 && !timer_is_set(&f->timer))
		timer_set(f->run->loop, &f->timer, loop_now(f->run->loop) +
		    f->run->plan->service.tcp_info_every);
}

/*
 * Another timer that fires in the same turn may bring the loop to life again,
 * so an idle one is looked at twice.
 */
static void
metrics_on_time(void *arg)
{
	struct metrics *f = arg;
	struct loop *loop = f->run->loop;
	bool idle = loop_is_idle(loop);

	if (TAILQ_EMPTY(&f->meters) || (idle && f->idle))
		return;
	f->idle = idle;
	if (idle) {
		timer_set(loop, &f->timer, loop_now(loop) + NSEC_PER_MSEC);
		return;
	}
	metrics_look(f, NULL);
	metrics_set_timer(f);
}

static int
metrics_open_file(struct metrics *f, const char *path)
{
	f->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY, 0666);
	if (f->file == -1)
		return -1;
	metrics_put(f, header, sizeof(header) - 1);
	return 0;
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
	TAILQ_INIT(&f->meters);
	r->metrics = f;
	if (s->tcp_info == NULL || metrics_open_file(f, s->tcp_info) == 0)
		return 0;
	error_set(err, errno, "write to", "%s", s->tcp_info);
	return -1;
}

static void
metrics_forget(struct metrics *f, struct meter *m)
{
	TAILQ_REMOVE(&f->meters, m, link);
	free(m);
}

void
metrics_close(struct run *r)
{
	struct metrics *f = r->metrics;
	struct meter *m;

	if (f == NULL)
		return;
	metrics_look(f, NULL);
	while ((m = TAILQ_FIRST(&f->meters)) != NULL)
		metrics_forget(f, m);
	timer_clear(r->loop, &f->timer);
	if (f->file != -1)
		(void)close(f->file);
	metrics_tell_left_out(f);
	/* They were promised. */
	if (f->failed && r->status == 0)
		r->status = 1;
	free(f);
	r->metrics = NULL;
}

static struct meter *
metrics_meter_of(const struct run *r, const void *owner)
{
	struct meter *m;

	if (r->metrics == NULL)
		return NULL;
	TAILQ_FOREACH(m, &r->metrics->meters, link)
		if (m->owner == owner)
			return m;
	return NULL;
}

static void
metrics_find_peer(struct meter *m, const struct fd *fd, const struct addr *peer)
{
	if (peer != NULL)
		m->peer = *peer;
	else if (fd == NULL || addr_peer(&m->peer, fd->num) == -1)
		m->peer.len = 0;
	if (!m->run->plan->show_mapped)
		addr_unmap(&m->peer);
}

void
meter_start(struct run *r, const void *owner, const struct fd *fd,
    const struct addr *peer)
{
	struct metrics *f = r->metrics;
	struct meter *m;

	/* One that was given up has left its memory to this one. */
	meter_over(r, owner, NULL);
	if (f == NULL || (m = calloc(1, sizeof(*m))) == NULL)
		return;
	m->run = r;
	m->owner = owner;
	m->number = ++f->numbered;
	m->started = loop_now(r->loop);
	m->fd.num = -1;
	if (fd != NULL && (m->cookie = fd_cookie(fd)) != 0)
		m->fd = *fd;
	metrics_find_peer(m, fd, peer);
	TAILQ_INSERT_TAIL(&f->meters, m, link);
	metrics_look(f, m);
	metrics_set_timer(f);
}

void
meter_last(struct run *r, const void *owner)
{
	struct meter *m = metrics_meter_of(r, owner);

	if (m == NULL)
		return;
	metrics_look(r->metrics, m);
	m->fd.num = -1;
}

void
meter_over(struct run *r, const void *owner, const struct outcome *o)
{
	struct meter *m = metrics_meter_of(r, owner);
	struct outcome told;

	if (m == NULL)
		return;
	meter_last(r, owner);
	if (o != NULL && r->plan->service.stats) {
		told = *o;
		/* It has not ended: the deadline took it. */
		if (r->deadline.passed && told.cause == OUTCOME_EOF)
			told.cause = OUTCOME_TOTAL;
		messages_stats(r->plan, &m->peer, m->number, &told);
	}
	metrics_forget(r->metrics, m);
}

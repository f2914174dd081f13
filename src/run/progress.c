#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "run/progress_line.h"
#include "run/run.h"

/* Between two lines. */
#define TICK		(NSEC_PER_SEC / 8)
/* The rate is that of so many ticks. */
#define SAMPLES		16
/* The columns of a terminal that does not know. */
#define COLUMNS		80

/* The bytes that had moved at a time. */
struct sample {
	int64_t		 when;
	uint64_t	 bytes[PROGRESS_WAYS];
};

struct progress {
	struct run		*run;
	struct fd		 out;		/* standard error, or the same
						   terminal */
	struct flow_meter	 meters[PROGRESS_WAYS];
	bool			 typed;		/* standard input, a terminal,
						   is sent; the line goes by its
						   first bytes */
	bool			 begun;		/* there was a flow */
	int64_t			 started;
	struct sample		 samples[SAMPLES];	/* the newest is last */
	unsigned		 nsamples;
	struct progress_state	 state;		/* as drawn last */
	uint64_t		 file_size;	/* rest of the input; 0: not
						   known */
	struct timer		 timer;
	int64_t			 drawn_at;
	size_t			 drawn;		/* characters of the line that
						   stands there; 0: none */
	bool			 hidden;	/* the output is amid a line */
};

/* The layer above an output that is the same terminal as ours. */
struct progress_layer {
	struct layer		 layer;
	struct run		*run;
};

/* ---- Drawing ------------------------------------------------------------ */

/*
 * Writes the text, and blanks over the rest of the line before. What the
 * terminal does not take is left out; the next line begins at the left, too.
 */
static void
progress_put(struct progress *p, const char *text, size_t n)
{
	char line[2 * PROGRESS_LINE_MAX + 2];
	struct iovec iov = { .iov_base = line };
	size_t blanks = p->drawn > n ? p->drawn - n : 0, done;

	line[0] = '\r';
	memcpy(line + 1, text, n);
	memset(line + 1 + n, ' ', blanks);
	iov.iov_len = 1 + n + blanks;
	if (n == 0)
		line[iov.iov_len++] = '\r';
	if (fd_write(&p->out, &iov, 1, &done) == IO_OK)
		p->drawn = n;
}

static void
progress_draw(struct progress *p)
{
	pid_t front = tcgetpgrp(p->out.num);
	char text[PROGRESS_LINE_MAX];
	/* A character in the last column may move the cursor on. */
	size_t columns = COLUMNS - 1;
	struct winsize size;

	p->drawn_at = loop_now(p->run->loop);
	/*
	 * A job in the background leaves the terminal alone; and where a
	 * person types, the line would stand amid the next typed one.
	 */
	if (!p->begun || p->hidden || (front > 0 && front != getpgrp()) ||
	    (p->typed && p->state.bytes[PROGRESS_SENT] > 0))
		return;
	if (ioctl(p->out.num, TIOCGWINSZ, &size) == 0 && size.ws_col >= 2)
		columns = size.ws_col - 1U;
	progress_put(p, text, progress_line(&p->state, columns, text));
}

static void
progress_on_message(void *arg, bool after)
{
	struct progress *p = arg;

	/* A message that follows is on the next line, in any case. */
	p->hidden = false;
	if (after)
		progress_draw(p);
	else if (p->drawn > 0)
		progress_put(p, "", 0);
}

static void
progress_on_resize(void *arg, int signo)
{
	struct progress *p = arg;

	(void)signo;
	if (p->drawn > 0)
		progress_draw(p);
}

/* ---- Figures and time --------------------------------------------------- */

/* Adds a sample of now, and returns it. */
static const struct sample *
progress_sample(struct progress *p)
{
	if (p->nsamples == SAMPLES)
		memmove(p->samples, p->samples + 1,
		    --p->nsamples * sizeof(*p->samples));
	p->samples[p->nsamples] = (struct sample){
	    .when = loop_now(p->run->loop),
	    .bytes = { p->meters[PROGRESS_SENT].bytes,
	    p->meters[PROGRESS_RECEIVED].bytes } };
	return &p->samples[p->nsamples++];
}

static void
progress_look(struct progress *p)
{
	const struct sample *now = progress_sample(p), *from = p->samples;
	struct progress_state *s = &p->state;
	uint64_t size = p->run->plan->progress.size;

	for (unsigned i = 0; i < PROGRESS_WAYS; i++) {
		s->bytes[i] = now->bytes[i];
		s->rate[i] = now->when <= from->when ? 0 : (uint64_t)
		    ((double)(now->bytes[i] - from->bytes[i]) *
		    (double)NSEC_PER_SEC / (double)(now->when - from->when));
	}
	s->elapsed = now->when - p->started;
	/*
	 * The way that the size is about, where both move: that of a file is
	 * about sent bytes, whatever is received.
	 */
	s->sized = s->bytes[PROGRESS_RECEIVED] > s->bytes[PROGRESS_SENT] &&
	    (size > 0 || p->file_size == 0) ? PROGRESS_RECEIVED : PROGRESS_SENT;
	s->size = size > 0 ? size : p->file_size;
}

static void
progress_set_timer(struct progress *p, int64_t when)
{
	if (!timer_is_set(&p->timer))
		loop_background(p->run->loop, 1);
	timer_set(p->run->loop, &p->timer, when);
}

/* A byte has moved after a silence: the rate is measured from here on. */
static void
progress_on_moved(void *arg)
{
	struct progress *p = arg;
	int64_t now = loop_now(p->run->loop), when = p->drawn_at + TICK;

	for (unsigned i = 0; i < PROGRESS_WAYS; i++)
		p->meters[i].moved = NULL;
	p->nsamples = 0;
	(void)progress_sample(p);
	p->state.stalled = false;
	progress_set_timer(p, when > now ? when : now + TICK);
}

static void
progress_on_time(void *arg)
{
	struct progress *p = arg;
	struct progress_state *s = &p->state;

	loop_background(p->run->loop, -1);
	progress_look(p);
	if (p->nsamples < SAMPLES || s->rate[PROGRESS_SENT] > 0 ||
	    s->rate[PROGRESS_RECEIVED] > 0)
		progress_set_timer(p, loop_now(p->run->loop) + TICK);
	else {
		/* Nothing has moved for the time of all samples. */
		s->stalled = s->bytes[PROGRESS_SENT] +
		    s->bytes[PROGRESS_RECEIVED] > 0;
		for (unsigned i = 0; i < PROGRESS_WAYS; i++)
			p->meters[i].moved = progress_on_moved;
	}
	progress_draw(p);
}

void
progress_count(struct run *r, struct flow_options *sent,
    struct flow_options *received)
{
	struct progress *p = r->progress;

	if (p == NULL)
		return;
	if (sent != NULL)
		sent->meter = &p->meters[PROGRESS_SENT];
	if (received != NULL)
		received->meter = &p->meters[PROGRESS_RECEIVED];
	if (p->begun)
		return;
	p->begun = true;
	p->started = p->drawn_at = loop_now(r->loop);
	progress_on_moved(p);
}

/* ---- A terminal that the output has, too -------------------------------- */

/* The line makes room, and comes back when the output has ended its line. */
static enum io
progress_layer_write(struct layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	struct progress *p = ((struct progress_layer *)l)->run->progress;
	struct iovec last;
	enum io io;

	if (p != NULL && p->drawn > 0)
		progress_put(p, "", 0);
	io = l->below->ops->write(l->below, iov, cnt, n);
	if (p != NULL && io == IO_OK && *n > 0 &&
	    fd_slice(iov, cnt, *n - 1, 1, &last, 1) == 1)
		p->hidden = *(const char *)last.iov_base != '\n';
	return io;
}

void
progress_share(struct run *r)
{
	static const struct layer_ops ops = { .write = progress_layer_write };
	struct half *out = &r->near.out;
	struct progress_layer *l;

	if (r->progress == NULL || r->progress->out.kind != FD_TTY ||
	    out->top == NULL || out->fd->kind != FD_TTY ||
	    (l = layer_new(sizeof(*l), &ops)) == NULL)
		return;
	l->run = r;
	l->layer.below = out->top;
	out->top = &l->layer;
}

/* ---- Beginning and end -------------------------------------------------- */

static bool
progress_reads_stdin(const struct plan *plan)
{
	return !plan->no_stdin && plan->near == PLAN_STDIO;
}

/* The rest of standard input, if that is a file or a block device. */
static uint64_t
progress_input_size(const struct plan *plan)
{
	struct stat st;
	uint64_t size;
	off_t at;

	if (!progress_reads_stdin(plan) || plan->ninputs > 0 ||
	    fstat(STDIN_FILENO, &st) == -1)
		return 0;
	if (S_ISREG(st.st_mode))
		size = (uint64_t)st.st_size;
	else if (!S_ISBLK(st.st_mode) ||
	    ioctl(STDIN_FILENO, BLKGETSIZE64, &size) == -1)
		return 0;
	at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	return at == -1 || (uint64_t)at >= size ? 0 : size - (uint64_t)at;
}

int
progress_open(struct run *r, struct error *err)
{
	enum progress_when when = r->plan->progress.when;
	bool typed = progress_reads_stdin(r->plan) && isatty(STDIN_FILENO);
	struct progress *p;

	/* A terminal where a person types and reads has no room for a line. */
	if (when == PROGRESS_NEVER ||
	    (when == PROGRESS_TTY && (!isatty(STDERR_FILENO) ||
	    (typed && isatty(STDOUT_FILENO)))))
		return 0;
	p = calloc(1, sizeof(*p));
	if (p == NULL || fd_inherit(&p->out, STDERR_FILENO, O_WRONLY) == -1) {
		error_set(err, errno, "write to", "standard error");
		free(p);
		return -1;
	}
	p->run = r;
	p->typed = typed && when == PROGRESS_TTY;
	p->timer = (struct timer){ .fire = progress_on_time, .arg = p };
	for (unsigned i = 0; i < PROGRESS_WAYS; i++)
		p->meters[i].arg = p;
	p->file_size = progress_input_size(r->plan);
	r->progress = p;
	diag_around(progress_on_message, p);
	if (p->out.kind == FD_TTY)
		(void)loop_signal(r->loop, SIGWINCH, progress_on_resize, p);
	return 0;
}

void
progress_close(struct run *r)
{
	struct progress *p = r->progress;
	char lf = '\n';
	struct iovec end = { .iov_base = &lf, .iov_len = 1 };
	size_t n;

	if (p == NULL)
		return;
	if (p->begun) {
		progress_look(p);
		p->state.last = true;
		p->state.stalled = false;
		progress_draw(p);
	}
	if (p->drawn > 0)
		(void)fd_write(&p->out, &end, 1, &n);
	diag_around(NULL, NULL);
	if (p->out.kind == FD_TTY)
		(void)loop_signal(r->loop, SIGWINCH, NULL, NULL);
	if (timer_is_set(&p->timer))
		loop_background(r->loop, -1);
	timer_clear(r->loop, &p->timer);
	if (p->out.reopened)
		fd_close(&p->out);
	free(p);
	r->progress = NULL;
}

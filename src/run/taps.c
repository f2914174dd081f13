#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "filter/hexdump.h"
#include "layer/layer.h"
#include "run/run.h"

/* Bytes that may wait for a slow reader of a file that is a pipe. */
#define BACKLOG_MAX	((size_t)16 << 20)
/* ncat reads this many bytes at once, and counts offsets from there. */
#define PIECE		((size_t)8192)
/* Rows of a dump that a single write(2) writes. */
#define ROWS		256

enum format { FORMAT_DUMP, FORMAT_BARE, FORMAT_BYTES, FORMATS };

struct tap_file {
	struct taps	*of;
	const char	*path;
	enum format	 format;
	int		 fd;		/* -1: given up */
	struct buf	 backlog;
	struct watch	 watch;		/* while the backlog has bytes */
};

struct taps {
	struct run	*run;
	bool		 failed;	/* a file was given up */
	bool		 leaving;	/* only backlogs are left to write */
	unsigned	 n;
	struct tap_file	 file[FORMATS];
};

/* ---- A file ------------------------------------------------------------- */

static void
taps_close_file(struct tap_file *f)
{
	loop_unwatch(f->of->run->loop, &f->watch);
	buf_free(&f->backlog);
	if (f->fd != -1)
		(void)close(f->fd);
	f->fd = -1;
}

/* Reports errno, or why if that is not "", and closes the file for good. */
static void
taps_give_up(struct tap_file *f, const char *why)
{
	struct run *r = f->of->run;
	struct error err;

	error_set(&err, errno, "write to", "%s", f->path);
	(void)strlcpy(err.why, why, sizeof(err.why));
	(void)REPORT(r->plan, EVENT_TAP_FAILED, .error = &err);
	f->of->failed = true;
	taps_close_file(f);
}

static enum io
taps_write_some(struct tap_file *f, const void *bytes, size_t n, size_t *put)
{
	ssize_t got;

	do
		got = write(f->fd, bytes, n);
	while (got == -1 && errno == EINTR);
	return fd_outcome(got, put);
}

static unsigned
taps_want_room(void *arg)
{
	return ((struct tap_file *)arg)->backlog.used > 0 ? LOOP_OUT : 0;
}

static void
taps_on_room(void *arg, unsigned what)
{
	struct tap_file *f = arg;
	size_t n;
	enum io io = IO_OK;

	(void)what;
	while (f->backlog.used > 0 && io == IO_OK) {
		io = taps_write_some(f, buf_data(&f->backlog), f->backlog.used,
		    &n);
		if (io == IO_OK)
			buf_take(&f->backlog, n);
	}
	if (io == IO_FAIL)
		taps_give_up(f, "");
	if (f->of->leaving)
		loop_stop(f->of->run->loop);
}

/* Writes the bytes, and keeps those that a slow reader does not take yet. */
static void
taps_put(struct tap_file *f, const void *bytes, size_t n)
{
	struct loop *loop = f->of->run->loop;
	const char *at = bytes;
	enum io io = IO_OK;
	size_t done;

	while (f->fd != -1 && n > 0 && f->backlog.used == 0 && io == IO_OK) {
		if ((io = taps_write_some(f, at, n, &done)) == IO_FAIL)
			taps_give_up(f, "");
		at += done;
		n -= done;
	}
	if (f->fd == -1 || n == 0)
		return;
	if (f->backlog.used + n > BACKLOG_MAX) {
		errno = ENOBUFS;
		taps_give_up(f, "its reader is too slow");
		return;
	}
	buf_add(&f->backlog, at, n);
	if (f->watch.fd == -1) {
		f->watch.fd = f->fd;
		if (loop_watch(loop, &f->watch) == -1)
			f->watch.fd = -1;
	}
	if (f->backlog.failed || f->watch.fd == -1)
		taps_give_up(f, "");
	else
		loop_touch(loop, &f->watch);
}

/* ---- Traffic ------------------------------------------------------------ */

static void
taps_put_rows(struct tap_file *f, bool sent, uint64_t before,
    const struct iovec *v, size_t left)
{
	char rows[ROWS * HEXDUMP_MAX];
	unsigned char row[HEXDUMP_ROW];
	uint64_t place = 0;
	size_t n = 0, len = 0;

	for (; left > 0; v++)
		for (size_t i = 0; i < v->iov_len && left > 0; i++) {
			row[n++] = ((const unsigned char *)v->iov_base)[i];
			if (--left > 0 && n < sizeof(row))
				continue;
			len += f->format == FORMAT_DUMP ? hexdump_row(rows +
			    len, sent, before + place, row, n) :
			    hexdump_bare_row(rows + len, place % PIECE, row, n);
			place += n;
			n = 0;
			if (left == 0 || len > sizeof(rows) - HEXDUMP_MAX) {
				taps_put(f, rows, len);
				len = 0;
			}
		}
}

static void
taps_on_seen(void *arg, bool sent, uint64_t before, const struct iovec *iov,
    size_t n)
{
	struct taps *t = arg;
	const struct iovec *v;
	size_t left, part;

	for (struct tap_file *f = t->file; f < t->file + t->n; f++) {
		if (f->fd != -1 && f->format != FORMAT_BYTES)
			taps_put_rows(f, sent, before, iov, n);
		if (f->fd == -1 || f->format != FORMAT_BYTES)
			continue;
		for (left = n, v = iov; left > 0; left -= part, v++) {
			part = v->iov_len < left ? v->iov_len : left;
			taps_put(f, v->iov_base, part);
		}
	}
}

int
taps_wrap(struct run *r, struct endpoint *ep)
{
	struct layer *l;

	if (r->taps == NULL)
		return 0;
	if ((l = layer_tap(taps_on_seen, r->taps)) == NULL)
		return -1;
	endpoint_wrap(ep, l);
	return 0;
}

/* ---- Are all files different? ------------------------------------------- */

/* A file; or the directory and name of a file that does not exist yet. */
struct file_place {
	const char	*path, *name;
	dev_t		 dev;
	ino_t		 ino;
};

/* Returns false for a device, and for a path that cannot be opened. */
static bool
taps_find_place(struct file_place *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	struct stat st;

	*p = (struct file_place){ .path = path, .name = "" };
	if (stat(path, &st) == -1) {
		p->name = slash != NULL ? slash + 1 : path;
		if (slash != NULL)
			(void)snprintf(dir, sizeof(dir), "%.*s",
			    (int)(slash - path) + 1, path);
		if (errno != ENOENT || stat(dir, &st) == -1)
			return false;
	}
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return !S_ISCHR(st.st_mode);
}

int
taps_check_files(const struct plan *plan, struct error *err)
{
	const char *const paths[] = { plan->taps.dump, plan->taps.dump_bare,
	    plan->taps.output, plan->chat.log, plan->service.port_file,
	    plan->service.tcp_info };
	struct file_place at[sizeof(paths) / sizeof(paths[0])];
	size_t n = 0;

	if (!plan->service.native)
		return 0;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] == NULL || !taps_find_place(&at[n], paths[i]))
			continue;
		for (size_t j = 0; j < n; j++)
			if (at[n].dev == at[j].dev && at[n].ino == at[j].ino &&
			    strcmp(at[n].name, at[j].name) == 0) {
				error_set(err, EINVAL, "write to", "%s",
				    paths[i]);
				(void)snprintf(err->why, sizeof(err->why),
				    "it is the same file as %s", at[j].path);
				return -1;
			}
		n++;
	}
	return 0;
}

/* ---- Beginning and end -------------------------------------------------- */

static int
taps_open_file(struct tap_file *f, const struct plan_taps *plan)
{
	struct stat st, std;

	/* Opening a FIFO without a reader fails at once. */
	f->fd = fd_create(f->path, O_WRONLY | O_APPEND, plan->mode);
	if (f->fd == -1 || plan->append || fstat(f->fd, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return f->fd;
	/* Standard output and standard error are not truncated. */
	for (int num = STDOUT_FILENO; num <= STDERR_FILENO; num++)
		if (fstat(num, &std) == 0 && std.st_dev == st.st_dev &&
		    std.st_ino == st.st_ino)
			return f->fd;
	return ftruncate(f->fd, 0);
}

int
taps_open(struct run *r)
{
	const struct plan_taps *plan = &r->plan->taps;
	const char *const paths[FORMATS] = { [FORMAT_DUMP] = plan->dump,
	    [FORMAT_BARE] = plan->dump_bare, [FORMAT_BYTES] = plan->output };
	struct taps *t;

	if (plan->dump == NULL && plan->dump_bare == NULL &&
	    plan->output == NULL)
		return 0;
	if ((t = r->taps = calloc(1, sizeof(*t))) == NULL)
		return run_failed(r, "open", "the copies of the traffic");
	t->run = r;
	for (unsigned i = 0; i < FORMATS; i++) {
		struct tap_file *f = &t->file[t->n];

		if (paths[i] == NULL)
			continue;
		*f = (struct tap_file){ .of = t, .path = paths[i], .format = i,
		    .watch = { .fd = -1, .want = taps_want_room,
		    .ready = taps_on_room, .arg = f } };
		t->n++;
		if (taps_open_file(f, plan) == -1)
			return run_failed(r, "open", f->path);
	}
	return 0;
}

static size_t
taps_waiting(const struct taps *t)
{
	size_t sum = 0;

	for (unsigned i = 0; i < t->n; i++)
		sum += t->file[i].backlog.used;
	return sum;
}

static void
taps_on_late(void *arg)
{
	loop_stop(arg);
}

void
taps_close(struct run *r)
{
	struct timer timer = { .fire = taps_on_late, .arg = r->loop };
	struct taps *t = r->taps;
	size_t left;

	if (t == NULL)
		return;
	r->interrupt.call = NULL;
	r->in_session = false;
	t->leaving = true;
	/*
	 * Writes the backlogs of pipes, as long as each second their readers
	 * take some bytes, the deadline has not passed, and no signal comes.
	 */
	while ((left = taps_waiting(t)) > 0 && !r->deadline.passed) {
		timer_set(r->loop, &timer, loop_now(r->loop) + DRAIN_TIME);
		loop_run(r->loop);
		if (taps_waiting(t) == left)
			break;
	}
	timer_clear(r->loop, &timer);
	for (struct tap_file *f = t->file; f < t->file + t->n; f++) {
		errno = ETIMEDOUT;
		if (f->backlog.used > 0)
			taps_give_up(f, "");
		taps_close_file(f);
	}
	if (t->failed && r->plan->taps.must_keep && r->status == 0)
		r->status = 1;
	free(t);
	r->taps = NULL;
}

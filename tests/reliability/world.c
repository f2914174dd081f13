/*
 * The program under trial, its standard streams, and what is known of it.
 */
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>

#include "lib/tool.h"
#include "reliability/world.h"

/* Bytes of a file that a program may write. */
#define FILE_MOST	((rlim_t)256 << 20)

static char
world_pattern(size_t i, int way)
{
	return (char)(i * 31 + (i >> 8) * 7 + (i >> 16) * 13 +
	    (size_t)way * 101);
}

size_t
world_fill(char *buf, size_t at, size_t n, int way)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = world_pattern(at + i, way);
	return n;
}

void
world_bad(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->r->verdict == TRIAL_BAD)
		return;
	w->r->verdict = TRIAL_BAD;
	va_start(ap, fmt);
	vsnprintf(w->r->why, sizeof(w->r->why), fmt, ap);
	va_end(ap);
}

void
world_compare(struct world *w, const char *where, const char *buf, size_t at,
    size_t n, enum bytes bytes)
{
	if (bytes == BYTES_ANY)
		return;
	w->r->bytes += n;
	for (size_t i = 0; i < n; i++)
		if (buf[i] != world_pattern(at + i, bytes == BYTES_PEER)) {
			world_bad(w, "byte %zu of %s is wrong", at + i, where);
			return;
		}
}

/* ---- The program -------------------------------------------------------- */

static void
world_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		tool_fail("trials: pipe: %s", strerror(errno));
}

static int
world_file(const char *dir, const char *name, size_t size)
{
	char path[256], buf[8192];
	size_t at, n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600)) == -1)
		tool_fail("trials: %s: %s", path, strerror(errno));
	for (at = 0; at < size; at += n) {
		n = size - at < sizeof(buf) ? size - at : sizeof(buf);
		world_fill(buf, at, n, 0);
		if (write(fd, buf, n) != (ssize_t)n)
			tool_fail("trials: %s: %s", path, strerror(errno));
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* The ends that the program gets block, as those of a shell do. */
static void
world_give(int fd, int as)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == -1 ||
	    dup2(fd, as) == -1)
		_exit(126);
}

void
world_start(struct world *w, const char *dir)
{
	const struct trial *t = w->t;
	const struct rlimit most = { FILE_MOST, FILE_MOST };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2];

	world_pipe(err);
	if (t->input == INPUT_PIPE)
		world_pipe(in);
	else
		in[0] = t->input == INPUT_FILE ?
		    world_file(dir, "in", t->in_size) :
		    open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (t->output == OUTPUT_FILE)
		out[1] = world_file(dir, "out", 0);
	else
		world_pipe(out);
	if ((w->pid = fork()) == 0) {
		setpgid(0, 0);
		/* Copies of a stream without end must not fill the disk. */
		setrlimit(RLIMIT_FSIZE, &most);
		world_give(in[0], 0);
		world_give(out[1], 1);
		world_give(err[1], 2);
		execvp(t->argv[0], t->argv);
		_exit(126);
	}
	if (w->pid == -1)
		tool_fail("trials: fork: %s", strerror(errno));
	w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	close(err[1]);
	w->err = err[0];
	w->in = in[1];
	w->in_read = in[0];
	w->out = t->output == OUTPUT_FILE ? out[1] : out[0];
	if (t->output != OUTPUT_FILE)
		close(out[1]);
}

void
world_close(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

size_t
world_consumed(const struct world *w)
{
	int left = 0;
	off_t at;

	if (w->t->input == INPUT_NULL)
		return 0;
	if (w->t->input == INPUT_FILE) {
		at = lseek(w->in_read, 0, SEEK_CUR);
		return at > 0 ? (size_t)at : 0;
	}
	(void)ioctl(w->in_read, FIONREAD, &left);
	return w->in_sent - (size_t)left;
}

void
world_feed(struct world *w)
{
	char buf[16384];
	size_t n = w->t->in_size - w->in_sent;
	ssize_t done;

	if (n > sizeof(buf))
		n = sizeof(buf);
	if (n > 0) {
		world_fill(buf, w->in_sent, n, 0);
		if ((done = write(w->in, buf, n)) > 0)
			w->in_sent += (size_t)done;
		else if (errno != EAGAIN)
			world_close(&w->in);
	}
	if (w->in_sent == w->t->in_size)
		world_close(&w->in);
}

void
world_take_out(struct world *w)
{
	char buf[65536];
	ssize_t n;

	while (w->out != -1 && (n = read(w->out, buf, sizeof(buf))) != -1) {
		if (n == 0) {
			world_close(&w->out);
			return;
		}
		world_compare(w, "the output", buf, w->out_got, (size_t)n,
		    w->t->to_out);
		w->out_got += (size_t)n;
		if (w->t->output == OUTPUT_LEAVES &&
		    w->out_got >= w->t->leave_after) {
			w->left = true;
			world_close(&w->out);
		}
	}
}

void
world_take_err(struct world *w)
{
	char waste[4096];
	size_t room;
	ssize_t n;

	do {
		room = TRIAL_TEXT - 1 - w->err_len;
		n = w->err == -1 ? -1 : read(w->err, room > 0 ?
		    w->r->said + w->err_len : waste, room > 0 ? room :
		    sizeof(waste));
		if (n > 0 && room > 0)
			w->err_len += (size_t)n;
		if (n == 0)
			world_close(&w->err);
	} while (n > 0);
}

long long
world_cpu(const struct world *w)
{
	char path[64];
	long long ns = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", w->pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	if (fscanf(f, "%lld", &ns) != 1)
		ns = -1;
	fclose(f);
	return ns;
}

int
world_descriptors(const struct world *w)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", w->pid);
	if ((d = opendir(path)) == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

void
world_notice_end(struct world *w)
{
	if (!w->ended && wait4(w->pid, &w->r->status, WNOHANG,
	    &w->usage) == w->pid)
		w->ended = true;
}

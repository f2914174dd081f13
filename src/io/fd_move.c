/*
 * Moves bytes between descriptors within the kernel; pipes.
 */
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/fd.h"

/* Bytes for a kernel that makes records, by one call. */
#define FD_MOVE_RECORDED	((size_t)64 << 10)

static enum io
fd_move_moved(ssize_t got, size_t *n)
{
	enum io io = fd_outcome(got, n);

	if (io == IO_OK && *n == 0)
		return IO_EOF;
	if (io == IO_FAIL && (errno == ENOSYS || errno == EPERM ||
	    errno == EOPNOTSUPP || errno == ESPIPE))
		errno = FD_NO_SPLICE;
	return io;
}

/*
 * A kernel that makes records goes on to take bytes for a while after the
 * connection is over, 64 KiB with each call, and drops them (Linux 6.1).
 */
static enum io
fd_move_recorded(const struct fd *to, enum io io)
{
	if (!to->records || (io == IO_FAIL && errno != EBADMSG) ||
	    io == IO_EOF || !fd_is_over(to))
		return io;
	errno = ECONNRESET;
	return IO_FAIL;
}

/* A single splice; at: the offset in a file, which advances; or NULL. */
static ssize_t
fd_move_splice(const struct fd *from, const struct fd *to, off_t *at,
    size_t max)
{
	ssize_t got;

	/* SPLICE_F_MORE would hold a small tail back for 200 ms. */
	do
		got = splice(from->num, NULL, to->num, at, max,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (got == -1 && errno == EINTR);
	return got;
}

/*
 * Other processes may write at the same position: programs of one shell whose
 * output is one file. write(2) locks the position, splice(2) does not, and
 * would overwrite their bytes. So lseek(2), which does, reserves the room.
 */
static ssize_t
fd_move_to_file(const struct fd *pipe, const struct fd *file, size_t n)
{
	off_t at, end = lseek(file->num, (off_t)n, SEEK_CUR);
	size_t done = 0;
	ssize_t got = 1;
	int num;

	if (end == -1) {
		errno = FD_NO_SPLICE;
		return -1;
	}
	for (at = end - (off_t)n; done < n && got > 0; )
		if ((got = fd_move_splice(pipe, file, &at, n - done)) > 0)
			done += (size_t)got;
	num = errno;
	/* The rest goes back, unless another process has moved the position. */
	if (done < n && lseek(file->num, 0, SEEK_CUR) == end)
		(void)lseek(file->num, at, SEEK_SET);
	errno = num;
	return done > 0 ? (ssize_t)done : got;
}

enum io
fd_splice(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	ssize_t got;
	enum io io;

	if (to->records && max > FD_MOVE_RECORDED)
		max = FD_MOVE_RECORDED;
	got = to->kind == FD_FILE ? fd_move_to_file(from, to, max) :
	    fd_move_splice(from, to, NULL, max);
	io = fd_move_recorded(to, fd_move_moved(got, n));
	/*
	 * Before an urgent byte of TCP a splice stops for good, and returns
	 * EAGAIN or 0 though bytes follow. Only a read gets past.
	 */
	if ((io == IO_EOF || io == IO_AGAIN) && from->kind == FD_STREAM &&
	    fd_at_mark(from)) {
		errno = FD_NO_SPLICE;
		io = IO_FAIL;
	}
	return io;
}

/*
 * Of max bytes, those that are left of a file. A kernel before 6.5 takes a
 * larger number for a sign that more follows, and keeps the last bytes for a
 * record that is not full.
 */
static size_t
fd_move_rest(const struct fd *from, size_t max)
{
	off_t at = lseek(from->num, 0, SEEK_CUR);
	struct stat st;

	if (max > FD_MOVE_RECORDED)
		max = FD_MOVE_RECORDED;
	if (at == -1 || fstat(from->num, &st) == -1 || st.st_size <= at ||
	    (uintmax_t)(st.st_size - at) > max)
		return max;
	return (size_t)(st.st_size - at);
}

enum io
fd_sendfile(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	ssize_t got;

	if (to->records)
		max = fd_move_rest(from, max);
	do
		got = sendfile(to->num, from->num, NULL, max);
	while (got == -1 && errno == EINTR);
	return fd_move_recorded(to, fd_move_moved(got, n));
}

int
fd_pipe(struct fd *in, struct fd *out)
{
	int p[2];

	if (pipe2(p, O_NONBLOCK | O_CLOEXEC) == -1)
		return -1;
	fd_own(in, p[0], FD_PIPE);
	fd_own(out, p[1], FD_PIPE);
	return 0;
}

void
fd_widen(const struct fd *fd)
{
	static const int sizes[] = { 1 << 20, 1 << 18 };
	size_t i;
	int is = fcntl(fd->num, F_GETPIPE_SZ);

	for (i = 0; is != -1 && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (is >= sizes[i] ||
		    fcntl(fd->num, F_SETPIPE_SZ, sizes[i]) != -1)
			return;
}

size_t
fd_fit(const struct fd *fd, size_t n, bool *one)
{
	int is = fcntl(fd->num, F_SETPIPE_SZ, (int)n);

	if (is == -1)
		is = fcntl(fd->num, F_GETPIPE_SZ);
	*one = is != -1 && is == sysconf(_SC_PAGESIZE);
	return is != -1 ? (size_t)is : 0;
}

bool
fd_has_no_end(const struct fd *fd)
{
	if (fd->kind == FD_TTY || fd->kind == FD_NULL)
		return true;
	return fd->kind == FD_PIPE &&
	    (fcntl(fd->num, F_GETFL) & O_ACCMODE) == O_RDWR;
}

bool
fd_has_writer(int reader)
{
	return (fd_poll(reader, 0) & POLLHUP) == 0;
}

bool
fd_has_name(const struct fd *fd)
{
	struct statfs fs;

	/* The pipes of pipe(2) are in a file system of their own. */
	return fd->kind == FD_PIPE && fstatfs(fd->num, &fs) == 0 &&
	    fs.f_type != PIPEFS_MAGIC;
}

void
fd_reopen_fifo(struct fd *fd)
{
	int own;

	if (fd->way != FD_WAY_NOWAIT || fd->num < 1 || fd->num > UINT8_MAX ||
	    !fd_has_name(fd) || (own = fd_reopen(fd->num, O_WRONLY)) == -1)
		return;
	if (!fd_same(own, fd->num)) {
		(void)close(own);
		return;
	}
	fd->origin = (unsigned)fd->num & UINT8_MAX;
	fd->num = own;
	fd->way = FD_WAY_OWN;
}

enum far_rule
fd_far_rule(const struct fd *in, const struct fd *out)
{
	if (in->kind == FD_FILE || in->kind == FD_BLOCK)
		return RULE_FILE;
	if (fd_has_no_end(in))
		return RULE_ENDLESS;
	/* A filter reads the output and writes to the FIFO. */
	if (fd_has_name(in) &&
	    (out->kind == FD_PIPE || out->kind == FD_STREAM))
		return RULE_FILTER;
	return RULE_RECEIVED;
}

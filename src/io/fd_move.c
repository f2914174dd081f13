/*
 * Moving bytes from one descriptor to another within the kernel, and the
 * pipes that this needs. The differences between systems live here.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#endif

#include "io/fd.h"

#ifdef __linux__
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
 * Before an urgent byte of TCP a splice stops for good: it finds nothing, or
 * the end, with more behind that place. Only reading goes on.
 */
static bool
fd_move_is_urgent(const struct fd *from)
{
	int yes = 0;

	return from->kind == FD_STREAM &&
	    ioctl(from->num, SIOCATMARK, &yes) == 0 && yes != 0;
}

enum io
fd_splice(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	ssize_t got;
	enum io io;

	/* Never SPLICE_F_MORE: it holds a small tail back for 200 ms. */
	do
		got = splice(from->num, NULL, to->num, NULL, max,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (got == -1 && errno == EINTR);
	io = fd_move_moved(got, n);
	if ((io == IO_EOF || io == IO_AGAIN) && fd_move_is_urgent(from)) {
		errno = FD_NO_SPLICE;
		io = IO_FAIL;
	}
	return io;
}

enum io
fd_sendfile(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	ssize_t got;

	do
		got = sendfile(to->num, from->num, NULL, max);
	while (got == -1 && errno == EINTR);
	return fd_move_moved(got, n);
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
fd_unacked(const struct fd *fd)
{
	int n;

	return ioctl(fd->num, SIOCOUTQ, &n) == -1 || n < 0 ? 0 : (size_t)n;
}

int64_t
fd_round_trip(const struct fd *fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (fd->kind != FD_STREAM || getsockopt(fd->num, IPPROTO_TCP,
	    TCP_INFO, &info, &len) == -1)
		return -1;
	return (int64_t)info.tcpi_rtt * 1000;
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

uint64_t
fd_progress(const struct fd *fd)
{
	struct tcp_info info = { .tcpi_state = 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd->num, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return fd_unacked(fd);
	/* An old kernel fills less of it, and leaves zeros. */
	return info.tcpi_bytes_acked + info.tcpi_bytes_received;
}
#else
enum io
fd_splice(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	(void)from;
	(void)to;
	(void)max;
	*n = 0;
	errno = FD_NO_SPLICE;
	return IO_FAIL;
}

enum io
fd_sendfile(struct fd *from, struct fd *to, size_t max, size_t *n)
{
	return fd_splice(from, to, max, n);
}

void
fd_widen(const struct fd *fd)
{
	(void)fd;
}

size_t
fd_fit(const struct fd *fd, size_t n, bool *one)
{
	(void)fd;
	*one = false;
	return n;
}

size_t
fd_unacked(const struct fd *fd)
{
	(void)fd;
	return 0;
}

int64_t
fd_round_trip(const struct fd *fd)
{
	(void)fd;
	return -1;
}

uint64_t
fd_progress(const struct fd *fd)
{
	return fd_readable(fd);
}
#endif

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

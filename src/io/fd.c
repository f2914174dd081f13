/*
 * Descriptors, and how each is read and written without blocking.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd.h"

/* Devices by number, Documentation/admin-guide/devices.txt of Linux. */
#define MEM_MAJOR	1	/* /dev/null, zero, full, random */
#define NULL_MINOR	3
#define KMSG_MINOR	11	/* a read of /dev/kmsg waits */
#define PTMX		makedev(5, 2)

/* musl has no function for these calls before 1.2.5. */
#ifndef RWF_NOWAIT
#define RWF_NOWAIT	0x00000008	/* readv(2), <linux/fs.h> */
#define preadv2(num, iov, cnt, at, flags) \
	syscall(SYS_preadv2, num, iov, cnt, (long)(at), (long)(at), flags)
#define pwritev2(num, iov, cnt, at, flags) \
	syscall(SYS_pwritev2, num, iov, cnt, (long)(at), (long)(at), flags)
#endif

/*
 * musl sends each message by a call of its own, because it clears the gaps of
 * the structures; the callers of fd_send_many clear them.
 */
#ifndef __GLIBC__
#define sendmmsg(num, msg, n, flags) \
	(int)syscall(SYS_sendmmsg, num, msg, n, flags)
#endif

int
fd_plug_std(void)
{
	int closed = 0, num;

	for (num = 0; num < 3; num++) {
		if (fcntl(num, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", num == 0 ? O_RDONLY : O_WRONLY) != num)
			return -1;
		closed |= 1 << num;
	}
	return closed;
}

int
fd_option(int num, int level, int name)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(num, level, name, &value, &len) == -1 ? -1 : value;
}

short
fd_poll(int num, short events)
{
	struct pollfd p = { .fd = num, .events = events };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

enum fd_kind
fd_classify(int num)
{
	struct stat st;
	int type;

	if (fstat(num, &st) == -1)
		return FD_NONE;
	switch (st.st_mode & S_IFMT) {
	case S_IFIFO:
		return FD_PIPE;
	case S_IFSOCK:
		type = fd_option(num, SOL_SOCKET, SO_TYPE);
		return type == -1 ? FD_NONE :
		    type == SOCK_STREAM ? FD_STREAM : FD_DGRAM;
	case S_IFDIR:
		return FD_DIR;
	case S_IFBLK:
		return FD_BLOCK;
	case S_IFCHR:
		if (isatty(num))
			return FD_TTY;
		return st.st_rdev == makedev(MEM_MAJOR, NULL_MINOR) ?
		    FD_NULL : FD_DEVICE;
	default:
		/* eventfd(2), timerfd(2) etc. have no type, and wait. */
		return S_ISREG(st.st_mode) ? FD_FILE : FD_DEVICE;
	}
}

int
fd_reopen(int num, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", num);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/*
 * Opens a terminal anew, so that O_NONBLOCK is set on an open file of our own.
 * -1: not possible; opening the master of a pseudo terminal, /dev/ptmx, would
 * make another terminal.
 */
static int
fd_reopen_tty(int num, int mode)
{
	struct stat was, is;
	int own;

	if (fstat(num, &was) == -1 || was.st_rdev == PTMX)
		return -1;
	if ((own = fd_reopen(num, mode)) == -1)
		return -1;
	if (fstat(own, &is) == 0 && is.st_rdev == was.st_rdev)
		return own;
	(void)close(own);
	return -1;
}

static enum fd_way
fd_inherited_way(int num, enum fd_kind kind)
{
	struct stat st;

	switch (kind) {
	case FD_STREAM:
	case FD_DGRAM:
		return FD_WAY_MSG;
	case FD_PIPE:
		return FD_WAY_NOWAIT;
	case FD_FILE:
	case FD_BLOCK:
	case FD_NULL:
	case FD_DIR:
		return FD_WAY_PLAIN;
	default:
		break;
	}
	if (fstat(num, &st) == 0 && S_ISCHR(st.st_mode) &&
	    major(st.st_rdev) == MEM_MAJOR && minor(st.st_rdev) != KMSG_MINOR)
		return FD_WAY_PLAIN;
	return FD_WAY_POLLED;
}

int
fd_inherit(struct fd *fd, int num, int mode)
{
	struct stat st;
	int flags, own;

	*fd = (struct fd){ .num = -1 };
	flags = fcntl(num, F_GETFL);
	if (flags == -1)
		return -1;
	flags &= O_ACCMODE;
	if (flags != O_RDWR && flags != mode) {
		errno = EBADF;
		return -1;
	}
	fd->num = num;
	fd->kind = fd_classify(num);
	/* Some files of size 0 block a read, as /proc/kmsg does. */
	if (fd->kind == FD_FILE && mode == O_RDONLY &&
	    fstat(num, &st) == 0 && st.st_size == 0)
		fd->kind = FD_DEVICE;
	fd->way = fd_inherited_way(num, fd->kind);
	if (fd->kind == FD_TTY && (own = fd_reopen_tty(num, mode)) != -1) {
		fd->num = own;
		fd->way = FD_WAY_OWN;
		fd->reopened = true;
	}
	return 0;
}

void
fd_own(struct fd *fd, int num, enum fd_kind kind)
{
	*fd = (struct fd){ .num = num, .kind = kind, .way = FD_WAY_OWN };
}

void
fd_close(struct fd *fd)
{
	if (fd->num != -1)
		(void)close(fd->num);
	if (fd->origin != 0)
		(void)close((int)fd->origin);
	fd->num = -1;
	fd->origin = 0;
	fd->kind = FD_NONE;
}

/*
 * Opens something to take the number of a standard stream that is not used any
 * more. In a sandbox, which does not let /dev/null be opened, a pipe that has
 * lost its other end will do.
 */
static int
fd_open_nothing(void)
{
	int num = -1, p[2];

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		num = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (num != -1 || pipe2(p, O_CLOEXEC) == -1)
		return num;
	(void)close(p[1]);
	return p[0];
}

void
fd_retire(struct fd *fd)
{
	int nothing, std = fd->origin != 0 ? (int)fd->origin : fd->num;

	/* /dev/null stays what it is. */
	if (fd->kind == FD_NULL && fd->origin == 0 && std >= 0 && std < 3) {
		fd->num = -1;
		fd_close(fd);
		return;
	}
	if (std >= 0 && std < 3 && (nothing = fd_open_nothing()) != -1) {
		(void)dup2(nothing, std);
		(void)close(nothing);
		if (fd->origin == 0)
			fd->num = -1;
		fd->origin = 0;
	}
	fd_close(fd);
}

static ssize_t
fd_receive(const struct fd *fd, const struct iovec *iov, int cnt)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(void *)(size_t)iov,
	    .msg_iovlen = (size_t)cnt };

	/* MSG_TRUNC: the true length even of a datagram that does not fit. */
	return recvmsg(fd->num, &msg, MSG_DONTWAIT |
	    (fd->kind == FD_DGRAM ? MSG_TRUNC : 0));
}

/* Whether errno of a NOWAIT call is about the descriptor or the system. */
static bool
fd_cannot_nowait(ssize_t n)
{
	return n == -1 &&
	    (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL);
}

static ssize_t
fd_read_way(struct fd *fd, const struct iovec *iov, int cnt)
{
	ssize_t n;

	switch (fd->way) {
	case FD_WAY_MSG:
		return fd_receive(fd, iov, cnt);
	case FD_WAY_NOWAIT:
		n = preadv2(fd->num, iov, cnt, -1, RWF_NOWAIT);
		if (!fd_cannot_nowait(n))
			return n;
		fd->way = FD_WAY_POLLED;
		/* FALLTHROUGH */
	case FD_WAY_POLLED:
		/* The last resort: whether the call would not block. */
		if (fd_poll(fd->num, POLLIN) == 0) {
			errno = EAGAIN;
			return -1;
		}
		break;
	case FD_WAY_OWN:
		if (fd->kind == FD_DGRAM)
			return fd_receive(fd, iov, cnt);
		break;
	case FD_WAY_PLAIN:
		break;
	}
	return cnt == 1 ? read(fd->num, iov->iov_base, iov->iov_len) :
	    readv(fd->num, iov, cnt);
}

static ssize_t
fd_write_way(struct fd *fd, const struct iovec *iov, int cnt)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(void *)(size_t)iov,
	    .msg_iovlen = (size_t)cnt };
	ssize_t n;

	switch (fd->way) {
	case FD_WAY_MSG:
		return sendmsg(fd->num, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	case FD_WAY_NOWAIT:
		n = pwritev2(fd->num, iov, cnt, -1, RWF_NOWAIT);
		if (!fd_cannot_nowait(n))
			return n;
		fd->way = FD_WAY_POLLED;
		/* FALLTHROUGH */
	case FD_WAY_POLLED:
		if (fd_poll(fd->num, POLLOUT) == 0) {
			errno = EAGAIN;
			return -1;
		}
		/* A writable pipe has room for this much, pipe(7). */
		return write(fd->num, iov->iov_base,
		    iov->iov_len < PIPE_BUF ? iov->iov_len : PIPE_BUF);
	case FD_WAY_OWN:
		/* The file system takes no part in send(2). */
		if (fd->kind == FD_STREAM && cnt == 1)
			return send(fd->num, iov->iov_base, iov->iov_len,
			    MSG_NOSIGNAL);
		break;
	case FD_WAY_PLAIN:
		break;
	}
	return cnt == 1 ? write(fd->num, iov->iov_base, iov->iov_len) :
	    writev(fd->num, iov, cnt);
}

enum io
fd_outcome(ssize_t got, size_t *n)
{
	if (got >= 0) {
		*n = (size_t)got;
		return IO_OK;
	}
	*n = 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return IO_AGAIN;
	return IO_FAIL;
}

/*
 * Whether an empty read is the end: an empty datagram is not; of a
 * SOCK_SEQPACKET, only once the peer has left and no records wait.
 */
static bool
fd_is_end(const struct fd *fd)
{
	int n, type;

	if (fd->kind != FD_DGRAM)
		return true;
	type = fd_option(fd->num, SOL_SOCKET, SO_TYPE);
	return type == SOCK_DCCP || (type == SOCK_SEQPACKET &&
	    fd_poll(fd->num, POLLRDHUP) != 0 &&
	    (ioctl(fd->num, FIONREAD, &n) == -1 || n == 0));
}

enum io
fd_read(struct fd *fd, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io;
	ssize_t got;

	do
		got = fd_read_way(fd, iov, cnt);
	while (got == -1 && errno == EINTR);
	io = fd_outcome(got, n);
	if (io == IO_OK && *n == 0 && fd_is_end(fd))
		return IO_EOF;
	/* A terminal that was hung up. */
	if (io == IO_FAIL && errno == EIO && fd->kind == FD_TTY)
		return IO_EOF;
	return io;
}

enum io
fd_write(struct fd *fd, const struct iovec *iov, int cnt, size_t *n)
{
	ssize_t got;

	do
		got = fd_write_way(fd, iov, cnt);
	while (got == -1 && errno == EINTR);
	return fd_outcome(got, n);
}

int
fd_send_many(const struct fd *fd, struct mmsghdr *msg, unsigned n)
{
	int put;

	do
		put = sendmmsg(fd->num, msg, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put == -1 && errno == EINTR);
	return put;
}

size_t
fd_total(const struct iovec *iov, int cnt)
{
	size_t sum = 0;

	for (int i = 0; i < cnt; i++)
		sum += iov[i].iov_len;
	return sum;
}

int
fd_slice(const struct iovec *iov, int cnt, size_t skip, size_t n,
    struct iovec *to, int max)
{
	size_t len;
	int k = 0;

	for (; cnt > 0 && k < max && n > 0; iov++, cnt--) {
		if (skip >= iov->iov_len) {
			skip -= iov->iov_len;
			continue;
		}
		len = iov->iov_len - skip;
		to[k].iov_base = (char *)iov->iov_base + skip;
		to[k].iov_len = len < n ? len : n;
		n -= to[k++].iov_len;
		skip = 0;
	}
	return k;
}

size_t
fd_store(const struct iovec *iov, int cnt, size_t skip, const void *bytes,
    size_t n)
{
	struct iovec part;
	size_t done = 0;

	while (fd_slice(iov, cnt, skip + done, n - done, &part, 1) > 0) {
		memcpy(part.iov_base, (const char *)bytes + done,
		    part.iov_len);
		done += part.iov_len;
	}
	return done;
}

bool
fd_at_mark(const struct fd *fd)
{
	int yes = 0;

	return ioctl(fd->num, SIOCATMARK, &yes) == 0 && yes != 0;
}

size_t
fd_readable(const struct fd *fd)
{
	int n;

	return ioctl(fd->num, FIONREAD, &n) == -1 || n < 0 ? 0 : (size_t)n;
}

enum io
fd_look(const struct fd *fd, void *buf, size_t size, size_t *n)
{
	ssize_t got;
	enum io io;

	do
		got = recv(fd->num, buf, size, MSG_PEEK | MSG_DONTWAIT);
	while (got == -1 && errno == EINTR);
	io = fd_outcome(got, n);
	return io == IO_OK && *n == 0 ? IO_EOF : io;
}

enum io
fd_peek(const struct fd *fd)
{
	unsigned char byte;
	size_t n;

	if (fd->kind != FD_STREAM)
		return fd_readable(fd) > 0 ? IO_OK : IO_AGAIN;
	return fd_look(fd, &byte, 1, &n);
}

/* ---- Files that are made at a path of the user -------------------------- */

/* Opens the directory of a path; -1 with errno. *name is the rest. */
static int
fd_create_dir(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";

	*name = slash != NULL ? slash + 1 : path;
	if (slash != NULL) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (len >= sizeof(dir)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(dir, path, len);
		dir[len] = '\0';
	}
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
fd_create(const char *path, int flags, unsigned mode)
{
	int all = flags | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, num, at;
	const char *name;
	struct stat dir, st;

	if ((at = fd_create_dir(path, &name)) == -1)
		return -1;
	if (fstat(at, &dir) == -1 ||
	    (dir.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH)) {
		(void)close(at);
		return open(path, all, (mode_t)mode);
	}
	num = openat(at, name, (all & ~O_TRUNC) | O_NOFOLLOW, (mode_t)mode);
	(void)close(at);
	/* Another user may have put the file there. */
	if (num != -1 && ((fstat(num, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) &&
	    st.st_uid != geteuid() && st.st_uid != dir.st_uid) ||
	    ((flags & O_TRUNC) != 0 && ftruncate(num, 0) == -1 &&
	    errno != EINVAL))) {
		(void)close(num);
		num = -1;
		errno = EACCES;
	}
	return num;
}

/* ---- Programs that are started, and how many descriptors there may be --- */

/* The highest number that is looked for without /dev/fd. */
#define BLIND_MAX	4096

void
fd_hide(int num)
{
	int flags = fcntl(num, F_GETFD);

	if (num > STDERR_FILENO && flags != -1 && !(flags & FD_CLOEXEC))
		(void)fcntl(num, F_SETFD, flags | FD_CLOEXEC);
}

/* Calls fn (or NULL) for each open descriptor; returns how many there are. */
static size_t
fd_each_open(void (*fn)(int))
{
	DIR *dir = opendir("/dev/fd");
	struct dirent *entry;
	long long listed;
	size_t n = 0;
	int num;

	if (dir == NULL) {
		for (num = 0; num < BLIND_MAX; num++)
			if (fcntl(num, F_GETFD) != -1) {
				n++;
				if (fn != NULL)
					fn(num);
			}
		return n;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (num_int(entry->d_name, 0, INT_MAX, &listed) != NULL)
			continue;
		n++;
		if (fn != NULL)
			fn((int)listed);
	}
	(void)closedir(dir);
	return n - 1;		/* the directory itself was among them */
}

void
fd_hide_inherited(void)
{
	(void)fd_each_open(fd_hide);
}

int
fd_make_blocking(const struct fd *fd)
{
	int flags;

	/* The flags of an inherited descriptor stay as they are. */
	if (fd->way != FD_WAY_OWN)
		return 0;
	flags = fcntl(fd->num, F_GETFL);
	return flags == -1 ? -1 :
	    fcntl(fd->num, F_SETFL, flags & ~O_NONBLOCK);
}

bool
fd_can_block(const struct fd *fd)
{
	int flags = fcntl(fd->num, F_GETFL);

	return fd->way == FD_WAY_OWN ||
	    (flags != -1 && (flags & O_NONBLOCK) == 0);
}

size_t
fd_limit(void)
{
	struct rlimit limit = { .rlim_cur = 0 };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

size_t
fd_room(size_t wanted)
{
	size_t open = fd_each_open(NULL), left;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return wanted;
	if (limit.rlim_cur < open + wanted) {
		limit.rlim_cur = limit.rlim_max < open + wanted ?
		    limit.rlim_max : open + wanted;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	left = limit.rlim_cur > open ? limit.rlim_cur - open : 0;
	return left < wanted ? left : wanted;
}

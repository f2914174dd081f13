/*
 * Sockets that whoever started us gave us: they are shared with others, and
 * not a flag of theirs is changed.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/fd.h"

int
fd_inherit_socket(struct fd *fd, int num)
{
	int flags;

	if (fd_inherit(fd, num, O_RDWR) == -1)
		return -1;
	if (fd->kind != FD_STREAM && fd->kind != FD_DGRAM) {
		errno = ENOTSOCK;
		return -1;
	}
	/* Of programs that we start it is none. This flag is ours alone. */
	if (num > STDERR_FILENO && (flags = fcntl(num, F_GETFD)) != -1)
		(void)fcntl(num, F_SETFD, flags | FD_CLOEXEC);
	return 0;
}

bool
fd_listens(int num)
{
	socklen_t len = sizeof(int);
	int listens;

	return getsockopt(num, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	    &len) == 0 && listens != 0;
}

bool
fd_same(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	    (a.st_mode & S_IFMT) == (b.st_mode & S_IFMT);
}

/*
 * An accept4(2) waits if the listener does, and a listener that others hold
 * cannot be told not to. So it is asked each time whether a client is there.
 * One that somebody else takes in the moment between cannot be helped.
 */
int
fd_accept_from(struct fd *fd, const struct fd *listener, void *addr,
    void *addrlen)
{
	struct pollfd p = { .fd = listener->num, .events = POLLIN };

	if (listener->way != FD_WAY_OWN && poll(&p, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return fd_accept(fd, listener->num, addr, addrlen);
}

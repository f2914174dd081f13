/*
 * What can be learned about a pipe that we were given.
 */
#include <sys/vfs.h>
#include <linux/magic.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"

bool
fd_is_named(const struct fd *fd)
{
	struct statfs fs;

	/* pipe(2) makes its pipes in a file system of their own. */
	return fd->kind == FD_PIPE && fstatfs(fd->num, &fs) == 0 &&
	    fs.f_type != PIPEFS_MAGIC;
}

bool
fd_has_no_end(const struct fd *fd)
{
	if (fd->kind == FD_TTY || fd->kind == FD_NULL)
		return true;
	return fd->kind == FD_PIPE &&
	    (fcntl(fd->num, F_GETFL) & O_ACCMODE) == O_RDWR;
}

int
fd_open_reader(const struct fd *fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd->num);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

bool
fd_has_writer(int reader)
{
	struct pollfd p = { .fd = reader, .events = 0 };

	return poll(&p, 1, 0) != 1 || (p.revents & POLLHUP) == 0;
}

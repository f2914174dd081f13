/*
 * What a pipe that we were given tells about the end of its data.
 */
#include <sys/vfs.h>
#include <linux/magic.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/policy.h"
#include "io/fd.h"

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

enum far_rule
fd_far_rule(const struct fd *in, const struct fd *out)
{
	if (in->kind == FD_FILE || in->kind == FD_BLOCK)
		return RULE_FILE;
	if (fd_has_no_end(in))
		return RULE_ENDLESS;
	/* A filter reads our output and writes to the FIFO. */
	if (fd_is_named(in) &&
	    (out->kind == FD_PIPE || out->kind == FD_STREAM))
		return RULE_FILTER;
	return RULE_RECEIVED;
}

/*
 * Descriptors and the programs that are started, and how many there may be.
 */
#include <sys/resource.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd.h"

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
fd_child_each_open(void (*fn)(int))
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
	(void)fd_child_each_open(fd_hide);
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
	size_t open = fd_child_each_open(NULL), left;
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

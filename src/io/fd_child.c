/*
 * What descriptors need when other programs are started, and how many there
 * may be.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd.h"

/* Where no directory lists them, numbers above this are not looked for. */
#define BLIND_MAX	4096

static void
fd_child_hide(int num)
{
	int flags = fcntl(num, F_GETFD);

	if (num > STDERR_FILENO && flags != -1 && !(flags & FD_CLOEXEC))
		(void)fcntl(num, F_SETFD, flags | FD_CLOEXEC);
}

/* Call fn, if there is one, for each open descriptor; how many there are. */
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
	return n - 1;		/* the directory itself was one of them */
}

void
fd_hide_inherited(void)
{
	(void)fd_child_each_open(fd_child_hide);
}

static int
fd_child_set_blocking(int num, bool blocking)
{
	int flags = fcntl(num, F_GETFL);

	if (flags == -1)
		return -1;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(num, F_SETFL, flags);
}

int
fd_make_blocking(const struct fd *fd)
{
	/* It is as whoever gave it to us wants it. */
	if (fd->way != FD_WAY_OWN)
		return 0;
	return fd_child_set_blocking(fd->num, true);
}

bool
fd_has_failed(const struct fd *fd)
{
	struct pollfd pfd = { .fd = fd->num };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLERR) != 0;
}

int
fd_record_pair(struct fd *ours, struct fd *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	fd_own(ours, pair[0], FD_DGRAM);
	fd_own(theirs, pair[1], FD_DGRAM);
	if (fd_child_set_blocking(pair[0], false) == 0)
		return 0;
	fd_close(ours);
	fd_close(theirs);
	return -1;
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

/*
 * Connecting a socket, and what a system lets one do with it afterwards.
 */
#include <sys/socket.h>
#include <errno.h>

#include "io/fd.h"

static int
once(const struct fd *fd, const void *to, unsigned len)
{
	if (connect(fd->num, to, len) == 0)
		return 0;
	switch (errno) {
	case EISCONN:
		return 0;
	case EALREADY:
	case EINTR:
		return EINPROGRESS;
	}
	return errno;
}

#ifdef __linux__
/* A socket that was refused is as good as new once connect(2) has said so. */
bool
fd_connects_again(void)
{
	return true;
}

static int
look(const struct fd *fd, const void *to, unsigned len)
{
	return once(fd, to, len);
}
#else
bool
fd_connects_again(void)
{
	return false;
}

static int
look(const struct fd *fd, const void *to, unsigned len)
{
	int num = fd_error(fd);

	(void)to, (void)len;
	return num != 0 ? num : EINPROGRESS;
}
#endif

int
fd_connect(const struct fd *fd, const void *to, unsigned len)
{
	int num = once(fd, to, len);

	return num == EINPROGRESS ? look(fd, to, len) : num;
}

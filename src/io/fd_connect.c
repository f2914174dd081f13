/*
 * Connecting a socket, and what a system lets one do with it afterwards.
 */
#include <sys/socket.h>
#include <errno.h>

#include "io/fd.h"

static int
fd_connect_once(const struct fd *fd, const void *to, unsigned len)
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
fd_connect_look(const struct fd *fd, const void *to, unsigned len)
{
	return fd_connect_once(fd, to, len);
}
#else
bool
fd_connects_again(void)
{
	return false;
}

static int
fd_connect_look(const struct fd *fd, const void *to, unsigned len)
{
	int num = fd_error(fd);

	(void)to, (void)len;
	return num != 0 ? num : EINPROGRESS;
}
#endif

int
fd_connect(const struct fd *fd, const void *to, unsigned len)
{
	int num = fd_connect_once(fd, to, len);

	return num == EINPROGRESS ? fd_connect_look(fd, to, len) : num;
}

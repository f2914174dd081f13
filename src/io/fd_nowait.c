/*
 * Reads and writes that do not wait, of descriptors whose flags are not ours.
 */
#include <errno.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "io/fd.h"

#ifndef RWF_NOWAIT

/* A C library may have no function for a call that the kernel has. */
#ifdef SYS_preadv2
#define RWF_NOWAIT	0x00000008	/* readv(2), <linux/fs.h> */
#define preadv2(num, iov, cnt, at, flags) \
	syscall(SYS_preadv2, num, iov, cnt, (long)(at), (long)(at), flags)
#define pwritev2(num, iov, cnt, at, flags) \
	syscall(SYS_pwritev2, num, iov, cnt, (long)(at), (long)(at), flags)
#else
#define RWF_NOWAIT	0
#define preadv2(num, iov, cnt, at, flags)	(errno = ENOSYS, -1)
#define pwritev2(num, iov, cnt, at, flags)	(errno = ENOSYS, -1)
#endif

#endif

static bool
fd_nowait_is_unsupported(int num)
{
	return num == EOPNOTSUPP || num == ENOSYS || num == EINVAL;
}

ssize_t
fd_read_nowait(int num, const struct iovec *iov, int cnt, bool *can)
{
	ssize_t n = preadv2(num, iov, cnt, -1, RWF_NOWAIT);

	*can = n != -1 || !fd_nowait_is_unsupported(errno);
	return n;
}

ssize_t
fd_write_nowait(int num, const struct iovec *iov, int cnt, bool *can)
{
	ssize_t n = pwritev2(num, iov, cnt, -1, RWF_NOWAIT);

	*can = n != -1 || !fd_nowait_is_unsupported(errno);
	return n;
}

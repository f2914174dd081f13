/*
 * Several datagrams in one call, which the system cuts or joins.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "io/fd.h"

#ifdef UDP_SEGMENT
void
fd_join(const struct fd *fd)
{
	int one = 1;

	(void)setsockopt(fd->num, IPPROTO_UDP, UDP_GRO, &one, sizeof(one));
}

/* One that does not know of it would send all of it as one datagram. */
bool
fd_cuts(const struct fd *fd)
{
	socklen_t len = sizeof(int);
	int size;

	return getsockopt(fd->num, IPPROTO_UDP, UDP_SEGMENT, &size, &len) == 0;
}

enum io
fd_write_pieces(const struct fd *fd, const struct iovec *iov, int cnt,
    size_t piece, const struct addr *to, size_t *n)
{
	union {
		struct cmsghdr	head;
		unsigned char	room[CMSG_SPACE(sizeof(uint16_t))];
	} control;
	struct msghdr msg = { .msg_iov = (struct iovec *)(void *)(size_t)iov,
	    .msg_iovlen = (size_t)cnt, .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	uint16_t size = (uint16_t)piece;
	ssize_t put;

	memset(&control, 0, sizeof(control));
	control.head.cmsg_level = IPPROTO_UDP;
	control.head.cmsg_type = UDP_SEGMENT;
	control.head.cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(&control.head), &size, sizeof(size));
	if (to != NULL) {
		msg.msg_name = (void *)(size_t)&to->u.sa;
		msg.msg_namelen = to->len;
	}
	do
		put = sendmsg(fd->num, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put == -1 && errno == EINTR);
	return fd_outcome(put, n);
}
#else
void
fd_join(const struct fd *fd)
{
	(void)fd;
}

bool
fd_cuts(const struct fd *fd)
{
	(void)fd;
	return false;
}

enum io
fd_write_pieces(const struct fd *fd, const struct iovec *iov, int cnt,
    size_t piece, const struct addr *to, size_t *n)
{
	(void)fd, (void)iov, (void)cnt, (void)piece, (void)to;
	*n = 0;
	errno = EOPNOTSUPP;
	return IO_FAIL;
}
#endif

bool
fd_has_end(const struct fd *fd)
{
	socklen_t len = sizeof(int);
	int type = SOCK_DGRAM;

	if (fd->kind != FD_DGRAM)
		return true;
	(void)getsockopt(fd->num, SOL_SOCKET, SO_TYPE, &type, &len);
	return type == SOCK_SEQPACKET;
}

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdint.h>

#include "net/kind.h"

/* mptcp(7), linux/mptcp.h: not in every C library. */
#define LEVEL_MPTCP		284
#define MPTCP_INFO_OPTION	1
#define FLAG_FALLBACK		0x01

/* The beginning of struct mptcp_info. */
struct multipath {
	uint8_t		 counts[8];
	uint32_t	 flags;
};

int
kind_type(const struct plan *plan)
{
	if (plan->socket.type != 0)
		return plan->socket.type;
	return plan->type == TYPE_STREAM ? SOCK_STREAM : SOCK_DGRAM;
}

bool
kind_connects(const struct plan *plan)
{
	int type = kind_type(plan);

	return type != SOCK_DGRAM && type != SOCK_RAW;
}

int
kind_open(const struct plan *plan, int family, struct fd *fd)
{
	return fd_socket(fd, family, kind_type(plan), plan->socket.protocol);
}

/* Plain TCP does not know the question. */
bool
kind_is_multipath(const struct fd *fd)
{
	struct multipath info = { .flags = FLAG_FALLBACK };
	socklen_t len = sizeof(info);

	return getsockopt(fd->num, LEVEL_MPTCP, MPTCP_INFO_OPTION, &info,
	    &len) == 0 && len == sizeof(info) &&
	    (info.flags & FLAG_FALLBACK) == 0;
}

void
kind_ease_bind(const struct fd *fd, const struct addr *local)
{
	int one = 1;

	if (fd->kind != FD_STREAM || !addr_is_inet(local))
		return;
	if (addr_port(local) != 0)
		(void)setsockopt(fd->num, SOL_SOCKET, SO_REUSEADDR, &one,
		    sizeof(one));
	else
		(void)setsockopt(fd->num, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT,
		    &one, sizeof(one));
}

/*
 * Sockets: made, connected, accepted and inherited, and the kernel's
 * information about them.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "io/fd.h"

/* mptcp(7), linux/mptcp.h: not in every C library. */
#define LEVEL_MPTCP		284
#define MPTCP_INFO_OPTION	1
#define FLAG_FALLBACK		0x01

/* States in tcp_info; linux/tcp.h lacks them. */
#define STATE_CLOSE		7
#define STATE_LISTEN		10

int
fd_socket(struct fd *fd, int domain, int type, int protocol)
{
	int num = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (num == -1)
		return -1;
	fd_own(fd, num, type == SOCK_STREAM ? FD_STREAM : FD_DGRAM);
	fd->mptcp = protocol == IPPROTO_MPTCP;
	return 0;
}

static int
fd_connect_once(const struct fd *fd, const void *to, unsigned len)
{
	if (connect(fd->num, to, len) == 0 || errno == EISCONN)
		return 0;
	return errno == EALREADY || errno == EINTR ? EINPROGRESS : errno;
}

int
fd_connect(const struct fd *fd, const void *to, unsigned len)
{
	int num = fd_connect_once(fd, to, len);

	return num == EINPROGRESS ? fd_connect_once(fd, to, len) : num;
}

int
fd_connect_outcome(const struct fd *fd, const void *to, unsigned len)
{
	short came = fd_poll(fd->num, POLLOUT);
	int num;

	if (came == 0)
		return EINPROGRESS;
	if ((came & (POLLERR | POLLHUP)) == 0 || fd_readable(fd) > 0)
		return 0;
	num = fd_error(fd);
	return num != 0 ? num : fd_connect_once(fd, to, len);
}

int
fd_connect_gently(const struct fd *fd, const void *to, unsigned len)
{
	int num = fd_connect_once(fd, to, len);

	return num == EINPROGRESS ? fd_connect_outcome(fd, to, len) : num;
}

/*
 * accept4(2) waits if the listener blocks, and the flags of an inherited
 * listener are never changed: poll(2) reports whether a client is there. If
 * another process accepts the client in between, accept4(2) still waits.
 */
int
fd_accept(struct fd *fd, const struct fd *listener, void *addr, void *addrlen)
{
	int num;

	if (listener->way != FD_WAY_OWN && fd_poll(listener->num, POLLIN) ==
	    0) {
		errno = EAGAIN;
		return -1;
	}
	do
		num = accept4(listener->num, addr, addrlen,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (num == -1 && errno == EINTR);
	if (num == -1)
		return -1;
	fd_own(fd, num, FD_STREAM);
	fd->mptcp = listener->mptcp;
	return 0;
}

bool
fd_is_multipath(const struct fd *fd)
{
	/* The beginning of struct mptcp_info. */
	struct {
		uint8_t		 counts[8];
		uint32_t	 flags;
	} info = { .flags = FLAG_FALLBACK };
	socklen_t len = sizeof(info);

	/* After a fallback to TCP the option is an error. */
	return fd->mptcp && getsockopt(fd->num, LEVEL_MPTCP,
	    MPTCP_INFO_OPTION, &info, &len) == 0 && len == sizeof(info) &&
	    (info.flags & FLAG_FALLBACK) == 0;
}

int
fd_inherit_socket(struct fd *fd, int num)
{
	if (fd_inherit(fd, num, O_RDWR) == -1)
		return -1;
	if (fd->kind != FD_STREAM && fd->kind != FD_DGRAM) {
		errno = ENOTSOCK;
		return -1;
	}
	fd->mptcp = fd->kind == FD_STREAM &&
	    fd_option(num, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_MPTCP;
	fd_hide(num);
	return 0;
}

bool
fd_listens(int num)
{
	return fd_option(num, SOL_SOCKET, SO_ACCEPTCONN) > 0;
}

bool
fd_same(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	    (a.st_mode & S_IFMT) == (b.st_mode & S_IFMT);
}

int
fd_record_pair(struct fd *ours, struct fd *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, pair) == -1)
		return -1;
	fd_own(ours, pair[0], FD_DGRAM);
	fd_own(theirs, pair[1], FD_DGRAM);
	if (fd_make_blocking(theirs) == 0)
		return 0;
	fd_close(ours);
	fd_close(theirs);
	return -1;
}

bool
fd_has_end(const struct fd *fd)
{
	return fd->kind != FD_DGRAM ||
	    fd_option(fd->num, SOL_SOCKET, SO_TYPE) == SOCK_SEQPACKET;
}

enum io
fd_shut(const struct fd *fd)
{
	if ((!fd->shuts_dgrams && !fd_has_end(fd)) ||
	    shutdown(fd->num, SHUT_WR) == 0)
		return IO_OK;
	/* The peer may have closed both directions already. */
	return errno == ENOTCONN || errno == ENOTSOCK ? IO_OK : IO_FAIL;
}

int
fd_error(const struct fd *fd)
{
	int num = fd_option(fd->num, SOL_SOCKET, SO_ERROR);

	if (num == -1)
		return errno;
	/* The kernel also says EBADMSG where it cannot send a record. */
	if (fd->records && (num == EBADMSG || (num == 0 && fd_is_over(fd))))
		num = ECONNRESET;
	return num;
}

bool
fd_is_over(const struct fd *fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return getpeername(fd->num, (struct sockaddr *)&peer, &len) == -1;
}

void
fd_reset(const struct fd *fd)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd->num, SOL_SOCKET, SO_LINGER, &reset,
	    sizeof(reset));
}

/* Returns the bytes that the kernel fills, the rest is 0; -1: no TCP socket. */
static int
fd_tcp_info(const struct fd *fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return fd->kind != FD_STREAM || getsockopt(fd->num, IPPROTO_TCP,
	    TCP_INFO, info, &len) == -1 ? -1 : (int)len;
}

int64_t
fd_idle(const struct fd *fd)
{
	struct tcp_info info;
	uint32_t ms;

	if (fd_tcp_info(fd, &info) == -1 || info.tcpi_state == STATE_CLOSE)
		return -1;
	ms = info.tcpi_last_data_recv < info.tcpi_last_data_sent ?
	    info.tcpi_last_data_recv : info.tcpi_last_data_sent;
	return (int64_t)ms * NSEC_PER_MSEC;
}

unsigned
fd_backlog(const struct fd *fd)
{
	struct tcp_info info;

	return fd_tcp_info(fd, &info) == -1 || info.tcpi_state != STATE_LISTEN ?
	    0 : info.tcpi_unacked;
}

bool
fd_has_sent(const struct fd *fd)
{
	struct tcp_info info;

	return fd_tcp_info(fd, &info) == -1 || info.tcpi_bytes_sent > 0;
}

/*
 * The filter of a server allows connect(2) with an address of two bytes, which
 * no other family has. Landlock of Linux before 6.18 takes a whole address
 * only, where it limits the ports.
 */
int
fd_abort(const struct fd *fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int rc = connect(fd->num, &none, sizeof(none.sa_family));

	return rc == -1 && errno == EINVAL ?
	    connect(fd->num, &none, sizeof(none)) : rc;
}

bool
fd_has_failed(const struct fd *fd)
{
	return (fd_poll(fd->num, 0) & POLLERR) != 0;
}

bool
fd_has_ended(const struct fd *fd)
{
	return fd->kind == FD_STREAM && fd_poll(fd->num, POLLRDHUP) != 0;
}

size_t
fd_unacked(const struct fd *fd)
{
	struct tcp_info info;
	int n;

	if (ioctl(fd->num, SIOCOUTQ, &n) == -1 || n <= 0)
		return 0;
	/* After fd_abort, the kernel has forgotten what was sent. */
	return fd_tcp_info(fd, &info) != -1 && info.tcpi_state == STATE_CLOSE &&
	    info.tcpi_segs_out == 0 ? 0 : (size_t)n;
}

bool
fd_excuse_pause(const struct fd *fd, int64_t within)
{
	struct tcp_info info;
	unsigned limit = 0, mss;

	if (fd_tcp_info(fd, &info) == -1)
		return false;
	/*
	 * With a closed window, none of the bytes left is under way; with an
	 * open one, what keeps them here is a link of this system that is down.
	 */
	mss = info.tcpi_snd_mss;
	if (info.tcpi_unacked > 0 || info.tcpi_notsent_bytes == 0 ||
	    info.tcpi_snd_wnd >= (info.tcpi_notsent_bytes < mss ?
	    info.tcpi_notsent_bytes : mss) ||
	    (int64_t)info.tcpi_last_ack_recv * NSEC_PER_MSEC > within)
		limit = (unsigned)(2 * within / NSEC_PER_MSEC);
	(void)setsockopt(fd->num, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit,
	    sizeof(limit));
	return fd_unacked(fd) > 0;
}

int64_t
fd_round_trip(const struct fd *fd)
{
	struct tcp_info info;

	return fd_tcp_info(fd, &info) == -1 ? -1 :
	    (int64_t)info.tcpi_rtt * 1000;
}

uint64_t
fd_progress(const struct fd *fd)
{
	struct tcp_info info;

	return fd_tcp_info(fd, &info) == -1 ? fd_unacked(fd) :
	    info.tcpi_bytes_acked + info.tcpi_bytes_received;
}

/* ---- Metrics ------------------------------------------------------------ */

/* A slow start threshold that no loss has set yet. */
#define NO_THRESHOLD	0x7fffffff
#define SSTHRESH	3

#define FIELD(name, member)						\
	{ name, offsetof(struct tcp_info, member),			\
	    sizeof(((struct tcp_info *)NULL)->member) }

static const struct {
	const char	*name;
	size_t		 at, size;
} fd_metrics_fields[FD_METRICS] = {
	/* microseconds, smoothed */
	FIELD("rtt", tcpi_rtt),
	/* microseconds */
	FIELD("rttvar", tcpi_rttvar),
	/* segments that may be in flight */
	FIELD("cwnd", tcpi_snd_cwnd),
	/* segments; slow start below */
	[SSTHRESH] = FIELD("ssthresh", tcpi_snd_ssthresh),
	/* bytes of a segment */
	FIELD("mss", tcpi_snd_mss),
	/* segments sent again so far */
	FIELD("retransmits", tcpi_total_retrans),
	/* segments in flight */
	FIELD("unacked", tcpi_unacked),
	/* segments thought to be lost */
	FIELD("lost", tcpi_lost),
	/* bytes that the peer has room for */
	FIELD("snd_wnd", tcpi_snd_wnd),
	/* bytes that the peer may send in a round trip */
	FIELD("rcv_space", tcpi_rcv_space),
	/* bytes acknowledged by the peer */
	FIELD("bytes_acked", tcpi_bytes_acked),
	/* bytes that came in order */
	FIELD("bytes_received", tcpi_bytes_received),
	/* bytes a second that arrive there */
	FIELD("delivery_rate", tcpi_delivery_rate)
};

static const char *const fd_metrics_states[] = {
	"?", "established", "syn-sent", "syn-received", "fin-wait-1",
	"fin-wait-2", "time-wait", "close", "close-wait", "last-ack", "listen",
	"closing", "new-syn-received"
};

bool
fd_metrics(const struct fd *fd, struct fd_metrics *f)
{
	const size_t nstates = sizeof(fd_metrics_states) /
	    sizeof(fd_metrics_states[0]);
	struct tcp_info info;
	int len = fd_tcp_info(fd, &info);
	uint32_t small;

	if (len == -1)
		return false;
	f->state = fd_metrics_states[info.tcpi_state < nstates ?
	    info.tcpi_state : 0];
	for (size_t i = 0; i < FD_METRICS; i++) {
		const char *at = (const char *)&info +
		    fd_metrics_fields[i].at;
		size_t size = fd_metrics_fields[i].size;

		f->value[i] = -1;
		/* An old kernel does not fill each field. */
		if ((size_t)len < fd_metrics_fields[i].at + size)
			continue;
		if (size == sizeof(f->value[i])) {
			memcpy(&f->value[i], at, size);
			continue;
		}
		memcpy(&small, at, sizeof(small));
		if (i != SSTHRESH || small < NO_THRESHOLD)
			f->value[i] = small;
	}
	return true;
}

bool
fd_pace(const struct fd *fd, struct fd_pace *p)
{
	struct tcp_info info;
	int len = fd_tcp_info(fd, &info);
	int sndbuf = fd_option(fd->num, SOL_SOCKET, SO_SNDBUF);

	if (len < (int)(offsetof(struct tcp_info, tcpi_sndbuf_limited) +
	    sizeof(info.tcpi_sndbuf_limited)) || sndbuf == -1)
		return false;
	*p = (struct fd_pace){
		.round_trip = info.tcpi_min_rtt == UINT32_MAX ? 0 :
		    (int64_t)info.tcpi_min_rtt * 1000,
		.busy = (int64_t)info.tcpi_busy_time * 1000,
		.for_window = (int64_t)info.tcpi_rwnd_limited * 1000,
		.for_buffer = (int64_t)info.tcpi_sndbuf_limited *
		    1000,
		.acked = info.tcpi_bytes_acked,
		.received = info.tcpi_bytes_received,
		.cwnd = (uint64_t)info.tcpi_snd_cwnd * info.tcpi_snd_mss,
		.sndbuf = (uint64_t)sndbuf,
		.window = info.tcpi_rcv_ssthresh
	};
	return true;
}

const char *
fd_metrics_name(int i)
{
	return fd_metrics_fields[i].name;
}

uint64_t
fd_cookie(const struct fd *fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(fd->num, SOL_SOCKET, SO_COOKIE, &cookie,
	    &len) == -1 ? 0 : cookie;
}

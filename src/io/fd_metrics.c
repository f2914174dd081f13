#include <sys/socket.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>

#include "io/fd_metrics.h"

/* A slow start threshold that no loss has set yet. */
#define NO_THRESHOLD	0x7fffffff
#define NSEC_PER_USEC	1000
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

/* -1: an old kernel does not fill this field. */
static int64_t
fd_metrics_value(const struct tcp_info *info, socklen_t len, size_t i)
{
	const unsigned char *at = (const unsigned char *)info +
	    fd_metrics_fields[i].at;
	uint32_t small;
	int64_t value;

	if (len < fd_metrics_fields[i].at + fd_metrics_fields[i].size)
		return -1;
	if (fd_metrics_fields[i].size == sizeof(value)) {
		memcpy(&value, at, sizeof(value));
		return value;
	}
	memcpy(&small, at, sizeof(small));
	return i == SSTHRESH && small >= NO_THRESHOLD ?
	    -1 : (int64_t)small;
}

bool
fd_metrics(const struct fd *fd, struct fd_metrics *f)
{
	const size_t nstates = sizeof(fd_metrics_states) /
	    sizeof(fd_metrics_states[0]);
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd->num, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return false;
	f->state = fd_metrics_states[info.tcpi_state < nstates ?
	    info.tcpi_state : 0];
	for (size_t i = 0; i < FD_METRICS; i++)
		f->value[i] = fd_metrics_value(&info, len, i);
	return true;
}

bool
fd_pace(const struct fd *fd, struct fd_pace *p)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int sndbuf = 0;
	socklen_t sndbuf_len = sizeof(sndbuf);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd->num, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ||
	    len < offsetof(struct tcp_info, tcpi_sndbuf_limited) +
	    sizeof(info.tcpi_sndbuf_limited) ||
	    getsockopt(fd->num, SOL_SOCKET, SO_SNDBUF, &sndbuf,
	    &sndbuf_len) == -1)
		return false;
	*p = (struct fd_pace){
		.round_trip = info.tcpi_min_rtt == UINT32_MAX ? 0 :
		    (int64_t)info.tcpi_min_rtt * NSEC_PER_USEC,
		.busy = (int64_t)info.tcpi_busy_time * NSEC_PER_USEC,
		.for_window = (int64_t)info.tcpi_rwnd_limited * NSEC_PER_USEC,
		.for_buffer = (int64_t)info.tcpi_sndbuf_limited *
		    NSEC_PER_USEC,
		.acked = info.tcpi_bytes_acked,
		.received = info.tcpi_bytes_received,
		.cwnd = (uint64_t)info.tcpi_snd_cwnd * info.tcpi_snd_mss,
		.sndbuf = sndbuf < 0 ? 0 : (uint64_t)sndbuf,
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

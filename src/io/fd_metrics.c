/*
 * What the system knows of a TCP connection.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#ifdef __linux__
#include <linux/tcp.h>
#endif

#include "io/fd_metrics.h"

#ifdef __linux__
/* A threshold that no loss has set yet. */
#define NO_THRESHOLD	0x7fffffff

static const char *
fd_metrics_state_name(unsigned state)
{
	static const char *const names[] = {
		"?", "established", "syn-sent", "syn-received", "fin-wait-1",
		"fin-wait-2", "time-wait", "close", "close-wait", "last-ack",
		"listen", "closing", "new-syn-received"
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* An old kernel tells less. */
#define HAS(len, member)						\
	((len) >= offsetof(struct tcp_info, member) +			\
	    sizeof(((struct tcp_info *)NULL)->member))
#define GET(len, info, member)						\
	(HAS(len, member) ? (int64_t)(info).member : -1)

bool
fd_metrics(const struct fd *fd, struct fd_metrics *f)
{
	struct tcp_info i;
	socklen_t len = sizeof(i);

	memset(&i, 0, sizeof(i));
	if (getsockopt(fd->num, IPPROTO_TCP, TCP_INFO, &i, &len) == -1)
		return false;
	f->state = fd_metrics_state_name(i.tcpi_state);
	f->value[FIG_RTT] = i.tcpi_rtt;
	f->value[FIG_RTTVAR] = i.tcpi_rttvar;
	f->value[FIG_CWND] = i.tcpi_snd_cwnd;
	f->value[FIG_SSTHRESH] = i.tcpi_snd_ssthresh >= NO_THRESHOLD ? -1 :
	    (int64_t)i.tcpi_snd_ssthresh;
	f->value[FIG_MSS] = i.tcpi_snd_mss;
	f->value[FIG_RETRANS] = i.tcpi_total_retrans;
	f->value[FIG_UNACKED] = i.tcpi_unacked;
	f->value[FIG_LOST] = i.tcpi_lost;
	f->value[FIG_SND_WND] = GET(len, i, tcpi_snd_wnd);
	f->value[FIG_RCV_SPACE] = i.tcpi_rcv_space;
	f->value[FIG_ACKED] = GET(len, i, tcpi_bytes_acked);
	f->value[FIG_RECEIVED] = GET(len, i, tcpi_bytes_received);
	f->value[FIG_RATE] = GET(len, i, tcpi_delivery_rate);
	return true;
}

uint64_t
fd_cookie(const struct fd *fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(fd->num, SOL_SOCKET, SO_COOKIE, &cookie,
	    &len) == -1 ? 0 : cookie;
}
#else
bool
fd_metrics(const struct fd *fd, struct fd_metrics *f)
{
	(void)fd, (void)f;
	return false;
}

uint64_t
fd_cookie(const struct fd *fd)
{
	(void)fd;
	return 0;
}
#endif

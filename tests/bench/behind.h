/*
 * What stands behind a relay under test: an echo, a sink, an echo of datagrams.
 */
#ifndef BENCH_BEHIND_H
#define BENCH_BEHIND_H

#include "server.h"

#define BATCH	64		/* datagrams that are under way at once */
#define DGRAM	64

/* An echo is a program of its own, whose work is not that of the relay. */
static inline void
behind_echo(struct job *job)
{
	char	number[16], *argv[] = {
		sibling("ref_serve"), (char *)"echo", number, NULL
	};
	int	null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(number, sizeof number, "%u", job->target);
	start(&job->behind, argv, null, null);
	close(null);
	if (job->pinned)
		server_pin(job->behind.pid);
	while (!port_listens(job->target)) {
		if (has_ended(&job->behind))
			errx(1, "there is no echo behind the relay");
		nap_ms(1);
	}
}

static inline void
behind_end(struct job *job)
{
	if (job->behind.pid == 0)
		return;
	kill(job->behind.pid, SIGKILL);
	finish(&job->behind);
}

static inline int
behind_socket(const struct job *job, int type)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1;

	s = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	sin.sin_port = htons((uint16_t)job->target);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (type == SOCK_STREAM)
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    (type == SOCK_STREAM && listen(s, 8) == -1))
		err(1, "behind the relay");
	return s;
}

struct datagrams {
	struct mmsghdr		msg[BATCH];
	struct iovec		iov[BATCH];
	struct sockaddr_in	from[BATCH];
	char			data[BATCH][DGRAM];
};

static inline void
datagrams_init(struct datagrams *d, bool named)
{
	int	i;

	memset(d, 0, sizeof *d);
	for (i = 0; i < BATCH; i++) {
		d->iov[i] = (struct iovec){ d->data[i], DGRAM };
		d->msg[i].msg_hdr.msg_iov = &d->iov[i];
		d->msg[i].msg_hdr.msg_iovlen = 1;
		if (!named)
			continue;
		d->msg[i].msg_hdr.msg_name = &d->from[i];
		d->msg[i].msg_hdr.msg_namelen = sizeof d->from[i];
	}
}

/* All datagrams go back to where they came from. */
static inline void
behind_udp_echo(struct job *job)
{
	static struct datagrams	d;
	int			n, s = behind_socket(job, SOCK_DGRAM);

	if ((job->behind.pid = fork()) != 0) {
		close(s);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	datagrams_init(&d, true);
	for (;;)
		if ((n = recvmmsg(s, d.msg, BATCH, MSG_WAITFORONE, NULL)) > 0)
			(void)sendmmsg(s, d.msg, (unsigned)n, 0);
}

/* Each datagram has a number, or they look like a loop of echoes. */
static inline int
datagrams_send(struct datagrams *d, int s, uint64_t first, unsigned n)
{
	uint64_t	number;
	unsigned	i;

	for (i = 0; i < n; i++) {
		number = first + i;
		memcpy(d->data[i], &number, sizeof number);
	}
	return sendmmsg(s, d->msg, n, 0);
}

/*
 * Sends COUNT datagrams and takes back as many, at most BATCH under way at
 * once; returns how many were lost.
 */
static inline uint64_t
datagrams_exchange(const struct job *job, int s)
{
	static struct datagrams	out, in;
	struct timeval		patience = { .tv_usec = 200000 };
	uint64_t		sent = 0, back = 0, lost = 0;
	unsigned		free_slots;
	int			n;

	datagrams_init(&out, false);
	datagrams_init(&in, false);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	while (back + lost < job->count) {
		free_slots = BATCH - (unsigned)(sent - back - lost);
		if (free_slots > job->count - sent)
			free_slots = (unsigned)(job->count - sent);
		if (free_slots > 0 && (n = datagrams_send(&out, s, sent,
		    free_slots)) > 0)
			sent += (uint64_t)n;
		n = recvmmsg(s, in.msg, BATCH, MSG_WAITFORONE, NULL);
		if (n > 0)
			back += (uint64_t)n;
		else
			lost = sent - back;
	}
	return lost;
}

#endif

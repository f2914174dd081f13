/*
 * The echo of datagrams: what is to go back, to whom, and what becomes of it
 * when it cannot be sent.
 */
#ifndef FUZZ_UDP_ECHO_H
#define FUZZ_UDP_ECHO_H

#include "serve/conn.h"
#include "udp_senders.h"

#define PAUSES	10

static bool	is_echo;

/* What waits to go back. */
struct goes {
	struct addr	peer, local;
	size_t		len;
	unsigned char	data[DGRAM_MAX];
};

static struct {
	struct run	*run;
	struct messages	 messages;
	struct conn	*conn;
	bool		 settled;	/* there is one peer */
	struct addr	 peer;
	struct {
		struct goes	 of[QUEUE];
		size_t		 first, n;
		unsigned	 pauses;
		bool		 again;
	} out[SOCKETS];
	uint64_t	 received, sent, lost;
	bool		 over;
} echo;

static inline void
echo_came(unsigned sock, const struct packet *p)
{
	struct addr local = p->local.len != 0 ? p->local : socks[sock].bound;
	unsigned who = sender_of(sock, &p->peer);
	struct goes *g;

	if (who == SENDERS || is_nameless(&p->peer) ||
	    (echo.settled && !addr_equal(&p->peer, &echo.peer)))
		return;
	echo.settled = !echo.run->plan->keep_open;
	echo.peer = p->peer;
	echo.received += p->len;
	if (p->cut) {
		echo.lost += p->len;
		return;
	}
	if (!guard_passes(sock, who, p->data, p->len,
	    loop_now(echo.run->loop)))
		return;
	guard_answered(sock, who, p->data, p->len, loop_now(echo.run->loop));
	FUZZ_CHECK(echo.out[sock].n < QUEUE);
	g = &echo.out[sock].of[(echo.out[sock].first + echo.out[sock].n++) %
	    QUEUE];
	g->peer = p->peer;
	g->local = p->local.len != 0 ? local : p->local;
	g->len = p->len;
	memcpy(g->data, p->data, p->len);
}

static inline void
echo_next(unsigned sock)
{
	echo.out[sock].first = (echo.out[sock].first + 1) % QUEUE;
	echo.out[sock].n--;
	echo.out[sock].pauses = 0;
	echo.out[sock].again = false;
}

static inline bool
echo_is_soft(int num)
{
	return num == ECONNREFUSED || num == EHOSTUNREACH ||
	    num == ENETDOWN || num == ECONNRESET;
}

/* The first could not be sent: again, or never? */
static inline void
echo_failed(unsigned sock, int num)
{
	struct goes *g = &echo.out[sock].of[echo.out[sock].first];

	if (num == EAGAIN && addr_family(&socks[sock].bound) != AF_UNIX)
		return;
	if ((num == EAGAIN || num == ENOBUFS) &&
	    echo.out[sock].pauses++ < PAUSES)
		return;
	if (echo_is_soft(num) && !echo.out[sock].again) {
		echo.out[sock].again = true;
		return;
	}
	if ((num == EINVAL || num == EADDRNOTAVAIL) && g->local.len != 0) {
		g->local.len = 0;
		return;
	}
	if (!echo_is_soft(num) && num != ENOENT)
		echo.lost += g->len;
	echo_next(sock);
}

static inline int
echo_leaves(unsigned sock, const struct addr *to, const struct addr *local,
    const unsigned char *data, size_t n, int num)
{
	const struct goes *g = &echo.out[sock].of[echo.out[sock].first];

	FUZZ_CHECK(echo.out[sock].n > 0);
	FUZZ_CHECK(addr_equal(to, &g->peer) && n == g->len);
	FUZZ_CHECK(memcmp(data, g->data, n) == 0);
	FUZZ_CHECK(local->len == 0 ? g->local.len == 0 :
	    addr_equal(local, &g->local));
	if (num != 0) {
		echo_failed(sock, num);
		return num;
	}
	echo.sent += n;
	echo_next(sock);
	return 0;
}

/* How it went, as it would be told. */
static inline int
echo_ended(const struct plan *plan, const struct outcome *o)
{
	(void)plan;
	FUZZ_CHECK(o->received == echo.received && o->sent == echo.sent);
	FUZZ_CHECK(o->lost_out == echo.lost);
	return 0;
}

static inline void
echo_over(void *arg, struct conn *c, int status)
{
	(void)arg, (void)c, (void)status;
	echo.over = true;
}

static inline void
echo_begin(struct run *run, const struct fd *fds, size_t n)
{
	const struct conn_start start = { .run = run, .over = echo_over };
	int status = 0;
	unsigned i;

	for (i = 0; i < SOCKETS; i++) {
		echo.out[i].first = echo.out[i].n = 0;
		echo.out[i].pauses = 0;
		echo.out[i].again = false;
	}
	echo.run = run;
	echo.messages = *run->messages;
	echo.messages.ended = echo_ended;
	run->messages = &echo.messages;
	echo.settled = echo.over = false;
	echo.received = echo.sent = echo.lost = 0;
	echo.conn = conn_echo_sockets(&start, fds, n, &status);
	FUZZ_CHECK(echo.conn != NULL);
}

/* All that may go back has; it is told how it went. */
static inline void
echo_end(void)
{
	unsigned i;

	for (i = 0; i < SOCKETS; i++)
		FUZZ_CHECK(echo.out[i].n == 0);
	conn_stop(echo.conn, false);
	for (i = 0; i < 5 && !echo.over; i++)
		loop_turn(echo.run->loop, 0);
	FUZZ_CHECK(echo.over);
}

#endif

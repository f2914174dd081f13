/*
 * A command, a target of --forward, or an echo that has to see each datagram,
 * for each peer that sends to bound datagram sockets.
 *
 * Laws: there are never more sessions than --max-conns, nor more than the
 * limit of descriptors allows. While the server is full, a new peer gets only
 * the place of a peer that has sent a single datagram, and then nothing for a
 * while. A command that could not be started is not tried again with each
 * further datagram. Dropped datagrams are counted by reason, and reported with
 * -v.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/num.h"
#include "peers/peers.h"
#include "serve/forward.h"
#include "serve/server.h"

/* Descriptors per command: our ends of the input and output pipes. */
#define UDP_SERVER_FDS	2
/* Descriptors per target; an echo has none. */
#define UDP_SERVER_TARGET	1
/* After this silence, a peer of one datagram may lose its place. */
#define UDP_SERVER_PROBATION	(10 * NSEC_PER_SEC)

struct udp_server {
	struct server		 server;
	struct peers		*peers;
	struct forward		*forward;	/* NULL: no targets */
	bool			 reported_full;
};

static void
udp_server_stop(struct udp_server *u, bool now)
{
	if (u->peers != NULL)
		peers_stop(u->peers);
	server_stop(&u->server, now);
}

static void
udp_server_on_interrupt(void *arg)
{
	udp_server_stop(arg, false);
}

static void
udp_server_leave(void *arg)
{
	struct udp_server *u = arg;

	udp_server_stop(u, true);
	if (u->peers != NULL)
		peers_report(u->peers);
	peers_free(u->peers);
	forward_close(u->forward);
	free(u);
}

/* While the server is full, a silent peer may lose its place. */
static bool
udp_server_has_place(void *arg)
{
	struct udp_server *u = arg;
	struct server *s = &u->server;
	struct conn *conn;

	if (s->n < s->most) {
		u->reported_full = false;
		return !s->once || s->numbered == 0;
	}
	if (s->once)
		return false;
	conn = peers_idlest(u->peers, UDP_SERVER_PROBATION);
	if (conn != NULL)
		server_evict(s, conn);
	else if (!u->reported_full)
		REPORT(s->run->plan, EVENT_FULL);
	u->reported_full = conn == NULL;
	return conn != NULL;
}

/* Makes the endpoint of a peer, in the place of a socket; -1: no memory. */
static int
udp_server_join(void *arg, struct conn *conn, const char *name)
{
	return peers_join(((struct udp_server *)arg)->peers, &conn->ep, name,
	    conn);
}

/* Starts a command, finds a target, or echoes; NULL after a message. */
static struct conn *
udp_server_start(const struct conn_start *start, int *status)
{
	struct udp_server *u = start->common;
	struct conn_start joined = *start;
	struct conn *conn;

	joined.common = u->forward;
	joined.join = udp_server_join;
	joined.join_arg = u;
	conn = (start->run->plan->near == PLAN_EXEC ? conn_exec :
	    u->forward != NULL ? conn_forward : conn_echo)(&joined, status);
	if (conn == NULL)
		peers_rest(u->peers);
	return conn;
}

static void
udp_server_serve(void *arg, const struct addr *peer, const struct addr *local)
{
	server_serve(&((struct udp_server *)arg)->server, peer, local);
}

void
udp_server(struct run *r, const struct fd *fds, size_t n,
    struct forward *forward)
{
	static const struct peers_ops ops = { .has_place = udp_server_has_place,
	    .serve = udp_server_serve };
	struct udp_server *u = calloc(1, sizeof(*u));
	struct peers *peers = peers_new(r, fds, n, &ops, u);
	struct error err;

	error_set(&err, u == NULL ? ENOMEM : errno, "watch",
	    "the datagram socket");
	if (u == NULL) {
		forward_close(forward);
		peers_free(peers);
		run_fail(r, &err);
		return;
	}
	u->peers = peers;
	u->forward = forward;
	server_init(&u->server, r, r->plan->near == PLAN_EXEC ?
	    UDP_SERVER_FDS : UDP_SERVER_TARGET, !r->plan->keep_open);
	u->server.start = udp_server_start;
	u->server.common = u;
	r->interrupt = (struct run_hook){ udp_server_on_interrupt, u };
	r->tidy = (struct run_hook){ udp_server_leave, u };
	if (peers == NULL)
		run_fail(r, &err);
}

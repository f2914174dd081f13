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
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "door/access.h"
#include "endpoint/udp_share.h"
#include "net/loopguard.h"
#include "serve/dgram_senders.h"
#include "serve/forward.h"
#include "serve/server.h"

/* Descriptors per command: our ends of the input and output pipes. */
#define UDP_SERVER_FDS	2
/* Descriptors per target; an echo has none. */
#define UDP_SERVER_TARGET	1
/* The pause in starting commands after a start that failed. */
#define UDP_SERVER_REST	NSEC_PER_SEC
/* Commands for peers that have not answered before: at once, and the pace. */
#define UDP_SERVER_STRANGERS	100
#define UDP_SERVER_PACE		(NSEC_PER_SEC / 20)
/* After this silence, a peer of one datagram may lose its place. */
#define UDP_SERVER_PROBATION	(10 * NSEC_PER_SEC)

struct udp_server {
	struct server		 server;
	struct udp_share	*share;
	struct forward		*forward;	/* NULL: no targets */
	struct loopguard	*guard;
	bool			 reported_full, reported_loop;
	struct addr		 refused;	/* the last peer that was */
	uint64_t		 denied;	/* datagrams of such peers */
	int64_t			 rest_until;	/* 0: no rest */
	int64_t			 strangers_at;	/* when no command for strangers
						   is in the way any more */
	uint64_t		 hurried;	/* datagrams that came too soon
						   for that */
	uint64_t		 withheld;	/* answers, until the next
						   datagram of their peer */
};

/* One of these texts, by what serves the peers. */
static const char *
udp_server_near(const struct udp_server *u, const char *target,
    const char *command, const char *echo)
{
	return u->forward != NULL ? target :
	    u->server.run->plan->near == PLAN_ECHO ? echo : command;
}

/* ---- The end ------------------------------------------------------------ */

static void
udp_server_stop(struct udp_server *u, bool now)
{
	if (u->share != NULL)
		udp_share_stop(u->share);
	server_stop(&u->server, now);
}

static void
udp_server_on_interrupt(void *arg)
{
	udp_server_stop(arg, false);
}

/* At the end, with -v: how many datagrams were dropped, and why. */
static void
udp_server_report_drops(const struct udp_server *u)
{
	const struct run *r = u->server.run;
	struct udp_share_drops d;

	udp_share_dropped(u->share, &d);
	dgram_senders_dropped(r, d.full, udp_server_near(u, "for targets that "
	    "were too slow", "for commands that were too slow",
	    "that found no room"));
	dgram_senders_dropped(r, u->denied, "of peers that are not allowed");
	dgram_senders_dropped(r, u->hurried,
	    "of new peers, which came faster than 20 a second");
	if (u->withheld > 0 && r->plan->verbose > 0)
		diag_warnx("withheld %" PRIu64 " answer%s until their peers "
		    "sent again", u->withheld, u->withheld == 1 ? "" : "s");
	dgram_senders_dropped(r, d.refused - u->denied - u->hurried,
	    "of peers that found no place");
	dgram_senders_dropped(r, d.left, udp_server_near(u, "that a target "
	    "left unread", "that a command left unread", "left unread"));
	dgram_senders_dropped(r, d.stopped, DGRAM_SENDERS_STOPPED);
	dgram_senders_dropped(r, d.own, "from our own address");
}

/* The kernel's drops are of no peer alone: the run reports them. */
static void
udp_server_count_drops(const struct udp_server *u)
{
	const struct fd *fd;

	for (size_t i = 0; (fd = udp_share_socket(u->share, i)) != NULL; i++)
		run_count_drops(u->server.run, fd, NULL);
}

static void
udp_server_leave(void *arg)
{
	struct udp_server *u = arg;

	udp_server_stop(u, true);
	if (u->share != NULL) {
		udp_server_report_drops(u);
		udp_server_count_drops(u);
		udp_share_free(u->share);
	}
	forward_close(u->forward);
	free(u->guard);
	free(u);
}

/* ---- Peers -------------------------------------------------------------- */

/* A refused peer is reported once, not for each of its datagrams. */
static bool
udp_server_may_come(struct udp_server *u, const struct addr *peer,
    const struct addr *local)
{
	if (run_would_admit(u->server.run, peer))
		return true;
	if (u->refused.len == 0 || !addr_equal(peer, &u->refused))
		(void)run_admits(u->server.run, peer, local);
	u->refused = *peer;
	u->denied++;
	return false;
}

/*
 * Forged senders start commands at a bounded pace. A peer that has answered
 * before is always served.
 */
static bool
udp_server_is_in_time(struct udp_server *u, const struct addr *from)
{
	const struct run *r = u->server.run;
	int64_t now = loop_now(r->loop);

	if (r->plan->near != PLAN_EXEC || r->plan->exec.amplify == 0 ||
	    addr_family(from) == AF_UNIX || udp_share_knows(u->share, from))
		return true;
	if (u->strangers_at > now + UDP_SERVER_STRANGERS * UDP_SERVER_PACE) {
		if (u->hurried++ == 0)
			dgram_senders_warn(r, from, "is one of too many new "
			    "peers: their datagrams are dropped");
		return false;
	}
	u->strangers_at = (u->strangers_at > now ? u->strangers_at : now) +
	    UDP_SERVER_PACE;
	return true;
}

/* While the server is full, a silent peer may lose its place. */
static bool
udp_server_has_place(struct udp_server *u)
{
	struct server *s = &u->server;
	const struct run *r = s->run;
	struct conn *conn;

	if (s->n < s->most) {
		u->reported_full = false;
		return !s->once || s->numbered == 0;
	}
	if (s->once)
		return false;
	conn = udp_share_idlest(u->share, UDP_SERVER_PROBATION);
	if (conn != NULL) {
		server_evict(s, conn);
		return true;
	}
	if (!u->reported_full)
		messages_event(r->plan, EVENT_FULL);
	u->reported_full = true;
	return false;
}

/* Makes the endpoint of a peer, in the place of a socket; -1: no memory. */
static int
udp_server_join(void *arg, struct conn *conn, const char *name)
{
	struct udp_server *u = arg;

	return udp_share_join(u->share, &conn->ep, name, conn);
}

/* Finds a target for a peer, or echoes; NULL after a message. */
static struct conn *
udp_server_join_kind(const struct conn_start *start, int *status)
{
	struct udp_server *u = start->common;
	struct conn_start joined = *start;
	struct conn *conn;

	joined.common = u->forward;
	joined.join = udp_server_join;
	joined.join_arg = u;
	conn = u->forward != NULL ? conn_forward(&joined, status) :
	    conn_echo(&joined, status);
	if (conn == NULL)
		u->rest_until = loop_now(start->run->loop) + UDP_SERVER_REST;
	return conn;
}

/* Starts a command for a peer of the shared socket; NULL after a message. */
static struct conn *
udp_server_start(const struct conn_start *start, int *status)
{
	struct udp_server *u = start->common;
	const struct run *r = start->run;
	struct conn *conn = conn_exec_new(start);
	char name[ADDR_HOST_MAX + 32];
	struct error err;

	run_peer_name(r->plan, NULL, start->peer, name, sizeof(name));
	if (conn != NULL &&
	    udp_share_join(u->share, &conn->ep, name, conn) == 0)
		conn = conn_exec_begin(conn, start, status);
	else {
		error_set(&err, ENOMEM, "serve", "%s", name);
		*status = r->messages->failed(r->plan, &err);
		if (conn != NULL)
			conn_stop(conn, true);
		conn = NULL;
	}
	if (conn == NULL)
		u->rest_until = loop_now(r->loop) + UDP_SERVER_REST;
	return conn;
}

static void
udp_server_on_stranger(void *arg, const struct addr *from,
    const struct addr *to)
{
	struct udp_server *u = arg;
	const struct run *r = u->server.run;
	struct addr peer = *from, local = *to;

	if (!r->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	if (u->server.stopping || loop_now(r->loop) < u->rest_until ||
	    !udp_server_may_come(u, &peer, &local) ||
	    !udp_server_is_in_time(u, from) || !udp_server_has_place(u))
		return;
	messages_report(r->plan, &(struct report){ EVENT_ACCEPTED,
	    .peer = &peer, .local = &local });
	server_serve(&u->server, &peer, &local);
}

/* ---- Datagrams ---------------------------------------------------------- */

static bool
udp_server_on_passes(void *arg, const struct addr *from, const void *data,
    size_t n)
{
	struct udp_server *u = arg;

	if (from->len == 0 || loopguard_passes(u->guard, from, data, n,
	    loop_now(u->server.run->loop)))
		return true;
	if (!u->reported_loop)
		dgram_senders_warn(u->server.run, from, DGRAM_SENDERS_LOOP);
	u->reported_loop = true;
	return false;
}

static void
udp_server_on_answered(void *arg, const struct addr *to, const void *data,
    size_t n)
{
	struct udp_server *u = arg;

	loopguard_answered(u->guard, to, data, n,
	    loop_now(u->server.run->loop));
}

static void
udp_server_on_overrun(void *arg, const struct addr *peer)
{
	const struct udp_server *u = arg;

	dgram_senders_warn(u->server.run, peer, udp_server_near(u,
	    "is faster than its target: datagrams are dropped",
	    "is faster than its command: datagrams are dropped",
	    "is faster than the echo: datagrams are dropped"));
}

/* The first is reported in any case: its peer seems to get no answer. */
static void
udp_server_on_withheld(void *arg, const struct addr *peer)
{
	struct udp_server *u = arg;
	const struct run *r = u->server.run;
	char text[128];

	(void)snprintf(text, sizeof(text), "gets no reply yet: it is over %d "
	    "times the request (--max-amplification)",
	    r->plan->exec.amplify);
	if (u->withheld++ == 0)
		dgram_senders_tell(r, peer, text);
	else
		dgram_senders_warn(r, peer, text);
}

static void
udp_server_fail(struct run *r, int num, const char *op)
{
	struct error err;

	error_set(&err, num, op, "the datagram socket");
	run_fail(r, &err);
}

static void
udp_server_on_failed(void *arg, int num)
{
	const struct udp_server *u = arg;

	udp_server_fail(u->server.run, num, "read from");
}

static const struct udp_share_ops share_ops = {
	.stranger = udp_server_on_stranger,
	.passes = udp_server_on_passes,
	.answered = udp_server_on_answered,
	.overrun = udp_server_on_overrun,
	.withheld = udp_server_on_withheld,
	.failed = udp_server_on_failed
};

void
udp_server(struct run *r, const struct fd *fds, size_t n,
    struct forward *forward)
{
	struct udp_server *u = calloc(1, sizeof(*u));
	const struct udp_share_options opt = { .ops = &share_ops, .arg = u,
	    .amplify = r->plan->near == PLAN_EXEC ?
	    (unsigned)r->plan->exec.amplify : 0 };
	struct fd fd;

	if (u == NULL || (u->guard = loopguard_new()) == NULL) {
		udp_server_fail(r, ENOMEM, "use");
		forward_close(forward);
		free(u);
		while (n-- > 0) {
			fd = *fds++;
			fd_close(&fd);
		}
		return;
	}
	u->forward = forward;
	server_init(&u->server, r, r->plan->near == PLAN_EXEC ?
	    UDP_SERVER_FDS : UDP_SERVER_TARGET, !r->plan->keep_open);
	u->server.start = r->plan->near == PLAN_EXEC ? udp_server_start :
	    udp_server_join_kind;
	u->server.common = u;
	r->interrupt = udp_server_on_interrupt;
	r->tidy = udp_server_leave;
	r->interrupt_arg = r->tidy_arg = u;
	u->share = udp_share_new(r->loop, fds, n, &opt);
	if (u->share == NULL)
		udp_server_fail(r, errno, "watch");
}

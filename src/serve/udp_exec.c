/*
 * Commands behind datagram sockets.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"
#include "endpoint/udp_share.h"
#include "net/access.h"
#include "net/loopguard.h"
#include "serve/conn.h"
#include "serve/udp_exec.h"

/* Our ends of a command's input and output. */
#define EACH		2
/* Descriptors that are kept free: what starting a child needs for a moment. */
#define SPARE		8
/* After a command that could not be started, no other is for so long. */
#define REST		NSEC_PER_SEC
/* Whoever has said one thing, and nothing since, may lose its place. */
#define PROBATION	(10 * NSEC_PER_SEC)

struct peers {
	struct run		*run;
	struct udp_share	*share;
	struct loopguard	*guard;
	TAILQ_HEAD(, conn)	 conns;
	unsigned		 n, most;
	unsigned		 numbered;	/* peers so far */
	bool			 once;
	bool			 stopping;
	bool			 told_full, told_loop;
	struct addr		 refused;	/* the last of them */
	uint64_t		 denied;	/* datagrams of such */
	int64_t			 rest_until;	/* 0: no rest */
};

static bool
udp_exec_is_wordy(const struct peers *c)
{
	return c->run->plan->verbose > 0;
}

static void
udp_exec_name_of(const struct peers *c, const struct addr *a, char *buf,
    size_t size)
{
	struct addr shown = *a;

	if (!c->run->plan->show_mapped)
		addr_unmap(&shown);
	run_peer_name(c->run->plan, NULL, &shown, buf, size);
}

/* ---- Commands end ------------------------------------------------------- */

static void
udp_exec_on_over(void *arg, struct conn *conn, int status)
{
	struct peers *c = arg;

	TAILQ_REMOVE(&c->conns, conn, link);
	c->n--;
	c->told_full = false;
	if (c->once)
		run_stop(c->run, status);
	else if (c->stopping && c->n == 0)
		loop_stop(c->run->loop);
}

static void
udp_exec_stop(struct peers *c, bool now)
{
	struct conn *conn, *next;

	c->stopping = true;
	if (c->share != NULL)
		udp_share_stop(c->share);
	if (c->n == 0 && !now)
		loop_stop(c->run->loop);
	for (conn = TAILQ_FIRST(&c->conns); conn != NULL; conn = next) {
		next = TAILQ_NEXT(conn, link);
		if (now)
			TAILQ_REMOVE(&c->conns, conn, link);
		conn_stop(conn, now);
	}
}

static void
udp_exec_on_interrupt(void *arg)
{
	udp_exec_stop(arg, false);
}

static void
udp_exec_tell_dropped(uint64_t n, const char *why)
{
	if (n > 0)
		diag_warnx("dropped %" PRIu64 " datagram%s %s", n,
		    n == 1 ? "" : "s", why);
}

/* At the end: what was dropped of everything that came. */
static void
udp_exec_tell_drops(const struct peers *c)
{
	struct udp_share_drops d;

	if (!udp_exec_is_wordy(c))
		return;
	udp_share_dropped(c->share, &d);
	udp_exec_tell_dropped(d.kernel, "before they could be read");
	udp_exec_tell_dropped(d.full, "for commands that were too slow");
	udp_exec_tell_dropped(c->denied, "of peers that are not allowed");
	udp_exec_tell_dropped(d.refused - c->denied,
	    "of peers that found no place");
	udp_exec_tell_dropped(d.left, "that a command left unread");
	udp_exec_tell_dropped(d.stopped, "that were our own answers");
	udp_exec_tell_dropped(d.own, "from our own address");
}

static void
udp_exec_leave(void *arg)
{
	struct peers *c = arg;

	udp_exec_stop(c, true);
	if (c->share != NULL) {
		udp_exec_tell_drops(c);
		udp_share_free(c->share);
	}
	loopguard_free(c->guard);
	free(c);
}

/* ---- Peers come --------------------------------------------------------- */

/* Who is not let in is told of once, not for each of its datagrams. */
static bool
udp_exec_may_come(struct peers *c, const struct addr *peer,
    const struct addr *local)
{
	if (access_allows(c->run->access, peer))
		return true;
	if (c->refused.len == 0 || !addr_equal(peer, &c->refused))
		(void)run_admits(c->run, peer, local);
	c->refused = *peer;
	c->denied++;
	return false;
}

/* In a full house there is a place only where nobody seems to be in it. */
static bool
udp_exec_has_place(struct peers *c)
{
	const struct run *r = c->run;
	struct conn *conn;

	if (c->n < c->most)
		return !c->once || c->numbered == 0;
	conn = c->once ? NULL : udp_share_idlest(c->share, PROBATION);
	if (conn != NULL) {
		TAILQ_REMOVE(&c->conns, conn, link);
		c->n--;
		conn_stop(conn, true);
		return true;
	}
	if (!c->once && !c->told_full && r->messages->full != NULL)
		r->messages->full(r->plan);
	c->told_full = true;
	return false;
}

static void
udp_exec_count(struct peers *c, struct conn *conn)
{
	TAILQ_INSERT_TAIL(&c->conns, conn, link);
	c->n++;
}

static void
udp_exec_fail(struct peers *c, int num, const char *op)
{
	struct error err;

	error_set(&err, num, op, "the datagram socket");
	run_fail(c->run, &err);
}

/* A command behind an endpoint that shares the socket; NULL after words. */
static struct conn *
udp_exec_begin_shared(struct peers *c, const struct conn_start *start,
    int *status)
{
	struct conn *conn = conn_exec_new(start);
	char name[ADDR_HOST_MAX + 32];
	struct error err;

	udp_exec_name_of(c, start->peer, name, sizeof(name));
	if (conn == NULL || udp_share_join(c->share, &conn->ep,
	    name, conn) == -1) {
		error_set(&err, ENOMEM, "serve", "%s", name);
		*status = c->run->messages->failed(c->run->plan, &err);
		if (conn != NULL)
			conn_stop(conn, true);
		return NULL;
	}
	return conn_exec_begin(conn, start, status) == 0 ? conn : NULL;
}

static void
udp_exec_on_stranger(void *arg, const struct addr *from, const struct addr *to)
{
	struct peers *c = arg;
	struct run *r = c->run;
	struct addr peer = *from, local = *to;
	struct conn_start start = { .run = r, .peer = &peer, .local = &local,
	    .over = udp_exec_on_over, .arg = c };
	struct conn *conn;
	int status = 0;

	if (!r->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	if (c->stopping || loop_now(r->loop) < c->rest_until ||
	    !udp_exec_may_come(c, &peer, &local) || !udp_exec_has_place(c))
		return;
	r->messages->accepted(r->plan, &peer, &local);
	start.number = ++c->numbered;
	conn = udp_exec_begin_shared(c, &start, &status);
	if (conn != NULL) {
		udp_exec_count(c, conn);
		return;
	}
	c->rest_until = loop_now(r->loop) + REST;
	if (c->once)
		run_stop(r, status);
}

/* ---- Datagrams ---------------------------------------------------------- */

static bool
udp_exec_on_passes(void *arg, const struct addr *from, const void *data,
    size_t n)
{
	struct peers *c = arg;
	char name[ADDR_HOST_MAX + 32];

	if (from->len == 0 || loopguard_passes(c->guard, from, data, n,
	    loop_now(c->run->loop)))
		return true;
	if (!c->told_loop && udp_exec_is_wordy(c)) {
		udp_exec_name_of(c, from, name, sizeof(name));
		diag_warnx("%s sends our answers back: some are dropped", name);
	}
	c->told_loop = true;
	return false;
}

static void
udp_exec_on_answered(void *arg, const struct addr *to, const void *data,
    size_t n)
{
	struct peers *c = arg;

	loopguard_answered(c->guard, to, data, n, loop_now(c->run->loop));
}

static void
udp_exec_on_overrun(void *arg, const struct addr *peer)
{
	const struct peers *c = arg;
	char name[ADDR_HOST_MAX + 32];

	if (!udp_exec_is_wordy(c))
		return;
	udp_exec_name_of(c, peer, name, sizeof(name));
	diag_warnx("%s is faster than its command: datagrams are dropped",
	    name);
}

static void
udp_exec_on_failed(void *arg, int num)
{
	udp_exec_fail(arg, num, "read from");
}

static const struct udp_share_ops share_ops = {
	.stranger = udp_exec_on_stranger,
	.passes = udp_exec_on_passes,
	.answered = udp_exec_on_answered,
	.overrun = udp_exec_on_overrun,
	.failed = udp_exec_on_failed
};

/* ---- Beginnings --------------------------------------------------------- */

static unsigned
udp_exec_most_of(const struct plan *plan, bool once)
{
	size_t most = once || plan->serve.max_conns < 0 ? 1 :
	    (size_t)plan->serve.max_conns;
	size_t room = fd_room(most * EACH + SPARE);

	room = room > SPARE ? (room - SPARE) / EACH : 0;
	/* One is tried even if nothing seems to be left for it. */
	return (unsigned)(most <= room ? most : room == 0 ? 1 : room);
}

/* NULL after the words. */
static struct peers *
udp_exec_peers_new(struct run *r, bool once)
{
	struct peers *c = calloc(1, sizeof(*c));
	struct error err;

	if (c == NULL || (c->guard = loopguard_new()) == NULL) {
		error_set(&err, ENOMEM, "use", "the datagram socket");
		run_fail(r, &err);
		free(c);
		return NULL;
	}
	c->run = r;
	c->once = once;
	c->most = udp_exec_most_of(r->plan, once);
	TAILQ_INIT(&c->conns);
	r->interrupt = udp_exec_on_interrupt;
	r->tidy = udp_exec_leave;
	r->interrupt_arg = r->tidy_arg = c;
	return c;
}

void
udp_exec(struct run *r, const struct fd *fds, size_t n)
{
	struct peers *c = udp_exec_peers_new(r, !r->plan->keep_open);
	const struct udp_share_options opt = { .ops = &share_ops, .arg = c };
	struct fd fd;

	if (c == NULL) {
		for (; n > 0; n--, fds++) {
			fd = *fds;
			fd_close(&fd);
		}
		return;
	}
	c->share = udp_share_new(r->loop, fds, n, &opt);
	if (c->share == NULL)
		udp_exec_fail(c, errno, "watch");
}

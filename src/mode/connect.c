/*
 * Connects to a port, or to each of several ports in turn with the same
 * input.
 */
#include <stdio.h>
#include <string.h>

#include "chat/chat.h"
#include "mode/mode.h"
#include "peers/next_address.h"
#include "run/destinations.h"
#include "run/user.h"
#include "serve/forward.h"

enum connect_progress {
	CONNECT_NONE,		/* no port was connected to yet */
	CONNECT_REACHED,	/* some port was */
	CONNECT_ENDED		/* some session has ended for good */
};

struct connect {
	struct run		 run;
	struct destinations	 destinations;
	struct dial		*dial;		/* NULL: not connecting */
	struct conn		*conn;		/* NULL: a session serves */
	unsigned		 port;		/* the current port */
	enum connect_progress	 progress;
	struct forward		*forward;	/* --forward-all; or NULL */
	bool			 has_others;	/* UDP: further addresses may
						   be dialled */
};

static void	connect_next_port(void *);

static struct target
connect_target(const struct connect *c, const struct addr *addr)
{
	const struct plan *plan = c->run.plan;

	return (struct target){ .host = plan->host, .port = c->port,
	    .addr = addr, .timeout = plan->connect_timeout };
}

/* The failure of any session is a failure of the program. */
static void
connect_end(struct connect *c, int status)
{
	if (status != 0 || c->progress != CONNECT_ENDED)
		c->run.status = status;
	c->progress = CONNECT_ENDED;
}

/* ---- UDP: the other addresses of a name --------------------------------- */

/* Reports an address; err NULL: it was connected to. */
static void
connect_on_tried(void *arg, const struct addr *addr, const struct error *err)
{
	struct connect *c = arg;
	const struct target t = connect_target(c, addr);

	messages_report(c->run.plan, &(struct report){ err == NULL ?
	    EVENT_CONNECTED : EVENT_CONNECT_FAILED, .target = &t,
	    .error = err });
}

/* ---- A command, an echo or -F ------------------------------------------- */

static void
connect_on_over(void *arg, struct conn *conn, int status)
{
	struct connect *c = arg;
	struct run *r = &c->run;

	(void)conn;
	c->conn = NULL;
	r->interrupt.call = NULL;
	/* With -F, a single socket is passed on. */
	if (r->signo != 0 || r->plan->near == PLAN_PASS) {
		run_stop(r, status);
		return;
	}
	if (r->plan->retry.reconnect && destinations_return(&c->destinations))
		return;
	connect_end(c, status);
	connect_next_port(c);
}

/* Whether no other connection follows, so that this one is all there is. */
static bool
connect_is_last(const struct connect *c)
{
	return destinations_left(&c->destinations) == 0 &&
	    !c->run.plan->retry.reconnect && c->forward == NULL &&
	    !c->has_others;
}

static void
connect_serve(struct connect *c, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct run *r = &c->run;
	struct addr local = { .len = 0 };
	struct conn_start start = { .run = r, .fd = fd, .tls = &tls,
	    .peer = addr, .local = &local, .number = 1,
	    .over = connect_on_over, .arg = c };

	if (connect_is_last(c) && !run_confine(r, CONFINE_CONNECTED)) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		return;
	}
	(void)addr_local(&local, fd->num);
	mode_serve(r, &c->conn, &start);
}

/* ---- A session ---------------------------------------------------------- */

static void
connect_begin(struct connect *c, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	const struct dial_options opt = destinations_dial_options(
	    &c->destinations, c->port);
	const struct plan *plan = c->run.plan;
	struct run *r = &c->run;
	bool tcp = addr_is_inet(addr) && fd->kind == FD_STREAM;
	/* With a proxy, the host has another port than the proxy. */
	const struct mode_peer peer = { .host = plan->host, .tls = tls,
	    .port = plan->proxy.kind != PROXY_NONE ? c->port : 0,
	    .udp = plan->socket.type == SOCK_RAW ||
	    (r->chat != NULL && plan->type == TYPE_DGRAM && tls == NULL) };

	if (!mode_open_far(r, fd, addr, &peer))
		return;
	/* A port of -p is taken until the first socket is closed: no other. */
	c->has_others = plan->udp_next && plan->type == TYPE_DGRAM &&
	    plan->socket.type == 0 && r->chat == NULL && !plan->tls.on &&
	    addr_is_inet(addr) && plan->local_port == NULL &&
	    next_address_watch(&r->far, &opt, addr, connect_on_tried, c);
	if (c->forward != NULL)
		forward_copy(c->forward, &r->far, 0);
	if (!run_open_far(r, true))
		return;
	if (connect_is_last(c) && !run_confine(r, CONFINE_CONNECTED))
		endpoint_close(&r->far);
	else
		run_session(r, destinations_left(&c->destinations) > 0 ||
		    plan->retry.reconnect, tcp);
}

static void
connect_on_ended(void *arg, const struct outcome *o)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	int status = r->messages->ended(r->plan, o);
	/* Another connection follows if there may be more to send and show. */
	bool retry = r->plan->retry.reconnect && o->near_write.num == 0 &&
	    o->near_read.num == 0 && r->near.in.state != HALF_ENDED &&
	    destinations_return(&c->destinations);

	c->has_others = false;
	/* The next connection makes up for a failure, but not for a loss. */
	if (!retry || o->lost_out != 0 || o->lost_in != 0)
		connect_end(c, status);
	if (!retry)
		connect_next_port(c);
}

/* ---- Connecting --------------------------------------------------------- */

/* Tells the person at the near end, if any, that TLS begins, or is over. */
static void
connect_tell_securing(struct run *r, bool begins)
{
	if (r->near_ops.securing != NULL)
		r->near_ops.securing(r, begins);
}

static void
connect_on_securing(void *arg, const struct addr *addr)
{
	struct connect *c = arg;

	if (c->run.messages->tells_before_tls)
		connect_on_tried(c, addr, NULL);
	connect_tell_securing(&c->run, true);
}

static void
connect_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	const struct target t = connect_target(c, addr);

	c->dial = NULL;
	if (!user_become(r)) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		return;
	}
	if (c->progress == CONNECT_NONE)
		c->progress = CONNECT_REACHED;
	deadline_blame(r, NULL);
	destinations_claim(&c->destinations);
	if (tls == NULL || !r->messages->tells_before_tls)
		connect_on_tried(c, addr, NULL);
	connect_tell_securing(r, false);
	run_say_secured(r, tls, &t);
	run_say_multipath(r, fd);
	if (run_has_near(r->plan))
		connect_begin(c, fd, addr, tls);
	else
		connect_serve(c, fd, addr, tls);
}

static void
connect_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	const struct target t = connect_target(c, addr);
	bool retry = last && destinations_may_retry(&c->destinations, err);
	int status;

	if (last)
		c->dial = NULL;
	connect_tell_securing(r, false);
	if (run_was_cut(r, err))
		return;
	status = destinations_failed(&c->destinations, &t, err, last, retry);
	if (!last)
		return;
	if (retry) {
		destinations_retry(&c->destinations, err);
		return;
	}
	if (c->progress == CONNECT_NONE || r->plan->retry.reconnect)
		r->status = status;
	connect_next_port(c);
}

static void
connect_next_port(void *arg)
{
	static const struct dial_ops ops = { connect_on_connected,
	    connect_on_failed, connect_on_securing };
	struct connect *c = arg;
	struct run *r = &c->run;
	struct dial_options opt;

	if (!destinations_next(&c->destinations, &c->port)) {
		if (c->progress == CONNECT_NONE)
			REPORT(r->plan, EVENT_NONE_REACHED);
		loop_stop(r->loop);
		return;
	}
	opt = destinations_dial_options(&c->destinations, c->port);
	c->dial = dial_start(r->loop, &opt, &ops, c);
	if (c->dial == NULL)
		run_fail_peer(r, "connect to", r->plan->host);
}

/* The targets of copies go after the session. */
static void
connect_tidy(void *arg)
{
	struct connect *c = arg;

	forward_close(c->forward);
	c->forward = NULL;
}

int
mode_connect(const struct plan *plan)
{
	struct connect c;
	int status;

	memset(&c, 0, sizeof(c));
	if ((status = run_open(&c.run, plan, &c)) != 0)
		return status;
	c.run.ended = connect_on_ended;
	c.run.tidy = (struct run_hook){ connect_tidy, &c };
	status = run_open_ends(&c.run, true, chat_near_ops(plan));
	if (status == 0 && plan->forward.all)
		status = forward_open(&c.forward, &c.run);
	if (status == 0 && !user_connects_as_root(plan) &&
	    !user_become(&c.run))
		status = c.run.status;
	if (status == 0)
		status = destinations_find(&c.destinations, &c.run,
		    connect_next_port, &c);
	if (status != 0)
		run_stop(&c.run, status);
	loop_run(c.run.loop);
	dial_cancel(c.dial);
	destinations_free(&c.destinations);
	if (c.conn != NULL)
		conn_stop(c.conn, true);
	return run_close(&c.run);
}

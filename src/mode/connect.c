/*
 * Connect: to one port, or to each of several in turn with the same input.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/chat.h"
#include "chat/person.h"
#include "mode/mode.h"
#include "mode/udp_next.h"
#include "run/destinations.h"
#include "run/run.h"
#include "run/socket_layers.h"
#include "run/taps.h"
#include "serve/conn.h"

struct connect {
	struct run	 run;
	struct destinations	 destinations;
	struct dial	*dial;
	struct udp_next	 next;		/* of the datagrams' session */
	struct conn	*conn;		/* a command or an echo, at work */
	unsigned	 port;		/* the one being tried */
	bool		 reached;	/* some port was */
	bool		 ended;		/* some session has, for good */
};

static void	connect_next_port(struct connect *);

static void
connect_on_over(void *arg, struct conn *conn, int status)
{
	struct connect *c = arg;

	(void)conn;
	c->conn = NULL;
	c->run.interrupt = NULL;
	/* Whoever got the socket wants no other. */
	if (c->run.signo != 0 || c->run.plan->near == PLAN_PASS) {
		run_stop(&c->run, status);
		return;
	}
	if (c->run.plan->retry.reconnect &&
	    destinations_return(&c->destinations))
		return;
	if (status != 0 || !c->ended)
		c->run.status = status;
	c->ended = true;
	connect_next_port(c);
}

static void
connect_on_interrupt(void *arg)
{
	struct connect *c = arg;

	conn_stop(c->conn, false);
}

/* What is connected to is served by a command or an echo. */
static void
connect_serve(struct connect *c, struct fd *fd, const struct addr *addr)
{
	struct run *r = &c->run;
	struct addr local = { .len = 0 };
	struct conn_start start = { .run = r, .fd = fd, .peer = addr,
	    .local = &local, .number = 1, .over = connect_on_over, .arg = c };
	int status = 0;

	(void)addr_local(&local, fd->num);
	c->conn = r->plan->near == PLAN_EXEC ? conn_exec(&start, &status) :
	    r->plan->near == PLAN_PASS ? conn_pass(&start, &status) :
	    conn_echo(&start, &status);
	if (c->conn == NULL) {
		run_stop(r, status);
		return;
	}
	r->interrupt = connect_on_interrupt;
	r->interrupt_arg = c;
}

/*
 * The datagrams of a chat tell when it is over; those of a raw socket come
 * behind a header.
 */
static int
connect_open_far(struct run *r, struct fd *fd, const struct addr *addr,
    const char *name)
{
	struct addr local = { .len = 0 };

	if (r->chat != NULL) {
		(void)addr_local(&local, fd->num);
		chat_meet(r->chat, addr, r->plan->host, &local);
	}
	if (r->plan->socket.type != SOCK_RAW &&
	    (r->chat == NULL || r->plan->type != TYPE_DGRAM))
		return endpoint_socket(&r->far, r->loop, fd,
		    fd->kind == FD_DGRAM, name);
	if (endpoint_udp(&r->far, r->loop, fd, NULL, NULL) == -1)
		return -1;
	endpoint_rename(&r->far, name);
	endpoint_udp_only(&r->far, addr);
	if (r->chat != NULL)
		endpoint_udp_farewell(&r->far);
	return 0;
}

static void
connect_on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	struct target t = { .host = r->plan->host, .port = c->port,
	    .addr = addr };
	bool tcp = addr_is_inet(addr) && fd->kind == FD_STREAM;
	struct addr named;
	struct error err;
	char name[ENDPOINT_NAME_MAX];

	c->dial = NULL;
	c->reached = true;
	deadline_blame(r, NULL);
	destinations_claim(&c->destinations);
	r->messages->connected(r->plan, &t);
	run_say_multipath(r, fd);
	if (!run_has_near(r->plan)) {
		connect_serve(c, fd, addr);
		return;
	}
	/* What is behind a proxy has a port of its own. */
	named = *addr;
	if (r->plan->proxy.kind != PROXY_NONE)
		addr_set_port(&named, c->port);
	run_peer_name(r->plan, r->plan->host, &named, name, sizeof(name));
	if (connect_open_far(r, fd, addr, name) == -1) {
		error_set(&err, errno, "use", "%s", name);
		fd_close(fd);
		run_fail(r, &err);
		return;
	}
	udp_next_watch(&c->next, &c->destinations, c->port, addr);
	if (!run_open_urgent(r) || !socket_layers_far(r))
		return;
	run_session(r, destinations_left(&c->destinations) > 0 ||
	    r->plan->retry.reconnect, tcp);
}

static void
connect_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	struct target t = { .host = r->plan->host, .port = c->port,
	    .addr = addr, .timeout = r->plan->connect_timeout };
	bool retry = last && destinations_may_retry(&c->destinations, err);
	int status;

	if (last)
		c->dial = NULL;
	if (run_was_cut(r, err))
		return;
	status = destinations_failed(&c->destinations, &t, err, last, retry);
	if (!last)
		return;
	if (retry) {
		destinations_retry(&c->destinations, err);
		return;
	}
	if (!c->reached || r->plan->retry.reconnect)
		r->status = status;
	connect_next_port(c);
}

/*
 * Is there to be another connection? Not if there is no more to be sent over
 * it, nor if nobody could see what comes.
 */
static bool
connect_comes_back(struct connect *c, const struct outcome *o)
{
	const struct run *r = &c->run;

	return r->plan->retry.reconnect && o->near_write.num == 0 &&
	    o->near_read.num == 0 && !r->near.in.ended &&
	    destinations_return(&c->destinations);
}

static void
connect_on_ended(void *arg, const struct outcome *o)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	bool last = destinations_left(&c->destinations) == 0;
	int status = r->messages->ended(r->plan, o, last);
	bool retry = connect_comes_back(c, o);

	udp_next_stop(&c->next);

	/* Its failure is made good by the next one; but what is lost is so. */
	if (retry && o->lost_out == 0 && o->lost_in == 0)
		return;
	/* One session that failed makes all of it a failure. */
	if (status != 0 || !c->ended)
		r->status = status;
	c->ended = true;
	if (!retry)
		connect_next_port(c);
}

static void
connect_next_port(struct connect *c)
{
	static const struct dial_ops ops = { connect_on_connected,
	    connect_on_failed };
	struct run *r = &c->run;
	struct dial_options opt;
	struct error err;

	if (!destinations_next(&c->destinations, &c->port)) {
		if (!c->reached && r->messages->none_reached != NULL)
			r->messages->none_reached(r->plan);
		loop_stop(r->loop);
		return;
	}
	opt = destinations_dial_options(&c->destinations, c->port);
	c->dial = dial_start(r->loop, &opt, &ops, c);
	if (c->dial == NULL) {
		error_set(&err, errno, "connect to", "%s", r->plan->host);
		run_fail(r, &err);
	}
}

static void
connect_on_destinations(void *arg)
{
	connect_next_port(arg);
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
	if (run_has_near(plan))
		status = run_open_near(&c.run, true,
		    person_near_ops(plan));
	if (status == 0)
		status = taps_open(&c.run);
	if (status == 0)
		status = destinations_find(&c.destinations, &c.run,
		    connect_on_destinations, &c);
	if (status != 0)
		run_stop(&c.run, status);
	loop_run(c.run.loop);
	dial_cancel(c.dial);
	udp_next_stop(&c.next);
	destinations_free(&c.destinations);
	if (c.conn != NULL)
		conn_stop(c.conn, true);
	return run_close(&c.run);
}

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
#include "net/reach.h"
#include "run/peculiar.h"
#include "run/run.h"
#include "run/taps.h"
#include "run/targets.h"
#include "run/wire.h"
#include "serve/conn.h"

struct connect {
	struct run	 run;
	struct targets	 targets;
	struct reach	*reach;
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
	if (c->run.plan->again.reconnect && targets_return(&c->targets))
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

	c->conn->ops->stop(c->conn, false);
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
on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	struct target t = { .host = r->plan->host, .port = c->port,
	    .addr = addr };
	bool tcp = addr_is_inet(addr) && fd->kind == FD_STREAM;
	struct addr named;
	struct error err;
	char name[ENDPOINT_NAME_MAX];

	c->reach = NULL;
	c->reached = true;
	deadline_blame(r, NULL);
	targets_claim(&c->targets);
	r->voice->connected(r->plan, &t);
	peculiar_said(r, fd);
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
	udp_next_watch(&c->next, &c->targets, c->port, addr);
	if (!peculiar_far(r) || !wire_far(r))
		return;
	run_session(r, targets_left(&c->targets) > 0 ||
	    r->plan->again.reconnect, tcp);
}

static void
connect_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	struct target t = { .host = r->plan->host, .port = c->port,
	    .addr = addr, .timeout = r->plan->connect_timeout };
	bool again = last && targets_may_retry(&c->targets, err);
	int status;

	if (last)
		c->reach = NULL;
	if (run_was_cut(r, err))
		return;
	status = targets_failed(&c->targets, &t, err, last, again);
	if (!last)
		return;
	if (again) {
		targets_retry(&c->targets, err);
		return;
	}
	if (!c->reached || r->plan->again.reconnect)
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

	return r->plan->again.reconnect && o->near_write.num == 0 &&
	    o->near_read.num == 0 && !r->near.in.ended &&
	    targets_return(&c->targets);
}

static void
connect_on_ended(void *arg, const struct outcome *o)
{
	struct connect *c = arg;
	struct run *r = &c->run;
	bool last = targets_left(&c->targets) == 0;
	int status = r->voice->ended(r->plan, o, last);
	bool again = connect_comes_back(c, o);

	udp_next_stop(&c->next);

	/* Its failure is made good by the next one; but what is lost is so. */
	if (again && o->lost_out == 0 && o->lost_in == 0)
		return;
	/* One session that failed makes all of it a failure. */
	if (status != 0 || !c->ended)
		r->status = status;
	c->ended = true;
	if (!again)
		connect_next_port(c);
}

static void
connect_next_port(struct connect *c)
{
	static const struct dial_ops ops = { on_connected, connect_on_failed };
	struct run *r = &c->run;
	struct error err;

	if (!targets_next(&c->targets, &c->port)) {
		if (!c->reached && r->voice->none_reached != NULL)
			r->voice->none_reached(r->plan);
		loop_stop(r->loop);
		return;
	}
	c->reach = reach_start(r->loop, r->plan, &c->targets.remote, c->port,
	    &c->targets.local, &c->targets.goal.list, &ops, c);
	if (c->reach == NULL) {
		error_set(&err, errno, "connect to", "%s", r->plan->host);
		run_fail(r, &err);
		return;
	}
	reach_by(c->reach, &c->targets.hops);
}

static void
connect_on_targets(void *arg)
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
		status = targets_find(&c.targets, &c.run, connect_on_targets,
		    &c);
	if (status != 0)
		run_stop(&c.run, status);
	loop_run(c.run.loop);
	reach_cancel(c.reach);
	udp_next_stop(&c.next);
	targets_free(&c.targets);
	if (c.conn != NULL)
		c.conn->ops->stop(c.conn, true);
	return run_close(&c.run);
}

/*
 * Listens, and serves clients: each in turn on the standard streams, or
 * many at once by a command, an echo, a room or the streams.
 */
#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "chat/chat.h"
#include "chat/room.h"
#include "door/port_holder.h"
#include "link/close.h"
#include "mode/mode.h"
#include "door/dtls_listen.h"
#include "peers/admit.h"
#include "run/net_options.h"
#include "run/retry.h"
#include "run/user.h"
#include "serve/command.h"
#include "serve/forward.h"
#include "serve/proxy_server.h"
#include "serve/server.h"

struct serve {
	struct run	 run;
	const struct worker *worker;	/* NULL: no --workers */
	struct resolve	*resolve;	/* NULL: no lookup runs */
	struct retry	 retry;		/* while the address is in use */
	struct listener	*listener;	/* NULL: none, or none any more */
	struct server	 server;	/* of several clients at once */
	struct multi_client multi_client; /* ... on the standard streams */
	struct room	 room;		/* ... who hear each other */
	struct forward	*forward;	/* NULL: not --forward */
	struct proxy_server *proxy;	/* NULL: not --serve-proxy */
	struct admission senders;	/* of datagrams, by DTLS */
	struct conn	*echo;		/* of datagrams; NULL: none */
	struct everybody *everybody;	/* sends datagrams; NULL: no senders */
	bool		 warned;	/* that accept(2) fails */
	struct ready	 ready;
	struct timer	 accept_timer;	/* until the first client */
	bool		 chatting;	/* more callers are told "busy" */
	struct closing	 busy;	/* the last of these; loop NULL: gone */
};

static void
listen_on_ended(void *arg, const struct outcome *o)
{
	struct serve *s = arg;
	struct run *r = &s->run;
	int status = r->messages->ended(r->plan, o);
	/* A session with all senders ends by limits, and another follows. */
	bool last = s->everybody == NULL ? !r->plan->keep_open :
	    o->far_read.num != 0 ?
	    !errclass_is(o->far_read.num, ERRCLASS_SHORT) :
	    o->cause != SESSION_IDLE && o->cause != SESSION_TOTAL &&
	    o->cause != SESSION_LIMIT;

	/* Without standard output the program has nothing to do. */
	if (last || o->near_write.num != 0)
		run_stop(r, status);
	else if (s->everybody != NULL)
		receive_again(s->everybody, o->far_read.num != 0);
	else
		listener_pause(s->listener, false);
}

/* A client could not be served: the listener goes on. */
static void
listen_on_next(void *arg)
{
	listener_pause(arg, false);
}

static void
listen_add_multi_client_losses(void *arg, struct outcome *o)
{
	multi_client_add_losses(&((struct serve *)arg)->multi_client, o);
}

/* The session of all clients is over: held bytes are still delivered. */
static void
listen_on_multi_client_ended(void *arg, const struct outcome *o)
{
	struct serve *s = arg;
	struct run *r = &s->run;
	struct outcome all = *o;

	multi_client_add_losses(&s->multi_client, &all);
	r->status = r->messages->ended(r->plan, &all);
	server_stop(&s->server, false);
}

/* The ends of a client, as they are shown; local as run_ends has it. */
static void
listen_ends(struct run *r, const struct addr_pair *ends, int sock,
    struct addr *peer, struct addr *local)
{
	run_ends(r, &ends->peer, sock, peer, local);
	r->announced.len = 0;
	if (ends->local.len == 0)
		return;
	*local = ends->local;
	if (!r->plan->show_mapped)
		addr_unmap(local);
	r->announced = *peer;
}

/* As ncat: the first client is the only one, even if its handshake fails. */
static bool
listen_has_one_try(const struct serve *s)
{
	return s->run.plan->serve.one_try && !s->run.plan->keep_open;
}

/*
 * With TLS, a client is reported before the handshake, and turned away: after
 * that, the client would have sent bytes already. The peer of a chat is here
 * only when TLS is up.
 */
static bool
listen_on_handshake(void *arg, const struct fd *fd,
    const struct addr_pair *ends)
{
	struct serve *s = arg;
	struct run *r = &s->run;
	struct addr local, peer;

	listen_ends(r, ends, fd->num, &peer, &local);
	if (r->plan->type == TYPE_DGRAM ?
	    !peers_admit(&s->senders, &ends->peer, NULL, fd->num) :
	    !run_admits(r, &peer, &local))
		return false;
	if (r->plan->near != PLAN_CHAT)
		REPORT(r->plan, EVENT_ACCEPTED, .peer = &peer, .local = &local);
	if (s->server.start != NULL && server_is_full(&s->server)) {
		REPORT(r->plan, EVENT_FULL);
		return false;
	}
	if (listen_has_one_try(s))
		listener_close_socks(s->listener);
	return true;
}

static void
listen_on_not_secured(void *arg, const struct addr *peer,
    const struct error *err)
{
	struct addr shown = *peer;
	struct serve *s = arg;
	struct run *r = &s->run;

	if (!r->plan->show_mapped)
		addr_unmap(&shown);
	run_say_not_secured(r, &shown, err);
	if (listen_has_one_try(s))
		run_stop(r, 1);
}

static void
listen_on_not_announced(void *arg, const struct addr *peer,
    const struct error *err)
{
	run_say_not_announced(&((struct serve *)arg)->run, peer, err);
}

static void
listen_on_busy_closed(void *arg, size_t lost)
{
	(void)lost;
	((struct serve *)arg)->busy.loop = NULL;
}

/* Tells a caller that the chat has its peer. At most one socket waits. */
static void
listen_say_busy(struct serve *s, struct fd *fd)
{
	char text[] = "busy: already in a chat\n";
	struct iovec iov = { .iov_base = text, .iov_len = strlen(text) };
	struct loop *loop = s->run.loop;
	size_t n;

	(void)fd_write(fd, &iov, 1, &n);
	if (s->busy.loop != NULL) {
		fd_close(fd);
		return;
	}
	s->busy = (struct closing){ .done = listen_on_busy_closed,
	    .arg = s };
	closing_start(&s->busy, loop, fd, !s->run.is_unix);
	s->busy.limit = loop_now(loop) + DRAIN_TIME;
}

static void
listen_on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	struct serve *s = arg;
	struct run *r = &s->run;
	bool stream = fd->kind == FD_STREAM;
	struct addr local, peer;
	unsigned others = 0;

	listen_ends(r, ends, fd->num, &peer, &local);
	if (tls == NULL && !run_admits(r, &peer, &local)) {
		fd_close(fd);
		return;
	}
	timer_clear(r->loop, &s->accept_timer);
	if (s->chatting) {
		listen_say_busy(s, fd);
		return;
	}
	s->chatting = r->chat != NULL && stream && tls == NULL;
	if (r->chat != NULL && !s->chatting)
		others = listener_turn_away(s->listener);
	if (!r->plan->keep_open && !s->chatting) {
		if (r->plan->type == TYPE_DGRAM)
			dtls_listen_settle(fd);
		listener_free(s->listener);
		s->listener = s->server.listener = NULL;
		/* Its socket was the last that is made. */
		if (r->plan->type == TYPE_DGRAM && run_has_near(r->plan))
			(void)run_confine(r, CONFINE_CONNECTED);
	}
	if (s->server.start != NULL) {
		server_admit(&s->server, fd, tls, &peer, &local);
		return;
	}
	if (r->plan->keep_open)
		listener_pause(s->listener, true);
	if (tls == NULL || r->plan->near == PLAN_CHAT)
		REPORT(r->plan, EVENT_ACCEPTED, .peer = &peer, .local = &local);
	run_say_secured(r, tls, &(struct target){ .addr = &peer });
	run_say_multipath(r, fd);
	if (others > 0)
		REPORT(r->plan, EVENT_TURNED_AWAY, .n = others);
	if (mode_open_far(r, fd, &peer, &(struct mode_peer){
	    .local = &local, .tls = tls }) && run_open_far(r, stream))
		run_session(r, r->plan->keep_open,
		    stream && addr_is_inet(&peer) && !r->is_unix);
}

static void
listen_on_accept_timeout(void *arg)
{
	struct run *r = &((struct serve *)arg)->run;
	struct error err;

	error_set(&err, ETIMEDOUT, "wait for", "a connection");
	run_stop(r, REPORT(r->plan, EVENT_ACCEPT_TIMEOUT, .error = &err));
}

static int
listen_open_command(struct serve *s)
{
	return command_check(&s->run);
}

static int
listen_open_forward(struct serve *s)
{
	return forward_open(&s->forward, &s->run);
}

static int
listen_open_room(struct serve *s)
{
	return room_open(&s->room, &s->run);
}

static void
listen_begin_streams(struct serve *s)
{
	s->server.common = &s->multi_client;
	s->run.ended = listen_on_multi_client_ended;
	s->run.add_losses = listen_add_multi_client_losses;
}

static void
listen_begin_targets(struct serve *s)
{
	s->server.common = s->forward != NULL ? (void *)s->forward : s->proxy;
}

static void
listen_begin_room(struct serve *s)
{
	s->server.common = &s->room;
	room_start(&s->room, &s->server);
}

static const struct listen_kind {
	/* Before a socket is opened: 0, or the exit status after a report. */
	int		(*open)(struct serve *);
	/* Before the first client; NULL: nothing is to be done. */
	void		(*begin)(struct serve *);
	/* Of a client: its socket, and a target or two pipes of a command. */
	unsigned	 descriptors;
} listen_kinds[] = {
	[PLAN_STDIO] = { NULL, listen_begin_streams, 1 },
	[PLAN_EXEC] = { listen_open_command, NULL, 3 },
	[PLAN_ECHO] = { NULL, NULL, 1 },
	[PLAN_FORWARD] = { listen_open_forward, listen_begin_targets, 2 },
	[PLAN_PROXY_SERVER] = { NULL, listen_begin_targets, 2 },
	[PLAN_HUB] = { listen_open_room, listen_begin_room, 1 }
};

/* Reported once, for the failure may last. */
static void
listen_on_accept_failed(void *arg, int num)
{
	struct serve *s = arg;
	const struct run *r = &s->run;
	struct error err;

	if (s->warned)
		return;
	s->warned = true;
	error_set(&err, num, "accept", "connections");
	messages_warn(r->plan, &err);
}

static void
listen_serve_streams(struct serve *s, const struct fd *fds, size_t n)
{
	static const struct listener_ops ops = {
		.accepted = listen_on_accepted,
		.failed = listen_on_accept_failed,
		.admits = listen_on_handshake,
		.not_secured = listen_on_not_secured,
		.not_announced = listen_on_not_announced
	};
	struct run *r = &s->run;
	const struct plan *plan = r->plan;
	const struct listen_kind *kind = &listen_kinds[plan->near];

	(void)admission_init(&s->senders, r, false);
	if (plan->near == PLAN_PROXY_SERVER)
		proxy_server_listen(s->proxy, fds, n);
	/* For several clients at once, and for conns of other kinds. */
	if (!run_has_near(plan) || plan->serve.concurrent) {
		server_init(&s->server, r, plan->exec.handover ? 1 :
		    kind->descriptors, !plan->keep_open);
		s->server.start = mode_starter(plan);
		if (kind->begin != NULL)
			kind->begin(s);
	}
	/* Accepted sockets inherit the option. */
	for (size_t i = 0; plan->keep_open && i < n; i++)
		if (fds[i].way == FD_WAY_OWN)
			run_nodelay(r, &fds[i]);
	s->listener = listener_new(r->loop, fds, n, r->tls, &ops, s);
	if (s->listener == NULL) {
		run_fail_peer(r, "listen", "for connections");
		return;
	}
	if (plan->proxyp.accept)
		listener_expect_headers(s->listener);
	listener_set_options(s->listener, &plan->sock);
	s->server.listener = s->listener;
	if (plan->keep_open && s->server.start == NULL)
		r->next = (struct run_hook){ listen_on_next, s->listener };
	if (plan->accept_timeout >= 0) {
		s->accept_timer = (struct timer){
		    .fire = listen_on_accept_timeout, .arg = s };
		timer_set(r->loop, &s->accept_timer,
		    loop_now(r->loop) + plan->accept_timeout);
	}
}

/* An address that is in use, or not there yet, is tried again. */
static void
listen_on_failed(struct serve *s, const struct socket_kind *kind,
    const struct target *t, const struct error *err)
{
	struct run *r = &s->run;
	struct error named = *err;
	bool may_pass = err->num == EADDRINUSE ||
	    (err->num == EADDRNOTAVAIL && !r->plan->retry.busy_only);

	if (run_was_cut(r, err))
		return;
	if (!may_pass || !retry_may(&s->retry)) {
		if (err->num == EADDRINUSE)
			port_holder(kind, t->addr, named.holder,
			    sizeof(named.holder));
		run_stop(r, REPORT(r->plan, EVENT_LISTEN_FAILED, .target = t,
		    .error = &named));
		return;
	}
	if (r->messages->tells_busy)
		REPORT(r->plan, EVENT_BUSY, .target = t, .error = err);
	else if (r->plan->verbose > 0)
		REPORT(r->plan, EVENT_LISTEN_FAILED, .target = t, .error = err);
	named.op = "listen on";
	retry_later(&s->retry, &named);
}

/* Opens a listening socket, and reports its address. */
static int
listen_open_one(struct serve *s, const struct addr *addr, bool v6only,
    struct fd *fd)
{
	struct run *r = &s->run;
	struct listen_options opt = net_listen_options(r->plan);
	struct target t = { .host = r->plan->local_host, .addr = addr,
	    .port = addr_port(addr) };
	struct addr bound;
	struct error err = { .num = 0 };
	char path[ADDR_HOST_MAX];

	opt.shares_port = s->worker != NULL;
	opt.sock.reuseport |= s->worker != NULL && s->worker->number > 1;
	if (listen_open(&opt, addr, v6only, fd, &err) == -1) {
		listen_on_failed(s, &opt.kind, &t, &err);
		return -1;
	}
	deadline_blame(r, NULL);
	if (addr_family(addr) == AF_UNIX && !r->plan->keep_socket_file)
		run_unlink_later(r, addr_host(addr, path, sizeof(path)));
	if (addr_local(&bound, fd->num) == -1)
		bound = *addr;
	if (s->worker == NULL || s->worker->number == 1)
		REPORT(r->plan, EVENT_LISTENING, .local = &bound);
	return 0;
}

/* Reports the addresses of the sockets; -1 with the error. */
static int
listen_report(struct serve *s, const struct fd *fds, size_t n,
    struct error *err)
{
	struct addr bound[ACTIVATED_MAX];
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		if (addr_local(&bound[found], fds[i].num) == 0)
			found++;
	if (s->worker == NULL)
		return ready_report(&s->ready, &s->run, bound, found, err);
	if (worker_ready(s->worker, bound, found,
	    s->run.plan->serve.workers) == 0)
		return 0;
	error_set(err, errno, "tell", "the port");
	return -1;
}

static void
listen_serve(struct serve *s, const struct fd *fds, size_t n)
{
	struct run *r = &s->run;
	const struct conn_start start = { .run = r, .number = 1,
	    .over = mode_on_over, .arg = r };
	struct error err;
	int status = 0;

	if (s->forward != NULL)
		forward_listen(s->forward, fds, n);
	if (listen_report(s, fds, n, &err) == -1) {
		run_fail(r, &err);
		return;
	}
	if (!user_become(r))
		return;
	if (plan_has_connections(r->plan))
		listen_serve_streams(s, fds, n);
	else if (plan_echoes_in_batches(r->plan)) {
		s->echo = conn_echo_sockets(&start, fds, n, &status);
		mode_hold(r, &s->echo, status);
	} else if (r->plan->near == PLAN_FORWARD) {
		udp_server(r, fds, n, s->forward);
		s->forward = NULL;
	} else
		receive_start(r, fds, n, &s->everybody);
	(void)run_confine(r, CONFINE_LISTENING);
}

/* Takes the sockets that a service manager has opened. */
static void
listen_open_given(struct serve *s)
{
	struct run *r = &s->run;
	const struct socket_kind kind = net_socket_kind(r->plan);
	struct fd fds[ACTIVATED_MAX];
	struct addr bound;
	struct error err;
	int i;

	if (listen_take_given(&kind, r->is_unix, ACTIVATED_FIRST,
	    r->plan->service.activated, fds, &err) == -1) {
		run_fail(r, &err);
		return;
	}
	for (i = 0; i < r->plan->service.activated; i++)
		if (addr_local(&bound, fds[i].num) == 0)
			REPORT(r->plan, EVENT_LISTENING, .local = &bound);
	listen_serve(s, fds, (size_t)i);
}

static void
listen_open_all(struct serve *s, const struct addr_list *list)
{
	const struct plan *plan = s->run.plan;
	size_t i, n = plan->wildcard == WILDCARD_BOTH && list->n > 1 ?
	    list->n : 1;
	struct addr addr;
	struct fd fds[SOCKETS];
	unsigned port = s->worker != NULL ? s->worker->port : 0;

	for (i = 0; i < n && i < SOCKETS; i++) {
		addr = list->v[i];
		/* All sockets have the port that the system chose first. */
		if (addr_port(&addr) == 0 && port != 0)
			addr_set_port(&addr, port);
		if (listen_open_one(s, &addr, plan->v6_only, &fds[i]) == -1) {
			while (i-- > 0)
				fd_close(&fds[i]);
			return;
		}
		if (addr_local(&addr, fds[i].num) == 0)
			port = addr_port(&addr);
	}
	listen_serve(s, fds, i);
}

static void
listen_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct serve *s = arg;
	struct run *r = &s->run;

	s->resolve = NULL;
	if (err->num != 0 || err->gai != 0) {
		run_stop(r, REPORT(r->plan, EVENT_RESOLVE_FAILED,
		    .host = r->plan->local_host, .port = r->plan->local_port,
		    .error = err, .passive = true));
		return;
	}
	listen_open_all(s, list);
	addr_list_free(list);
}

static void
listen_find_local(void *arg)
{
	struct serve *s = arg;
	struct run *r = &s->run;
	const struct resolve_options opt = net_resolve_options(r->plan);

	s->resolve = resolve_start(r->loop, &opt, r->plan->local_host,
	    r->plan->local_port, true, listen_on_resolved, s);
	if (s->resolve == NULL)
		run_fail_peer(r, "look up", "the local address");
}

static void
listen_begin(struct serve *s)
{
	if (s->run.plan->service.activated > 0)
		listen_open_given(s);
	else
		listen_find_local(s);
}

static void
listen_on_targets(void *arg, const struct error *err)
{
	struct serve *s = arg;

	if (err != NULL)
		run_fail(&s->run, err);
	else
		listen_begin(s);
}

/* The socket is opened after all lists are complete. */
static void
listen_on_access(void *arg, const struct access_error *access_error)
{
	struct serve *s = arg;
	int status;

	if (access_error != NULL)
		run_stop(&s->run, run_say_access_error(&s->run, access_error));
	else if (s->run.plan->near != PLAN_PROXY_SERVER)
		listen_begin(s);
	else if ((status = proxy_server_open(&s->proxy, &s->run,
	    s->worker != NULL ? s->worker->secret : NULL, listen_on_targets,
	    s)) != 0)
		run_stop(&s->run, status);
}

static int
listen_start(struct serve *s)
{
	struct run *r = &s->run;
	struct access_options opt = net_access_options(r->plan);

	opt.is_unix = r->is_unix;
	run_begin_reading(r);
	r->access = access_start(r->loop, &opt, listen_on_access, s);
	if (run_end_reading(r)) {
		access_free(r->access);
		r->access = NULL;
		return 1;
	}
	return r->access != NULL ? 0 :
	    run_failed(r, "read", "the access lists");
}

int
mode_listen(const struct plan *plan, const struct worker *worker)
{
	bool answers = plan_has_connections(plan) ?
	    !plan->serve.concurrent || plan->serve.stdin_for != STDIN_NONE :
	    !plan->keep_open || plan->udp_last_sender;
	struct serve s;
	struct error err;
	int status;

	/* Before another descriptor may have that number. */
	if (ready_check(plan, &err) == -1)
		return messages_failed(plan, &err);
	memset(&s, 0, sizeof(s));
	if ((status = run_open(&s.run, plan, &s)) != 0)
		return status;
	s.worker = worker;
	if (worker != NULL) {
		s.run.tls = worker->tls;
		s.run.children.terminal.job = worker->job;
	}
	s.run.ended = listen_on_ended;
	s.run.is_unix |= plan->service.activated > 0 &&
	    listen_is_unix(ACTIVATED_FIRST);
	retry_init(&s.retry, &s.run, listen_find_local, &s);
	status = run_open_ends(&s.run, answers, chat_near_ops(plan));
	if (status == 0 && listen_kinds[plan->near].open != NULL)
		status = listen_kinds[plan->near].open(&s);
	if (status == 0)
		status = listen_start(&s);
	if (status != 0)
		run_stop(&s.run, status);
	loop_run(s.run.loop);
	if (s.busy.loop != NULL)
		closing_abort(&s.busy);
	retry_stop(&s.retry);
	resolve_cancel(s.resolve);
	if (s.server.start != NULL)
		server_stop(&s.server, true);
	else
		listener_free(s.listener);
	if (s.echo != NULL)
		conn_stop(s.echo, true);
	room_close(&s.room);
	forward_close(s.forward);
	proxy_server_close(s.proxy);
	ready_end(&s.ready);
	return run_close(&s.run);
}

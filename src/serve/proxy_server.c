/*
 * A proxy server: a client's way from its request to the relay.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reach/dial.h"
#include "reach/targets.h"
#include "run/net_options.h"
#include "serve/proxy_http.h"
#include "serve/proxy_login.h"
#include "serve/proxy_lookup.h"
#include "serve/proxy_server.h"
#include "serve/proxy_socks.h"
#include "serve/relay.h"

#define PROXY_REQUEST_TIME	(10 * NSEC_PER_SEC)
#define PROXY_DIAL_TIME		(30 * NSEC_PER_SEC)
/* Bytes of a read; those after a request go to the target first. */
#define PROXY_PIECE	4096

struct proxy_server {
	struct run		*run;
	struct targets		*targets;
	struct proxy_guard	 guard;
	struct proxy_lookups	 lookups;
};

/*
 *	GREETING --> LOGIN --> REQUEST --> DIALLING --> the relay
 *	HTTP and SOCKS 4 begin with REQUEST; UDP ASSOCIATE ends in UDP.
 */
enum proxy_state {
	PROXY_WAITS_GREETING,
	PROXY_WAITS_LOGIN,
	PROXY_WAITS_REQUEST,
	PROXY_DIALS,
	PROXY_PASSES_UDP
};

/* A client until it has a target. */
struct proxy_client {
	struct proxy_server	*server;
	struct conn		*conn;
	enum proxy_state	 state;
	enum proxy_kind		 kind;	/* PROXY_NONE: not known yet */
	struct buf		 in;	/* what the client has sent */
	size_t			 seen;	/* bytes searched for the end */
	size_t			 used;	/* bytes of the request */
	struct timer		 timer;	/* limit of the state */
	struct http_request	 request;	/* its texts are in `in' */
	char			 host[HTTP_HOST_MAX + 1];
	unsigned		 port;
	struct proxy_lookup	*lookup;	/* NULL: none */
	struct dial		*dial;		/* NULL: not dialling */
	struct addr_list	 list;		/* that may be dialled */
	bool			 denied;	/* rules deny an address */
	struct proxy_udp	*udp;
	struct addr		 peer;
	struct proxyp_ends	 announced;	/* by --send-proxy */
};

/* ---- Answers ------------------------------------------------------------ */

/*
 * Answers are short, and the socket is new: it takes them at once. last: the
 * connection ends after this. Returns whether the client goes on.
 */
static bool
proxy_answer(struct proxy_client *c, struct buf *answer, bool last)
{
	struct half *out = &c->conn->ep.out;
	struct iovec iov;
	size_t n;
	bool written;

	while (answer->used > 0 && !answer->failed) {
		iov = (struct iovec){ (void *)(uintptr_t)buf_data(answer),
		    answer->used };
		if (half_write(out, &iov, 1, &n) != IO_OK || n == 0)
			break;
		buf_take(answer, n);
	}
	written = answer->used == 0 && !answer->failed;
	buf_free(answer);
	if (!written)
		relay_refuse(c->conn, 1);
	else if (last)
		relay_end(c->conn, 1);
	return written && !last;
}

static void
proxy_answer_http(struct proxy_client *c, int code, const char *why)
{
	struct buf answer = { .mem = NULL };

	http_answer(&answer, code, why, c->server->guard.ncat);
	(void)proxy_answer(c, &answer, true);
}

/* bound: the address of the connection; NULL: not known. */
static void
proxy_add_reply(const struct proxy_client *c, enum socks_reply reply,
    const struct addr *bound, struct buf *answer)
{
	if (c->kind == PROXY_SOCKS4)
		socks4_reply(answer, reply == SOCKS_GRANTED);
	else
		socks5_reply(answer, reply, bound);
}

/* With -v, tells why a client was not served. */
static void
proxy_say(const struct proxy_client *c, int num, const char *why)
{
	const struct run *r = c->server->run;
	char client[ENDPOINT_NAME_MAX];
	struct error err;

	if (r->plan->verbose == 0)
		return;
	run_peer_name(r->plan, NULL, &c->peer, client, sizeof(client));
	error_set(&err, num, "connect to", "the target of %s", client);
	if (c->host[0] != '\0')
		error_set(&err, num, "connect to", "%.60s port %u for %.90s",
		    c->host, c->port, client);
	if (why != NULL)
		(void)snprintf(err.why, sizeof(err.why), "%s", why);
	messages_warn(r->plan, &err);
}

enum proxy_failure {
	PROXY_TARGET_DENIED, PROXY_TARGET_UNKNOWN, PROXY_TARGET_REFUSED,
	PROXY_TARGET_NO_NET, PROXY_TARGET_NO_HOST, PROXY_TARGET_SILENT,
	PROXY_OUT_OF_ORDER
};

/* The client gets no target. If a rule has denied an address, that is why. */
static void
proxy_fail(struct proxy_client *c, enum proxy_failure failure)
{
	static const struct {
		int			 code;
		enum socks_reply	 reply;
		const char		*why;
	} failures[] = {
		[PROXY_TARGET_DENIED] = { 403, SOCKS_DENIED,
		    "This proxy does not connect to this target." },
		[PROXY_TARGET_UNKNOWN] = { 502, SOCKS_HOST_UNREACHABLE,
		    "The name of the target cannot be looked up." },
		[PROXY_TARGET_REFUSED] = { 502, SOCKS_REFUSED,
		    "The target has refused the connection." },
		[PROXY_TARGET_NO_NET] = { 502, SOCKS_NET_UNREACHABLE,
		    "The network of the target cannot be reached." },
		[PROXY_TARGET_NO_HOST] = { 502, SOCKS_HOST_UNREACHABLE,
		    "The target cannot be reached." },
		[PROXY_TARGET_SILENT] = { 504, SOCKS_HOST_UNREACHABLE,
		    "The target does not answer." },
		[PROXY_OUT_OF_ORDER] = { 503, SOCKS_FAILED,
		    "This proxy cannot connect now." }
	};
	struct buf answer = { .mem = NULL };

	if (c->denied)
		failure = PROXY_TARGET_DENIED;
	if (c->kind == PROXY_HTTP) {
		/* ncat has a single answer for all others. */
		proxy_answer_http(c, c->server->guard.ncat &&
		    failure != PROXY_TARGET_DENIED ? 504 :
		    failures[failure].code, failures[failure].why);
		return;
	}
	proxy_add_reply(c, failures[failure].reply, NULL, &answer);
	(void)proxy_answer(c, &answer, true);
}

static enum proxy_failure
proxy_failure_of(int num)
{
	switch (num) {
	case ECONNREFUSED:
		return PROXY_TARGET_REFUSED;
	case ENETUNREACH:
	case ENETDOWN:
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
		return PROXY_TARGET_NO_NET;
	case ETIMEDOUT:
		return PROXY_TARGET_SILENT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return PROXY_OUT_OF_ORDER;
	default:
		return PROXY_TARGET_NO_HOST;
	}
}

/* ---- The target --------------------------------------------------------- */

/* Fills the filters of a request that is not CONNECT. */
static bool
proxy_add_filters(struct proxy_client *c, struct relay_target *t)
{
	bool ncat = c->server->guard.ncat;
	unsigned minor = ncat ? 0 : c->request.minor;
	const struct http_text *m = &c->request.method;
	bool head = m->len == 4 && memcmp(m->at, "HEAD", 4) == 0;
	struct buf header = { .mem = NULL };

	http_request_rewrite(&c->request, minor, &header);
	buf_take(&c->in, c->used);
	t->there = filter_http_request(&c->request, &header, &c->in);
	c->in = (struct buf){ .mem = NULL };
	t->back = filter_http_reply(minor, head, ncat);
	if (t->there != NULL && t->back != NULL)
		return true;
	relay_target_drop(t);
	return false;
}

/* Gives the bytes after the request to the target, and a yes to the client. */
static void
proxy_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct proxy_client *c = arg;
	char name[ENDPOINT_NAME_MAX], host[ADDR_HOST_MAX];
	struct relay_target target = { .fd = fd, .tls = tls, .addr = addr,
	    .name = name };
	struct buf answer = { .mem = NULL };
	struct addr bound;

	c->dial = NULL;
	(void)snprintf(name, sizeof(name), "%.80s port %u (tcp)",
	    addr_host(addr, host, sizeof(host)), addr_port(addr));
	if (c->kind != PROXY_HTTP || c->request.connect) {
		if (c->kind == PROXY_HTTP)
			http_answer(&answer, 200, NULL, true);
		else
			proxy_add_reply(c, SOCKS_GRANTED, addr_local(&bound,
			    fd->num) == 0 ? &bound : NULL, &answer);
		target.to_client = buf_data(&answer);
		target.nto_client = answer.used;
		target.to_target = buf_data(&c->in) + c->used;
		target.nto_target = c->in.used - c->used;
	} else if (!proxy_add_filters(c, &target)) {
		fd_close(fd);
		proxy_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	if (c->conn->ep.name != NULL)
		messages_forwarded(c->server->run->plan, c->conn->ep.name,
		    name);
	relay_join(c->conn, &target);
	buf_free(&answer);
}

static void
proxy_on_dial_failed(void *arg, const struct addr *addr,
    const struct error *err, bool last)
{
	struct proxy_client *c = arg;

	(void)addr;
	if (!last)
		return;
	c->dial = NULL;
	proxy_say(c, err->num, NULL);
	proxy_fail(c, proxy_failure_of(err->num));
}

/* Leaves the addresses that are allowed, and dials them. */
static void
proxy_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	static const struct dial_ops ops = { .connected = proxy_on_connected,
	    .failed = proxy_on_dial_failed };
	struct proxy_client *c = arg;
	const struct run *r = c->server->run;
	const struct targets *targets = c->server->targets;
	struct dial_options opt = net_dial_options(r->plan);
	/*
	 * ncat refuses itself as the target of a request that it would send
	 * on, which might go round and round, but makes a tunnel to itself.
	 */
	bool own = c->request.connect || !c->server->guard.ncat;
	size_t n = 0;

	c->lookup = NULL;
	c->list = *list;
	if (err->num != 0 || err->gai != 0) {
		proxy_say(c, 0, error_reason(err));
		proxy_fail(c, PROXY_TARGET_UNKNOWN);
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		struct addr a = list->v[i];

		addr_set_port(&a, c->port);
		targets_normalize(&a);
		if (targets_allow(targets, &a) &&
		    (own || !targets_are_own(targets, &a)))
			list->v[n++] = a;
	}
	c->denied = n < list->n;
	c->list.n = n;
	if (n == 0) {
		proxy_say(c, EACCES,
		    "the rules for targets deny this address");
		proxy_fail(c, PROXY_TARGET_DENIED);
		return;
	}
	opt.kind = (struct socket_kind){ .type = SOCK_STREAM, .name = "tcp",
	    .has_ports = true };
	opt.to = &c->list;
	opt.proxy = NULL;
	opt.host = c->host;
	opt.announced = &c->announced;
	c->dial = dial_start(r->loop, &opt, &ops, c);
	if (c->dial == NULL)
		proxy_fail(c, proxy_failure_of(errno));
}

/* The target is known by its host and port. */
static void
proxy_go(struct proxy_client *c)
{
	const struct run *r = c->server->run;

	c->state = PROXY_DIALS;
	c->conn->ep.in.wants = NULL;
	endpoint_touch(&c->conn->ep);
	timer_set(r->loop, &c->timer, loop_now(r->loop) +
	    (r->plan->connect_timeout >= 0 ? r->plan->connect_timeout :
	    PROXY_DIAL_TIME));
	c->lookup = proxy_lookup_start(&c->server->lookups, c->host, &c->peer,
	    c->conn->ep.in_bottom.fd.num, proxy_on_resolved, c);
	if (c->lookup == NULL)
		proxy_fail(c, proxy_failure_of(errno));
}

/* ---- Requests ----------------------------------------------------------- */

/* The request cannot be understood. */
static void
proxy_refuse_http(struct proxy_client *c, int code)
{
	proxy_say(c, 0, http_reason(code));
	proxy_answer_http(c, code, code == 405 ? NULL :
	    "This proxy does not understand the request.");
}

/* A whole header has come. */
static void
proxy_take_http_header(struct proxy_client *c)
{
	struct proxy_guard *g = &c->server->guard;
	struct http_request *r = &c->request;
	int code = http_request_parse(r, c->in.mem + c->in.head, c->used,
	    g->ncat);
	int64_t now = loop_now(c->server->run->loop);
	struct buf answer = { .mem = NULL };
	enum login_answer login = LOGIN_FINE;

	if (code == 0) {
		memcpy(c->host, r->host, sizeof(c->host));
		c->port = r->port;
		if (g->login != NULL)
			login = proxy_guard_http(g, r, now);
	}
	if (code != 0 || login == LOGIN_ELSEWHERE)
		proxy_refuse_http(c, code != 0 ? code : 400);
	else if (login == LOGIN_FINE)
		proxy_go(c);
	else {
		if (r->login.at != NULL && login == LOGIN_WRONG)
			proxy_say(c, EACCES, "wrong user or password");
		proxy_guard_challenge(g, login == LOGIN_STALE, now, &answer);
		(void)proxy_answer(c, &answer, true);
	}
}

/* True: more bytes are needed; so for proxy_take_socks. */
static bool
proxy_take_http(struct proxy_client *c)
{
	const char *s = buf_data(&c->in);
	size_t blank = 0;

	/* Empty lines before a request are skipped (RFC 9112, section 2.2). */
	while (blank < c->in.used && (s[blank] == '\r' || s[blank] == '\n'))
		blank++;
	if (blank > 0) {
		buf_take(&c->in, blank);
		c->seen = 0;
	}
	c->used = http_head_end(buf_data(&c->in), c->in.used, &c->seen);
	if (c->used > 0 && c->used <= HTTP_HEAD_MAX)
		proxy_take_http_header(c);
	else if (c->in.used <= HTTP_HEAD_MAX)
		return true;
	else
		proxy_refuse_http(c, 431);
	return false;
}

/* Opens an association for datagrams, which ends with this connection. */
static void
proxy_associate(struct proxy_client *c)
{
	struct buf answer = { .mem = NULL };
	struct addr local, bound;

	if (addr_local(&local, c->conn->ep.in_bottom.fd.num) == 0)
		c->udp = proxy_udp_new(&c->server->lookups,
		    c->server->targets, &local, &c->peer, &bound);
	if (c->udp == NULL) {
		proxy_say(c, errno, NULL);
		proxy_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	socks5_reply(&answer, SOCKS_GRANTED, &bound);
	if (!proxy_answer(c, &answer, false))
		return;
	c->state = PROXY_PASSES_UDP;
	timer_set(c->server->run->loop, &c->timer, conn_now(c->conn));
}

/* BIND is not served, UDP by version 5 alone, and 4 has no password. */
static void
proxy_take_command(struct proxy_client *c, const struct socks_request *r)
{
	struct buf answer = { .mem = NULL };
	bool denied = c->kind == PROXY_SOCKS4 &&
	    c->server->guard.login != NULL;
	enum socks_reply reply = denied ? SOCKS_DENIED :
	    r->command != SOCKS_CONNECT ? SOCKS_NO_COMMAND :
	    r->no_type ? SOCKS_NO_ADDRESS_TYPE :
	    r->port == 0 ? SOCKS_FAILED : SOCKS_GRANTED;

	if (!denied) {
		memcpy(c->host, r->host, sizeof(c->host));
		c->port = r->port;
	}
	if (r->command == SOCKS_UDP && c->kind == PROXY_SOCKS5)
		proxy_associate(c);
	else if (reply == SOCKS_GRANTED)
		proxy_go(c);
	else {
		proxy_say(c, EOPNOTSUPP, NULL);
		proxy_add_reply(c, reply, NULL, &answer);
		(void)proxy_answer(c, &answer, true);
	}
}

/* Takes the message of the state; a client may send all of them at once. */
static bool
proxy_take_socks(struct proxy_client *c)
{
	const struct proxy_guard *g = &c->server->guard;
	const unsigned char *s = (const unsigned char *)buf_data(&c->in);
	size_t n = c->in.used;
	struct buf answer = { .mem = NULL };
	enum socks_method method = SOCKS_OPEN;
	struct socks_request r;
	struct socks_login l;
	unsigned char reply[2] = { 1, 0 };
	const char *why = NULL;
	int len = c->kind == PROXY_SOCKS4 ? socks4_request(&r, s, n) :
	    c->state == PROXY_WAITS_REQUEST ? socks5_request(&r, s, n) :
	    c->state == PROXY_WAITS_LOGIN ? socks5_login(&l, s, n) :
	    socks5_greeting(s, n, g->login != NULL, &method);

	if (len == SOCKS_MORE)
		return true;
	if (len == SOCKS_BAD) {
		proxy_say(c, EPROTO, NULL);
		relay_refuse(c->conn, 1);
		return false;
	}
	c->used = (size_t)len;
	if (c->state == PROXY_WAITS_REQUEST) {
		proxy_take_command(c, &r);
		return false;
	}
	if (c->state == PROXY_WAITS_GREETING) {
		reply[0] = 5;
		reply[1] = (unsigned char)method;
		if (method == SOCKS_NO_METHOD)
			why = "no acceptable SOCKS 5 method";
	} else if (!proxy_guard_password(g, l.user, l.user_len, l.password,
	    l.password_len)) {
		reply[1] = 1;
		why = "wrong user or password";
	}
	c->state = method == SOCKS_PASSWORD ? PROXY_WAITS_LOGIN :
	    PROXY_WAITS_REQUEST;
	buf_take(&c->in, c->used);
	buf_add(&answer, reply, sizeof(reply));
	if (why != NULL)
		proxy_say(c, EACCES, why);
	return proxy_answer(c, &answer, why != NULL) && proxy_take_socks(c);
}

/* Takes what has come, of which the first byte tells the protocol. */
static bool
proxy_take(struct proxy_client *c)
{
	char first = *buf_data(&c->in);

	if (c->kind == PROXY_NONE) {
		c->kind = first == 4 ? PROXY_SOCKS4 :
		    first == 5 ? PROXY_SOCKS5 : PROXY_HTTP;
		c->state = first == 5 ? PROXY_WAITS_GREETING :
		    PROXY_WAITS_REQUEST;
		if (!(c->server->run->plan->proxy_server.kinds &
		    1u << c->kind)) {
			proxy_say(c, EPROTONOSUPPORT, NULL);
			relay_refuse(c->conn, 1);
			return false;
		}
	}
	return c->kind == PROXY_HTTP ? proxy_take_http(c) :
	    proxy_take_socks(c);
}

/* ---- The life of a client ----------------------------------------------- */

/* The client has sent something, or has ended. */
static void
proxy_on_ready(void *arg, struct conn *conn)
{
	struct proxy_client *c = arg;
	struct half *in = &conn->ep.in;
	char piece[PROXY_PIECE];
	struct iovec iov = { piece, sizeof(piece) };
	enum io io;
	size_t n;

	while (c->state != PROXY_DIALS && in->ready) {
		if ((io = half_read(in, &iov, 1, &n)) == IO_AGAIN)
			return;
		/* On the connection of an association nothing is said. */
		if (io == IO_OK && c->state == PROXY_PASSES_UDP)
			continue;
		if (io == IO_OK)
			buf_add(&c->in, piece, n);
		/* Without a whole request there is no client to answer. */
		if (io != IO_OK || c->in.failed) {
			relay_refuse(conn, 1);
			return;
		}
		if (!proxy_take(c))
			return;
	}
}

/* The limit of the state has come, or an association was silent. */
static void
proxy_on_timer(void *arg)
{
	struct proxy_client *c = arg;
	const struct end_policy *end = &c->server->run->plan->end;
	int64_t when;

	if (c->udp != NULL) {
		when = timer_earlier(end->idle < 0 ? 0 :
		    proxy_udp_active(c->udp) + end->idle, end->total < 0 ? 0 :
		    c->conn->started + end->total);
		if (when != 0 && conn_now(c->conn) >= when)
			relay_end(c->conn, 0);
		else if (when != 0)
			timer_set(c->server->run->loop, &c->timer, when);
		return;
	}
	proxy_say(c, ETIMEDOUT, NULL);
	if (c->state == PROXY_DIALS)
		proxy_fail(c, PROXY_TARGET_SILENT);
	else if (c->kind == PROXY_HTTP && !c->server->guard.ncat)
		proxy_answer_http(c, 408, "The request took too long.");
	else
		relay_refuse(c->conn, 1);
}

static void
proxy_dispose(void *arg)
{
	struct proxy_client *c = arg;

	timer_clear(c->server->run->loop, &c->timer);
	proxy_lookup_cancel(c->lookup);
	dial_cancel(c->dial);
	addr_list_free(&c->list);
	proxy_udp_free(c->udp, c->server->run);
	/* It may hold a password. */
	if (c->in.mem != NULL)
		explicit_bzero(c->in.mem, c->in.cap);
	buf_free(&c->in);
	free(c);
}

struct conn *
conn_proxy(const struct conn_start *start, int *status)
{
	static const struct relay_setup setup = { .ready = proxy_on_ready,
	    .dispose = proxy_dispose };
	struct proxy_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return conn_fail(NULL, start, status);
	c->server = start->common;
	c->peer = c->announced.source = *start->peer;
	c->announced.dest = *start->local;
	c->timer = (struct timer){ .fire = proxy_on_timer, .arg = c };
	c->conn = relay_new(start, &setup, c, status);
	if (c->conn == NULL) {
		free(c);
		return NULL;
	}
	/* The socket is waited for. */
	c->conn->ep.in.wants = way_always;
	endpoint_touch(&c->conn->ep);
	timer_set(start->run->loop, &c->timer,
	    conn_now(c->conn) + PROXY_REQUEST_TIME);
	return c->conn;
}

/* ---- The server --------------------------------------------------------- */

int
proxy_server_open(struct proxy_server **server, struct run *r,
    const unsigned char *secret, void (*done)(void *, const struct error *),
    void *arg)
{
	const struct plan_proxy_server *plan = &r->plan->proxy_server;
	struct targets_options opt = { .rules = plan->targets,
	    .n = plan->ntargets, .open = plan->ncat,
	    .resolve = net_resolve_options(r->plan) };
	struct proxy_server *s = *server = calloc(1, sizeof(*s));

	opt.resolve.family = AF_UNSPEC;
	if (s != NULL) {
		s->run = r;
		proxy_lookups_init(&s->lookups, r);
		proxy_guard_init(&s->guard, plan->login.user != NULL ?
		    &plan->login : NULL, plan->ncat, secret);
		s->targets = targets_start(r->loop, &opt, done, arg);
	}
	return s != NULL && s->targets != NULL ? 0 : run_failed(r, "read",
	    "the rules for targets");
}

void
proxy_server_close(struct proxy_server *s)
{
	if (s == NULL)
		return;
	proxy_lookups_free(&s->lookups);
	targets_free(s->targets);
	proxy_guard_free(&s->guard);
	free(s);
}

void
proxy_server_listen(struct proxy_server *s, const struct fd *fds, size_t n)
{
	struct addr a;

	for (size_t i = 0; i < n; i++)
		if (addr_local(&a, fds[i].num) == 0)
			targets_listen_on(s->targets, &a);
}

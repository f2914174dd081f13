/*
 * The clients of a proxy server until they have a target.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dial.h"
#include "run/net_options.h"
#include "serve/proxy_filter.h"
#include "serve/proxy_server.h"
#include "serve/proxy_socks.h"
#include "serve/proxy_udp.h"
#include "serve/relay.h"

/* Bytes of a read; those after a request go to the target first. */
#define PROXY_PIECE	4096

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

enum proxy_failure {
	PROXY_TARGET_DENIED, PROXY_TARGET_UNKNOWN, PROXY_TARGET_REFUSED,
	PROXY_TARGET_NO_NET, PROXY_TARGET_NO_HOST, PROXY_TARGET_SILENT,
	PROXY_OUT_OF_ORDER
};

struct proxy_client {
	struct proxy_server	*server;
	struct relay		*relay;
	enum proxy_state	 state;
	enum proxy_kind		 kind;	/* PROXY_NONE: not known yet */
	struct buf		 in;	/* what the client has sent */
	size_t			 seen;	/* bytes searched for the end */
	size_t			 used;	/* bytes of the request */
	int64_t			 until;	/* limit of the state */
	struct http_request	 request;	/* its texts are in `in' */
	char			 host[HTTP_HOST_MAX + 1];
	unsigned		 port;
	struct resolve		*resolve;	/* NULL: no lookup runs */
	struct dial		*dial;		/* NULL: not dialling */
	struct addr_list	 list;		/* that may be dialled */
	struct proxy_udp	*udp;
	struct addr		 peer, local;
};

/* ---- Answers ------------------------------------------------------------ */

/* Answers are short, and the socket is new: it takes them at once. */
static bool
proxy_write(struct proxy_client *c, struct buf *answer)
{
	struct half *out = &relay_conn(c->relay)->ep.out;
	struct iovec iov;
	size_t n;

	while (answer->used > 0 && !answer->failed) {
		iov = (struct iovec){ (void *)(uintptr_t)buf_data(answer),
		    answer->used };
		if (half_write(out, &iov, 1, &n) != IO_OK || n == 0)
			break;
		buf_take(answer, n);
	}
	n = answer->used;
	buf_free(answer);
	return n == 0 && !answer->failed;
}

/* Writes the last answer; the client is gone after that. */
static void
proxy_end_with(struct proxy_client *c, struct buf *answer)
{
	if (proxy_write(c, answer))
		relay_end(c->relay, 1);
	else
		relay_refuse(c->relay, 1);
}

/* With -v, tells why a client was not served. */
static void
proxy_say(const struct proxy_client *c, int num, const char *why)
{
	const struct run *r = c->server->run;
	char client[ENDPOINT_NAME_MAX];
	struct error err;

	if (r->plan->verbose == 0 || r->messages->warn == NULL)
		return;
	run_peer_name(r->plan, NULL, &c->peer, client, sizeof(client));
	error_set(&err, num, "connect to", "the target of %s", client);
	if (c->host[0] != '\0')
		error_set(&err, num, "connect to", "%.60s port %u for %.90s",
		    c->host, c->port, client);
	if (why != NULL)
		(void)snprintf(err.why, sizeof(err.why), "%s", why);
	(void)r->messages->warn(r->plan, &err);
}

static void
proxy_answer_http(struct proxy_client *c, int code, const char *why)
{
	struct buf answer = { .mem = NULL };

	http_answer(&answer, code, why, c->server->guard.ncat);
	proxy_end_with(c, &answer);
}

/* The request cannot be understood. */
static void
proxy_refuse_http(struct proxy_client *c, int code)
{
	proxy_say(c, 0, http_reason(code));
	proxy_answer_http(c, code, code == 405 ? NULL :
	    "This proxy does not understand the request.");
}

/* The client gets no target. */
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

	if (c->kind == PROXY_HTTP) {
		int code = failures[failure].code;

		/* ncat has a single answer for all of these. */
		proxy_answer_http(c, c->server->guard.ncat ? 504 : code,
		    failures[failure].why);
		return;
	}
	if (c->kind == PROXY_SOCKS4)
		socks4_reply(&answer, false);
	else
		socks5_reply(&answer, failures[failure].reply, NULL);
	proxy_end_with(c, &answer);
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
	filter_free(t->there);
	filter_free(t->back);
	return false;
}

/* Gives the bytes after the request to the target, and a yes to the client. */
static void
proxy_add_first(struct proxy_client *c, struct relay_target *t, int sock,
    struct buf *answer)
{
	struct addr bound;
	bool known = addr_local(&bound, sock) == 0;

	if (c->kind == PROXY_HTTP)
		http_answer(answer, 200, NULL, true);
	else if (c->kind == PROXY_SOCKS4)
		socks4_reply(answer, true);
	else
		socks5_reply(answer, SOCKS_GRANTED, known ? &bound : NULL);
	t->to_client = buf_data(answer);
	t->nto_client = answer->used;
	t->to_target = buf_data(&c->in) + c->used;
	t->nto_target = c->in.used - c->used;
}

static void
proxy_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct proxy_client *c = arg;
	char name[ENDPOINT_NAME_MAX], host[ADDR_HOST_MAX];
	struct relay_target target = { .fd = fd, .tls = tls, .addr = addr,
	    .name = name };
	struct buf answer = { .mem = NULL };
	struct conn *conn = relay_conn(c->relay);

	c->dial = NULL;
	(void)snprintf(name, sizeof(name), "%.80s port %u (tcp)",
	    addr_host(addr, host, sizeof(host)), addr_port(addr));
	if (c->kind != PROXY_HTTP || c->request.connect)
		proxy_add_first(c, &target, fd->num, &answer);
	else if (!proxy_add_filters(c, &target)) {
		fd_close(fd);
		proxy_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	if (conn->ep.name != NULL)
		messages_forwarded(c->server->run->plan, conn->ep.name, name);
	relay_join(c->relay, &target);
	buf_free(&answer);
}

static void
proxy_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct proxy_client *c = arg;

	(void)addr;
	if (!last)
		return;
	c->dial = NULL;
	proxy_say(c, err->num, NULL);
	proxy_fail(c, proxy_failure_of(err->num));
}

/* Dials the addresses in the list. */
static void
proxy_dial(struct proxy_client *c)
{
	static const struct dial_ops ops = { proxy_on_connected,
	    proxy_on_failed };
	const struct run *r = c->server->run;
	struct dial_options opt = net_dial_options(r->plan);

	opt.kind = (struct socket_kind){ .type = SOCK_STREAM, .name = "tcp",
	    .has_ports = true };
	opt.to = &c->list;
	opt.proxy = NULL;
	opt.host = c->host;
	c->dial = dial_start(r->loop, &opt, &ops, c);
	if (c->dial == NULL)
		proxy_fail(c, proxy_failure_of(errno));
}

/* Leaves the addresses that are allowed, and dials them. */
static void
proxy_judge(struct proxy_client *c)
{
	struct addr_list *l = &c->list;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct addr a = l->v[i];

		addr_set_port(&a, c->port);
		targets_normalize(&a);
		if (targets_allow(c->server->targets, &a))
			l->v[n++] = a;
	}
	l->n = n;
	if (n > 0) {
		proxy_dial(c);
		return;
	}
	proxy_say(c, EACCES, "the rules for targets deny that");
	proxy_fail(c, PROXY_TARGET_DENIED);
}

static void
proxy_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct proxy_client *c = arg;

	c->resolve = NULL;
	c->list = *list;
	if (err->num == 0 && err->gai == 0) {
		proxy_judge(c);
		return;
	}
	proxy_say(c, 0, error_reason(err));
	proxy_fail(c, PROXY_TARGET_UNKNOWN);
}

/* The target is known by its host and port. */
static void
proxy_go(struct proxy_client *c)
{
	const struct run *r = c->server->run;
	const struct plan *plan = r->plan;
	struct resolve_options opt = net_resolve_options(plan);

	c->state = PROXY_DIALS;
	relay_listen(c->relay, false);
	c->until = loop_now(r->loop) + (plan->connect_timeout >= 0 ?
	    plan->connect_timeout : PROXY_DIAL_TIME);
	relay_redate(c->relay);
	opt.family = AF_UNSPEC;
	opt.dgram = false;
	c->resolve = resolve_start(r->loop, &opt, c->host, NULL, false,
	    proxy_on_resolved, c);
	if (c->resolve == NULL)
		proxy_fail(c, proxy_failure_of(errno));
}

/* ---- Requests ----------------------------------------------------------- */

static void
proxy_take_http_header(struct proxy_client *c)
{
	const struct proxy_guard *g = &c->server->guard;
	struct http_request *r = &c->request;
	int code = http_request_parse(r, buf_data(&c->in), c->used, g->ncat);
	int64_t now = loop_now(c->server->run->loop);
	struct buf answer = { .mem = NULL };
	enum login_answer login = LOGIN_FINE;

	if (code != 0) {
		proxy_refuse_http(c, code);
		return;
	}
	memcpy(c->host, r->host, sizeof(c->host));
	c->port = r->port;
	if (g->login != NULL)
		login = proxy_guard_http(g, r, now);
	if (login == LOGIN_FINE) {
		proxy_go(c);
		return;
	}
	if (r->login.at != NULL && login == LOGIN_WRONG)
		proxy_say(c, EACCES, "wrong user or password");
	proxy_guard_challenge(g, login == LOGIN_STALE, now, &answer);
	proxy_end_with(c, &answer);
}

/* True: more bytes are needed. */
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
	if (c->used > 0 && c->used <= HTTP_HEAD_MAX) {
		proxy_take_http_header(c);
		return false;
	}
	if (c->in.used <= HTTP_HEAD_MAX)
		return true;
	proxy_refuse_http(c, 431);
	return false;
}

/* BIND is not served, and UDP by version 5 alone. */
static void
proxy_refuse_command(struct proxy_client *c, enum socks_reply reply)
{
	struct buf answer = { .mem = NULL };

	proxy_say(c, EOPNOTSUPP, NULL);
	if (c->kind == PROXY_SOCKS4)
		socks4_reply(&answer, false);
	else
		socks5_reply(&answer, reply, NULL);
	proxy_end_with(c, &answer);
}

/* Opens an association for datagrams, which ends with this connection. */
static void
proxy_associate(struct proxy_client *c)
{
	struct buf answer = { .mem = NULL };
	struct addr bound;

	c->udp = proxy_udp_new(c->server, &c->local, &c->peer, &bound);
	if (c->udp == NULL) {
		proxy_say(c, errno, NULL);
		proxy_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	socks5_reply(&answer, SOCKS_GRANTED, &bound);
	if (!proxy_write(c, &answer)) {
		relay_refuse(c->relay, 1);
		return;
	}
	c->state = PROXY_PASSES_UDP;
	c->until = 0;
	relay_redate(c->relay);
}

static void
proxy_take_command(struct proxy_client *c, const struct socks_request *r)
{
	memcpy(c->host, r->host, sizeof(c->host));
	c->port = r->port;
	if (r->command == SOCKS_UDP && c->kind == PROXY_SOCKS5)
		proxy_associate(c);
	else if (r->command != SOCKS_CONNECT)
		proxy_refuse_command(c, SOCKS_NO_COMMAND);
	else if (r->no_type)
		proxy_refuse_command(c, SOCKS_NO_ADDRESS_TYPE);
	else if (r->port == 0)
		proxy_refuse_command(c, SOCKS_FAILED);
	else
		proxy_go(c);
}

/* A message of SOCKS came to len; false: the client is gone, or has to wait. */
static bool
proxy_took(struct proxy_client *c, int len)
{
	if (len > 0)
		c->used = (size_t)len;
	else if (len == SOCKS_BAD) {
		proxy_say(c, EPROTO, NULL);
		relay_refuse(c->relay, 1);
	}
	return len > 0;
}

static bool
proxy_take_socks4(struct proxy_client *c)
{
	const unsigned char *s = (const unsigned char *)buf_data(&c->in);
	struct socks_request r;
	int len = socks4_request(&r, s, c->in.used);

	if (!proxy_took(c, len))
		return len == SOCKS_MORE;
	/* Version 4 has no password. */
	if (c->server->guard.login != NULL)
		proxy_refuse_command(c, SOCKS_DENIED);
	else
		proxy_take_command(c, &r);
	return false;
}

static bool
proxy_take_greeting(struct proxy_client *c)
{
	const unsigned char *s = (const unsigned char *)buf_data(&c->in);
	enum socks_method method;
	struct buf answer = { .mem = NULL };
	int len = socks5_greeting(s, c->in.used,
	    c->server->guard.login != NULL, &method);
	unsigned char reply[2];

	if (!proxy_took(c, len))
		return len == SOCKS_MORE;
	buf_take(&c->in, c->used);
	reply[0] = 5;
	reply[1] = (unsigned char)method;
	buf_add(&answer, reply, sizeof(reply));
	if (method == SOCKS_NO_METHOD) {
		proxy_say(c, EACCES, "no method of SOCKS 5 fits");
		proxy_end_with(c, &answer);
		return false;
	}
	c->state = method == SOCKS_PASSWORD ? PROXY_WAITS_LOGIN :
	    PROXY_WAITS_REQUEST;
	if (proxy_write(c, &answer))
		return true;
	relay_refuse(c->relay, 1);
	return false;
}

static bool
proxy_take_login(struct proxy_client *c)
{
	const unsigned char *s = (const unsigned char *)buf_data(&c->in);
	struct buf answer = { .mem = NULL };
	struct socks_login l;
	int len = socks5_login(&l, s, c->in.used);
	unsigned char reply[2] = { 1, 1 };
	bool fine;

	if (!proxy_took(c, len))
		return len == SOCKS_MORE;
	fine = proxy_guard_password(&c->server->guard, l.user, l.user_len,
	    l.password, l.password_len);
	buf_take(&c->in, c->used);
	reply[1] = !fine;
	buf_add(&answer, reply, sizeof(reply));
	if (!fine) {
		proxy_say(c, EACCES, "wrong user or password");
		proxy_end_with(c, &answer);
		return false;
	}
	c->state = PROXY_WAITS_REQUEST;
	if (proxy_write(c, &answer))
		return true;
	relay_refuse(c->relay, 1);
	return false;
}

static bool
proxy_take_socks5(struct proxy_client *c)
{
	const unsigned char *s = (const unsigned char *)buf_data(&c->in);
	struct socks_request r;
	int len = socks5_request(&r, s, c->in.used);

	if (!proxy_took(c, len))
		return len == SOCKS_MORE;
	proxy_take_command(c, &r);
	return false;
}

/* The first byte tells the protocol. False: the client is gone. */
static bool
proxy_choose(struct proxy_client *c)
{
	const struct plan *plan = c->server->run->plan;
	char first = *buf_data(&c->in);

	c->kind = first == 4 ? PROXY_SOCKS4 : first == 5 ? PROXY_SOCKS5 :
	    PROXY_HTTP;
	c->state = first == 5 ? PROXY_WAITS_GREETING : PROXY_WAITS_REQUEST;
	if (plan->proxy_server.kinds & 1u << c->kind)
		return true;
	proxy_say(c, EPROTONOSUPPORT, NULL);
	relay_refuse(c->relay, 1);
	return false;
}

/* Takes what has come; true: more bytes are needed. */
static bool
proxy_take(struct proxy_client *c)
{
	enum proxy_state before;

	if (c->kind == PROXY_NONE && !proxy_choose(c))
		return false;
	if (c->kind == PROXY_HTTP)
		return proxy_take_http(c);
	if (c->kind == PROXY_SOCKS4)
		return proxy_take_socks4(c);
	/* A client may send all its messages at once. */
	do {
		before = c->state;
		if (!(before == PROXY_WAITS_GREETING ? proxy_take_greeting(c) :
		    before == PROXY_WAITS_LOGIN ? proxy_take_login(c) :
		    proxy_take_socks5(c)))
			return false;
	} while (c->state != before);
	return true;
}

/* ---- The life of a client ----------------------------------------------- */

/* The client has sent something, or has ended. */
static void
proxy_on_ready(void *arg, struct relay *relay)
{
	struct proxy_client *c = arg;
	struct half *in = &relay_conn(relay)->ep.in;
	char piece[PROXY_PIECE];
	struct iovec iov = { piece, sizeof(piece) };
	size_t n;

	while (c->state != PROXY_DIALS && in->ready) {
		switch (half_read(in, &iov, 1, &n)) {
		case IO_AGAIN:
			return;
		case IO_EOF:
		case IO_FAIL:
			/* Without a whole request there is nobody to answer. */
			relay_refuse(relay, 1);
			return;
		case IO_OK:
			break;
		}
		/* On the connection of an association nothing is said. */
		if (c->state == PROXY_PASSES_UDP)
			continue;
		buf_add(&c->in, piece, n);
		if (c->in.failed) {
			relay_refuse(relay, 1);
			return;
		}
		if (!proxy_take(c))
			return;
	}
}

static int64_t
proxy_udp_date(const struct proxy_client *c)
{
	const struct end_policy *end = &c->server->run->plan->end;
	int64_t idle = end->idle < 0 ? 0 :
	    proxy_udp_active(c->udp) + end->idle;

	return timer_earlier(idle, end->total < 0 ? 0 :
	    relay_conn(c->relay)->started + end->total);
}

static int64_t
proxy_date(const void *arg)
{
	const struct proxy_client *c = arg;

	return c->udp != NULL ? proxy_udp_date(c) : c->until;
}

static void
proxy_review(void *arg, struct relay *relay)
{
	struct proxy_client *c = arg;

	if (c->udp != NULL) {
		relay_end(relay, 0);
		return;
	}
	proxy_say(c, ETIMEDOUT, NULL);
	if (c->state == PROXY_DIALS)
		proxy_fail(c, PROXY_TARGET_SILENT);
	else if (c->kind == PROXY_HTTP && !c->server->guard.ncat)
		proxy_answer_http(c, 408, "The request did not come in time.");
	else
		relay_refuse(relay, 1);
}

static void
proxy_dispose(void *arg)
{
	struct proxy_client *c = arg;

	resolve_cancel(c->resolve);
	dial_cancel(c->dial);
	addr_list_free(&c->list);
	proxy_udp_free(c->udp);
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
	    .date = proxy_date, .review = proxy_review,
	    .dispose = proxy_dispose };
	struct proxy_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return conn_fail(NULL, start, status);
	c->server = start->common;
	c->peer = *start->peer;
	c->local = *start->local;
	c->until = loop_now(start->run->loop) + PROXY_REQUEST_TIME;
	c->relay = relay_new(start, &setup, c, status);
	if (c->relay == NULL) {
		free(c);
		return NULL;
	}
	relay_listen(c->relay, true);
	relay_redate(c->relay);
	return relay_conn(c->relay);
}

/* ---- The server --------------------------------------------------------- */

int
proxy_server_open(struct proxy_server *s, struct run *r,
    void (*done)(void *, const struct error *), void *arg)
{
	const struct plan_proxy_server *plan = &r->plan->proxy_server;
	struct targets_options opt = { .rules = plan->targets,
	    .n = plan->ntargets, .open = plan->ncat,
	    .resolve = net_resolve_options(r->plan) };

	opt.resolve.family = AF_UNSPEC;
	s->run = r;
	proxy_guard_init(&s->guard, plan->login.user != NULL ? &plan->login :
	    NULL, plan->ncat);
	s->targets = targets_start(r->loop, &opt, done, arg);
	return s->targets != NULL ? 0 : run_failed(r, "read",
	    "the rules for targets");
}

void
proxy_server_close(struct proxy_server *s)
{
	targets_free(s->targets);
	s->targets = NULL;
	explicit_bzero(&s->guard, sizeof(s->guard));
}

void
proxy_server_listen(struct proxy_server *s, const struct fd *fds, size_t n)
{
	struct addr a;

	for (size_t i = 0; i < n; i++)
		if (addr_local(&a, fds[i].num) == 0)
			targets_listen_on(s->targets, &a);
}

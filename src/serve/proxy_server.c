/*
 * The requests of the clients of a proxy server.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reach/dial.h"
#include "run/net_options.h"
#include "serve/proxy_server.h"
#include "serve/proxy_socks.h"
#include "serve/proxy_udp.h"

/* Bytes of a read; those after a request go to the target first. */
#define PROXY_PIECE	4096

/* ---- Requests ----------------------------------------------------------- */

/* The request cannot be understood. */
static void
proxy_refuse_http(struct proxy_client *c, int code)
{
	proxy_client_say(c, 0, http_reason(code));
	proxy_client_answer_http(c, code, code == 405 ? NULL :
	    "This proxy does not understand the request.");
}

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

	if (code != 0) {
		proxy_refuse_http(c, code);
		return;
	}
	memcpy(c->host, r->host, sizeof(c->host));
	c->port = r->port;
	if (g->login != NULL)
		login = proxy_guard_http(g, r, now);
	if (login == LOGIN_FINE) {
		proxy_client_go(c);
		return;
	}
	if (login == LOGIN_ELSEWHERE) {
		proxy_refuse_http(c, 400);
		return;
	}
	if (r->login.at != NULL && login == LOGIN_WRONG)
		proxy_client_say(c, EACCES, "wrong user or password");
	proxy_guard_challenge(g, login == LOGIN_STALE, now, &answer);
	proxy_client_end_with(c, &answer);
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

	proxy_client_say(c, EOPNOTSUPP, NULL);
	if (c->kind == PROXY_SOCKS4)
		socks4_reply(&answer, false);
	else
		socks5_reply(&answer, reply, NULL);
	proxy_client_end_with(c, &answer);
}

/* Opens an association for datagrams, which ends with this connection. */
static void
proxy_associate(struct proxy_client *c)
{
	struct buf answer = { .mem = NULL };
	struct addr local, bound;

	if (addr_local(&local, relay_conn(c->relay)->ep.in_bottom.fd.num) == 0)
		c->udp = proxy_udp_new(&c->server->lookups,
		    c->server->targets, &local, &c->peer, &bound);
	if (c->udp == NULL) {
		proxy_client_say(c, errno, NULL);
		proxy_client_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	socks5_reply(&answer, SOCKS_GRANTED, &bound);
	if (!proxy_client_write(c, &answer)) {
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
		proxy_client_go(c);
}

/* A message of SOCKS came to len; false: the client is gone, or has to wait. */
static bool
proxy_took(struct proxy_client *c, int len)
{
	if (len > 0)
		c->used = (size_t)len;
	else if (len == SOCKS_BAD) {
		proxy_client_say(c, EPROTO, NULL);
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
		proxy_client_say(c, EACCES, "no acceptable SOCKS 5 method");
		proxy_client_end_with(c, &answer);
		return false;
	}
	c->state = method == SOCKS_PASSWORD ? PROXY_WAITS_LOGIN :
	    PROXY_WAITS_REQUEST;
	if (proxy_client_write(c, &answer))
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
		proxy_client_say(c, EACCES, "wrong user or password");
		proxy_client_end_with(c, &answer);
		return false;
	}
	c->state = PROXY_WAITS_REQUEST;
	if (proxy_client_write(c, &answer))
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
	proxy_client_say(c, EPROTONOSUPPORT, NULL);
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
	proxy_client_say(c, ETIMEDOUT, NULL);
	if (c->state == PROXY_DIALS)
		proxy_client_fail(c, PROXY_TARGET_SILENT);
	else if (c->kind == PROXY_HTTP && !c->server->guard.ncat)
		proxy_client_answer_http(c, 408,
		    "The request took too long.");
	else
		relay_refuse(relay, 1);
}

static void
proxy_dispose(void *arg)
{
	struct proxy_client *c = arg;

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
	    .date = proxy_date, .review = proxy_review,
	    .dispose = proxy_dispose };
	struct proxy_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return conn_fail(NULL, start, status);
	c->server = start->common;
	c->peer = c->announced.source = *start->peer;
	c->announced.dest = *start->local;
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
    const unsigned char *secret, void (*done)(void *, const struct error *),
    void *arg)
{
	const struct plan_proxy_server *plan = &r->plan->proxy_server;
	struct targets_options opt = { .rules = plan->targets,
	    .n = plan->ntargets, .open = plan->ncat,
	    .resolve = net_resolve_options(r->plan) };

	opt.resolve.family = AF_UNSPEC;
	s->run = r;
	proxy_lookups_init(&s->lookups, r);
	proxy_guard_init(&s->guard, plan->login.user != NULL ? &plan->login :
	    NULL, plan->ncat, secret);
	s->targets = targets_start(r->loop, &opt, done, arg);
	return s->targets != NULL ? 0 : run_failed(r, "read",
	    "the rules for targets");
}

void
proxy_server_close(struct proxy_server *s)
{
	proxy_lookups_free(&s->lookups);
	targets_free(s->targets);
	s->targets = NULL;
	proxy_guard_free(&s->guard);
}

void
proxy_server_listen(struct proxy_server *s, const struct fd *fds, size_t n)
{
	struct addr a;

	for (size_t i = 0; i < n; i++)
		if (addr_local(&a, fds[i].num) == 0)
			targets_listen_on(s->targets, &a);
}

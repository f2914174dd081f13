/*
 * The answers to a client of a proxy server, and the dial of its target.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run/net_options.h"
#include "serve/proxy_client.h"
#include "serve/proxy_filter.h"
#include "serve/proxy_socks.h"

/* ---- Answers ------------------------------------------------------------ */

/* Answers are short, and the socket is new: it takes them at once. */
bool
proxy_client_write(struct proxy_client *c, struct buf *answer)
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
void
proxy_client_end_with(struct proxy_client *c, struct buf *answer)
{
	if (proxy_client_write(c, answer))
		relay_end(c->relay, 1);
	else
		relay_refuse(c->relay, 1);
}

/* With -v, tells why a client was not served. */
void
proxy_client_say(const struct proxy_client *c, int num, const char *why)
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

void
proxy_client_answer_http(struct proxy_client *c, int code, const char *why)
{
	struct buf answer = { .mem = NULL };

	http_answer(&answer, code, why, c->server->guard.ncat);
	proxy_client_end_with(c, &answer);
}

/* The client gets no target. If a rule has denied an address, that is why. */
void
proxy_client_fail(struct proxy_client *c, enum proxy_failure failure)
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
		int code = failures[failure].code;

		/* ncat has a single answer for all others. */
		proxy_client_answer_http(c, c->server->guard.ncat &&
		    failure != PROXY_TARGET_DENIED ? 504 : code,
		    failures[failure].why);
		return;
	}
	if (c->kind == PROXY_SOCKS4)
		socks4_reply(&answer, false);
	else
		socks5_reply(&answer, failures[failure].reply, NULL);
	proxy_client_end_with(c, &answer);
}

static enum proxy_failure
proxy_client_failure_of(int num)
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
proxy_client_add_filters(struct proxy_client *c, struct relay_target *t)
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
proxy_client_add_first(struct proxy_client *c, struct relay_target *t, int sock,
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
proxy_client_on_connected(void *arg, struct fd *fd, const struct addr *addr,
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
		proxy_client_add_first(c, &target, fd->num, &answer);
	else if (!proxy_client_add_filters(c, &target)) {
		fd_close(fd);
		proxy_client_fail(c, PROXY_OUT_OF_ORDER);
		return;
	}
	if (conn->ep.name != NULL)
		messages_forwarded(c->server->run->plan, conn->ep.name, name);
	relay_join(c->relay, &target);
	buf_free(&answer);
}

static void
proxy_client_on_failed(void *arg, const struct addr *addr,
    const struct error *err, bool last)
{
	struct proxy_client *c = arg;

	(void)addr;
	if (!last)
		return;
	c->dial = NULL;
	proxy_client_say(c, err->num, NULL);
	proxy_client_fail(c, proxy_client_failure_of(err->num));
}

/* Dials the addresses in the list. */
static void
proxy_client_dial(struct proxy_client *c)
{
	static const struct dial_ops ops = {
	    .connected = proxy_client_on_connected,
	    .failed = proxy_client_on_failed };
	const struct run *r = c->server->run;
	struct dial_options opt = net_dial_options(r->plan);

	opt.kind = (struct socket_kind){ .type = SOCK_STREAM, .name = "tcp",
	    .has_ports = true };
	opt.to = &c->list;
	opt.proxy = NULL;
	opt.host = c->host;
	opt.announced = &c->announced;
	c->dial = dial_start(r->loop, &opt, &ops, c);
	if (c->dial == NULL)
		proxy_client_fail(c, proxy_client_failure_of(errno));
}

/*
 * ncat refuses itself as the target of a request that it would send on, which
 * might go round and round, but makes a tunnel to itself.
 */
static bool
proxy_client_may_reach(const struct proxy_client *c, const struct addr *a)
{
	const struct targets *t = c->server->targets;

	return targets_allow(t, a) && (c->request.connect ||
	    !c->server->guard.ncat || !targets_are_own(t, a));
}

/* Leaves the addresses that are allowed, and dials them. */
static void
proxy_client_judge(struct proxy_client *c)
{
	struct addr_list *l = &c->list;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct addr a = l->v[i];

		addr_set_port(&a, c->port);
		targets_normalize(&a);
		if (proxy_client_may_reach(c, &a))
			l->v[n++] = a;
	}
	c->denied = n < l->n;
	l->n = n;
	if (n > 0) {
		proxy_client_dial(c);
		return;
	}
	proxy_client_say(c, EACCES, "the rules for targets deny this address");
	proxy_client_fail(c, PROXY_TARGET_DENIED);
}

static void
proxy_client_on_resolved(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct proxy_client *c = arg;

	c->lookup = NULL;
	c->list = *list;
	if (err->num == 0 && err->gai == 0) {
		proxy_client_judge(c);
		return;
	}
	proxy_client_say(c, 0, error_reason(err));
	proxy_client_fail(c, PROXY_TARGET_UNKNOWN);
}

/* The target is known by its host and port. */
void
proxy_client_go(struct proxy_client *c)
{
	const struct run *r = c->server->run;
	const struct plan *plan = r->plan;

	c->state = PROXY_DIALS;
	relay_listen(c->relay, false);
	c->until = loop_now(r->loop) + (plan->connect_timeout >= 0 ?
	    plan->connect_timeout : PROXY_DIAL_TIME);
	relay_redate(c->relay);
	c->lookup = proxy_lookup_start(&c->server->lookups, c->host, &c->peer,
	    relay_conn(c->relay)->ep.in_bottom.fd.num,
	    proxy_client_on_resolved, c);
	if (c->lookup == NULL)
		proxy_client_fail(c, proxy_client_failure_of(errno));
}

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readpassphrase.h>

#include "base/secret.h"
#include "layer/layer_http.h"
#include "layer/layer_socks.h"
#include "reach/handshake.h"
#include "reach/proxy_dial.h"

/* How often a wrong password may be typed, and new connections made. */
#define TYPED_MAX	3
#define DIALS_MAX	8

struct proxy_dial {
	struct loop		*loop;
	const struct proxy_options *opt;
	const struct proxy_dial_ops *ops;
	void			*arg;
	struct handshake	*handshake;	/* NULL: no connection */
	struct task		 death;
	bool			 over;		/* until the end of the turn */
	struct addr		 target;
	struct proxy_request	 request;
	struct proxy_login	 login;
	char			*typed;		/* the password; NULL: none */
	unsigned		 ntyped, ndials;
	struct http_challenge	 challenge;
	struct error		 err;
	union {
		struct layer		 layer;
		struct layer_socks	 socks;
		struct layer_http	 http;
	} setup;
};

static void
proxy_dial_forget_password(struct proxy_dial *p)
{
	secret_free(p->typed);
	p->typed = NULL;
	p->login.password = p->opt->login.password;
}

static void
proxy_dial_die(void *arg)
{
	struct proxy_dial *p = arg;

	http_challenge_free(&p->challenge);
	freezero(p, sizeof(*p));
}

void
proxy_dial_end(struct proxy_dial *p)
{
	p->over = true;
	handshake_cancel(p->handshake);
	proxy_dial_forget_password(p);
	loop_defer(p->loop, &p->death);
}

static void
proxy_dial_fail(struct proxy_dial *p, enum proxy_fault fault, int num)
{
	p->err.num = num;
	p->err.proxy.kind = p->request.kind;
	p->err.proxy.fault = fault;
	p->ops->failed(p->arg, &p->err, true);
}

/* Asks on the terminal; false: there is no answer. */
static bool
proxy_dial_type_password(struct proxy_dial *p)
{
	char prompt[PROXY_LOGIN_MAX + ADDR_HOST_MAX + 64];
	bool answered;

	if (!p->opt->asks)
		return false;
	proxy_dial_forget_password(p);
	(void)snprintf(prompt, sizeof(prompt),
	    "Proxy password for %.*s@%.*s: ", (int)p->login.len,
	    p->login.user, ADDR_HOST_MAX, p->opt->host);
	p->typed = secret_new(PROXY_LOGIN_MAX + 2);
	answered = p->typed != NULL && readpassphrase(prompt, p->typed,
	    PROXY_LOGIN_MAX + 2, RPP_REQUIRE_TTY) != NULL;
	p->err.num = answered ? 0 : errno;
	if (!answered)
		proxy_dial_forget_password(p);
	p->login.password = p->typed;
	return answered &&
	    proxy_login(p->request.kind, &p->login) == PROXY_NAME_FINE;
}

static void
proxy_dial_redial(struct proxy_dial *p, bool typed)
{
	if (++p->ndials > DIALS_MAX)
		proxy_dial_fail(p, PROXY_TRIES, p->err.num);
	else
		p->ops->redial(p->arg, typed);
}

/* The layer has filled the error; PROXY_FINE: the time is over. */
static void
proxy_dial_on_failed(void *arg, const struct error *err)
{
	struct proxy_dial *p = arg;
	enum proxy_fault fault = p->err.proxy.fault;

	p->handshake = NULL;
	if (fault == PROXY_FINE) {
		proxy_dial_fail(p, PROXY_LATE, err->num);
		return;
	}
	if (fault == PROXY_AGAIN) {
		proxy_dial_redial(p, false);
		return;
	}
	if (fault != PROXY_PASSWORD)
		p->ops->failed(p->arg, &p->err, fault != PROXY_DENIED ||
		    p->typed == NULL);
	if (p->over)
		return;
	if (p->ntyped++ == TYPED_MAX)
		proxy_dial_fail(p, PROXY_TRIES, p->err.num);
	else if (!proxy_dial_type_password(p))
		proxy_dial_fail(p, PROXY_PASSWORD, p->err.num);
	else
		proxy_dial_redial(p, true);
}

static void
proxy_dial_on_done(void *arg, struct fd *fd, struct layer *layer)
{
	struct proxy_dial *p = arg;

	(void)layer;
	p->handshake = NULL;
	p->ops->connected(p->arg, fd);
}

void
proxy_dial_handshake(struct proxy_dial *p, const struct fd *fd, int64_t since)
{
	static const struct handshake_ops ops = { proxy_dial_on_done,
	    proxy_dial_on_failed };

	memset(&p->err, 0, sizeof(p->err));
	if (p->request.kind == PROXY_HTTP)
		layer_http_init(&p->setup.http, NULL, &p->request,
		    &p->challenge, &p->err);
	else
		layer_socks_init(&p->setup.socks, NULL, &p->request, &p->err);
	p->handshake = handshake_start(p->loop, fd, &p->setup.layer,
	    p->opt->timeout >= 0 ? since + p->opt->timeout : 0, &ops, p);
	if (p->handshake == NULL)
		proxy_dial_fail(p, PROXY_WRITE, errno);
}

/* SOCKS gets a numeric host as an address, HTTP as the user's text. */
struct proxy_dial *
proxy_dial_new(struct loop *loop, const struct proxy_options *opt,
    const char *host, unsigned port, const struct addr *addr,
    const struct proxy_dial_ops *ops, void *arg)
{
	struct proxy_dial *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	*p = (struct proxy_dial){ .loop = loop, .opt = opt, .ops = ops,
	    .arg = arg, .death = { .run = proxy_dial_die, .arg = p },
	    .login = opt->login, .request = { .kind = opt->kind, .host = host,
	    .port = port, .any_2xx = opt->any_2xx, .login = &p->login } };
	if (addr != NULL) {
		p->target = *addr;
		p->request.addr = &p->target;
	} else if (opt->kind != PROXY_HTTP && addr_numeric(&p->target, host,
	    opt->kind == PROXY_SOCKS4 ? AF_INET : AF_UNSPEC))
		p->request.addr = &p->target;
	return p;
}

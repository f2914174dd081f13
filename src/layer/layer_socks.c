#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "layer/layer_socks.h"
#include "loop/loop.h"

#define VERSION4	4
#define VERSION5	5
#define LOGIN_VERSION	1
#define CONNECT		1
#define GRANTED4	90	/* SOCKS 4's yes; SOCKS 5's is 0 */

#define METHOD_OPEN	0	/* no login */
#define METHOD_LOGIN	2	/* user and password */
#define METHOD_NONE	0xff

#define TYPE_INET	1
#define TYPE_NAME	3
#define TYPE_INET6	4

static enum io
socks_fail(struct layer_socks *s, enum proxy_fault fault, unsigned code,
    int num)
{
	size_t got = fault == PROXY_WRITE ? s->sent : s->got;
	size_t want = fault == PROXY_WRITE ? s->size : s->want;

	s->err->num = num;
	s->err->proxy = (struct proxy_error){ .fault = fault,
	    .kind = s->request->kind, .step = s->step, .code = code,
	    .got = (unsigned)got, .want = (unsigned)want };
	explicit_bzero(s->out, sizeof(s->out));
	errno = num;
	return IO_FAIL;
}

/* ---- Messages ------------------------------------------------------ */

static void
socks_put(struct layer_socks *s, const void *bytes, size_t n)
{
	memcpy(s->out + s->size, bytes, n);
	s->size += n;
}

static void
socks_put_byte(struct layer_socks *s, unsigned c)
{
	s->out[s->size++] = (unsigned char)c;
}

/* Begins a message; the answer has at least want bytes. */
static void
socks_begin(struct layer_socks *s, enum proxy_step step, size_t want)
{
	explicit_bzero(s->out, sizeof(s->out));
	s->step = step;
	s->size = s->sent = s->got = 0;
	s->want = want;
}

/* SOCKS 4a: an invalid address, and the name after the user. */
static void
socks_make_request4(struct layer_socks *s)
{
	static const unsigned char by_name[] = { 0, 0, 0, 1 };
	const struct proxy_request *request = s->request;
	uint16_t port = htons((uint16_t)request->port);

	socks_begin(s, PROXY_REQUEST, 8);
	socks_put_byte(s, VERSION4);
	socks_put_byte(s, CONNECT);
	socks_put(s, &port, sizeof(port));
	socks_put(s, request->addr != NULL ?
	    (const void *)&request->addr->u.in.sin_addr : by_name,
	    sizeof(by_name));
	if (request->login->user != NULL)
		socks_put(s, request->login->user, request->login->len);
	socks_put_byte(s, 0);
	if (request->addr == NULL)
		socks_put(s, request->host, strlen(request->host) + 1);
}

static void
socks_make_request5(struct layer_socks *s)
{
	const struct addr *a = s->request->addr;
	uint16_t port = htons((uint16_t)s->request->port);
	size_t len;

	socks_begin(s, PROXY_REQUEST, 4);
	socks_put_byte(s, VERSION5);
	socks_put_byte(s, CONNECT);
	socks_put_byte(s, 0);
	if (a == NULL) {
		len = strlen(s->request->host);
		socks_put_byte(s, TYPE_NAME);
		socks_put_byte(s, (unsigned)len);
		socks_put(s, s->request->host, len);
	} else if (addr_family(a) == AF_INET6) {
		socks_put_byte(s, TYPE_INET6);
		socks_put(s, &a->u.in6.sin6_addr, sizeof(a->u.in6.sin6_addr));
	} else {
		socks_put_byte(s, TYPE_INET);
		socks_put(s, &a->u.in.sin_addr, sizeof(a->u.in.sin_addr));
	}
	socks_put(s, &port, sizeof(port));
}

/* ---- Answers: IO_OK is the end, IO_AGAIN is more ------------------------ */

static enum io
socks_on_method(struct layer_socks *s)
{
	const struct proxy_login *l = s->request->login;
	size_t len;

	if (s->in[0] != VERSION5)
		return socks_fail(s, PROXY_VERSION, s->in[0], 0);
	if (s->in[1] == METHOD_NONE)
		return socks_fail(s, PROXY_NO_METHOD, 0, 0);
	if (s->in[1] == METHOD_OPEN) {
		socks_make_request5(s);
		return IO_AGAIN;
	}
	if (s->in[1] != METHOD_LOGIN || l->user == NULL)
		return socks_fail(s, PROXY_ODD_METHOD, s->in[1], 0);
	if (l->password == NULL)
		return socks_fail(s, PROXY_PASSWORD, 0, 0);
	len = strlen(l->password);
	socks_begin(s, PROXY_LOGIN, 2);
	socks_put_byte(s, LOGIN_VERSION);
	socks_put_byte(s, (unsigned)l->len);
	socks_put(s, l->user, l->len);
	socks_put_byte(s, (unsigned)len);
	socks_put(s, l->password, len);
	return IO_AGAIN;
}

/* The head of the reply, which gives the length of the address that follows. */
static enum io
socks_on_reply5(struct layer_socks *s)
{
	if (s->in[0] != VERSION5)
		return socks_fail(s, PROXY_VERSION, s->in[0], 0);
	if (s->in[1] != 0)
		return socks_fail(s, PROXY_REFUSED, s->in[1], 0);
	switch (s->in[3]) {
	case TYPE_INET:
		s->want = 4 + 2;
		break;
	case TYPE_INET6:
		s->want = 16 + 2;
		break;
	case TYPE_NAME:
		s->want = 1;
		break;
	default:
		return socks_fail(s, PROXY_ADDRESS, s->in[3], 0);
	}
	s->step = PROXY_REST;
	s->got = 0;
	return IO_AGAIN;
}

static enum io
socks_on_answer(struct layer_socks *s)
{
	switch (s->step) {
	case PROXY_GREETING:
		return socks_on_method(s);
	case PROXY_LOGIN:
		/* Some proxies answer with the version of SOCKS. */
		if (s->in[0] != LOGIN_VERSION && s->in[0] != VERSION5)
			return socks_fail(s, PROXY_VERSION, s->in[0], 0);
		if (s->in[1] != 0)
			return socks_fail(s, PROXY_DENIED, s->in[1], 0);
		socks_make_request5(s);
		return IO_AGAIN;
	case PROXY_REQUEST:
		if (s->request->kind != PROXY_SOCKS4)
			return socks_on_reply5(s);
		if (s->in[0] != 0)
			return socks_fail(s, PROXY_VERSION, s->in[0], 0);
		if (s->in[1] != GRANTED4)
			return socks_fail(s, PROXY_REFUSED, s->in[1], 0);
		return IO_OK;
	case PROXY_REST:
		break;
	}
	/* The proxy's own address is of no use, but must not stay unread. */
	if (s->want > 1)
		return IO_OK;
	s->want = 1 + (size_t)s->in[0] + 2;
	return IO_AGAIN;
}

/* ---- The layer --------------------------------------------------------- */

/* Sends some of the message, or reads some of the answer. */
static enum io
socks_move_some(struct layer_socks *s)
{
	struct layer *below = s->layer.below;
	bool sends = s->sent < s->size;
	struct iovec iov = { s->in + s->got, s->want - s->got };
	size_t n;
	enum io io;

	if (sends)
		iov = (struct iovec){ s->out + s->sent, s->size - s->sent };
	io = sends ? below->ops->write(below, &iov, 1, &n) :
	    below->ops->read(below, &iov, 1, &n);
	if (io == IO_OK)
		*(sends ? &s->sent : &s->got) += n;
	else if (io != IO_AGAIN)
		return socks_fail(s, sends ? PROXY_WRITE : PROXY_READ, 0,
		    io != IO_EOF ? errno : sends ? EPIPE : 0);
	return io;
}

static enum io
socks_handshake(struct layer *l)
{
	struct layer_socks *s = (struct layer_socks *)l;
	enum io io = IO_OK;

	if (s->err->proxy.fault != PROXY_FINE)
		return IO_FAIL;
	while (io == IO_OK) {
		if (s->sent < s->size || s->got < s->want)
			io = socks_move_some(s);
		else if ((io = socks_on_answer(s)) == IO_OK)
			break;
		else if (io == IO_AGAIN)
			io = IO_OK;	/* the next message */
	}
	if (io == IO_OK)
		explicit_bzero(s->out, sizeof(s->out));
	return io;
}

static unsigned
socks_want(const struct layer *l, unsigned wish)
{
	const struct layer_socks *s = (const struct layer_socks *)l;

	(void)wish;
	return s->sent < s->size ? LOOP_OUT : LOOP_IN;
}

static void
socks_close(struct layer *l)
{
	struct layer_socks *s = (struct layer_socks *)l;

	explicit_bzero(s->out, sizeof(s->out));
}

static const struct layer_ops socks_ops = {
	.handshake = socks_handshake,
	.want = socks_want,
	.close = socks_close
};

void
layer_socks_init(struct layer_socks *s, struct layer *below,
    const struct proxy_request *request, struct error *err)
{
	bool login;

	*s = (struct layer_socks){ .layer = { &socks_ops, below },
	    .request = request, .err = err };
	err->proxy.fault = PROXY_FINE;
	if ((request->addr == NULL &&
	    proxy_name(request->host) != PROXY_NAME_FINE) ||
	    (request->kind == PROXY_SOCKS4 && request->addr != NULL &&
	    addr_family(request->addr) != AF_INET) ||
	    proxy_login(request->kind, request->login) != PROXY_NAME_FINE) {
		(void)socks_fail(s, PROXY_WRITE, 0, EINVAL);
		return;
	}
	if (request->kind == PROXY_SOCKS4) {
		socks_make_request4(s);
		return;
	}
	login = request->login->user != NULL;
	socks_begin(s, PROXY_GREETING, 2);
	socks_put_byte(s, VERSION5);
	socks_put_byte(s, login ? 2 : 1);
	socks_put_byte(s, METHOD_OPEN);
	if (login)
		socks_put_byte(s, METHOD_LOGIN);
}

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "layer/layer_http.h"
#include "loop/loop.h"

#define LOOK_MAX	4096
/* A request that holds a password is never moved in memory. */
#define ASK_ROOM	8192
#define AUTHORITY_MAX	(PROXY_NAME_MAX + sizeof("[]:65535"))
#define CNONCE_MAX	33

#define HTTP_YES	200
#define HTTP_LOGIN	407

/* ---- Failing ------------------------------------------------------------ */

static void
http_forget(struct layer_http *h)
{
	if (h->out.mem != NULL)
		explicit_bzero(h->out.mem, h->out.cap);
	buf_free(&h->out);
}

static enum io
http_fail(struct layer_http *h, enum proxy_fault fault, unsigned code, int num)
{
	h->err->num = num;
	h->err->proxy = (struct proxy_error){ .fault = fault,
	    .kind = PROXY_HTTP, .step = PROXY_REQUEST, .code = code };
	http_forget(h);
	errno = num;
	return IO_FAIL;
}

/* ---- The request ------------------------------------------------------- */

static bool
http_has_answer(const struct layer_http *h)
{
	return h->challenge->scheme != HTTP_OPEN &&
	    h->request->login->user != NULL &&
	    h->request->login->password != NULL;
}

static void
http_make_request(struct layer_http *h)
{
	const struct proxy_request *request = h->request;
	char target[AUTHORITY_MAX], host[ADDR_HOST_MAX], cnonce[CNONCE_MAX];
	const char *name = request->host;
	uint64_t number;

	http_forget(h);
	h->sent = h->seen = h->searched = 0;
	h->head.used = 0;
	h->state = HTTP_ASK;
	if (!buf_reserve(&h->out, ASK_ROOM)) {
		h->out.failed = true;
		return;
	}
	if (request->addr != NULL)
		name = addr_host(request->addr, host, sizeof(host));
	/* An IPv6 address, known by the colons, stands in brackets. */
	(void)snprintf(target, sizeof(target),
	    strchr(name, ':') != NULL ? "[%s]:%u" : "%s:%u", name,
	    request->port);
	buf_str(&h->out, "CONNECT ");
	buf_str(&h->out, target);
	buf_str(&h->out, " HTTP/1.0\r\n");
	if (http_has_answer(h)) {
		arc4random_buf(&number, sizeof(number));
		(void)snprintf(cnonce, sizeof(cnonce), "%016" PRIx64, number);
		buf_str(&h->out, "Proxy-Authorization: ");
		http_authorize(&h->out, h->challenge, request->login, target,
		    cnonce);
		buf_str(&h->out, "\r\n");
	}
	buf_str(&h->out, "\r\n");
}

/* ---- The header -------------------------------------------------------- */

static enum io
http_refused(struct layer_http *h, const struct http_reply *r)
{
	(void)snprintf(h->err->why, sizeof(h->err->why), "%.*s",
	    (int)r->line.len, r->line.at);
	return http_fail(h, PROXY_STATUS, r->code, 0);
}

/*
 * Reads the challenges of a 407. Returns whether the connection outlives the
 * reply, by its version and its Connection fields.
 */
static bool
http_read_challenges(const struct http_reply *r, struct http_challenge *c)
{
	struct http_text rest = r->fields, word;
	struct http_field f;
	bool close = false, keep = r->minor > 0, told = false;

	while (rest.len > 0) {
		if (!http_field_next(&rest, &f))
			continue;
		if (http_text_is(&f.name, "Proxy-Authenticate")) {
			told = true;
			http_challenge_read(c, f.value);
		} else if (http_text_is(&f.name, "Connection") ||
		    http_text_is(&f.name, "Proxy-Connection"))
			while (http_word_next(&f.value, &word)) {
				close |= http_text_is(&word, "close");
				keep |= http_text_is(&word, "keep-alive");
			}
	}
	if (!told)
		c->scheme = HTTP_BASIC;
	return keep && !close;
}

/* The proxy wants a login. */
static enum io
http_on_login(struct layer_http *h, const struct http_reply *r)
{
	const struct proxy_login *l = h->request->login;
	struct http_challenge c = { .scheme = HTTP_OPEN };
	bool answered = http_has_answer(h), stays;

	if (l->user == NULL)
		return http_refused(h, r);
	stays = http_read_challenges(r, &c);
	answered = answered && !(c.stale && !h->challenge->stale);
	http_challenge_free(h->challenge);
	*h->challenge = c;
	if (answered || c.scheme == HTTP_OPEN) {
		(void)http_refused(h, r);
		h->err->proxy.fault = answered ? PROXY_DENIED : PROXY_NO_SCHEME;
		return IO_FAIL;
	}
	if (l->password == NULL)
		return http_fail(h, PROXY_PASSWORD, 0, 0);
	/* A new connection is cheaper than a long body. */
	if (!stays || !r->ends ||
	    (r->body == HTTP_BODY_LENGTH && r->length > HTTP_REPLY_MAX))
		return http_fail(h, PROXY_AGAIN, 0, 0);
	h->used = true;
	http_body_init(&h->body, r->body, r->length);
	if (h->body.done)
		http_make_request(h);
	else
		h->state = HTTP_BODY;
	return IO_AGAIN;
}

/* The header is whole. IO_OK: connected; IO_AGAIN: more follows. */
static enum io
http_on_head(struct layer_http *h)
{
	struct http_reply r;

	if (h->head.failed)
		return http_fail(h, PROXY_READ, 0, ENOMEM);
	(void)http_reply_parse(&r, h->head.mem + h->head.head, h->head.used,
	    false);
	if (r.code == HTTP_YES || (h->request->any_2xx && r.code / 100 == 2))
		return IO_OK;
	/* An interim reply: the final reply follows. */
	if (r.code / 100 == 1) {
		h->head.used = h->searched = 0;
		return IO_AGAIN;
	}
	return r.code == HTTP_LOGIN ? http_on_login(h, &r) :
	    http_refused(h, &r);
}

/* ---- The layer --------------------------------------------------------- */

/* The proxy may have closed a connection despite a promise to keep it open. */
static enum io
http_broken(struct layer_http *h, enum proxy_fault fault, int num)
{
	bool gone = num == 0 || num == ECONNRESET || num == EPIPE;

	if (h->used && gone && h->seen == 0)
		fault = PROXY_AGAIN;
	return http_fail(h, fault, 0, num);
}

static enum io
http_send_some(struct layer_http *h)
{
	struct layer *below = h->layer.below;
	struct iovec iov;
	size_t n;
	enum io io;

	if (h->out.failed)
		return http_fail(h, PROXY_WRITE, 0, ENOMEM);
	iov.iov_base = h->out.mem + h->sent;
	iov.iov_len = h->out.used - h->sent;
	io = below->ops->write(below, &iov, 1, &n);
	if (io != IO_OK)
		return io == IO_AGAIN ? io :
		    http_broken(h, PROXY_WRITE, io == IO_EOF ? EPIPE : errno);
	h->sent += n;
	if (h->sent == h->out.used) {
		http_forget(h);
		h->state = HTTP_HEAD;
	}
	return IO_OK;
}

/* Takes the bytes that look() has shown. */
static enum io
http_take_owed(struct layer_http *h)
{
	char bytes[LOOK_MAX];
	struct iovec iov = { bytes, h->owed };
	struct layer *below = h->layer.below;
	size_t n;
	enum io io = below->ops->read(below, &iov, 1, &n);

	if (io == IO_OK)
		h->owed -= n;
	else if (io != IO_AGAIN)
		return http_broken(h, PROXY_READ, io == IO_EOF ? 0 : errno);
	return io;
}

/*
 * A server of another protocol never ends a header. Returns where the server's
 * first line ends; 0: not in these bytes, or the line is HTTP's.
 */
static size_t
http_end_of_other(const struct layer_http *h, const char *bytes, size_t n)
{
	static const char start[] = "HTTP/";
	const char *had = buf_data(&h->head), *end = memchr(bytes, '\n', n);
	size_t i, used = h->head.used;

	if (end == NULL || memchr(had, '\n', used) != NULL)
		return 0;
	for (i = 0; i < sizeof(start) - 1; i++)
		if ((i < used ? had[i] : bytes[i - used]) != start[i])
			return (size_t)(end - bytes) + 1;
	return 0;
}

/*
 * Sets owed to the number of these bytes that belong to the header or body, and
 * whole if that ends among them.
 */
static void
http_measure(struct layer_http *h, const char *bytes, size_t n)
{
	size_t had = h->head.used, end;

	if (h->state == HTTP_BODY) {
		h->owed = http_body_take(&h->body, bytes, n);
		h->whole = h->body.done || h->body.bad;
	} else if ((h->owed = http_end_of_other(h, bytes, n)) > 0) {
		buf_add(&h->head, bytes, h->owed);
		h->whole = true;
	} else {
		buf_add(&h->head, bytes, n);
		end = http_head_end(buf_data(&h->head), h->head.used,
		    &h->searched);
		h->whole = end > 0 || h->head.failed;
		h->owed = end > 0 ? end - had : n;
		if (end > 0)
			h->head.used = end;
	}
	h->seen += h->owed;
}

/* Looks at more of the reply. */
static enum io
http_look(struct layer_http *h)
{
	char bytes[LOOK_MAX];
	struct layer *below = h->layer.below;
	size_t room = HTTP_REPLY_MAX - h->seen, n;
	enum io io;

	if (room == 0)
		return http_fail(h, h->state == HTTP_HEAD ? PROXY_LONG :
		    PROXY_AGAIN, 0, 0);
	io = below->ops->look(below, bytes, room < sizeof(bytes) ? room :
	    sizeof(bytes), &n);
	if (io == IO_OK)
		http_measure(h, bytes, n);
	else if (io != IO_AGAIN)
		return http_broken(h, PROXY_READ, io == IO_EOF ? 0 : errno);
	return io;
}

/* A part of the reply is whole. IO_OK: connected; IO_AGAIN: more follows. */
static enum io
http_on_part(struct layer_http *h)
{
	h->whole = false;
	if (h->state == HTTP_HEAD)
		return http_on_head(h);
	if (h->body.bad)
		return http_fail(h, PROXY_AGAIN, 0, 0);
	http_make_request(h);
	return IO_AGAIN;
}

static enum io
http_handshake(struct layer *l)
{
	struct layer_http *h = (struct layer_http *)l;
	enum io io = IO_OK;

	if (h->err->proxy.fault != PROXY_FINE)
		return IO_FAIL;
	while (io == IO_OK) {
		if (h->state == HTTP_ASK)
			io = http_send_some(h);
		else if (h->owed > 0)
			io = http_take_owed(h);
		else if (!h->whole)
			io = http_look(h);
		else if ((io = http_on_part(h)) == IO_OK)
			break;
		else if (io == IO_AGAIN)
			io = IO_OK;
	}
	if (io == IO_OK)
		buf_free(&h->head);
	return io;
}

static unsigned
http_want(const struct layer *l, unsigned wish)
{
	const struct layer_http *h = (const struct layer_http *)l;

	(void)wish;
	return h->state == HTTP_ASK ? LOOP_OUT : LOOP_IN;
}

static void
http_close(struct layer *l)
{
	struct layer_http *h = (struct layer_http *)l;

	http_forget(h);
	buf_free(&h->head);
}

static const struct layer_ops http_ops = {
	.handshake = http_handshake,
	.want = http_want,
	.close = http_close
};

void
layer_http_init(struct layer_http *h, struct layer *below,
    const struct proxy_request *request, struct http_challenge *challenge,
    struct error *err)
{
	*h = (struct layer_http){ .layer = { &http_ops, below },
	    .request = request, .challenge = challenge, .err = err };
	err->proxy.fault = PROXY_FINE;
	if ((request->addr == NULL &&
	    proxy_name(request->host) != PROXY_NAME_FINE) ||
	    proxy_login(PROXY_HTTP, request->login) != PROXY_NAME_FINE)
		(void)http_fail(h, PROXY_WRITE, 0, EINVAL);
	else
		http_make_request(h);
}

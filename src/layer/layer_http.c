#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "layer/layer_http.h"
#include "loop/loop.h"

#define LOOK_MAX	4096
/* A request that holds a password is never moved in memory. */
#define ASK_ROOM	8192
#define AUTHORITY_MAX	(PROXY_NAME_MAX + sizeof("[]:65535"))
#define CNONCE_MAX	33

/* The size of a chunk is not read further than this. */
#define HTTP_CHUNK_MAX	((uint64_t)1 << 20)
#define HTTP_YES	200
#define HTTP_LOGIN	407

/* ---- The text of a reply. Pure; no byte after the reply is counted ------ */

/* The status code of a header; 0: this is not a status line. */
static int
http_status(const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || line[7] == '\0' ||
	    line[8] != ' ' || strspn(line + 9, "0123456789") != 3)
		return 0;
	return (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
}

/*
 * Finds the next header of this name from *at on. Returns the value, which ends
 * at *end; NULL: there is none.
 */
static const char *
http_header(const char **at, const char *name, const char **end)
{
	const char *line = *at, *value;
	size_t len = strlen(name);

	for (; *line != '\0'; line = *at) {
		*end = line + strcspn(line, "\r\n");
		*at = *end + strspn(*end, "\r\n");
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		value = line + len + 1;
		return value + strspn(value, " \t");
	}
	return NULL;
}

static bool
http_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
http_unfold(char *s, size_t n)
{
	char *end = s + n, *lf, *from, *to;

	for (; (lf = memchr(s, '\n', (size_t)(end - s))) != NULL; s = to) {
		from = lf - (lf > s && lf[-1] == '\r');
		for (to = lf + 1; to < end && http_is_blank(*to); to++)
			;
		if (to == lf + 1)
			continue;
		while (from > s && http_is_blank(from[-1]))
			from--;
		memset(from, ' ', (size_t)(to - from));
	}
}

/* True if the comma-separated list of such a header has this word. */
static bool
http_has_word(const char *head, const char *name, const char *word)
{
	const char *at = head, *s, *end;
	size_t len, want = strlen(word);

	while ((s = http_header(&at, name, &end)) != NULL)
		for (; s < end; s += len + strspn(s + len, ", \t")) {
			len = strcspn(s, ", \t\r\n");
			if (len == want && strncasecmp(s, word, len) == 0)
				return true;
		}
	return false;
}

/* True if the connection outlives this reply. */
static bool
http_stays_open(const char *head)
{
	return !http_has_word(head, "connection", "close") &&
	    !http_has_word(head, "proxy-connection", "close") &&
	    (head[7] != '0' ||
	    http_has_word(head, "connection", "keep-alive") ||
	    http_has_word(head, "proxy-connection", "keep-alive"));
}

/* The parts of a reply that a byte can belong to. Data comes last. */
enum {
	PART_LINES,		/* a header, or the trailer after all chunks */
	PART_SIZE,		/* of a chunk */
	PART_EXTENSION,		/* the rest of that line */
	PART_CHUNK_END,		/* the end of line after the data */
	PART_CHUNK,
	PART_BODY		/* of a known length */
};

/* A byte between data; true: the last byte of the header or body. */
static bool
http_measure_byte(struct http_meter *m, char c)
{
	const char digit[] = { c, '\0' };

	if (m->part == PART_SIZE && isxdigit((unsigned char)c)) {
		/* A larger chunk is too large anyway. */
		if (m->left < HTTP_CHUNK_MAX)
			m->left = m->left * 16 + strtoul(digit, NULL, 16);
	} else if (c == '\n' && m->part == PART_CHUNK_END)
		m->part = PART_SIZE;
	else if (c == '\n' && m->part != PART_LINES) {
		m->part = m->left > 0 ? PART_CHUNK : PART_LINES;
		m->line = 0;
	} else if (m->part == PART_SIZE)
		m->part = PART_EXTENSION;
	else if (c == '\n') {
		if (m->line == 0)
			return true;
		m->line = 0;
	} else
		m->line += c != '\r';
	return false;
}

/*
 * Sets *n to the number of these bytes that belong to the header or body; true:
 * the end of that part is among them.
 */
static bool
http_measure(struct http_meter *m, const char *s, size_t size, size_t *n)
{
	size_t some;

	for (*n = 0; *n < size;) {
		if (m->part < PART_CHUNK) {
			if (http_measure_byte(m, s[(*n)++]))
				return true;
			continue;
		}
		some = size - *n < m->left ? size - *n : (size_t)m->left;
		*n += some;
		if ((m->left -= some) > 0)
			continue;
		if (m->part == PART_BODY)
			return true;
		m->part = PART_CHUNK_END;
	}
	return false;
}

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

/* An IPv6 address, known by the colons, stands in brackets. */
static void
http_authority(const struct proxy_request *request, char text[AUTHORITY_MAX])
{
	char host[ADDR_HOST_MAX];
	const char *name = request->host;

	if (request->addr != NULL)
		name = addr_host(request->addr, host, sizeof(host));
	(void)snprintf(text, AUTHORITY_MAX,
	    strchr(name, ':') != NULL ? "[%s]:%u" : "%s:%u", name,
	    request->port);
}

static void
http_add_authorization(struct layer_http *h, const char *target)
{
	char cnonce[CNONCE_MAX];
	uint64_t number;

	arc4random_buf(&number, sizeof(number));
	(void)snprintf(cnonce, sizeof(cnonce), "%016" PRIx64, number);
	buf_str(&h->out, "Proxy-Authorization: ");
	http_authorize(&h->out, h->challenge, h->request->login, target,
	    cnonce);
	buf_str(&h->out, "\r\n");
}

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
	char target[AUTHORITY_MAX];

	http_forget(h);
	h->sent = h->seen = 0;
	h->meter = (struct http_meter){ .line = 0 };
	h->head.used = 0;
	h->state = HTTP_ASK;
	if (!buf_reserve(&h->out, ASK_ROOM)) {
		h->out.failed = true;
		return;
	}
	http_authority(h->request, target);
	buf_str(&h->out, "CONNECT ");
	buf_str(&h->out, target);
	buf_str(&h->out, " HTTP/1.0\r\n");
	if (http_has_answer(h))
		http_add_authorization(h, target);
	buf_str(&h->out, "\r\n");
}

/* ---- The header -------------------------------------------------------- */

/*
 * Finds how the body of a refusal ends; false: with the connection, or so late
 * that a new connection is cheaper.
 */
static bool
http_find_body(struct layer_http *h)
{
	const char *head = buf_data(&h->head), *at = head, *end;
	const char *value = http_header(&at, "content-length", &end);
	char *stop;

	h->state = HTTP_BODY;
	h->meter = (struct http_meter){ .part = PART_SIZE };
	if (http_has_word(head, "transfer-encoding", "chunked"))
		return true;
	if (value == NULL || !isdigit((unsigned char)*value))
		return false;
	h->meter.part = PART_BODY;
	errno = 0;
	h->meter.left = strtoull(value, &stop, 10);
	return errno == 0 && stop == end && h->meter.left <= HTTP_REPLY_MAX;
}

static enum io
http_refused(struct layer_http *h, int code)
{
	const char *line = buf_data(&h->head);

	(void)snprintf(h->err->why, sizeof(h->err->why), "%.*s",
	    (int)strcspn(line, "\r\n"), line);
	return http_fail(h, PROXY_STATUS, (unsigned)code, 0);
}

/* The proxy wants a login. */
static enum io
http_on_login(struct layer_http *h)
{
	const struct proxy_login *l = h->request->login;
	const char *at = buf_data(&h->head), *value, *end;
	struct http_challenge c = { .scheme = HTTP_OPEN };
	bool answered = http_has_answer(h);

	if (l->user == NULL)
		return http_refused(h, HTTP_LOGIN);
	if ((value = http_header(&at, "proxy-authenticate", &end)) == NULL)
		c.scheme = HTTP_BASIC;
	for (; value != NULL;
	    value = http_header(&at, "proxy-authenticate", &end))
		http_challenge_read(&c, value, end);
	answered = answered && !(c.stale && !h->challenge->stale);
	http_challenge_free(h->challenge);
	*h->challenge = c;
	if (answered || c.scheme == HTTP_OPEN) {
		(void)http_refused(h, HTTP_LOGIN);
		h->err->proxy.fault = answered ? PROXY_DENIED : PROXY_NO_SCHEME;
		return IO_FAIL;
	}
	if (l->password == NULL)
		return http_fail(h, PROXY_PASSWORD, 0, 0);
	if (!http_stays_open(buf_data(&h->head)) || !http_find_body(h))
		return http_fail(h, PROXY_AGAIN, 0, 0);
	h->used = true;
	return IO_AGAIN;
}

/* The header is whole. IO_OK: connected; IO_AGAIN: more follows. */
static enum io
http_on_head(struct layer_http *h)
{
	int code;

	buf_add(&h->head, "", 1);
	if (h->head.failed)
		return http_fail(h, PROXY_READ, 0, ENOMEM);
	http_unfold(h->head.mem + h->head.head, h->head.used);
	code = http_status(buf_data(&h->head));
	if (code == HTTP_YES || (h->request->any_2xx && code / 100 == 2))
		return IO_OK;
	/* An interim reply: the final reply follows. */
	if (code / 100 == 1) {
		h->head.used = 0;
		return IO_AGAIN;
	}
	return code == HTTP_LOGIN ? http_on_login(h) : http_refused(h, code);
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

/* Looks at more of the reply. */
static enum io
http_look(struct layer_http *h)
{
	char bytes[LOOK_MAX];
	struct layer *below = h->layer.below;
	size_t room = HTTP_REPLY_MAX - h->seen, n, odd = 0;
	enum io io;

	if (room == 0)
		return http_fail(h, h->state == HTTP_HEAD ? PROXY_LONG :
		    PROXY_AGAIN, 0, 0);
	io = below->ops->look(below, bytes, room < sizeof(bytes) ? room :
	    sizeof(bytes), &n);
	if (io != IO_OK)
		return io == IO_AGAIN ? io :
		    http_broken(h, PROXY_READ, io == IO_EOF ? 0 : errno);
	if (h->state == HTTP_HEAD && (odd = http_end_of_other(h, bytes, n)) > 0)
		n = odd;
	h->whole = http_measure(&h->meter, bytes, n, &h->owed) || odd > 0;
	if (h->state == HTTP_HEAD)
		buf_add(&h->head, bytes, h->owed);
	h->seen += h->owed;
	return IO_OK;
}

/* A part of the reply is whole. IO_OK: connected; IO_AGAIN: more follows. */
static enum io
http_on_part(struct layer_http *h)
{
	bool body = h->state == HTTP_BODY;
	enum io io = body ? IO_AGAIN : http_on_head(h);

	h->whole = false;
	/* An empty body is whole already. */
	if (body || (io == IO_AGAIN && h->state == HTTP_BODY &&
	    h->meter.part == PART_BODY && h->meter.left == 0))
		http_make_request(h);
	return io;
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

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/proxy_http.h"

/* ---- Fields ------------------------------------------------------------- */

static bool
http_text_is_any(const struct http_text *t, const char *const *names)
{
	while (*names != NULL && !http_text_is(t, *names))
		names++;
	return *names != NULL;
}

/* The names in all Connection fields of a header. */
struct http_named {
	struct http_text	v[HTTP_FIELDS_MAX];
	size_t			n;
};

/* Returns false if there are too many fields, or names in Connection. */
static bool
http_named_read(struct http_named *named, struct http_text fields)
{
	struct http_text name;
	struct http_field f;

	named->n = 0;
	for (size_t n = 0; http_field_next(&fields, &f); n++) {
		if (n == HTTP_FIELDS_MAX)
			return false;
		if (!http_text_is(&f.name, "Connection"))
			continue;
		while (http_word_next(&f.value, &name)) {
			if (named->n == HTTP_FIELDS_MAX)
				return false;
			named->v[named->n++] = name;
		}
	}
	return true;
}

static bool
http_named_has(const struct http_named *named, const struct http_text *name)
{
	for (size_t i = 0; i < named->n; i++)
		if (named->v[i].len == name->len &&
		    strncasecmp(named->v[i].at, name->at, name->len) == 0)
			return true;
	return false;
}

/* Adds the fields that are not about this connection; false: too many. */
static bool
http_fields_pass(const struct http_text *fields, bool host, struct buf *out)
{
	/* About this connection alone (RFC 9110, section 7.6.1). */
	static const char *const ours[] = { "Connection", "Proxy-Connection",
	    "Keep-Alive", "TE", "Upgrade", "Proxy-Authorization",
	    "Proxy-Authenticate", "Proxy-Authentication-Info", NULL };
	/* Without these, a message has another end, or another target. */
	static const char *const framing[] = { "Content-Length",
	    "Transfer-Encoding", "Host", NULL };
	struct http_text rest = *fields;
	struct http_field f;
	struct http_named named;

	if (!http_named_read(&named, rest))
		return false;
	while (http_field_next(&rest, &f)) {
		if (http_text_is_any(&f.name, ours) ||
		    (!host && http_text_is(&f.name, "Host")) ||
		    (!http_text_is_any(&f.name, framing) &&
		    http_named_has(&named, &f.name)))
			continue;
		buf_add(out, f.name.at, f.name.len);
		buf_str(out, ": ");
		buf_add(out, f.value.at, f.value.len);
		buf_str(out, "\r\n");
	}
	return true;
}

/* ---- Requests ----------------------------------------------------------- */

/* Reads a port from 1 to 65535. */
static bool
http_port(const struct http_text *t, unsigned *port)
{
	*port = 0;
	if (t->len == 0 || t->len > 5)
		return false;
	for (size_t i = 0; i < t->len; i++) {
		if (!isdigit((unsigned char)t->at[i]))
			return false;
		*port = *port * 10 + (unsigned)(t->at[i] - '0');
	}
	return *port > 0 && *port <= 65535;
}

/* Whether a text has no blank and no control character. */
static bool
http_is_plain(const struct http_text *t)
{
	for (size_t i = 0; i < t->len; i++)
		if ((unsigned char)t->at[i] <= ' ' || t->at[i] == 0x7f)
			return false;
	return t->len > 0;
}

/*
 * "HOST:PORT" or "[ADDRESS]:PORT". The port may be missing if there is a
 * default.
 */
static bool
http_authority(struct http_request *r, const struct http_text *t,
    unsigned port)
{
	struct http_text host = *t, rest = { t->at + t->len, 0 };
	const char *end;

	if (t->len > 0 && t->at[0] == '[') {
		if ((end = memchr(t->at, ']', t->len)) == NULL)
			return false;
		host = (struct http_text){ t->at + 1,
		    (size_t)(end - t->at) - 1 };
		rest = (struct http_text){ end + 1,
		    t->len - host.len - 2 };
	} else if ((end = memrchr(t->at, ':', t->len)) != NULL) {
		host.len = (size_t)(end - t->at);
		rest = (struct http_text){ end, t->len - host.len };
	}
	if (!http_is_plain(&host) || host.len > HTTP_HOST_MAX)
		return false;
	memcpy(r->host, host.at, host.len);
	r->host[host.len] = '\0';
	if (strpbrk(r->host, "/?#@\\[]<>\"") != NULL)
		return false;
	r->port = port;
	if (rest.len == 0)
		return port != 0;
	if (rest.at[0] != ':')
		return false;
	rest = (struct http_text){ rest.at + 1, rest.len - 1 };
	return (rest.len == 0 && port != 0) || http_port(&rest, &r->port);
}

/* An absolute URI, of which a fragment is not sent (RFC 9110, 4.2.5). */
static bool
http_uri(struct http_request *r)
{
	struct http_text rest = r->uri;
	struct http_text all = http_text_cut(&rest, '#');
	size_t n;

	if (all.len < 7 || strncasecmp(all.at, "http://", 7) != 0)
		return false;
	all.at += 7;
	all.len -= 7;
	for (n = 0; n < all.len && all.at[n] != '/' && all.at[n] != '?'; n++)
		;
	r->authority = (struct http_text){ all.at, n };
	r->path = (struct http_text){ all.at + n, all.len - n };
	return http_authority(r, &r->authority, 80);
}

/* The methods of ncat; sockcat's own rules allow any token. */
static bool
http_method_is_known(const struct http_text *m)
{
	static const char *const known[] = { "CONNECT", "GET", "HEAD",
	    "POST" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (m->len == strlen(known[i]) &&
		    memcmp(m->at, known[i], m->len) == 0)
			return true;
	return false;
}

static int
http_request_line(struct http_request *r, struct http_text line, bool ncat)
{
	r->method = http_text_cut(&line, ' ');
	r->uri = http_text_cut(&line, ' ');
	if (!http_is_token(&r->method) || !http_is_plain(&r->uri) ||
	    !http_is_version(&line, &r->minor))
		return 400;
	r->connect = r->method.len == 7 &&
	    memcmp(r->method.at, "CONNECT", 7) == 0;
	if (r->connect ? !http_authority(r, &r->uri, 0) : !http_uri(r))
		return 400;
	return !ncat || http_method_is_known(&r->method) ? 0 : 405;
}

/* Takes a field that says how the body ends, or who asks. */
static int
http_request_field(struct http_request *r, const struct http_field *f)
{
	if (http_text_is(&f->name, "Content-Length")) {
		if (r->body != HTTP_BODY_NONE || r->has_length ||
		    !http_length(&f->value, &r->length))
			return 400;
		r->has_length = true;
		r->body = HTTP_BODY_LENGTH;
	} else if (http_text_is(&f->name, "Transfer-Encoding")) {
		if (r->body != HTTP_BODY_NONE || r->minor == 0)
			return 400;
		if (!http_text_is(&f->value, "chunked"))
			return 501;
		r->body = HTTP_BODY_CHUNKED;
	} else if (http_text_is(&f->name, "Proxy-Authorization")) {
		if (r->login.at != NULL)
			return 400;
		r->login = f->value;
	}
	return 0;
}

int
http_request_parse(struct http_request *r, char *head, size_t n, bool ncat)
{
	struct http_text line, rest;
	struct http_named named;
	struct http_field f;
	int code;

	memset(r, 0, sizeof(*r));
	if (!http_head_open(head, n, &line, &r->fields))
		return 400;
	if (line.len > HTTP_LINE_MAX)
		return 414;
	if ((code = http_request_line(r, line, ncat)) != 0)
		return code;
	for (rest = r->fields; rest.len > 0;) {
		if (!http_field_next(&rest, &f))
			return 400;
		if ((code = http_request_field(r, &f)) != 0)
			return code;
	}
	if (!http_named_read(&named, r->fields))
		return 431;
	/* ncat wants a length of each POST, and knows no chunks. */
	return ncat && !r->connect && (r->body == HTTP_BODY_CHUNKED ||
	    (!r->has_length && http_text_is(&r->method, "POST"))) ? 400 : 0;
}

/* Whether two paths are equal; no path is the path "/". */
static bool
http_path_is(const struct http_text *a, const struct http_text *b)
{
	size_t i = a->len > 0 && *a->at == '/';
	size_t k = b->len > 0 && *b->at == '/';

	return a->len - i == b->len - k && (a->len == i ||
	    memcmp(a->at + i, b->at + k, a->len - i) == 0);
}

bool
http_request_is_for(const struct http_request *r, const char *uri)
{
	struct http_request named = { .uri = { uri, strlen(uri) } };

	if (!r->connect && *uri == '/')
		return http_path_is(&named.uri, &r->path);
	if (r->connect ? !http_authority(&named, &named.uri, 0) :
	    !http_uri(&named))
		return false;
	return strcasecmp(named.host, r->host) == 0 &&
	    named.port == r->port && http_path_is(&named.path, &r->path);
}

void
http_request_rewrite(const struct http_request *r, unsigned minor,
    struct buf *out)
{
	bool star = http_text_is(&r->method, "OPTIONS") && r->path.len == 0;

	buf_add(out, r->method.at, r->method.len);
	/* RFC 9112, section 3.2.4: OPTIONS of the server itself. */
	buf_str(out, star ? " *" : r->path.len == 0 || *r->path.at == '?' ?
	    " /" : " ");
	buf_add(out, r->path.at, r->path.len);
	buf_fmt(out, " HTTP/1.%u\r\nHost: ", minor);
	buf_add(out, r->authority.at, r->authority.len);
	buf_str(out, "\r\n");
	(void)http_fields_pass(&r->fields, false, out);
	buf_str(out, "Connection: close\r\n\r\n");
}

/* ---- Answers of targets ------------------------------------------------- */

bool
http_reply_rewrite(const struct http_reply *r, unsigned minor,
    struct buf *out)
{
	bool fit;

	buf_fmt(out, "HTTP/1.%u ", minor);
	buf_add(out, r->status.at, r->status.len);
	buf_str(out, "\r\n");
	fit = http_fields_pass(&r->fields, true, out);
	if (r->code >= 200)
		buf_str(out, "Connection: close\r\n");
	buf_str(out, "\r\n");
	return fit;
}

/* ---- Answers of the proxy ----------------------------------------------- */

/* The states, and those that ncat answers in their place. */
static const struct http_state {
	int		 code, ncat;
	const char	*reason;
} http_states[] = {
	{ 200, 200, "OK" }, { 400, 400, "Bad Request" },
	{ 403, 403, "Forbidden" }, { 405, 405, "Method Not Allowed" },
	{ 407, 407, "Proxy Authentication Required" },
	{ 408, 408, "Request Timeout" },
	{ 413, 413, "Request Entity Too Large" },
	{ 414, 413, "URI Too Long" },
	{ 431, 413, "Request Header Fields Too Large" },
	{ 501, 400, "Not Implemented" }, { 502, 504, "Bad Gateway" },
	{ 503, 504, "Service Unavailable" }, { 504, 504, "Gateway Timeout" },
	{ 0, 500, "Internal Server Error" }
};

static const struct http_state *
http_state_of(int code)
{
	const struct http_state *s = http_states;

	while (s->code != code && s->code != 0)
		s++;
	return s;
}

const char *
http_reason(int code)
{
	return http_state_of(code)->reason;
}

void
http_add_text(struct buf *out, const char *why)
{
	buf_str(out, "Content-Type: text/plain; charset=utf-8\r\n");
	buf_fmt(out, "Content-Length: %zu\r\n", strlen(why) + 1);
	buf_str(out, "Connection: close\r\n\r\n");
	buf_str(out, why);
	buf_str(out, "\n");
}

void
http_answer(struct buf *out, int code, const char *why, bool ncat)
{
	if (ncat)
		code = http_state_of(code)->ncat;
	buf_fmt(out, "HTTP/1.0 %d %s\r\n", code, http_reason(code));
	if (code == 405)
		buf_str(out, "Allow: CONNECT, GET, HEAD, POST\r\n");
	if (ncat || why == NULL) {
		buf_str(out, "\r\n");
		return;
	}
	http_add_text(out, why);
}

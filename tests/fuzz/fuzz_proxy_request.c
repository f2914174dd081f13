/*
 * Whatever a client sends to a proxy server: what is understood does not
 * depend on how it was split, the header that a target gets is a header of one
 * request, and no byte follows its body.
 */
#include <string.h>

#include "fuzz.h"
#include "serve/proxy_http.h"
#include "serve/proxy_socks.h"

/* The header of a target: lines that end in CR LF, and one empty line. */
static void
check_header(const struct buf *b)
{
	const char *s = buf_data(b), *end;
	size_t n = b->used;

	FUZZ_CHECK(memchr(s, '\0', n) == NULL);
	for (;;) {
		end = memchr(s, '\n', n);
		FUZZ_CHECK(end != NULL && end > s && end[-1] == '\r');
		FUZZ_CHECK(memchr(s, '\r', (size_t)(end - s)) == end - 1);
		if (end == s + 1)
			break;
		FUZZ_CHECK(*s != ' ' && *s != '\t');
		n -= (size_t)(end + 1 - s);
		s = end + 1;
	}
	FUZZ_CHECK(n == 2);
}

static void
check_body(const struct http_request *r, const char *s, size_t n, size_t cut)
{
	struct http_body one, two;
	size_t whole, got;

	http_body_init(&one, r->body, r->length);
	http_body_init(&two, r->body, r->length);
	whole = http_body_take(&one, s, n);
	FUZZ_CHECK(whole <= n);
	FUZZ_CHECK(whole == n || one.done || one.bad);
	cut = n == 0 ? 0 : cut % n;
	got = http_body_take(&two, s, cut);
	if (got == cut)
		got += http_body_take(&two, s + cut, n - cut);
	FUZZ_CHECK(got == whole);
	FUZZ_CHECK(one.done == two.done && one.bad == two.bad);
	FUZZ_CHECK(!one.done || !one.bad);
	FUZZ_CHECK(http_body_take(&one, s, n) == 0 || whole == n);
}

static void
check_http(char *s, size_t n, bool ncat, size_t cut)
{
	struct http_request r, again;
	struct buf out = { .mem = NULL };
	size_t seen = 0, late = 0, head = http_head_end(s, n, &seen);

	cut = n == 0 ? 0 : cut % n;
	if (http_head_end(s, cut, &late) == 0)
		FUZZ_CHECK(http_head_end(s, n, &late) == head);
	if (head == 0 || http_request_parse(&r, s, head, ncat) != 0)
		return;
	FUZZ_CHECK(r.port > 0 && r.port < 65536);
	FUZZ_CHECK(strlen(r.host) > 0 && strpbrk(r.host, " \r\n/@") == NULL);
	if (r.connect)
		return;
	http_request_rewrite(&r, r.minor, &out);
	check_header(&out);
	check_body(&r, s + head, n - head, cut);
	/* A request for the path alone is not one for a proxy. */
	FUZZ_CHECK(http_request_parse(&again, out.mem, out.used, ncat) != 0);
	buf_free(&out);
}

static void
check_reply(char *s, size_t n)
{
	struct http_reply r;
	struct buf out = { .mem = NULL };
	size_t seen = 0, head = http_head_end(s, n, &seen);

	if (head == 0 || !http_reply_parse(&r, s, head, false))
		return;
	if (http_reply_rewrite(&r, 1, &out)) {
		check_header(&out);
		FUZZ_CHECK(http_reply_parse(&r, out.mem, out.used, true));
	}
	buf_free(&out);
}

static void
check_socks(const uint8_t *s, size_t n)
{
	static int (*const readers[])(struct socks_request *,
	    const unsigned char *, size_t) = { socks4_request,
	    socks5_request, socks5_datagram };
	struct socks_request r;
	struct socks_login l;
	enum socks_method m;
	int len;

	for (size_t i = 0; i < 3; i++) {
		len = readers[i](&r, s, n);
		FUZZ_CHECK(len >= SOCKS_BAD && len <= (int)n);
		if (len <= 0 || i == 2)
			continue;
		for (int k = 0; k < len && !r.no_type; k++)
			FUZZ_CHECK(readers[i](&r, s, (size_t)k) ==
			    SOCKS_MORE);
	}
	len = socks5_login(&l, s, n);
	FUZZ_CHECK(len <= (int)n);
	len = socks5_greeting(s, n, true, &m);
	FUZZ_CHECK(len <= (int)n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[16384];

	if (size < 2 || size > sizeof(text))
		return 0;
	memcpy(text, data + 2, size - 2);
	check_http(text, size - 2, data[0] & 1, data[1]);
	memcpy(text, data + 2, size - 2);
	check_reply(text, size - 2);
	check_socks(data + 2, size - 2);
	return 0;
}

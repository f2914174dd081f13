/*
 * Requests to a proxy server, the answers of targets, and their filters.
 */
#include "serve/proxy_http.h"
#include "unit.h"

static struct http_request	r;

/* Parses a header that has to be whole. */
static int
parse(const char *s, bool ncat)
{
	static char head[HTTP_HEAD_MAX + 1];
	size_t seen = 0;

	(void)strlcpy(head, s, sizeof(head));
	CHECK_INT(http_head_end(s, strlen(s), &seen), strlen(s));
	return http_request_parse(&r, head, strlen(s), ncat);
}

#define GOOD(s)		CHECK_INT(parse((s), false), 0)
#define BAD(s, code)	CHECK_INT(parse((s), false), code)

static bool
text_is(const struct http_text *t, const char *s)
{
	return t->len == strlen(s) && memcmp(t->at, s, t->len) == 0;
}

static void
check_rewritten(const char *head, const char *want)
{
	struct buf out = { .mem = NULL };

	GOOD(head);
	http_request_rewrite(&r, r.minor, &out);
	buf_add(&out, "", 1);
	CHECK_STR(buf_data(&out), want);
	buf_free(&out);
}

TEST(the_end_of_a_header_is_found_at_every_split)
{
	static const char *const heads[] = { "G\r\n\r\n", "G\n\n",
	    "G\r\nA: b\r\n\r\n", "G\nA: b\r\n\n", "\r\n\r\n" };
	static const char rest[] = "\r\n\r\nX";
	char text[64];

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		for (size_t cut = 0; cut <= strlen(heads[i]); cut++) {
			size_t seen = 0, whole = strlen(heads[i]), got;

			snprintf(text, sizeof(text), "%s%s", heads[i], rest);
			got = http_head_end(text, cut, &seen);
			CHECK_INT(got, cut == whole ? whole : 0);
			CHECK_INT(http_head_end(text, strlen(text), &seen),
			    whole);
		}
}

TEST(each_byte_of_a_header_may_come_alone)
{
	static const char head[] = "GET http://h/ HTTP/1.1\r\nA: b\r\n\r\n";
	size_t seen = 0;

	for (size_t n = 0; n < sizeof(head) - 1; n++)
		CHECK_INT(http_head_end(head, n, &seen), 0);
	CHECK_INT(http_head_end(head, sizeof(head) - 1, &seen),
	    sizeof(head) - 1);
}

TEST(CONNECT_has_a_host_and_a_port)
{
	GOOD("CONNECT h.example:443 HTTP/1.1\r\n\r\n");
	CHECK(r.connect);
	CHECK_STR(r.host, "h.example");
	CHECK_INT(r.port, 443);
	GOOD("CONNECT [2001:db8::1]:65535 HTTP/1.0\n\n");
	CHECK_STR(r.host, "2001:db8::1");
	CHECK_INT(r.port, 65535);
	GOOD("CONNECT ::1:80 HTTP/1.0\r\n\r\n");
	CHECK_STR(r.host, "::1");
	BAD("CONNECT h HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h: HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h:0 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h:65536 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h:080000 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h:+80 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT :80 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT [::1] HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT [::1:80 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT [::1]80 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT http://h/ HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT u@h:80 HTTP/1.0\r\n\r\n", 400);
	BAD("CONNECT h:80\r\n\r\n", 400);
	BAD("connect h:80 HTTP/1.0\r\n\r\n", 400);
}

TEST(a_URI_is_cut_into_host_port_and_path)
{
	GOOD("GET http://h HTTP/1.1\r\n\r\n");
	CHECK_STR(r.host, "h");
	CHECK_INT(r.port, 80);
	CHECK_INT(r.path.len, 0);
	GOOD("GET HTTP://h:8080/a?b#c HTTP/1.1\r\n\r\n");
	CHECK_INT(r.port, 8080);
	CHECK(text_is(&r.path, "/a?b"));
	CHECK(text_is(&r.authority, "h:8080"));
	GOOD("GET http://h:/ HTTP/1.1\r\n\r\n");
	CHECK_INT(r.port, 80);
	GOOD("PURGE http://[::1]:81?q HTTP/1.1\r\n\r\n");
	CHECK_STR(r.host, "::1");
	CHECK(text_is(&r.path, "?q"));
	BAD("GET / HTTP/1.1\r\n\r\n", 400);
	BAD("GET https://h/ HTTP/1.1\r\n\r\n", 400);
	BAD("GET http:/// HTTP/1.1\r\n\r\n", 400);
	BAD("GET http://u:p@h/ HTTP/1.1\r\n\r\n", 400);
	BAD("GET http://h:x/ HTTP/1.1\r\n\r\n", 400);
}

TEST(odd_request_lines_are_refused)
{
	BAD("GET  http://h/ HTTP/1.1\r\n\r\n", 400);
	BAD(" GET http://h/ HTTP/1.1\r\n\r\n", 400);
	BAD("GET http://h/ HTTP/1.1 \r\n\r\n", 400);
	BAD("GET http://h/ HTTP/2.0\r\n\r\n", 400);
	BAD("GET http://h/\r\n\r\n", 400);
	BAD("G(T http://h/ HTTP/1.1\r\n\r\n", 400);
	BAD("GET http://h/\x7f HTTP/1.1\r\n\r\n", 400);
	BAD("GET\thttp://h/ HTTP/1.1\r\n\r\n", 400);
}

#define FIELDS(f)	"POST http://h/ HTTP/1.1\r\n" f "\r\n"

TEST(what_two_servers_read_in_two_ways_is_refused)
{
	static char nul[] = FIELDS("A: b\0c\r\n");

	BAD(FIELDS("Content-Length: 1\r\nContent-Length: 2\r\n"), 400);
	BAD(FIELDS("Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
	BAD(FIELDS("Content-Length: 1, 1\r\n"), 400);
	BAD(FIELDS("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
	    400);
	BAD(FIELDS("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
	    400);
	BAD(FIELDS("Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n"), 400);
	BAD(FIELDS("Transfer-Encoding: gzip, chunked\r\n"), 501);
	BAD(FIELDS("Transfer-Encoding: identity\r\n"), 501);
	BAD("POST http://h/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400);
	BAD(FIELDS("Content-Length: -1\r\n"), 400);
	BAD(FIELDS("Content-Length: +1\r\n"), 400);
	BAD(FIELDS("Content-Length: 0x1\r\n"), 400);
	BAD(FIELDS("Content-Length:\r\n"), 400);
	BAD(FIELDS("Content-Length: 99999999999999999999\r\n"), 400);
	BAD(FIELDS("Content-Length : 1\r\n"), 400);
	BAD(FIELDS("Content-Length: 1\r\n 2\r\n"), 400);
	BAD(FIELDS("Content-Length\r\n : 2\r\n"), 400);
	BAD(FIELDS("A: b\r\r\n c\r\n"), 400);
	BAD(FIELDS(" A: b\r\n"), 400);
	BAD(FIELDS("A: b\rc\r\n"), 400);
	BAD(FIELDS("A: b\r\r\n"), 400);
	BAD(FIELDS("no colon\r\n"), 400);
	BAD(FIELDS(": b\r\n"), 400);
	BAD(FIELDS("Proxy-Authorization: x\r\nProxy-Authorization: y\r\n"),
	    400);
	CHECK_INT(http_request_parse(&r, nul, sizeof(nul) - 1, false), 400);
	GOOD(FIELDS("Content-Length: 18446744\r\n"));
	CHECK_INT(r.body, HTTP_BODY_LENGTH);
	CHECK_INT(r.length, 18446744);
	GOOD(FIELDS("Transfer-Encoding: Chunked\r\n"));
	CHECK_INT(r.body, HTTP_BODY_CHUNKED);
}

TEST(ncat_knows_four_methods_and_no_chunks)
{
	CHECK_INT(parse("PUT http://h/ HTTP/1.0\r\n\r\n", true), 405);
	CHECK_INT(parse("get http://h/ HTTP/1.0\r\n\r\n", true), 405);
	CHECK_INT(parse("FOO / HTTP/1.0\r\n\r\n", true), 400);
	CHECK_INT(parse("HEAD http://h/ HTTP/1.0\r\n\r\n", true), 0);
	CHECK_INT(parse("POST http://h/ HTTP/1.0\r\n\r\n", true), 400);
	CHECK_INT(parse(FIELDS("Transfer-Encoding: chunked\r\n"), true), 400);
	CHECK_INT(parse(FIELDS("Content-Length: 0\r\n"), true), 0);
}

TEST(the_target_gets_a_header_without_the_proxys_fields)
{
	check_rewritten("GET http://h:81/a?b#c HTTP/1.1\r\n"
	    "Host: other\r\nAccept:  */* \r\nProxy-Connection: keep-alive\r\n"
	    "Connection: keep-alive, X-One , content-length\r\nX-One: 1\r\n"
	    "Keep-Alive: 9\r\nTE: trailers\r\nUpgrade: h2c\r\n"
	    "Proxy-Authorization: Basic eA==\r\nContent-Length: 3\r\n"
	    "X-Two: 2\r\n\r\n",
	    "GET /a?b HTTP/1.1\r\nHost: h:81\r\nAccept: */*\r\n"
	    "Content-Length: 3\r\nX-Two: 2\r\nConnection: close\r\n\r\n");
	check_rewritten("GET http://h?q HTTP/1.0\n\n",
	    "GET /?q HTTP/1.0\r\nHost: h\r\nConnection: close\r\n\r\n");
	check_rewritten("OPTIONS http://h HTTP/1.1\r\n\r\n",
	    "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

TEST(folded_lines_are_unfolded)
{
	check_rewritten("GET http://h/ HTTP/1.1\r\nA: b\r\n\tc\n  d\r\n"
	    "Connection:\r\n B\r\nB: 1\r\nC:\r\n \r\n \r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: h\r\nA: b   c   d\r\nC: \r\n"
	    "Connection: close\r\n\r\n");
	GOOD(FIELDS("Transfer-Encoding:\r\n chunked\r\n"));
	CHECK_INT(r.body, HTTP_BODY_CHUNKED);
	GOOD(FIELDS("Proxy-Authorization: Basic\r\n\t eA==\r\n"));
	CHECK(text_is(&r.login, "Basic    eA=="));
	/* A line of blanks alone is folded, too. */
	GOOD(FIELDS("Proxy-Authorization: Basic\t\r\n\t \t\r\n eA==\r\n"));
	CHECK(text_is(&r.login, "Basic         eA=="));
	BAD("GET http://h/ HTTP/1.1\r\n A: b\r\n\r\n", 400);
}

TEST(a_header_has_a_hundred_fields_at_most_and_so_many_names_in_Connection)
{
	char head[4096];
	size_t n;

	for (int fields = 99; fields <= 101; fields++) {
		n = (size_t)snprintf(head, sizeof(head),
		    "GET http://h/ HTTP/1.1\r\n");
		for (int i = 0; i < fields; i++)
			n += (size_t)snprintf(head + n, sizeof(head) - n,
			    "A%d: b\r\n", i);
		(void)strlcpy(head + n, "\r\n", sizeof(head) - n);
		CHECK_INT(parse(head, false), fields > HTTP_FIELDS_MAX ? 431 :
		    0);
		n = (size_t)snprintf(head, sizeof(head),
		    "GET http://h/ HTTP/1.1\r\nConnection:");
		for (int i = 0; i < fields; i++)
			n += (size_t)snprintf(head + n, sizeof(head) - n,
			    " A%d,,", i);
		(void)strlcpy(head + n, "\r\n\r\n", sizeof(head) - n);
		CHECK_INT(parse(head, false), fields > HTTP_FIELDS_MAX ? 431 :
		    0);
	}
}

static void
check_is_for(const char *uris, bool want)
{
	for (; *uris != '\0'; uris += strlen(uris) + 1) {
		if (http_request_is_for(&r, uris) != want)
			printf("%s\n", uris);
		CHECK(http_request_is_for(&r, uris) == want);
	}
}

/* What curl, Firefox, Chrome and Java put into the uri of Digest. */
TEST(the_uri_of_Digest_has_to_name_what_is_requested)
{
	GOOD("CONNECT Host.example:443 HTTP/1.1\r\n\r\n");
	check_is_for("Host.example:443\0host.example:443\0", true);
	check_is_for("host.example:80\0other.example:443\0host.example\0"
	    "/\0http://host.example:443/\0*\0", false);
	GOOD("CONNECT [::1]:443 HTTP/1.1\r\n\r\n");
	check_is_for("[::1]:443\0::1:443\0", true);
	GOOD("GET http://h:81/a?b HTTP/1.1\r\n\r\n");
	check_is_for("/a?b\0http://h:81/a?b\0HTTP://H:81/a?b#c\0", true);
	check_is_for("/a\0/\0/a?c\0a?b\0?b\0//a?b\0http://h/a?b\0"
	    "http://g:81/a?b\0http://h:81/\0h:81\0*\0", false);
	CHECK(!http_request_is_for(&r, ""));
	GOOD("GET http://h HTTP/1.1\r\n\r\n");
	check_is_for("/\0http://h\0http://h/\0http://h:80/\0", true);
}

/* Gives a body in two pieces; returns the bytes that belong to it. */
static size_t
take(const char *s, size_t cut, enum http_body_kind kind, uint64_t length,
    struct http_body *b)
{
	size_t n;

	http_body_init(b, kind, length);
	n = http_body_take(b, s, cut);
	return n < cut ? n : n + http_body_take(b, s + n, strlen(s) - n);
}

TEST(a_body_ends_where_it_says_at_every_split)
{
	static const struct {
		const char	*text;
		size_t		 len;
		bool		 done, bad;
	} bodies[] = {
		{ "5\r\nhello\r\n0\r\n\r\nGET", 15, true, false },
		{ "a;x=\"y\"\r\n0123456789\r\n00\r\nT: u\r\n\r\n+", 33,
		    true, false },
		{ "5\r\nhel", 6, false, false },
		{ "5\nhello", 1, false, true },
		{ "5\r\nhelloX", 8, false, true },
		{ "\r\n", 0, false, true },
		{ "-1\r\n", 0, false, true },
		{ "fffffffffffffffff\r\n", 15, false, true },
		{ "0\r\n\r\r", 4, false, true },
		{ "0\r\nT: u\n\r\n", 7, false, true },
		{ "1;a\nb\r\n", 3, false, true },
	};
	struct http_body b;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t cut = 0; cut <= strlen(bodies[i].text); cut++) {
			CHECK_INT(take(bodies[i].text, cut,
			    HTTP_BODY_CHUNKED, 0, &b), bodies[i].len);
			CHECK_INT(b.done, bodies[i].done);
			CHECK_INT(b.bad, bodies[i].bad);
		}
	CHECK_INT(take("hello!", 3, HTTP_BODY_LENGTH, 5, &b), 5);
	CHECK(b.done);
	CHECK_INT(take("hello!", 0, HTTP_BODY_NONE, 0, &b), 0);
	CHECK(b.done);
}

/* Pushes a text byte by byte, and gives what came out, as a string. */
static const char *
through(struct filter *f, const char *s, bool last)
{
	static char text[1024];
	struct iovec iov[2];
	struct ring ring;
	size_t n = 0;
	int cnt;

	ring_init(&ring, 8);
	for (;;) {
		if (!filter_more(f) && *s == '\0')
			break;
		if (filter_more(f))
			f->ops->push(f, NULL, 0, false, &ring);
		else
			f->ops->push(f, (const unsigned char *)s++, 1, false,
			    &ring);
		cnt = ring_data(&ring, iov, ring_used(&ring));
		for (int i = 0; i < cnt; i++) {
			memcpy(text + n, iov[i].iov_base, iov[i].iov_len);
			n += iov[i].iov_len;
		}
		ring_take(&ring, ring_used(&ring));
	}
	ring_free(&ring);
	if (last)
		CHECK_INT(filter_held(f), 0);
	text[n] = '\0';
	return text;
}

TEST(only_one_request_passes)
{
	struct buf header = { .mem = NULL }, early = { .mem = NULL };
	struct http_request q = { .body = HTTP_BODY_LENGTH, .length = 5 };
	struct filter *f;

	buf_str(&header, "HEADER\r\n\r\n");
	buf_str(&early, "he");
	f = filter_http_request(&q, &header, &early);
	CHECK_STR(through(f, "lloGET / HTTP/1.1\r\n\r\n", true),
	    "HEADER\r\n\r\nhello");
	CHECK(filter_fault(f) == NULL);
	filter_free(f);
}

TEST(bad_chunks_are_a_fault)
{
	struct buf header = { .mem = NULL }, early = { .mem = NULL };
	struct http_request q = { .body = HTTP_BODY_CHUNKED };
	struct filter *f;

	buf_str(&header, "H");
	f = filter_http_request(&q, &header, &early);
	CHECK_STR(through(f, "2\r\nab\r\nx", true), "H2\r\nab\r\n");
	CHECK(filter_fault(f) != NULL);
	filter_free(f);
}

TEST(the_client_gets_one_answer_and_is_told_that_it_is_the_last)
{
	struct filter *f = filter_http_reply(1, false, false);

	CHECK_STR(through(f, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine"
	    "\r\nConnection: keep-alive, X\r\nX: 1\r\nHost: y\r\n"
	    "Keep-Alive: 3\r\nContent-Length: 2\r\n\r\nok\r\n\r\n", true),
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine\r\nHost: y\r\n"
	    "Content-Length: 2\r\nConnection: close\r\n\r\nok");
	CHECK(filter_over(f));
	filter_free(f);
	f = filter_http_reply(1, true, false);
	CHECK_STR(through(f, "HTTP/1.1 200 F\r\nContent-Length: 2\r\n\r\nok",
	    true), "HTTP/1.1 200 F\r\nContent-Length: 2\r\n"
	    "Connection: close\r\n\r\n");
	CHECK(filter_over(f));
	filter_free(f);
	f = filter_http_reply(1, false, false);
	CHECK_STR(through(f, "HTTP/1.0 200 F\r\n\r\nall", true),
	    "HTTP/1.1 200 F\r\nConnection: close\r\n\r\nall");
	CHECK(!filter_over(f));
	filter_free(f);
	f = filter_http_reply(0, false, true);
	CHECK_STR(through(f, "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 N\r\n\r\n",
	    true), "HTTP/1.0 204 N\r\nConnection: close\r\n\r\n");
	filter_free(f);
	f = filter_http_reply(0, false, true);
	CHECK_STR(through(f, "SSH-2.0-x\r\n\r\nmore", true),
	    "HTTP/1.0 504 Gateway Timeout\r\n\r\n");
	filter_free(f);
}

TEST(an_answer_that_breaks_off_becomes_an_error)
{
	struct filter *f = filter_http_reply(1, false, true);
	struct ring ring;

	ring_init(&ring, 4096);
	f->ops->push(f, (const unsigned char *)"HTTP/1.1 2", 10, false, &ring);
	CHECK_INT(ring_used(&ring), 0);
	CHECK_INT(filter_held(f), 10);
	f->ops->push(f, NULL, 0, true, &ring);
	CHECK_INT(ring_used(&ring), strlen("HTTP/1.0 504 Gateway "
	    "Timeout\r\n\r\n"));
	ring_free(&ring);
	filter_free(f);
}

#include "layer/layer_http.h"
#include "proxy_fake.h"
#include "unit.h"

#define ASK	"CONNECT h:80 HTTP/1.0\r\n\r\n"
#define ASK_JOE	"CONNECT h:80 HTTP/1.0\r\n"				\
		"Proxy-Authorization: Basic am9lOnB3\r\n\r\n"
#define BASIC	"Proxy-Authenticate: Basic realm=\"x\"\r\n"
#define YES	"HTTP/1.1 200 ok\r\n\r\n"

static struct proxy_fake	fake;
static struct layer_http	http;
static struct http_challenge	challenge;
static struct proxy_login	login;
static struct proxy_request		request;
static struct error		err;

static void
for_host(const char *host)
{
	http_challenge_free(&challenge);
	login = (struct proxy_login){ .user = NULL };
	request = (struct proxy_request){ .kind = PROXY_HTTP, .host = host,
	    .port = 80, .login = &login };
}

static void
for_joe(void)
{
	for_host("h");
	login = (struct proxy_login){ "joe", 3, "pw", false };
}

static void
set_up(const char *text, size_t len)
{
	fake_begin(&fake, text, len);
	memset(&err, 0, sizeof(err));
	layer_http_init(&http, &fake.layer, &request, &challenge, &err);
}

static enum io
go(void)
{
	enum io io = fake_run(&fake, &http.layer);

	http.layer.ops->close(&http.layer);
	return io;
}

static enum io
run(const char *text, size_t len)
{
	set_up(text, len);
	return go();
}

#define RUN(text)	run(text, sizeof(text) - 1)

static void
every_split(const char *reply, size_t len, size_t mine, size_t first,
    const char *told, size_t ntold)
{
	size_t cut, piece;
	int lazy;

	for (cut = 0; cut <= len; cut++)
		for (piece = 0; piece < 3; piece++)
			for (lazy = 0; lazy < 2; lazy++) {
				http_challenge_free(&challenge);
				set_up(reply, len);
				fake.cut = cut;
				fake.piece = piece;
				fake.lazy = lazy != 0;
				fake.after = first;
				CHECK_INT(go(), IO_OK);
				CHECK_INT(fake.at, mine);
				CHECK(fake_was_told(&fake, told, ntold));
			}
}

#define EVERY_SPLIT(reply, payload, told)				\
	every_split(reply payload, sizeof(reply payload) - 1,		\
	    sizeof(reply) - 1, 1, told, sizeof(told) - 1)

TEST(the_header_is_taken_and_not_a_byte_more)
{
	for_host("h");
	EVERY_SPLIT("HTTP/1.0 200 OK\r\n\r\n", "hello", ASK);
	EVERY_SPLIT("HTTP/1.1 200\nA: b\n\n", "\n\nhello\r\n\r\n", ASK);
	EVERY_SPLIT("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 407 no\r\n\r\n",
	    ASK);
	CHECK_INT(RUN(YES), IO_OK);
	CHECK_INT(fake.writes, 1);
}

TEST(addresses_of_IPv6_stand_in_brackets)
{
	for_host("::1");
	CHECK_INT(RUN(YES), IO_OK);
	TOLD(&fake, "CONNECT [::1]:80 HTTP/1.0\r\n\r\n");
}

TEST(a_reply_before_the_reply_is_passed_over)
{
	for_host("h");
	EVERY_SPLIT("HTTP/1.1 100 Continue\r\n\r\n" YES, "hello", ASK);
}

TEST(a_refusal_is_told_in_its_own_words)
{
	for_host("h");
	CHECK_INT(RUN("HTTP/1.0 403 For\tbidden\r\nA: b\r\n\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_STATUS);
	CHECK_INT(err.proxy.code, 403);
	CHECK_STR(err.why, "HTTP/1.0 403 For\tbidden");
	CHECK_INT(RUN("HTTP/1.0 201 Created\r\n\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.code, 201);
	request.any_2xx = true;
	CHECK_INT(RUN("HTTP/1.0 201 Created\r\n\r\n"), IO_OK);
	CHECK_INT(RUN("HTTP/1.0 301 Moved\r\n\r\n"), IO_FAIL);
}

TEST(what_is_no_status_has_no_code)
{
	static const char *const bad[] = { "\n", "garbage\n\n", "HTTP/1.\n\n",
	    "HTTP/1.1\n\n", "HTTP/1.1 20\n\n", "HTTP/1.1 2000 x\n\n",
	    "HTTP/2 200 x\n\n", "HTTP/1.1  200 x\n\n", "http/1.1 200\n\n",
	    "\5\1\n\n", "HTTP/1.1 -200\n\n" };
	size_t i;

	for_host("h");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(run(bad[i], strlen(bad[i])), IO_FAIL);
		CHECK_INT(err.proxy.fault, PROXY_STATUS);
		CHECK_INT(err.proxy.code, 0);
	}
	CHECK_INT(RUN("HTTP/1.1 200\0\n\nX"), IO_OK);
	/* It will say no more. */
	CHECK_INT(RUN("SSH-2.0-OpenSSH\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_STATUS);
	CHECK_STR(err.why, "SSH-2.0-OpenSSH");
}

TEST(an_end_midway_is_an_error_wherever_it_comes)
{
	size_t n;

	for_host("h");
	for (n = 0; n < sizeof(YES) - 1; n++) {
		CHECK_INT(run(YES, n), IO_FAIL);
		CHECK_INT(err.proxy.fault, PROXY_READ);
		CHECK_INT(err.num, 0);
	}
	set_up("", 0);
	fake.num = ECONNRESET;
	CHECK_INT(go(), IO_FAIL);
	CHECK_INT(err.num, ECONNRESET);
}

TEST(a_header_without_end_is_cut_off)
{
	size_t len = (size_t)1 << 20;
	char *flood = malloc(len);

	memset(flood, 'x', len);
	for_host("h");
	CHECK_INT(run(flood, len), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_LONG);
	CHECK_INT(fake.at, HTTP_REPLY_MAX);
	/* Replies before the reply do not help. */
	memset(flood, '\n', len);
	memcpy(flood, "HTTP/1.1 100\n\n", 14);
	for (size_t i = 0; i + 14 <= len; i += 14)
		memcpy(flood + i, "HTTP/1.1 100\n\n", 14);
	CHECK_INT(run(flood, len), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_LONG);
	CHECK(fake.at <= HTTP_REPLY_MAX);
	free(flood);
}

/* The first request, and when that is refused the second one. */
#define BOTH(reply, payload)						\
	every_split(reply YES payload, sizeof(reply YES payload) - 1,	\
	    sizeof(reply YES) - 1, sizeof(ASK) - 1, ASK ASK_JOE,	\
	    sizeof(ASK ASK_JOE) - 1)

TEST(a_kept_connection_is_asked_again)
{
	for_joe();
	BOTH("HTTP/1.1 407 who\r\n" BASIC "Content-Length: 5\r\n\r\nhello",
	    "HTTP");
	BOTH("HTTP/1.1 407 who\r\n" BASIC "Content-Length: 0\r\n\r\n", "x");
	BOTH("HTTP/1.0 407 who\nproxy-connection: x, Keep-Alive\n" BASIC
	    "content-length:3\n\nabc", "hello");
	BOTH("HTTP/1.1 407 who\r\nTransfer-Encoding: gzip, chunked\r\n" BASIC
	    "\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
	    "hello");
	BOTH("HTTP/1.1 407 who\r\nTransfer-Encoding: chunked\r\n" BASIC
	    "\r\n0\r\n\r\n", "0\r\n\r\n");
}

TEST(folded_lines_are_unfolded)
{
	for_joe();
	BOTH("HTTP/1.1 407 who\r\nProxy-Authenticate:\r\n Basic\n\trealm="
	    "\"x\"\r\nTransfer-Encoding: gzip,\r\n chunked\r\n\r\n0\r\n"
	    "\r\n", "x");
}

TEST(a_connection_that_ends_is_asked_anew)
{
	static const char *const ends[] = {
		"HTTP/1.0 407 who\r\n" BASIC "Content-Length: 0\r\n\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "Connection: close\r\n"
		    "Content-Length: 0\r\n\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "Content-Length: 99999999\r\n"
		    "\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "Content-Length: -1\r\n\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "Content-Length: 1x\r\n\r\n",
		"HTTP/1.1 407 who\r\n" BASIC "Content-Length: "
		    "99999999999999999999999\r\n\r\n",
		/* ... or was kept, and closed all the same. */
		"HTTP/1.1 407 who\r\n" BASIC "Content-Length: 0\r\n\r\n",
	};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		for_joe();
		CHECK_INT(run(ends[i], strlen(ends[i])), IO_FAIL);
		CHECK_INT(err.proxy.fault, PROXY_AGAIN);
		CHECK_INT(challenge.scheme, HTTP_BASIC);
		/* Over the new one it is said at once. */
		CHECK_INT(RUN(YES "x"), IO_OK);
		TOLD(&fake, ASK_JOE);
		CHECK_INT(fake.writes, 1);
	}
}

TEST(a_body_without_end_is_left)
{
	static const char head[] = "HTTP/1.1 407 who\r\n" BASIC
	    "Transfer-Encoding: chunked\r\n\r\nffffffffffffff\r\n";
	size_t len = (size_t)1 << 20;
	char *flood = malloc(len);

	memset(flood, 'x', len);
	memcpy(flood, head, sizeof(head) - 1);
	for_joe();
	CHECK_INT(run(flood, len), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_AGAIN);
	CHECK_INT(fake.at, HTTP_REPLY_MAX);
	free(flood);
}

TEST(who_was_told_and_says_no_has_said_no)
{
	for_joe();
	CHECK_INT(RUN("HTTP/1.1 407 who\r\n" BASIC "Content-Length: 0\r\n\r\n"
	    "HTTP/1.1 407 no\r\n" BASIC "\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_DENIED);
	CHECK_INT(err.proxy.code, 407);
	CHECK_STR(err.why, "HTTP/1.1 407 no");
	TOLD(&fake, ASK ASK_JOE);
}

#define STALE	"HTTP/1.1 407 who\r\nContent-Length: 0\r\n"		\
		"Proxy-Authenticate: Digest realm=r, nonce=n, "		\
		"stale=true\r\n\r\n"

TEST(a_stale_nonce_is_replaced_once)
{
	for_joe();
	CHECK_INT(RUN("HTTP/1.1 407 who\r\nContent-Length: 0\r\n"
	    "Proxy-Authenticate: Digest realm=r, nonce=m\r\n\r\n"
	    STALE YES), IO_OK);
	for_joe();
	CHECK_INT(RUN("HTTP/1.1 407 who\r\nContent-Length: 0\r\n"
	    "Proxy-Authenticate: Digest realm=r, nonce=m\r\n\r\n"
	    STALE STALE), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_DENIED);
}

TEST(nobody_in_particular_is_refused)
{
	for_host("h");
	CHECK_INT(RUN("HTTP/1.1 407 who\r\n" BASIC "\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_STATUS);
	CHECK_INT(err.proxy.code, 407);
	for_joe();
	login.password = NULL;
	CHECK_INT(RUN("HTTP/1.1 407 who\r\n" BASIC "\r\n"), IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_PASSWORD);
	for_joe();
	CHECK_INT(RUN("HTTP/1.1 407 who\r\nProxy-Authenticate: NTLM\r\n\r\n"),
	    IO_FAIL);
	CHECK_INT(err.proxy.fault, PROXY_NO_SCHEME);
}

TEST(a_proxy_that_does_not_say_how_is_told_plainly)
{
	for_joe();
	CHECK_INT(RUN("HTTP/1.1 407 who\r\nContent-Length: 0\r\n\r\n" YES),
	    IO_OK);
	TOLD(&fake, ASK ASK_JOE);
}

TEST(what_cannot_be_said_is_not_said)
{
	static const char *const bad[] = { "", "a b", "a\r\nX: y", "a\n", "a\t",
	    "[::1]", "a]", "a:80", "a\177" };
	char name[PROXY_NAME_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for_host(bad[i]);
		CHECK_INT(RUN(YES), IO_FAIL);
		CHECK_INT(err.num, EINVAL);
		CHECK_INT(fake.nsaid, 0);
	}
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for_host(name);
	CHECK_INT(RUN(YES), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	for_host(name + 1);
	CHECK_INT(RUN(YES), IO_OK);
	CHECK_INT(fake.nsaid, PROXY_NAME_MAX + sizeof(ASK) - 2);
	for_host("h");
	login = (struct proxy_login){ "j\noe", 4, "pw", false };
	CHECK_INT(RUN(YES), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	login = (struct proxy_login){ "joe", 3, "p\rw", false };
	CHECK_INT(RUN(YES), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
}

TEST(it_waits_for_what_it_needs)
{
	struct layer *top = &http.layer;

	for_host("h");
	set_up("", 0);
	fake.stays = fake.lazy = true;
	CHECK_INT(layer_handshake(&top), IO_AGAIN);
	CHECK_INT(layer_want(top, 0), LOOP_OUT);
	CHECK_INT(layer_handshake(&top), IO_AGAIN);
	CHECK_INT(layer_want(top, 0), LOOP_IN);
	http.layer.ops->close(&http.layer);
}

AFTER
{
	http_challenge_free(&challenge);
}

/*
 * Who may use the proxy server: Basic, Digest and the passwords of SOCKS.
 */
#include "http/http_auth.h"
#include "serve/proxy_login.h"
#include "unit.h"

static const struct proxy_login	joe = { .user = "joe", .len = 3,
    .password = "p:w" };
static struct proxy_guard	guard;
static const int64_t		now = 1000;

/* A request for h:80. */
static enum login_answer
ask(const char *value, const char *method, int64_t when)
{
	struct http_request r = { .method = { method, strlen(method) },
	    .login = { value, value == NULL ? 0 : strlen(value) },
	    .connect = true, .host = "h", .port = 80 };

	return proxy_guard_http(&guard, &r, when);
}

/* A guard that has not been asked yet. */
static void
renew(bool ncat, const unsigned char *secret)
{
	proxy_guard_free(&guard);
	proxy_guard_init(&guard, &joe, ncat, secret);
}

/* The challenge as our own client reads it. */
static struct http_challenge
challenge(bool ncat, bool stale)
{
	struct http_challenge c = { .scheme = HTTP_OPEN };
	static const char name[] = "Proxy-Authenticate: ";
	struct buf b = { .mem = NULL };
	const char *at;

	guard.ncat = ncat;
	proxy_guard_challenge(&guard, stale, now, &b);
	buf_add(&b, "", 1);
	at = buf_data(&b);
	CHECK(strncmp(at, "HTTP/1.0 407 ", 13) == 0);
	CHECK(strstr(at, "\r\n\r\n") != NULL);
	while ((at = strstr(at, name)) != NULL) {
		at += sizeof(name) - 1;
		http_challenge_read(&c, (struct http_text){ at,
		    (size_t)(strchr(at, '\r') - at) });
	}
	buf_free(&b);
	return c;
}

static enum login_answer
answer_for(const char *uri, const struct http_challenge *c,
    const struct proxy_login *l, const char *method, int64_t when)
{
	struct buf b = { .mem = NULL };
	enum login_answer got;

	http_authorize(&b, c, l, uri, "cnonce");
	buf_add(&b, "", 1);
	got = ask(buf_data(&b), method, when);
	buf_free(&b);
	return got;
}

static enum login_answer
answer(const struct http_challenge *c, const struct proxy_login *l,
    const char *method, int64_t when)
{
	return answer_for("h:80", c, l, method, when);
}

TEST(Basic_has_the_user_and_the_password)
{
	CHECK_INT(ask(NULL, "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic am9lOnA6dw==", "GET", now), LOGIN_FINE);
	CHECK_INT(ask("basic   am9lOnA6dw", "GET", now), LOGIN_FINE);
	CHECK_INT(ask("Basic am9lOnA6dX==", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic am9l", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic am9lOnA6", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic am9lOnA6d3g=", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Basic !!!!", "GET", now), LOGIN_WRONG);
	CHECK_INT(ask("Bearer am9lOnA6dw==", "GET", now), LOGIN_WRONG);
}

TEST(a_long_value_of_Basic_is_wrong)
{
	char value[8000] = "Basic ";

	memset(value + 6, 'A', sizeof(value) - 7);
	value[sizeof(value) - 1] = '\0';
	CHECK_INT(ask(value, "GET", now), LOGIN_WRONG);
}

TEST(Digest_has_the_method_a_nonce_and_the_password)
{
	const struct proxy_login wrong = { "joe", 3, "p:x", false };
	const struct proxy_login other = { "jim", 3, "p:w", false };

	for (int ncat = 0; ncat < 2; ncat++) {
		struct http_challenge c;

		renew(ncat, NULL);
		c = challenge(ncat, false);
		CHECK_INT(c.scheme, ncat ? HTTP_MD5 : HTTP_SHA256);
		CHECK(!c.stale);
		CHECK_STR(c.realm, ncat ? "Ncat" : "sockcat");
		CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
		CHECK_INT(answer(&c, &joe, "GET", now), LOGIN_WRONG);
		CHECK_INT(answer(&c, &wrong, "CONNECT", now), LOGIN_WRONG);
		CHECK_INT(answer(&c, &other, "CONNECT", now), LOGIN_WRONG);
		CHECK_INT(answer(&c, &joe, "CONNECT", now + NONCE_TIME + 1),
		    LOGIN_STALE);
		CHECK_INT(answer(&c, &joe, "CONNECT", now - 1), LOGIN_STALE);
		c.qop = false;
		CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
		c.nonce[0] ^= 1;
		CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_WRONG);
		http_challenge_free(&c);
	}
	renew(false, NULL);
}

TEST(a_nonce_of_another_run_is_wrong)
{
	struct http_challenge c = challenge(false, false);

	renew(false, NULL);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_WRONG);
	http_challenge_free(&c);
	c = challenge(false, true);
	CHECK(c.stale);
	http_challenge_free(&c);
}

TEST(processes_with_the_same_secret_know_the_same_nonces)
{
	static const unsigned char secret[NONCE_SECRET] = "shared";
	struct http_challenge c;

	renew(false, secret);
	c = challenge(false, false);
	renew(false, secret);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	http_challenge_free(&c);
}

TEST(an_answer_with_a_count_comes_once)
{
	struct http_challenge c;

	renew(false, NULL);
	c = challenge(false, false);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_STALE);
	/* Without a count, equal requests have equal answers. */
	c.qop = false;
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	http_challenge_free(&c);
}

TEST(an_answer_is_for_one_target)
{
	struct http_challenge c;
	char uri[HTTP_LINE_MAX];

	renew(false, NULL);
	c = challenge(false, false);
	CHECK_INT(answer_for("h:81", &c, &joe, "CONNECT", now),
	    LOGIN_ELSEWHERE);
	CHECK_INT(answer_for("g:80", &c, &joe, "CONNECT", now),
	    LOGIN_ELSEWHERE);
	memset(uri, 'h', sizeof(uri));
	uri[sizeof(uri) - 1] = '\0';
	CHECK_INT(answer_for(uri, &c, &joe, "CONNECT", now), LOGIN_ELSEWHERE);
	/* The nonce was not used. */
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	http_challenge_free(&c);
}

/* What is forgotten cannot come again, for its nonce is stale. */
TEST(a_forgotten_answer_has_a_stale_nonce)
{
	struct http_challenge c;
	char cnonce[32];
	struct buf b;

	renew(false, NULL);
	c = challenge(false, false);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_FINE);
	for (int i = 0; i < 1024; i++) {
		b = (struct buf){ .mem = NULL };
		snprintf(cnonce, sizeof(cnonce), "c%d", i);
		http_authorize(&b, &c, &joe, "h:80", cnonce);
		buf_add(&b, "", 1);
		if (i < 1023)
			CHECK_INT(ask(buf_data(&b), "CONNECT", now),
			    LOGIN_FINE);
		else
			(void)ask(buf_data(&b), "CONNECT", now);
		buf_free(&b);
	}
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_STALE);
	b = (struct buf){ .mem = NULL };
	http_authorize(&b, &c, &joe, "h:80", "new");
	buf_add(&b, "", 1);
	CHECK_INT(ask(buf_data(&b), "CONNECT", now), LOGIN_STALE);
	buf_free(&b);
	http_challenge_free(&c);
	renew(false, NULL);
}

TEST(what_is_no_digest_is_wrong)
{
	static const char *const values[] = { "Digest", "Digest ",
	    "Digest username", "Digest username=", "Digest username=\"",
	    "Digest username=\"joe", "Digest =", "Digest ,,,=\"\"",
	    "Digest username=\"joe\", username=\"joe\"",
	    ("Digest username=\"joe\", realm=\"sockcat\", nonce=\"\", "
	    "uri=\"\", response=\"\"") };
	char value[3000];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		CHECK_INT(ask(values[i], "GET", now), LOGIN_WRONG);
	memset(value, 'a', sizeof(value));
	memcpy(value, "Digest username=", 16);
	value[sizeof(value) - 1] = '\0';
	CHECK_INT(ask(value, "GET", now), LOGIN_WRONG);
}

TEST(a_password_is_compared_as_a_whole)
{
	CHECK(proxy_guard_password(&guard, "joe", 3, "p:w", 3));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "p:", 2));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "p:wp:w", 6));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "", 0));
	CHECK(!proxy_guard_password(&guard, "jo", 2, "p:w", 3));
	CHECK(!proxy_guard_password(&guard, "", 0, "p:w", 3));
}

BEFORE
{
	proxy_guard_init(&guard, &joe, false, NULL);
}

AFTER
{
	proxy_guard_free(&guard);
}

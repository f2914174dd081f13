/*
 * Who may use the proxy server: Basic, Digest and the passwords of SOCKS.
 */
#include "layer/http_auth.h"
#include "serve/proxy_login.h"
#include "unit.h"

static const struct proxy_login	joe = { .user = "joe", .len = 3,
    .password = "p:w" };
static struct proxy_guard	guard;
static const int64_t		now = 1000;

static enum login_answer
ask(const char *value, const char *method, int64_t when)
{
	struct http_request r = { .method = { method, strlen(method) },
	    .login = { value, value == NULL ? 0 : strlen(value) } };

	return proxy_guard_http(&guard, &r, when);
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
		http_challenge_read(&c, at, strchr(at, '\r'));
	}
	buf_free(&b);
	return c;
}

static enum login_answer
answer(const struct http_challenge *c, const struct proxy_login *l,
    const char *method, int64_t when)
{
	struct buf b = { .mem = NULL };
	enum login_answer got;

	http_authorize(&b, c, l, "h:80", "cnonce");
	buf_add(&b, "", 1);
	got = ask(buf_data(&b), method, when);
	buf_free(&b);
	return got;
}

static void
basic(void)
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

static void
long_basic(void)
{
	char value[8000] = "Basic ";

	memset(value + 6, 'A', sizeof(value) - 7);
	value[sizeof(value) - 1] = '\0';
	CHECK_INT(ask(value, "GET", now), LOGIN_WRONG);
}

static void
digest(void)
{
	const struct proxy_login wrong = { "joe", 3, "p:x", false };
	const struct proxy_login other = { "jim", 3, "p:w", false };

	for (int ncat = 0; ncat < 2; ncat++) {
		struct http_challenge c;

		proxy_guard_init(&guard, &joe, ncat);
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
	proxy_guard_init(&guard, &joe, false);
}

static void
a_foreign_nonce(void)
{
	struct http_challenge c = challenge(false, false);

	proxy_guard_init(&guard, &joe, false);
	CHECK_INT(answer(&c, &joe, "CONNECT", now), LOGIN_WRONG);
	http_challenge_free(&c);
	c = challenge(false, true);
	CHECK(c.stale);
	http_challenge_free(&c);
}

static void
odd_digests(void)
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

static void
passwords(void)
{
	CHECK(proxy_guard_password(&guard, "joe", 3, "p:w", 3));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "p:", 2));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "p:wp:w", 6));
	CHECK(!proxy_guard_password(&guard, "joe", 3, "", 0));
	CHECK(!proxy_guard_password(&guard, "jo", 2, "p:w", 3));
	CHECK(!proxy_guard_password(&guard, "", 0, "p:w", 3));
}

int
main(void)
{
	proxy_guard_init(&guard, &joe, false);
	unit_run("Basic has the user and the password", basic);
	unit_run("a long value of Basic is wrong", long_basic);
	unit_run("Digest has the method, a nonce and the password", digest);
	unit_run("a nonce of another run is wrong", a_foreign_nonce);
	unit_run("what is no digest is wrong", odd_digests);
	unit_run("a password is compared as a whole", passwords);
	return unit_end();
}

#include "http/http_auth.h"
#include "unit.h"

static struct http_challenge	c;
static const struct proxy_login	login = { "joe!", 3, "pw", false };

static void
challenge(const char *value)
{
	http_challenge_free(&c);
	http_challenge_read(&c, (struct http_text){ value, strlen(value) });
}

static const char *
answer(const char *cnonce)
{
	static char text[2048];
	struct buf out = { .used = 0 };

	http_authorize(&out, &c, &login, "example.test:80", cnonce);
	CHECK(!out.failed && out.used < sizeof(text));
	memcpy(text, buf_data(&out), out.used);
	text[out.used] = '\0';
	buf_free(&out);
	return text;
}

TEST(basic_is_base64)
{
	struct proxy_login l[] = { { "a", 1, "", false },
	    { "ab", 2, "", false }, { "abc", 3, "", false },
	    { "\377\376", 2, "\373", false }, { "joe", 3, "", true } };
	const char *const want[] = { "Basic YTo=", "Basic YWI6",
	    "Basic YWJjOg==", "Basic //46+w==", "Basic am9l" };
	struct buf out;
	size_t i;

	challenge("Basic realm=\"x\"");
	CHECK_INT(c.scheme, HTTP_BASIC);
	CHECK_STR(answer(""), "Basic am9lOnB3");
	for (i = 0; i < sizeof(l) / sizeof(l[0]); i++) {
		out = (struct buf){ .used = 0 };
		http_authorize(&out, &c, &l[i], "h:1", "");
		buf_add(&out, "", 1);
		CHECK_STR(buf_data(&out), want[i]);
		buf_free(&out);
	}
}

/* What ncat 7.93 answered to the same challenges. */
TEST(MD5_is_what_another_program_makes_of_it)
{
	challenge("Digest realm=\"r\", nonce=\"abc\", algorithm=MD5");
	CHECK_INT(c.scheme, HTTP_MD5);
	CHECK_STR(answer("unused"), "Digest username=\"joe\", realm=\"r\", "
	    "nonce=\"abc\", uri=\"example.test:80\", algorithm=MD5, "
	    "response=\"022689e6c1fdc0c9482f76e959616b3c\"");
	challenge("Digest realm=\"r\", nonce=\"abc\", qop=\"auth\", "
	    "opaque=\"zz\"");
	CHECK_STR(answer("3e8a317c42f0e1e4"), "Digest username=\"joe\", "
	    "realm=\"r\", nonce=\"abc\", uri=\"example.test:80\", qop=auth, "
	    "cnonce=\"3e8a317c42f0e1e4\", nc=00000001, "
	    "response=\"8090d326c69ae7be57c4025e1db00ba1\", opaque=\"zz\"");
}

/* By hand, with sha256sum(1). */
TEST(SHA_256_is_what_another_program_makes_of_it)
{
	challenge("Digest realm=\"r\", nonce=\"abc\", algorithm=SHA-256, "
	    "qop=\"auth-int, auth\"");
	CHECK_INT(c.scheme, HTTP_SHA256);
	CHECK_STR(answer("cn"), "Digest username=\"joe\", realm=\"r\", "
	    "nonce=\"abc\", uri=\"example.test:80\", algorithm=SHA-256, "
	    "qop=auth, cnonce=\"cn\", nc=00000001, response=\""
	    "5c030166d577c4165ecd9da395582a2b6b4145a5b8398e1c4b647f5e5480cea1"
	    "\"");
}

TEST(the_best_challenge_is_taken_wherever_it_stands)
{
	static const char md5[] = "Digest realm=\"a\", nonce=\"n\"";
	static const char sha[] =
	    "Digest realm=\"b\", nonce=\"n\", algorithm=\"sha-256\"";

	challenge("Negotiate, NTLM abc==, Basic realm=\"x, y\", Digest "
	    "realm=\"a\" , nonce=\"n\",Digest nonce=n , realm=b,"
	    "algorithm=SHA-256, Other x=y");
	CHECK_INT(c.scheme, HTTP_SHA256);
	CHECK_STR(c.realm, "b");
	challenge(md5);
	http_challenge_read(&c, (struct http_text){ sha, strlen(sha) });
	CHECK_STR(c.realm, "b");
	http_challenge_read(&c, (struct http_text){ md5, strlen(md5) });
	CHECK_STR(c.realm, "b");
}

TEST(what_is_of_no_use_is_passed_over)
{
	static const char *const no[] = { "", ",", ",,=", "Negotiate", "NTLM",
	    "Digest", "Digest realm=\"r\"", "Digest nonce=\"n\"",
	    "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
	    "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
	    "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
	    "\"Basic\"", "=Basic=", "Basicrealm=\"x\"" };
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		challenge(no[i]);
		CHECK_INT(c.scheme, HTTP_OPEN);
	}
	challenge("NTLM ab/c==, Basic realm=x");
	CHECK_INT(c.scheme, HTTP_BASIC);
	challenge("Digest nonce=\"n\", Basic");
	CHECK_INT(c.scheme, HTTP_BASIC);
}

TEST(quotes_and_controls_do_not_break_out)
{
	struct proxy_login l = { "a\"b\\", 4, "pw", false };
	struct buf out = { .used = 0 };
	char *text;

	challenge("Digest realm=\"q\\\"\rX: y\1\", nonce=\"never ends");
	CHECK_STR(c.realm, "q\"X: y");
	CHECK_STR(c.nonce, "never ends");
	http_authorize(&out, &c, &l, "h:1", "");
	buf_add(&out, "", 1);
	text = out.mem;
	CHECK(strstr(text, "username=\"a\\\"b\\\\\", realm=\"q\\\"X: y\", ")
	    != NULL);
	CHECK(strpbrk(text, "\r\n") == NULL);
	buf_free(&out);
}

TEST(a_nonce_may_just_be_stale)
{
	challenge("Digest realm=r, nonce=n");
	CHECK(!c.stale);
	challenge("Digest stale=TRUE, realm=r, nonce=n");
	CHECK(c.stale);
	challenge("Digest stale=false, realm=r, nonce=n");
	CHECK(!c.stale);
}

AFTER
{
	http_challenge_free(&c);
}

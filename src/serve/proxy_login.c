#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "layer/http_auth.h"
#include "serve/proxy_login.h"

#define HEX_LEN	(2 * SHA256_DIGEST_LENGTH)
/* Answers to nonces that are remembered. */
#define USED_MAX	1024

struct guard_used {
	uint64_t	 answer;	/* its first 64 bits */
	int64_t		 then;		/* when its nonce was made */
};

void
proxy_guard_init(struct proxy_guard *g, const struct proxy_login *login,
    bool ncat, const unsigned char secret[NONCE_SECRET])
{
	*g = (struct proxy_guard){ .login = login, .ncat = ncat,
	    .realm = ncat ? "Ncat" : "sockcat", .forgotten = INT64_MIN };
	if (secret != NULL)
		memcpy(g->secret, secret, sizeof(g->secret));
	else
		arc4random_buf(g->secret, sizeof(g->secret));
}

void
proxy_guard_free(struct proxy_guard *g)
{
	free(g->used);
	explicit_bzero(g, sizeof(*g));
}

/* Compares in a time that depends on n, the length of the attempt, alone. */
static bool
login_same(const void *try, size_t n, const void *secret, size_t len)
{
	const unsigned char *a = try, *b = secret;
	unsigned differ = n != len;

	for (size_t i = 0; i < n; i++)
		differ |= a[i] ^ b[len == 0 ? 0 : i % len];
	return differ == 0;
}

bool
proxy_guard_password(const struct proxy_guard *g, const void *user,
    size_t user_len, const void *password, size_t password_len)
{
	const struct proxy_login *l = g->login;
	const char *secret = l->password == NULL ? "" : l->password;
	bool named = login_same(user, user_len, l->user, l->len);

	return login_same(password, password_len, secret, strlen(secret)) &
	    named;
}

/* ---- Nonces ------------------------------------------------------------- */

/* "TIME-HASH": only this program can make the hash of its secret and a time. */
static void
nonce_make(const struct proxy_guard *g, int64_t now,
    char nonce[17 + HEX_LEN + 1])
{
	SHA2_CTX sha;

	(void)snprintf(nonce, 18, "%016" PRIx64 "-", (uint64_t)now);
	SHA256Init(&sha);
	SHA256Update(&sha, g->secret, sizeof(g->secret));
	SHA256Update(&sha, (const uint8_t *)nonce, 17);
	(void)SHA256End(&sha, nonce + 17);
	explicit_bzero(&sha, sizeof(sha));
}

static enum login_answer
nonce_check(const struct proxy_guard *g, const char *nonce, int64_t now)
{
	char made[17 + HEX_LEN + 1];
	int64_t then = (int64_t)strtoull(nonce, NULL, 16);

	nonce_make(g, then, made);
	if (!login_same(nonce, strlen(nonce), made, sizeof(made) - 1))
		return LOGIN_WRONG;
	return then > g->forgotten && then <= now &&
	    now - then <= NONCE_TIME ? LOGIN_FINE : LOGIN_STALE;
}

/*
 * Remembers a right answer to a nonce; false: the answer came before. A client
 * that is real counts on, and asks again if its nonce is stale.
 */
static bool
nonce_use(struct proxy_guard *g, const char *nonce, const char *answer)
{
	struct guard_used *u, this = { .then = (int64_t)strtoull(nonce, NULL,
	    16) };
	char start[17];

	(void)strlcpy(start, answer, sizeof(start));
	this.answer = strtoull(start, NULL, 16);
	if (g->used == NULL)
		g->used = calloc(USED_MAX, sizeof(*g->used));
	if (g->used == NULL)
		return false;
	for (size_t i = 0; i < USED_MAX && i < g->nused; i++)
		if (g->used[i].answer == this.answer)
			return false;
	u = &g->used[g->nused++ % USED_MAX];
	if (g->nused > USED_MAX && u->then > g->forgotten)
		g->forgotten = u->then;
	*u = this;
	return true;
}

/* ---- Basic -------------------------------------------------------------- */

static int
basic_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Returns the length of the text, or -1. */
static int
basic_decode(const char *s, size_t n, unsigned char *out, size_t room)
{
	unsigned bits = 0, have = 0;
	size_t len = 0;
	int digit;

	while (n > 0 && s[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		if ((digit = basic_digit(s[i])) == -1 || len == room)
			return -1;
		bits = (bits << 6 | (unsigned)digit) & 0xffffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[len++] = (unsigned char)(bits >> have);
	}
	return (int)len;
}

static enum login_answer
basic_check(const struct proxy_guard *g, const char *s, size_t n)
{
	unsigned char pair[2 * PROXY_LOGIN_MAX + 2], *colon;
	int len = basic_decode(s, n, pair, sizeof(pair));
	size_t user, rest;
	bool fine;

	if (len < 0)
		return LOGIN_WRONG;
	colon = memchr(pair, ':', (size_t)len);
	user = colon == NULL ? (size_t)len : (size_t)(colon - pair);
	rest = colon == NULL ? 0 : (size_t)len - user - 1;
	fine = proxy_guard_password(g, pair, user,
	    pair + (size_t)len - rest, rest);
	explicit_bzero(pair, sizeof(pair));
	return fine ? LOGIN_FINE : LOGIN_WRONG;
}

/* ---- Digest ------------------------------------------------------------- */

/* No value is longer than the URI of a request, and the NUL. */
#define DIGEST_VALUE	(HTTP_LINE_MAX + 1)

enum digest_name {
	DIGEST_USER, DIGEST_REALM, DIGEST_NONCE, DIGEST_URI, DIGEST_RESPONSE,
	DIGEST_QOP, DIGEST_COUNT, DIGEST_CNONCE, DIGEST_ALGORITHM, DIGEST_NAMES
};

struct digest {
	char	v[DIGEST_NAMES][DIGEST_VALUE];
	bool	has[DIGEST_NAMES];
};

/* Reads a value into room; false: it is too long, or does not end. */
static bool
digest_value(const char **at, const char *end, char *to)
{
	size_t n = 0;
	bool quoted = *at < end && **at == '"';

	for (*at += quoted; *at < end; (*at)++) {
		if (quoted ? **at == '"' : strchr(", \t", **at) != NULL)
			break;
		if (quoted && **at == '\\' && *at + 1 < end)
			(*at)++;
		if (n == DIGEST_VALUE - 1)
			return false;
		to[n++] = **at;
	}
	to[n] = '\0';
	if (!quoted)
		return true;
	return (*at)++ < end;
}

static int
digest_which(const char *name, size_t n)
{
	static const char *const names[DIGEST_NAMES] = { "username", "realm",
	    "nonce", "uri", "response", "qop", "nc", "cnonce", "algorithm" };

	for (int i = 0; i < DIGEST_NAMES; i++)
		if (strlen(names[i]) == n &&
		    strncasecmp(names[i], name, n) == 0)
			return i;
	return -1;
}

static bool
digest_read(struct digest *d, const char *at, const char *end)
{
	char ignored[DIGEST_VALUE];
	const char *name;
	int which;

	for (;;) {
		while (at < end && strchr(", \t", *at) != NULL)
			at++;
		if (at == end)
			return true;
		for (name = at; at < end && *at != '=' && *at != ','; at++)
			;
		which = digest_which(name, (size_t)(at - name));
		if (at == end || *at++ != '=' ||
		    (which >= 0 && d->has[which]) ||
		    !digest_value(&at, end, which < 0 ? ignored :
		    d->v[which]))
			return false;
		if (which >= 0)
			d->has[which] = true;
	}
}

/* The response that a client with the password sends. */
static void
digest_expect(const struct proxy_guard *g, const struct digest *d,
    enum http_scheme scheme, const char *method, char out[HEX_LEN + 1])
{
	const char *password = g->login->password == NULL ? "" :
	    g->login->password;
	char secret[HEX_LEN + 1], request[HEX_LEN + 1];
	const char *const one[] = { d->v[DIGEST_USER], g->realm, password,
	    NULL };
	const char *const two[] = { method, d->v[DIGEST_URI], NULL };
	const char *const plain[] = { secret, d->v[DIGEST_NONCE], request,
	    NULL };
	const char *const counted[] = { secret, d->v[DIGEST_NONCE],
	    d->v[DIGEST_COUNT], d->v[DIGEST_CNONCE], "auth", request, NULL };

	http_auth_hash(scheme, one, secret);
	http_auth_hash(scheme, two, request);
	http_auth_hash(scheme, d->has[DIGEST_QOP] ? counted : plain, out);
	explicit_bzero(secret, sizeof(secret));
}

static enum login_answer
digest_check(struct proxy_guard *g, const struct http_request *r,
    const struct digest *d, int64_t now)
{
	enum http_scheme scheme = HTTP_MD5;
	char expected[HEX_LEN + 1], method[32];
	enum login_answer nonce;

	if (!d->has[DIGEST_USER] || !d->has[DIGEST_NONCE] ||
	    !d->has[DIGEST_URI] || !d->has[DIGEST_RESPONSE] ||
	    r->method.len >= sizeof(method) ||
	    strcmp(d->v[DIGEST_REALM], g->realm) != 0 ||
	    (d->has[DIGEST_QOP] && strcmp(d->v[DIGEST_QOP], "auth") != 0))
		return LOGIN_WRONG;
	if (strcasecmp(d->v[DIGEST_ALGORITHM], "SHA-256") == 0)
		scheme = HTTP_SHA256;
	else if (d->has[DIGEST_ALGORITHM] &&
	    strcasecmp(d->v[DIGEST_ALGORITHM], "MD5") != 0)
		return LOGIN_WRONG;
	if ((nonce = nonce_check(g, d->v[DIGEST_NONCE], now)) == LOGIN_WRONG)
		return LOGIN_WRONG;
	memcpy(method, r->method.at, r->method.len);
	method[r->method.len] = '\0';
	digest_expect(g, d, scheme, method, expected);
	if (!login_same(d->v[DIGEST_RESPONSE], strlen(d->v[DIGEST_RESPONSE]),
	    expected, strlen(expected)) || !login_same(d->v[DIGEST_USER],
	    strlen(d->v[DIGEST_USER]), g->login->user, g->login->len))
		return LOGIN_WRONG;
	if (!http_request_is_for(r, d->v[DIGEST_URI]))
		return LOGIN_ELSEWHERE;
	return nonce == LOGIN_FINE && d->has[DIGEST_QOP] &&
	    !nonce_use(g, d->v[DIGEST_NONCE], expected) ? LOGIN_STALE : nonce;
}

/* ---- Requests of HTTP --------------------------------------------------- */

enum login_answer
proxy_guard_http(struct proxy_guard *g, const struct http_request *r,
    int64_t now)
{
	const char *at = r->login.at, *end;
	struct digest *d;
	enum login_answer answer = LOGIN_WRONG;
	size_t n = 0;

	if (at == NULL)
		return LOGIN_WRONG;
	end = at + r->login.len;
	while (at + n < end && at[n] != ' ')
		n++;
	if (n == 5 && strncasecmp(at, "Basic", n) == 0) {
		for (at += n; at < end && *at == ' '; at++)
			;
		return basic_check(g, at, (size_t)(end - at));
	}
	if (n != 6 || strncasecmp(at, "Digest", n) != 0 ||
	    (d = calloc(1, sizeof(*d))) == NULL)
		return LOGIN_WRONG;
	if (digest_read(d, at + n, end))
		answer = digest_check(g, r, d, now);
	free(d);
	return answer;
}

static void
guard_add_digest(const struct proxy_guard *g, const char *algorithm,
    bool stale, const char *nonce, struct buf *out)
{
	buf_fmt(out, "Proxy-Authenticate: Digest realm=\"%s\", ", g->realm);
	buf_str(out, "nonce=\"");
	buf_str(out, nonce);
	buf_str(out, "\", qop=\"auth\"");
	if (*algorithm != '\0')
		buf_fmt(out, ", algorithm=%s", algorithm);
	buf_str(out, stale ? ", stale=true\r\n" : "\r\n");
}

void
proxy_guard_challenge(const struct proxy_guard *g, bool stale, int64_t now,
    struct buf *out)
{
	char nonce[17 + HEX_LEN + 1];

	nonce_make(g, now, nonce);
	buf_str(out, "HTTP/1.0 407 Proxy Authentication Required\r\n");
	/* Old clients take the first, and know MD5 alone. */
	if (!g->ncat) {
		guard_add_digest(g, "MD5", stale, nonce, out);
		guard_add_digest(g, "SHA-256", stale, nonce, out);
	}
	buf_fmt(out, "Proxy-Authenticate: Basic realm=\"%s\"\r\n", g->realm);
	if (!g->ncat) {
		http_add_text(out, "This proxy needs a user and a password.");
		return;
	}
	guard_add_digest(g, "", stale, nonce, out);
	buf_str(out, "\r\n");
}

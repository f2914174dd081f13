#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http_auth.h"
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
	const char *secret = g->login->password;
	bool named = login_same(user, user_len, g->login->user, g->login->len);

	if (secret == NULL)
		secret = "";
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

static enum login_answer
basic_check(const struct proxy_guard *g, const struct http_text *t)
{
	unsigned char pair[2 * PROXY_LOGIN_MAX + 2], *colon;
	int len = http_base64_read(t, pair, sizeof(pair));
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

enum digest_name {
	DIGEST_USER, DIGEST_REALM, DIGEST_NONCE, DIGEST_URI, DIGEST_RESPONSE,
	DIGEST_QOP, DIGEST_COUNT, DIGEST_CNONCE, DIGEST_ALGORITHM, DIGEST_NAMES
};

/* Reads the parameters; the values are the caller's to free. */
static bool
digest_read(char *v[DIGEST_NAMES], struct http_text list)
{
	static const char *const names[DIGEST_NAMES] = { "username", "realm",
	    "nonce", "uri", "response", "qop", "nc", "cnonce", "algorithm" };
	struct http_text name;
	char *value;
	int i;

	while (http_param_next(&list, &name, &value)) {
		for (i = 0; i < DIGEST_NAMES; i++)
			if (http_text_is(&name, names[i]))
				break;
		if (i < DIGEST_NAMES && v[i] == NULL) {
			v[i] = value;
			continue;
		}
		free(value);
		if (i < DIGEST_NAMES)	/* twice */
			return false;
	}
	return list.len == 0;
}

static enum login_answer
digest_check(struct proxy_guard *g, const struct http_request *r,
    char *const v[DIGEST_NAMES], int64_t now)
{
	enum http_scheme scheme = HTTP_MD5;
	char expected[HTTP_HASH_MAX], method[32];
	const char *password = g->login->password;
	enum login_answer nonce;

	for (int i = DIGEST_USER; i <= DIGEST_RESPONSE; i++)
		if (v[i] == NULL)
			return LOGIN_WRONG;
	if (r->method.len >= sizeof(method) ||
	    strcmp(v[DIGEST_REALM], g->realm) != 0 ||
	    (v[DIGEST_QOP] != NULL && (strcmp(v[DIGEST_QOP], "auth") != 0 ||
	    v[DIGEST_COUNT] == NULL || v[DIGEST_CNONCE] == NULL)))
		return LOGIN_WRONG;
	if (v[DIGEST_ALGORITHM] != NULL &&
	    strcasecmp(v[DIGEST_ALGORITHM], "SHA-256") == 0)
		scheme = HTTP_SHA256;
	else if (v[DIGEST_ALGORITHM] != NULL &&
	    strcasecmp(v[DIGEST_ALGORITHM], "MD5") != 0)
		return LOGIN_WRONG;
	if ((nonce = nonce_check(g, v[DIGEST_NONCE], now)) == LOGIN_WRONG)
		return LOGIN_WRONG;
	memcpy(method, r->method.at, r->method.len);
	method[r->method.len] = '\0';
	http_digest(scheme, &(struct http_digest){ .user = v[DIGEST_USER],
	    .realm = g->realm, .password = password == NULL ? "" : password,
	    .method = method, .uri = v[DIGEST_URI], .nonce = v[DIGEST_NONCE],
	    .count = v[DIGEST_QOP] == NULL ? NULL : v[DIGEST_COUNT],
	    .cnonce = v[DIGEST_CNONCE] }, expected);
	if (!login_same(v[DIGEST_RESPONSE], strlen(v[DIGEST_RESPONSE]),
	    expected, strlen(expected)) || !login_same(v[DIGEST_USER],
	    strlen(v[DIGEST_USER]), g->login->user, g->login->len))
		return LOGIN_WRONG;
	if (!http_request_is_for(r, v[DIGEST_URI]))
		return LOGIN_ELSEWHERE;
	return nonce == LOGIN_FINE && v[DIGEST_QOP] != NULL &&
	    !nonce_use(g, v[DIGEST_NONCE], expected) ? LOGIN_STALE : nonce;
}

/* ---- Requests of HTTP --------------------------------------------------- */

enum login_answer
proxy_guard_http(struct proxy_guard *g, const struct http_request *r,
    int64_t now)
{
	struct http_text rest = r->login, scheme;
	enum login_answer answer = LOGIN_WRONG;
	char *v[DIGEST_NAMES] = { NULL };

	if (rest.at == NULL)
		return LOGIN_WRONG;
	scheme = http_text_cut(&rest, ' ');
	if (http_text_is(&scheme, "Basic")) {
		while (rest.len > 0 && *rest.at == ' ')
			(void)http_text_cut(&rest, ' ');
		return basic_check(g, &rest);
	}
	if (!http_text_is(&scheme, "Digest"))
		return LOGIN_WRONG;
	if (digest_read(v, rest))
		answer = digest_check(g, r, v, now);
	for (int i = 0; i < DIGEST_NAMES; i++)
		free(v[i]);
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

#include <md5.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http_auth.h"

/* ---- Challenges -------------------------------------------------------- */

static void
http_auth_move(char **to, char **value)
{
	free(*to);
	*to = *value;
	*value = NULL;
}

/* Takes a parameter of a challenge; false: the challenge is of no use. */
static bool
http_auth_take_param(struct http_challenge *c, const struct http_text *name,
    char **value)
{
	struct http_text list = { *value, strlen(*value) }, word;

	if (http_text_is(name, "realm"))
		http_auth_move(&c->realm, value);
	else if (c->scheme == HTTP_BASIC)
		return true;
	else if (http_text_is(name, "nonce"))
		http_auth_move(&c->nonce, value);
	else if (http_text_is(name, "opaque"))
		http_auth_move(&c->opaque, value);
	else if (http_text_is(name, "stale"))
		c->stale = strcasecmp(*value, "true") == 0;
	else if (http_text_is(name, "qop")) {
		while (!c->qop && http_word_next(&list, &word))
			c->qop = http_text_is(&word, "auth");
		return c->qop;
	} else if (http_text_is(name, "algorithm")) {
		c->named = true;
		if (strcasecmp(*value, "SHA-256") == 0)
			c->scheme = HTTP_SHA256;
		else
			return strcasecmp(*value, "MD5") == 0;
	}
	return true;
}

void
http_challenge_read(struct http_challenge *best, struct http_text list)
{
	struct http_challenge c = { .scheme = HTTP_OPEN };
	struct http_text name;
	bool good = true;
	char *value;

	for (;;) {
		while (http_param_next(&list, &name, &value)) {
			good &= http_auth_take_param(&c, &name, &value);
			free(value);
		}
		if (good && c.scheme > best->scheme &&
		    (c.scheme == HTTP_BASIC ||
		    (c.realm != NULL && c.nonce != NULL))) {
			http_challenge_free(best);
			*best = c;
		} else
			http_challenge_free(&c);
		if (list.len == 0)
			return;
		/* A word that is no parameter: here a challenge begins. */
		for (name = (struct http_text){ list.at, 0 };
		    list.len > 0 && strchr(" \t,", *list.at) == NULL;
		    list.len--, list.at++)
			name.len++;
		c = (struct http_challenge){ .scheme =
		    http_text_is(&name, "Digest") ? HTTP_MD5 :
		    http_text_is(&name, "Basic") ? HTTP_BASIC : HTTP_OPEN };
		good = true;
	}
}

void
http_challenge_free(struct http_challenge *c)
{
	free(c->realm);
	free(c->nonce);
	free(c->opaque);
	*c = (struct http_challenge){ .scheme = HTTP_OPEN };
}

/* ---- Answers ----------------------------------------------------------- */

static const char http_base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

int
http_base64_read(const struct http_text *t, unsigned char *out, size_t room)
{
	unsigned bits = 0, have = 0;
	size_t n = t->len, len = 0;
	const char *digit;

	while (n > 0 && t->at[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		digit = memchr(http_base64, t->at[i], 64);
		if (digit == NULL || len == room)
			return -1;
		bits = (bits << 6 | (unsigned)(digit - http_base64)) & 0xffffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[len++] = (unsigned char)(bits >> have);
	}
	return (int)len;
}

static void
http_auth_add_basic(struct buf *out, const struct proxy_login *l)
{
	unsigned char pair[2 * PROXY_LOGIN_MAX + 1], *s = pair;
	size_t secret = strlen(l->password);
	size_t len = l->len + (l->bare ? 0 : 1 + secret);
	char four[4];
	unsigned n;

	memcpy(pair, l->user, l->len);
	pair[l->len] = ':';
	memcpy(pair + l->len + 1, l->password, secret);
	buf_str(out, "Basic ");
	for (; len > 0; s += 3, len = len > 3 ? len - 3 : 0) {
		n = (unsigned)s[0] << 16 | (len > 1 ? (unsigned)s[1] << 8 : 0) |
		    (len > 2 ? s[2] : 0);
		four[0] = http_base64[n >> 18];
		four[1] = http_base64[n >> 12 & 63];
		four[2] = len > 1 ? http_base64[n >> 6 & 63] : '=';
		four[3] = len > 2 ? http_base64[n & 63] : '=';
		buf_add(out, four, sizeof(four));
	}
	explicit_bzero(four, sizeof(four));
	explicit_bzero(pair, sizeof(pair));
}

/* Hashes texts, up to NULL, with colons between them. */
static void
http_auth_hash(enum http_scheme scheme, const char *const *texts,
    char out[HTTP_HASH_MAX])
{
	const uint8_t *colon = (const uint8_t *)":", *text;
	MD5_CTX md5;
	SHA2_CTX sha;
	size_t len;

	MD5Init(&md5);
	SHA256Init(&sha);
	for (size_t i = 0; texts[i] != NULL; i++) {
		text = (const uint8_t *)texts[i];
		len = strlen(texts[i]);
		if (scheme == HTTP_MD5) {
			MD5Update(&md5, colon, i > 0);
			MD5Update(&md5, text, len);
		} else {
			SHA256Update(&sha, colon, i > 0);
			SHA256Update(&sha, text, len);
		}
	}
	if (scheme == HTTP_MD5)
		(void)MD5End(&md5, out);
	else
		(void)SHA256End(&sha, out);
	explicit_bzero(&md5, sizeof(md5));
	explicit_bzero(&sha, sizeof(sha));
}

void
http_digest(enum http_scheme scheme, const struct http_digest *d,
    char out[HTTP_HASH_MAX])
{
	char secret[HTTP_HASH_MAX], request[HTTP_HASH_MAX];
	const char *const one[] = { d->user, d->realm, d->password, NULL };
	const char *const two[] = { d->method, d->uri, NULL };
	const char *const plain[] = { secret, d->nonce, request, NULL };
	const char *const counted[] = { secret, d->nonce, d->count, d->cnonce,
	    "auth", request, NULL };

	http_auth_hash(scheme, one, secret);
	http_auth_hash(scheme, two, request);
	http_auth_hash(scheme, d->count != NULL ? counted : plain, out);
	explicit_bzero(secret, sizeof(secret));
}

/* Adds name="value", with backslashes where needed. */
static void
http_auth_add_quoted(struct buf *out, const char *name, const char *value,
    size_t len)
{
	buf_str(out, name);
	buf_str(out, "=\"");
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '"' || value[i] == '\\')
			buf_str(out, "\\");
		buf_add(out, value + i, 1);
	}
	buf_str(out, "\"");
}

void
http_authorize(struct buf *out, const struct http_challenge *c,
    const struct proxy_login *l, const char *target, const char *cnonce)
{
	/* Each nonce is used once. */
	static const char count[] = "00000001";
	char user[PROXY_LOGIN_MAX + 1], response[HTTP_HASH_MAX];

	if (c->scheme == HTTP_BASIC) {
		http_auth_add_basic(out, l);
		return;
	}
	memcpy(user, l->user, l->len);
	user[l->len] = '\0';
	http_digest(c->scheme, &(struct http_digest){ .user = user,
	    .realm = c->realm, .password = l->password, .method = "CONNECT",
	    .uri = target, .nonce = c->nonce, .count = c->qop ? count : NULL,
	    .cnonce = cnonce }, response);
	http_auth_add_quoted(out, "Digest username", l->user, l->len);
	http_auth_add_quoted(out, ", realm", c->realm, strlen(c->realm));
	http_auth_add_quoted(out, ", nonce", c->nonce, strlen(c->nonce));
	http_auth_add_quoted(out, ", uri", target, strlen(target));
	if (c->named)
		buf_fmt(out, ", algorithm=%s",
		    c->scheme == HTTP_MD5 ? "MD5" : "SHA-256");
	if (c->qop)
		buf_fmt(out, ", qop=auth, cnonce=\"%s\", nc=%s", cnonce,
		    count);
	http_auth_add_quoted(out, ", response", response, strlen(response));
	if (c->opaque != NULL)
		http_auth_add_quoted(out, ", opaque", c->opaque,
		    strlen(c->opaque));
}

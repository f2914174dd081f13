#include <md5.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "layer/http_auth.h"

/* ---- Challenges -------------------------------------------------------- */

/* The rest of a header's value, from at to end. */
struct reader {
	const char	*at, *end;
};

static void
http_auth_skip(struct reader *r, const char *set)
{
	while (r->at < r->end && *r->at != '\0' && strchr(set, *r->at) != NULL)
		r->at++;
}

/* Sets *word to the word here; returns its length, 0: there is none. */
static size_t
http_auth_read_word(struct reader *r, const char **word)
{
	*word = r->at;
	while (r->at != r->end && *r->at > ' ' && *r->at < 0x7f &&
	    strchr("()<>@,;:\\\"/[]?={}", *r->at) == NULL)
		r->at++;
	return (size_t)(r->at - *word);
}

/*
 * A quoted value without quotes, backslashes and control characters (the value
 * is sent back to the proxy); NULL: no memory.
 */
static char *
http_auth_read_quoted(struct reader *r)
{
	char *text = malloc((size_t)(r->end - r->at) + 1), *to = text;

	if (text == NULL)
		return NULL;
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		if ((unsigned char)*r->at >= ' ' && *r->at != 0x7f)
			*to++ = *r->at;
	}
	if (r->at < r->end)
		r->at++;
	*to = '\0';
	return text;
}

/* The value of the word before; NULL: there is none. */
static char *
http_auth_read_value(struct reader *r)
{
	const char *word;
	size_t len;

	http_auth_skip(r, " \t");
	if (r->at == r->end || *r->at != '=')
		return NULL;
	r->at++;
	http_auth_skip(r, " \t");
	if (r->at < r->end && *r->at == '"')
		return http_auth_read_quoted(r);
	len = http_auth_read_word(r, &word);
	return strndup(word, len);
}

static bool
http_auth_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(word, name, len) == 0;
}

/* True if "auth" is in a comma-separated list. */
static bool
http_auth_offers_auth(const char *list)
{
	size_t len;

	for (;;) {
		list += strspn(list, ", \t");
		if ((len = strcspn(list, ", \t")) == 0)
			return false;
		if (http_auth_is(list, len, "auth"))
			return true;
		list += len;
	}
}

static void
http_auth_move(char **to, char **value)
{
	free(*to);
	*to = *value;
	*value = NULL;
}

/* Takes a parameter of a challenge; false: the challenge is of no use. */
static bool
http_auth_take_param(struct http_challenge *c, const char *name, size_t len,
    char **value)
{
	if (http_auth_is(name, len, "realm"))
		http_auth_move(&c->realm, value);
	else if (c->scheme == HTTP_BASIC)
		return true;
	else if (http_auth_is(name, len, "nonce"))
		http_auth_move(&c->nonce, value);
	else if (http_auth_is(name, len, "opaque"))
		http_auth_move(&c->opaque, value);
	else if (http_auth_is(name, len, "stale"))
		c->stale = strcasecmp(*value, "true") == 0;
	else if (http_auth_is(name, len, "qop"))
		return (c->qop = http_auth_offers_auth(*value));
	else if (http_auth_is(name, len, "algorithm")) {
		c->named = true;
		if (strcasecmp(*value, "SHA-256") == 0)
			c->scheme = HTTP_SHA256;
		else
			return strcasecmp(*value, "MD5") == 0;
	}
	return true;
}

/*
 * Reads the parameters of a challenge, up to a word without a value: there the
 * next challenge begins. False: the challenge is of no use.
 */
static bool
http_auth_read_params(struct reader *r, struct http_challenge *c)
{
	const char *word;
	char *value;
	size_t len;
	bool good = true;

	for (;;) {
		http_auth_skip(r, " \t,");
		if ((len = http_auth_read_word(r, &word)) == 0)
			break;
		if ((value = http_auth_read_value(r)) == NULL) {
			r->at = word;
			break;
		}
		good = http_auth_take_param(c, word, len, &value) && good;
		free(value);
	}
	return good && (c->scheme <= HTTP_BASIC ||
	    (c->realm != NULL && c->nonce != NULL));
}

void
http_challenge_read(struct http_challenge *best, const char *value,
    const char *end)
{
	struct reader r = { value, end };
	struct http_challenge c;
	const char *word;
	size_t len;

	for (;;) {
		http_auth_skip(&r, " \t,");
		if ((len = http_auth_read_word(&r, &word)) == 0) {
			/* Skips a part that is not a challenge. */
			while (r.at < r.end && *r.at != ',')
				r.at++;
			if (r.at == r.end)
				return;
			continue;
		}
		c = (struct http_challenge){ .scheme =
		    http_auth_is(word, len, "Digest") ? HTTP_MD5 :
		    http_auth_is(word, len, "Basic") ? HTTP_BASIC : HTTP_OPEN };
		if (http_auth_read_params(&r, &c) && c.scheme > best->scheme) {
			http_challenge_free(best);
			*best = c;
		} else
			http_challenge_free(&c);
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

static void
http_auth_add_base64(struct buf *out, const unsigned char *s, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4];
	unsigned n;

	for (; len > 0; s += 3, len = len > 3 ? len - 3 : 0) {
		n = (unsigned)s[0] << 16 | (len > 1 ? (unsigned)s[1] << 8 : 0) |
		    (len > 2 ? s[2] : 0);
		four[0] = digits[n >> 18];
		four[1] = digits[n >> 12 & 63];
		four[2] = len > 1 ? digits[n >> 6 & 63] : '=';
		four[3] = len > 2 ? digits[n & 63] : '=';
		buf_add(out, four, sizeof(four));
	}
	explicit_bzero(four, sizeof(four));
}

static void
http_auth_add_basic(struct buf *out, const struct proxy_login *l)
{
	unsigned char pair[2 * PROXY_LOGIN_MAX + 1];
	size_t len = strlen(l->password);

	memcpy(pair, l->user, l->len);
	pair[l->len] = ':';
	memcpy(pair + l->len + 1, l->password, len);
	buf_str(out, "Basic ");
	http_auth_add_base64(out, pair, l->len + (l->bare ? 0 : 1 + len));
	explicit_bzero(pair, sizeof(pair));
}

#define HASH_TEXT_MAX	HTTP_HASH_MAX

void
http_auth_hash(enum http_scheme scheme, const char *const *texts,
    char out[HASH_TEXT_MAX])
{
	MD5_CTX md5;
	SHA2_CTX sha;

	MD5Init(&md5);
	SHA256Init(&sha);
	for (size_t i = 0; texts[i] != NULL; i++) {
		const uint8_t *text = (const uint8_t *)texts[i];
		const uint8_t *colon = (const uint8_t *)":";
		size_t len = strlen(texts[i]);

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

#define COUNT	"00000001"	/* each nonce is used once */

static void
http_auth_digest(const struct http_challenge *c, const struct proxy_login *l,
    const char *target, const char *cnonce, char out[HASH_TEXT_MAX])
{
	char user[PROXY_LOGIN_MAX + 1];
	char secret[HASH_TEXT_MAX], request[HASH_TEXT_MAX];
	const char *const one[] = { user, c->realm, l->password, NULL };
	const char *const two[] = { "CONNECT", target, NULL };
	const char *const plain[] = { secret, c->nonce, request, NULL };
	const char *const counted[] = { secret, c->nonce, COUNT, cnonce,
	    "auth", request, NULL };

	memcpy(user, l->user, l->len);
	user[l->len] = '\0';
	http_auth_hash(c->scheme, one, secret);
	http_auth_hash(c->scheme, two, request);
	http_auth_hash(c->scheme, c->qop ? counted : plain, out);
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
	char response[HASH_TEXT_MAX];

	if (c->scheme == HTTP_BASIC) {
		http_auth_add_basic(out, l);
		return;
	}
	http_auth_digest(c, l, target, cnonce, response);
	http_auth_add_quoted(out, "Digest username", l->user, l->len);
	http_auth_add_quoted(out, ", realm", c->realm, strlen(c->realm));
	http_auth_add_quoted(out, ", nonce", c->nonce, strlen(c->nonce));
	http_auth_add_quoted(out, ", uri", target, strlen(target));
	if (c->named)
		buf_fmt(out, ", algorithm=%s",
		    c->scheme == HTTP_MD5 ? "MD5" : "SHA-256");
	if (c->qop)
		buf_fmt(out, ", qop=auth, cnonce=\"%s\", nc=%s", cnonce,
		    COUNT);
	http_auth_add_quoted(out, ", response", response, strlen(response));
	if (c->opaque != NULL)
		http_auth_add_quoted(out, ", opaque", c->opaque,
		    strlen(c->opaque));
}

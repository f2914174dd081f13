/*
 * Authentication to an HTTP proxy: Basic (RFC 7617), and Digest (RFC 7616)
 * with MD5 or SHA-256.
 *
 * Laws: the proxy's text is never trusted to be well formed; no copy of a
 * secret is left in memory.
 */
#ifndef LAYER_HTTP_AUTH_H
#define LAYER_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/proxy.h"

/* From the worst to the best. */
enum http_scheme { HTTP_OPEN, HTTP_BASIC, HTTP_MD5, HTTP_SHA256 };

/* The best challenge that a proxy made. */
struct http_challenge {
	enum http_scheme scheme;	/* HTTP_OPEN: no known scheme */
	char		*realm, *nonce, *opaque;	/* owned; or NULL */
	bool		 named;		/* the algorithm was named */
	bool		 qop;		/* "auth" may be used */
	bool		 stale;		/* the password was right */
};

/*
 * Reads the value of a Proxy-Authenticate header, which ends at end, and
 * replaces the challenge by a better challenge there, if any.
 */
void	http_challenge_read(struct http_challenge *, const char *value,
	    const char *end);
void	http_challenge_free(struct http_challenge *);

/*
 * Adds the value of a Proxy-Authorization header for CONNECT to this target.
 * cnonce: a word that the proxy cannot foresee. The content of out is secret.
 */
void	http_authorize(struct buf *out, const struct http_challenge *,
	    const struct proxy_login *, const char *target,
	    const char *cnonce);

/* Room for a hash in hexadecimal digits. */
#define HTTP_HASH_MAX	(2 * 32 + 1)
/* Hashes texts, up to NULL, with colons between them. */
void	http_auth_hash(enum http_scheme, const char *const *texts,
	    char out[HTTP_HASH_MAX]);

#endif

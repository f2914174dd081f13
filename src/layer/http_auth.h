/*
 * How a proxy that speaks HTTP wants to be told who asks: Basic (RFC 7617),
 * and Digest (RFC 7616) with MD5 or SHA-256.
 *
 * Laws: what the proxy says is never trusted to be well formed; a secret
 * leaves no copy behind.
 */
#ifndef LAYER_HTTP_AUTH_H
#define LAYER_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/proxy.h"

/* The later the better. */
enum http_scheme { HTTP_OPEN, HTTP_BASIC, HTTP_MD5, HTTP_SHA256 };

/* The best challenge that a proxy made. */
struct http_challenge {
	enum http_scheme scheme;	/* HTTP_OPEN: none that is known */
	char		*realm, *nonce, *opaque;	/* owned; or NULL */
	bool		 named;		/* the algorithm was */
	bool		 qop;		/* "auth" may be used */
	bool		 stale;		/* the password was right */
};

/*
 * Look into the value of a Proxy-Authenticate header, which ends at end; a
 * challenge in it that is better than what is there takes its place.
 */
void	http_challenge_read(struct http_challenge *, const char *value,
	    const char *end);
void	http_challenge_free(struct http_challenge *);

/*
 * Add the value of a Proxy-Authorization header for CONNECT to this target.
 * cnonce is a word that the proxy cannot foresee. out may have failed; what
 * it holds is secret.
 */
void	http_authorize(struct buf *out, const struct http_challenge *,
	    const struct proxy_login *, const char *target,
	    const char *cnonce);

#endif

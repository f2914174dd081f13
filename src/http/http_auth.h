/*
 * Authentication at an HTTP proxy, for both sides: Basic (RFC 7617), and Digest
 * (RFC 7616) with MD5 or SHA-256.
 *
 * Laws: the proxy's text is never trusted to be well formed; no copy of a
 * secret is left in memory.
 */
#ifndef HTTP_HTTP_AUTH_H
#define HTTP_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/proxy.h"
#include "http/http.h"

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
 * Reads the value of a Proxy-Authenticate field, and replaces the challenge by
 * a better challenge there, if any.
 */
void	http_challenge_read(struct http_challenge *, struct http_text value);
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

/* What a response of Digest is made of. */
struct http_digest {
	const char	*user, *realm, *password, *method, *uri, *nonce;
	const char	*count, *cnonce;	/* NULL: without qop */
};

void	http_digest(enum http_scheme, const struct http_digest *,
	    char out[HTTP_HASH_MAX]);
/* Decodes base64. Returns the number of bytes, or -1. */
int	http_base64_read(const struct http_text *, unsigned char *out,
	    size_t room);

#endif

/*
 * Whether a client of the proxy server may use it: user and password, by Basic
 * (RFC 7617), Digest (RFC 7616) or SOCKS 5 (RFC 1929).
 *
 * Laws: comparing takes the same time wherever two secrets differ; a nonce is
 * of this program's making, and ends after NONCE_TIME; an answer to a nonce
 * with a count (qop) is taken once; an answer is taken for the URI that it
 * names; no copy of a secret is left in memory.
 * Workers that have the same secret take each other's nonces, and each takes an
 * answer once.
 */
#ifndef SERVE_PROXY_LOGIN_H
#define SERVE_PROXY_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/proxy.h"
#include "serve/proxy_http.h"

#define NONCE_TIME	(300 * INT64_C(1000000000))	/* ns */
#define NONCE_SECRET	32

struct proxy_guard {
	const struct proxy_login *login;	/* user NULL: all may */
	const char	*realm;
	bool		 ncat;		/* offers what ncat does */
	unsigned char	 secret[NONCE_SECRET];	/* of the nonces */
	struct guard_used *used;	/* the last answers; NULL: none yet */
	size_t		 nused;		/* answers so far */
	int64_t		 forgotten;	/* an answer to a nonce of this time is
					   not in used any more; nonces up to
					   then are stale */
};

/* LOGIN_ELSEWHERE: a right response of Digest, to a request for another URI. */
enum login_answer { LOGIN_FINE, LOGIN_WRONG, LOGIN_STALE, LOGIN_ELSEWHERE };

/* secret: of the nonces; NULL: a new one. */
void	proxy_guard_init(struct proxy_guard *, const struct proxy_login *,
	    bool ncat, const unsigned char secret[NONCE_SECRET]);
void	proxy_guard_free(struct proxy_guard *);
/* The value of Proxy-Authorization of a request at this time. */
enum login_answer	proxy_guard_http(struct proxy_guard *,
			    const struct http_request *, int64_t now);
bool	proxy_guard_password(const struct proxy_guard *, const void *user,
	    size_t user_len, const void *password, size_t password_len);
/* Adds the answer 407, whose challenges ask for the password. */
void	proxy_guard_challenge(const struct proxy_guard *, bool stale,
	    int64_t now, struct buf *);

#endif

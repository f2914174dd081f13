/*
 * The cookie exchange of DTLS (RFC 6347 section 4.2.1), for a listening socket.
 * Of the module with OpenSSL.
 *
 * Laws: nothing is kept of an address that is not verified; an answer is never
 * longer than the datagram that it answers; a cookie tells nothing of the
 * secret, and is valid for two minutes at most.
 */
#ifndef LAYER_TLS_HELLO_H
#define LAYER_TLS_HELLO_H

#include "layer/tls.h"

struct ssl_ctx_st;
struct ssl_st;

/* What a context needs to listen: a secret, and a connection without a peer. */
struct tls_hello_state;

/*
 * Sets the cookie callbacks of the context, which is of a DTLS server, and
 * which must outlive the state. NULL: no memory, or no random bytes.
 */
struct tls_hello_state	*tls_hello_new(struct ssl_ctx_st *);
/* NULL: does nothing. */
void			 tls_hello_free(struct tls_hello_state *);
/*
 * As tls_hello(). VERIFIED: *ssl is the caller's and has read the datagram;
 * the caller sets other BIOs, but not the accept state, which would make *ssl
 * forget the datagram.
 */
enum tls_hello		 tls_hello_look(struct tls_hello_state *,
			    const void *dgram, size_t len,
			    const struct sockaddr *from, socklen_t fromlen,
			    unsigned char answer[TLS_ANSWER_MAX], size_t *n,
			    struct ssl_st **ssl);

#endif

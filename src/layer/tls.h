/*
 * TLS as a layer, by OpenSSL; DTLS where the layer below keeps records. The
 * code that needs OpenSSL stands in a module, which is opened when the first
 * context is made: a program without TLS pays nothing for TLS.
 *
 * Laws: no byte passes before the handshake has ended and the peer is
 * verified; read gives IO_EOF for close_notify alone, unless the options are
 * lenient; shut sends close_notify and no FIN, so reading goes on; OpenSSL's
 * headers are included by the files of the module alone.
 *
 * A FIN after close_notify would tell a peer nothing new, and servers such as
 * nginx take the FIN of a client for an abort. Of datagrams, an empty one
 * cannot be carried, since a record of no bytes is not shown to its reader: a
 * write drops it. The kernel's TLS is not used: all records pass OpenSSL.
 */
#ifndef LAYER_TLS_H
#define LAYER_TLS_H

#include <sys/socket.h>

#include "base/diag.h"
#include "base/tls.h"
#include "layer/layer.h"

enum tls_role { TLS_CLIENT, TLS_SERVER };

/* Keys, certificates and rules, for all connections of one role. */
struct tls_context;

/*
 * Reads the files and makes a context; opens the module. The options must
 * outlive the context. dgram: DTLS. Returns NULL and fills the error: a file
 * cannot be read, a key does not fit its certificate, TLS is not in this build.
 */
struct tls_context *tls_context_new(const struct tls_options *, enum tls_role,
		    bool dgram, struct error *);
/* Layers made of the context stay usable. NULL: does nothing. */
void		 tls_context_free(struct tls_context *);
/*
 * Fills the own certificate; false: there is none. *made: made for this run.
 */
bool		 tls_context_cert(const struct tls_context *,
		    struct tls_cert *, bool *made);

/*
 * Returns why the peer of the context's last handshake is not trusted; with
 * reports_chain, also of one that is not verified. NULL: other reasons, or the
 * peer is trusted. The text is valid until the next handshake.
 */
const struct tls_distrust *tls_context_distrust(const struct tls_context *);

/*
 * Makes a layer to be put above a socket's; the caller sets layer.below before
 * the handshake, and may move the layer to another below, of the same socket,
 * at any time. name: of a client, sent as SNI if it is no IP address, and
 * verified (RFC 6125; IP addresses as IP SANs); NULL: none, and with
 * TLS_VERIFY_PEER a pin must fit. Returns NULL with errno: no memory,
 * or a name that is too long.
 *
 * The operation handshake runs until IO_OK or IO_FAIL; layer_fault() then says
 * why: "certificate verify failed for example.org: it has expired".
 */
struct layer	*layer_tls(struct tls_context *, const char *name);
/*
 * DTLS: when the handshake operation is to be called even if no datagram came
 * (a flight is sent again), in ns from now; -1: not by time.
 */
int64_t		 layer_tls_date(const struct layer *);

/* ---- Listening for datagrams -------------------------------------------- */

enum tls_hello {
	TLS_HELLO_DROP,		/* no ClientHello */
	TLS_HELLO_ANSWER,	/* the answer demands a cookie: RFC 6347 */
	TLS_HELLO_VERIFIED	/* the sender's address is true: a layer */
};

/* Longer than any HelloVerifyRequest. */
#define TLS_ANSWER_MAX	512

/*
 * Looks at a datagram of an unknown sender; keeps no state for an address that
 * is not verified. VERIFIED: *layer goes on with the handshake, and has taken
 * the datagram. ANSWER: *n bytes of answer are to be sent to the sender.
 */
enum tls_hello	 tls_hello(struct tls_context *, const void *dgram, size_t len,
		    const struct sockaddr *from, socklen_t fromlen,
		    unsigned char answer[TLS_ANSWER_MAX], size_t *n,
		    struct layer **layer);

/*
 * Of that layer, before its handshake goes on: reads this datagram, which came
 * to the listening socket, before those of the layer below. If memory is short,
 * the datagram is lost.
 */
void		 tls_feed(struct layer *, const void *dgram, size_t len);

/* ---- Keys of persons ---------------------------------------------------- */

/*
 * Makes a key and a certificate without a date of expiry that matters, as PEM
 * text for tls_options.pem; to be cleared and freed by the caller. Returns NULL
 * and fills the error.
 */
char		*tls_make_key(struct error *);

/* ---- Digests ------------------------------------------------------------ */

struct tls_digest;

/* The bytes of the longest digest. */
#define TLS_DIGEST_MAX	64

/* By OpenSSL's name for it. Returns NULL and fills the error. */
struct tls_digest *tls_digest_new(const char *name, struct error *);
void		 tls_digest_update(struct tls_digest *, const void *, size_t);
/* Returns the length of the digest, 0 if OpenSSL failed, and frees it. */
size_t		 tls_digest_end(struct tls_digest *,
		    unsigned char out[TLS_DIGEST_MAX]);
/* Text of a digest: hexadecimal, lower case, without colons. */
void		 tls_hex(const unsigned char *digest, size_t n, char *text);

#endif

/*
 * What the files of the module share. OpenSSL's structures are named without
 * its headers, so that this header compiles where OpenSSL is missing.
 *
 * Laws: an error queue of OpenSSL is empty before each of its functions that
 * can fail; no function of the program is called.
 */
#ifndef LAYER_TLS_IMPL_H
#define LAYER_TLS_IMPL_H

#include "layer/tls_module.h"

struct bio_method_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct asn1_string_st;
struct x509_st;
struct x509_store_ctx_st;
struct tls_fed;
struct tls_hello_state;
struct tls_kernel;
struct tls_layer;

struct tls_context {
	const struct tls_module	*module;	/* first: see tls_module.h */
	unsigned		 refs;		/* the owner and the layers */
	struct ssl_ctx_st	*ssl;
	struct bio_method_st	*bio;
	enum tls_role		 role;
	bool			 dgram, lenient, words;
	bool			 has_system_file; /* of CAs: was read */
	bool			 checks_chain;	/* and dates, and the name */
	bool			 checks_nothing;	/* but the pins */
	bool			 reports_chain;	/* see base/tls.h */
	bool			 loose_names;
	bool			 distrusts;	/* the last peer: distrust */
	struct tls_distrust	 distrust;
	bool			 has_cert, made;	/* own, below */
	struct tls_cert		 own;
	struct tls_pin		*pins;
	size_t			 npins;
	const char		*pins_of;	/* as in tls_options */
	unsigned char		*alpn;		/* of a server: each name after
						   a byte with its length */
	size_t			 alpn_len;
	int			 keylog;	/* -1: none */
	struct tls_hello_state	*hello;		/* NULL: no such server */
};

/* ---- tls_context.c ------------------------------------------------------ */

struct tls_context	*tls_impl_context(const struct tls_options *,
			    enum tls_role, bool dgram, struct error *);
void			 tls_impl_free(struct tls_context *);
/* ---- tls_files.c -------------------------------------------------------- */

/* Each int is 0, or -1 and the error is filled. */
int			 tls_load_cert(struct tls_context *,
			    const struct tls_options *, struct error *);
int			 tls_load_trust(struct tls_context *,
			    const struct tls_options *, struct error *);
void			 tls_impl_keylog(struct tls_context *, int fd);
char			*tls_impl_make_key(struct error *);

/* ---- tls_verify.c ------------------------------------------------------- */

/* Sets what is demanded of the peer. */
int			 tls_set_verify(struct tls_context *,
			    const struct tls_options *, struct error *);
/* Sets the name to be sent and verified; -1: no memory. */
int			 tls_set_name(struct tls_layer *);
/* After the handshake: whether what was demanded of the peer was checked. */
bool			 tls_is_trusted(const struct tls_layer *);
void			 tls_describe(struct x509_st *, struct tls_cert *);

/* ---- layer_tls.c -------------------------------------------------------- */

enum tls_state { TLS_OPENING, TLS_OPEN, TLS_FAILED };

struct tls_layer {
	struct layer		 layer;		/* first: see tls_module.h */
	const struct tls_module	*module;
	struct tls_context	*ctx;
	struct ssl_st		*ssl;
	char			*name;		/* verified; NULL: none */
	bool			 loose_name;	/* name is an address, and
						   loose_names */
	enum tls_state		 state;
	bool			 ended;		/* the peer's close_notify */
	bool			 shut;		/* close_notify was made */
	bool			 has_mtu;	/* of datagrams: is set */
	bool			 verified, pinned;
	bool			 asked;		/* the last read took all */
	bool			 reported;	/* the end or failure */

	struct tls_fed		*fed;		/* read before those below */

	/* What the layer below said. */
	bool			 reading;	/* a read of a stream */
	bool			 drained;	/* its last read was short */
	bool			 looked;	/* was asked by this call */
	enum io			 in_io, out_io;	/* IO_OK: no end, no failure */
	int			 in_num, out_num;
	bool			 in_wants_out, out_wants_in;

	/* Records that are to be written; NULL: none. */
	unsigned char		*out;
	size_t			 out_at, out_len, out_size;
	size_t			 promised;	/* bytes of plaintext in out */
	size_t			 closing;	/* bytes written after the last
						   record of the user */

	/* See tls_kernel.c. */
	struct tls_kernel	*kernel;	/* a key for it; NULL: none */
	bool			 in_kernel;	/* it makes the records */
	bool			 has_alert;	/* alert is to be sent by it */
	unsigned char		 alert[2];
	size_t			 overhead;	/* bytes of its records that are
						   not of the user */

	int			 num;		/* errno of TLS_FAILED */
	char			 fault[384];	/* ""; num says it */
};

struct layer		*tls_impl_layer(struct tls_context *,
			    const char *name);
int64_t			 tls_impl_date(const struct layer *);
enum tls_hello		 tls_impl_hello(struct tls_context *, const void *,
			    size_t, const struct sockaddr *, socklen_t,
			    unsigned char *answer, size_t *n, struct layer **);

/* ---- tls_facts.c -------------------------------------------------------- */

void			 tls_impl_facts(const struct layer *,
			    struct tls_facts *);
/* "2026-11-24 22:58:09 UTC"; "": no date. */
void			 tls_date_text(const struct asn1_string_st *, char *,
			    size_t);
/*
 * Fills an error; why: NULL: num says it. Frees the error queue of OpenSSL.
 */
void			 tls_fail(struct error *, int num, const char *op,
			    const char *what, const char *object,
			    const char *why);
/* The same with OpenSSL's reason for the last failure. */
void			 tls_fail_lib(struct error *, const char *op,
			    const char *what, const char *object);
/* Fails for good. fault: NULL or "": num says why. */
enum io			 tls_break(struct tls_layer *, int num,
			    const char *fault);
/* Fills the fault from OpenSSL's error queue, and fails for good. */
enum io			 tls_break_lib(struct tls_layer *);

/* ---- tls_bio.c ---------------------------------------------------------- */

struct bio_method_st	*tls_bio_method(void);
/* Puts the layer under its SSL; -1: no memory. */
int			 tls_bio_attach(struct tls_layer *);
void			 tls_impl_feed(struct layer *, const void *, size_t);
/* Takes a datagram that was fed; 0: there is none. */
size_t			 tls_bio_fed(struct tls_layer *, void *, size_t);
/* Writes what is left of the records; IO_AGAIN: the layer below is full. */
enum io			 tls_bio_flush(struct tls_layer *);

/* ---- tls_kernel.c ------------------------------------------------------- */

/* Remembers a key that OpenSSL would give the kernel. */
void			 tls_kernel_offer(struct tls_layer *, const void *info);
void			 tls_kernel_free(struct tls_layer *);
/* Counts the records of that key that go out. */
void			 tls_kernel_saw(struct tls_layer *, const char *,
			    size_t n);
/* Gives the kernel the key; false: not possible. The operation bypass. */
bool			 tls_kernel_begin(struct layer *);
enum io			 tls_kernel_write(struct tls_layer *,
			    const struct iovec *, int, size_t *n);
/* Sends an alert by the kernel, if there is one. */
enum io			 tls_kernel_flush(struct tls_layer *);

/* ---- tls_hello.c -------------------------------------------------------- */

/*
 * Makes what a context of a DTLS server needs to listen: a secret, and a
 * connection without a peer. The context must outlive it. NULL: no memory, or
 * no random bytes.
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

/*
 * RFC 6347 section 4.2.8: a peer that has lost its session calls again, by a
 * ClientHello without encryption. Answers with a cookie; true: the cookie has
 * come back, so the session is over.
 */
bool			 tls_hello_again(struct tls_layer *, const void *dgram,
			    size_t len);

/* ---- tls_words.c -------------------------------------------------------- */

/*
 * A public list of words, of which two people compare six. The list and its
 * order are part of the protocol between two sockcats, and never change.
 */
#define TLS_WORD_LIST	7776

/* Returns a word of the list; index: below TLS_WORD_LIST. */
const char		*tls_word(unsigned index);

#endif

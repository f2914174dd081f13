/*
 * The cookie exchange of DTLS (RFC 6347 section 4.2.1), for a listening socket.
 * OpenSSL's DTLSv1_listen(3) looks at one datagram at a time, between two BIOs
 * in memory.
 *
 * Laws: nothing is kept of an address that is not verified; an answer is never
 * longer than the datagram that it answers; a cookie tells nothing of the
 * secret, and is valid for two minutes at most.
 */
#include <sys/un.h>

#include <limits.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layer/tls_impl.h"

/* Bytes of a cookie: the most that every version of DTLS allows is 32. */
#define HELLO_COOKIE	32
/* A cookie is valid in the period that it was made in and in the next; s. */
#define HELLO_PERIOD	60

/* An address, and the period, as they go into a cookie. */
struct hello_text {
	uint64_t	period;
	unsigned char	bytes[sizeof(struct sockaddr_un)];
	size_t		len;		/* of bytes */
};

struct tls_hello_state {
	SSL_CTX		*ctx;
	SSL		*ssl;		/* NULL: to be made */
	unsigned char	 secret[HELLO_COOKIE];
	/* Of the current sender: in this period, and in the last. */
	unsigned char	 cookies[2][HELLO_COOKIE];
};

/* ---- Cookies ------------------------------------------------------------ */

static void
hello_put(struct hello_text *t, const void *bytes, size_t n)
{
	if (n > sizeof(t->bytes) - t->len)
		n = sizeof(t->bytes) - t->len;
	memcpy(t->bytes + t->len, bytes, n);
	t->len += n;
}

/* Fields of an address that do not identify the sender are left out. */
static void
hello_put_address(struct hello_text *t, const struct sockaddr *from,
    socklen_t len)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	hello_put(t, &from->sa_family, sizeof(from->sa_family));
	if (from->sa_family == AF_INET && len >= sizeof(in)) {
		memcpy(&in, from, sizeof(in));
		hello_put(t, &in.sin_port, sizeof(in.sin_port));
		hello_put(t, &in.sin_addr, sizeof(in.sin_addr));
	} else if (from->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, from, sizeof(in6));
		hello_put(t, &in6.sin6_port, sizeof(in6.sin6_port));
		hello_put(t, &in6.sin6_addr, sizeof(in6.sin6_addr));
		hello_put(t, &in6.sin6_scope_id, sizeof(in6.sin6_scope_id));
	} else
		hello_put(t, from, len);
}

/* Returns false if OpenSSL cannot make a cookie: then no cookie is valid. */
static bool
hello_bake(struct tls_hello_state *h, const struct sockaddr *from,
    socklen_t len)
{
	struct hello_text text;
	struct timespec now;

	memset(&text, 0, sizeof(text));
	hello_put_address(&text, from, len);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	text.period = (uint64_t)now.tv_sec / HELLO_PERIOD + 1;
	for (int i = 0; i < 2; i++, text.period--)
		if (HMAC(EVP_sha256(), h->secret, sizeof(h->secret),
		    (const unsigned char *)&text, sizeof(text), h->cookies[i],
		    NULL) == NULL)
			return false;
	return true;
}

/* Callbacks of OpenSSL, which are called within tls_hello_look alone. */
static int
hello_give_cookie(SSL *ssl, unsigned char *cookie, unsigned *len)
{
	const struct tls_hello_state *h = SSL_get_app_data(ssl);

	memcpy(cookie, h->cookies[0], HELLO_COOKIE);
	*len = HELLO_COOKIE;
	return 1;
}

static int
hello_check_cookie(SSL *ssl, const unsigned char *cookie, unsigned len)
{
	const struct tls_hello_state *h = SSL_get_app_data(ssl);

	return len == HELLO_COOKIE &&
	    (CRYPTO_memcmp(cookie, h->cookies[0], HELLO_COOKIE) == 0 ||
	    CRYPTO_memcmp(cookie, h->cookies[1], HELLO_COOKIE) == 0);
}

/* ---- Datagrams ---------------------------------------------------------- */

struct tls_hello_state *
tls_hello_new(SSL_CTX *ctx)
{
	struct tls_hello_state *h = calloc(1, sizeof(*h));

	if (h == NULL || RAND_bytes(h->secret, sizeof(h->secret)) != 1) {
		free(h);
		return NULL;
	}
	h->ctx = ctx;
	SSL_CTX_set_cookie_generate_cb(ctx, hello_give_cookie);
	SSL_CTX_set_cookie_verify_cb(ctx, hello_check_cookie);
	return h;
}

void
tls_hello_free(struct tls_hello_state *h)
{
	if (h == NULL)
		return;
	SSL_free(h->ssl);
	OPENSSL_cleanse(h, sizeof(*h));
	free(h);
}

/* The connection without a peer, which reads the datagram. NULL: no memory. */
static SSL *
hello_ready(struct tls_hello_state *h, const void *dgram, size_t len)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

	if (h->ssl == NULL && (h->ssl = SSL_new(h->ctx)) != NULL) {
		SSL_set_accept_state(h->ssl);
		SSL_set_app_data(h->ssl, h);
	}
	if (h->ssl == NULL || in == NULL || out == NULL ||
	    BIO_write(in, dgram, (int)len) != (int)len) {
		BIO_free(in);
		BIO_free(out);
		return NULL;
	}
	/* An empty BIO is no end. */
	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(h->ssl, in, out);
	return h->ssl;
}

enum tls_hello
tls_hello_look(struct tls_hello_state *h, const void *dgram, size_t len,
    const struct sockaddr *from, socklen_t fromlen,
    unsigned char answer[TLS_ANSWER_MAX], size_t *n, SSL **ssl)
{
	BIO_ADDR *unset = BIO_ADDR_new();
	SSL *s = NULL;
	int got = -1;

	*n = 0;
	*ssl = NULL;
	if (unset != NULL && len > 0 && len <= INT_MAX &&
	    hello_bake(h, from, fromlen) &&
	    (s = hello_ready(h, dgram, len)) != NULL)
		got = DTLSv1_listen(s, unset);
	BIO_ADDR_free(unset);
	/* A datagram that cannot be read is no error of the program. */
	ERR_clear_error();
	if (s == NULL)
		return TLS_HELLO_DROP;
	if (got == 1) {
		/* The cookie is not looked at a second time. */
		(void)SSL_clear_options(s, SSL_OP_COOKIE_EXCHANGE);
		SSL_set_app_data(s, NULL);
		h->ssl = NULL;
		*ssl = s;
		return TLS_HELLO_VERIFIED;
	}
	got = BIO_read(SSL_get_wbio(s), answer, TLS_ANSWER_MAX);
	if (got <= 0 || (size_t)got > len)
		return TLS_HELLO_DROP;
	*n = (size_t)got;
	return TLS_HELLO_ANSWER;
}

/* ---- A peer that calls again -------------------------------------------- */

/* Offsets in a datagram with a ClientHello: RFC 6347 section 4. */
#define HELLO_EPOCH	3
#define HELLO_TYPE	13
#define HELLO_RANDOM	27

/* Whether this is a ClientHello, and not the one of this session. */
static bool
hello_is_new(const SSL *ssl, const unsigned char *dgram, size_t len)
{
	unsigned char random[SSL3_RANDOM_SIZE];

	return len >= HELLO_RANDOM + sizeof(random) &&
	    dgram[0] == SSL3_RT_HANDSHAKE && dgram[HELLO_EPOCH] == 0 &&
	    dgram[HELLO_EPOCH + 1] == 0 &&
	    dgram[HELLO_TYPE] == SSL3_MT_CLIENT_HELLO &&
	    SSL_get_client_random(ssl, random, sizeof(random)) ==
	    sizeof(random) &&
	    memcmp(dgram + HELLO_RANDOM, random, sizeof(random)) != 0;
}

bool
tls_hello_again(struct tls_layer *l, const void *dgram, size_t len)
{
	struct layer *below = l->layer.below;
	struct fd *fd = below->ops->fd != NULL ? below->ops->fd(below) : NULL;
	struct sockaddr_storage peer;
	socklen_t peerlen = sizeof(peer);
	unsigned char answer[TLS_ANSWER_MAX];
	struct iovec iov = { .iov_base = answer };
	SSL *ssl;
	size_t n;

	if (l->ctx->hello == NULL || l->state != TLS_OPEN ||
	    !hello_is_new(l->ssl, dgram, len) || fd == NULL ||
	    getpeername(fd->num, (struct sockaddr *)&peer, &peerlen) == -1)
		return false;
	switch (tls_hello_look(l->ctx->hello, dgram, len,
	    (struct sockaddr *)&peer, peerlen, answer, &iov.iov_len, &ssl)) {
	case TLS_HELLO_ANSWER:
		(void)below->ops->write(below, &iov, 1, &n);
		break;
	case TLS_HELLO_VERIFIED:
		SSL_free(ssl);
		return true;
	case TLS_HELLO_DROP:
		break;
	}
	return false;
}

/*
 * The operations of the layer.
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "io/fd.h"
#include "layer/tls_impl.h"
#include "loop/loop.h"

/* The largest record, and the plaintext that becomes records in one turn. */
#define TLS_RECORD	((size_t)16 << 10)
#define TLS_TURN	(4 * TLS_RECORD)

#define TLS_DGRAM	((size_t)16 << 10)
/* Taken where the socket does not know; headers of IPv6 and UDP. */
#define TLS_MTU		1400
#define TLS_HEADERS	48

/* RFC 1035 section 2.3.4; a longer name cannot be sent. */
#define TLS_NAME_MAX	255

/* ---- Outcomes ----------------------------------------------------------- */

/* The layer below has ended or failed, and nothing is left to decrypt. */
static enum io
tls_below_ended(struct tls_layer *l)
{
	enum io io = l->in_io;

	if (io == IO_FAIL) {
		if (l->ctx->dgram)
			l->in_io = IO_OK;
		l->fault[0] = '\0';
		errno = l->in_num;
		return IO_FAIL;
	}
	if (l->state == TLS_OPENING)
		return tls_break(l, ECONNRESET, "the peer closed the "
		    "connection during the TLS handshake");
	if (l->ctx->lenient && !SSL_has_pending(l->ssl))
		return IO_EOF;
	(void)strncpy(l->fault, "the peer closed the connection without "
	    "ending TLS (data may be missing)", sizeof(l->fault) - 1);
	errno = EPROTO;
	return IO_FAIL;
}

/* From what a function of OpenSSL returned to an outcome. */
static enum io
tls_outcome(struct tls_layer *l, int got)
{
	int error = SSL_get_error(l->ssl, got);

	/*
	 * After a failure of its own (no memory), OpenSSL may ask for more
	 * bytes of a stream without having looked for any; and the BIO of a
	 * stream always takes what is written.
	 */
	if (!l->ctx->dgram && (error == SSL_ERROR_WANT_WRITE ||
	    (error == SSL_ERROR_WANT_READ && !l->looked)))
		return tls_break_lib(l);
	switch (error) {
	case SSL_ERROR_WANT_READ:
		return l->in_io == IO_OK ? IO_AGAIN : tls_below_ended(l);
	case SSL_ERROR_WANT_WRITE:
		return IO_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		l->ended = true;
		return IO_EOF;
	}
	/* An alert that was read says more than a write that failed. */
	if (l->out_io != IO_OK && ERR_peek_error() == 0) {
		if (!l->ctx->dgram)
			return tls_break(l, l->out_num, NULL);
		l->out_io = IO_OK;
		errno = l->out_num;
		return IO_FAIL;
	}
	return tls_break_lib(l);
}

static enum io
tls_broken(struct tls_layer *l)
{
	l->reported = true;
	errno = l->num;
	return IO_FAIL;
}

/* ---- Datagrams: each record is one, and each call moves one ------------- */

static long
tls_dtls_mtu(struct tls_layer *l)
{
	struct layer *below = l->layer.below;
	struct fd *fd = below->ops->fd != NULL ? below->ops->fd(below) : NULL;
	int mtu;
	socklen_t len = sizeof(mtu);

	if (fd == NULL || (getsockopt(fd->num, IPPROTO_IP, IP_MTU, &mtu,
	    &len) == -1 && getsockopt(fd->num, IPPROTO_IPV6, IPV6_MTU, &mtu,
	    &len) == -1))
		return TLS_MTU;
	if (mtu > (int)TLS_DGRAM)
		return (long)TLS_DGRAM;
	return mtu - TLS_HEADERS > 256 ? mtu - TLS_HEADERS : 256;
}

/* Sends flights again whose time has come. */
static enum io
tls_dtls_turn(struct tls_layer *l)
{
	if (!l->has_mtu) {
		(void)SSL_set_mtu(l->ssl, tls_dtls_mtu(l));
		l->has_mtu = true;
	}
	if (DTLSv1_handle_timeout(l->ssl) >= 0)
		return IO_OK;
	if (l->out_io == IO_OK && SSL_want_write(l->ssl))
		return IO_AGAIN;
	return tls_break(l, l->out_io != IO_OK ? l->out_num : ETIMEDOUT, NULL);
}

int64_t
tls_impl_date(const struct layer *layer)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;
	struct timeval tv;

	if (!l->ctx->dgram || DTLSv1_get_timeout(l->ssl, &tv) != 1)
		return -1;
	return tv.tv_sec * INT64_C(1000000000) + tv.tv_usec * INT64_C(1000);
}

/* Copies bytes after the first skip of a vector; returns how many. */
static size_t
tls_join(const struct iovec *iov, int cnt, size_t skip, unsigned char *to,
    size_t size)
{
	size_t n = 0, part;

	for (; cnt > 0 && n < size; cnt--, iov++) {
		if (skip >= iov->iov_len) {
			skip -= iov->iov_len;
			continue;
		}
		part = iov->iov_len - skip;
		if (part > size - n)
			part = size - n;
		memcpy(to + n, (const char *)iov->iov_base + skip, part);
		n += part;
		skip = 0;
	}
	return n;
}

static enum io
tls_dtls_read(struct tls_layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	char lost[512];
	enum io io;
	size_t part;
	int got;

	ERR_clear_error();
	got = SSL_read_ex(l->ssl, iov->iov_base, iov->iov_len, n);
	if (got != 1) {
		*n = 0;
		l->asked = true;
		io = tls_outcome(l, got);
		l->in_wants_out = io == IO_AGAIN && SSL_want_write(l->ssl);
		return io;
	}
	l->in_wants_out = false;
	for (int i = 1; i < cnt && SSL_pending(l->ssl) > 0; i++)
		if (SSL_read_ex(l->ssl, iov[i].iov_base, iov[i].iov_len,
		    &part) == 1)
			*n += part;
	/* Counts and drops the rest of a record that found no room. */
	while (SSL_pending(l->ssl) > 0 &&
	    SSL_read_ex(l->ssl, lost, sizeof(lost), &part) == 1)
		*n += part;
	return IO_OK;
}

static enum io
tls_dtls_write(struct tls_layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	unsigned char dgram[TLS_DGRAM];
	size_t len = tls_join(iov, cnt, 0, dgram, sizeof(dgram));
	int got;

	for (int i = 0; i < cnt; i++)
		*n += iov[i].iov_len;
	if (*n > len) {
		*n = 0;
		errno = EMSGSIZE;
		return IO_FAIL;
	}
	/* TLS has no record of no bytes that a reader would see. */
	if (len == 0)
		return IO_OK;
	ERR_clear_error();
	got = SSL_write_ex(l->ssl, dgram, len, n);
	if (got == 1)
		return IO_OK;
	*n = 0;
	l->out_wants_in = SSL_want_read(l->ssl);
	return tls_outcome(l, got);
}

/* ---- Handshake ---------------------------------------------------------- */

static enum io
tls_handshake(struct layer *layer)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	enum io io, sent;
	int got, num;

	if (l->state != TLS_OPENING)
		return l->state == TLS_OPEN ? IO_OK : tls_broken(l);
	if ((io = tls_bio_flush(l)) != IO_OK)
		return io == IO_AGAIN ? io : tls_break(l, l->out_num, NULL);
	ERR_clear_error();
	if (l->ctx->dgram && (io = tls_dtls_turn(l)) != IO_OK)
		return io;
	l->looked = false;
	got = SSL_do_handshake(l->ssl);
	io = got == 1 ? IO_OK : tls_outcome(l, got);
	num = errno;
	l->in_wants_out = io == IO_AGAIN && SSL_want_write(l->ssl);
	/* Also the alert. */
	sent = tls_bio_flush(l);
	if (io == IO_FAIL)
		return tls_break(l, num, l->fault);
	if (sent != IO_OK)
		return sent == IO_AGAIN ? sent : tls_break(l, l->out_num, NULL);
	if (io == IO_OK && !tls_is_trusted(l))
		return tls_break(l, EPROTO, "the peer was not verified");
	if (io == IO_OK)
		l->state = TLS_OPEN;
	return io;
}

/* ---- Reading ------------------------------------------------------------ */

/* Reads into a piece of the vector until it is full. */
static enum io
tls_fill(struct tls_layer *l, const struct iovec *iov, size_t *n)
{
	size_t at = 0, part;
	enum io io = IO_OK;
	int got;

	while (at < iov->iov_len && io == IO_OK) {
		ERR_clear_error();
		l->looked = false;
		got = SSL_read_ex(l->ssl, (char *)iov->iov_base + at,
		    iov->iov_len - at, &part);
		if (got == 1)
			at += part;
		else
			io = tls_outcome(l, got);
		/* A short read saves one more, if there is something. */
		if (io == IO_AGAIN && l->drained && *n + at == 0) {
			l->drained = false;
			io = IO_OK;
		}
	}
	*n += at;
	return io;
}

static enum io
tls_read_stream(struct tls_layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	enum io io = IO_OK;

	l->reading = true;
	for (int i = 0; i < cnt && io == IO_OK; i++)
		io = tls_fill(l, &iov[i], n);
	l->reading = l->drained = false;
	l->asked = io != IO_OK;
	/* An end or a failure is found again by the next call. */
	return *n > 0 ? IO_OK : io;
}

static enum io
tls_read(struct layer *layer, const struct iovec *iov, int cnt, size_t *n)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	enum io io;
	int num;

	*n = 0;
	if (l->state == TLS_FAILED)
		return tls_broken(l);
	l->asked = false;
	/* Answers of an earlier call; the write half reports failures. */
	(void)tls_bio_flush(l);
	io = l->ended ? IO_EOF : l->ctx->dgram ?
	    tls_dtls_read(l, iov, cnt, n) : tls_read_stream(l, iov, cnt, n);
	l->reported = io == IO_EOF || io == IO_FAIL;
	num = errno;
	(void)tls_bio_flush(l);
	errno = num;
	return io;
}

static size_t
tls_pending(const struct layer *layer)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;
	size_t n;

	if (l->state == TLS_OPENING || l->reported)
		return 0;
	if (l->state == TLS_FAILED || l->ended || l->in_io != IO_OK)
		return 1;
	if (l->asked || !SSL_has_pending(l->ssl))
		return 0;
	n = (size_t)SSL_pending(l->ssl);
	return n > 0 ? n : 1;
}

/* ---- Writing ------------------------------------------------------------ */

/*
 * Makes records of the bytes after the first skip. Small pieces become one
 * record, a piece larger than a record is not copied.
 */
static enum io
tls_seal(struct tls_layer *l, const struct iovec *iov, int cnt, size_t skip)
{
	unsigned char joined[TLS_RECORD];
	const void *from = joined;
	size_t n, at = skip, wrote;
	int got;

	for (; cnt > 0 && at >= iov->iov_len; cnt--)
		at -= iov++->iov_len;
	n = iov->iov_len - at;
	if (n >= TLS_RECORD || cnt == 1) {
		from = (const char *)iov->iov_base + at;
		if (n > TLS_TURN)
			n = TLS_TURN;
	} else
		n = tls_join(iov, cnt, at, joined, sizeof(joined));
	ERR_clear_error();
	l->looked = false;
	got = SSL_write_ex(l->ssl, from, n, &wrote);
	if (got == 1) {
		l->promised += wrote;
		l->closing = 0;
		return IO_OK;
	}
	l->out_wants_in = SSL_want_read(l->ssl);
	return tls_outcome(l, got);
}

/*
 * The bytes of a call are reported when the layer below has taken all of
 * their records; until then the layer keeps the records, and the caller comes
 * again with the same bytes in front.
 */
static enum io
tls_write_stream(struct tls_layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	size_t total = 0, part;
	enum io io;

	for (int i = 0; i < cnt; i++)
		total += iov[i].iov_len;
	while ((io = tls_bio_flush(l)) == IO_OK) {
		part = l->promised;
		if (part > total - *n)
			part = total - *n;
		*n += part;
		l->promised -= part;
		if (*n == total)
			return IO_OK;
		while (l->promised < TLS_TURN && *n + l->promised < total &&
		    io == IO_OK)
			io = tls_seal(l, iov, cnt, *n + l->promised);
		if (l->promised == 0)
			break;
	}
	return *n > 0 ? IO_OK : io;
}

static enum io
tls_write(struct layer *layer, const struct iovec *iov, int cnt, size_t *n)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	enum io io;

	*n = 0;
	if (l->state == TLS_FAILED)
		return tls_broken(l);
	if (l->shut) {
		errno = EPIPE;
		return IO_FAIL;
	}
	l->out_wants_in = false;
	if (l->in_kernel) {
		io = tls_bio_flush(l);
		return io == IO_OK ? tls_kernel_write(l, iov, cnt, n) : io;
	}
	return l->ctx->dgram ? tls_dtls_write(l, iov, cnt, n) :
	    tls_write_stream(l, iov, cnt, n);
}

static enum io
tls_shut(struct layer *layer)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	enum io io;
	int got;

	if (l->state != TLS_OPEN)
		return IO_OK;
	if ((io = tls_bio_flush(l)) != IO_OK || l->shut)
		return io;
	l->out_wants_in = l->looked = false;
	ERR_clear_error();
	/* A handshake that was begun anew ends first. */
	if (SSL_in_init(l->ssl) && (got = SSL_do_handshake(l->ssl)) != 1) {
		l->out_wants_in = SSL_want_read(l->ssl);
		return tls_outcome(l, got);
	}
	got = SSL_shutdown(l->ssl);
	if (got < 0 && l->ctx->dgram && SSL_want_write(l->ssl))
		return IO_AGAIN;
	l->shut = true;
	io = got < 0 ? IO_FAIL : tls_bio_flush(l);
	/* A peer that has ended may be gone, and needs no close_notify. */
	if (io == IO_FAIL && l->ended)
		return IO_OK;
	/* Without a close_notify, a FIN ends the wait of the peer. */
	if (io == IO_FAIL && layer->below->ops->shut != NULL)
		(void)layer->below->ops->shut(layer->below);
	return io;
}

static size_t
tls_closing(const struct layer *layer)
{
	return ((const struct tls_layer *)layer)->closing;
}

static unsigned
tls_want(const struct layer *layer, unsigned wish)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;
	bool held = l->out != NULL || l->has_alert || l->in_wants_out;
	unsigned want = wish & ~(unsigned)(LOOP_IN | LOOP_OUT);

	if (wish & LOOP_IN)
		want |= held ? LOOP_IN | LOOP_OUT : LOOP_IN;
	if (wish & LOOP_OUT)
		want |= l->out_wants_in && l->out == NULL ? LOOP_IN : LOOP_OUT;
	return want;
}

/* ---- The layer ---------------------------------------------------------- */

static const char *
tls_fault(const struct layer *layer)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;

	return l->fault[0] != '\0' ? l->fault : NULL;
}

static void
tls_close(struct layer *layer)
{
	struct tls_layer *l = (struct tls_layer *)layer;

	/* Without it, a peer that gets datagrams learns of no end. */
	if (l->ctx->dgram && layer->below != NULL)
		(void)tls_shut(layer);
	SSL_free(l->ssl);
	ERR_clear_error();
	while (l->fed != NULL)
		(void)tls_bio_fed(l, NULL, 0);
	tls_kernel_free(l);
	free(l->out);
	free(l->name);
	tls_impl_free(l->ctx);
	free(l);
}

static bool
tls_truncated(const struct layer *layer)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;

	return l->state == TLS_OPEN && l->in_io == IO_EOF && !l->ended;
}

/* Makes the SSL, and sets the name that is sent and verified. */
static bool
tls_prepare(struct tls_layer *l, const char *name)
{
	size_t len;

	if ((l->ssl = SSL_new(l->ctx->ssl)) == NULL)
		return false;
	if (l->ctx->role == TLS_SERVER) {
		SSL_set_accept_state(l->ssl);
		return true;
	}
	SSL_set_connect_state(l->ssl);
	if (name == NULL)
		return true;
	if ((l->name = strdup(name)) == NULL)
		return false;
	/* The host without the dot of a name that is complete. */
	if ((len = strlen(l->name)) > 1 && l->name[len - 1] == '.')
		l->name[len - 1] = '\0';
	return tls_set_name(l) == 0;
}

/* ssl: of a handshake that has begun, and is taken; NULL: none. */
static struct layer *
tls_layer_make(struct tls_context *ctx, const char *name, SSL *ssl)
{
	static const struct layer_ops ops = { .handshake = tls_handshake,
	    .read = tls_read, .write = tls_write, .shut = tls_shut,
	    .closing = tls_closing, .pending = tls_pending, .want = tls_want,
	    .bypass = tls_kernel_begin, .fault = tls_fault,
	    .truncated = tls_truncated,
	    .facts = tls_impl_facts, .close = tls_close };
	struct tls_layer *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		SSL_free(ssl);
		return NULL;
	}
	l->layer.ops = &ops;
	l->module = ctx->module;
	l->ctx = ctx;
	l->ssl = ssl;
	ctx->refs++;
	ctx->distrusts = false;
	if ((ssl != NULL || tls_prepare(l, name)) && tls_bio_attach(l) == 0) {
		SSL_set_app_data(l->ssl, l);
		return &l->layer;
	}
	tls_close(&l->layer);
	errno = name != NULL && strlen(name) > TLS_NAME_MAX ? ENAMETOOLONG :
	    ENOMEM;
	return NULL;
}

struct layer *
tls_impl_layer(struct tls_context *ctx, const char *name)
{
	return tls_layer_make(ctx, name, NULL);
}

enum tls_hello
tls_impl_hello(struct tls_context *ctx, const void *dgram, size_t len,
    const struct sockaddr *from, socklen_t fromlen, unsigned char *answer,
    size_t *n, struct layer **layer)
{
	SSL *ssl;
	enum tls_hello hello = tls_hello_look(ctx->hello, dgram, len, from,
	    fromlen, answer, n, &ssl);

	*layer = NULL;
	if (hello == TLS_HELLO_VERIFIED &&
	    (*layer = tls_layer_make(ctx, NULL, ssl)) == NULL)
		return TLS_HELLO_DROP;
	return hello;
}

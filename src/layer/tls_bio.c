/*
 * The layer below as OpenSSL sees it: a BIO.
 *
 * Records of a stream are collected in memory and written by one call, so
 * OpenSSL itself never waits for the layer below to take bytes. Datagrams go
 * out one by one. OpenSSL never sees an end or a failure of the layer below
 * either, but is told to try again: the layer looks at in_io itself, and the
 * other direction stays usable.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"

/*
 * OpenSSL offers the kernel a key, for writing if num is not 0; 0 as answer:
 * OpenSSL goes on to make the records. The number has no public name.
 */
#define TLS_BIO_KERNEL	72

/* ---- Datagrams that came to another socket ------------------------------ */

struct tls_fed {
	struct tls_fed	*next;
	size_t		 len;
	unsigned char	 bytes[];
};

void
tls_impl_feed(struct layer *layer, const void *dgram, size_t len)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	struct tls_fed *fed = malloc(sizeof(*fed) + len), **last = &l->fed;

	if (fed == NULL)
		return;
	fed->next = NULL;
	fed->len = len;
	memcpy(fed->bytes, dgram, len);
	while (*last != NULL)
		last = &(*last)->next;
	*last = fed;
}

size_t
tls_bio_fed(struct tls_layer *l, void *buf, size_t size)
{
	struct tls_fed *fed = l->fed;
	size_t n = 0;

	if (fed == NULL)
		return 0;
	if (fed->len <= size) {
		n = fed->len;
		memcpy(buf, fed->bytes, n);
	}
	l->fed = fed->next;
	free(fed);
	return n;
}

/* ---- The BIO ------------------------------------------------------------ */

static int
tls_bio_read(BIO *bio, char *buf, int size)
{
	struct tls_layer *l = BIO_get_data(bio);
	struct iovec iov = { .iov_base = buf, .iov_len = (size_t)size };
	struct layer *below = l->layer.below;
	size_t n = 0;

	l->looked = true;
	BIO_clear_retry_flags(bio);
	if (size > 0 && (n = tls_bio_fed(l, buf, (size_t)size)) > 0)
		return (int)n;
	if (l->in_io != IO_OK || l->drained || size <= 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	l->in_io = below->ops->read(below, &iov, 1, &n);
	l->in_num = l->in_kernel && errno == EBADMSG ? ECONNRESET : errno;
	if (n > iov.iov_len)
		n = iov.iov_len;
	if (l->in_io == IO_OK && l->ctx->dgram && tls_hello_again(l, buf, n)) {
		l->in_io = IO_FAIL;
		l->in_num = ECONNRESET;
	} else if (l->in_io == IO_OK && n > 0) {
		l->drained = l->reading && n < iov.iov_len;
		return (int)n;
	}
	/* An empty datagram ends the turn, not the session. */
	if (l->in_io == IO_AGAIN)
		l->in_io = IO_OK;
	BIO_set_retry_read(bio);
	return -1;
}

static int
tls_bio_send(BIO *bio, struct tls_layer *l, const char *buf, int size)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
	    .iov_len = (size_t)size };
	struct layer *below = l->layer.below;
	size_t n;

	l->out_io = below->ops->write(below, &iov, 1, &n);
	l->out_num = errno;
	if (l->out_io == IO_OK)
		return size;
	if (l->out_io == IO_AGAIN) {
		l->out_io = IO_OK;
		BIO_set_retry_write(bio);
	}
	return -1;
}

static int
tls_bio_write(BIO *bio, const char *buf, int size)
{
	struct tls_layer *l = BIO_get_data(bio);
	size_t room = l->out_size > 0 ? l->out_size : 512;
	unsigned char *grown;

	BIO_clear_retry_flags(bio);
	if (size <= 0)
		return 0;
	if (l->ctx->dgram)
		return tls_bio_send(bio, l, buf, size);
	/* An alert, which tls_kernel_flush sends. */
	if (l->in_kernel && buf[0] == SSL3_RT_ALERT)
		return size;
	if (l->in_kernel) {
		l->out_io = IO_FAIL;
		l->out_num = EPROTO;
		return -1;
	}
	tls_kernel_saw(l, buf, (size_t)size);
	while (room - l->out_len < (size_t)size)
		room *= 2;
	if (room > l->out_size) {
		if ((grown = realloc(l->out, room)) == NULL) {
			l->out_io = IO_FAIL;
			l->out_num = ENOMEM;
			return -1;
		}
		l->out = grown;
		l->out_size = room;
	}
	memcpy(l->out + l->out_len, buf, (size_t)size);
	l->out_len += (size_t)size;
	l->closing += (size_t)size;
	return size;
}

/* Of datagrams: see layer_tls.c about sizes. */
static long
tls_bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	if (cmd == TLS_BIO_KERNEL && num != 0 && ptr != NULL)
		tls_kernel_offer(BIO_get_data(bio), ptr);
	return cmd == BIO_CTRL_FLUSH || cmd == BIO_CTRL_DUP;
}

BIO_METHOD *
tls_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "layer below");

	if (m == NULL)
		return NULL;
	BIO_meth_set_read(m, tls_bio_read);
	BIO_meth_set_write(m, tls_bio_write);
	BIO_meth_set_ctrl(m, tls_bio_ctrl);
	return m;
}

int
tls_bio_attach(struct tls_layer *l)
{
	BIO *bio = BIO_new(l->ctx->bio);

	if (bio == NULL)
		return -1;
	BIO_set_data(bio, l);
	BIO_set_init(bio, 1);
	SSL_set_bio(l->ssl, bio, bio);
	return 0;
}

enum io
tls_bio_flush(struct tls_layer *l)
{
	struct layer *below = l->layer.below;
	struct iovec iov;
	size_t n;

	while (l->out_io == IO_OK && l->out_at < l->out_len) {
		iov.iov_base = l->out + l->out_at;
		iov.iov_len = l->out_len - l->out_at;
		l->out_io = below->ops->write(below, &iov, 1, &n);
		l->out_num = errno;
		if (l->out_io == IO_OK)
			l->out_at += n;
	}
	if (l->out_io == IO_AGAIN) {
		l->out_io = IO_OK;
		return IO_AGAIN;
	}
	free(l->out);
	l->out = NULL;
	l->out_at = l->out_len = l->out_size = 0;
	if (l->out_io == IO_OK && tls_kernel_flush(l) == IO_AGAIN)
		return IO_AGAIN;
	if (l->out_io != IO_OK) {
		l->closing = 0;
		errno = l->out_num;
	}
	return l->out_io;
}

/*
 * Datagrams: each record is a datagram, and each call moves one.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "io/fd.h"
#include "layer/tls_impl.h"

#define TLS_DGRAM	((size_t)16 << 10)
/* Taken where the socket does not know; headers of IPv6 and UDP. */
#define TLS_MTU		1400
#define TLS_HEADERS	48

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

enum io
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
tls_dtls_fed(struct tls_layer *l, void *buf, size_t size)
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

/* ---- Records ------------------------------------------------------------ */

/* Counts and drops the rest of a record that found no room. */
static size_t
tls_dtls_rest(struct tls_layer *l)
{
	char lost[512];
	size_t n = 0, part;

	while (SSL_pending(l->ssl) > 0 &&
	    SSL_read_ex(l->ssl, lost, sizeof(lost), &part) == 1)
		n += part;
	return n;
}

enum io
tls_dtls_read(struct tls_layer *l, const struct iovec *iov, int cnt, size_t *n)
{
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
	*n += tls_dtls_rest(l);
	return IO_OK;
}

enum io
tls_dtls_write(struct tls_layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	unsigned char dgram[TLS_DGRAM];
	size_t len = tls_join(iov, cnt, 0, dgram, sizeof(dgram));
	enum io io;
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
	io = tls_outcome(l, got);
	return io;
}

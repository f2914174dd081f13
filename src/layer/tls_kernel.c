/*
 * Records that the kernel makes (kTLS): after bytes enough have been sent, the
 * layer gives the kernel the key, the number and the nonce of the next record,
 * and bytes of the user may go to the socket without the layer.
 *
 * OpenSSL offers the key to the BIO as each key begins. The offer is declined
 * and remembered, so OpenSSL makes the first records itself, and a short
 * connection costs nothing. From the switch on no record of OpenSSL leaves any
 * more: its alerts become messages to the kernel, and it makes no new key.
 *
 * In TLS 1.3 a peer may ask for a new key at any time (KeyUpdate), and OpenSSL
 * answers by itself: the key of such a connection is not taken. Nor are records
 * that come in left to the kernel, which stops at those that hold no data.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"

/* Of linux/tls.h and linux/tcp.h, which an old system may lack. */
enum {
	KERNEL_ULP = 31, KERNEL_LEVEL = 282, KERNEL_TX = 1, KERNEL_TYPE = 1,
	KERNEL_GCM_128 = 51, KERNEL_GCM_256 = 52, KERNEL_CHACHA = 54
};

/* What the kernel takes begins with these two; then follows the nonce. */
#define KERNEL_HEAD	4
#define KERNEL_NUMBER	8	/* bytes of the last part: the number */

/* The header of a record, the nonce of AES-GCM in it, and the tag. */
#define RECORD_HEAD	5
#define RECORD_NONCE	8
#define RECORD_TAG	16

struct tls_kernel {
	unsigned char	info[56];	/* as of the first record */
	size_t		len;
	bool		gcm;		/* each record shows its nonce */
	/* Of the records since then. */
	uint64_t	records;
	unsigned char	head[RECORD_HEAD + RECORD_NONCE];	/* the last */
	size_t		at, size;	/* bytes of the last that were seen */
};

/* ---- Numbers of eight bytes --------------------------------------------- */

static void
kernel_add(unsigned char *number, uint64_t n)
{
	for (int i = KERNEL_NUMBER - 1; i >= 0; i--) {
		n += number[i];
		number[i] = (unsigned char)n;
		n >>= 8;
	}
}

/* ---- The key ------------------------------------------------------------ */

void
tls_kernel_free(struct tls_layer *l)
{
	if (l->kernel == NULL)
		return;
	OPENSSL_cleanse(l->kernel, sizeof(*l->kernel));
	free(l->kernel);
	l->kernel = NULL;
}

void
tls_kernel_offer(struct tls_layer *l, const void *info)
{
	struct layer *below = l->layer.below;
	uint16_t head[2];	/* version and cipher */
	size_t len;

	memcpy(head, info, sizeof(head));
	len = head[1] == KERNEL_GCM_128 ? 40 :
	    head[1] == KERNEL_GCM_256 || head[1] == KERNEL_CHACHA ? 56 : 0;
	tls_kernel_free(l);
	if (len == 0 || head[0] != TLS1_2_VERSION || below->ops->fd == NULL ||
	    (l->kernel = calloc(1, sizeof(*l->kernel))) == NULL)
		return;
	memcpy(l->kernel->info, info, len);
	l->kernel->len = len;
	l->kernel->gcm = head[1] != KERNEL_CHACHA;
}

void
tls_kernel_saw(struct tls_layer *l, const char *buf, size_t n)
{
	struct tls_kernel *k = l->kernel;
	size_t part;

	while (k != NULL && n > 0) {
		part = (k->at < sizeof(k->head) ? sizeof(k->head) : k->size) -
		    k->at;
		if (part > n)
			part = n;
		if (k->at < sizeof(k->head))
			memcpy(k->head + k->at, buf, part);
		k->at += part;
		buf += part;
		n -= part;
		k->size = RECORD_HEAD + (size_t)(k->head[3] << 8 | k->head[4]);
		if (k->at < sizeof(k->head) || k->at < k->size)
			continue;
		k->at = 0;
		k->records++;
	}
}

/* ---- The switch --------------------------------------------------------- */

/* A TCP socket of our own; NULL: the layer below is something else. */
static struct fd *
kernel_fd(const struct tls_layer *l)
{
	struct layer *below = l->layer.below;
	struct fd *fd = below->ops->fd != NULL ? below->ops->fd(below) : NULL;

	return fd != NULL && fd->kind == FD_STREAM && fd->way == FD_WAY_OWN ?
	    fd : NULL;
}

/* What OpenSSL does by itself from the switch on. */
static void
kernel_on_info(const SSL *ssl, int what, int alert)
{
	struct tls_layer *l = SSL_get_app_data(ssl);

	if ((what & SSL_CB_WRITE_ALERT) != SSL_CB_WRITE_ALERT)
		return;
	l->alert[0] = (unsigned char)(alert >> 8);
	l->alert[1] = (unsigned char)alert;
	l->has_alert = true;
}

/* Whether no record is on its way, and none but alerts will follow. */
static bool
kernel_may_begin(const struct tls_layer *l)
{
	const struct tls_kernel *k = l->kernel;

	return k != NULL && k->records > 0 && k->at == 0 &&
	    l->state == TLS_OPEN && !l->shut && l->out == NULL &&
	    l->out_io == IO_OK && l->promised == 0 && !l->out_wants_in &&
	    !SSL_in_init(l->ssl) && !SSL_renegotiate_pending(l->ssl);
}

bool
tls_kernel_begin(struct layer *layer)
{
	struct tls_layer *l = (struct tls_layer *)layer;
	struct fd *fd = kernel_fd(l);
	struct tls_kernel *k = l->kernel;

	if (l->in_kernel)
		return l->state == TLS_OPEN;
	if (fd == NULL || !kernel_may_begin(l))
		return false;
	/* The key begins again at the next record. */
	kernel_add(k->info + k->len - KERNEL_NUMBER, k->records);
	if (k->gcm) {
		/* No nonce may be used twice: the last one shown counts. */
		memcpy(k->info + KERNEL_HEAD, k->head + RECORD_HEAD,
		    RECORD_NONCE);
		kernel_add(k->info + KERNEL_HEAD, 1);
	}
	l->in_kernel = setsockopt(fd->num, IPPROTO_TCP, KERNEL_ULP, "tls",
	    sizeof("tls")) == 0 && setsockopt(fd->num, KERNEL_LEVEL, KERNEL_TX,
	    k->info, (socklen_t)k->len) == 0;
	if (l->in_kernel) {
		fd->records = true;
		l->overhead = RECORD_HEAD + RECORD_TAG +
		    (k->gcm ? RECORD_NONCE : 0);
		l->closing = 0;
		(void)SSL_set_options(l->ssl, SSL_OP_NO_RENEGOTIATION);
		SSL_set_info_callback(l->ssl, kernel_on_info);
	}
	/* The kernel has said no, or has the key: in both cases for good. */
	tls_kernel_free(l);
	return l->in_kernel;
}

/* ---- Bytes of the user -------------------------------------------------- */

enum io
tls_kernel_write(struct tls_layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	struct layer *below = l->layer.below;
	enum io io = below->ops->write(below, iov, cnt, n);
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	/* The kernel may take and drop bytes after the connection is over. */
	if ((io == IO_OK && getpeername(kernel_fd(l)->num,
	    (struct sockaddr *)&peer, &len) == -1) ||
	    (io == IO_FAIL && errno == EBADMSG)) {
		errno = ECONNRESET;
		return IO_FAIL;
	}
	return io;
}

/* ---- Alerts ------------------------------------------------------------- */

enum io
tls_kernel_flush(struct tls_layer *l)
{
	union {
		struct cmsghdr	head;
		char		room[CMSG_SPACE(1)];
	} control = { .head = { .cmsg_len = CMSG_LEN(1),
	    .cmsg_level = KERNEL_LEVEL, .cmsg_type = KERNEL_TYPE } };
	struct iovec iov = { .iov_base = l->alert,
	    .iov_len = sizeof(l->alert) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t got;
	size_t n;

	if (!l->has_alert)
		return IO_OK;
	*CMSG_DATA(&control.head) = SSL3_RT_ALERT;
	do
		got = sendmsg(kernel_fd(l)->num, &msg,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	while (got == -1 && errno == EINTR);
	if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return IO_AGAIN;
	l->has_alert = false;
	n = l->overhead + sizeof(l->alert);
	if (got != -1 && l->alert[1] == SSL_AD_CLOSE_NOTIFY)
		l->closing = n;
	if (got != -1)
		return IO_OK;
	l->out_io = IO_FAIL;
	l->out_num = errno;
	return IO_FAIL;
}

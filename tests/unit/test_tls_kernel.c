/*
 * Records that the kernel makes, with a kernel that is played here: it takes
 * the key, makes the records that follow, and the peer has to understand them.
 *
 * This program has setsockopt(2), sendmsg(2) and getpeername(2) of its own.
 */
#include <sys/socket.h>
#include <netinet/in.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"
#include "tls_rig.h"

#define SOCKET		7777
#define BULK		70000
#define RECORD		16384

static struct {
	struct layer_ops ops;		/* of the bottom whose socket it is */
	struct fd	 fd;
	bool		 has_ulp, has_cipher, full, over;
	bool		 on;
	unsigned	 asked;		/* calls of setsockopt */
	unsigned char	 info[56];
	size_t		 len;
	struct rig_end	*end;
} kernel;

/* ---- The kernel --------------------------------------------------------- */

/* One more, as the number of the next record. */
static void
next(unsigned char *number)
{
	for (int i = 7; i >= 0 && ++number[i] == 0; i--)
		;
}

/* A record of TLS 1.2 by RFC 5288 or RFC 7905. */
static void
seal(unsigned char type, const void *buf, size_t n)
{
	bool chacha = kernel.info[2] == 54;
	size_t key = kernel.len == 40 ? 16 : 32, shown = chacha ? 0 : 8;
	unsigned char *iv = kernel.info + 4, *number = kernel.info +
	    kernel.len - 8, nonce[12], more[13], *to;
	struct rig_pipe *p = kernel.end->out;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	memcpy(nonce, chacha ? iv : iv + shown + key, chacha ? 12 : 4);
	if (chacha)
		for (int i = 0; i < 8; i++)
			nonce[4 + i] ^= number[i];
	else
		memcpy(nonce + 4, iv, 8);
	memcpy(more, number, 8);
	memcpy(more + 8, (unsigned char[]){ type, 3, 3, (unsigned char)(n >> 8),
	    (unsigned char)n }, 5);
	if (p->at == p->len)
		p->at = p->len = 0;
	to = p->bytes + p->len;
	memcpy(to, more + 8, 3);
	to[3] = (unsigned char)((n + shown + 16) >> 8);
	to[4] = (unsigned char)(n + shown + 16);
	memcpy(to + 5, iv, shown);
	to += 5 + shown;
	CHECK(EVP_EncryptInit_ex(ctx, chacha ? EVP_chacha20_poly1305() :
	    key == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL,
	    iv + (chacha ? 12 : 8), nonce) == 1 &&
	    EVP_EncryptUpdate(ctx, NULL, &len, more, 13) == 1 &&
	    EVP_EncryptUpdate(ctx, to, &len, buf, (int)n) == 1 &&
	    EVP_EncryptFinal_ex(ctx, to + n, &len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, to + n) == 1);
	EVP_CIPHER_CTX_free(ctx);
	p->len += 5 + shown + n + 16;
	next(number);
	if (!chacha)
		next(iv);
}

int
setsockopt(int num, int level, int name, const void *value, socklen_t len)
{
	CHECK_INT(num, SOCKET);
	kernel.asked++;
	errno = ENOENT;
	if (level == IPPROTO_TCP && name == 31)
		return kernel.has_ulp ? 0 : -1;
	CHECK_INT(level, 282);
	CHECK_INT(name, 1);
	if (!kernel.has_cipher)
		return -1;
	memcpy(kernel.info, value, len);
	kernel.len = len;
	kernel.on = true;
	return 0;
}

ssize_t
sendmsg(int num, const struct msghdr *msg, int flags)
{
	CHECK_INT(num, SOCKET);
	CHECK(flags & MSG_DONTWAIT);
	if (kernel.full) {
		errno = EAGAIN;
		return -1;
	}
	seal(*CMSG_DATA(CMSG_FIRSTHDR(msg)), msg->msg_iov->iov_base,
	    msg->msg_iov->iov_len);
	return (ssize_t)msg->msg_iov->iov_len;
}

int
getpeername(int num, struct sockaddr *addr, socklen_t *len)
{
	(void)addr;
	(void)len;
	CHECK_INT(num, SOCKET);
	errno = ENOTCONN;
	return kernel.over ? -1 : 0;
}

static struct fd *
kernel_fd(struct layer *l)
{
	(void)l;
	return &kernel.fd;
}

static enum io
kernel_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	const char *from = iov->iov_base;
	size_t part;

	if (!kernel.on)
		return rig_write(l, iov, cnt, n);
	for (*n = 0; *n < iov->iov_len; *n += part) {
		part = iov->iov_len - *n < RECORD ? iov->iov_len - *n : RECORD;
		seal(SSL3_RT_APPLICATION_DATA, from + *n, part);
	}
	return IO_OK;
}

/* ---- Connections -------------------------------------------------------- */

static SSL *
ssl_of(struct rig_end *e)
{
	return ((struct tls_layer *)e->top)->ssl;
}

/* Two ends, of which one has a socket. */
static void
open_ends(struct rig_end *with, int version, const char *cipher)
{
	rig_init();
	memset(&kernel, 0, sizeof(kernel));
	kernel.end = with;
	kernel.has_ulp = kernel.has_cipher = true;
	kernel.fd = (struct fd){ .num = SOCKET, .kind = FD_STREAM,
	    .way = FD_WAY_OWN };
	kernel.ops = *with->bottom.ops;
	kernel.ops.fd = kernel_fd;
	kernel.ops.write = kernel_write;
	with->bottom.ops = &kernel.ops;
	CHECK(rig_open(NULL));
	SSL_set_max_proto_version(ssl_of(&rig.client), version);
	if (cipher != NULL)
		CHECK_INT(SSL_set_cipher_list(ssl_of(&rig.client), cipher), 1);
	CHECK_INT(rig_handshake(NULL), IO_OK);
}

/* Sends bytes, which the other end has to get. */
static void
pass(struct rig_end *from, struct rig_end *to, size_t size)
{
	static char sent[BULK], got[BULK];
	size_t n, at = 0;

	for (size_t i = 0; i < size; i++)
		sent[i] = (char)(i * 7 + i / 251);
	CHECK_INT(rig_put(from, sent, size, &n), IO_OK);
	CHECK_INT(n, size);
	while (at < size && rig_get(to, got + at, size - at, &n) == IO_OK)
		at += n;
	CHECK_INT(at, size);
	CHECK(memcmp(sent, got, size) == 0);
}

static bool
bypass(struct rig_end *e)
{
	return e->top->ops->bypass(e->top);
}

/* The kernel refuses, and all goes on as before. */
static void
refused(struct rig_end *e, struct rig_end *other)
{
	CHECK(!bypass(e));
	CHECK(!kernel.on && !kernel.fd.records);
	pass(e, other, BULK);
	pass(other, e, BULK);
	rig_close();
}

/* ---- Tests -------------------------------------------------------------- */

static void
goes_on(struct rig_end *with, struct rig_end *other, const char *cipher)
{
	char buf[8];
	size_t n;

	open_ends(with, TLS1_2_VERSION, cipher);
	pass(with, other, 1);
	pass(with, other, BULK);
	CHECK_INT(kernel.asked, 0);
	CHECK(bypass(with));
	CHECK(kernel.on && kernel.fd.records);
	pass(with, other, BULK);
	pass(other, with, BULK);
	CHECK(bypass(with));
	CHECK_INT(kernel.asked, 2);
	pass(with, other, 3);
	CHECK_INT(layer_shut(with->top), IO_OK);
	CHECK_INT(layer_closing(with->top), kernel.info[2] == 54 ? 23 : 31);
	CHECK_INT(rig_get(other, buf, sizeof(buf), &n), IO_EOF);
	pass(other, with, BULK);
	CHECK_INT(layer_shut(other->top), IO_OK);
	CHECK_INT(rig_get(with, buf, sizeof(buf), &n), IO_EOF);
	rig_close();
}

TEST(the_kernel_goes_on_where_OpenSSL_stopped)
{
	static const char *const ciphers[] = { "ECDHE-ECDSA-AES128-GCM-SHA256",
	    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305" };

	for (size_t i = 0; i < 3; i++) {
		goes_on(&rig.client, &rig.server, ciphers[i]);
		goes_on(&rig.server, &rig.client, ciphers[i]);
	}
}

/* The records before the switch come in pieces of any size. */
TEST(no_nonce_is_used_twice)
{
	unsigned char last[8] = { 0 };

	open_ends(&rig.server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256");
	for (int i = 0; i < 20; i++)
		pass(&rig.server, &rig.client, (size_t)(1 + i * 3000));
	rig.down.at = rig.down.len = 0;
	(void)rig_put(&rig.server, "x", 1, &(size_t){ 0 });
	memcpy(last, rig.down.bytes + 5, 8);
	next(last);
	CHECK(bypass(&rig.server));
	CHECK(memcmp(kernel.info + 4, last, 8) == 0);
	rig_close();
}

TEST(TLS_13_is_not_left_to_the_kernel)
{
	open_ends(&rig.server, TLS1_3_VERSION, NULL);
	refused(&rig.server, &rig.client);
	CHECK_INT(kernel.asked, 0);
}

TEST(a_kernel_may_refuse)
{
	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	kernel.has_ulp = false;
	refused(&rig.client, &rig.server);
	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	kernel.has_cipher = false;
	refused(&rig.client, &rig.server);
	CHECK_INT(kernel.asked, 2);
}

TEST(other_sockets_and_ciphers_are_left_alone)
{
	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	kernel.fd.way = FD_WAY_MSG;
	refused(&rig.client, &rig.server);
	CHECK_INT(kernel.asked, 0);
	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	refused(&rig.server, &rig.client);
	CHECK_INT(kernel.asked, 0);
	open_ends(&rig.client, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256");
	refused(&rig.client, &rig.server);
	CHECK_INT(kernel.asked, 0);
}

TEST(close_notify_waits_for_room)
{
	char buf[8];
	size_t n;

	open_ends(&rig.server, TLS1_2_VERSION, NULL);
	CHECK(bypass(&rig.server));
	kernel.full = true;
	CHECK_INT(layer_shut(rig.server.top), IO_AGAIN);
	CHECK(layer_want(rig.server.top, LOOP_OUT) & LOOP_OUT);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	kernel.full = false;
	CHECK_INT(layer_shut(rig.server.top), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_EOF);
	rig_close();
}

TEST(bytes_after_the_end_of_a_connection_fail)
{
	size_t n;

	open_ends(&rig.server, TLS1_2_VERSION, NULL);
	CHECK(bypass(&rig.server));
	kernel.over = true;
	CHECK_INT(rig_put(&rig.server, "x", 1, &n), IO_FAIL);
	CHECK_INT(errno, ECONNRESET);
	rig_close();
}

/* A client lets its server begin anew, but not while the kernel has the key. */
TEST(a_new_handshake_ends_with_the_key)
{
	char buf[64];
	size_t n;

	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	(void)SSL_clear_options(ssl_of(&rig.server), SSL_OP_NO_RENEGOTIATION);
	CHECK_INT(SSL_renegotiate(ssl_of(&rig.server)), 1);
	(void)SSL_do_handshake(ssl_of(&rig.server));
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK(!bypass(&rig.client));
	rig_close();
	open_ends(&rig.client, TLS1_2_VERSION, NULL);
	(void)SSL_clear_options(ssl_of(&rig.server), SSL_OP_NO_RENEGOTIATION);
	CHECK(bypass(&rig.client));
	CHECK_INT(SSL_renegotiate(ssl_of(&rig.server)), 1);
	(void)SSL_do_handshake(ssl_of(&rig.server));
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_FAIL);
	CHECK(strstr(layer_fault(rig.server.top), "renegotiation") != NULL);
	rig_close();
}

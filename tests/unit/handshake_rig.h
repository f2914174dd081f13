/*
 * What the tests of handshakes share: the socket and its peer, what has become
 * of the handshake, and a layer that plays TLS: the byte "y" ends its handshake
 * well, "n" badly.
 */
#ifndef HANDSHAKE_RIG_H
#define HANDSHAKE_RIG_H

#include <stdlib.h>

#include "layer/tls_module.h"
#include "net.h"

static int		done, failed;
static struct fd	got;
static struct error	error;
static int		closed;

static enum io
fake_handshake(struct layer *l)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	size_t n;
	enum io io = l->below->ops->read(l->below, &iov, 1, &n);

	if (io != IO_OK || byte == 'y')
		return io;
	errno = EPROTO;
	return IO_FAIL;
}

static enum io
fake_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->read(l->below, iov, cnt, n);
}

static const char *
fake_fault(const struct layer *l)
{
	(void)l;
	return "it said no";
}

static void
fake_close(struct layer *l)
{
	closed++;
	free(l);
}

/* No flight is to be sent again. */
static int64_t
fake_date(const struct layer *l)
{
	(void)l;
	return -1;
}

static struct layer *
fake_layer(void)
{
	static const struct tls_module module = { .date = fake_date };
	static const struct layer_ops ops = { .handshake = fake_handshake,
	    .read = fake_read, .fault = fake_fault, .close = fake_close };

	struct tls_layer_head *l = layer_new(sizeof(*l), &ops);

	l->module = &module;
	return &l->layer;
}

/* Our end of a connection; *other: the peer's. */
static inline struct fd
connection(int *other)
{
	int pair[2];
	struct fd fd;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	fd_own(&fd, pair[0], FD_STREAM);
	*other = pair[1];
	return fd;
}

static inline void
say(int sock, const char *text, size_t n)
{
	CHECK_INT((int)write(sock, text, n), (int)n);
}

static void
on_failed(void *arg, const struct error *err)
{
	CHECK(arg == &got);
	error = *err;
	failed++;
}

#endif

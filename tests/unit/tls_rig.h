/*
 * Two layers of TLS over transports in memory: what one end writes the other
 * reads. A transport gives and takes as many bytes at a time as it is told.
 */
#ifndef TLS_RIG_H
#define TLS_RIG_H

#include <errno.h>

#include "layer/tls.h"
#include "loop/loop.h"
#include "unit.h"

#define RIG_PIPE	(1 << 20)

struct rig_pipe {
	unsigned char	 bytes[RIG_PIPE];
	size_t		 at, len;
	bool		 ended;		/* FIN */
	int		 num;		/* errno of reads after the bytes */
	int		 write_num;	/* errno of writes */
	size_t		 room;		/* bytes that may wait */
};

/* The bottom of an end. */
struct rig_end {
	struct layer	 bottom;
	struct layer	*top;
	struct rig_pipe	*in, *out;
	size_t		 read_max, write_max;	/* a call; 0: no limit */
	unsigned	 again;		/* each call of so many gives AGAIN */
	unsigned	 calls;
	unsigned	 reads, writes;
};

struct rig {
	struct rig_pipe	 up, down;
	struct rig_end	 client, server;
	struct tls_context *client_ctx, *server_ctx;
	struct tls_options client_opt, server_opt;
};

static struct rig	rig;

static inline bool
rig_says_again(struct rig_end *e)
{
	return e->again > 0 && ++e->calls % e->again != 0;
}

static inline enum io
rig_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct rig_end *e = (struct rig_end *)l;
	struct rig_pipe *p = e->in;
	size_t max = iov[0].iov_len;

	(void)cnt;
	*n = 0;
	e->reads++;
	if (p->at == p->len && !p->ended && p->num == 0)
		return IO_AGAIN;
	if (rig_says_again(e))
		return IO_AGAIN;
	if (p->at == p->len) {
		errno = p->num;
		return p->num != 0 ? IO_FAIL : IO_EOF;
	}
	if (e->read_max > 0 && max > e->read_max)
		max = e->read_max;
	*n = p->len - p->at < max ? p->len - p->at : max;
	memcpy(iov[0].iov_base, p->bytes + p->at, *n);
	p->at += *n;
	return IO_OK;
}

static inline enum io
rig_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct rig_end *e = (struct rig_end *)l;
	struct rig_pipe *p = e->out;
	size_t max = iov[0].iov_len;

	(void)cnt;
	*n = 0;
	e->writes++;
	if (p->at == p->len)
		p->at = p->len = 0;
	if (rig_says_again(e))
		return IO_AGAIN;
	if (p->write_num != 0) {
		errno = p->write_num;
		return IO_FAIL;
	}
	if (e->write_max > 0 && max > e->write_max)
		max = e->write_max;
	if (p->room > 0 && max > p->room - (p->len - p->at))
		max = p->room - (p->len - p->at);
	if (max > RIG_PIPE - p->len)
		max = RIG_PIPE - p->len;
	if (max == 0)
		return IO_AGAIN;
	memcpy(p->bytes + p->len, iov[0].iov_base, max);
	p->len += max;
	*n = max;
	return IO_OK;
}

static inline void
rig_close_bottom(struct layer *l)
{
	(void)l;
}

static inline void
rig_end_init(struct rig_end *e, struct rig_pipe *in, struct rig_pipe *out)
{
	static const struct layer_ops ops = { .read = rig_read,
	    .write = rig_write, .close = rig_close_bottom };

	*e = (struct rig_end){ .bottom.ops = &ops, .in = in, .out = out };
}

static inline void
rig_init(void)
{
	memset(&rig, 0, sizeof(rig));
	rig.client_opt.on = rig.server_opt.on = true;
	rig.client_opt.verify = TLS_VERIFY_NONE;
	rig_end_init(&rig.client, &rig.down, &rig.up);
	rig_end_init(&rig.server, &rig.up, &rig.down);
}

static inline bool
rig_open(const char *name)
{
	struct error err;

	rig.client_ctx = tls_context_new(&rig.client_opt, TLS_CLIENT, false,
	    &err);
	if (rig.client_ctx == NULL) {
		printf("%s: %s\n", err.object, error_reason(&err));
		return false;
	}
	rig.server_ctx = tls_context_new(&rig.server_opt, TLS_SERVER, false,
	    &err);
	if (rig.server_ctx == NULL) {
		printf("%s: %s\n", err.object, error_reason(&err));
		return false;
	}
	rig.client.top = layer_tls(rig.client_ctx, name);
	rig.server.top = layer_tls(rig.server_ctx, NULL);
	rig.client.top->below = &rig.client.bottom;
	rig.server.top->below = &rig.server.bottom;
	return true;
}

static inline void
rig_close(void)
{
	layer_close(rig.client.top);
	layer_close(rig.server.top);
	tls_context_free(rig.client_ctx);
	tls_context_free(rig.server_ctx);
}

/* Both ends take turns until neither says AGAIN; the client's outcome. */
static inline enum io
rig_handshake(enum io *server)
{
	enum io c = IO_AGAIN, s = IO_AGAIN;

	for (int i = 0; i < 100000 && (c == IO_AGAIN || s == IO_AGAIN); i++) {
		if (c == IO_AGAIN)
			c = layer_handshake(&rig.client.top);
		if (c == IO_FAIL)
			rig.up.ended = true;
		if (s == IO_AGAIN)
			s = layer_handshake(&rig.server.top);
		if (s == IO_FAIL)
			rig.down.ended = true;
	}
	if (server != NULL)
		*server = s;
	return c;
}

static inline enum io
rig_get(struct rig_end *e, void *buf, size_t size, size_t *n)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };

	return e->top->ops->read(e->top, &iov, 1, n);
}

static inline enum io
rig_put(struct rig_end *e, const void *buf, size_t size, size_t *n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
	    .iov_len = size };

	return e->top->ops->write(e->top, &iov, 1, n);
}

#endif

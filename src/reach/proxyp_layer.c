#include <errno.h>

#include "loop/loop.h"
#include "reach/proxyp_layer.h"

/* Bytes that a turn looks at: more than a usual header. */
#define PROXYP_LOOK	512

struct proxyp_layer {
	struct layer		 layer;
	struct proxyp_ends	*ends;
	size_t			 owed;	/* looked at, not yet taken */
	enum proxyp_state	 state;
	struct proxyp_parser	 parser;
};

struct proxyp_header {
	struct layer		 layer;
	size_t			 at, len;
	unsigned char		 bytes[PROXYP_FIXED_MAX];
};

/*
 * Looks at more of the header, and takes what has been looked at. All bytes of
 * an unfinished header are the header's, so the socket is not ready again until
 * the next byte comes.
 */
static enum io
proxyp_layer_receive(struct layer *l)
{
	struct proxyp_layer *p = (struct proxyp_layer *)l;
	unsigned char bytes[PROXYP_LOOK];
	struct iovec iov = { .iov_base = bytes };
	enum io io = IO_OK;
	size_t n;

	if (p->owed == 0 && (io = l->below->ops->look(l->below, bytes,
	    sizeof(bytes), &n)) == IO_OK)
		p->state = proxyp_feed(&p->parser, bytes, n, &p->owed);
	for (; p->owed > 0 && io == IO_OK && p->state != PROXYP_BAD;
	    p->owed -= n) {
		iov.iov_len = p->owed;
		n = 0;
		io = l->below->ops->read(l->below, &iov, 1, &n);
	}
	if (p->state == PROXYP_BAD || io == IO_EOF) {
		errno = io == IO_EOF ? ECONNRESET : EPROTO;
		if (io == IO_EOF)
			p->parser.fault = p->parser.n == 0 ?
			    "the connection ended without a PROXY header" :
			    "the connection ended within the PROXY header";
		return IO_FAIL;
	}
	if (io == IO_FAIL) {
		p->parser.fault = "";
		return IO_FAIL;
	}
	if (p->state != PROXYP_DONE || p->owed > 0)
		return IO_AGAIN;
	*p->ends = p->parser.ends;
	/* The client's first bytes have most likely come with the header. */
	layer_fd(l->below)->early = true;
	return IO_OK;
}

/* Without another fault, the time is over. */
static const char *
proxyp_layer_fault(const struct layer *l)
{
	const struct proxyp_layer *p = (const struct proxyp_layer *)l;

	return p->parser.fault != NULL ? p->parser.fault :
	    "no complete PROXY header came in time";
}

struct layer *
proxyp_receiver(struct proxyp_ends *ends)
{
	static const struct layer_ops ops = {
		.handshake = proxyp_layer_receive, .fault = proxyp_layer_fault
	};
	struct proxyp_layer *p = layer_new(sizeof(*p), &ops);

	if (p == NULL)
		return NULL;
	p->ends = ends;
	proxyp_begin(&p->parser);
	return &p->layer;
}

static enum io
proxyp_layer_send(struct layer *l)
{
	struct proxyp_header *h = (struct proxyp_header *)l;
	struct iovec iov = { h->bytes + h->at, h->len - h->at };
	size_t n = 0;
	enum io io = l->below->ops->write(l->below, &iov, 1, &n);

	h->at += n;
	if (io == IO_EOF)
		errno = EPIPE;
	return io != IO_OK && io != IO_AGAIN ? IO_FAIL :
	    h->at == h->len ? IO_OK : IO_AGAIN;
}

static unsigned
proxyp_layer_want(const struct layer *l, unsigned wish)
{
	(void)l, (void)wish;
	return LOOP_OUT;
}

struct layer *
proxyp_sender(unsigned version, const struct proxyp_ends *ends)
{
	static const struct layer_ops ops = {
		.handshake = proxyp_layer_send, .want = proxyp_layer_want
	};
	struct proxyp_header *h = layer_new(sizeof(*h), &ops);

	if (h == NULL)
		return NULL;
	h->len = proxyp_build(version, ends, h->bytes);
	return &h->layer;
}

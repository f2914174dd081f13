/*
 * SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): a layer that asks a proxy to connect,
 * and pops itself when connected.
 *
 * Laws: a message is one write; no byte is read after the reply, so that the
 * target's bytes stay in the kernel; nothing is sent to the target before the
 * proxy agreed; no secret outlives the handshake.
 */
#ifndef LAYER_LAYER_SOCKS_H
#define LAYER_LAYER_SOCKS_H

#include "base/addr.h"
#include "base/diag.h"
#include "layer/layer.h"

/* The longest message: version, user, and host or password. */
#define SOCKS_MESSAGE_MAX	(16 + 2 * (PROXY_NAME_MAX + 1))

struct layer_socks {
	struct layer		 layer;
	const struct proxy_request	*request;
	struct error		*err;
	enum proxy_step		 step;
	unsigned char		 out[SOCKS_MESSAGE_MAX];
	size_t			 size, sent;
	unsigned char		 in[SOCKS_MESSAGE_MAX];
	size_t			 want, got;
};

/*
 * A failure sets num, why and proxy of err. A host or login that does not fit
 * fails before anything is sent.
 */
void	layer_socks_init(struct layer_socks *, struct layer *below,
	    const struct proxy_request *, struct error *err);

#endif

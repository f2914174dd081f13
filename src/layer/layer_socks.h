/*
 * SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): asks a proxy to connect, and pops
 * itself when that is done.
 *
 * Laws: one write for a message; not a byte is read beyond the reply, so
 * that what comes glued to it stays in the kernel; nothing is sent to the
 * target before the proxy agreed; no secret outlives the handshake.
 */
#ifndef LAYER_LAYER_SOCKS_H
#define LAYER_LAYER_SOCKS_H

#include "base/addr.h"
#include "base/diag.h"
#include "layer/layer.h"

/* What is asked of a proxy of any kind; all of it outlives the layer. */
struct proxy_request {
	enum proxy_kind		 kind;
	const char		*host;
	const struct addr	*addr;	/* of the host; NULL: by name */
	unsigned		 port;
	bool			 any_2xx;	/* HTTP: each is a yes */
	const struct proxy_login *login;
};

/* The longest message: a version, and user and host or user and password. */
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
 * What went wrong will be in err: its num, why and proxy. A host or login
 * that does not fit fails before anything is sent.
 */
void	layer_socks_init(struct layer_socks *, struct layer *below,
	    const struct proxy_request *, struct error *err);

#endif

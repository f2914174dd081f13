/*
 * A handshake on a connected socket, before a byte of the user passes: the
 * set-up by a proxy, a header of the PROXY protocol, or TLS. A layer shakes
 * hands; this module drives it by the loop.
 *
 * Laws: a handshake ends in time; nothing but the handshake's own bytes is sent
 * or taken.
 */
#ifndef REACH_HANDSHAKE_H
#define REACH_HANDSHAKE_H

#include "base/diag.h"
#include "io/fd.h"
#include "layer/layer.h"
#include "loop/loop.h"

struct handshake;

struct handshake_ops {
	/*
	 * The callee owns the descriptor, and the layer, which has nothing
	 * below and belongs above the descriptor's. NULL: it was a set-up
	 * layer, which is closed by now.
	 */
	void	(*done)(void *arg, struct fd *, struct layer *);
	/* num and why of the error are set. The descriptor is closed. */
	void	(*failed)(void *arg, const struct error *);
};

/*
 * Starts a handshake by a layer that has nothing below: a set-up layer, or that
 * of TLS. The fd and the layer are taken. until: when to give up, by the loop's
 * clock; 0: never. No operation is called from within. Returns NULL with errno;
 * the fd is closed then, and so is the layer, which may be NULL (ENOMEM).
 */
struct handshake	*handshake_start(struct loop *, const struct fd *,
			    struct layer *, int64_t until,
			    const struct handshake_ops *, void *arg);
/*
 * The peer is a client: one that speaks no TLS has been sent nothing, and would
 * take an end in order for an empty answer. It is reset.
 */
void			 handshake_resets(struct handshake *);
/* Closes everything; no operation is called any more. NULL: does nothing. */
void			 handshake_cancel(struct handshake *);

#endif

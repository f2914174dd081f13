/*
 * A TLS handshake under way.
 *
 * Laws: a handshake ends in time; no byte of the user is sent or received by
 * it.
 */
#ifndef REACH_SECURE_H
#define REACH_SECURE_H

#include "base/diag.h"
#include "io/fd.h"
#include "layer/tls.h"
#include "loop/loop.h"

struct secure;

struct secure_ops {
	/*
	 * The peer is who it should be. The callee owns the descriptor and the
	 * layer, which has nothing below and belongs above that descriptor's.
	 */
	void	(*done)(void *arg, struct fd *, struct layer *tls);
	/* num and why of the error are set. The descriptor is closed. */
	void	(*failed)(void *arg, const struct error *);
};

/*
 * Starts a handshake over a connected socket; both the fd and the layer, which
 * has nothing below, are taken. until: when to give up, by the loop's clock; 0:
 * never. No operation is called from within. Returns NULL with errno; the fd
 * and the layer are then still the caller's.
 */
struct secure	*secure_start(struct loop *, const struct fd *,
		    struct layer *tls, int64_t until,
		    const struct secure_ops *, void *arg);
/* Closes everything; no operation is called any more. NULL: does nothing. */
void		 secure_cancel(struct secure *);
/*
 * The peer is a client: one that speaks no TLS is reset, since it would take an
 * end in order for an empty answer.
 */
void		 secure_resets(struct secure *);

#endif

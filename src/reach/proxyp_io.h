/*
 * A header of the PROXY protocol under way: sent, or received.
 *
 * Laws: nothing but the header is taken from a socket, or sent to it; a header
 * is there in time.
 */
#ifndef REACH_PROXYP_IO_H
#define REACH_PROXYP_IO_H

#include "base/diag.h"
#include "io/fd.h"
#include "loop/loop.h"
#include "reach/proxyp.h"

struct proxyp_io;

struct proxyp_io_ops {
	/*
	 * The header was received, or sent (ends: NULL). The callee owns the
	 * fd.
	 */
	void	(*done)(void *arg, struct fd *, const struct proxyp_ends *);
	/* num and why of the error are set. The descriptor is closed. */
	void	(*failed)(void *arg, const struct error *);
};

/*
 * Start to receive a header, or to send one of len bytes, which are copied. The
 * fd is taken. until: when to give up, by the loop's clock; 0: never. No
 * operation is called from within. Return NULL with errno; the fd is then still
 * the caller's.
 */
struct proxyp_io	*proxyp_receive(struct loop *, const struct fd *,
			    int64_t until, const struct proxyp_io_ops *,
			    void *arg);
struct proxyp_io	*proxyp_send(struct loop *, const struct fd *,
			    const void *header, size_t len, int64_t until,
			    const struct proxyp_io_ops *, void *arg);
/* Closes the fd; no operation is called any more. NULL: does nothing. */
void			 proxyp_cancel(struct proxyp_io *);

#endif

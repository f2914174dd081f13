/*
 * Headers of the PROXY protocol under way: one that is sent, one that is
 * received, and those of the clients of a listener.
 *
 * Laws: nothing but the header is taken from a socket, or sent to it; a header
 * is there in time; clients that are silent keep nobody out.
 */
#ifndef NET_PROXYP_IO_H
#define NET_PROXYP_IO_H

#include "base/diag.h"
#include "io/fd.h"
#include "loop/loop.h"
#include "net/proxyp.h"

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

/* ---- The clients of a listener ------------------------------------------ */

struct proxyp_clients;

struct proxyp_clients_ops {
	/*
	 * The header of a client is there. ends: the peer, and the address
	 * that the peer had called; local.len 0: the socket's own.
	 */
	void	(*accepted)(void *arg, struct fd *, const struct addr_pair *);
	/* peer: of the connection. num and why of the error are set. */
	void	(*failed)(void *arg, const struct addr *peer,
		    const struct error *);
};

/* The time that a client has for its header. */
#define PROXYP_CLIENT_TIME	(10 * NSEC_PER_SEC)
/* Clients without a header at once: then the oldest is given up. */
#define PROXYP_CLIENTS_MAX	1000

/* Returns NULL with errno. */
struct proxyp_clients	*proxyp_clients_new(struct loop *,
			    const struct proxyp_clients_ops *, void *arg);
/* The fd is taken, also on failure, which is reported to failed(). */
void			 proxyp_clients_add(struct proxyp_clients *,
			    struct fd *, const struct addr *peer);
/*
 * Keeps the clients whose headers are there, or gives them to accepted() from
 * now on, in the order in which their headers came.
 */
void			 proxyp_clients_pause(struct proxyp_clients *, bool);
/* Closes all clients; returns their number. */
unsigned		 proxyp_clients_close(struct proxyp_clients *);
/* Closes all, and frees. Safe from within accepted(). NULL: does nothing. */
void			 proxyp_clients_free(struct proxyp_clients *);

#endif

/*
 * TLS handshakes under way: a single one, and those of the clients of a
 * listener.
 *
 * Laws: a handshake ends in time; no byte of the user is sent or received by
 * it; clients that are silent keep nobody out.
 */
#ifndef NET_SECURE_H
#define NET_SECURE_H

#include "base/addr.h"
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

/* ---- The clients of a listener ------------------------------------------ */

struct secure_clients;

struct secure_clients_ops {
	/* As accepted() of a listener, and the layer as above. */
	void	(*accepted)(void *arg, struct fd *, const struct addr_pair *,
		    struct layer *tls);
	/* num and why of the error are set. */
	void	(*not_secured)(void *arg, const struct addr *peer,
		    const struct error *);
};

/* The time that a client has for its handshake. */
#define SECURE_CLIENT_TIME	(10 * NSEC_PER_SEC)
/* Handshakes at once: then the oldest is given up. */
#define SECURE_CLIENTS_MAX	1000

/* Returns NULL with errno. */
struct secure_clients	*secure_clients_new(struct loop *,
			    const struct secure_clients_ops *, void *arg);
/*
 * Starts the handshake of a client; the fd and the layer are taken, also on
 * failure, which is reported to not_secured.
 */
void			 secure_clients_add(struct secure_clients *,
			    struct fd *, const struct addr_pair *,
			    struct layer *tls);
/*
 * Keeps the clients whose handshakes have ended, or gives them to accepted()
 * from now on, in the order in which they ended.
 */
void			 secure_clients_pause(struct secure_clients *, bool);
/* Closes all clients; returns their number. */
unsigned		 secure_clients_close(struct secure_clients *);
/* Closes all, and frees. Safe from within accepted(). */
void			 secure_clients_free(struct secure_clients *);

#endif

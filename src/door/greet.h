/*
 * Clients of a listener that shake hands before they are accepted, beside each
 * other: first comes a header of the PROXY protocol, if asked for, then TLS.
 *
 * Laws: each handshake ends in time, or the client is given up; clients are
 * accepted in the order in which they became ready.
 */
#ifndef DOOR_GREET_H
#define DOOR_GREET_H

#include "base/addr.h"
#include "base/diag.h"
#include "base/num.h"
#include "io/fd.h"
#include "layer/tls.h"
#include "loop/loop.h"

/* The time of a handshake. */
#define GREET_TIME	(10 * NSEC_PER_SEC)
/* Clients that shake hands, at once. */
#define GREET_MOST	1000

struct greet;

struct listener_ops {
	/*
	 * A client is there. The callee owns the fd, and the layer of TLS
	 * (NULL: none), which has nothing below. The ends are those of a
	 * header of the PROXY protocol, if there was any.
	 */
	void	(*accepted)(void *arg, struct fd *, const struct addr_pair *,
		    struct layer *tls);
	/* Gets the errno that stops accepting for a second; may be NULL. */
	void	(*failed)(void *arg, int num);
	/* With TLS: may this client begin a handshake? NULL: any may. */
	bool	(*admits)(void *arg, const struct fd *,
		    const struct addr_pair *);
	/*
	 * With TLS: the handshake of a client has failed. num and why of the
	 * error are set, here and in the next.
	 */
	void	(*not_secured)(void *arg, const struct addr *peer,
		    const struct error *);
	/* No header of the PROXY protocol has come; peer: the connection's. */
	void	(*not_announced)(void *arg, const struct addr *peer,
		    const struct error *);
};

/* tls: of each client; NULL: none. Returns NULL with errno. */
struct greet	*greet_new(struct loop *, struct tls_context *tls,
		    const struct listener_ops *, void *arg);
/* Each client that comes from now on sends a header first. */
void		 greet_expect_headers(struct greet *);
/*
 * Takes a client; tls: a layer whose handshake has begun; NULL: none. A failure
 * is reported. A client without any handshake is accepted at once.
 */
void		 greet_client(struct greet *, struct fd *,
		    const struct addr_pair *, struct layer *tls);
/* Keeps the clients that are ready, or gives them to accepted() from now on. */
void		 greet_pause(struct greet *, bool);
/* Closes all clients; returns their number. */
unsigned	 greet_close(struct greet *);
/* Closes all, and frees. Safe from within any operation. NULL: does nothing. */
void		 greet_free(struct greet *);

#endif

/*
 * Clients of a listener that have to do something before they are accepted: to
 * send a header of the PROXY protocol, or to shake hands. They do so beside
 * each other.
 *
 * Laws: a client is ready in time, or is given up; the clients of one host keep
 * no other client out; clients are accepted in the order in which they became
 * ready.
 */
#ifndef DOOR_PENDING_CLIENTS_H
#define DOOR_PENDING_CLIENTS_H

#include "base/addr.h"
#include "base/diag.h"
#include "base/num.h"
#include "io/fd.h"
#include "layer/layer.h"
#include "loop/loop.h"

struct pending_clients;
struct pending_client;

/* The time that a client has. */
#define PENDING_CLIENT_TIME	(10 * NSEC_PER_SEC)
/*
 * Clients that are not ready, at once: then the oldest of the host with most is
 * given up.
 */
#define PENDING_CLIENTS_MAX	1000

/* How clients become ready. */
struct pending_kind {
	/*
	 * Starts the work of a client on its socket, with the layer of TLS that
	 * the client was added with. Calls pending_client_done() or
	 * pending_client_failed() later, not from within. Takes the fd and the
	 * layer, unless NULL is returned with errno.
	 */
	void	*(*start)(struct loop *, const struct fd *, struct layer *tls,
		    int64_t until, struct pending_client *);
	/* Closes the fd and the layer; neither function is called any more. */
	void	 (*cancel)(void *work);
	/* The reason why one is given up for the next. */
	const char *crowded;
};

/*
 * Makes the client ready. The fd and the layer (NULL: none) are taken. ends:
 * replace those that the client was added with; NULL: keep those.
 */
void	pending_client_done(struct pending_client *, const struct fd *,
	    const struct addr_pair *ends, struct layer *tls);
/* Gives the client up, whose descriptor is closed already. */
void	pending_client_failed(void *client, const struct error *);

/*
 * Those that send a header of the PROXY protocol (ends with local.len 0: the
 * socket's own), and those that shake hands.
 */
extern const struct pending_kind pending_headers, pending_handshakes;

struct pending_clients_ops {
	/* A client is ready. The callee owns the fd, and the layer of TLS. */
	void	(*accepted)(void *arg, struct fd *, const struct addr_pair *,
		    struct layer *tls);
	/* peer: of the connection. num and why of the error are set. */
	void	(*failed)(void *arg, const struct addr *peer,
		    const struct error *);
};

/* Returns NULL with errno. */
struct pending_clients	*pending_clients_new(struct loop *,
			    const struct pending_kind *,
			    const struct pending_clients_ops *, void *arg);
/*
 * Adds a client, with the layer of TLS that it is to have (NULL: none); both
 * the fd and the layer are taken, also on failure, which is reported to
 * failed().
 */
void			 pending_clients_add(struct pending_clients *,
			    struct fd *, const struct addr_pair *,
			    struct layer *tls);
/* Keeps the clients that are ready, or gives them to accepted() from now on. */
void			 pending_clients_pause(struct pending_clients *, bool);
/* Closes all clients; returns their number. NULL: there are none. */
unsigned		 pending_clients_close(struct pending_clients *);
/* Closes all, and frees. Safe from within accepted(). NULL: does nothing. */
void			 pending_clients_free(struct pending_clients *);

#endif

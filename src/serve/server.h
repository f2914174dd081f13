/*
 * A server: clients that are served at once, each by a conn.
 *
 * Laws: there are never more than --max-conns, nor more than the limit of
 * descriptors allows. While all places are taken, the next clients wait in a
 * small room, where their hosts are seen, and other clients give way to them by
 * the rule of door/places.h. Where no client may give way, the listener is not
 * watched, and the kernel's backlog queues; or, by ncat's rule, the next client
 * is turned away. A host has at most --max-conns-per-host. A failure is
 * reported, and ends a single client.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "door/client_queue.h"
#include "door/listen.h"
#include "hub/hub_port.h"
#include "serve/conn.h"

/* Clients in the waiting room, at most. */
#define SERVER_WAITING	64

struct server {
	struct run		*run;
	struct listener		*listener;	/* NULL: takes no more */
	TAILQ_HEAD(, conn)	 conns;
	unsigned		 n, most;	/* conns */
	unsigned		 numbered;	/* clients so far */
	bool			 counts;	/* clients by host */
	struct places		 places;
	struct client_queue	 waiting;
	struct timer		 review;	/* of the waiting room */
	/*
	 * A full waiting room stops the listener. If the listener has not
	 * accepted client number due when look fires, it goes on to look_to.
	 * due: the last client in the backlog when look was set, or the next.
	 * Both are numbers as listener_accepted has them.
	 */
	struct timer		 look;
	unsigned		 due, look_to;
	bool			 once;		/* one client, then the end */
	bool			 stopping;
	bool			 kept;	/* the last client's end does not
					   stop the loop */
	conn_starter		*start;
	void			*common;	/* for conn_start */
};

/*
 * each: descriptors that one client needs, its socket included. once: serves
 * the first client alone, and stops the run with its status.
 */
void	server_init(struct server *, struct run *, unsigned each, bool once);
/* Whether a client would be turned away, since it may not wait either. */
bool	server_is_full(const struct server *);
/*
 * Serves a client that may come in; takes the descriptor, and the layer of TLS
 * (NULL: none).
 */
void	server_admit(struct server *, struct fd *, struct layer *tls,
	    const struct addr *peer, const struct addr *local);
/* Takes no more; stops those that are in, as conn_stop says. */
void	server_stop(struct server *, bool now);

/* ---- For a server with clients not from server_admit -------------------- */

/* Serves a client; there is a place. */
void	server_serve(struct server *, const struct addr *peer,
	    const struct addr *local);
/* Frees a conn at once, for another conn. */
void	server_evict(struct server *, struct conn *);

/* ---- Clients on the standard streams: multi_client.c -------------------- */

/*
 * One session whose far endpoint is the port of a hub, of which the clients
 * are the members. All 0 at first.
 *
 * Laws: a failure ends one client alone, and is reported; a client that has
 * ended gets the bytes that are on their way, and is closed; limits of
 * silence and time apply to each client. The session begins with the first
 * client, so the input is not read before.
 */
struct multi_client {
	struct hub_port	 port;
	bool		 begun;		/* the session */
};

/* A kind of conn; common is the multi_client. */
conn_starter	conn_multi_client;
/* Adds the bytes that the clients held when the session was over. */
void		multi_client_add_losses(const struct multi_client *,
		    struct outcome *);

/* ---- Senders of datagrams: udp_server.c --------------------------------- */

struct forward;

/*
 * A command, or with forward (NULL: none) a target, for each peer that sends to
 * these bound datagram sockets. Sockets and forward are taken. Without -k there
 * is one session, with the first peer, and its end ends the run.
 */
void	udp_server(struct run *, const struct fd *, size_t n,
	    struct forward *forward);

#endif

/*
 * A server of streams: many connections at once.
 *
 * Laws: never more than --max-conns, nor than the descriptors allow; a full
 * house leaves the listener out of the wait, so that the kernel's backlog
 * queues (or, ncat's rule, turns the next one away); what fails for one
 * client is told and ends that client alone.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "net/listen.h"
#include "serve/conn.h"

struct server {
	struct run		*run;
	struct listener		*listener;
	TAILQ_HEAD(, conn)	 conns;
	unsigned		 n, most;
	unsigned		 numbered;	/* clients so far */
	bool			 once;		/* just one, then the end */
	bool			 stopping;
	bool			 kept;	/* goes on without clients, until
					   somebody else stops the loop */
	struct conn		*(*start)(const struct conn_start *,
				    int *status);
	void			*common;	/* handed to start */
};

/*
 * each: descriptors that one client needs, its socket included. once: serve
 * the first client alone, and stop the run with its status.
 */
void	server_init(struct server *, struct run *, unsigned each, bool once);
/* A client is in; fd is taken. */
void	server_admit(struct server *, struct fd *, const struct addr *peer,
	    const struct addr *local);
/* Take no more; end those that are in, as conn_ops.stop says. */
void	server_stop(struct server *, bool now);

#endif

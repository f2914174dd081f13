/*
 * The modes that have a session or more. Each is run once, and returns the
 * exit status of the program.
 */
#ifndef MODE_MODE_H
#define MODE_MODE_H

#include <limits.h>

#include "serve/conn.h"
#include "serve/proxy_login.h"

int	mode_connect(const struct plan *);
int	mode_device(const struct plan *);
int	mode_inherit(const struct plan *);
/* Listening sockets at most: a wildcard may need one for each family. */
#define SOCKETS	8

struct worker;
/* worker: the process is one of --workers; NULL: no. */
int	mode_listen(const struct plan *, const struct worker *);
/*
 * --workers: processes that listen on one port. The plan is changed in the
 * workers; each process returns its exit status.
 */
int	mode_workers(struct plan *);

/* ---- For the modes ------------------------------------------------------ */

/* A process of --workers. */
struct worker {
	int		 number;	/* from 1 on */
	int		 parent;	/* pipe of worker_ready */
	int		 others;	/* of worker 1: gets the port for each
					   of the others; else -1 */
	uint16_t	 port;		/* of the others; 0: of worker 1 */
	pid_t		 job;		/* the parent's process group */
	struct tls_context *tls;	/* NULL: no TLS */
	unsigned char	 secret[NONCE_SECRET];	/* the same in all */
};

/* From a worker to the parent: its sockets are open. */
struct worker_open {
	int		 number;
	size_t		 n;
	struct addr	 bound[SOCKETS];
};
_Static_assert(sizeof(struct worker_open) <= PIPE_BUF, "one write");

/* Reports the listening sockets of a worker; -1 with errno. */
int	worker_ready(const struct worker *, const struct addr *, size_t n,
	    int nworkers);

struct mode_peer {
	const char		*host;	/* as typed by the user, or NULL */
	unsigned		 port;	/* for host; 0: the address's */
	const struct addr	*local;	/* for a chat; NULL: the socket's */
	struct layer		*tls;	/* taken, also on failure; or NULL */
	/*
	 * Datagrams that others sent before connect(2) are dropped, those of a
	 * raw socket lose their header, and an empty datagram ends a chat.
	 */
	bool			 udp;
};

/* What serves a client of this plan: a command, an echo, a member, -F, ... */
conn_starter	*mode_starter(const struct plan *);
/*
 * Makes r->far of a connected socket, which is taken, and names the peer to a
 * chat. Reports a failure, and returns false.
 */
bool	mode_open_far(struct run *, struct fd *, const struct addr *,
	    const struct mode_peer *);
/*
 * Starts the run's only conn, of its kind, which a signal ends; NULL: it could
 * not start, and the run stops.
 */
void	mode_serve(struct run *, struct conn **, const struct conn_start *);
/* The same for a conn that has started (NULL: has not, with this status). */
void	mode_hold(struct run *, struct conn **, int status);
/* The over() of such a conn, with the run as arg: stops the run. */
void	mode_on_over(void *run, struct conn *, int status);

/* ---- Listening for datagrams -------------------------------------------- */

struct everybody;

/*
 * Serves from these bound sockets, which are taken: with a command, as
 * serve/server.h says, or on the standard streams. Without -k the first
 * sender becomes the peer, and no other is heard. With -k (one socket then),
 * or if the first sender cannot be answered, all senders are heard, and the
 * input is sent to the last of them. *all is set with -k on the standard
 * streams, otherwise to NULL; *all is freed with the run.
 */
void	receive_start(struct run *, const struct fd *, size_t n,
	    struct everybody **all);
/*
 * The session of everybody has ended by a limit: the next datagram begins
 * another; rest: after a pause, for lack of system resources.
 */
void	receive_again(struct everybody *, bool rest);

#endif

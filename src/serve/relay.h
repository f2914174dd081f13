/*
 * A relay: a kind of conn whose bytes cross between the client's socket and
 * the socket of a target, in two directions, each of which ends on its own.
 *
 *	set-up --relay_join--> relaying --both ways over--> closed, or cut
 *	set-up --relay_refuse--> closed
 *
 * The owner of the set-up finds a target: forward dials at once, a proxy
 * server reads a request first. From relay_join on, the relay needs no owner.
 *
 * Laws: an end is passed on after the data. A failure of one side, also TLS
 * that ends without close_notify, never looks like an end to the other: what
 * was read is delivered and acknowledged (a side that takes nothing for
 * STALL_LIMIT counts as gone), and then the other side is reset. A limit or a
 * signal does not look like an end either: within DRAIN_TIME each side gets
 * what was read and, unless it has got the end of the other side, a reset.
 * Datagrams have no end, and silence is one. An idle client costs no flow, no
 * ring and no kernel pipe.
 */
#ifndef SERVE_RELAY_H
#define SERVE_RELAY_H

#include "link/way.h"
#include "serve/conn.h"

/* The set-up of a relay; arg is its owner's. */
struct relay_setup {
	/*
	 * The client's socket is readable, has ended or has failed; NULL:
	 * nothing of the client is read before it has a target.
	 */
	void	(*ready)(void *arg, struct conn *);
	/*
	 * The set-up is over, because the client has a target or is closed:
	 * ends what runs, and frees arg. Called once.
	 */
	void	(*dispose)(void *arg);
};

/* A socket that is connected to a target. */
struct relay_target {
	struct fd		*fd;	/* taken, also on failure */
	struct layer		*tls;	/* taken likewise; NULL: no TLS */
	const struct addr	*addr;
	const char		*name;	/* for messages; copied */
	/* Puts further layers on the target's endpoint; NULL: none. */
	void			(*wrap)(void *arg, struct endpoint *);
	void			*arg;
	/* Bytes that go first; NULL: none. */
	const void		*to_target, *to_client;
	size_t			 nto_target, nto_client;
	/* Filters in the place of the plan's; taken; NULL: none. */
	struct filter		*there, *back;
};

/* Frees the filters of a target that is not relayed. */
static inline void
relay_target_drop(const struct relay_target *t)
{
	filter_free(t->there);
	filter_free(t->back);
}

/*
 * Starts a relay of the client, whose set-up begins. NULL after a message:
 * arg stays the caller's, and *status is the exit status of the program.
 */
struct conn	*relay_new(const struct conn_start *,
		    const struct relay_setup *, void *arg, int *status);

/* ---- During the set-up -------------------------------------------------- */

/*
 * Ends the set-up, and relays between client and target. Without memory the
 * client is closed after a message.
 */
void	relay_join(struct conn *, const struct relay_target *);
/*
 * Ends the set-up, and resets the client, who gets no target. status: of the
 * program, if this client is all there is.
 */
void	relay_refuse(struct conn *, int status);
/* The same, but what was written to the client arrives, and then an end. */
void	relay_end(struct conn *, int status);

/* ---- Framed messages between a stream and datagrams: bare_frames.c ------ */

/*
 * The stream has frames, and each datagram is a bare message: puts a layer on
 * the side of datagrams, of which what is read has its frame, and what is
 * written, in pieces of any size, loses it. A datagram that the format
 * cannot hold is dropped. Fills the options of both directions, of which that
 * to the datagrams fails if the stream has no frames. -1: no memory; the caller
 * frees the filters and gates that were made.
 */
int	bare_frames_stages(const struct plan *, struct endpoint *target,
	    struct endpoint *client, struct flow_options *there,
	    struct flow_options *back);

#endif

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

struct relay;

/* The set-up of a relay; arg is its owner's. */
struct relay_setup {
	/*
	 * The client's socket is readable, has ended or has failed; NULL:
	 * nothing of the client is read before it has a target.
	 */
	void	(*ready)(void *arg, struct relay *);
	/* When to call review; 0: never. NULL: never. */
	int64_t	(*date)(const void *arg);
	void	(*review)(void *arg, struct relay *);
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
	/* Bytes that go first, at most RELAY_FIRST; NULL: none. */
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

#define RELAY_FIRST	((size_t)32 << 10)

/*
 * Starts a relay of the client, whose set-up begins. NULL after a message:
 * arg stays the caller's, and *status is the exit status of the program.
 */
struct relay	*relay_new(const struct conn_start *,
		    const struct relay_setup *, void *arg, int *status);
static inline struct conn *
relay_conn(struct relay *relay)
{
	return (struct conn *)relay;
}

/* ---- During the set-up -------------------------------------------------- */

/* Whether the client's socket is waited for, so that ready() is called. */
static inline void
relay_listen(struct relay *relay, bool listens)
{
	struct endpoint *ep = &relay_conn(relay)->ep;

	ep->in.wants = listens ? way_always : NULL;
	endpoint_touch(ep);
}

/* Asks for the set-up's date again. */
static inline void
relay_redate(struct relay *relay)
{
	conn_arm(relay_conn(relay));
}
/*
 * Ends the set-up, and relays between client and target. Without memory the
 * client is closed after a message.
 */
void	relay_join(struct relay *, const struct relay_target *);
/*
 * Ends the set-up, and resets the client, who gets no target. status: of the
 * program, if this client is all there is.
 */
void	relay_refuse(struct relay *, int status);
/*
 * The same, but what was written to the client arrives, and then an end.
 */
void	relay_end(struct relay *, int status);

#endif

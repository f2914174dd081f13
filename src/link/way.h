/*
 * A way: a direction of a connection that is served among many others. It has
 * a flow only while bytes move, or while a filter or a gate may keep some.
 *
 * Law: an idle way is three words, without a flow, a ring or a kernel pipe.
 */
#ifndef LINK_WAY_H
#define LINK_WAY_H

#include "pump/flow.h"

struct way {
	struct flow	*flow;		/* NULL: idle; of a way that is over:
					   what the flow has counted */
	uint64_t	 moved;		/* bytes, by the flows before */
	int16_t		 read_errno, write_errno;	/* when over; 0: none */
	enum flow_cause	 cause : 8;	/* FLOW_GOING: not over */
	bool		 cancelled;	/* with bytes held, perhaps */
};

/* Where a way begins and where it ends. */
struct way_ends {
	struct endpoint	*from, *to;
};

/* What a step is told, and what it tells. */
struct way_step {
	struct way_ends		 ends;
	const char		*name;	/* of the flow, for traces */
	struct flow_options	 opt;	/* of a flow that begins: without
					   filter and gate */
	int64_t			 now;
	bool			 shuts;	/* the end of the source is passed on */
	bool			 unclean;	/* ... also after a failure */
	bool			 moved;	/* bytes have moved, or a pause of our
					   own goes on */
	bool			 more;	/* another step may move some without
					   an event */
};

static inline bool
way_is_over(const struct way *w)
{
	return w->cause != FLOW_GOING;
}

/* Whether the source has ended, and the sink has everything. */
static inline bool
way_has_ended(const struct way *w)
{
	return w->cause == FLOW_EOF && !w->cancelled && w->write_errno == 0;
}

/* Whether the gate lets nothing move any more. */
static inline bool
way_stalls(const struct way *w)
{
	return w->flow != NULL && w->flow->stalled;
}

/*
 * Begins with a flow, which takes the filter and the gate of the step's
 * options, also on failure, and has these n bytes to write first. The way is
 * zeroed before. -1 with errno.
 */
int	way_begin(struct way *, const struct way_step *, const void *bytes,
	    size_t n);
/* Moves bytes. Without memory the way is over. */
void	way_step(struct way *, struct way_step *);
/* Reads no more; held: the bytes that are held go on. */
void	way_stop(struct way *, struct way_ends, bool held);
/* The other direction's gate asks for a reset: the bytes held are dropped. */
void	way_reset(struct way *, struct way_ends);
/*
 * Looks whether the sink has failed, while nothing is read from that side: the
 * bytes held are lost.
 */
void	way_see_death(struct way *, struct way_ends);
/* Gives back the pipe and the flow of an idle way. */
void	way_rest(struct way *, struct way_ends);
/* When to rest, or when a gate opens; 0: never. */
int64_t	way_date(const struct way *, int64_t rest_at);
/* What has become of the bytes so far. */
struct ledger way_ledger(const struct way *);
/*
 * Drops the bytes that are held, and returns what has become of all. The way
 * is over.
 */
struct ledger way_end(struct way *);
/* Adds the reason why a filter could not use the bytes. */
void	way_blame(const struct way *, struct error *);
/* Frees the flow. */
void	way_free(struct way *);

/* The wants() of a half that is always waited for, and of one that never is. */
bool	way_always(const void *user);
bool	way_never(const void *user);

#endif

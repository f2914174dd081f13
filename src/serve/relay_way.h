/*
 * A direction of a relay, which has a flow only while bytes are on their way.
 */
#ifndef SERVE_RELAY_WAY_H
#define SERVE_RELAY_WAY_H

#include "pump/flow.h"

struct relay_way {
	struct flow	*flow;		/* NULL: idle, or over */
	struct endpoint	*from, *to;
	size_t		 block;		/* most bytes in a read; 0: many */
	const char	*fault;		/* of the bytes; or NULL */
	uint64_t	 read, written, lost;	/* by the flows before */
	uint64_t	 dropped;	/* likewise, as was asked */
	int		 read_errno, write_errno;	/* when over; 0: none */
	struct flow_meter *meter;	/* of all its flows; or NULL */
	bool		 is_back;	/* from the target */
	bool		 over;
	bool		 ended;		/* over because the source has ended,
					   and the sink has everything */
	bool		 cancelled;	/* with bytes held, perhaps */
	bool		 limited;	/* over because of max_reads */
	bool		 reset;		/* over because its gate asks for a
					   reset of both sides */
};

/*
 * Begins with a flow, which takes the filter and the gate of the options, also
 * on failure, and has these n bytes to write first. -1 with errno.
 */
int	relay_way_begin(struct relay_way *, const struct flow_options *,
	    const void *bytes, size_t n);
/* What a step is told, and what it tells. */
struct relay_step {
	int64_t			 now;
	enum mover_choice	 mover;
	bool			 moved;	/* bytes have moved, or a pause of our
					   own goes on */
	bool			 more;	/* another step may move some without
					   an event */
};

/*
 * Moves bytes. shuts: the end of the source is passed on to the sink. False
 * with errno: no memory.
 */
bool	relay_way_step(struct relay_way *, struct relay_step *, bool shuts);
/* Reads no more; held: the bytes that are held go on. */
void	relay_way_stop(struct relay_way *, bool held);
/* The other direction's gate asks for a reset: the bytes held are dropped. */
void	relay_way_reset(struct relay_way *);
/* Whether the gate lets nothing move any more. */
bool	relay_way_stalls(const struct relay_way *);
/* The sink has failed while nothing was read from that side. */
void	relay_way_sink_failed(struct relay_way *, int num);
/*
 * Looks whether the sink of this direction has failed, while nothing is read
 * from that side.
 */
void	relay_way_see_death(struct relay_way *);
/* Counts what has become of a flow that is done. */
void	relay_way_conclude(struct relay_way *);
/* Gives back the pipe and the flow of an idle direction. */
void	relay_way_rest(struct relay_way *);
/* When to rest, or when a gate opens; 0: never. */
int64_t	relay_way_date(const struct relay_way *, int64_t rest_at);
/* Drops the bytes that are held; they count as lost. */
void	relay_way_end(struct relay_way *);

/* The wants() of a half that nothing waits for. */
bool	relay_way_never(const void *user);

#endif

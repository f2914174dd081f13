/*
 * Whether a flow tries its source again without a wait for readiness.
 *
 *	WAIT --short moves in a row--> PROBE --bytes--> TRY --none--> WAIT
 *	                               PROBE --none--> WAIT
 *
 * If a producer writes many small pieces, and faster than they are read, each
 * wait returns at once with little. A flow that tries does not wait: it lets
 * other programs run first (sched_yield(2)), so that pieces gather in the
 * pipe, and it does not watch the source, since each write into a pipe that is
 * in an epoll set costs the producer half as much again. It never holds a byte
 * back, and the first try without a byte ends it.
 */
#ifndef PUMP_PACE_H
#define PUMP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A move of fewer bytes is short. */
#define PACE_SHORT	((size_t)16 << 10)
/* So many short moves lead to the first probe, and at most so many to one. */
#define PACE_RUN	8
#define PACE_RUN_MOST	128

enum pace_state { PACE_WAIT, PACE_PROBE, PACE_TRY };

/* All 0 at the start. */
struct pace {
	enum pace_state	 state : 8;
	uint16_t	 run;		/* short moves without a wait for an
					   answer */
	uint16_t	 vain;		/* added to PACE_RUN: doubles with each
					   probe without a byte */
};

/* A turn has taken n bytes from the source; 0: none was there. */
void	pace_moved(struct pace *, size_t n);
/* The sink is full: the flow waits. */
void	pace_stopped(struct pace *);
/* Bytes came in the other direction: it may be a conversation. */
void	pace_answered(struct pace *);

#endif

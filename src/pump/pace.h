/*
 * Whether a flow tries its source again without a wait for readiness.
 *
 *	WAIT --short moves in a row--> PROBE --bytes--> TRY
 *	TRY --short moves in a row--> NAP --much, or many naps--> TRY
 *	PROBE, TRY, NAP --none--> WAIT
 *
 * If a producer writes many small pieces, and faster than they are read, each
 * wait returns at once with little. A flow that tries does not wait: it lets
 * other programs run first (sched_yield(2)), or sleeps for some 70 us
 * (loop_post_soon), so that pieces gather in the pipe. It does not watch the
 * source, since each write into a pipe that is in an epoll set costs the
 * producer half as much again. No byte that was read is held back, and the
 * first try without a byte ends it.
 */
#ifndef PUMP_PACE_H
#define PUMP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A move of fewer bytes is short. */
#define PACE_SHORT	((size_t)16 << 10)
/* So many short tries in a row lead to naps, and so many naps back to tries. */
#define PACE_TRIES	16
#define PACE_NAPS	256
/* A nap that brings so much was too long. */
#define PACE_MUCH	((size_t)192 << 10)
/* So many short moves lead to the first probe, and at most so many to one. */
#define PACE_RUN	8
#define PACE_RUN_MOST	128

/* The source is watched in the first two. */
enum pace_state { PACE_WAIT, PACE_PROBE, PACE_TRY, PACE_NAP };

/* All 0 at the start. */
struct pace {
	enum pace_state	 state : 8;
	uint16_t	 run;		/* short moves without a wait for an
					   answer; or naps */
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

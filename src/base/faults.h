/*
 * The faults that a user asks for, as the plan embeds them and filter/ makes
 * them. Times are in nanoseconds; 0: none, where not said otherwise.
 */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* Chances are counted in millionths. */
#define FAULT_CERTAIN	1000000

/* After so many bytes of one direction, or so much time of the connection. */
struct fault_limit {
	bool		on;
	uint64_t	bytes;		/* UINT64_MAX: there is a time */
	int64_t		time;		/* ns; -1: there are bytes */
};

struct fault_rules {
	int64_t			delay;
	int64_t			jitter;		/* at most delay */
	uint64_t		rate;		/* bytes per second; 0: any */
	uint64_t		burst;		/* bytes */
	uint32_t		drop;		/* chances */
	uint32_t		duplicate;
	uint32_t		reorder;
	struct fault_limit	reset_after;
	struct fault_limit	stall_after;
	int64_t			slow_close;
	uint64_t		seed;		/* of the chances */
};

/* Whether a datagram may be dropped, sent twice or overtaken. */
static inline bool
faults_of_datagrams(const struct fault_rules *r)
{
	return r->drop != 0 || r->duplicate != 0 || r->reorder != 0;
}

static inline bool
faults_by_chance(const struct fault_rules *r)
{
	return r->jitter != 0 || faults_of_datagrams(r);
}

static inline bool
faults_any(const struct fault_rules *r)
{
	return r->delay != 0 || r->rate != 0 || faults_of_datagrams(r) ||
	    r->reset_after.on || r->stall_after.on || r->slow_close != 0;
}

#endif

/*
 * What ends a session: the dialects of netcat differ in these values only.
 * Filled by plan/, obeyed by pump/.
 */
#ifndef BASE_POLICY_H
#define BASE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

/* What the end of the near input (usually stdin) does. */
enum near_eof {
	NEAR_HALF_CLOSE,	/* everything sent, then shutdown(2) */
	NEAR_KEEP,		/* nothing: go on receiving */
	NEAR_CLOSE		/* everything sent, then the session is over */
};

/* What the end of the far input does to what is still to be sent. */
enum far_eof {
	/* Go on until the near input ends or the far end refuses. */
	FAR_WAIT,
	/*
	 * The same if the near input is a file or has given data; if it is a
	 * terminal, or idle and never gave a byte, the session is over.
	 */
	FAR_FINISH,
	/* Send what the near input has to give now, then it is over. */
	FAR_IDLE,
	/* The same, but one that has given nothing gets a second to begin. */
	FAR_ANSWER,
	/* What was read is still sent; the near input is left for the next. */
	FAR_LEAVE
};

struct end_policy {
	enum near_eof	near_eof;
	enum far_eof	far_eof;
	/*
	 * With FAR_FINISH: a near input that has given data may then pause so
	 * long, and no longer; 0: no limit. The copied tools leave at once,
	 * and their scripts may hold the input open for ever.
	 */
	int64_t		far_pause;
	/* Nothing to send at all (/dev/null): half-close only at the end. */
	bool		null_keeps;
	/*
	 * A peer that is talking is not told of the end of the near input
	 * before it pauses: some take that for the end of both directions.
	 */
	bool		patient;
	/*
	 * After the near input's end, and the last of what stands behind
	 * pauses, at most this long; -1: no limit.
	 */
	int64_t		linger;
	/* At most this long without a byte either way; -1: no limit. */
	int64_t		idle;
	/* ... so often is such a silence forgiven. */
	unsigned	silences;
	/* ... counted only once the near input has ended. */
	bool		idle_after_near;
	/* At most this long in all; -1: no limit. */
	int64_t		total;
	/* Ends after so many reads from the far end; 0: no limit. */
	unsigned	max_reads;
	/*
	 * A near output that fails ends that direction only: a child may stop
	 * reading while it still has something to say.
	 */
	bool		near_deaf;
	/*
	 * Else, what was read for the far end by then gets at most this long;
	 * 0: no limit.
	 */
	int64_t		last_words;
	/* Before success, wait until the peer's kernel has everything. */
	bool		confirm;
};

/*
 * Until when a patient half-close waits (nanoseconds, as all dates here), for
 * a peer that was connected at started and spoke last at spoke, heard bytes
 * in all; said bytes had the near input. An answer is over soon, and in the
 * midst of much data a busy machine may pause. Where nothing was asked there
 * is no answer to wait for: whoever says nothing is there to receive.
 */
static inline int64_t
policy_hush(int64_t started, int64_t spoke, uint64_t heard, uint64_t said)
{
	const uint64_t bulk = (uint64_t)64 << 10;
	bool long_one = said == 0 || heard >= bulk;

	if (heard == 0)
		return started + (long_one ? 500 : 50) * NSEC_PER_MSEC;
	return spoke + (long_one ? 500 : 20) * NSEC_PER_MSEC;
}

#endif

/*
 * What ends a session: the dialects of netcat differ in these values only.
 * Filled by plan/, obeyed by pump/.
 */
#ifndef BASE_POLICY_H
#define BASE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

/* A peer that takes nothing for so long while it is waited for has gone. */
#define STALL_LIMIT	(20 * NSEC_PER_SEC)

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
	/* What the near input is and has given decides: enum far_rule. */
	FAR_BY_INPUT,
	/* Send what the near input has to give now, then it is over. */
	FAR_IDLE,
	/* What was read is still sent; the near input is left for the next
	 * session. */
	FAR_KEEP_INPUT
};

/*
 * With FAR_BY_INPUT: the far end has ended and the near input has not. The
 * first rule that fits says how long the near input may then be silent.
 */
enum far_rule {
	RULE_NONE,		/* not decided yet */
	RULE_FILE,		/* the input is a regular file */
	RULE_ENDLESS,		/* ... a terminal, /dev/null, or a FIFO that
				   is open for writing, too: it has no end */
	RULE_FILTER,		/* ... a named FIFO, and whoever reads our
				   output sees the end of it: a filter */
	RULE_SHARED,		/* the same, but another process holds our
				   output open */
	RULE_RECEIVED,		/* the peer gave data, the input did not */
	RULE_EXCHANGED,		/* both gave data */
	RULE_SENDING,		/* the input gave data, the peer did not */
	RULE_SILENT,		/* neither gave data */
	FAR_RULES
};

/* Why a session has ended. */
enum session_end {
	SESSION_GOING,		/* it has not */
	SESSION_EOF,		/* both directions ended by themselves */
	SESSION_LINGER,		/* linger has passed (-q) */
	SESSION_IDLE,		/* idle has passed (-w, --idle-timeout) */
	SESSION_TOTAL,		/* total has passed */
	SESSION_LIMIT,		/* max_reads are read (-W) */
	SESSION_INTERRUPTED	/* by a signal */
};

struct end_policy {
	enum near_eof	near_eof;
	enum far_eof	far_eof;
	/*
	 * With FAR_BY_INPUT, for each rule: after so much silence of the near
	 * input (ns) it is over; 0: at once; -1: no limit.
	 */
	int64_t		far_limit[FAR_RULES];
	/* RULE_SILENT is a failure: nothing was exchanged. */
	bool		silence_fails;
	/* Nothing to send at all (/dev/null): half-close only at the end. */
	bool		null_keeps;
	/*
	 * A peer that is talking is not told of the end of the near input
	 * before it pauses: some take that for the end of both directions.
	 */
	bool		delay_half_close;
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
	bool		ignore_output_error;
	/*
	 * Else, what was read for the far end by then gets at most this long;
	 * 0: no limit.
	 */
	int64_t		last_words;
	/*
	 * When the reader of the near output has left and nothing is held:
	 * the far end may end within this time, and nothing was lost. 0: the
	 * output has failed at once.
	 */
	int64_t		reader_wait;
	/*
	 * Datagrams: after the near input's end it is over once no answer
	 * came for so long; 0: no limit.
	 */
	int64_t		answer_wait;
	/* ... and a refusal that no answer followed is a failure. */
	bool		refusal_fails;
	/*
	 * ... or ends the session at once, as an error of reading does. Else
	 * it does so only when there is nothing more to send.
	 */
	bool		refusal_ends;
	/* Before success, wait until the peer's kernel has everything. */
	bool		confirm;
};

/* The rule for an input of which the data decides, see far_end.c. */
static inline enum far_rule
policy_data_rule(bool heard, bool given)
{
	if (heard)
		return given ? RULE_EXCHANGED : RULE_RECEIVED;
	return given ? RULE_SENDING : RULE_SILENT;
}

#define FAR_RULE_TEXT_MAX	128
/*
 * "only the peer sent data: leave at once": when the rule applies, and what
 * is done by this policy. Returns buf.
 */
const char	*policy_far_text(const struct end_policy *, enum far_rule,
		    char buf[FAR_RULE_TEXT_MAX]);

/*
 * Until when a patient half-close waits (nanoseconds, as all dates here), for
 * a peer that was connected at started and spoke last at spoke, heard bytes
 * in all; said bytes had the near input. An answer is over soon, and in the
 * midst of much data a busy machine may pause. Where nothing was asked there
 * is no answer to wait for: whoever says nothing is there to receive.
 */
static inline int64_t
policy_half_close_delay(int64_t started, int64_t spoke, uint64_t heard,
    uint64_t said)
{
	const uint64_t bulk = (uint64_t)64 << 10;
	bool long_one = said == 0 || heard >= bulk;

	if (heard == 0)
		return started + (long_one ? 500 : 50) * NSEC_PER_MSEC;
	return spoke + (long_one ? 500 : 20) * NSEC_PER_MSEC;
}

#endif

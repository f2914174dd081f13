/*
 * The policy that ends a session, as data: the dialects of netcat differ in
 * these values. cli/ fills it, pump/ obeys it. Times are in nanoseconds.
 */
#ifndef BASE_POLICY_H
#define BASE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

/* A peer that takes nothing for this long, while it has to, has gone. */
#define STALL_LIMIT	(20 * NSEC_PER_SEC)

/* The effect of the end of the near input (usually stdin). */
enum near_eof {
	NEAR_HALF_CLOSE,	/* all is sent, then shutdown(2) */
	NEAR_KEEP,		/* none: receiving goes on */
	NEAR_CLOSE		/* all is sent, then the session is over */
};

/* The effect of the end of the far input on the near input. */
enum far_eof {
	/* Sending goes on until the near input ends or the peer refuses. */
	FAR_WAIT,
	/* The kind of near input and its data decide: enum far_rule. */
	FAR_BY_INPUT,
	/* What the near input has now is sent, then the session is over. */
	FAR_IDLE,
	/* What was read is sent; the near input is for the next session. */
	FAR_KEEP_INPUT
};

/*
 * With FAR_BY_INPUT, when the far end has ended and the near input has not,
 * the first rule that applies limits how long the near input may be silent.
 */
enum far_rule {
	RULE_NONE,		/* not decided yet */
	RULE_FILE,		/* the input is a regular file */
	RULE_ENDLESS,		/* ... a terminal, /dev/null, or a FIFO that
				   is open for writing, too: it has no end */
	RULE_FILTER,		/* ... a named FIFO, and the reader of the
				   output sees its end: a filter */
	RULE_SHARED,		/* the same, but another process holds the
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
	 * With FAR_BY_INPUT, by rule: the silence of the near input after
	 * which the session is over; 0: at once; -1: no limit.
	 */
	int64_t		far_limit[FAR_RULES];
	bool		silence_fails;	/* RULE_SILENT is a failure: nothing
					   was exchanged */
	bool		null_keeps;	/* an input of /dev/null half-closes
					   at the end of the session only */
	/*
	 * The half-close waits for a pause of the peer: some peers take it
	 * for the end of both directions.
	 */
	bool		delay_half_close;
	int64_t		linger;		/* at most, after the near input's end
					   and the last byte behind a gate;
					   -1: no limit */
	int64_t		idle;		/* without a byte either way; -1: no
					   limit */
	unsigned	silences;	/* such times that do not count */
	bool		idle_after_near; /* idle counts from the end of the
					    near input */
	int64_t		total;		/* at most; -1: no limit */
	unsigned	max_reads;	/* from the far end; 0: no limit */
	/*
	 * A failed near output ends its direction only: a child may stop
	 * reading and still write.
	 */
	bool		ignore_output_error;
	int64_t		last_words;	/* otherwise: for bytes that are held
					   for the far end; 0: no limit */
	int64_t		reader_wait;	/* the reader of the near output has
					   left, and nothing is held: if the
					   far end ends in this time, nothing
					   was lost; 0: a failure at once */
	int64_t		answer_wait;	/* datagrams: for an answer, after the
					   near input's end; 0: no limit */
	bool		refusal_fails;	/* ... a refusal without an answer is
					   a failure */
	bool		refusal_ends;	/* ... or ends the session at once; if
					   false, when nothing is left to be
					   sent */
	bool		confirm;	/* success: the peer's kernel has
					   acknowledged everything */
};

/* Returns the rule for an input whose data decides (far_end.c). */
static inline enum far_rule
policy_data_rule(bool heard, bool given)
{
	if (heard)
		return given ? RULE_EXCHANGED : RULE_RECEIVED;
	return given ? RULE_SENDING : RULE_SILENT;
}

#define FAR_RULE_TEXT_MAX	128
/*
 * Writes "only the peer sent data: leave at once": when the rule applies, and
 * its effect with this policy. Returns buf.
 */
const char	*policy_far_text(const struct end_policy *, enum far_rule,
		    char buf[FAR_RULE_TEXT_MAX]);

/*
 * Returns the time until which delay_half_close waits for a peer that was
 * connected at started, sent its last byte at spoke and heard bytes in all,
 * while the near input gave said bytes. An answer is short; within much data
 * a busy machine may pause. If nothing was sent, there is no answer: a silent
 * peer is there to receive.
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

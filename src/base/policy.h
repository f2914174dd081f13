/*
 * A plan's settings for the pump: how bytes cross, and which events end a
 * session. The dialects of netcat differ in these values only. Filled by cli/,
 * obeyed by pump/ and frame/.
 */
#ifndef BASE_POLICY_H
#define BASE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

/* Time for held bytes after a signal. */
#define DRAIN_TIME	NSEC_PER_SEC
/* Time after which a peer that takes no bytes is given up while draining. */
#define STALL_LIMIT	(20 * NSEC_PER_SEC)

/* The effect of the end of the near input (usually standard input). */
enum near_eof {
	NEAR_HALF_CLOSE,	/* sends everything, then shutdown(2) */
	NEAR_KEEP,		/* nothing: receiving goes on */
	NEAR_CLOSE		/* sends everything and ends the session */
};

/* The effect of the end of the far input on the other direction. */
enum far_eof {
	/* Sending goes on until the near input ends or the peer refuses. */
	FAR_WAIT,
	/* The kind of the near input and its data decide: enum far_rule. */
	FAR_BY_INPUT,
	/* Sends all input that can be read now, and ends the session. */
	FAR_IDLE,
	/* Sends the bytes read, and leaves the input to the next session. */
	FAR_KEEP_INPUT
};

/*
 * With FAR_BY_INPUT, when the far end has ended and the near input has not: the
 * first rule that fits says how long the near input may be silent.
 */
enum far_rule {
	RULE_NONE,		/* not decided yet */
	RULE_FILE,		/* the input is a regular file */
	RULE_ENDLESS,		/* input without end: a terminal, /dev/null, a
				   FIFO that is open for writing, too */
	RULE_FILTER,		/* a named FIFO, and the reader of our output
				   sees the output's end: a filter */
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
	SESSION_GOING,		/* the session has not ended */
	SESSION_EOF,		/* both directions ended by themselves */
	SESSION_LINGER,		/* linger has passed (-q) */
	SESSION_IDLE,		/* idle has passed (-w, --idle-timeout) */
	SESSION_TOTAL,		/* total has passed */
	SESSION_LIMIT,		/* max_reads are read (-W) */
	SESSION_RESET,		/* the connection is to be reset, as asked */
	SESSION_INTERRUPTED	/* by a signal */
};

/* How the bytes of a flow cross; see pump/mover.h. */
enum mover_choice { MOVER_AUTO, MOVER_COPY, MOVER_SPLICE, MOVER_SENDFILE };

/* How the messages of a stream are delimited; see frame/frame.h. */
enum frame_format {
	FRAME_NONE, FRAME_LINE, FRAME_LEN6, FRAME_U16BE, FRAME_U32BE,
	FRAME_NETSTRING
};

/* Times are in nanoseconds; -1 (where allowed): no limit. */
struct end_policy {
	enum near_eof	near_eof;
	enum far_eof	far_eof;
	/* With FAR_BY_INPUT: how long the near input may be silent, or -1. */
	int64_t		far_limit[FAR_RULES];
	bool		silence_fails;	/* RULE_SILENT is a failure */
	/* With nothing to send (/dev/null), half-closes at the end only. */
	bool		null_keeps;
	/*
	 * ... and a terminal as output: time in which the peer has to begin, or
	 * the session ends; 0: no limit.
	 */
	int64_t		null_wait;
	/* Waits for a pause: some peers take a FIN for the end of both ways. */
	bool		delay_half_close;
	/* Time for answers after the near input's end and its gate; or -1. */
	int64_t		linger;
	/* Time without a byte in either direction; or -1. */
	int64_t		idle;
	unsigned	silences;	/* idle times that are forgiven */
	/* idle counts only after the end of the near input. */
	bool		idle_after_near;
	int64_t		total;		/* of the whole session; or -1 */
	/* Reads from the far end until the session ends; 0: no limit. */
	unsigned	max_reads;
	/* A failure of the near output, as of a child's, ends one direction. */
	bool		ignore_output_error;
	/* Otherwise: time to send the bytes read until then; 0: no limit. */
	int64_t		drain_time;
	/*
	 * When the reader of the near output has left and nothing is held:
	 * time in which the far end may end without a loss. 0: the output has
	 * failed at once.
	 */
	int64_t		reader_wait;
	/*
	 * Datagrams: time without an answer that ends the session after the
	 * end of the near input; 0: no limit.
	 */
	int64_t		answer_wait;
	bool		refusal_fails;	/* if no answer follows a refusal */
	/* A refusal ends the session at once; else only at the input's end. */
	bool		refusal_ends;
	bool		confirm;	/* awaits the peer's last ACK */
	/*
	 * Output that was cut ends in a reset: an end would tell the peer that
	 * it has everything.
	 */
	bool		cut_resets;
};

/* Returns the rule where the data of both sides decides: link/far_end.c. */
static inline enum far_rule
policy_data_rule(bool received, bool sent)
{
	if (received)
		return sent ? RULE_EXCHANGED : RULE_RECEIVED;
	return sent ? RULE_SENDING : RULE_SILENT;
}

#define FAR_RULE_TEXT_MAX	128
/*
 * Writes when the rule applies and the action of this policy then: "only the
 * peer sent data: leave at once". Returns buf.
 */
const char	*policy_far_text(const struct end_policy *, enum far_rule,
		    char buf[FAR_RULE_TEXT_MAX]);

/*
 * Returns until when delay_half_close waits. Times are monotonic, ns: the peer
 * was connected at started, and sent its last byte at last. received and sent
 * are bytes. An answer is short, but in the midst of much data a busy machine
 * may pause. If nothing was sent there is no answer to wait for: a peer that
 * sends nothing is there to receive.
 */
static inline int64_t
policy_half_close_delay(int64_t started, int64_t last, uint64_t received,
    uint64_t sent)
{
	const uint64_t bulk = (uint64_t)64 << 10;
	bool patient = sent == 0 || received >= bulk;

	if (received == 0)
		return started + (patient ? 500 : 50) * NSEC_PER_MSEC;
	return last + (patient ? 500 : 20) * NSEC_PER_MSEC;
}

#endif

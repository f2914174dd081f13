/*
 * A trial: one run of the program between this process, which feeds its
 * standard input and reads its output, and a peer, which this process plays by
 * a script. The bytes of each direction are a known pattern, so that each that
 * arrives is compared at once. Then the trial is judged:
 *
 *	done	the status is success, and every byte has arrived
 *	clean	a failure with a message; no byte is wrong
 *	bad	a crash, a hang, a spin, a leak, a wrong byte, success in spite
 *		of a loss, or a failure without a word
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRIAL_WORDS = 64, TRIAL_STEPS = 24, TRIAL_TEXT = 4096 };

enum proto { PROTO_TCP, PROTO_UDP, PROTO_UNIX, PROTO_NONE };

enum verb {
	VERB_SEND,		/* n bytes */
	VERB_RECV,		/* n bytes, or until there is a silence */
	VERB_QUIET,		/* n ms: neither reads nor sends */
	VERB_FIN,
	VERB_DRAIN,		/* reads to the end */
	VERB_RST,
	VERB_CLOSE
};

struct step {
	enum verb	verb;
	unsigned	n;
};

enum input { INPUT_PIPE, INPUT_FILE, INPUT_NULL };
enum output { OUTPUT_PIPE, OUTPUT_FILE, OUTPUT_LEAVES };

/* What the bytes of a direction are. */
enum bytes {
	BYTES_ANY,		/* not compared */
	BYTES_INPUT,		/* those of standard input */
	BYTES_PEER		/* those that the peer sends */
};

struct trial {
	char		 name[32];
	char		*argv[TRIAL_WORDS];	/* launcher and program */
	int		 argc;
	enum proto	 proto;		/* of the peer; NONE: there is none */
	bool		 listens;	/* the program does, and the peer
					   connects */
	bool		 keeps;		/* -k: ends by a signal alone */
	bool		 waits;		/* may wait for another client: is told
					   to end after a while */
	bool		 leaks;		/* a fault may leave descriptors */
	unsigned	 clients;	/* one after the other, with -k */
	char		 port[16];	/* or path */
	char		 path[64];
	enum input	 input;
	size_t		 in_size;
	enum output	 output;
	size_t		 leave_after;
	const char	*greeting;	/* sent before the first bytes that
					   are compared; NULL: nothing */
	struct step	 steps[TRIAL_STEPS];
	int		 nsteps;
	enum bytes	 to_out, to_peer;
	/* Success must mean that all that was read of it has arrived. */
	bool		 whole_out, whole_peer;
	bool		 calm;		/* nothing in it may make it fail */
	bool		 mutes;		/* failures may be silent: another
					   tool's name, or a command's status */
};

enum verdict { TRIAL_DONE, TRIAL_CLEAN, TRIAL_BAD };

struct result {
	enum verdict	 verdict;
	char		 why[512];	/* bad */
	char		 said[TRIAL_TEXT]; /* by the program on stderr */
	int		 status;	/* of wait(2) */
	size_t		 bytes;		/* compared, both directions */
	int64_t		 ms;		/* that it took */
};

/* dir: for files of the trial. */
void	trial_run(const struct trial *, const char *dir, struct result *);

/* Appends words to argv; they are copied, and never freed. */
void	trial_add(struct trial *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* ---- plans.c ----------------------------------------------------------- */

enum { NPLANS = 13 };

extern const char *const plan_names[NPLANS];

/* Makes the plan of that number; false: it cannot be done here. */
bool	plan_make(struct trial *, int number, const char *dir);
/* Whether it keeps a descriptor for a while after a write that failed. */
bool	plan_keeps(int number);
/* Makes a plan of the generator's numbers. */
void	plan_random(struct trial *, const char *dir);

/* ---- The generator: xorshift64* --------------------------------------- */

extern uint64_t dice_state;

static inline unsigned
dice(unsigned sides)
{
	dice_state ^= dice_state >> 12;
	dice_state ^= dice_state << 25;
	dice_state ^= dice_state >> 27;
	return (unsigned)((dice_state * UINT64_C(2685821657736338717)) >> 33) %
	    sides;
}

#endif

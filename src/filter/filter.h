/*
 * A filter changes the bytes of one direction; a gate says how many may leave
 * now. Filters stand between the source and the ring of a flow, a gate between
 * the ring and the sink. A gate knows the time, and may drop whole datagrams.
 *
 * Laws: the result does not depend on where reads split the bytes. Bytes that
 * a filter keeps come out with the last push, or with empty pushes after the
 * last.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/ring.h"
#include "base/stamp.h"

/* The longest datagram, or push of a flow. */
#define FILTER_DATAGRAM	((size_t)64 << 10)

struct filter;

struct filter_ops {
	/* Bytes that may come out for each byte that goes in. */
	size_t		 growth;
	/* Bytes that may come out beyond that with the last push. */
	size_t		 tail;
	/* Takes all n bytes; last: nothing follows. */
	void		(*push)(struct filter *, const unsigned char *,
			    size_t n, bool last, struct ring *out);
	void		(*free)(struct filter *);	/* NULL: free(3) */

	/* Each of these may be NULL: false, 0, or NULL. */

	/* Each push is a datagram, of FILTER_DATAGRAM bytes at most. */
	bool		 records;

	/*
	 * The output found no room. The filter takes no bytes before empty
	 * pushes have brought the output out.
	 */
	bool		(*more)(const struct filter *);
	/* Bytes within, which are lost if nothing more is pushed. */
	size_t		(*held)(const struct filter *);
	/*
	 * Why the input is invalid, or NULL. After a fault the filter has
	 * given the output of all input before it, holds nothing, and takes
	 * nothing.
	 */
	const char	*(*fault)(const struct filter *);
	/*
	 * Nothing follows what came out, though the source goes on: the flow
	 * ends as at the end of the source. For a filter outside of a chain.
	 */
	bool		(*over)(const struct filter *);
	/*
	 * Called before a last push that is not the true end of the source:
	 * drops a part that must not pass for a whole; returns the bytes lost.
	 * failed: the source has failed, and was not just left.
	 */
	size_t		(*cut)(struct filter *, bool failed);
};

struct filter {
	const struct filter_ops	*ops;
};

struct gate;

/* The answer of a gate about the whole flow. */
enum gate_answer {
	GATE_GOES,		/* nothing is in the way */
	GATE_KEEPS_END,		/* the end of the data may not pass yet */
	GATE_STALLS,		/* nothing is read or written for now */
	GATE_RESETS		/* the connection ends in a reset, now */
};

struct gate_ops {
	/*
	 * Returns how many of the held bytes may leave now; 0: none before
	 * *when (monotonic, ns), or before more bytes have come.
	 */
	size_t		(*allow)(struct gate *, const struct ring *,
			    int64_t now, int64_t *when);
	/* n bytes leave, which are still in the ring. */
	void		(*passed)(struct gate *, const struct ring *,
			    size_t n, int64_t now);
	void		(*free)(struct gate *);		/* NULL: free(3) */

	/* Each of these may be NULL. */

	/*
	 * The last n bytes of the ring have just come; of datagrams, one. The
	 * gate may drop them, put as many more after them, and change the
	 * order of what is held. A flow of datagrams with such a gate may hold
	 * several: allow() then says how long the first is.
	 */
	void		(*arrived)(struct gate *, struct ring *, size_t n,
			    int64_t now);
	/*
	 * Called at the beginning and the end of each turn of the flow. ended:
	 * no more bytes come. *when: the date to ask again; 0: none.
	 */
	enum gate_answer (*turn)(struct gate *, const struct ring *,
			    bool ended, int64_t now, int64_t *when);
};

struct gate {
	const struct gate_ops	*ops;
	size_t			 room;	/* bytes that the ring has to hold, at
					   least; 0: any number */
	bool			 whole;	/* the bytes are datagrams; set by the
					   flow before the first call */
	bool			 full;	/* no datagram may come for now */
	bool			 drops;	/* held bytes that the flow gives up
					   are dropped by request, not lost */
};

/* Puts bytes into a ring that has room for them. */
void		 ring_append(struct ring *, const void *, size_t);
/*
 * The free room up to the end of the ring's memory: n bytes, 0 without memory.
 * A filter that writes there says so by ring_put().
 */
unsigned char	*ring_ahead_at(struct ring *, size_t *n);
/* The length of the first line and its LF; without LF, of all; max at most. */
size_t		 ring_line(const struct ring *, size_t max);

/* Filters are NULL without memory. */

/* A zeroed struct of this size, which begins with a struct filter. */
void		*filter_new(size_t size, const struct filter_ops *);
/* LF becomes CR LF, unless the LF follows a CR. */
struct filter	*filter_crlf(void);
/*
 * Makes a chain of two filters; first has no more(). Owns both, also if the
 * result is NULL, as when first or second is NULL.
 */
struct filter	*filter_chain(struct filter *first, struct filter *second);
/*
 * The head of a filter that passes on to next, within each push; NULL: to the
 * ring. In a chain, next would see only the output of a whole push.
 */
struct filter_before {
	struct filter		 filter;
	struct filter_ops	 ops;		/* bounds include next's */
	struct filter		*next;
};
/*
 * A zeroed struct of this size, which begins with a filter_before. ops: name,
 * bounds without next's, push. Owns next, also if the result is NULL.
 */
void		*filter_before(size_t size, const struct filter_ops *,
		    struct filter *next);
void		 filter_pass(struct filter_before *, const void *, size_t n,
		    bool last, struct ring *out);
/* Shows all bytes to saw() before next changes them; as filter_before. */
struct filter	*filter_tee(struct filter *next, void (*saw)(void *arg,
		    const unsigned char *, size_t n, bool last), void *arg);
/* Each push is a datagram: adds a LF to a datagram without LF at the end. */
struct filter	*filter_to_lines(void);
/*
 * The time of day before each line, as of its first byte. records: each push is
 * a datagram, which begins a line. The caller keeps the struct stamped from one
 * session to the next: a filter's first line begins with a LF if the last byte
 * before was none. clock: NULL: the system's.
 */
struct filter	*filter_timestamps(bool records, struct stamped *,
		    void (*clock)(struct timespec *));
/*
 * Keeps a line until its LF, or max bytes of the line, have come. With
 * gate_lines, lines become datagrams.
 */
struct filter	*filter_whole_lines(size_t max);

/* Gates are NULL without memory. Intervals are in nanoseconds. */

/* A zeroed struct of this size, which begins with a struct gate. */
void		*gate_new(size_t size, const struct gate_ops *);
/* One line, at most max bytes, leaves at a time; then none for interval. */
struct gate	*gate_lines(int64_t interval, size_t max);
/*
 * A pause before each block: all bytes that have come when the pause begins,
 * but at most max. max 0: before each line.
 */
struct gate	*gate_pause(int64_t interval, size_t max);

/* The operations of a filter that may be NULL, or have none of the kind. */
bool		 filter_more(const struct filter *);
size_t		 filter_held(const struct filter *);
const char	*filter_fault(const struct filter *);
bool		 filter_over(const struct filter *);
size_t		 filter_cut(struct filter *, bool failed);
void		 filter_free(struct filter *);	/* NULL: does nothing */
void		 gate_free(struct gate *);	/* the same */

#endif

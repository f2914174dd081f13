/*
 * A filter changes the bytes of one direction; a gate only says how many may
 * go on now. Filters stand between the source and the ring, a gate between
 * the ring and the sink.
 *
 * Laws: the result must not depend on where reads happen to split the bytes;
 * what a filter keeps back comes out with the last push, or with the pushes
 * of nothing that go on behind it.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ring.h"

struct filter;

struct filter_ops {
	const char	*name;
	/* At most this many bytes come out of one that goes in ... */
	size_t		 growth;
	/* ... and this many more with the last push. */
	size_t		 tail;
	/* Take all n bytes; last: nothing follows. */
	void		(*push)(struct filter *, const unsigned char *,
			    size_t n, bool last, struct ring *out);
	void		(*free)(struct filter *);

	/* What follows may be NULL: nothing of the kind happens. */

	/*
	 * It has bytes to give that found no room, and takes no others now:
	 * pushes of nothing go on with them.
	 */
	bool		(*more)(const struct filter *);
	/* Bytes within, which are lost if it goes no further. */
	size_t		(*held)(const struct filter *);
	/*
	 * What came makes no sense, and why. It has given what came before,
	 * holds nothing, and takes nothing any more. NULL: all is well.
	 */
	const char	*(*fault)(const struct filter *);
	/*
	 * Before a last push that is not the true end of the source: what
	 * must not pass for a whole is dropped, and counted here. failed: the
	 * source has, and was not just left.
	 */
	size_t		(*cut)(struct filter *, bool failed);
};

struct filter {
	const struct filter_ops	*ops;
};

struct gate;

struct gate_ops {
	const char	*name;
	/*
	 * How many of the held bytes may leave at this time; 0: none before
	 * *when (monotonic, ns).
	 */
	size_t		(*allow)(struct gate *, const struct ring *,
			    int64_t now, int64_t *when);
	/* So many left. */
	void		(*passed)(struct gate *, const struct ring *,
			    size_t n, int64_t now);
	void		(*free)(struct gate *);
};

struct gate {
	const struct gate_ops	*ops;
};

/* Put bytes into a ring that has room for them. */
void		 ring_append(struct ring *, const unsigned char *, size_t);
/* Bytes up to and with the first LF; all of them if there is none. */
size_t		 ring_line(const struct ring *);

/* -C: LF becomes CR LF, unless CR stands before it already. */
struct filter	*filter_crlf(void);
/*
 * One behind the other; the first never has more to give than it is let.
 * Takes both, also when it fails, as it does if one of them is NULL.
 */
struct filter	*filter_chain(struct filter *first, struct filter *second);
/* -i: a line, then nothing for so many nanoseconds. */
struct gate	*gate_delay(int64_t interval);
/*
 * A pause before what goes, not behind it: before each line, or before a
 * block, which is whatever has come when its pause begins, and not more than
 * most bytes.
 */
struct gate	*gate_pause_lines(int64_t interval);
struct gate	*gate_pause(int64_t interval, size_t most);
/*
 * Datagrams and lines. A datagram becomes a line: an LF is added where there
 * is none at its end. The other way a line becomes a datagram, its LF
 * included, of at most max bytes: the filter keeps back what is no whole line
 * yet, the gate lets go one line at a time. before: what the bytes pass first
 * (or NULL); it is the new filter's, also if that cannot be made.
 */
struct filter	*filter_to_lines(void);
struct filter	*filter_whole_lines(size_t max, struct filter *before);
struct gate	*gate_lines(size_t max);

/* What a filter says, or (NULL too) one that has nothing to say. */
bool		 filter_more(const struct filter *);
size_t		 filter_held(const struct filter *);
const char	*filter_fault(const struct filter *);
size_t		 filter_cut(struct filter *, bool failed);
void		 filter_free(struct filter *);	/* NULL is fine */
void		 gate_free(struct gate *);

#endif

/*
 * A filter changes the bytes of one direction; a gate only says how many may
 * go on now. Filters stand between the source and the ring, a gate between
 * the ring and the sink.
 *
 * Laws: the result must not depend on where reads happen to split the bytes;
 * what a filter keeps back comes out with the last push.
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
/* -i: a line, then nothing for so many nanoseconds. */
struct gate	*gate_delay(int64_t interval);

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

void		 filter_free(struct filter *);	/* NULL is fine */
void		 gate_free(struct gate *);

#endif

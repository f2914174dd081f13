/*
 * What a fuzz target is, and a tape from which it takes its decisions.
 *
 * A target is one function. It is called by libFuzzer, or by standalone.c
 * with files or with bytes of a generator. It must end for every input, and
 * abort() when what it found out is not so.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Unlike assert(3) it is there in every build. */
#define FUZZ_CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #cond);					\
		abort();						\
	}								\
} while (0)

/* The input, read as decisions. Past its end every decision is 0. */
struct tape {
	const uint8_t	*next, *end;
};

static inline struct tape
tape_of(const uint8_t *data, size_t size)
{
	return (struct tape){ data, data + size };
}

static inline bool
tape_over(const struct tape *t)
{
	return t->next == t->end;
}

static inline unsigned
tape_byte(struct tape *t)
{
	return tape_over(t) ? 0 : *t->next++;
}

/* From 0 to max; one byte of tape if max fits in one, else two. */
static inline size_t
tape_upto(struct tape *t, size_t max)
{
	size_t	n = tape_byte(t);

	if (max > UINT8_MAX)
		n = n << 8 | tape_byte(t);
	return n % (max + 1);
}

#endif

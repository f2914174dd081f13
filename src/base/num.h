/*
 * Numbers that a user writes: ports, counts, times, sizes. Pure. Functions that
 * read a number return NULL, or a static word for the fault: "invalid",
 * "too small" or "too large", as strtonum(3) does.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#define NSEC_PER_SEC	INT64_C(1000000000)
#define NSEC_PER_MSEC	INT64_C(1000000)

/* A whole decimal number from min to max. */
const char	*num_int(const char *, long long min, long long max,
		    long long *);
/*
 * A time in nanoseconds: digits with an optional fraction and an optional
 * unit (ms, s, m, h; default: seconds). Negative times are invalid.
 */
const char	*num_time(const char *, int64_t *nsec);
/* A size in bytes: digits and an optional k, M, G, T (powers of 1024). */
const char	*num_size(const char *, uint64_t *bytes);
/*
 * Writes n in decimal, at most 10 digits, and a NUL. Returns the place of the
 * NUL. For use once per client: printf(3) takes ten times as long.
 */
char		*num_put(char *, unsigned n);

#endif

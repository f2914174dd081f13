/*
 * The clock of the tests, and waiting for a condition. A test never waits for
 * a guessed time: it looks until the condition holds or the limit has passed.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Returns CLOCK_MONOTONIC in nanoseconds. */
static inline int64_t
clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The same in milliseconds. */
static inline int64_t
clock_ms(void)
{
	return clock_ns() / 1000000;
}

static inline void
nap_ms(int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
		;
}

/*
 * Calls holds(arg) until it returns true. Returns false if it does not until
 * clock_ms() has passed end, however late that is noticed.
 */
static inline bool
wait_until(bool (*holds)(const char *arg), const char *arg, int64_t end)
{
	while (!holds(arg)) {
		if (clock_ms() > end)
			return false;
		nap_ms(3);
	}
	return true;
}

#endif

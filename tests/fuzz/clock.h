/*
 * A clock that stands still until it is told to go on, in place of the
 * system's: deadlines pass without waiting, and an input comes to the same
 * each time.
 */
#ifndef FUZZ_CLOCK_H
#define FUZZ_CLOCK_H

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

/* Nanoseconds; 0: the system's own time, for who runs the target. */
static int64_t	clock_at;

/* The program's own function comes before the C library's. */
int
clock_gettime(clockid_t which, struct timespec *ts)
{
	if (clock_at == 0 || which != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, which, ts);
	ts->tv_sec = (time_t)(clock_at / NSEC_PER_SEC);
	ts->tv_nsec = (long)(clock_at % NSEC_PER_SEC);
	return 0;
}

#endif

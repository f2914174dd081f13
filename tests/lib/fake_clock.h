/*
 * A clock in place of the system's that stands still until the test moves it:
 * deadlines pass without waiting, and a busy machine changes nothing.
 */
#ifndef LIB_FAKE_CLOCK_H
#define LIB_FAKE_CLOCK_H

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

/* CLOCK_MONOTONIC in nanoseconds; 0: the system's own time. */
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

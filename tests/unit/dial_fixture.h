/*
 * A dial and what came of it, for the tests that connect.
 */
#ifndef UNIT_DIAL_FIXTURE_H
#define UNIT_DIAL_FIXTURE_H

#include "net.h"
#include "net/dial.h"

#define MAX	4	/* failures kept; also sockets of a full backlog */

static int		connected, failed, over;
static struct fd	got;
static struct addr	won;
static struct error	error[MAX];
static bool		last[MAX];
static struct dial	*dial;
static bool		cancel_on_failure;

static inline void
on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	CHECK(arg == &got);
	got = *fd;
	won = *addr;
	connected++;
	over++;
}

static inline void
on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool is_last)
{
	CHECK(arg == &got);
	CHECK(addr != NULL);
	if (failed < MAX) {
		error[failed] = *err;
		last[failed] = is_last;
	}
	failed++;
	over += is_last;
	if (cancel_on_failure)
		dial_cancel(dial);
}

static const struct dial_ops ops = { on_connected, on_failed };

static inline void
start(struct addr *to, size_t n, const struct addr *local)
{
	struct addr copy = local != NULL ? *local : (struct addr){ .len = 0 };
	struct addr_list list = { to, n }, from = { &copy, 1 };

	connected = failed = over = 0;
	fd_own(&got, -1, FD_NONE);
	dial = dial_start(loop, &plan, &list, 0, local != NULL ? &from : NULL,
	    &ops, &got);
	CHECK(dial != NULL);
	CHECK_INT(connected + failed, 0);
	memset(to, 0, n * sizeof(*to));	/* it keeps its own */
}

/* Dial, wait for the end, close what came. Returns how long it took. */
static inline int64_t
run(struct addr *to, size_t n, const struct addr *local)
{
	int64_t since = clock_now();

	start(to, n, local);
	CHECK(turn_until(&over, 1));
	CHECK_INT(over, 1);
	return clock_now() - since;
}

static inline void
end(void)
{
	fd_close(&got);
	cancel_on_failure = false;
	finish();
}

#endif

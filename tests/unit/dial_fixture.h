/*
 * A dial and what came of it, for the tests that connect.
 */
#ifndef UNIT_DIAL_FIXTURE_H
#define UNIT_DIAL_FIXTURE_H

#include "net.h"
#include "run/net_options.h"

#define MAX	4	/* failures kept; also sockets of a full backlog */

static int		connected, failed, over;
static struct fd	got;
static struct addr	won;
static struct error	error[MAX];
static bool		last[MAX];
static struct dial	*dial;
static bool		cancel_on_failure;
/* Set by tests before they start a dial. */
static struct dial_socket_reuse	*reuse;
static const struct addr_list	*route;
static const struct own_addrs	*avoid;

static inline void
on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	CHECK(tls == NULL);
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

static const struct dial_ops ops = { .connected = on_connected,
    .failed = on_failed };

static inline void
start(struct addr *to, size_t n, const struct addr *local)
{
	static struct addr copy;
	static struct addr_list from = { &copy, 1 };
	struct addr_list list = { to, n };
	struct dial_options opt = net_dial_options(&plan);

	if (local != NULL) {
		copy = *local;
		opt.local = &from;
	}
	opt.to = &list;
	opt.reuse = reuse;
	opt.hops = route;
	opt.avoid = avoid;
	connected = failed = over = 0;
	fd_own(&got, -1, FD_NONE);
	dial = dial_start(loop, &opt, &ops, &got);
	CHECK(dial != NULL);
	CHECK_INT(connected + failed, 0);
	memset(to, 0, n * sizeof(*to));	/* the dial has a copy */
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

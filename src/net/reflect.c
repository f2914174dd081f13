/*
 * Datagrams that go back.
 */
#include <sys/socket.h>
#include <errno.h>

#include "base/errclass.h"
#include "base/num.h"
#include "net/reflect.h"

/* The largest datagram: of UDP, and of a Unix socket as it usually is. */
#define ROOM_INET	((size_t)64 << 10)
#define ROOM_UNIX	((size_t)256 << 10)
/* A turn's share of batches. */
#define TURN_BATCHES	8
/*
 * No poller tells when there is room in the queue of one Unix socket, or in
 * a device (ENOBUFS). One that takes nothing for so many pauses is given up:
 * the others wait as well.
 */
#define PAUSE		(20 * NSEC_PER_MSEC)
#define PAUSES		10

static void
reflect_take_a_pause(struct reflector *r)
{
	timer_set(r->loop, &r->retry, loop_now(r->loop) + PAUSE);
}

static void
reflect_next_head(struct reflector *r)
{
	r->pauses = 0;
	r->again = false;
}

/* The network reports on an earlier datagram: no fault of this one. */
static bool
reflect_is_soft(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_RESET);
}

/* The one at the head cannot be sent. */
static void
reflect_drop_head(struct reflector *r, int num)
{
	size_t n = batch_drop(r->batch);

	r->failed(r->arg, num, "write to");
	/* Nobody is there any more who could miss it. */
	if (!reflect_is_soft(num) && num != ENOENT)
		r->lost += n;
	reflect_next_head(r);
}

/* After a failed send; false: wait before the next one. */
static bool
reflect_mend(struct reflector *r, int num)
{
	if ((num == EAGAIN || num == ENOBUFS) && r->pauses++ < PAUSES) {
		reflect_take_a_pause(r);
		return false;
	}
	/* It may have told of an earlier one. */
	if (reflect_is_soft(num) && !r->again) {
		r->again = true;
		return true;
	}
	/* The source that it was to have cannot be one: a broadcast. */
	if ((num == EINVAL || num == EADDRNOTAVAIL) &&
	    batch_forget_local(r->batch))
		return true;
	reflect_drop_head(r, num);
	return true;
}

/* Send what waits; false: it has to wait longer. */
static bool
reflect_flush(struct reflector *r)
{
	size_t n;

	while (batch_left(r->batch) > 0) {
		switch (batch_write(r->batch, &r->fd, &n)) {
		case IO_OK:
			r->sent += n;
			reflect_next_head(r);
			continue;
		case IO_AGAIN:
			if (addr_family(&r->bound) != AF_UNIX)
				return false;
			errno = EAGAIN;
			break;
		case IO_EOF:
		case IO_FAIL:
			break;
		}
		if (!reflect_mend(r, errno))
			return false;
	}
	return true;
}

static bool
reflect_sift(void *arg, const struct dgram *d)
{
	struct reflector *r = arg;

	return !r->halted && r->keep(r->arg, r, d);
}

/* Read a batch; false: there is nothing for now. */
static bool
reflect_fill(struct reflector *r)
{
	switch (batch_read(r->batch, &r->fd)) {
	case IO_OK:
		batch_sift(r->batch, reflect_sift, r);
		return true;
	case IO_AGAIN:
	case IO_EOF:
		return false;
	case IO_FAIL:
		break;
	}
	if (reflect_is_soft(errno))
		return true;
	r->failed(r->arg, errno, "read from");
	reflect_take_a_pause(r);
	return false;
}

static void
reflect(struct reflector *r)
{
	int turns = TURN_BATCHES;

	if (r->batch == NULL)
		r->batch = batch_new(addr_family(&r->bound) == AF_UNIX ?
		    ROOM_UNIX : ROOM_INET);
	if (r->batch == NULL) {
		reflect_take_a_pause(r);
		return;
	}
	while (reflect_flush(r) && !r->halted && turns-- > 0 && reflect_fill(r))
		;
	if (batch_left(r->batch) == 0) {
		batch_free(r->batch);
		r->batch = NULL;
	}
}

static unsigned
reflect_want(void *arg)
{
	const struct reflector *r = arg;

	if (timer_is_set(&r->retry) || r->halted)
		return 0;
	return r->batch != NULL ? LOOP_OUT : LOOP_IN;
}

static void
reflect_on_ready(void *arg, unsigned what)
{
	(void)what;
	reflect(arg);
}

static void
reflect_on_retry(void *arg)
{
	struct reflector *r = arg;

	reflect(r);
	loop_touch(r->loop, &r->watch);
}

static bool
reflect_is_any(const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		return a->u.in.sin_addr.s_addr == htonl(INADDR_ANY);
	case AF_INET6:
		return IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr);
	default:
		return false;
	}
}

int
reflect_open(struct reflector *r, struct loop *loop, const struct fd *fd)
{
	r->loop = loop;
	r->fd = *fd;
	r->watch = (struct watch){ .fd = fd->num, .want = reflect_want,
	    .ready = reflect_on_ready, .arg = r };
	r->retry = (struct timer){ .fire = reflect_on_retry, .arg = r };
	(void)addr_local(&r->bound, fd->num);
	if (reflect_is_any(&r->bound))
		batch_ask_local(fd, addr_family(&r->bound));
	if (loop_watch(loop, &r->watch) == 0)
		return 0;
	r->watch.fd = -1;
	return -1;
}

void
reflect_halt(struct reflector *r)
{
	r->halted = true;
	timer_clear(r->loop, &r->retry);
	loop_touch(r->loop, &r->watch);
}

void
reflect_close(struct reflector *r)
{
	r->halted = true;
	loop_unwatch(r->loop, &r->watch);
	timer_clear(r->loop, &r->retry);
	fd_close(&r->fd);
	while (r->batch != NULL && batch_left(r->batch) > 0)
		r->lost += batch_drop(r->batch);
	batch_free(r->batch);
	r->batch = NULL;
}

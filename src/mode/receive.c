/*
 * Listening for datagrams.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mode/receive.h"

/* Until the first datagram comes. */
struct first {
	struct run	*run;
	struct fd	 fd;
	struct watch	 watch;
	struct task	 gone;
};

static void
say_accepted(struct run *r, const struct addr *from, int sock)
{
	struct addr local = { .len = 0 }, peer = *from;

	(void)addr_local(&local, sock);
	if (!r->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	r->voice->accepted(r->plan, &peer, &local);
}

static void
on_peer(void *arg, const struct addr *from)
{
	struct run *r = arg;

	say_accepted(r, from, r->far.in_watch.fd);
}

static void
fail(struct run *r, const char *op)
{
	struct error err;

	error_set(&err, errno, op, "the datagram socket");
	run_fail(r, &err);
}

static unsigned
want_first(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
free_first(void *arg)
{
	free(arg);
}

/* The first datagram stays in the queue: the session is to read it. */
static bool
peek_sender(struct first *f, struct addr *from)
{
	char byte;
	ssize_t n;

	from->len = sizeof(from->u);
	do
		n = recvfrom(f->fd.num, &byte, 1, MSG_PEEK | MSG_DONTWAIT,
		    &from->u.sa, &from->len);
	while (n == -1 && errno == EINTR);
	return n != -1;
}

static bool
is_named(const struct addr *a)
{
	return a->len > sizeof(a->u.sa.sa_family);
}

static void
on_first(void *arg, unsigned what)
{
	struct first *f = arg;
	struct run *r = f->run;
	struct addr from;
	char name[sizeof(r->far.name)] = "unnamed socket";

	(void)what;
	if (!peek_sender(f, &from))
		return;
	loop_unwatch(r->loop, &f->watch);
	if (is_named(&from)) {
		if (connect(f->fd.num, &from.u.sa, from.len) == -1) {
			fail(r, "connect");
			return;
		}
		run_peer_name(r->plan, NULL, &from, name, sizeof(name));
	}
	say_accepted(r, &from, f->fd.num);
	if (endpoint_socket(&r->far, r->loop, &f->fd, true, name) == -1) {
		fail(r, "watch");
		return;
	}
	loop_defer(r->loop, &f->gone);
	run_session(r, false, false);
}

static void
await_first(struct run *r, const struct fd *fd)
{
	struct first *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		fail(r, "use");
		return;
	}
	f->run = r;
	f->fd = *fd;
	f->gone.run = free_first;
	f->watch.fd = fd->num;
	f->watch.want = want_first;
	f->watch.ready = on_first;
	f->watch.arg = f->gone.arg = f;
	if (loop_watch(r->loop, &f->watch) == -1)
		fail(r, "watch");
}

void
receive_start(struct run *r, const struct fd *fd)
{
	if (!r->plan->keep_open) {
		await_first(r, fd);
		return;
	}
	if (endpoint_udp(&r->far, r->loop, fd, on_peer, r) == -1) {
		fail(r, "watch");
		return;
	}
	run_session(r, false, false);
}

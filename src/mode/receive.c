/*
 * Listening for datagrams.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chat/chat.h"
#include "mode/receive.h"
#include "mode/receive_tagged.h"
#include "run/socket_layers.h"
#include "serve/dgram_senders.h"
#include "serve/udp_exec.h"

struct first;

/* One of the sockets that may get the first datagram. */
struct receive_sock {
	struct first	*of;
	struct fd	 fd;
	struct watch	 watch;
};

/* Until the first datagram comes. */
struct first {
	struct run	*run;
	struct task	 gone;
	size_t		 n;
	struct receive_sock	 ears[];
};

/* With -k: as long as the program lives. */
struct everybody {
	struct run		*run;
	struct fd		 fd;	/* each session has a copy of it */
	struct watch		 watch;	/* until the next one begins */
	struct timer		 rest;	/* before it does, if there is one */
	struct tagged		*tagged;
	struct dgram_senders	 senders;
};

static void
receive_on_peer(void *arg, const struct addr *from)
{
	struct run *r = arg;

	run_say_accepted(r, from, r->far.in_watch.fd);
}

static bool
receive_on_sender(void *arg, const struct addr *from)
{
	struct run *r = arg;

	return run_admits_at(r, from, r->far.in_watch.fd);
}

static void
receive_give_up(struct run *r, const char *op)
{
	struct error err;

	error_set(&err, errno, op, "the datagram socket");
	run_fail_peer(r, &err);
}

static unsigned
receive_want_first(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
receive_free_first(void *arg)
{
	free(arg);
}

/* Peeked at, it stays in the queue: the session is to read it. */
static bool
receive_first_sender(const struct receive_sock *e, struct addr *from, int peek)
{
	char byte;
	ssize_t n;

	from->len = sizeof(from->u);
	do
		n = recvfrom(e->fd.num, &byte, 1, peek | MSG_DONTWAIT,
		    &from->u.sa, &from->len);
	while (n == -1 && errno == EINTR);
	return n != -1;
}

/* Only the one that was spoken to, if any, is still of use. */
static void
receive_settle(struct first *f, const struct receive_sock *chosen)
{
	size_t i;

	f->run->tidy = NULL;
	for (i = 0; i < f->n; i++) {
		loop_unwatch(f->run->loop, &f->ears[i].watch);
		if (&f->ears[i] != chosen)
			fd_close(&f->ears[i].fd);
	}
	loop_defer(f->run->loop, &f->gone);
}

/* A Unix socket may have no name, or have gone since: then it is no peer. */
static bool
receive_becomes_peer(const struct fd *fd, const struct addr *from)
{
	return from->len > sizeof(from->u.sa.sa_family) &&
	    connect(fd->num, &from->u.sa, from->len) == 0;
}

/* j: with those that stay joined. fd is taken. */
static void
receive_hear_everybody(struct run *r, struct fd *fd, struct dgram_senders *j)
{
	if (endpoint_udp(&r->far, r->loop, fd, receive_on_peer, r) == -1) {
		receive_give_up(r, "watch");
		fd_close(fd);
		return;
	}
	endpoint_udp_hears(&r->far, receive_on_sender);
	if (!socket_layers_far(r))
		return;
	if (j != NULL && dgram_senders_unpack(j, r, &r->far) == -1) {
		endpoint_close(&r->far);
		receive_give_up(r, "use");
		return;
	}
	run_session(r, r->plan->keep_open, false);
}

/* ---- Everybody, from one session to the next ---------------------------- */

static void
receive_hear(struct everybody *h)
{
	int num = fcntl(h->fd.num, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	struct fd copy;

	if (num == -1) {
		receive_give_up(h->run, "use");
		return;
	}
	fd_own(&copy, num, h->fd.kind);
	if (h->run->plan->serve.tag != NULL)
		tagged_hear(&h->tagged, h->run, &copy, &h->senders);
	else
		receive_hear_everybody(h->run, &copy, &h->senders);
}

static unsigned
receive_want_next(void *arg)
{
	const struct everybody *h = arg;

	return h->run->in_session || timer_is_set(&h->rest) ? 0 : LOOP_IN;
}

static void
receive_on_next(void *arg, unsigned what)
{
	(void)what;
	receive_hear(arg);
}

void
receive_again(struct everybody *h, bool rest)
{
	struct loop *loop = h->run->loop;

	tagged_free(h->tagged);
	h->tagged = NULL;
	if (rest)
		timer_set(loop, &h->rest, loop_now(loop) + RECEIVE_REST);
	loop_touch(loop, &h->watch);
}

static void
receive_on_rested(void *arg)
{
	receive_again(arg, false);
}

/* One could not begin: what it would have read stays where it is. */
static void
receive_on_none(void *arg)
{
	receive_again(arg, true);
}

static void
receive_free_everybody(void *arg)
{
	struct everybody *h = arg;

	tagged_free(h->tagged);
	timer_clear(h->run->loop, &h->rest);
	loop_unwatch(h->run->loop, &h->watch);
	fd_close(&h->fd);
	free(h);
}

/* Fails the run; the sockets are closed, for there is nobody to own them. */
static void
receive_fail(struct run *r, const struct fd *fds, size_t n)
{
	struct fd fd;

	receive_give_up(r, "use");
	for (; n > 0; n--, fds++) {
		fd = *fds;
		fd_close(&fd);
	}
}

static struct everybody *
receive_open_to_all(struct run *r, const struct fd *fd)
{
	struct everybody *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		receive_fail(r, fd, 1);
		return NULL;
	}
	h->run = r;
	h->fd = *fd;
	h->watch = (struct watch){ .fd = fd->num, .want = receive_want_next,
	    .ready = receive_on_next, .arg = h };
	h->rest = (struct timer){ .fire = receive_on_rested, .arg = h };
	r->tidy = receive_free_everybody;
	r->tidy_arg = r->next_arg = h;
	if (loop_watch(r->loop, &h->watch) == 0)
		receive_hear(h);
	else {
		h->watch.fd = -1;
		receive_give_up(r, "watch");
	}
	/* The first one tells whether it can work at all. */
	r->next = receive_on_none;
	return h;
}

/*
 * What others sent before is still in the queue, and is dropped there. fd is
 * taken.
 */
static void
receive_hear_one(struct run *r, struct fd *fd, const struct addr *from)
{
	char name[ENDPOINT_NAME_MAX];
	struct addr local = { .len = 0 };

	run_say_accepted(r, from, fd->num);
	if (endpoint_udp(&r->far, r->loop, fd, NULL, r) == -1) {
		receive_give_up(r, "watch");
		fd_close(fd);
		return;
	}
	endpoint_udp_only(&r->far, from);
	if (r->chat != NULL) {
		(void)addr_local(&local, fd->num);
		chat_meet(r->chat, from, NULL, &local);
		endpoint_udp_farewell(&r->far);
	}
	run_peer_name(r->plan, NULL, from, name, sizeof(name));
	endpoint_rename(&r->far, name);
	if (socket_layers_far(r))
		run_session(r, false, false);
}

static void
receive_on_first(void *arg, unsigned what)
{
	struct receive_sock *e = arg;
	struct run *r = e->of->run;
	struct addr from;

	(void)what;
	if (!receive_first_sender(e, &from, MSG_PEEK))
		return;
	/* The last words name the address that was called. */
	if (r->plan->peer_filter)
		(void)receive_becomes_peer(&e->fd, &from);
	if (!run_admits_at(r, &from, e->fd.num)) {
		(void)receive_first_sender(e, &from, 0);
		if (r->plan->peer_filter)
			receive_settle(e->of, NULL);
		return;
	}
	receive_settle(e->of, e);
	if (receive_becomes_peer(&e->fd, &from))
		receive_hear_one(r, &e->fd, &from);
	else
		receive_hear_everybody(r, &e->fd, NULL);
}

/* Nobody came. */
static void
receive_forget_first(void *arg)
{
	receive_settle(arg, NULL);
}

static void
receive_await_first(struct run *r, const struct fd *fds, size_t n)
{
	struct first *f = calloc(1, sizeof(*f) + n * sizeof(f->ears[0]));
	struct receive_sock *e;

	if (f == NULL) {
		receive_fail(r, fds, n);
		return;
	}
	f->run = r;
	f->gone.run = receive_free_first;
	f->gone.arg = f;
	r->tidy = receive_forget_first;
	r->tidy_arg = f;
	/* All of them first: whatever fails, settle() closes each. */
	for (; f->n < n; f->n++) {
		e = &f->ears[f->n];
		*e = (struct receive_sock){ .of = f, .fd = fds[f->n],
		    .watch = { .fd = -1, .want = receive_want_first,
		    .ready = receive_on_first, .arg = e } };
	}
	for (e = f->ears; e < f->ears + n; e++) {
		e->watch.fd = e->fd.num;
		if (loop_watch(r->loop, &e->watch) == 0)
			continue;
		e->watch.fd = -1;
		receive_give_up(r, "watch");
		return;
	}
}

void
receive_start(struct run *r, const struct fd *fds, size_t n,
    struct everybody **all)
{
	*all = NULL;
	if (r->plan->near == PLAN_EXEC)
		udp_exec(r, fds, n);
	else if (r->plan->keep_open)
		*all = receive_open_to_all(r, fds);
	else
		receive_await_first(r, fds, n);
}

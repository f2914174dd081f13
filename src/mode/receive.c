#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errclass.h"
#include "base/num.h"
#include "hub/hub_port.h"
#include "mode/mode.h"
#include "run/inputs.h"
#include "serve/dgram_senders.h"
#include "serve/server.h"

/* The pause after a lack of system resources. */
#define RECEIVE_REST	NSEC_PER_SEC

struct first;

/* A socket that may get the first datagram. */
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
	struct receive_sock socks[];
};

/*
 * With --tag: each line follows the tag of its sender. The socket is the
 * single member of a hub's port; the member's tag changes with the sender.
 */
struct tagged {
	struct run		*run;
	struct endpoint		 ep;
	struct hub_port		 port;
	struct hub_source	 sock;
	struct timer		 rest;		/* while sock is not read */
	struct addr		 from;		/* the sender of the tag */
	char			*tag;		/* owned; NULL: none yet */
};

/* With -k: lives as long as the program. */
struct everybody {
	struct run		*run;
	struct fd		 fd;	/* each session has a duplicate */
	struct watch		 watch;	/* until the next session begins */
	struct timer		 rest;	/* before the next session */
	struct tagged		*tagged; /* NULL: no --tag */
	struct dgram_senders	 senders;
};

static void
receive_give_up(struct run *r, const char *op)
{
	run_fail_peer(r, op, "the datagram socket");
}

/* Fails the run and closes the sockets. */
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

/* ---- A session with all senders ----------------------------------------- */

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

/* Takes fd. senders: those whose datagrams are joined, or NULL. */
static void
receive_hear_all(struct run *r, struct fd *fd,
    struct dgram_senders *senders)
{
	if (endpoint_udp(&r->far, r->loop, fd, receive_on_peer, r) == -1) {
		receive_give_up(r, "watch");
		fd_close(fd);
		return;
	}
	endpoint_udp_hears(&r->far, receive_on_sender);
	if (!run_open_far(r, false))
		return;
	if (senders != NULL &&
	    dgram_senders_unpack(senders, r, &r->far) == -1) {
		endpoint_close(&r->far);
		receive_give_up(r, "use");
		return;
	}
	run_session(r, r->plan->keep_open, false);
}

/* ---- The same with tags ------------------------------------------------- */

static void
tagged_retag(struct tagged *t, const struct addr *from)
{
	struct addr peer, local;
	size_t len;
	char *tag;

	if (t->tag != NULL && addr_equal(from, &t->from))
		return;
	run_ends(t->run, from, t->ep.in_watch.fd, &peer, &local);
	tag = tag_text(t->run->plan->serve.tag, &(struct tag){
	    .peer = &peer }, &len);
	/* If memory is short, the tag of the last sender stays. */
	if (tag == NULL)
		return;
	free(t->tag);
	t->sock.tag = t->tag = tag;
	t->sock.tag_len = len;
	t->from = *from;
}

static bool
tagged_on_sender(void *arg, const struct addr *from)
{
	struct tagged *t = arg;

	if (!run_admits_at(t->run, from, t->ep.in_watch.fd))
		return false;
	tagged_retag(t, from);
	return true;
}

/* Called within a step of the session, which writes after reading. */
static void
tagged_on_peer(void *arg, const struct addr *from)
{
	struct tagged *t = arg;

	run_say_accepted(t->run, from, t->ep.in_watch.fd);
	t->run->far.out.ready = true;
}

static void
tagged_on_ready(void *arg)
{
	struct tagged *t = arg;

	hub_wake(&t->sock.m);
}

/* The socket has failed, or memory is short. */
static void
tagged_on_ended(struct hub_member *m, int num)
{
	struct tagged *t = m->arg;
	struct run *r = t->run;
	struct error err;

	error_set(&err, num, "read from", "the datagram socket");
	if (!errclass_is(num, ERRCLASS_SHORT)) {
		run_fail(r, &err);
		return;
	}
	(void)r->messages->failed(r->plan, &err);
	timer_set(r->loop, &t->rest, loop_now(r->loop) + RECEIVE_REST);
}

static void
tagged_on_over(struct hub_member *m, int num)
{
	(void)m, (void)num;
}

static void
tagged_add(void *arg)
{
	struct tagged *t = arg;

	hub_port_remove(&t->sock);
	t->sock = (struct hub_source){ .m = { .in = &t->ep.in,
	    .out = &t->ep.out, .input_ended = tagged_on_ended,
	    .output_ended = tagged_on_over, .arg = t },
	    .tag = t->tag != NULL ? t->tag : "", .tag_len = t->sock.tag_len };
	hub_port_add(&t->port, &t->sock);
}

static void
tagged_free(struct tagged *t)
{
	if (t == NULL)
		return;
	timer_clear(t->run->loop, &t->rest);
	hub_port_remove(&t->sock);
	endpoint_close(&t->ep);
	free(t->tag);
	free(t);
}

/* Takes fd. */
static void
tagged_hear(struct everybody *h, struct fd *fd)
{
	static const char name[] = "datagram socket";
	struct run *r = h->run;
	struct tagged *t = calloc(1, sizeof(*t));

	if (t == NULL ||
	    endpoint_udp(&t->ep, r->loop, fd, tagged_on_peer, t) == -1) {
		free(t);
		receive_give_up(r, "watch");
		fd_close(fd);
		return;
	}
	endpoint_udp_hears(&t->ep, tagged_on_sender);
	t->run = r;
	t->rest = (struct timer){ .fire = tagged_add, .arg = t };
	h->tagged = t;
	if (socket_layers_up(r, &t->ep) == -1 ||
	    dgram_senders_unpack(&h->senders, r, &t->ep) == -1) {
		receive_give_up(r, "watch");
		return;
	}
	t->ep.notify = tagged_on_ready;
	t->ep.user = t;
	endpoint_init(&r->far, r->loop);
	hub_port_init(&t->port, &r->far, HUB_BY_LINE, name);
	t->port.stamps = r->plan->timestamps ? &r->stamped : NULL;
	hub_port_init_out(&t->port, HUB_TO_FIRST, name);
	endpoint_rename(&r->far, name);
	/* Writes keep the bounds of datagrams. */
	r->far.out.record = true;
	tagged_add(t);
	run_session(r, true, false);
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
		tagged_hear(h, &copy);
	else
		receive_hear_all(h->run, &copy, &h->senders);
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

/* A session could not begin: the datagrams stay in the socket. */
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
	run_count_drops(h->run, &h->fd, NULL);
	h->run->drops.sock = NULL;
	timer_clear(h->run->loop, &h->rest);
	loop_unwatch(h->run->loop, &h->watch);
	fd_close(&h->fd);
	free(h);
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
	r->drops.sock = &h->fd;
	r->tidy = receive_free_everybody;
	r->tidy_arg = r->next_arg = h;
	if (loop_watch(r->loop, &h->watch) == 0)
		receive_hear(h);
	else {
		h->watch.fd = -1;
		receive_give_up(r, "watch");
	}
	/* If the first session cannot begin, the run stops. */
	r->next = receive_on_none;
	return h;
}

/* ---- The first sender as the peer --------------------------------------- */

/* With MSG_PEEK, the datagram stays in the queue for the session. */
static bool
receive_first_sender(const struct receive_sock *s, struct addr *from, int peek)
{
	char byte;
	ssize_t n;

	from->len = sizeof(from->u);
	do
		n = recvfrom(s->fd.num, &byte, 1, peek | MSG_DONTWAIT,
		    &from->u.sa, &from->len);
	while (n == -1 && errno == EINTR);
	return n != -1;
}

/* Closes all sockets but the chosen one; NULL: all. */
static void
receive_settle(struct first *f, const struct receive_sock *chosen)
{
	f->run->tidy = NULL;
	for (size_t i = 0; i < f->n; i++) {
		loop_unwatch(f->run->loop, &f->socks[i].watch);
		if (&f->socks[i] != chosen)
			fd_close(&f->socks[i].fd);
	}
	loop_defer(f->run->loop, &f->gone);
}

/* A Unix socket without a name, or a closed socket, cannot be the peer. */
static bool
receive_becomes_peer(const struct fd *fd, const struct addr *from)
{
	return from->len > sizeof(from->u.sa.sa_family) &&
	    connect(fd->num, &from->u.sa, from->len) == 0;
}

static void
receive_on_first(void *arg, unsigned what)
{
	struct receive_sock *s = arg;
	struct run *r = s->of->run;
	struct addr from;

	(void)what;
	if (!receive_first_sender(s, &from, MSG_PEEK))
		return;
	/* Connected, the socket has the local address for the message. */
	if (r->plan->peer_filter)
		(void)receive_becomes_peer(&s->fd, &from);
	if (!run_admits_at(r, &from, s->fd.num)) {
		(void)receive_first_sender(s, &from, 0);
		if (r->plan->peer_filter)
			receive_settle(s->of, NULL);
		return;
	}
	receive_settle(s->of, s);
	/* A connected socket would hear its own address, and no group. */
	if (r->plan->sock.mcast.njoins == 0 &&
	    !receive_becomes_peer(&s->fd, &from)) {
		if (run_confine(r, CONFINE_CONNECTED))
			receive_hear_all(r, &s->fd, NULL);
		return;
	}
	(void)run_confine(r, CONFINE_CONNECTED);
	run_say_accepted(r, &from, s->fd.num);
	if (mode_open_far(r, &s->fd, &from, &(struct mode_peer){
	    .udp = true }) && run_open_far(r, false))
		run_session(r, false, false);
}

static void
receive_forget_first(void *arg)
{
	receive_settle(arg, NULL);
}

static void
receive_await_first(struct run *r, const struct fd *fds, size_t n)
{
	struct first *f = calloc(1, sizeof(*f) + n * sizeof(f->socks[0]));
	struct receive_sock *s;

	if (f == NULL) {
		receive_fail(r, fds, n);
		return;
	}
	f->run = r;
	f->gone = (struct task){ .run = free, .arg = f };
	r->tidy = receive_forget_first;
	r->tidy_arg = f;
	/* All are entered before any may fail: receive_settle closes each. */
	for (; f->n < n; f->n++) {
		s = &f->socks[f->n];
		*s = (struct receive_sock){ .of = f, .fd = fds[f->n],
		    .watch = { .fd = -1, .want = loop_want_in,
		    .ready = receive_on_first, .arg = s } };
	}
	for (s = f->socks; s < f->socks + n; s++) {
		s->watch.fd = s->fd.num;
		if (loop_watch(r->loop, &s->watch) == 0)
			continue;
		s->watch.fd = -1;
		receive_give_up(r, "watch");
		return;
	}
}

void
receive_start(struct run *r, const struct fd *fds, size_t n,
    struct everybody **all)
{
	*all = NULL;
	if (r->plan->near == PLAN_EXEC || r->plan->near == PLAN_ECHO)
		udp_server(r, fds, n, NULL);
	else if (r->plan->keep_open)
		*all = receive_open_to_all(r, fds);
	else
		receive_await_first(r, fds, n);
}

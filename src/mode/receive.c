#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/num.h"
#include "hub/hub_port.h"
#include "mode/mode.h"
#include "peers/admit.h"
#include "pump/stage.h"
#include "run/inputs.h"
#include "serve/server.h"

/* The pause after a lack of system resources. */
#define RECEIVE_REST	NSEC_PER_SEC

static const char receive_name[] = "datagram socket";

/*
 * With --tag: each line follows the tag of its sender. The socket is the
 * single member of a hub's port; the member's tag changes with the sender.
 */
struct tagged {
	struct endpoint		 ep;
	struct hub_port		 port;
	struct hub_source	 sock;
	struct addr		 from;		/* the sender of the tag */
	char			*tag;		/* owned; NULL: none yet */
};

/* A bound socket. */
struct receive_sock {
	struct everybody	*of;
	struct fd		 fd;	/* with -k, sessions have duplicates */
	struct watch		 watch;	/* until the next session begins */
};

/*
 * The sockets, of which one gets the first sender as its peer, and the others
 * are closed; with -k, the only socket, which hears all senders in one session
 * after the other. Lives as long as the program.
 */
struct everybody {
	struct run		*run;
	struct admission	 admission;
	struct tagged		*tagged;	/* NULL: no --tag, or no session
						   now */
	/* Before the next session; with --tag, before the socket is read. */
	struct timer		 rest;
	const struct layer	*udp;		/* knows the sender */
	struct addr		 broken;	/* sender of the last broken
						   frames that were reported */
	size_t			 n;		/* sockets; 0: all are closed */
	struct receive_sock	 socks[];
};

/* ---- A session with all senders ----------------------------------------- */

/* Called within a step of the session, which writes after reading. */
static bool
receive_on_sender(void *arg, const struct addr *from)
{
	struct everybody *h = arg;
	struct tagged *t = h->tagged;
	struct run *r = h->run;
	int sock = (t != NULL ? &t->ep : &r->far)->in_watch.fd;
	struct addr peer, local;
	size_t len;
	char *tag;

	if (!peers_admit(&h->admission, from, NULL, sock))
		return false;
	if (t == NULL)
		return true;
	r->far.out.ready = true;
	if (t->tag != NULL && addr_equal(from, &t->from))
		return true;
	/* The lines of another sender get another tag. */
	run_ends(r, from, sock, &peer, &local);
	tag = tag_text(r->plan->serve.tag, &(struct tag){ .peer = &peer },
	    &len);
	/* If memory is short, the tag of the last sender stays. */
	if (tag == NULL)
		return true;
	free(t->tag);
	t->sock.tag = t->tag = tag;
	t->sock.tag_len = len;
	t->from = *from;
	return true;
}

static void
receive_on_broken(void *arg, const char *why)
{
	struct everybody *h = arg;

	peers_report_broken(h->run, layer_udp_from(h->udp), &h->broken, why);
}

/*
 * Unpacks with --framing the messages in the datagrams of an endpoint, which
 * has all its other layers. -1: no memory.
 */
static int
receive_unpack(struct everybody *h, struct endpoint *ep)
{
	const struct plan *plan = h->run->plan;
	const struct unpack_options opt = { .rules = run_frame_rules(plan),
	    .lf = !plan->frame.output_raw, .broken = receive_on_broken,
	    .arg = h };

	if (opt.rules.format == FRAME_NONE)
		return 0;
	return unpack_endpoint(ep, &opt);
}

/* The socket has failed, or memory is short. */
static void
receive_on_tagged_ended(struct hub_member *m, int num)
{
	struct everybody *h = m->arg;
	struct run *r = h->run;
	struct error err;

	error_set(&err, num, "read from", "the datagram socket");
	if (!errclass_is(num, ERRCLASS_SHORT)) {
		run_fail(r, &err);
		return;
	}
	(void)messages_failed(r->plan, &err);
	timer_set(r->loop, &h->rest, loop_now(r->loop) + RECEIVE_REST);
}

static void
receive_on_tagged_over(struct hub_member *m, int num)
{
	(void)m, (void)num;
}

static void
receive_add_tagged(struct everybody *h)
{
	struct tagged *t = h->tagged;

	hub_port_remove(&t->sock);
	t->sock = (struct hub_source){ .m = { .in = &t->ep.in,
	    .out = &t->ep.out, .input_ended = receive_on_tagged_ended,
	    .output_ended = receive_on_tagged_over, .arg = h },
	    .tag = t->tag != NULL ? t->tag : "", .tag_len = t->sock.tag_len };
	hub_port_add(&t->port, &t->sock);
}

static void
receive_free_tagged(struct everybody *h)
{
	struct tagged *t = h->tagged;

	timer_clear(h->run->loop, &h->rest);
	h->tagged = NULL;
	if (t == NULL)
		return;
	hub_port_remove(&t->sock);
	endpoint_close(&t->ep);
	free(t->tag);
	free(t);
}

/* Puts a hub's port between the socket and the run's far end. */
static void
receive_begin_tags(struct everybody *h)
{
	struct run *r = h->run;
	struct tagged *t = h->tagged;

	t->ep.notify = hub_wake;
	t->ep.user = &t->sock.m;
	endpoint_init(&r->far, r->loop);
	hub_port_init(&t->port, &r->far, HUB_BY_LINE, receive_name);
	t->port.stamps = r->plan->timestamps ? &r->stamped : NULL;
	hub_port_init_out(&t->port, HUB_TO_FIRST, receive_name);
	endpoint_rename(&r->far, receive_name);
	/* Writes keep the bounds of datagrams. */
	r->far.out.record = true;
	receive_add_tagged(h);
}

/* Takes fd. all: the session is one of several, with all that -k allows. */
static void
receive_hear(struct everybody *h, struct fd *fd, bool all)
{
	struct run *r = h->run;
	const struct udp_options opt = { .hears = receive_on_sender, .arg = h };
	bool tags = all && r->plan->serve.tag != NULL;
	struct endpoint *ep = &r->far;

	if (tags && (h->tagged = calloc(1, sizeof(*h->tagged))) != NULL)
		ep = &h->tagged->ep;
	if ((tags && h->tagged == NULL) ||
	    endpoint_udp(ep, r->loop, fd, receive_name, &opt) == -1) {
		free(h->tagged);
		h->tagged = NULL;
		run_fail_peer(r, "watch", "the datagram socket");
		fd_close(fd);
		return;
	}
	h->udp = ep->in.top;
	/* Each session reports its first sender. */
	h->admission.greets = true;
	h->admission.last.len = 0;
	if (!tags && !run_open_far(r, false))
		return;
	if ((tags && socket_layers_up(r, ep, false) == -1) ||
	    (all && receive_unpack(h, ep) == -1)) {
		if (!tags)
			endpoint_close(ep);
		run_fail_peer(r, tags ? "watch" : "use",
		    "the datagram socket");
		return;
	}
	if (tags)
		receive_begin_tags(h);
	run_session(r, r->plan->keep_open, false);
}

/* ---- From one session with all senders to the next ---------------------- */

static void
receive_begin(struct everybody *h)
{
	const struct fd *own = &h->socks[0].fd;
	int num = fcntl(own->num, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	struct fd copy;

	if (num == -1) {
		run_fail_peer(h->run, "use", "the datagram socket");
		return;
	}
	fd_own(&copy, num, own->kind);
	receive_hear(h, &copy, true);
}

static unsigned
receive_want_next(void *arg)
{
	const struct everybody *h = ((struct receive_sock *)arg)->of;

	return h->run->in_session || timer_is_set(&h->rest) ? 0 : LOOP_IN;
}

static void
receive_on_next(void *arg, unsigned what)
{
	(void)what;
	receive_begin(((struct receive_sock *)arg)->of);
}

void
receive_again(struct everybody *h, bool rest)
{
	struct loop *loop = h->run->loop;

	receive_free_tagged(h);
	if (rest)
		timer_set(loop, &h->rest, loop_now(loop) + RECEIVE_REST);
	loop_touch(loop, &h->socks[0].watch);
}

static void
receive_on_rested(void *arg)
{
	struct everybody *h = arg;

	if (h->tagged != NULL)
		receive_add_tagged(h);
	else
		loop_touch(h->run->loop, &h->socks[0].watch);
}

/* A session could not begin: the datagrams stay in the socket. */
static void
receive_on_none(void *arg)
{
	receive_again(arg, true);
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

/* Closes all sockets but the chosen one, which is the caller's; NULL: all. */
static void
receive_settle(struct everybody *h, const struct receive_sock *chosen)
{
	for (struct receive_sock *s = h->socks; s < h->socks + h->n; s++) {
		loop_unwatch(h->run->loop, &s->watch);
		if (s != chosen)
			fd_close(&s->fd);
	}
	h->n = 0;
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
	struct everybody *h = s->of;
	struct run *r = h->run;
	struct addr from;

	(void)what;
	if (!receive_first_sender(s, &from, MSG_PEEK))
		return;
	/* Connected, the socket has the local address for the message. */
	if (r->plan->peer_filter)
		(void)receive_becomes_peer(&s->fd, &from);
	if (!peers_admit(&h->admission, &from, NULL, s->fd.num)) {
		(void)receive_first_sender(s, &from, 0);
		if (r->plan->peer_filter)
			receive_settle(h, NULL);
		return;
	}
	receive_settle(h, s);
	/* A connected socket would hear its own address, and no group. */
	if (r->plan->sock.mcast.njoins == 0 &&
	    !receive_becomes_peer(&s->fd, &from)) {
		if (run_confine(r, CONFINE_CONNECTED))
			receive_hear(h, &s->fd, false);
		return;
	}
	(void)run_confine(r, CONFINE_CONNECTED);
	run_say_accepted(r, &from, s->fd.num);
	if (mode_open_far(r, &s->fd, &from, &(struct mode_peer){
	    .udp = true }) && run_open_far(r, false))
		run_session(r, false, false);
}

/* ---- The beginning and the end ------------------------------------------ */

static void
receive_free(void *arg)
{
	struct everybody *h = arg;
	struct run *r = h->run;

	receive_free_tagged(h);
	if (r->drops.sock != NULL)
		run_count_drops(r, &h->socks[0].fd, NULL);
	r->drops.sock = NULL;
	receive_settle(h, NULL);
	admission_free(&h->admission);
	free(h);
}

void
receive_start(struct run *r, const struct fd *fds, size_t n,
    struct everybody **all)
{
	bool keep = r->plan->keep_open;
	struct everybody *h;
	struct receive_sock *s;
	struct fd fd;

	*all = NULL;
	if (r->plan->near == PLAN_EXEC || r->plan->near == PLAN_ECHO) {
		udp_server(r, fds, n, NULL);
		return;
	}
	h = calloc(1, sizeof(*h) + n * sizeof(h->socks[0]));
	if (h == NULL || admission_init(&h->admission, r, false) == -1) {
		free(h);
		run_fail_peer(r, "use", "the datagram socket");
		for (; n > 0; n--) {
			fd = *fds++;
			fd_close(&fd);
		}
		return;
	}
	h->run = r;
	h->rest = (struct timer){ .fire = receive_on_rested, .arg = h };
	r->tidy = (struct run_hook){ receive_free, h };
	/* All are entered before any may fail: receive_settle closes each. */
	for (; h->n < n; h->n++) {
		s = &h->socks[h->n];
		*s = (struct receive_sock){ .of = h, .fd = fds[h->n],
		    .watch = { .fd = -1, .arg = s, .want = keep ?
		    receive_want_next : loop_want_in, .ready = keep ?
		    receive_on_next : receive_on_first } };
	}
	if (keep) {
		*all = h;
		r->drops.sock = &h->socks[0].fd;
	}
	for (s = h->socks; s < h->socks + n; s++) {
		s->watch.fd = s->fd.num;
		if (loop_watch(r->loop, &s->watch) == 0)
			continue;
		s->watch.fd = -1;
		run_fail_peer(r, "watch", "the datagram socket");
		return;
	}
	if (!keep)
		return;
	receive_begin(h);
	/* If the first session cannot begin, the run stops. */
	r->next = (struct run_hook){ receive_on_none, h };
}

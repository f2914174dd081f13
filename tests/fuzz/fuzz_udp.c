/*
 * Datagrams of many senders behind sockets that no kernel has: commands that
 * share them (serve/udp_server, peers/peers), or an echo
 * (udp_echo.h). Oracles: a datagram reaches the one session of its sender,
 * whole and in order; who has none gets one if there is a place, also when
 * its last one has ended or was given away; what does not come through is
 * counted for its reason; an answer goes to its sender from the address that
 * was spoken to; what comes back too often is stopped, and nothing else.
 */
#include "base/diag.h"
#include "serve/server.h"
#include "udp_commands.h"
#include "udp_echo.h"

static struct run	run;
static unsigned		ndatagrams;
static int		send_error;	/* of the next: errno */

/* ---- The sockets -------------------------------------------------------- */

static void
dgram_came(unsigned sock, const struct packet *p)
{
	if (is_echo)
		echo_came(sock, p);
	else
		session_came(sock, p);
}

static int
dgram_leaves(unsigned sock, const struct addr *to, const struct addr *local,
    const unsigned char *data, size_t n, bool full)
{
	int num = full ? EAGAIN : send_error;

	if (!full)
		send_error = 0;
	if (is_echo)
		return echo_leaves(sock, to, local, data, n, num);
	FUZZ_CHECK(answering != NULL && answering->sock == sock);
	FUZZ_CHECK(addr_equal(to, &answering->peer));
	session_check_local(answering, local);
	sent = num == 0;
	forgave = !forgave && (num == EINVAL || num == EADDRNOTAVAIL);
	return num;
}

static void
bind_sock(unsigned i, unsigned how)
{
	struct addr *a = &socks[i].bound;

	memset(a, 0, sizeof(*a));
	socks[i].open = true;
	socks[i].first = socks[i].n = 0;
	socks[i].fails = 0;
	socks[i].dropped = 0;
	socks[i].full = false;
	socks[i].most = QUEUE;
	if (how % 4 == 3) {
		(void)addr_unix(a, "/at");
		return;
	}
	if (how % 4 == 2) {
		a->len = sizeof(a->u.in6);
		a->u.in6.sin6_family = AF_INET6;
	} else {
		a->len = sizeof(a->u.in);
		a->u.in.sin_family = AF_INET;
		if (how % 4 == 0)
			a->u.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	addr_set_port(a, 7);
}

/* To which address of ours it was sent, where the system tells that. */
static void
choose_local(struct packet *p, unsigned sock, unsigned which)
{
	const struct addr *a = &socks[sock].bound;

	memset(&p->local, 0, sizeof(p->local));
	if (addr_family(a) == AF_INET &&
	    a->u.in.sin_addr.s_addr == htonl(INADDR_ANY)) {
		p->local.len = sizeof(p->local.u.in);
		p->local.u.in.sin_family = AF_INET;
		p->local.u.in.sin_addr.s_addr = htonl(0x0a090900 + which);
	} else if (addr_family(a) == AF_INET6) {
		p->local.len = sizeof(p->local.u.in6);
		p->local.u.in6.sin6_family = AF_INET6;
		p->local.u.in6.sin6_addr.s6_addr[15] = (uint8_t)(9 + which);
		p->local.u.in6.sin6_addr.s6_addr[0] = 0x20;
	}
}

/* Forged: as if we had sent it ourselves. */
static void
make_own(struct packet *p, unsigned sock, unsigned how)
{
	p->peer = p->local.len != 0 ? p->local : socks[sock].bound;
	if (how & 128 && !is_echo && addr_family(&p->peer) == AF_INET)
		p->peer.u.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr_set_port(&p->peer, addr_port(&socks[sock].bound));
}

/* One, or several that bring our last answer back. */
static void
arrive(struct tape *t, unsigned sock, unsigned who)
{
	unsigned how = tape_byte(t), times = 1;
	struct packet *p;
	size_t n;

	who += GROUP * (unsigned)tape_upto(t, SENDERS / GROUP - 1);
	n = how & 128 ? 200 + tape_upto(t, 4000) : tape_upto(t, 40);
	if (how % 8 > 2 && how % 8 < 6)
		times += n % 40;
	while (times-- > 0 && (p = dgram_new(&socks[sock])) != NULL) {
		make_words(p, sock, who, how, n, ndatagrams++);
		p->peer = sender_addr(sock, who);
		p->cut = (how & 96) == 96;
		choose_local(p, sock, (how & 24) == 24);
		if (how % 8 == 6)
			make_own(p, sock, how);
	}
}

/* ---- What happens ------------------------------------------------------- */

static void
turn(void)
{
	unsigned i;

	loop_turn(run.loop, 0);
	if (is_echo)
		return;
	session_check_turn();
	if (share != NULL)
		session_check_drops(share);
	for (i = 0; i < ncommands; i++)
		FUZZ_CHECK(session_first(commands[i]->is) == NULL ||
		    commands[i]->conn.ep.in.ready);
}

static void
act_on(struct command *c, unsigned what, struct tape *t)
{
	switch (what) {
	case 0:
		(void)take(c);
		break;
	case 1:
		while (take(c))
			;
		break;
	case 2:
		c->manners = tape_byte(t);
		break;
	case 3:
		end(c);
		return;
	default:
		if (c->in_line)
			break;
		c->answer.len = tape_upto(t, 30);
		memset(c->answer.data, (int)what, c->answer.len);
		c->in_line = true;
		break;
	}
	answer(c);
}

/* What belongs to the sockets, and the clock. */
static void
act_outside(unsigned what, struct tape *t)
{
	static const int passing[] = { ECONNREFUSED, EHOSTUNREACH, ENETDOWN,
	    ENOBUFS };
	static const int sending[] = { ECONNREFUSED, EINVAL, EADDRNOTAVAIL,
	    EMSGSIZE, ENOBUFS, EPERM, ENOENT, EAGAIN };
	unsigned b = tape_byte(t);
	struct sock *s = &socks[b % SOCKETS];

	switch (what) {
	case 0:
		s->fails = passing[b / 2 % 4];
		break;
	case 1:
		send_error = sending[b % 8];
		break;
	case 2:
		s->full = b / 2 % 2;
		s->most = b & 128 ? 1 + b / 4 % 4 : QUEUE;
		break;
	case 3:
		if (s->open)
			s->dropped += b;
		break;
	case 4:
		next_manners = b;
		break;
	case 5:
		expected.next_fails = true;
		break;
	case 6:
		if (is_echo || b != UINT8_MAX)
			break;
		expected.stopping = true;
		is_over |= expected.n == 0;
		run.interrupt.call(run.interrupt.arg);
		break;
	default:
		clock_at += b * (b % 2 ? NSEC_PER_SEC / 10 : NSEC_PER_MSEC);
		turn();
		break;
	}
}

static void
act(struct tape *t, unsigned nsocks)
{
	unsigned op = tape_byte(t), what = op / GROUP;
	unsigned who = op % GROUP, sock = (what & 1) % nsocks;

	if (what < 16)
		arrive(t, sock, who);
	else if (what < 20)
		act_outside(who, t);
	else if (what < 26)
		turn();
	else if (!is_echo && ncommands > 0)
		act_on(commands[who % ncommands], what - 26, t);
}

/* Nothing stands in the way, and whoever was told to end does. */
static void
settle(void)
{
	struct command *c;
	unsigned i, k;

	send_error = 0;
	for (k = 0; k < SOCKETS; k++)
		socks[k].full = false;
	for (i = 0; i < 40 && (is_echo || !is_over); i++) {
		turn();
		clock_at += 50 * NSEC_PER_MSEC;
		for (k = 0; !is_echo && k < ncommands; k++) {
			c = commands[k];
			FUZZ_CHECK(i < 38 || !c->in_line);
			while (take(c))
				answer(c);
			if (c->ending)
				end(c);
		}
	}
	FUZZ_CHECK(is_echo || is_over || !expected.stopping);
}

/* ---- From beginning to end ---------------------------------------------- */

static const struct plan *
the_plan(bool keep)
{
	/* The model knows no credit of peers that have not answered. */
	static char words[2][80] = {
	    "sockcat -u -l -v --max-amplification=0 -c x 7",
	    "sockcat -u -l -v --max-amplification=0 -c x -k --max-conns=3 7" };
	static struct plan plans[2];
	char *argv[12], *text = words[keep];
	int argc;

	if (plans[keep].messages != NULL)
		return &plans[keep];
	for (argc = 0; text != NULL; argc++)
		argv[argc] = strsep(&text, " ");
	argv[argc] = NULL;
	FUZZ_CHECK(plan_parse(&plans[keep], argc, argv) == 0);
	return &plans[keep];
}

static void
hear(void *arg, const char *line)
{
	(void)arg;
	session_hear(line);
}

static void
do_nothing(void *arg)
{
	(void)arg;
}

static void
begin(struct tape *t, struct fd *fds, unsigned *nsocks)
{
	unsigned how = tape_byte(t), i;

	clock_at = 1000 * NSEC_PER_SEC;
	memset(&run, 0, sizeof(run));
	for (i = 0; i < SOCKETS * SENDERS; i++)
		answered[i / SENDERS][i % SENDERS].any = false;
	is_echo = (how & 1) != 0;
	*nsocks = how & 2 ? 2 : 1;
	next_manners = tape_byte(t);
	/* The program's guard gets the same seed as the model's. */
	nseeds = 0;
	if ((sender_guard = loopguard_new()) == NULL)
		abort();
	nseeds = 0;
	seeds[1] = (unsigned char)tape_byte(t);
	rooms[0] = 100 + 20 * tape_byte(t);
	rooms[1] = rooms[0] + 20 * tape_byte(t);
	ncommands = ndatagrams = 0;
	share = NULL;
	send_error = 0;
	at_the_end = false;
	for (i = 0; i < SOCKETS; i++) {
		/* Of another family, so that nobody speaks to both. */
		bind_sock(i, i == 0 ? how >> 4 : how >> 4 & 2 ? 0 : 2);
		socks[i].open = i < *nsocks;
		fd_own(&fds[i], FIRST_NUM + (int)i, FD_DGRAM);
	}
	/* An echo for one peer would look at another socket. */
	run.plan = the_plan((how & 12) != 0 || (is_echo && (*nsocks > 1 ||
	    socks[0].bound.u.sa.sa_family == AF_INET6 || how >> 4 & 1)));
	run.messages = run.plan->messages;
	if ((run.loop = loop_new()) == NULL)
		abort();
	diag_redirect(hear, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	struct timer awake = { .fire = do_nothing };
	struct fd fds[SOCKETS];
	unsigned nsocks;

	begin(&t, fds, &nsocks);
	timer_set(run.loop, &awake, INT64_MAX);
	if (is_echo)
		echo_begin(&run, fds, nsocks);
	else {
		sessions_begin(&run, rooms);
		udp_server(&run, fds, nsocks, NULL);
	}
	while (!tape_over(&t) && (is_echo || !is_over))
		act(&t, nsocks);
	settle();
	at_the_end = true;
	if (is_echo)
		echo_end();
	else
		sessions_end();
	FUZZ_CHECK(ncommands == 0);
	for (unsigned i = 0; i < SOCKETS; i++)
		FUZZ_CHECK(!socks[i].open);
	timer_clear(run.loop, &awake);
	loop_free(run.loop);
	free(sender_guard);
	diag_redirect(NULL, NULL);
	clock_at = 0;
	return 0;
}

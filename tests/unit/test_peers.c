/*
 * Datagram sockets that many peers share.
 */
#include <signal.h>

#include "io/fd_batch.h"
#include "net.h"
#include "peers/peers.h"

#define GUESTS	64

/* What stands behind one peer's endpoint. */
struct guest {
	struct endpoint	 ep;
	struct addr	 peer, local;
	bool		 in;
	int		 told;		/* of news */
};

static struct guest	 guests[GUESTS];
static int		 nguests, most, strangers, overruns;
static struct peers	*share;
static struct run	run;
static struct addr	 at;		/* where it listens */
static int		 sock;
static const struct peers_drops *d;
static struct guest	*in_the_way;	/* of the next stranger; or NULL */
static bool		 leaves;	/* a guest closes within serve() */

static void
go(struct guest *g)
{
	if (g->in)
		endpoint_close(&g->ep);
	g->in = false;
}

static void
on_news(void *arg)
{
	((struct guest *)arg)->told++;
}

static bool
has_place(void *arg)
{
	(void)arg;
	strangers++;
	return nguests < most;
}

static void
serve_peer(void *arg, const struct addr *peer, const struct addr *local)
{
	struct guest *g = &guests[nguests];

	(void)arg;
	if (in_the_way != NULL)
		go(in_the_way);
	in_the_way = NULL;
	g->peer = *peer;
	g->local = *local;
	g->told = 0;
	CHECK_INT(peers_join(share, &g->ep, "a guest", g), 0);
	g->ep.notify = on_news;
	g->ep.user = g;
	g->in = true;
	nguests++;
	if (leaves)
		go(g);
}

static int
say_event(const struct plan *p, const struct report *r)
{
	(void)p, (void)r;
	return 0;
}

/* Counts the warnings of datagrams that found no room. */
static void
on_warning(void *arg, const char *text)
{
	(void)arg;
	overruns += strstr(text, "is faster than the echo") != NULL;
}

/* A share on that address. */
static void
open_share(const char *host, size_t peer_room, size_t total_room)
{
	static const struct messages messages = { .report = say_event };
	static const struct peers_ops ops = { .has_place = has_place,
	    .serve = serve_peer };
	struct fd fd;

	begin();
	memset(guests, 0, sizeof(guests));
	nguests = strangers = overruns = 0;
	most = GUESTS;
	at = addr_of(host, 0);
	sock = serve(&at, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(sock != -1);
	fd_own(&fd, sock, FD_DGRAM);
	plan.near = PLAN_ECHO;
	plan.verbose = 1;
	plan.type = TYPE_DGRAM;
	plan.messages = &messages;
	run = (struct run){ .plan = &plan, .loop = loop,
	    .messages = &messages };
	diag_redirect(on_warning, NULL);
	share = peers_new(&run, &fd, 1, &ops, NULL);
	CHECK(share != NULL);
	if (peer_room != 0)
		share->peer_room = peer_room;
	if (total_room != 0)
		share->total_room = total_room;
}

static void
close_share(void)
{
	int i;

	for (i = 0; i < nguests; i++)
		go(&guests[i]);
	peers_free(share);
	diag_redirect(NULL, NULL);
	finish();
}

/* A client of it, by that address of ours. */
static int
caller(const char *host)
{
	struct addr a = addr_of(host, addr_port(&at));
	int s = call(&a, SOCK_DGRAM);

	CHECK(s != -1);
	return s;
}

static void
say(int s, const char *text)
{
	CHECK_INT(send(s, text, strlen(text), 0), strlen(text));
}

/* What the guest reads now: "" for nothing. */
static const char *
reads(struct guest *g)
{
	static char buf[70000];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) - 1 };
	size_t n = 0;

	if (half_read(&g->ep.in, &iov, 1, &n) != IO_OK)
		n = 0;
	buf[n] = '\0';
	return buf;
}

static enum io
writes(struct guest *g, const char *text)
{
	struct iovec iov = { .iov_base = (void *)(size_t)text,
	    .iov_len = strlen(text) };
	size_t n = 0;

	return half_write(&g->ep.out, &iov, 1, &n);
}

static const char *
hears(int s)
{
	static char buf[100];
	ssize_t n;

	turn(0);
	n = recv(s, buf, sizeof(buf) - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

TEST(each_peer_has_an_endpoint_of_its_own)
{
	int a, b;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	b = caller("127.0.0.1");
	say(a, "a1");
	say(b, "b1");
	say(a, "a2");
	CHECK(turn_until(&nguests, 2));
	CHECK_INT(strangers, 2);
	CHECK(guests[0].told > 0);
	CHECK(guests[0].ep.in.ready);
	CHECK_STR(reads(&guests[0]), "a1");
	CHECK_STR(reads(&guests[1]), "b1");
	CHECK_STR(reads(&guests[0]), "a2");
	CHECK_STR(reads(&guests[0]), "");
	CHECK(!guests[0].ep.in.ready);
	CHECK_INT(writes(&guests[1], "to b"), IO_OK);
	CHECK_STR(hears(b), "to b");
	CHECK_STR(hears(a), "");
	close(a);
	close(b);
	close_share();
}

static void
check_address(const char *by)
{
	struct addr from;
	int s = socket(strchr(by, ':') != NULL ? AF_INET6 : AF_INET,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct addr to = addr_of(by, addr_port(&at));
	char buf[10], text[ADDR_HOST_MAX];
	int before = nguests;

	CHECK(sendto(s, "x", 1, 0, &to.u.sa, to.len) == 1);
	CHECK(turn_until(&nguests, before + 1));
	CHECK_INT(writes(&guests[before], "y"), IO_OK);
	from.len = sizeof(from.u);
	CHECK(recvfrom(s, buf, sizeof(buf), 0, &from.u.sa, &from.len) == 1);
	CHECK(addr_equal(&from, &to));
	CHECK_INT(addr_port(&guests[before].local), addr_port(&at));
	addr_unmap(&guests[before].local);
	CHECK_STR(addr_host(&guests[before].local, text, sizeof(text)), by);
	close(s);
}

TEST(an_answer_leaves_by_the_address_that_was_spoken_to)
{
	open_share("0.0.0.0", 0, 0);
	check_address("127.0.0.1");
	check_address("127.3.2.1");
	close_share();
	if (!have_inet6())
		return;
	open_share("::", 0, 0);
	check_address("127.3.2.1");
	check_address("::1");
	close_share();
}

/* Datagrams of several sizes and runs of one size, some of them empty. */
static size_t
size_of(int i)
{
	static const size_t sizes[] = { 5, 5, 5, 3, 0, 0, 5, 7, 7, 2000, 2000,
	    40, 1472, 1472, 1472, 1, 1, 1, 30000, 1473, 1473, 9 };

	return sizes[(size_t)i % (sizeof(sizes) / sizeof(sizes[0]))];
}

/* What comes in batches goes back in batches, whole and in order. */
static void
check_batches(const char *by, int count)
{
	static unsigned char data[30000];
	struct batch *b = NULL;
	int s = caller(by), i, in = 0, out = 0;
	int64_t until = clock_now() + PATIENCE;
	enum io io = IO_OK;
	ssize_t got;
	size_t n;

	/* A socket that is connected hears an answer from there alone. */
	for (i = 0; i < count; i++) {
		memset(data, i, size_of(i));
		CHECK_INT(send(s, data, size_of(i), 0), size_of(i));
	}
	CHECK(turn_until(&nguests, 1));
	while ((in < count || out < count) && clock_now() < until) {
		turn(0);
		if (batch_left(b) == 0 &&
		    half_read_batch(&guests[0].ep.in, &b) == IO_OK)
			in += (int)batch_left(b);
		while (batch_left(b) > 0 && (io = half_write_batch(
		    &guests[0].ep.out, b, &n)) == IO_OK)
			continue;
		CHECK(io != IO_FAIL);
		while ((got = recv(s, data, sizeof(data), 0)) >= 0) {
			CHECK_INT(got, size_of(out));
			for (i = 0; i < got && data[i] == (unsigned char)out;)
				i++;
			CHECK_INT(i, got);
			out++;
		}
	}
	CHECK_INT(in, count);
	CHECK_INT(out, count);
	batch_free(b);
	close(s);
}

TEST(datagrams_go_back_whole_and_in_order_in_batches)
{
	open_share("127.0.0.1", 0, 0);
	check_batches("127.0.0.1", 60);
	close_share();
	open_share("0.0.0.0", 0, 0);
	check_batches("127.3.2.1", 60);
	close_share();
	if (!have_inet6())
		return;
	open_share("::", 0, 0);
	check_batches("::1", 60);
	close_share();
}

TEST(a_full_queue_drops_what_comes_and_no_other_peers)
{
	int a, b, i;
	char text[16];

	open_share("127.0.0.1", 1000, 0);
	a = caller("127.0.0.1");
	b = caller("127.0.0.1");
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say(a, text);
	}
	say(b, "b");
	CHECK(turn_until(&nguests, 2));
	CHECK_INT(overruns, 1);
	CHECK_STR(reads(&guests[1]), "b");
	d = &share->admission.drops;
	CHECK(d->full > 0 && d->full < 100);
	/* The oldest are kept, in their order. */
	for (i = 0; i < 100 - (int)d->full; i++) {
		snprintf(text, sizeof(text), "%d", i);
		CHECK_STR(reads(&guests[0]), text);
	}
	CHECK_STR(reads(&guests[0]), "");
	say(a, "again");
	turn(PATIENCE);
	CHECK_STR(reads(&guests[0]), "again");
	close(a);
	close(b);
	close_share();
}

TEST(one_datagram_of_each_fits_whatever_the_others_hold)
{
	char big[600];
	int s[3], i;

	memset(big, 'x', sizeof(big));
	open_share("127.0.0.1", 0, 1000);
	for (i = 0; i < 3; i++) {
		s[i] = caller("127.0.0.1");
		CHECK(send(s[i], big, sizeof(big), 0) == sizeof(big));
		CHECK(send(s[i], big, sizeof(big), 0) == sizeof(big));
	}
	CHECK(turn_until(&nguests, 3));
	/* One of each is kept, whatever the others hold. */
	for (i = 0; i < 3; i++) {
		CHECK_INT(strlen(reads(&guests[i])), sizeof(big));
		CHECK_STR(reads(&guests[i]), "");
		close(s[i]);
	}
	close_share();
}

TEST(a_stranger_who_is_not_joined_is_dropped)
{
	int a;

	open_share("127.0.0.1", 0, 0);
	most = 0;
	a = caller("127.0.0.1");
	say(a, "one");
	say(a, "two");
	CHECK(turn_until(&strangers, 2));
	d = &share->admission.drops;
	CHECK_INT(d->no_place, 2);
	peers_stop(share);
	say(a, "three");
	turn(PATIENCE);
	CHECK_INT(strangers, 2);
	close(a);
	close_share();
}

/* Only a start that failed makes new peers wait. */
TEST(only_a_start_that_failed_makes_new_peers_wait)
{
	int a, b;

	open_share("127.0.0.1", 0, 0);
	leaves = true;
	a = caller("127.0.0.1");
	b = caller("127.0.0.1");
	say(a, "one");
	CHECK(turn_until(&nguests, 1));
	say(b, "two");
	CHECK(turn_until(&nguests, 2));
	leaves = false;
	peers_rest(share);
	say(b, "three");
	turn(PATIENCE);
	CHECK_INT(nguests, 2);
	CHECK_INT(share->admission.drops.no_place, 3);
	close(a);
	close(b);
	close_share();
}

/* Nothing comes from there, unless somebody forges it: here we do. */
TEST(what_comes_from_our_own_address_is_not_heard)
{
	struct addr to;

	open_share("0.0.0.0", 0, 0);
	to = addr_of("127.0.0.1", addr_port(&at));
	CHECK(sendto(sock, "x", 1, 0, &to.u.sa, to.len) == 1);
	turn(PATIENCE);
	d = &share->admission.drops;
	CHECK_INT(d->own, 1);
	CHECK_INT(strangers, 0);
	close_share();
}

TEST(what_was_left_unread_goes_to_the_next_endpoint)
{
	int a;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	say(a, "one");
	say(a, "two");
	say(a, "three");
	say(a, "four");
	CHECK(turn_until(&nguests, 1));
	CHECK_STR(reads(&guests[0]), "one");
	go(&guests[0]);
	turn(0);
	CHECK_INT(nguests, 2);
	CHECK_INT(guests[1].told, 1);
	CHECK(addr_equal(&guests[1].peer, &guests[0].peer));
	CHECK_STR(reads(&guests[1]), "two");
	go(&guests[1]);
	turn(0);
	/* This one reads nothing. */
	CHECK_INT(nguests, 3);
	go(&guests[2]);
	turn(0);
	CHECK_INT(nguests, 4);
	CHECK_STR(reads(&guests[3]), "four");
	d = &share->admission.drops;
	CHECK_INT(d->left, 1);
	close(a);
	close_share();
}

static unsigned
want_in(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

/* As a command does whose end comes just before a datagram. */
static void
go_at_once(void *arg, unsigned what)
{
	(void)what;
	loop_unwatch(loop, arg);
	go(&guests[0]);
}

TEST(what_was_left_unread_comes_before_what_came_later)
{
	struct watch w = { .want = want_in, .ready = go_at_once, .arg = &w };
	int a, ends[2];

	open_share("127.0.0.1", 0, 0);
	CHECK(pipe(ends) == 0);
	w.fd = ends[0];
	CHECK(loop_watch(loop, &w) == 0);
	a = caller("127.0.0.1");
	say(a, "one");
	say(a, "two");
	CHECK(turn_until(&nguests, 1));
	CHECK_STR(reads(&guests[0]), "one");
	CHECK(write(ends[1], "", 1) == 1);
	say(a, "three");
	CHECK(turn_until(&nguests, 2));
	turn(0);
	CHECK_STR(reads(&guests[1]), "two");
	CHECK_STR(reads(&guests[1]), "three");
	close(a);
	close(ends[0]);
	close(ends[1]);
	close_share();
}

/* ... also when that happens between two of one batch. */
TEST(what_was_left_unread_within_a_batch_does_too)
{
	int a, b;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	b = caller("127.0.0.1");
	say(a, "one");
	say(a, "two");
	say(a, "three");
	CHECK(turn_until(&nguests, 1));
	go(&guests[0]);
	turn(0);
	CHECK_INT(nguests, 2);
	in_the_way = &guests[1];
	say(b, "b");
	say(a, "four");
	CHECK(turn_until(&nguests, 4));
	turn(0);
	CHECK_STR(reads(&guests[2]), "b");
	CHECK_STR(reads(&guests[3]), "three");
	CHECK_STR(reads(&guests[3]), "four");
	close(a);
	close(b);
	close_share();
}

/* Nobody comes for it any more. */
TEST(what_is_left_unread_at_the_end_is_counted)
{
	int a;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	say(a, "one");
	say(a, "two");
	say(a, "three");
	CHECK(turn_until(&nguests, 1));
	go(&guests[0]);
	peers_report(share);
	CHECK_INT(share->admission.drops.left, 3);
	close(a);
	close_share();
}

TEST(the_idlest_is_one_that_has_said_a_single_thing)
{
	int a, b;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	b = caller("127.0.0.1");
	say(a, "a");
	CHECK(turn_until(&nguests, 1));
	say(b, "b");
	CHECK(turn_until(&nguests, 2));
	CHECK(peers_idlest(share, 0) == &guests[0]);
	CHECK(peers_idlest(share, PATIENCE) == NULL);
	/* Whoever is spoken to is not idle ... */
	CHECK_INT(writes(&guests[0], "y"), IO_OK);
	CHECK(peers_idlest(share, 0) == &guests[1]);
	/* ... and whoever speaks again keeps its place for good. */
	say(b, "b");
	turn(PATIENCE);
	CHECK(peers_idlest(share, 0) == &guests[0]);
	say(a, "a");
	turn(PATIENCE);
	CHECK(peers_idlest(share, 0) == NULL);
	close(a);
	close(b);
	close_share();
}

TEST(an_empty_datagram_is_read_as_one)
{
	struct iovec iov = { .iov_base = NULL, .iov_len = 0 };
	size_t n = 7;
	int a;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	CHECK_INT(send(a, "", 0, 0), 0);
	say(a, "more");
	CHECK(turn_until(&nguests, 1));
	CHECK(layer_pending(guests[0].ep.in.top) > 0);
	CHECK_INT(half_read(&guests[0].ep.in, &iov, 1, &n), IO_OK);
	CHECK_INT(n, 0);
	CHECK_STR(reads(&guests[0]), "more");
	close(a);
	close_share();
}

/* 20,000 senders, and one that is in already. */
TEST(n_20000_senders_do_no_harm_to_one_that_is_in)
{
	struct dgram_drops kernel = { .n = 0 };
	struct addr from;
	int a, s, i, j;

	open_share("127.0.0.1", 0, 0);
	most = 1;
	a = caller("127.0.0.1");
	say(a, "in");
	CHECK(turn_until(&nguests, 1));
	for (i = 0; i < 20000; i++) {
		from = addr_of("127.0.0.1", 0);
		from.u.in.sin_addr.s_addr = htonl(0x7f010000 + (unsigned)i);
		s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		CHECK(bind(s, &from.u.sa, from.len) == 0);
		CHECK(sendto(s, "x", 1, 0, &at.u.sa, at.len) == 1);
		close(s);
		if (i % 100 == 99)
			say(a, "on");
		turn(0);
	}
	turn(0);
	d = &share->admission.drops;
	dgram_add_drops(&share->socks[0].fd, &kernel);
	CHECK_INT(d->no_place + kernel.n, 20000);
	CHECK_STR(reads(&guests[0]), "in");
	for (i = j = 0; i < 200; i++)
		j += strcmp(reads(&guests[0]), "on") == 0;
	CHECK_INT(j, 200);
	close(a);
	close_share();
}

/* A Unix socket is writable although the one that it sends to is full. */
TEST(a_Unix_peer_that_is_full_costs_no_turns)
{
	char path[100], mine[100];
	struct addr me;
	int s, sent = 0, got = 0, told;
	char byte;

	tmpdir_make();
	open_share(tmp_path("at", path), 0, 0);
	me = addr_of(tmp_path("me", mine), 0);
	s = serve(&me, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(sendto(s, "x", 1, 0, &at.u.sa, at.len) == 1);
	CHECK(turn_until(&nguests, 1));
	while (sent < 10000 && writes(&guests[0], "y") == IO_OK)
		sent++;
	CHECK(sent < 10000);
	CHECK(!guests[0].ep.out.ready);
	CHECK(turn_until(&guests[0].told, guests[0].told + 1));
	CHECK_INT(writes(&guests[0], "y"), IO_AGAIN);
	told = guests[0].told;
	CHECK(turns_within(100 * NSEC_PER_MSEC) < 20);
	while (recv(s, &byte, 1, 0) == 1)
		got++;
	CHECK_INT(got, sent);
	CHECK(turn_until(&guests[0].told, told + 1));
	CHECK(guests[0].ep.out.ready);
	close(s);
	close_share();
	tmpdir_remove();
}

/* A datagram came by a broadcast, which is the address of no sender. */
TEST(a_batch_leaves_at_once_though_its_source_is_a_broadcast)
{
	char text[] = "abc";
	struct iovec iov = { .iov_base = text, .iov_len = 3 };
	struct batch *b = batch_new(100, NULL);
	struct udp_peer *p;
	size_t n = 0;
	int a;

	open_share("127.0.0.1", 0, 0);
	a = caller("127.0.0.1");
	say(a, "hello");
	CHECK(turn_until(&nguests, 1));
	p = (struct udp_peer *)guests[0].ep.out.top;
	p->local = addr_of("255.255.255.255", 0);
	for (int i = 0; i < 3; i++)
		CHECK(batch_add(b, &iov, 1));
	CHECK_INT(half_write_batch(&guests[0].ep.out, b, &n), IO_OK);
	CHECK_INT(n, 9);
	CHECK_INT(batch_left(b), 0);
	for (int i = 0; i < 3; i++)
		CHECK_STR(hears(a), text);
	batch_free(b);
	close(a);
	close_share();
}

/* Opens a share at a path, to which an unnamed sender has said "hello". */
static int
greet_at_a_path(void)
{
	char path[100];
	struct addr a;
	int s;

	tmpdir_make();
	open_share(tmp_path("at", path), 0, 0);
	a = at;
	s = call(&a, SOCK_DGRAM);
	say(s, "hello");
	return s;
}

/* Larger than any of UDP: from a Unix socket. */
TEST(what_is_cut_off_a_datagram_is_known_to_a_batch)
{
	static char much[100000];
	struct batch *b = NULL;
	int s = greet_at_a_path();

	CHECK_INT(send(s, much, sizeof(much), 0), sizeof(much));
	CHECK(turn_until(&nguests, 1));
	CHECK_INT(half_read_batch(&guests[0].ep.in, &b), IO_OK);
	CHECK_INT(batch_left(b), 2);
	CHECK_INT(batch_held(b) + batch_take_cut(b), 5 + sizeof(much));
	CHECK_INT(batch_take_cut(b), 0);
	batch_free(b);
	close(s);
	close_share();
	tmpdir_remove();
}

TEST(a_sender_without_a_name_is_heard_and_not_answered)
{
	int s = greet_at_a_path();

	CHECK(turn_until(&nguests, 1));
	CHECK_STR(reads(&guests[0]), "hello");
	CHECK_INT(writes(&guests[0], "x"), IO_FAIL);
	CHECK_INT(errno, EDESTADDRREQ);
	close(s);
	close_share();
	tmpdir_remove();
}

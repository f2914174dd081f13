/*
 * Clients that shake hands before they are accepted: they wait in order, one
 * makes room, and nothing of them is left.
 */
#include <sys/resource.h>
#include <fcntl.h>

#include "door/greet.h"
#include "handshake_rig.h"

#define LINE	"PROXY TCP4 192.0.2.1 198.51.100.2 1000 443\r\n"

static struct addr_pair	met[8];		/* of clients that were accepted */
static struct addr	lost;		/* of the latest that failed */
static bool		refuses, frees;
static struct greet	*greet;

static void
on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	CHECK(arg == &got);
	met[done++ % 8] = *ends;
	if (tls != NULL)
		layer_close(tls);
	fd_close(fd);
}

static bool
on_admits(void *arg, const struct fd *fd, const struct addr_pair *ends)
{
	CHECK(arg == &got);
	CHECK(fd->num >= 0);
	CHECK(ends->peer.len > 0);
	return !refuses;
}

static void
on_client_failed(void *arg, const struct addr *peer, const struct error *err)
{
	lost = *peer;
	on_failed(arg, err);
	if (frees)
		greet_free(greet);
}

/* tls: a context that is never looked at, since each client has a layer. */
static void
begin_clients(bool tls)
{
	static const struct listener_ops ops = { .accepted = on_accepted,
	    .admits = on_admits, .not_secured = on_client_failed,
	    .not_announced = on_client_failed };

	begin();
	done = failed = closed = 0;
	greet = greet_new(loop, tls ? (struct tls_context *)&got : NULL, &ops,
	    &got);
}

static void
end_clients(void)
{
	greet_free(greet);
	finish();
}

/* Adds a client of this host and port; returns the client's socket. */
static int
add_client_of(const char *host, unsigned port, struct layer *tls)
{
	const struct addr_pair ends = { .peer = addr_of(host, port) };
	int other;
	struct fd fd = connection(&other);

	greet_client(greet, &fd, &ends, tls);
	return other;
}

static int
add_client(unsigned port)
{
	return add_client_of("127.0.0.1", port, fake_layer());
}

TEST(a_silent_client_keeps_nobody_out)
{
	int fds = open_fds(), silent, other, refused;

	begin_clients(true);
	silent = add_client(1);
	other = add_client(2);
	refused = add_client(3);
	say(other, "y", 1);
	CHECK(turn_until(&done, 1));
	CHECK_INT((int)addr_port(&met[0].peer), 2);
	say(refused, "n", 1);
	CHECK(turn_until(&failed, 1));
	CHECK_STR(error.why, "it said no");
	CHECK_INT((int)addr_port(&lost), 3);
	CHECK_INT((int)greet_close(greet), 1);
	CHECK_INT((int)greet_close(greet), 0);
	end_clients();
	close(silent);
	close(other);
	close(refused);
	CHECK_INT(closed, 3);
	CHECK_INT(open_fds(), fds);
}

TEST(headers_come_beside_each_other_and_give_the_ends)
{
	int silent, talks, local;

	begin_clients(false);
	greet_expect_headers(greet);
	silent = add_client_of("127.0.0.1", 1, NULL);
	talks = add_client_of("127.0.0.1", 2, NULL);
	local = add_client_of("127.0.0.1", 3, NULL);
	say(talks, LINE, sizeof(LINE) - 1);
	CHECK(turn_until(&done, 1));
	CHECK_INT((int)addr_port(&met[0].peer), 1000);
	CHECK_INT((int)addr_port(&met[0].local), 443);
	say(local, "PROXY UNKNOWN\r\n", 15);
	CHECK(turn_until(&done, 2));
	CHECK_INT((int)addr_port(&met[1].peer), 3);
	CHECK_INT((int)met[1].local.len, 0);
	CHECK_INT((int)greet_close(greet), 1);
	end_clients();
	close(silent);
	close(talks);
	close(local);
}

TEST(a_client_that_may_not_come_in_is_closed)
{
	int fds = open_fds(), refused, announced;

	refuses = true;
	begin_clients(true);
	refused = add_client(1);
	CHECK_INT((int)read(refused, &(char){ 0 }, 1), 0);
	greet_expect_headers(greet);
	announced = add_client_of("127.0.0.1", 2, NULL);
	say(announced, LINE, sizeof(LINE) - 1);
	turn(0);
	turn(0);
	CHECK_INT((int)read(announced, &(char){ 0 }, 1), 0);
	CHECK_INT(done + failed, 0);
	CHECK_INT((int)greet_close(greet), 0);
	end_clients();
	refuses = false;
	close(refused);
	close(announced);
	CHECK_INT(open_fds(), fds);
}

TEST(during_a_pause_clients_wait_in_order)
{
	int first, second;

	begin_clients(true);
	first = add_client(1);
	second = add_client(2);
	greet_pause(greet, true);
	say(second, "y", 1);
	turn(0);
	turn(0);
	say(first, "y", 1);
	turn(0);
	turn(0);
	CHECK_INT(done, 0);
	greet_pause(greet, false);
	turn(0);
	CHECK_INT(done, 2);
	CHECK_INT((int)addr_port(&met[0].peer), 2);
	CHECK_INT((int)addr_port(&met[1].peer), 1);
	end_clients();
	close(first);
	close(second);
}

TEST(ready_clients_are_closed_with_the_others)
{
	int fds = open_fds(), first, second;

	begin_clients(true);
	first = add_client(1);
	second = add_client(2);
	greet_pause(greet, true);
	say(first, "y", 1);
	turn(0);
	turn(0);
	CHECK_INT((int)greet_close(greet), 2);
	CHECK_INT(closed, 2);
	greet_free(NULL);
	end_clients();
	close(first);
	close(second);
	CHECK_INT(open_fds(), fds);
}

TEST(a_handshake_that_cannot_start_fails_at_once)
{
	const struct addr_pair ends = { .peer = addr_of("127.0.0.1", 6) };
	int fds = open_fds();
	struct fd fd;

	begin_clients(true);
	/* epoll(7) does not take a file. */
	fd_own(&fd, open("/dev/null", O_RDWR | O_CLOEXEC), FD_STREAM);
	greet_client(greet, &fd, &ends, fake_layer());
	turn(0);
	CHECK_INT(failed, 1);
	CHECK_INT((int)addr_port(&lost), 6);
	CHECK_INT(closed, 1);
	end_clients();
	CHECK_INT(open_fds(), fds);
}

static bool
many_descriptors(void)
{
	const rlim_t wanted = 3 * GREET_MOST;
	struct rlimit fds;

	(void)getrlimit(RLIMIT_NOFILE, &fds);
	if (fds.rlim_max != RLIM_INFINITY && fds.rlim_max < wanted)
		return false;
	fds.rlim_cur = wanted;
	return setrlimit(RLIMIT_NOFILE, &fds) == 0;
}

/* The first comes alone from its host; the others are of two hosts. */
TEST(the_oldest_of_the_host_with_most_makes_room)
{
	static int others[GREET_MOST + 1];
	int late[301];

	if (!many_descriptors())
		SKIP("too few descriptors are allowed");
	begin_clients(true);
	for (unsigned i = 0; i < GREET_MOST; i++)
		others[i] = add_client_of(i == 0 ? "192.0.2.1" :
		    i < 400 ? "192.0.2.2" : "192.0.2.3", i + 1, fake_layer());
	CHECK_INT(failed, 0);
	others[GREET_MOST] = add_client_of("192.0.2.1", 9999, fake_layer());
	CHECK_INT(failed, 1);
	CHECK_STR(error.why, "too many handshakes at once");
	CHECK_INT((int)addr_port(&lost), 401);
	CHECK_INT((int)read(others[400], &(char){ 0 }, 1), 0);
	/* Clients that have become ready count no longer. */
	for (size_t i = 401; i < 401 + 300; i++)
		say(others[i], "y", 1);
	CHECK(turn_until(&done, 300));
	for (int i = 0; i < 301; i++)
		late[i] = add_client_of("192.0.2.4", 1, fake_layer());
	CHECK_INT(failed, 2);
	CHECK_INT((int)addr_port(&lost), 2);
	CHECK_INT((int)greet_close(greet), GREET_MOST);
	end_clients();
	for (int i = 0; i <= GREET_MOST; i++)
		close(others[i]);
	for (int i = 0; i < 301; i++)
		close(late[i]);
}

TEST(the_failure_of_the_oldest_may_end_all)
{
	static int others[GREET_MOST + 1];
	int fds = open_fds();

	if (!many_descriptors())
		SKIP("too few descriptors are allowed");
	begin_clients(true);
	frees = true;
	for (unsigned i = 0; i <= GREET_MOST; i++)
		others[i] = add_client(i + 1);
	frees = false;
	CHECK_INT(failed, 1);
	CHECK_INT(closed, GREET_MOST + 1);
	for (int i = 0; i <= GREET_MOST; i++)
		close(others[i]);
	finish();
	CHECK_INT(open_fds(), fds);
}

/*
 * A server of streams: how many there may be, and what one of them ends.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "message/messages.h"
#include "net.h"
#include "serve/server.h"

#define MANY	128

/* A connection that does nothing by itself. */
struct fake {
	struct conn	 conn;
	int		 i, status;
};

static struct fake	*fakes[MANY];		/* NULL: freed */
static bool		stopped[MANY];
static int		started, greeted, turned_away;
static bool		refuse, ends_at_once;
static struct addr	last_peer;
static struct run	run;
static struct server	server;
static struct addr	where;

static void
on_leave(struct conn *c)
{
	stopped[((struct fake *)c)->i] = true;
}

static int
on_report(struct conn *c, struct outcome *o)
{
	(void)o;
	return ((struct fake *)c)->status;
}

static void
on_dispose(struct conn *c)
{
	struct fake *f = (struct fake *)c;

	fd_close(&c->ep.in_bottom.fd);
	fakes[f->i] = NULL;
}

static const struct conn_ops fake_ops = { .leave = on_leave,
    .report = on_report, .dispose = on_dispose };

static struct conn *
fake_start(const struct conn_start *start, int *status)
{
	struct fake *f;

	CHECK(start->run == &run);
	CHECK_INT(start->number, greeted - turned_away);
	if (refuse) {
		fd_close(start->fd);
		*status = 7;
		return NULL;
	}
	f = conn_new(sizeof(*f), &fake_ops, start);
	f->conn.ep.in_bottom.fd = *start->fd;
	f->i = started;
	last_peer = *start->peer;
	if (ends_at_once)
		conn_close(&f->conn);
	stopped[started] = false;
	fakes[started++] = f;
	return &f->conn;
}

static void
end_fake(int i, int status)
{
	fakes[i]->status = status;
	conn_close(&fakes[i]->conn);
}

static bool
is_over(int i)
{
	return fd_is_over(&fakes[i]->conn.ep.in_bottom.fd);
}

static int
on_event(const struct plan *p, const struct report *r)
{
	(void)p;
	greeted += r->event == EVENT_ACCEPTED;
	turned_away += r->event == EVENT_FULL;
	return 0;
}

static const struct messages fake_messages = { .report = on_event };

static void
on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	CHECK(tls == NULL);
	(void)arg;
	server_admit(&server, fd, NULL, &ends->peer, &where);
}

/* A server of so many; its plan is made by then. */
static void
open_server(int max_conns, unsigned each, bool once)
{
	static const struct listener_ops ops = { .accepted = on_accepted };
	struct fd fd;

	started = greeted = turned_away = 0;
	refuse = false;
	memset(&run, 0, sizeof(run));
	run.plan = &plan;
	run.messages = plan.messages = &fake_messages;
	run.loop = loop;
	plan.serve.max_conns = max_conns;
	where = addr_of("127.0.0.1", 0);
	fd_own(&fd, serve(&where, SOCK_STREAM, 256), FD_STREAM);
	(void)fcntl(fd.num, F_SETFL, O_NONBLOCK);
	server_init(&server, &run, each, once);
	server.start = fake_start;
	server.listener = listener_new(loop, &fd, 1, NULL, &ops, &server);
	CHECK(server.listener != NULL);
}

static void
close_server(void)
{
	server_stop(&server, true);
	finish();
}

/* Let those come in who may; how many are in then. */
static int
settle(void)
{
	(void)turns_within(30 * NSEC_PER_MSEC);
	return (int)server.n;
}

static void
call_all(int *socks, int n)
{
	int i;

	for (i = 0; i < n; i++)
		CHECK((socks[i] = call(&where, SOCK_STREAM)) != -1);
}

static void
hang_up(const int *socks, int n)
{
	while (n-- > 0)
		close(socks[n]);
}

TEST(the_next_one_waits_for_a_place)
{
	int socks[5];

	begin();
	open_server(2, 1, false);
	call_all(socks, 5);
	CHECK_INT(settle(), 2);
	CHECK_INT(greeted, 2);
	end_fake(0, 0);
	CHECK_INT(settle(), 2);
	CHECK_INT(started, 3);
	end_fake(1, 1);
	end_fake(2, 2);
	CHECK_INT(settle(), 2);
	CHECK_INT(started, 5);
	CHECK_INT(turned_away, 0);
	close_server();
	hang_up(socks, 5);
}

/* Clients of one host, which are more than the waiting room has space for. */
#define CROWD	(2 + SERVER_WAITING + 40)

/* Connects from this address. */
static int
call_from(const char *host)
{
	struct addr from = addr_of(host, 0);
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(bind(sock, &from.u.sa, from.len), 0);
	CHECK_INT(connect(sock, &where.u.sa, where.len), 0);
	return sock;
}

static void
open_crowded_server(int *socks, int n)
{
	begin();
	plan.serve.per_host = SERVE_QUARTER;
	open_server(2, 1, false);
	CHECK_INT((int)server.waiting.most, SERVER_WAITING);
	for (int i = 0; i < n; i++)
		socks[i] = call_from("127.0.0.2");
	for (int64_t end = clock_now() + PATIENCE; clock_now() < end &&
	    server.waiting.n < SERVER_WAITING;)
		turn(10);
	CHECK_INT(server.n, 2);
	CHECK_INT(server.waiting.n, SERVER_WAITING);
	/* Those that wait are not greeted. */
	CHECK_INT(greeted, 2);
}

/* All are looked at, the oldest of the host leave, and the last comes in. */
TEST(who_is_behind_a_full_waiting_room_is_seen)
{
	static int socks[CROWD];
	int other, fds = open_fds();
	char c;

	open_crowded_server(socks, CROWD);
	other = call_from("127.0.0.3");
	for (int64_t end = clock_now() + PATIENCE; clock_now() < end &&
	    server.waiting.promised == 0;)
		turn(10);
	CHECK_INT(server.waiting.promised, 1);
	CHECK_INT(server.waiting.n, SERVER_WAITING);
	CHECK_INT(server.n, 2);
	CHECK_INT(recv(socks[2], &c, 1, 0), -1);
	CHECK_INT(errno, ECONNRESET);
	CHECK_INT(recv(socks[CROWD - 1], &c, 1, MSG_DONTWAIT), -1);
	CHECK_INT(errno, EAGAIN);
	/* The one that gave way was reset, and its place is kept. */
	CHECK(is_over(0) != is_over(1));
	end_fake(is_over(0) ? 0 : 1, 0);
	(void)settle();
	CHECK_INT(started, 3);
	CHECK_INT(server.n, 2);
	CHECK_STR(addr_host(&last_peer, (char[ADDR_HOST_MAX]){ 0 },
	    ADDR_HOST_MAX), "127.0.0.3");
	close_server();
	hang_up(socks, CROWD);
	close(other);
	CHECK_INT(open_fds(), fds);
}

/* The first look finds a client that has come after the look was planned. */
TEST(who_comes_to_a_full_waiting_room_is_seen_at_the_next_look)
{
	static int socks[2 + SERVER_WAITING];
	int64_t planned, end = clock_now() + PATIENCE;
	int other;

	open_crowded_server(socks, 2 + SERVER_WAITING);
	CHECK(timer_is_set(&server.look));
	CHECK_INT(listener_backlog(server.listener), 0);
	planned = server.look.node.key;
	other = call_from("127.0.0.3");
	while (server.look.node.key == planned && clock_now() < end)
		turn(10);
	CHECK_INT(server.look_to, 2 + SERVER_WAITING + 1);
	close_server();
	hang_up(socks, 2 + SERVER_WAITING);
	close(other);
}

/* A backlog that moves by itself is left to the kernel. */
TEST(nobody_leaves_a_waiting_room_that_moves)
{
	static int socks[CROWD];
	int64_t end = clock_now() + PATIENCE;
	char c;

	open_crowded_server(socks, CROWD);
	ends_at_once = true;
	end_fake(0, 0);
	end_fake(1, 0);
	while (clock_now() < end && started < CROWD)
		turn(10);
	ends_at_once = false;
	CHECK_INT(started, CROWD);
	for (int i = 0; i < CROWD; i++)
		CHECK_INT(recv(socks[i], &c, 1, 0), 0);
	close_server();
	hang_up(socks, CROWD);
}

TEST(or_is_turned_away)
{
	int socks[3];
	char c;

	begin();
	plan.serve.turn_away = true;
	open_server(2, 1, false);
	call_all(socks, 3);
	CHECK_INT(settle(), 2);
	CHECK_INT(greeted, 3);
	CHECK_INT(turned_away, 1);
	CHECK_INT(recv(socks[2], &c, 1, 0), 0);
	end_fake(0, 0);
	close(socks[2]);
	call_all(socks + 2, 1);
	CHECK_INT(settle(), 2);
	CHECK_INT(turned_away, 1);
	close_server();
	hang_up(socks, 3);
}

TEST(who_cannot_be_served_takes_no_place)
{
	int socks[5];
	char c;

	begin();
	open_server(1, 1, false);
	refuse = true;
	call_all(socks, 4);
	CHECK_INT(settle(), 0);
	CHECK_INT(recv(socks[3], &c, 1, 0), 0);
	refuse = false;
	call_all(socks + 4, 1);
	CHECK_INT(settle(), 1);
	close_server();
	hang_up(socks, 5);
}

TEST(a_server_of_one_client_ends_with_its_status)
{
	int sock;

	begin();
	open_server(0, 1, true);
	call_all(&sock, 1);
	CHECK_INT(settle(), 1);
	end_fake(0, 42);
	CHECK_INT(settle(), 0);
	CHECK_INT(run.status, 42);
	close_server();
	close(sock);
	/* ... or with that of the failure to serve it. */
	begin();
	open_server(0, 1, true);
	refuse = true;
	call_all(&sock, 1);
	(void)settle();
	CHECK_INT(run.status, 7);
	close_server();
	close(sock);
}

/* Its limit of descriptors is what is open and so many. */
static void
limit_to(rlim_t more, bool hard)
{
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)open_fds() - 3 + more;
	if (hard)
		limit.rlim_max = limit.rlim_cur;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* The listener, a reserve of 8, and 3 for each of 5; a rest of 2. */
#define FOR_FIVE	(1 + 8 + 3 * 5 + 2)

static void
expect_most(unsigned most, rlim_t more, bool hard)
{
	begin();
	limit_to(more, hard);
	open_server(100, 3, false);
	CHECK_INT(server.most, most);
	close_server();
}

/* A limit that is lowered for good is not for the tests that follow. */
TEST(no_more_than_the_descriptors_allow)
{
	struct rlimit is;
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		expect_most(100, FOR_FIVE, false);
		CHECK_INT(getrlimit(RLIMIT_NOFILE, &is), 0);
		CHECK(is.rlim_cur >= 3 * 100 + 8);
		expect_most(5, FOR_FIVE, true);
		expect_most(1, 1 + 4, true);	/* one is tried */
		fflush(stdout);
		_exit(unit_bad);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

TEST(a_limit_of_none_is_one)
{
	begin();
	open_server(-3, 1, false);
	CHECK_INT(server.most, 1);
	close_server();
}

TEST(all_are_told_to_stop)
{
	int socks[3], i;

	begin();
	open_server(3, 1, false);
	call_all(socks, 3);
	CHECK_INT(settle(), 3);
	run.interrupt.call(run.interrupt.arg);
	for (i = 0; i < 3; i++)
		CHECK(stopped[i] && fakes[i] != NULL);
	CHECK(server.listener == NULL);
	end_fake(1, 0);
	CHECK_INT(settle(), 2);
	CHECK(fakes[0] != NULL && fakes[1] == NULL && fakes[2] != NULL);
	server_stop(&server, true);
	CHECK(fakes[0] == NULL && fakes[2] == NULL);
	finish();
	hang_up(socks, 3);
}

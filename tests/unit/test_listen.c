#include <sys/resource.h>
#include <sys/wait.h>
#include <netinet/tcp.h>

#include "net.h"
#include "net/socket.h"
#include "run/net_options.h"

#define MANY	200

static int		accepted, enough;
static struct fd	in[MANY];
static struct addr	peers[MANY];
static struct listener	*listener;
static bool		free_when_enough;

static void
on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	CHECK(tls == NULL);
	CHECK(arg == &accepted);
	in[accepted] = *fd;
	peers[accepted++] = ends->peer;
	if (accepted != enough)
		return;
	if (free_when_enough)
		listener_free(listener);
	else
		listener_pause(listener, true);
}

static int
open_plan(const struct addr *a, bool v6only, struct fd *fd, struct error *err)
{
	const struct listen_options opt = net_listen_options(&plan);

	return listen_open(&opt, a, v6only, fd, err);
}

static struct fd
open_at(struct addr *a, bool v6only)
{
	struct error err = { .num = 0 };
	struct fd fd;

	CHECK_INT(open_plan(a, v6only, &fd, &err), 0);
	CHECK_INT(err.num, 0);
	if (addr_family(a) != AF_UNIX)
		(void)addr_local(a, fd.num);
	return fd;
}

static void
start(const struct fd *fd, size_t n)
{
	static const struct listener_ops ops = { .accepted = on_accepted };

	accepted = 0;
	enough = -1;
	free_when_enough = false;
	listener = listener_new(loop, fd, n, NULL, &ops, &accepted);
	CHECK(listener != NULL);
}

static void
end(void)
{
	int i;

	for (i = 0; i < accepted; i++)
		fd_close(&in[i]);
	listener_free(listener);
	listener = NULL;
	finish();
}

/* It cannot be opened, for this reason. */
static void
expect_refused(const struct addr *a, int num)
{
	struct error err = { .num = 0 };
	struct fd fd = { .num = -1 };
	int fds = open_fds();

	CHECK_INT(open_plan(a, false, &fd, &err), -1);
	CHECK_INT(err.num, num);
	CHECK_STR(err.op, "bind");
	CHECK_INT(open_fds(), fds);
}

TEST(every_client_is_accepted)
{
	struct addr a = addr_of("127.0.0.1", 0);
	int fds = open_fds(), c[MANY], i;
	struct fd fd;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	for (i = 0; i < MANY; i++)
		c[i] = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, MANY));
	CHECK(fcntl(in[0].num, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(in[0].num, F_GETFL) & O_NONBLOCK);
	for (i = 0; i < MANY; i++)
		close(c[i]);
	end();
	CHECK_INT(open_fds(), fds);
}

TEST(the_peer_is_named)
{
	struct addr a = addr_of("127.0.0.1", 0), peer;
	struct fd fd;
	int c;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	(void)addr_local(&peer, c);
	CHECK(addr_equal(&peers[0], &peer));
	close(c);
	end();
}

TEST(two_sockets_make_one_listener)
{
	struct addr a = addr_of("127.0.0.1", 0), b = addr_of("127.0.0.2", 0);
	struct fd fd[2];
	int c, d;

	begin();
	fd[0] = open_at(&a, false);
	fd[1] = open_at(&b, false);
	start(fd, 2);
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	d = call(&b, SOCK_STREAM);
	CHECK(turn_until(&accepted, 2));
	close(c);
	close(d);
	end();
}

TEST(one_socket_serves_both_families)
{
	struct addr any = addr_of("::", 0), a;
	struct fd fd;
	int c;

	if (!have_inet6())
		SKIP("no IPv6");
	begin();
	fd = open_at(&any, false);
	start(&fd, 1);
	a = addr_of("127.0.0.1", addr_port(&any));
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	addr_unmap(&peers[0]);
	CHECK_INT(addr_family(&peers[0]), AF_INET);
	close(c);
	end();
}

TEST(two_sockets_may_share_a_port_one_for_each_family)
{
	struct addr six, four;
	struct fd fd[2];
	struct error err;
	int tries = 0, got;

	if (!have_inet6())
		SKIP("no IPv6");
	begin();
	/* The number may be some other program's in IPv4: then another. */
	do {
		six = addr_of("::", 0);
		fd[0] = open_at(&six, true);
		four = addr_of("0.0.0.0", addr_port(&six));
		got = open_plan(&four, false, &fd[1], &err);
		fd_close(&fd[0]);
	} while (got == -1 && err.num == EADDRINUSE && ++tries < 20);
	CHECK_INT(got, 0);
	if (got == 0)
		fd_close(&fd[1]);
	finish();
}

/* tcp(7): of a socket that listens, this is the length of its queue. */
static unsigned
backlog_of(const struct fd *fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	CHECK_INT(getsockopt(fd->num, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_sacked;
}

TEST(the_backlog_is_as_long_as_asked)
{
	static const int lengths[] = { 0, 1, 7 };
	struct addr a;
	struct fd fd;
	size_t i;

	begin();
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		a = addr_of("127.0.0.1", 0);
		plan.sock.backlog = lengths[i];
		fd = open_at(&a, false);
		CHECK_INT(backlog_of(&fd), lengths[i]);
		fd_close(&fd);
	}
	a = addr_of("127.0.0.1", 0);
	plan.sock.backlog = -1;
	fd = open_at(&a, false);
	CHECK(backlog_of(&fd) > 7);
	fd_close(&fd);
	finish();
}

TEST(a_taken_port_is_refused)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct fd fd;

	begin();
	fd = open_at(&a, false);
	expect_refused(&a, EADDRINUSE);
	plan.type = TYPE_DGRAM;
	fd_close(&fd);
	addr_set_port(&a, 0);
	fd = open_at(&a, false);
	expect_refused(&a, EADDRINUSE);
	fd_close(&fd);
	finish();
}

TEST(with_SO_REUSEPORT_a_port_is_shared)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct fd one, two;

	begin();
	plan.sock.reuseport = true;
	one = open_at(&a, false);
	two = open_at(&a, false);
	fd_close(&one);
	fd_close(&two);
	finish();
}

TEST(a_paused_listener_leaves_clients_waiting)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct fd fd;
	int c[3], i;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	enough = 1;
	for (i = 0; i < 3; i++)
		c[i] = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	CHECK(turns_within(50 * NSEC_PER_MSEC) < 5);
	CHECK_INT(accepted, 1);
	listener_pause(listener, false);
	CHECK(turn_until(&accepted, 3));
	for (i = 0; i < 3; i++)
		close(c[i]);
	end();
}

/* Serve one at a time, each as soon as the one before has gone. */
static int
serve_next(void)
{
	struct addr a;

	enough = accepted + 1;
	listener_pause(listener, false);
	CHECK(turn_until(&accepted, enough));
	CHECK(turns_within(5 * NSEC_PER_MSEC) < 5);
	(void)addr_local(&a, in[accepted - 1].num);
	return (int)addr_port(&a);
}

TEST(with_somebody_at_each_door_they_take_turns)
{
	struct addr a = addr_of("127.0.0.1", 0), b = addr_of("127.0.0.1", 0);
	struct fd fd[2];
	int c[8], i, at, was;

	begin();
	fd[0] = open_at(&a, false);
	fd[1] = open_at(&b, false);
	start(fd, 2);
	enough = 1;
	for (i = 0; i < 8; i++)
		c[i] = call(i % 2 == 0 ? &a : &b, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	CHECK(turns_within(5 * NSEC_PER_MSEC) < 5);
	was = serve_next();
	for (i = 2; i < 7; i++) {
		at = serve_next();
		CHECK(at != was);
		was = at;
	}
	for (i = 0; i < 8; i++)
		close(c[i]);
	end();
}

TEST(who_had_to_wait_is_known)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct fd fd;
	int c[3], i;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	enough = 1;
	c[0] = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	c[1] = call(&a, SOCK_STREAM);
	CHECK(turns_within(5 * NSEC_PER_MSEC) < 5);
	(void)serve_next();
	enough = -1;
	listener_pause(listener, false);
	CHECK(turns_within(5 * NSEC_PER_MSEC) < 5);
	c[2] = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 3));
	CHECK(!in[0].early);
	CHECK(in[1].early);
	CHECK(!in[2].early);
	for (i = 0; i < 3; i++)
		close(c[i]);
	end();
}

TEST(what_a_listener_hands_on_is_known)
{
	struct addr a = addr_of("127.0.0.1", 0), b = addr_of("127.0.0.1", 0);
	struct fd fd[2];
	int c, d;

	begin();
	fd[0] = open_at(&a, false);
	fd[1] = open_at(&b, false);
	sockopt_nodelay(&plan.sock, &fd[0]);
	CHECK(sockopt_has_nodelay(&fd[0]));
	CHECK(!sockopt_has_nodelay(&fd[1]));
	start(fd, 2);
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	d = call(&b, SOCK_STREAM);
	CHECK(turn_until(&accepted, 2));
	CHECK_INT(in[0].nodelay, sockopt_has_nodelay(&in[0]));
	CHECK(!in[1].nodelay);
	sockopt_nodelay(&plan.sock, &in[0]);
	sockopt_nodelay(&plan.sock, &in[1]);
	CHECK(sockopt_has_nodelay(&in[0]));
	CHECK(sockopt_has_nodelay(&in[1]));
	close(c);
	close(d);
	end();
}

TEST(a_listener_may_be_freed_by_its_client)
{
	struct addr a = addr_of("127.0.0.1", 0);
	int fds = open_fds(), c[3], i;
	struct fd fd;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	enough = 1;
	free_when_enough = true;
	for (i = 0; i < 3; i++)
		c[i] = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	CHECK_INT(accepted, 1);
	listener = NULL;
	for (i = 0; i < 3; i++)
		close(c[i]);
	end();
	CHECK_INT(open_fds(), fds);
}

TEST(without_descriptors_it_waits_and_does_not_spin)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct rlimit was, tight;
	int64_t since;
	struct fd fd;
	int c;

	begin();
	fd = open_at(&a, false);
	start(&fd, 1);
	c = call(&a, SOCK_STREAM);
	(void)getrlimit(RLIMIT_NOFILE, &was);
	tight = was;
	tight.rlim_cur = (rlim_t)dup(c);	/* the lowest free number */
	close((int)tight.rlim_cur);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &tight), 0);
	since = clock_now();
	CHECK(turns_within(400 * NSEC_PER_MSEC) < 5);
	CHECK_INT(accepted, 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &was), 0);
	CHECK(turn_until(&accepted, 1));
	CHECK(clock_now() - since >= NSEC_PER_SEC * 9 / 10);
	CHECK(clock_now() - since < 10 * NSEC_PER_SEC);
	close(c);
	end();
}

TEST(a_stale_Unix_socket_makes_room)
{
	char path[100];
	struct addr a;
	struct fd fd;
	int c;

	tmpdir_make();
	begin();
	a = addr_of(tmp_path("s", path), 0);
	close(serve(&a, SOCK_STREAM, 5));
	CHECK_INT(access(path, F_OK), 0);
	fd = open_at(&a, false);
	start(&fd, 1);
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	CHECK_INT(addr_family(&peers[0]), AF_UNIX);
	CHECK_STR(addr_host(&peers[0], path, sizeof(path)), "");
	close(c);
	end();
	tmpdir_remove();
}

/* A process that opens the path, tells whether it listens, and stays so. */
static void
starter(const struct addr *a, int begin_at, int tell, int stay)
{
	struct error err = { .num = 0 };
	struct fd fd;
	char c;
	bool good;

	if (fork() != 0)
		return;
	(void)!read(begin_at, &c, 1);
	good = open_plan(a, false, &fd, &err) == 0;
	c = good ? 'y' : err.num == EADDRINUSE ? 'n' : '?';
	(void)!write(tell, &c, 1);
	(void)!read(stay, &c, 1);
	_exit(0);
}

#define STARTERS	4
#define ROUNDS		100

TEST(only_one_of_several_starters_gets_a_stale_path)
{
	int i, n, go[2], told[2], stay[2];
	char path[100], answers[STARTERS + 1] = "";
	struct addr a;

	tmpdir_make();
	begin();
	a = addr_of(tmp_path("s", path), 0);
	for (i = 0; i < ROUNDS; i++) {
		close(serve(&a, SOCK_STREAM, 5));
		if (pipe(go) == -1 || pipe(told) == -1 || pipe(stay) == -1)
			abort();
		for (n = 0; n < STARTERS; n++)
			starter(&a, go[0], told[1], stay[0]);
		CHECK_INT(write(go[1], "xxxx", STARTERS), STARTERS);
		for (n = 0; n < STARTERS; n++)
			CHECK_INT(read(told[0], answers + n, 1), 1);
		CHECK_INT(strspn(answers, "yn"), STARTERS);
		CHECK(strchr(answers, 'y') != NULL);
		CHECK(strchr(answers, 'y') == strrchr(answers, 'y'));
		CHECK_INT(write(stay[1], "xxxx", STARTERS), STARTERS);
		while (wait(NULL) > 0)
			continue;
		for (n = 0; n < 2; n++)
			close(go[n]), close(told[n]), close(stay[n]);
		CHECK_INT(unlink(path), 0);
	}
	finish();
	CHECK_INT(access(tmp_path("s.lock", path), F_OK), -1);
	tmpdir_remove();
}

TEST(a_served_Unix_socket_stays)
{
	char path[100];
	struct addr a;
	int s, c;

	tmpdir_make();
	begin();
	accepted = 0;
	a = addr_of(tmp_path("s", path), 0);
	s = serve(&a, SOCK_STREAM, 1);
	expect_refused(&a, EADDRINUSE);
	plan.type = TYPE_DGRAM;			/* nor by another type */
	expect_refused(&a, EADDRINUSE);
	plan.type = TYPE_STREAM;
	while ((c = call(&a, SOCK_STREAM)) != -1)	/* nor when full */
		in[accepted++].num = c;
	expect_refused(&a, EADDRINUSE);
	while (accepted > 0)
		fd_close(&in[--accepted]);
	c = accept(s, NULL, NULL);
	CHECK(c != -1);
	close(c);
	close(s);
	finish();
	tmpdir_remove();
}

TEST(what_is_no_socket_is_never_deleted)
{
	char path[100], other[100], text[8] = "";
	struct addr a;
	struct stat st;
	int f;

	tmpdir_make();
	begin();
	f = open(tmp_path("file", path), O_RDWR | O_CREAT, 0600);
	CHECK_INT(write(f, "dear", 4), 4);
	a = addr_of(path, 0);
	expect_refused(&a, EADDRINUSE);
	CHECK_INT(pread(f, text, 4, 0), 4);
	CHECK_STR(text, "dear");
	CHECK_INT(access(path, F_OK), 0);
	close(f);

	a = addr_of(tmp_path("stale", path), 0);
	close(serve(&a, SOCK_STREAM, 1));
	CHECK_INT(symlink(path, tmp_path("link", other)), 0);
	a = addr_of(other, 0);
	expect_refused(&a, EADDRINUSE);
	CHECK(lstat(other, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(lstat(path, &st) == 0 && S_ISSOCK(st.st_mode));
	finish();
	tmpdir_remove();
}

TEST(a_path_that_cannot_be_is_told)
{
	struct addr a = addr_of("/nowhere/at/all", 0);

	begin();
	expect_refused(&a, ENOENT);
	finish();
}

TEST(abstract_names_need_no_file)
{
	struct addr a;
	char name[60];
	struct fd fd;
	int c;

	begin();
	snprintf(name, sizeof(name), "@test_listen.%d", (int)getpid());
	a = addr_of(name, 0);
	fd = open_at(&a, false);
	expect_refused(&a, EADDRINUSE);
	start(&fd, 1);
	c = call(&a, SOCK_STREAM);
	CHECK(turn_until(&accepted, 1));
	close(c);
	end();
}

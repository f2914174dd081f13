/* Accepting peers of a datagram socket, and dialing such a socket. */
#include "net.h"
#include "reach/dial.h"
#include "door/dtls_listen.h"
#include "run/net_options.h"

#define PEERS	3

/* A client of the other side. */
struct caller {
	struct layer_fd	 bottom;
	struct layer	*tls;
};

static const struct tls_options	server_options = { .on = true },
    client_options = { .on = true, .verify = TLS_VERIFY_NONE };
static struct tls_context	*server_ctx, *client_ctx;
static struct fd		 bound;
static struct addr		 at;
static struct dtls_listen	*listening;
static struct caller		 callers[PEERS];
/* The last peer. */
static struct fd		 fd;
static struct addr		 peer;
static struct layer		*tls;

static void
set_up(const char *host)
{
	struct error err;

	server_ctx = tls_context_new(&server_options, TLS_SERVER, true, &err);
	client_ctx = tls_context_new(&client_options, TLS_CLIENT, true, &err);
	at = addr_of(host, 0);
	fd_own(&bound, serve(&at, SOCK_DGRAM | SOCK_NONBLOCK, 0), FD_DGRAM);
	listening = dtls_listen_new(&bound, server_ctx);
	if (client_ctx == NULL || listening == NULL)
		abort();
	memset(callers, 0, sizeof(callers));
	tls = NULL;
}

static void
tear_down(void)
{
	for (int i = 0; i < PEERS; i++)
		if (callers[i].tls != NULL)
			layer_close(callers[i].tls);
	dtls_listen_free(listening);
	fd_close(&bound);
	tls_context_free(server_ctx);
	tls_context_free(client_ctx);
}

/* Sends the first ClientHello, or the next flight. */
static void
speak(struct caller *c)
{
	(void)layer_handshake(&c->tls);
}

static struct caller *
call_at(int i, const char *host)
{
	struct addr to = at;
	struct caller *c = &callers[i];
	struct fd s;

	if (host != NULL)
		to = addr_of(host, addr_port(&at));
	fd_own(&s, call(&to, SOCK_DGRAM), FD_DGRAM);
	layer_fd_init(&c->bottom, &s);
	c->tls = layer_tls(client_ctx, NULL);
	if (s.num == -1 || c->tls == NULL)
		abort();
	c->tls->below = &c->bottom.layer;
	speak(c);
	return c;
}

static enum io
take(void)
{
	enum io io = dtls_listen_accept(listening, &fd, &peer, &tls);

	if (io != IO_OK)
		tls = NULL;
	return io;
}

/* Drops the last peer. */
static void
hang_up(void)
{
	layer_close(tls);
	fd_close(&fd);
}

/* Whether both ends agree within so many flights. */
static bool
agrees(struct caller *c)
{
	struct layer_fd bottom;
	enum io io = IO_AGAIN;

	layer_fd_init(&bottom, &fd);
	tls->below = &bottom.layer;
	for (int i = 0; i < 8 && io == IO_AGAIN; i++) {
		io = layer_handshake(&tls);
		speak(c);
	}
	tls->below = NULL;
	return io == IO_OK && layer_handshake(&c->tls) == IO_OK;
}

static bool
is_caller(const struct caller *c)
{
	struct addr local;

	return addr_local(&local, c->bottom.fd.num) == 0 &&
	    addr_equal(&local, &peer);
}

TEST(a_peer_gets_a_socket_of_its_own)
{
	struct addr local, remote;
	int fds = open_fds();
	struct caller *c;

	set_up("127.0.0.1");
	c = call_at(0, NULL);
	CHECK_INT(take(), IO_AGAIN);
	speak(c);
	CHECK_INT(take(), IO_OK);
	CHECK(is_caller(c));
	CHECK(addr_local(&local, fd.num) == 0 && addr_equal(&local, &at));
	CHECK(addr_peer(&remote, fd.num) == 0 && addr_equal(&remote, &peer));
	CHECK_INT(fd.kind, FD_DGRAM);
	CHECK(fcntl(fd.num, F_GETFL) & O_NONBLOCK);
	CHECK(agrees(c));
	hang_up();
	tear_down();
	CHECK_INT(open_fds(), fds);
}

TEST(there_is_no_state_before_the_cookie)
{
	int fds;

	set_up("127.0.0.1");
	for (int i = 0; i < PEERS; i++)
		(void)call_at(i, NULL);
	fds = open_fds();
	CHECK_INT(take(), IO_AGAIN);
	CHECK_INT(open_fds(), fds);
	tear_down();
}

TEST(peers_at_once)
{
	set_up("127.0.0.1");
	for (int i = 0; i < PEERS; i++)
		(void)call_at(i, NULL);
	CHECK_INT(take(), IO_AGAIN);
	for (int i = 0; i < PEERS; i++)
		speak(&callers[i]);
	for (int i = 0; i < PEERS; i++) {
		CHECK_INT(take(), IO_OK);
		CHECK(is_caller(&callers[i]));
		CHECK(agrees(&callers[i]));
		hang_up();
	}
	CHECK_INT(take(), IO_AGAIN);
	tear_down();
}

/* Repeats the caller's last datagram, which waits in the listening socket. */
static void
repeat(const struct caller *c)
{
	unsigned char buf[4096];
	ssize_t n = recv(bound.num, buf, sizeof(buf), MSG_PEEK);

	CHECK(send(c->bottom.fd.num, buf, (size_t)n, 0) == n);
}

TEST(datagrams_that_follow_a_hello_are_fed)
{
	struct caller *c;

	set_up("127.0.0.1");
	c = call_at(0, NULL);
	CHECK_INT(take(), IO_AGAIN);
	speak(c);
	repeat(c);
	CHECK_INT(take(), IO_OK);
	CHECK(agrees(c));
	hang_up();
	CHECK_INT(take(), IO_AGAIN);
	tear_down();
}

TEST(a_hello_that_comes_late_makes_no_second_peer)
{
	struct caller *c;

	set_up("127.0.0.1");
	c = call_at(0, NULL);
	CHECK_INT(take(), IO_AGAIN);
	speak(c);
	(void)call_at(1, NULL);
	repeat(c);
	CHECK_INT(take(), IO_OK);
	CHECK(is_caller(c));
	hang_up();
	/* The other peer is answered, and the late datagram is not. */
	CHECK_INT(take(), IO_AGAIN);
	speak(&callers[1]);
	CHECK_INT(take(), IO_OK);
	CHECK(is_caller(&callers[1]));
	hang_up();
	tear_down();
}

TEST(the_address_that_was_called_answers)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2" };
	struct addr local, to;

	set_up("0.0.0.0");
	for (int i = 0; i < 2; i++) {
		(void)call_at(i, hosts[i]);
		CHECK_INT(take(), IO_AGAIN);
		speak(&callers[i]);
		CHECK_INT(take(), IO_OK);
		to = addr_of(hosts[i], addr_port(&at));
		CHECK(addr_local(&local, fd.num) == 0);
		CHECK(addr_equal(&local, &to));
		CHECK(agrees(&callers[i]));
		hang_up();
	}
	tear_down();
}

/* Another program that would share the port. */
static int
joins(const char *host)
{
	struct addr a = addr_of(host, addr_port(&at));
	int s = socket(AF_INET, SOCK_DGRAM, 0), on = 1, rc;

	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	rc = bind(s, &a.u.sa, a.len) == -1 ? errno : 0;
	close(s);
	return rc;
}

TEST(nobody_joins_the_port)
{
	struct caller *c;

	set_up("0.0.0.0");
	c = call_at(0, "127.0.0.1");
	CHECK_INT(take(), IO_AGAIN);
	speak(c);
	CHECK_INT(take(), IO_OK);
	CHECK_INT(joins("127.0.0.1"), EADDRINUSE);
	CHECK_INT(joins("0.0.0.0"), EADDRINUSE);
	fd_close(&bound);
	dtls_listen_settle(&fd);
	CHECK_INT(joins("127.0.0.1"), EADDRINUSE);
	hang_up();
	tear_down();
}

TEST(other_datagrams_get_no_answer)
{
	char byte;
	int s;

	set_up("127.0.0.1");
	s = call(&at, SOCK_DGRAM);
	CHECK(send(s, "", 0, 0) == 0);
	CHECK(send(s, "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
	CHECK_INT(take(), IO_AGAIN);
	CHECK(recv(s, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	close(s);
	tear_down();
}

/* ---- A dial ------------------------------------------------------------- */

static int	failures, lasts;

static void
on_connected(void *arg, struct fd *num, const struct addr *addr,
    struct layer *layer)
{
	(void)arg, (void)num, (void)addr, (void)layer;
	CHECK(false);
}

static void
on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	(void)arg, (void)addr;
	CHECK_INT(err->num, ECONNREFUSED);
	failures++;
	lasts += last;
}

TEST(a_refused_datagram_leads_to_the_next_address)
{
	static const struct dial_ops ops = { .connected = on_connected,
	    .failed = on_failed };
	struct addr to[2] = { addr_of("127.0.0.1", dead_port("127.0.0.1")),
	    addr_of("127.0.0.2", dead_port("127.0.0.2")) };
	struct addr_list list = { to, 2 };
	struct dial_options opt;

	begin();
	set_up("127.0.0.1");
	plan.type = TYPE_DGRAM;
	opt = net_dial_options(&plan);
	opt.to = &list;
	opt.tls = client_ctx;
	CHECK(dial_start(loop, &opt, &ops, NULL) != NULL);
	CHECK(turn_until(&lasts, 1));
	CHECK_INT(failures, 2);
	tear_down();
	finish();
}

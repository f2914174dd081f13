#include "net.h"
#include "run/net_options.h"

static int		connected, failed, over;
static struct fd	got;
static struct addr	won;
static struct error	error;
static bool		last;
static struct dial	*dial;
static struct addr	proxy;
static int		server;

static void
on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	CHECK(tls == NULL);
	CHECK(arg == &got);
	got = *fd;
	won = *addr;
	connected++;
	over++;
}

static void
on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool is_last)
{
	CHECK(arg == &got);
	CHECK(addr_equal(addr, &proxy));
	error = *err;
	last = is_last;
	failed++;
	over += is_last;
}

static void
set_up(enum proxy_kind kind)
{
	begin();
	plan.proxy.kind = kind;
	plan.proxy.timeout = -1;
	plan.proxy.host = "127.0.0.1";
	plan.host = "example.test";
	proxy = addr_of("127.0.0.1", 0);
	server = serve(&proxy, SOCK_STREAM, 5);
	connected = failed = over = 0;
	fd_own(&got, -1, FD_NONE);
}

/* The proxy is dialled, and asked for this port of the plan's host. */
static void
start_at(unsigned port, const struct addr_list *target)
{
	static const struct dial_ops ops = { .connected = on_connected,
	    .failed = on_failed };
	struct addr copy = proxy;
	struct addr_list list = { &copy, 1 };
	struct dial_options opt = net_dial_options(&plan);

	opt.to = &list;
	opt.port = port;
	opt.target = target;
	dial = dial_start(loop, &opt, &ops, &got);
	CHECK(dial != NULL);
	CHECK_INT(over, 0);
}

static void
start(const struct addr_list *target)
{
	start_at(80, target);
}

static void
end(void)
{
	fd_close(&got);
	close(server);
	finish();
}

/* A connection to the proxy; the loop turns until it is there. */
static int
proxy_accept(void)
{
	struct pollfd p = { .fd = server, .events = POLLIN };
	int64_t stop = clock_now() + PATIENCE;

	while (poll(&p, 1, 0) == 0 && clock_now() < stop)
		turn(NSEC_PER_MSEC);
	return accept(server, NULL, NULL);
}

/* The proxy is told exactly this. */
static void
hears(int c, const char *want, size_t len)
{
	char text[512];
	size_t n = 0;
	ssize_t some;
	int64_t stop = clock_now() + PATIENCE;

	while (n < len && clock_now() < stop) {
		some = recv(c, text + n, len - n, MSG_DONTWAIT);
		if (some > 0)
			n += (size_t)some;
		else
			turn(NSEC_PER_MSEC);
	}
	turn(NSEC_PER_MSEC);
	CHECK_INT(n, len);
	CHECK(memcmp(text, want, len) == 0);
	CHECK_INT(recv(c, text, 1, MSG_DONTWAIT), -1);
}

#define HEARS(c, text)	hears(c, text, sizeof(text) - 1)
#define SAYS(c, text)							\
	CHECK_INT(write(c, text, sizeof(text) - 1), sizeof(text) - 1)

static bool
is_left(int c)
{
	struct pollfd p = { .fd = c, .events = POLLIN };
	char byte;

	return poll(&p, 1, 5000) == 1 && recv(c, &byte, 1, 0) <= 0;
}

TEST(without_a_proxy_it_is_a_dial)
{
	struct addr a;
	int c;

	set_up(PROXY_NONE);
	a = proxy;
	addr_set_port(&proxy, 1);	/* the port is the one that is asked */
	plan.host = NULL;
	start_at(addr_port(&a), NULL);
	CHECK(turn_until(&over, 1));
	CHECK_INT(connected, 1);
	CHECK(addr_equal(&won, &a));
	c = accept(server, NULL, NULL);
	CHECK(c != -1);
	close(c);
	end();
}

TEST(what_is_glued_to_the_reply_stays_in_the_socket)
{
	char text[16];
	int c, fds;

	set_up(PROXY_SOCKS5);
	fds = open_fds();
	start(NULL);
	c = proxy_accept();
	HEARS(c, "\5\1\0");
	CHECK_INT(over, 0);
	SAYS(c, "\5\0");
	HEARS(c, "\5\1\0\3\14example.test\0\120");
	SAYS(c, "\5\0\0\1\0\0\0\0\0\0hello");
	CHECK(turn_until(&over, 1));
	CHECK_INT(connected, 1);
	CHECK(addr_equal(&won, &proxy));
	CHECK_INT(read(got.num, text, sizeof(text)), 5);
	CHECK(memcmp(text, "hello", 5) == 0);
	/* Nothing was said in the meantime. */
	CHECK_INT(recv(c, text, 1, MSG_DONTWAIT), -1);
	close(c);
	fd_close(&got);
	turn(0);
	CHECK_INT(open_fds(), fds);
	end();
}

TEST(an_address_that_is_known_is_asked_for)
{
	struct addr a = addr_of("127.0.0.9", 0);
	struct addr_list proxy_target = { &a, 1 };
	int c;

	set_up(PROXY_SOCKS4);
	start(&proxy_target);
	c = proxy_accept();
	HEARS(c, "\4\1\0\120\177\0\0\11\0");
	close(c);
	CHECK(turn_until(&over, 1));
	end();
	set_up(PROXY_SOCKS5);
	plan.host = "127.1";
	start(NULL);
	c = proxy_accept();
	HEARS(c, "\5\1\0");
	SAYS(c, "\5\0");
	HEARS(c, "\5\1\0\1\177\0\0\1\0\120");
	close(c);
	CHECK(turn_until(&over, 1));
	end();
	set_up(PROXY_HTTP);
	start(&proxy_target);
	c = proxy_accept();
	HEARS(c, "CONNECT 127.0.0.9:80 HTTP/1.0\r\n\r\n");
	close(c);
	CHECK(turn_until(&over, 1));
	end();
}

TEST(what_the_proxy_objects_to_is_the_last_word)
{
	char want[64];
	int c, fds;

	set_up(PROXY_HTTP);
	fds = open_fds();
	start(NULL);
	c = proxy_accept();
	HEARS(c, "CONNECT example.test:80 HTTP/1.0\r\n\r\n");
	SAYS(c, "HTTP/1.0 403 No\r\n\r\n");
	CHECK(turn_until(&over, 1));
	CHECK_INT(failed, 1);
	CHECK(last);
	CHECK_STR(error.op, "connect through");
	snprintf(want, sizeof(want), "127.0.0.1 port %u (tcp)",
	    addr_port(&proxy));
	CHECK_STR(error.object, want);
	CHECK_STR(error.why, "HTTP/1.0 403 No");
	CHECK_INT(error.proxy.fault, PROXY_STATUS);
	CHECK_INT(error.proxy.code, 403);
	CHECK(is_left(c));
	close(c);
	turn(0);
	CHECK_INT(open_fds(), fds);
	end();
}

TEST(a_proxy_that_is_not_there_is_dialled_in_vain)
{
	set_up(PROXY_SOCKS5);
	close(server);
	server = -1;
	start(NULL);
	CHECK(turn_until(&over, 1));
	CHECK_INT(failed, 1);
	CHECK_STR(error.op, "connect to");
	CHECK_INT(error.num, ECONNREFUSED);
	CHECK_INT(error.proxy.fault, PROXY_FINE);
	end();
}

TEST(a_dripping_proxy_is_cut_off_in_time)
{
	int64_t since, took;
	int c;

	set_up(PROXY_HTTP);
	plan.proxy.timeout = 2 * NSEC_PER_SEC;
	since = clock_now();
	start(NULL);
	c = proxy_accept();
	HEARS(c, "CONNECT example.test:80 HTTP/1.0\r\n\r\n");
	SAYS(c, "HTTP/1.0 200 ");
	while (over == 0 && clock_now() - since < PATIENCE) {
		(void)send(c, "x", 1, MSG_NOSIGNAL);
		turns_within(5 * NSEC_PER_MSEC);
	}
	took = clock_now() - since;
	CHECK_INT(failed, 1);
	CHECK(last);
	CHECK_INT(error.num, ETIMEDOUT);
	CHECK_INT(error.proxy.fault, PROXY_LATE);
	CHECK(took >= 2 * NSEC_PER_SEC);
	CHECK(is_left(c));
	close(c);
	end();
}

TEST(a_silent_proxy_costs_no_turn)
{
	int c;

	set_up(PROXY_SOCKS5);
	start(NULL);
	c = proxy_accept();
	HEARS(c, "\5\1\0");
	SAYS(c, "\5");		/* the half of its answer */
	turn(NSEC_PER_MSEC);
	CHECK(turns_within(50 * NSEC_PER_MSEC) < 5);
	dial_cancel(dial);
	close(c);
	end();
	set_up(PROXY_HTTP);
	start(NULL);
	c = proxy_accept();
	SAYS(c, "HTTP/1.0 200 ok\r\n");
	turn(NSEC_PER_MSEC);
	turn(NSEC_PER_MSEC);
	CHECK(turns_within(50 * NSEC_PER_MSEC) < 5);
	dial_cancel(dial);
	close(c);
	end();
}

TEST(a_cancelled_one_leaves_nothing)
{
	int c, fds;

	set_up(PROXY_SOCKS5);
	fds = open_fds();
	start(NULL);
	dial_cancel(dial);
	turn(0);
	CHECK_INT(open_fds(), fds);
	start(NULL);
	c = proxy_accept();
	HEARS(c, "\5\1\0");
	dial_cancel(dial);
	CHECK(is_left(c));
	close(c);
	turn(0);
	CHECK_INT(open_fds(), fds);
	CHECK_INT(over, 0);
	end();
}

#define WHO	"HTTP/1.0 407 who\r\nProxy-Authenticate: Basic realm=x\r\n"
#define ASK	"CONNECT example.test:80 HTTP/1.0\r\n"
#define ANSWER	ASK "Proxy-Authorization: Basic am9lOnB3\r\n\r\n"

TEST(who_asks_is_told_over_a_new_connection)
{
	int c, d, fds;

	set_up(PROXY_HTTP);
	plan.proxy.login = (struct proxy_login){ "joe", 3, "pw", false };
	fds = open_fds();
	start(NULL);
	c = proxy_accept();
	HEARS(c, ASK "\r\n");
	SAYS(c, WHO "\r\n");
	d = proxy_accept();
	CHECK(is_left(c));
	HEARS(d, ANSWER);
	CHECK_INT(over, 0);
	SAYS(d, "HTTP/1.0 200 ok\r\n\r\n");
	CHECK(turn_until(&over, 1));
	CHECK_INT(connected, 1);
	fd_close(&got);
	close(c);
	close(d);
	turn(0);
	CHECK_INT(open_fds(), fds);
	end();
}

TEST(who_asks_is_told_over_the_same_one_if_it_lasts)
{
	int c, d;

	set_up(PROXY_HTTP);
	plan.proxy.login = (struct proxy_login){ "joe", 3, "pw", false };
	start(NULL);
	c = proxy_accept();
	HEARS(c, ASK "\r\n");
	SAYS(c, WHO "Connection: keep-alive\r\nContent-Length: 2\r\n\r\nno");
	HEARS(c, ANSWER);
	/* It is closed all the same. */
	close(c);
	d = proxy_accept();
	HEARS(d, ANSWER);
	SAYS(d, WHO "\r\n");
	CHECK(turn_until(&over, 1));
	CHECK_INT(failed, 1);
	CHECK_INT(error.proxy.fault, PROXY_DENIED);
	CHECK_INT(error.proxy.code, 407);
	close(d);
	end();
}

/* Whatever it says, there is an end. */
TEST(a_proxy_that_never_has_enough_is_given_up)
{
	int c, n;

	set_up(PROXY_HTTP);
	plan.proxy.login = (struct proxy_login){ "joe", 3, "pw", false };
	start(NULL);
	for (n = 0; n < 50 && over == 0; n++) {
		c = proxy_accept();
		SAYS(c, "HTTP/1.0 407 who\r\nProxy-Authenticate: Digest "
		    "realm=r, nonce=n, stale=true\r\n\r\n");
		while (over == 0 && !is_left(c))
			turn(NSEC_PER_MSEC);
		close(c);
		turn(NSEC_PER_MSEC);
		turn(NSEC_PER_MSEC);
	}
	CHECK(n < 10);
	CHECK_INT(failed, 1);
	end();
}

TEST(without_a_password_none_is_asked_for_where_nobody_sits)
{
	int c;

	set_up(PROXY_SOCKS5);
	plan.proxy.login = (struct proxy_login){ "joe", 3, NULL, false };
	start(NULL);
	c = proxy_accept();
	HEARS(c, "\5\2\0\2");
	SAYS(c, "\5\2");
	CHECK(turn_until(&over, 1));
	CHECK_INT(failed, 1);
	CHECK_INT(error.proxy.fault, PROXY_PASSWORD);
	close(c);
	end();
}

/*
 * Datagrams that are sent again to another address.
 */
#include "io/fd_batch.h"
#include "net.h"
#include "peers/next_address.h"
#include "run/net_options.h"

#define MANY	100

static struct endpoint		 ep;
static struct addr		 first, second;	/* nobody; there */
static int			 there;		/* a socket at second */
static int			 refusals, moves, failures;

static void
on_tried(void *arg, const struct addr *addr, const struct error *err)
{
	CHECK(arg == &refusals);
	if (err == NULL) {
		CHECK(addr_equal(addr, &second));
		moves++;
	} else if (strcmp(err->op, "send to") == 0) {
		CHECK(addr_equal(addr, &first));
		CHECK_INT(err->num, ECONNREFUSED);
		refusals++;
	} else
		failures++;
}

static int
bound(struct addr *a)
{
	int num = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	*a = addr_of("127.0.0.1", 0);
	CHECK_INT(bind(num, &a->u.sa, a->len), 0);
	(void)addr_local(a, num);
	return num;
}

/* An endpoint of a socket to first, which has this next address. */
static void
begin_before(const struct addr *next)
{
	struct addr v[2];
	struct addr_list list = { .v = v, .n = 1 };
	struct dial_options opt;
	struct fd fd;
	int nobody;

	begin();
	plan.type = TYPE_DGRAM;
	refusals = moves = failures = 0;
	there = bound(&second);
	nobody = bound(&first);
	CHECK_INT(fd_socket(&fd, AF_INET, SOCK_DGRAM, 0), 0);
	CHECK_INT(connect(fd.num, &first.u.sa, first.len), 0);
	close(nobody);
	CHECK_INT(endpoint_socket(&ep, loop, &fd, true, NULL), 0);
	opt = net_dial_options(&plan);
	opt.to = &list;
	v[0] = first;
	CHECK(!next_address_watch(&ep, &opt, &first, on_tried, &refusals));
	v[list.n++] = *next;
	CHECK(next_address_watch(&ep, &opt, &first, on_tried, &refusals));
}

static void
begin_refused(void)
{
	begin_before(&second);
}

static void
end_refused(void)
{
	endpoint_close(&ep);
	close(there);
	finish();
}

static enum io
put(const void *text, size_t len)
{
	struct iovec iov[2] = { { .iov_base = (void *)(uintptr_t)text,
	    .iov_len = len / 2 }, { .iov_base = (char *)(uintptr_t)text +
	    len / 2, .iov_len = len - len / 2 } };
	size_t n;

	return half_write(&ep.out, iov, 2, &n);
}

static enum io
get(char *buf, size_t size)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	size_t n = 0;
	enum io io;

	memset(buf, 0, size);
	io = half_read(&ep.in, &iov, 1, &n);
	return io;
}

static void
arrives(const char *text)
{
	char buf[256] = "";
	struct pollfd pfd = { .fd = there, .events = POLLIN };

	CHECK_INT(poll(&pfd, 1, 5000), 1);
	CHECK_INT(recv(there, buf, sizeof(buf), 0), strlen(text));
	CHECK_STR(buf, text);
}

static void
nothing_arrives(void)
{
	char byte;

	CHECK_INT(recv(there, &byte, 1, MSG_DONTWAIT), -1);
}

/* The system tells of the refusal with one of the next calls. */
static enum io
read_refusal(void)
{
	struct pollfd pfd = { .fd = ep.in_bottom.fd.num, .events = POLLIN };
	char buf[8];

	CHECK_INT(poll(&pfd, 1, 5000), 1);
	return get(buf, sizeof(buf));
}

static void
move(void)
{
	CHECK(turn_until(&moves, 1));
}

TEST(what_was_refused_goes_to_the_next_address)
{
	int fds = open_fds();

	begin_refused();
	CHECK(put("hello", 5) == IO_OK);
	CHECK(read_refusal() == IO_AGAIN);
	CHECK_INT(refusals, 1);
	/* Until there is another, nothing moves and nothing is waited for. */
	CHECK(put("more", 4) == IO_AGAIN);
	CHECK_INT(layer_want(ep.out.top, LOOP_OUT), 0);
	move();
	arrives("hello");
	CHECK(put("more", 4) == IO_OK);
	arrives("more");
	nothing_arrives();
	end_refused();
	CHECK_INT(open_fds(), fds);
}

TEST(a_refusal_may_come_with_a_write)
{
	struct pollfd pfd = { .events = POLLIN };

	begin_refused();
	pfd.fd = ep.in_bottom.fd.num;
	CHECK(put("one", 3) == IO_OK);
	CHECK_INT(poll(&pfd, 1, 5000), 1);
	CHECK(put("two", 3) == IO_AGAIN);
	CHECK_INT(refusals, 1);
	move();
	CHECK(put("two", 3) == IO_OK);
	arrives("one");
	arrives("two");
	nothing_arrives();
	end_refused();
}

/* Each of a batch, from a batch. */
TEST(batches_are_sent_again_one_by_one)
{
	static const char *const texts[] = { "one", "two", "three", "3" };
	struct batch *b = batch_new(100, NULL);
	struct iovec iov;
	size_t n;

	CHECK(b != NULL);
	for (size_t i = 0; i < 4; i++) {
		iov.iov_base = (void *)(uintptr_t)texts[i];
		iov.iov_len = strlen(texts[i]);
		CHECK(batch_add(b, &iov, 1));
	}
	begin_refused();
	CHECK(half_write_batch(&ep.out, b, &n) == IO_OK);
	/* A refusal of the first may keep the others back. */
	while (batch_left(b) > 0 && refusals == 0)
		(void)half_write_batch(&ep.out, b, &n);
	if (refusals == 0)
		CHECK(read_refusal() == IO_AGAIN);
	CHECK_INT(refusals, 1);
	move();
	while (batch_left(b) > 0)
		CHECK(half_write_batch(&ep.out, b, &n) == IO_OK);
	for (size_t i = 0; i < 4; i++)
		arrives(texts[i]);
	nothing_arrives();
	batch_free(b);
	end_refused();
}

TEST(an_address_that_cannot_be_used_leaves_the_refusal)
{
	/* connect(2) fails without SO_BROADCAST. */
	struct addr unusable = addr_of("255.255.255.255", 9);
	char buf[8];

	begin_before(&unusable);
	CHECK(put("hello", 5) == IO_OK);
	CHECK(read_refusal() == IO_AGAIN);
	CHECK(turn_until(&failures, 1));
	CHECK(get(buf, sizeof(buf)) == IO_FAIL);
	CHECK_INT(errno, ECONNREFUSED);
	CHECK(put("hello", 5) == IO_OK);
	CHECK(read_refusal() == IO_FAIL);
	CHECK_INT(errno, ECONNREFUSED);
	CHECK_INT(refusals, 1);
	end_refused();
}

TEST(an_answer_settles_it)
{
	struct addr from = { .len = sizeof(from.u) };
	char buf[8];
	int first_server;

	begin_refused();
	first_server = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_INT(bind(first_server, &first.u.sa, first.len), 0);
	CHECK(put("hello", 5) == IO_OK);
	CHECK_INT(recvfrom(first_server, buf, sizeof(buf), 0, &from.u.sa,
	    &from.len), 5);
	CHECK_INT(sendto(first_server, "yes", 3, 0, &from.u.sa, from.len), 3);
	CHECK(read_refusal() == IO_OK);
	close(first_server);
	CHECK(put("again", 5) == IO_OK);
	CHECK(read_refusal() == IO_FAIL);
	CHECK_INT(errno, ECONNREFUSED);
	CHECK_INT(refusals, 0);
	end_refused();
}

/* A server takes them and says nothing, until the copies are too many. */
static void
copies_are_bounded(size_t size, int count)
{
	static char big[60000];
	int first_server, i;

	begin_refused();
	first_server = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_INT(bind(first_server, &first.u.sa, first.len), 0);
	for (i = 0; i < count; i++)
		CHECK(put(big, size) == IO_OK);
	close(first_server);
	CHECK(put("last", 4) == IO_OK);
	CHECK(read_refusal() == IO_FAIL);
	CHECK_INT(refusals, 0);
	end_refused();
}

TEST(no_more_is_kept_than_so_many_or_so_much)
{
	copies_are_bounded(1, MANY);
	copies_are_bounded(sizeof(char[60000]), 2);
}

TEST(pieces_are_sent_again_one_by_one)
{
	char text[] = "aaabbbc";
	struct iovec iov = { .iov_base = text, .iov_len = 7 };
	size_t n = 0;

	begin_refused();
	if (ep.out.top->ops->cuts(ep.out.top) &&
	    half_write_pieces(&ep.out, &iov, 1, 3, &n) == IO_OK) {
		CHECK_INT(n, 7);
		CHECK(read_refusal() == IO_AGAIN);
		move();
		arrives("aaa");
		arrives("bbb");
		arrives("c");
		nothing_arrives();
	}
	end_refused();
}

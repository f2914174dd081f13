/*
 * Datagrams that are lines, and the pipe that is given datagrams.
 */
#include <signal.h>

#include "endpoint/endpoint.h"
#include "filter/filter.h"
#include "net.h"

static struct ring	 out;
static struct filter	*f;
static struct gate	*g;

static void
push(const char *text, bool last)
{
	f->ops->push(f, (const unsigned char *)text, strlen(text), last, &out);
}

/* What would be written as one datagram; "" for nothing. */
static const char *
next_line(void)
{
	static char buf[256];
	struct iovec iov[2];
	int64_t when = 0;
	size_t n = g->ops->allow(g, &out, 0, &when), len = 0;
	int i, cnt = ring_data(&out, iov, n);

	for (i = 0; i < cnt; i++) {
		memcpy(buf + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	buf[len] = '\0';
	g->ops->passed(g, &out, n, 0);
	ring_take(&out, n);
	return buf;
}

static void
with(struct filter *filter, size_t max)
{
	f = filter;
	g = gate_lines(0, max);
	ring_init(&out, 1 << 18);
}

static void
without(void)
{
	filter_free(f);
	gate_free(g);
	ring_free(&out);
}

TEST(a_datagram_becomes_a_line)
{
	with(filter_to_lines(), 100);
	push("one", false);
	CHECK_STR(next_line(), "one\n");
	push("two\n", false);
	CHECK_STR(next_line(), "two\n");
	push("", false);
	CHECK_STR(next_line(), "\n");
	push("a\nb", false);
	CHECK_STR(next_line(), "a\n");
	CHECK_STR(next_line(), "b\n");
	push("", true);
	CHECK_STR(next_line(), "");
	without();
}

TEST(a_line_becomes_a_datagram_when_it_is_whole)
{
	with(filter_whole_lines(100), 100);
	push("one\ntwo\nth", false);
	CHECK_STR(next_line(), "one\n");
	CHECK_STR(next_line(), "two\n");
	CHECK_STR(next_line(), "");
	push("r", false);
	CHECK_STR(next_line(), "");
	push("ee\n\nfour", false);
	CHECK_STR(next_line(), "three\n");
	CHECK_STR(next_line(), "\n");
	CHECK_STR(next_line(), "");
	push("", true);
	CHECK_STR(next_line(), "four");
	without();
}

TEST(a_line_that_is_too_long_becomes_several)
{
	with(filter_whole_lines(4), 4);
	push("abcdefghij", false);
	CHECK_STR(next_line(), "abcd");
	CHECK_STR(next_line(), "efgh");
	CHECK_STR(next_line(), "");
	push("\nk", false);
	CHECK_STR(next_line(), "ij\n");
	CHECK_STR(next_line(), "");
	push("lmno", true);
	CHECK_STR(next_line(), "klmn");
	CHECK_STR(next_line(), "o");
	without();
}

TEST(lines_are_cut_behind_another_filter)
{
	with(filter_chain(filter_crlf(), filter_whole_lines(100)), 100);
	push("on", false);
	push("e\ntwo\r\nthree", false);
	CHECK_STR(next_line(), "one\r\n");
	CHECK_STR(next_line(), "two\r\n");
	CHECK_STR(next_line(), "");
	push("", true);
	CHECK_STR(next_line(), "three");
	without();
}

/* ---- The mailbox --------------------------------------------------------- */

static struct endpoint	ep;
static int		news, reader;

static bool
wants(const void *user)
{
	(void)user;
	return true;
}

static void
on_news(void *user)
{
	(void)user;
	news++;
}

static void
open_dgram_pipe(void)
{
	struct fd in, to;

	begin();
	endpoint_init(&ep, loop);
	CHECK_INT(fd_pipe(&in, &to), 0);
	CHECK_INT(endpoint_add_dgram_pipe(&ep, &to, "mailbox"), 0);
	ep.notify = on_news;
	ep.out.wants = wants;
	ep.out.watch_death = false;
	reader = in.num;
	news = 0;
}

static void
close_dgram_pipe(void)
{
	endpoint_close(&ep);
	close(reader);
	finish();
}

static enum io
put(size_t n)
{
	static char buf[70000];
	struct iovec iov = { .iov_base = buf, .iov_len = n };
	size_t done = 0;
	enum io io = half_write(&ep.out, &iov, 1, &done);

	endpoint_touch(&ep);
	if (io == IO_OK)
		CHECK_INT(done, n);
	return io;
}

static ssize_t
get(size_t n)
{
	static char buf[70000];

	return read(reader, buf, n);
}

TEST(a_mailbox_is_given_the_next_when_the_last_is_taken)
{
	open_dgram_pipe();
	CHECK_INT(put(5), IO_OK);
	CHECK_INT(put(3), IO_AGAIN);
	/* Half of it is not enough, and nobody asks all the time. */
	CHECK_INT(get(2), 2);
	CHECK(turns_within(100 * NSEC_PER_MSEC) < 5);
	CHECK_INT(news, 0);
	CHECK_INT(get(99), 3);
	CHECK(turn_until(&news, 1));
	CHECK(ep.out.ready);
	CHECK_INT(put(3), IO_OK);
	CHECK_INT(get(99), 3);
	close_dgram_pipe();
}

/* These have a pipe of several pages: it must be looked at. */
TEST(a_mailbox_takes_large_ones_whole_and_does_not_spin)
{
	static const size_t sizes[] = { 10000, 65507, 4097, 4096, 1, 65507 };
	int64_t end;
	size_t i;
	int turns;

	open_dgram_pipe();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_INT(put(sizes[i]), IO_OK);
		end = clock_now() + 100 * NSEC_PER_MSEC;
		for (turns = 0; clock_now() < end; turns++) {
			CHECK_INT(put(1), IO_AGAIN);
			turn(end - clock_now());
		}
		CHECK(turns < 30);
		CHECK_INT(get(70000), sizes[i]);
		/* Whoever was told tries again. */
		news = 0;
		CHECK(turn_until(&news, 1));
		CHECK(ep.out.ready);
	}
	close_dgram_pipe();
}

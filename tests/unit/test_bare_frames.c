/*
 * Messages between a stream with frames and bare datagrams.
 */
#include <signal.h>

#include "frame/frame.h"
#include "net.h"
#include "serve/relay.h"

static struct endpoint	 target, client;
static int		 there, here;	/* the other ends of these */
static struct flow_options to, back;

static void
open_pair(struct endpoint *ep, int *other, int type)
{
	struct fd fd;
	int p[2];

	CHECK(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p) == 0);
	fd_own(&fd, p[0], type == SOCK_DGRAM ? FD_DGRAM : FD_STREAM);
	*other = p[1];
	CHECK_INT(endpoint_socket(ep, loop, &fd, false, NULL), 0);
}

static void
begin_frames(enum frame_format how, uint64_t max)
{
	begin();
	plan.frame.how = how;
	plan.frame.max = max;
	to = back = (struct flow_options){ .max_reads = 0 };
	open_pair(&target, &there, SOCK_DGRAM);
	open_pair(&client, &here, SOCK_STREAM);
	CHECK_INT(bare_frames_stages(&plan, &target, &client, &to, &back), 0);
}

static void
end_frames(void)
{
	filter_free(to.filter);
	filter_free(back.filter);
	endpoint_close(&target);
	endpoint_close(&client);
	close(there);
	close(here);
	finish();
}

/* Writes to the datagrams; returns how much was taken. */
static size_t
put(const char *text)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text,
	    .iov_len = strlen(text) };
	size_t n = 0;

	return half_write(&target.out, &iov, 1, &n) == IO_OK ? n : 0;
}

/* The next datagram that was sent; "-": none. */
static const char *
sent(void)
{
	static char text[200];
	ssize_t n = read(there, text, sizeof(text) - 1);

	text[n >= 0 ? n : 0] = '\0';
	return n >= 0 ? text : "-";
}

/* What the datagrams give next; "-": nothing. */
static const char *
get(void)
{
	static char text[200];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	size_t n = 0;

	if (half_read(&target.in, &iov, 1, &n) != IO_OK)
		return "-";
	text[n] = '\0';
	return text;
}

static void
say(const char *text)
{
	CHECK_INT(write(there, text, strlen(text)), strlen(text));
}

/* ---- To datagrams ------------------------------------------------------- */

TEST(a_message_in_pieces_is_a_datagram)
{
	static const char *const bytes[] = { "0", "0000", "5:he", "ll", "o" };

	begin_frames(FRAME_LEN6, 1000);
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		CHECK_STR(sent(), "-");
		CHECK_INT(put(bytes[i]), strlen(bytes[i]));
	}
	CHECK_STR(sent(), "hello");
	end_frames();
}

TEST(each_message_of_a_write_is_a_datagram)
{
	begin_frames(FRAME_LEN6, 1000);
	CHECK_INT(put("000003:one000000:000003:two0000"), 31);
	CHECK_STR(sent(), "one");
	CHECK_STR(sent(), "");
	CHECK_STR(sent(), "two");
	CHECK_STR(sent(), "-");
	CHECK_INT(put("01:x"), 4);
	CHECK_STR(sent(), "x");
	end_frames();
}

/* A full queue: no message is lost, and none comes twice. */
TEST(messages_wait_for_a_full_queue_in_their_order)
{
	char frame[20];
	size_t taken = 0;
	int n, i;

	begin_frames(FRAME_LEN6, 1000);
	for (n = 0; n < 5000; n++) {
		(void)snprintf(frame, sizeof(frame), "000004:%04d", n);
		if ((taken = put(frame)) < 11)
			break;
	}
	CHECK(n > 0 && n < 5000);
	CHECK_INT(put(frame + taken), 0);
	for (i = 0; i < n; i++)
		CHECK_INT(atoi(sent()), i);
	CHECK_STR(sent(), "-");
	CHECK_INT(put(frame + taken), 11 - taken);
	CHECK_STR(sent(), frame + 7);
	CHECK_STR(sent(), "-");
	end_frames();
}

TEST(a_datagram_that_is_refused_is_lost_alone)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct fd fd;
	int s = serve(&a, SOCK_DGRAM, 0);

	begin_frames(FRAME_LEN6, 1000);
	fd_own(&fd, call(&a, SOCK_DGRAM), FD_DGRAM);
	CHECK_INT(endpoint_replace(&target, &fd), 0);
	close(s);
	/* The refusal of a datagram comes with the next. */
	for (int i = 0; i < 3; i++)
		CHECK_INT(put("000003:one"), 10);
	s = serve(&a, SOCK_DGRAM, 0);
	CHECK_INT(put("000003:two"), 10);
	close(there);
	CHECK((there = s) != -1);
	CHECK_STR(sent(), "two");
	end_frames();
}

/* ---- From datagrams ----------------------------------------------------- */

TEST(a_datagram_gets_its_frame)
{
	static const struct {
		enum frame_format how;
		const char *text, *frame;
	} cases[] = {
		{ FRAME_LEN6, "hello", "000005:hello" },
		{ FRAME_LEN6, "", "000000:" },
		{ FRAME_NETSTRING, "hello", "5:hello," },
		{ FRAME_LINE, "hello", "hello\n" },
		{ FRAME_LINE, "hello\n", "hello\n" },
		{ FRAME_LINE, "", "\n" }
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin_frames(cases[i].how, 1000);
		say(cases[i].text);
		CHECK_STR(get(), cases[i].frame);
		CHECK_STR(get(), "-");
		end_frames();
	}
}

TEST(a_datagram_that_the_format_cannot_hold_is_dropped)
{
	begin_frames(FRAME_LEN6, 4);
	say("hello");
	say("four");
	CHECK_STR(get(), "000004:four");
	CHECK_STR(get(), "-");
	/* Other flows get a turn between many of these. */
	for (int i = 0; i < 20; i++)
		say("hello");
	say("more");
	CHECK_STR(get(), "-");
	CHECK_STR(get(), "000004:more");
	end_frames();
}

TEST(the_stream_has_to_have_frames)
{
	begin_frames(FRAME_LEN6, 1000);
	/* The stream is checked, and the datagrams are not. */
	CHECK(to.filter != NULL && back.filter == NULL);
	end_frames();
}

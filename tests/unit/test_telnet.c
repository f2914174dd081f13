/*
 * Telnet's questions: each is answered once, however the bytes are cut, and
 * no answer stands within somebody's write.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "endpoint/endpoint.h"
#include "telnet_rig.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define T(s)	(const unsigned char *)(s), sizeof(s) - 1

struct kase {
	const unsigned char	*in;
	size_t			 in_n;
	const unsigned char	*data;
	size_t			 data_n;
	const unsigned char	*answers;
	size_t			 answers_n;
};

static const struct kase	kases[] = {
	{ T("plain"), T("plain"), T("") },
	{ T("\377\375\001\377\373\003"), T(""),
	    T("\377\374\001\377\376\003") },
	{ T("a\377\376\001b\377\374\003c"), T("abc"), T("") },
	{ T("a\377\377b"), T("a\377b"), T("") },
	{ T("\377\377\377\375\377x"), T("\377x"), T("\377\374\377") },
	{ T("a\377\372\030\001\377\360b"), T("ab"), T("") },
	{ T("\377\372\030\377\377\360\377\360z"), T("z"), T("") },
	{ T("\377\372\030\377\375\001z"), T("z"), T("\377\374\001") },
	{ T("a\377\371b\377\366c\377\360d\377\101e"), T("abcde"), T("") },
	{ T("\377\375\001\377\375\001"), T(""),
	    T("\377\374\001\377\374\001") },
	{ T("end\377"), T("end"), T("") },
	{ T("end\377\375"), T("end"), T("") },
	{ T("end\377\372xyz"), T("end"), T("") },
};

static struct telnet	machine;
static struct bytes	data;

static void
feed(const struct kase *k, size_t from, size_t to)
{
	unsigned char copy[64];

	memcpy(copy, k->in + from, to - from);
	bytes_add(&data, copy, telnet_read(&machine, copy, to - from));
}

static void
check_split(const struct kase *k, bool strip, size_t a, size_t b)
{
	data.n = 0;
	machine = (struct telnet){ .strip = strip };
	feed(k, 0, a);
	feed(k, a, b);
	feed(k, b, k->in_n);
	if (!bytes_are(&data, strip ? k->data : k->in,
	    strip ? k->data_n : k->in_n) ||
	    machine.answers.used != k->answers_n ||
	    memcmp(buf_data(&machine.answers), k->answers, k->answers_n) != 0) {
		printf("case %d, cut at %zu and %zu\n", (int)(k - kases), a, b);
		unit_bad = true;
	}
	buf_free(&machine.answers);
}

TEST(no_cut_makes_a_difference)
{
	for (size_t i = 0; i < LEN(kases); i++)
		for (size_t a = 0; a <= kases[i].in_n; a++)
			for (size_t b = a; b <= kases[i].in_n; b++) {
				check_split(&kases[i], true, a, b);
				check_split(&kases[i], false, a, b);
			}
}

TEST(the_plain_reading_agrees)
{
	struct bytes got, answers;

	for (size_t i = 0; i < LEN(kases); i++) {
		ref_read(kases[i].in, kases[i].in_n, &got, &answers);
		CHECK(bytes_are(&got, kases[i].data, kases[i].data_n));
		CHECK(bytes_are(&answers, kases[i].answers,
		    kases[i].answers_n));
	}
}

TEST(answers_that_nobody_reads_are_bounded_and_none_is_missing)
{
	unsigned char udp_probe[3] = { 255, 253, 0 };
	bool seen[512] = { false };
	const unsigned char *at;
	size_t i;

	machine = (struct telnet){ .strip = true };
	for (i = 0; i < 100000; i++) {
		udp_probe[1] = i & 1 ? 251 : 253;
		udp_probe[2] = (unsigned char)(i / 2 < 5000 ? i % 3 : i / 2);
		udp_probe[0] = 255;
		CHECK_INT(telnet_read(&machine, udp_probe, 3), 0);
	}
	CHECK(machine.answers.used <= TELNET_ANSWERS * TELNET_ANSWER);
	at = (const unsigned char *)buf_data(&machine.answers);
	for (i = 0; i < machine.answers.used; i += 3)
		seen[(at[i + 1] == 252 ? 0 : 256) + at[i + 2]] = true;
	for (i = 0; i < 512; i++)
		CHECK(seen[i]);
	buf_free(&machine.answers);
}

/* ---- The layer ---------------------------------------------------------- */

static struct wire	below;
static struct layer	*top;

static void
open_layer(bool clean, const void *in, size_t n)
{
	socket_layers_init(&below, in, n);
	top = layer_telnet(clean, false);
	top->below = &below.layer;
}

static size_t
write_some(const void *bytes, size_t n)
{
	const struct iovec iov = { (void *)(size_t)bytes, n };
	size_t put = 0;
	enum io io = top->ops->write(top, &iov, 1, &put);

	return io == IO_OK ? put : 0;
}

static enum io
read_some(unsigned char *to, size_t max, size_t *n)
{
	const struct iovec iov = { to, max };

	*n = 0;
	return top->ops->read(top, &iov, 1, n);
}

TEST(an_answer_goes_out_with_the_read_that_brought_the_question)
{
	unsigned char got[64];
	size_t n;

	open_layer(true, "\377\375\001hi", 5);
	CHECK_INT(read_some(got, sizeof(got), &n), IO_OK);
	CHECK(n == 2 && memcmp(got, "hi", 2) == 0);
	CHECK(bytes_are(&below.out, "\377\374\001", 3));
	CHECK_INT(layer_want(top, LOOP_IN), LOOP_IN);
	top->ops->close(top);
}

TEST(an_answer_waits_until_a_write_that_went_in_part_is_whole)
{
	unsigned char got[64];
	size_t n;

	open_layer(true, "\377\375\001hi", 5);
	below.out_most = 3;
	CHECK_INT(write_some("hello\n", 6), 3);
	CHECK_INT(read_some(got, sizeof(got), &n), IO_OK);
	CHECK(bytes_are(&below.out, "hel", 3));
	below.out_most = 100;
	/* What was added since is a write of its own. */
	CHECK_INT(write_some("lo\nnext\n", 8), 3);
	CHECK_INT(write_some("next\n", 5), 5);
	CHECK(bytes_are(&below.out, "hello\n\377\374\001next\n", 14));
	top->ops->close(top);
}

TEST(an_answer_that_finds_no_room_asks_for_it)
{
	unsigned char got[64];
	size_t n;

	open_layer(true, "\377\375\001hi", 5);
	below.out_most = 0;
	CHECK_INT(read_some(got, sizeof(got), &n), IO_OK);
	CHECK_INT(layer_want(top, LOOP_IN), LOOP_IN | LOOP_OUT);
	CHECK_INT(layer_want(top, LOOP_OUT), LOOP_OUT);
	below.out_most = 2;
	CHECK_INT(read_some(got, sizeof(got), &n), IO_EOF);
	CHECK(bytes_are(&below.out, "\377\374\001", 3));
	CHECK_INT(layer_want(top, LOOP_IN), LOOP_IN);
	top->ops->close(top);
}

TEST(answers_go_before_the_end_and_none_after_it)
{
	unsigned char got[64];
	size_t n;

	open_layer(true, "\377\375\001\377\375\002", 6);
	below.in_most = 3;
	below.out_most = 0;
	(void)read_some(got, 3, &n);
	CHECK_INT(top->ops->shut(top), IO_AGAIN);
	CHECK(!below.shut);
	below.in_most = 0;
	below.out_most = 10;
	CHECK_INT(top->ops->shut(top), IO_OK);
	CHECK(below.shut);
	n = below.out.n;
	below.in_most = 3;
	(void)read_some(got, 3, &n);
	CHECK(below.out.n <= 6 && below.out.n % 3 == 0);
	top->ops->close(top);
}

/* A peer that does nothing but negotiate does not hold a turn for ever. */
TEST(nothing_but_negotiation_is_read_a_bit_at_a_time)
{
	static unsigned char in[3 * 1000];
	unsigned char got[3];
	size_t n, calls = 0;
	enum io io;

	for (size_t i = 0; i < sizeof(in); i += 3)
		memcpy(in + i, "\377\374\001", 3);
	open_layer(true, in, sizeof(in));
	while ((io = read_some(got, sizeof(got), &n)) == IO_AGAIN) {
		CHECK(layer_pending(top) > 0);
		calls++;
	}
	CHECK_INT(io, IO_EOF);
	CHECK(calls > 10);
	top->ops->close(top);
}

/* Every byte of the text may be the last that finds room. */
TEST(a_255_is_written_twice_wherever_the_write_is_cut)
{
	static const char text[] = "\377a\377\377\377bc\377d\377";
	struct bytes want;
	size_t n = sizeof(text) - 1, at, most, turns;

	ref_double((const unsigned char *)text, n, &want);
	for (most = 1; most < want.n + 2; most++) {
		open_layer(true, "", 0);
		below.out_most = most;
		for (at = turns = 0; at < n && turns++ < 100;)
			at += write_some(text + at, n - at);
		CHECK_INT(at, n);
		CHECK(bytes_are(&below.out, want.b, want.n));
		top->ops->close(top);
	}
}

/* ... and an answer still stands between two bytes, not between two 255. */
TEST(many_of_255_are_more_than_one_write)
{
	static unsigned char text[1000];
	unsigned char got[8];
	size_t at = 0, turns = 0, i, run = 0, n;

	memset(text, 255, sizeof(text));
	open_layer(true, "\377\375\001", 3);
	at = write_some(text, sizeof(text));
	CHECK(at > 0 && at < sizeof(text));
	(void)read_some(got, sizeof(got), &n);
	while (at < sizeof(text) && turns++ < 1000)
		at += write_some(text + at, sizeof(text) - at);
	CHECK_INT(below.out.n, 2 * sizeof(text) + 3);
	for (i = 0; below.out.b[i] == 255; i++)
		run++;
	/* Its own IAC is one of these. */
	CHECK_INT(run % 2, 1);
	CHECK(memcmp(below.out.b + i, "\374\001", 2) == 0);
	top->ops->close(top);
}

TEST(a_record_with_many_of_255_is_one_write)
{
	static unsigned char text[1000];
	struct iovec iov[2] = { { text, 400 }, { text + 400, 600 } };
	struct bytes want;
	size_t n = 0;

	memset(text, 255, 500);
	memset(text + 500, 'x', 500);
	ref_double(text, sizeof(text), &want);
	socket_layers_init(&below, "", 0);
	top = layer_telnet(true, true);
	top->below = &below.layer;
	below.out_once = true;
	CHECK_INT(top->ops->write(top, iov, 2, &n), IO_OK);
	CHECK_INT(n, sizeof(text));
	CHECK(bytes_are(&below.out, want.b, want.n));
	CHECK_INT(top->ops->write(top, iov, 2, &n), IO_AGAIN);
	CHECK(bytes_are(&below.out, want.b, want.n));
	top->ops->close(top);
}

TEST(other_names_change_nothing)
{
	static const char in[] = "a\377\375\001\377\377b";
	unsigned char got[64];
	size_t n;

	open_layer(false, in, sizeof(in) - 1);
	CHECK_INT(read_some(got, sizeof(got), &n), IO_OK);
	CHECK(n == sizeof(in) - 1 && memcmp(got, in, n) == 0);
	CHECK_INT(write_some("x\377y", 3), 3);
	CHECK(bytes_are(&below.out, "\377\374\001x\377y", 6));
	top->ops->close(top);
}

/* ---- An endpoint -------------------------------------------------------- */

static bool
always(const void *user)
{
	(void)user;
	return true;
}

/* Everything there is to read at a descriptor that does not block. */
static size_t
empty(int fd, unsigned char last[3])
{
	unsigned char buf[4096];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (n >= 3)
			memcpy(last, buf + n - 3, 3);
		sum += (size_t)n;
	}
	return sum;
}

/* Nobody writes, and nothing more comes that would have to be read. */
TEST(room_alone_lets_an_answer_go)
{
	struct loop *loop = loop_new();
	unsigned char got[64], last[3] = { 0 };
	const struct iovec iov = { got, sizeof(got) };
	struct endpoint ep;
	struct fd fd;
	size_t n;
	int pair[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	while (write(pair[0], got, sizeof(got)) > 0)
		continue;
	fd_own(&fd, pair[0], FD_STREAM);
	CHECK_INT(endpoint_socket(&ep, loop, &fd, false, "peer"), 0);
	endpoint_wrap(&ep, layer_telnet(true, false));
	ep.in.wants = always;
	endpoint_touch(&ep);
	CHECK_INT(write(pair[1], "\377\375\001", 3), 3);
	loop_turn(loop, 1000000000);
	CHECK(ep.in.ready);
	CHECK_INT(half_read(&ep.in, &iov, 1, &n), IO_AGAIN);
	CHECK(!ep.in.ready);
	(void)empty(pair[1], last);
	endpoint_touch(&ep);
	loop_turn(loop, 1000000000);
	CHECK(ep.in.ready);
	CHECK_INT(half_read(&ep.in, &iov, 1, &n), IO_AGAIN);
	CHECK_INT(empty(pair[1], last), 3);
	CHECK(memcmp(last, "\377\374\001", 3) == 0);
	endpoint_close(&ep);
	(void)close(pair[1]);
	loop_free(loop);
}

/*
 * The time before each line.
 */
#include "base/stamp.h"
#include "filter/filter.h"
#include "unit.h"

static struct timespec	 now;
static struct filter	*f;
static struct ring	 out;
static struct stamped	 to;

static void
on_clock(struct timespec *ts)
{
	*ts = now;
}

static void
with(bool records)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	now = (struct timespec){ .tv_sec = 45296, .tv_nsec = 7999999 };
	stamped_begin(&to);
	f = filter_timestamps(records, &to, on_clock);
	ring_init(&out, 1 << 16);
}

static void
push(const char *text)
{
	struct iovec iov[2];

	CHECK(ring_space(&out, iov, 1) != -1);
	f->ops->push(f, (const unsigned char *)text, strlen(text), false,
	    &out);
}

static const char *
all(void)
{
	static char buf[1 << 16];
	struct iovec iov[2];
	size_t len = 0;
	int cnt = ring_data(&out, iov, ring_used(&out));

	for (int i = 0; i < cnt; i++) {
		memcpy(buf + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	buf[len] = '\0';
	ring_take(&out, len);
	return buf;
}

static void
without(void)
{
	filter_free(f);
	ring_free(&out);
	to.in_line = false;
}

TEST(each_line_has_its_time)
{
	with(false);
	push("one\n\ntwo\n");
	CHECK_STR(all(), "12:34:56.007 one\n12:34:56.007 \n"
	    "12:34:56.007 two\n");
	now.tv_sec++;
	now.tv_nsec = 999999999;
	push("three");
	CHECK_STR(all(), "12:34:57.999 three");
	without();
}

TEST(a_line_in_pieces_has_the_time_of_its_first_byte)
{
	with(false);
	push("a");
	now.tv_sec += 60;
	push("b\nc");
	push("");
	CHECK_STR(all(), "12:34:56.007 ab\n12:35:56.007 c");
	CHECK(to.in_line);
	without();
}

TEST(a_datagram_begins_a_line)
{
	with(true);
	push("one");
	push("two\n");
	push("three");
	CHECK_STR(all(), "12:34:56.007 one\n12:34:56.007 two\n"
	    "12:34:56.007 three");
	without();
}

TEST(another_session_begins_a_line)
{
	with(false);
	push("one");
	filter_free(f);
	stamped_begin(&to);
	f = filter_timestamps(false, &to, on_clock);
	push("two\n");
	CHECK_STR(all(), "12:34:56.007 one\n12:34:56.007 two\n");
	without();
}

/* The promise of growth and tail, by which the pump makes room. */
TEST(the_output_is_as_long_as_promised)
{
	with(true);
	to.in_line = true;
	push("\n");
	CHECK(ring_used(&out) <= f->ops->growth + f->ops->tail);
	(void)all();
	push("a");
	(void)all();
	push("\n\n\n");
	CHECK(ring_used(&out) <= 3 * f->ops->growth + f->ops->tail);
	without();
}

/* The sink takes the bytes one by one, and may stop after any. */
TEST(added_bytes_are_told_from_the_peers)
{
	static const char stamp[] = "12:34:56.007 ";
	static const char *const pieces[] = { "\n", stamp, "-a\n", stamp,
	    "-\n", stamp, "-b" };
	uint64_t added = 0;
	const char *text;

	with(true);
	to.in_line = true;
	stamped_begin(&to);
	push("-a\n-\n-b");
	text = all();
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		for (const char *p = pieces[i]; *p != '\0'; p++, text++) {
			CHECK(*text == *p);
			stamped_take(&to, (const unsigned char *)text, 1);
			added += pieces[i][0] != '-';
			CHECK_INT(to.taken, added);
		}
	CHECK_INT(to.added, added);
	push("c\nd");
	stamped_take(&to, (const unsigned char *)all(), to.given - to.seen);
	CHECK_INT(to.taken, to.added);
	CHECK_INT(to.given - to.added, 10);
	without();
}

/* Also before another filter. */
TEST(a_long_datagram_stays_a_line_also_before_another_filter)
{
	static char text[20000];

	memset(text, 'x', sizeof(text) - 1);
	with(true);
	f = filter_chain(f, filter_crlf());
	push(text);
	push("y\n");
	CHECK_INT(to.added, 2 * STAMP_LEN + 1);
	CHECK_INT(ring_used(&out), sizeof(text) - 1 + 2 + to.added + 2);
	without();
}

/* Summer time began at 01:00 UTC. */
TEST(summer_time_comes)
{
	struct stamp s = { .second = 0 };

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	stamp_set(&s, &(struct timespec){ .tv_sec = 1774745999 });
	CHECK_STR(s.text, "01:59:59.000 ");
	stamp_set(&s, &(struct timespec){ .tv_sec = 1774746000,
	    .tv_nsec = 120000000 });
	CHECK_STR(s.text, "03:00:00.120 ");
	/* The clock may be set back. */
	stamp_set(&s, &(struct timespec){ .tv_sec = 1774745999 });
	CHECK_STR(s.text, "01:59:59.000 ");
}

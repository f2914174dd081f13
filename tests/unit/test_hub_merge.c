/*
 * What is read from a hub's port: the bytes of its members.
 */
#include <errno.h>

#include "multi_client_rig.h"

#define ROOM	(1 << 20)

static struct hub_port		port;
static struct hub_source	src[MANY];
static char			out[ROOM];
static size_t			outs;

static void
on_ended(struct hub_member *m, int num)
{
	struct hub_source *s = (struct hub_source *)m;

	CHECK(!s->open);
	CHECK_INT(outcome[s - src], -1);
	outcome[s - src] = num;
}

static void
open_port(enum hub_by by)
{
	rig_open();
	hub_port_init(&port, &ep, by, "the sources");
	outs = 0;
}

/* It reads this text by these steps. */
static void
add(unsigned i, const char *text, const struct fake_step *steps, unsigned n,
    const char *tag)
{
	fake_init(&ends[i], "source", steps, n);
	ends[i].text = text;
	ends[i].text_len = strlen(text);
	memset(&src[i], 0, sizeof(src[i]));
	src[i] = (struct hub_source){ .m = { .in = &ends[i].half,
	    .input_ended = on_ended }, .tag = tag,
	    .tag_len = tag != NULL ? strlen(tag) : 0 };
	hub_port_add(&port, &src[i]);
}

/* One read into two pieces of together at most that room. */
static enum io
take(size_t room)
{
	struct iovec iov[2];
	size_t n;
	enum io io;

	iov[0].iov_base = out + outs;
	iov[0].iov_len = room / 2;
	iov[1].iov_base = out + outs + room / 2;
	iov[1].iov_len = room - room / 2;
	io = half_read(&ep.in, iov, 2, &n);
	CHECK(io == IO_OK || n == 0);
	CHECK(n <= room);
	if (io == IO_OK) {
		CHECK(n > 0);
		outs += n;
	}
	out[outs] = '\0';
	return io;
}

/* Everything that comes, in reads of this size, until it waits or ends. */
static enum io
take_all(size_t room)
{
	enum io io;
	unsigned i, idle = 0;
	size_t was;

	do {
		was = outs;
		for (i = 0; i < MANY; i++) {
			if (!src[i].open)
				continue;
			ends[i].half.ready = true;
			hub_wake(&src[i].m);
		}
		while ((io = take(room)) == IO_OK)
			;
		idle = outs == was ? idle + 1 : 0;
	} while (io == IO_AGAIN && idle < 5);
	/* Whoever waits has nothing that could go on. */
	CHECK_INT(layer_pending(ep.in.top), io == IO_EOF);
	return io;
}

static void
close_port(void)
{
	unsigned i;

	rig_close();
	for (i = 0; i < MANY; i++) {
		CHECK(!src[i].open);
		CHECK(src[i].mem == NULL);
		memset(&src[i], 0, sizeof(src[i]));
	}
	CHECK(port.spare == NULL);
}

TEST(one_source_passes_as_it_is)
{
	static const struct fake_step steps[] = { FULL };
	size_t room;

	for (room = 1; room < 20; room++) {
		open_port(HUB_BY_LINE);
		add(0, "one\ntwo\n\nhalf", steps, LEN(steps), NULL);
		hub_merge_complete(&port);
		CHECK(take_all(room) == IO_EOF);
		CHECK_STR(out, "one\ntwo\n\nhalf");
		CHECK_INT(outcome[0], 0);
		CHECK_INT(src[0].m.read, 13);
		close_port();
	}
}

/* Reads end after i and after j bytes; the reader has room bytes. */
static void
split_at(size_t i, size_t j, size_t room)
{
	static const char a[] = "aaa\nAA\n\naaaa\n", b[] = "bb\nBBBB\nb\n";
	struct fake_step steps[2][4] = { { N(i), AGAIN, N(i), FULL },
	    { N(j), AGAIN, N(j), FULL } };
	char *line, *rest = out;

	open_port(HUB_BY_LINE);
	add(0, a, steps[0], 4, NULL);
	add(1, b, steps[1], 4, NULL);
	hub_merge_complete(&port);
	CHECK(take_all(room) == IO_EOF);
	CHECK_INT(outs, strlen(a) + strlen(b));
	while ((line = strsep(&rest, "\n")) != NULL)
		CHECK(strspn(line, "aA") == strlen(line) ||
		    strspn(line, "bB") == strlen(line));
	close_port();
}

/* Wherever a read ends: no line is ever mixed with another. */
TEST(lines_stay_whole_wherever_a_read_ends)
{
	size_t i, j, room;

	for (i = 1; i < sizeof("aaa\nAA\n\naaaa\n") - 1; i++)
		for (j = 1; j < sizeof("bb\nBBBB\nb\n") - 1; j++)
			for (room = 1; room < 12; room += 3)
				split_at(i, j, room);
}

TEST(a_half_line_holds_up_nobody)
{
	static const struct fake_step half[] = { N(4), AGAIN, N(5) };
	static const struct fake_step whole[] = { N(4) };

	open_port(HUB_BY_LINE);
	add(0, "halfrest\n", half, LEN(half), NULL);
	add(1, "one\n", whole, LEN(whole), NULL);
	ends[0].stays = ends[1].stays = true;
	hub_wake(&src[0].m);
	hub_wake(&src[1].m);
	CHECK(take(100) == IO_OK);
	CHECK_STR(out, "one\n");
	CHECK_INT(hub_merge_held(&port), 4);
	CHECK(src[0].cap < 100);
	CHECK(port.spare != NULL || src[1].mem == NULL);
	CHECK(take(100) == IO_AGAIN);
	CHECK(port.spare == NULL);
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "one\nhalfrest\n");
	CHECK(src[0].mem == NULL && src[1].mem == NULL);
	close_port();
	CHECK_INT(port.lost_in, 0);
}

TEST(half_a_line_waits_as_long_as_its_hold)
{
	static const struct fake_step half[] = { N(4), AGAIN, N(4), AGAIN };

	open_port(HUB_BY_LINE);
	add(0, "halfrest", half, LEN(half), NULL);
	ends[0].stays = true;
	src[0].hold = NSEC_PER_MSEC;
	hub_wake(&src[0].m);
	CHECK(take(100) == IO_AGAIN);
	loop_run(loop);
	CHECK(take(100) == IO_OK);
	CHECK_STR(out, "half");
	src[0].hold = -1;
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "halfrest");
	close_port();
}

TEST(a_last_half_line_goes_on_with_its_sources_end)
{
	static const struct fake_step all[] = { FULL, AGAIN };

	open_port(HUB_BY_LINE);
	add(0, "no end", all, LEN(all), NULL);
	add(1, "x\n", all, LEN(all), NULL);
	hub_merge_complete(&port);
	CHECK(take_all(100) == IO_EOF);
	/* Whoever comes second: never glued to it. */
	CHECK(strcmp(out, "x\nno end") == 0 ||
	    strcmp(out, "no end\nx\n") == 0);
	close_port();
}

TEST(an_unfinished_line_is_ended_before_the_next_ones)
{
	static const struct fake_step all[] = { FULL };

	open_port(HUB_BY_LINE);
	add(0, "first", all, LEN(all), NULL);
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "first");
	add(1, "second\n", all, LEN(all), NULL);
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "first\nsecond\n");
	close_port();
}

TEST(a_line_that_is_too_long_goes_on_in_pieces)
{
	static const struct fake_step big[] = {
		FULL, AGAIN, AGAIN, FULL };
	static const struct fake_step small[] = { AGAIN, FULL };
	static char text[3 * HUB_LINE];
	char *at;

	memset(text, 'x', HUB_LINE + 100);
	text[HUB_LINE + 100] = '\n';
	open_port(HUB_BY_LINE);
	add(0, text, big, LEN(big), NULL);
	add(1, "y\n", small, LEN(small), NULL);
	hub_merge_complete(&port);
	CHECK(take_all(1000) == IO_EOF);
	CHECK_INT(outs, strlen(text) + 2 + 1);
	at = strchr(out, 'y');
	CHECK(at != NULL && at[-1] == '\n' && at[1] == '\n');
	CHECK_INT(at - out, HUB_LINE + 1);
	close_port();
}

TEST(tags_stand_before_each_line)
{
	static const struct fake_step odd[] = { N(1), N(3), AGAIN, N(2), FULL };
	static const struct fake_step all[] = { AGAIN, AGAIN, AGAIN, FULL };
	size_t room;

	for (room = 1; room < 40; room++) {
		open_port(HUB_BY_LINE);
		add(0, "a\nbc\n\nd", odd, LEN(odd), "[1] ");
		hub_merge_complete(&port);
		CHECK(take_all(room) == IO_EOF);
		CHECK_STR(out, "[1] a\n[1] bc\n[1] \n[1] d");
		close_port();
		open_port(HUB_BY_CHUNK);
		add(0, "a\nbc\n\nd", odd, LEN(odd), "<");
		add(1, "E", all, LEN(all), ">");
		hub_merge_complete(&port);
		CHECK(take_all(room) == IO_EOF);
		CHECK(strncmp(out, "<a\n<bc\n<\n", 9) == 0);
		close_port();
	}
}

TEST(chunks_go_on_as_they_come)
{
	static const struct fake_step half[] = { N(2), AGAIN, N(100) };

	open_port(HUB_BY_CHUNK);
	add(0, "half", half, LEN(half), NULL);
	ends[0].stays = true;
	CHECK(take(100) == IO_OK);
	CHECK_STR(out, "ha");
	CHECK(src[0].mem == NULL);
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "half");
	close_port();
}

/* Nothing is read while the sink has no room. */
TEST(nothing_is_read_while_the_sink_has_no_room)
{
	static const struct fake_step all[] = { FULL };
	static char text[2 * HUB_LINE];
	unsigned i;

	memset(text, '\n', sizeof(text) - 1);
	open_port(HUB_BY_LINE);
	for (i = 0; i < MANY; i++)
		add(i, text, all, LEN(all), NULL);
	CHECK(take(1) == IO_OK);
	CHECK_INT(ends[0].calls, 1);
	CHECK_INT(ends[1].calls + ends[2].calls + ends[3].calls, 0);
	CHECK(layer_pending(ep.in.top) > 0);
	close_port();
	CHECK_INT(port.lost_in, HUB_LINE - 1);
}

TEST(sources_take_turns)
{
	static char text[MANY][8 * HUB_LINE];
	static const struct fake_step all[] = { FULL, FULL, FULL, FULL };
	uint64_t least, most;
	unsigned i;

	open_port(HUB_BY_LINE);
	for (i = 0; i < MANY; i++) {
		memset(text[i], '\n', sizeof(text[i]) - 1);
		add(i, text[i], all, LEN(all), NULL);
		ends[i].half.ready = true;
	}
	while (outs + 1000 < 10 * HUB_LINE && take(1000) == IO_OK) {
		least = most = src[0].m.read;
		for (i = 1; i < MANY; i++) {
			if (src[i].m.read < least)
				least = src[i].m.read;
			if (src[i].m.read > most)
				most = src[i].m.read;
		}
		CHECK(most - least <= HUB_LINE);
	}
	close_port();
}

TEST(an_error_ends_one_source_alone)
{
	static const struct fake_step bad[] = { N(3), ERR(ECONNRESET) };
	static const struct fake_step good[] = { N(3), AGAIN, FULL };

	open_port(HUB_BY_LINE);
	add(0, "bad", bad, LEN(bad), NULL);
	add(1, "good\n", good, LEN(good), NULL);
	hub_merge_complete(&port);
	CHECK(take_all(100) == IO_EOF);
	CHECK_INT(outcome[0], ECONNRESET);
	CHECK_INT(outcome[1], 0);
	CHECK(strstr(out, "good\n") != NULL);
	CHECK(strstr(out, "bad") != NULL);
	close_port();
}

TEST(finish_passes_on_what_is_held_remove_does_not)
{
	static const struct fake_step half[] = { N(4) };

	open_port(HUB_BY_LINE);
	add(0, "kept", half, LEN(half), NULL);
	add(1, "lost", half, LEN(half), NULL);
	ends[0].stays = ends[1].stays = true;
	CHECK(take(100) == IO_AGAIN);
	hub_merge_finish(&src[0]);
	hub_port_remove(&src[1]);
	CHECK(!src[1].open);
	CHECK_INT(src[1].lost, 4);
	CHECK_INT(outcome[1], -1);
	CHECK(layer_pending(ep.in.top) > 0);
	CHECK(take(100) == IO_OK);
	CHECK_STR(out, "kept");
	CHECK_INT(outcome[0], 0);
	CHECK(take(100) == IO_AGAIN);
	notified = 0;
	hub_merge_complete(&port);
	loop_turn(loop, 0);
	CHECK_INT(notified, 1);
	CHECK(take(100) == IO_EOF);
	close_port();
}

TEST(without_sources_there_is_no_end_before_it_is_told)
{
	open_port(HUB_BY_LINE);
	CHECK(take(100) == IO_AGAIN);
	CHECK_INT(layer_pending(ep.in.top), 0);
	hub_merge_complete(&port);
	CHECK(take(100) == IO_EOF);
	close_port();
}

/* One that is ready need not be waited for. */
TEST(only_what_is_not_ready_is_waited_for)
{
	static const struct fake_step some[] = { N(2) };

	open_port(HUB_BY_LINE);
	add(0, "a\n", some, LEN(some), NULL);
	ends[0].stays = true;
	CHECK(!ends[0].half.wants(ends[0].half.user));
	CHECK(take(100) == IO_OK);
	CHECK(ends[0].half.wants(ends[0].half.user));
	ends[0].half.ready = true;
	hub_wake(&src[0].m);
	CHECK(ep.in.ready);
	CHECK(!ends[0].half.wants(ends[0].half.user));
	hub_port_remove(&src[0]);
	CHECK(ends[0].half.wants == NULL);
	close_port();
}

TEST(a_tagged_datagram_ends_a_line)
{
	static const struct fake_step three[] = { N(3), N(2), N(4) };
	static const struct fake_step one[] = { N(70000) };
	static char big[70001];

	open_port(HUB_BY_LINE);
	fake_init(&ends[0], "records", three, LEN(three));
	add(0, "onetwmore", three, LEN(three), "> ");
	ends[0].half.record = ends[0].stays = true;
	CHECK(take_all(100) == IO_AGAIN);
	CHECK_STR(out, "> one\n> tw\n> more");
	close_port();
	memset(big, 'x', 70000);
	open_port(HUB_BY_LINE);
	add(0, big, one, LEN(one), NULL);
	ends[0].half.record = ends[0].stays = true;
	CHECK(take(200000) == IO_OK);
	/* The fake complains as it should: a record had no room. */
	ends[0].broke = NULL;
	CHECK_INT(outs, HUB_LINE);
	CHECK_INT(src[0].lost, 0);
	close_port();
}

/* Returns whether the text has a time at this place, and blanks it. */
static bool
blank_time(size_t at)
{
	static const char like[] = "00:00:00.000 ";

	for (size_t i = 0; i < sizeof(like) - 1; i++)
		if (like[i] == '0' ? out[at + i] < '0' || out[at + i] > '9' :
		    out[at + i] != like[i])
			return false;
	memset(out + at, 't', sizeof(like) - 2);
	return true;
}

/* Wherever a reader's buffer ends. */
TEST(times_stand_before_tags)
{
	static const struct fake_step steps[] = { N(3), AGAIN, FULL };

	for (size_t room = 1; room < 40; room++) {
		struct stamped to = { .in_line = false };

		open_port(HUB_BY_LINE);
		port.stamps = &to;
		CHECK(hub_merge_stamps(&ep.in));
		add(0, "a\nb\nc\nd\n", steps, LEN(steps), "<0> ");
		hub_merge_complete(&port);
		CHECK(take_all(room) == IO_EOF);
		for (size_t at = 0; at < 4; at++)
			CHECK(blank_time(at * 19));
		CHECK_STR(out, "tttttttttttt <0> a\ntttttttttttt <0> b\n"
		    "tttttttttttt <0> c\ntttttttttttt <0> d\n");
		CHECK_INT(to.added, 4 * STAMP_LEN);
		close_port();
	}
}

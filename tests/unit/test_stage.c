/*
 * Filters under endpoints, and the port of a hub that reads them: lines that
 * are kept until they are whole, datagrams of messages.
 */
#include "frame/frame.h"
#include "multi_client_rig.h"

#include "pump/stage.h"

#define BIG	200000

static struct endpoint		under[MANY];
static struct hub_port		port;
static struct hub_source	src[MANY];
static char			out[8 * BIG];
static size_t			outs;
static char			why[FRAME_WHY_MAX];
static unsigned			nbroken;

static const struct frame_rules len6 = { FRAME_LEN6, 999999 };
static struct frame_rules lines = { FRAME_LINE, BIG };

/* It is read (or written) by these steps, below what is put on it. */
static struct endpoint *
prepare(unsigned i, const char *text, const struct fake_step *steps,
    unsigned n)
{
	struct endpoint *e = &under[i];

	fake_init(&ends[i], "end", steps, n);
	ends[i].text = text;
	ends[i].text_len = text != NULL ? strlen(text) : 0;
	memset(e, 0, sizeof(*e));
	e->in.top = e->out.top = &ends[i].layer;
	e->in.ready = e->out.ready = true;
	e->in.name = e->out.name = "end";
	return e;
}

static void
unprepare(unsigned i)
{
	layer_close(under[i].in.top != NULL ? under[i].in.top :
	    under[i].out.top);
}

static void
on_ended(struct hub_member *m, int num)
{
	outcome[(struct hub_source *)m - src] = num;
}

static void
add(unsigned i, const char *text, const struct fake_step *steps, unsigned n,
    const char *tag)
{
	struct endpoint *e = prepare(i, text, steps, n);

	CHECK_INT(stage_input(e, filter_frame_encode(&lines, false)),
	    0);
	src[i] = (struct hub_source){ .m = { .in = &e->in,
	    .input_ended = on_ended }, .tag = tag,
	    .tag_len = tag != NULL ? strlen(tag) : 0 };
	hub_port_add(&port, &src[i]);
}

/* All that comes, in reads of this size; they take turns. */
static void
take_all(size_t room)
{
	unsigned i, idle = 0;

	while (idle < 100) {
		struct iovec iov = { .iov_base = out + outs, .iov_len = room };
		size_t n, was = outs;

		for (i = 0; i < MANY; i++)
			if (src[i].open && !src[i].m.in->ready) {
				src[i].m.in->ready = true;
				hub_wake(&src[i].m);
			}
		while (half_read(&ep.in, &iov, 1, &n) == IO_OK) {
			outs += n;
			iov.iov_base = out + outs;
		}
		idle = outs == was ? idle + 1 : 0;
	}
	out[outs] = '\0';
}

static void
open_port(void)
{
	rig_open();
	memset(src, 0, sizeof(src));
	hub_port_init(&port, &ep, HUB_BY_LINE, "the sources");
	outs = 0;
}

TEST(a_line_keeps_its_turn)
{
	static char big[BIG + 8];
	static struct fake_step pieces[100];
	char tag[2][4] = { "0 ", "1 " };
	size_t room, i, len, at;

	memset(big, 'x', BIG);
	(void)strcpy(big + BIG, "\nend");
	for (i = 0; i < LEN(pieces); i++)
		pieces[i] = i % 9 == 3 ? (struct fake_step)AGAIN :
		    (struct fake_step)N(i % 5 == 0 ? 7 : FAKE_FULL);
	for (room = 900; room < 70000; room = room * 3 + 1) {
		open_port();
		add(0, big, pieces, LEN(pieces), tag[0]);
		add(1, big, pieces, LEN(pieces), tag[1]);
		take_all(room);
		CHECK_INT(outs, 2 * (2 + BIG + 1 + 2 + 3 + 1));
		for (at = 0; at < outs; at += len) {
			len = strcspn(out + at, "\n") + 1;
			CHECK(len == 2 + BIG + 1 || len == 2 + 3 + 1);
		}
		CHECK_INT(outcome[0], 0);
		CHECK_INT(outcome[1], 0);
		rig_close();
		unprepare(0);
		unprepare(1);
	}
}

TEST(a_source_that_is_finished_gives_what_it_has)
{
	static const struct fake_step pieces[] = { FULL, AGAIN };
	struct iovec iov = { .iov_base = out, .iov_len = 2 };
	size_t n;

	open_port();
	add(0, "one\ntwo\nth", pieces, LEN(pieces), NULL);
	CHECK(half_read(&ep.in, &iov, 1, &n) == IO_OK && n == 2);
	outs = n;
	hub_merge_finish(&src[0]);
	CHECK_INT(outcome[0], -1);
	take_all(100);
	CHECK_STR(out, "one\ntwo\n");
	CHECK_INT(outcome[0], 0);
	rig_close();
	unprepare(0);
}

TEST(a_fault_is_told_after_the_lines_before)
{
	static const struct fake_step all[] = { FULL, AGAIN };

	lines.max = 5;
	open_port();
	add(0, "one\n123456", all, LEN(all), NULL);
	take_all(100);
	CHECK_STR(out, "one\n");
	CHECK_INT(outcome[0], EBADMSG);
	CHECK_STR(stage_fault(&under[0]),
	    "line 2 has more than 5 bytes (--max-frame)");
	rig_close();
	unprepare(0);
}

/* ---- Datagrams ---------------------------------------------------------- */

static void
on_broken(void *arg, const char *text)
{
	(void)arg;
	nbroken++;
	(void)snprintf(why, sizeof(why), "%s", text);
}

TEST(what_is_no_message_is_dropped)
{
	/* Of which text each takes so much. */
	static const struct fake_step grams[] = { N(17), N(0), N(9), N(8),
	    N(300), AGAIN };
	static const char text[] = "000003:one000000:" "000003:on" "000001:x"
	    "000293:";
	static const char *const want[] = { "one\n\n", "", "x\n" };
	const struct unpack_options opt = { .rules = len6, .lf = true,
	    .broken = on_broken };
	char buf[100];
	struct iovec iov = { .iov_base = buf, .iov_len = 64 };
	struct endpoint *e;
	size_t i, n;

	rig_open();
	e = prepare(0, text, grams, LEN(grams));
	e->in.record = true;
	CHECK_INT(unpack_endpoint(e, &opt), 0);
	nbroken = 0;
	for (i = 0; i < 3; i++) {
		CHECK(half_read(&e->in, &iov, 1, &n) == IO_OK);
		buf[n] = '\0';
		CHECK_STR(buf, want[i]);
	}
	CHECK_INT(nbroken, 1);
	CHECK_STR(why, "broken frame: the end came after 2 of 3 bytes");
	CHECK(half_read(&e->in, &iov, 1, &n) == IO_AGAIN);
	CHECK_INT(nbroken, 2);
	rig_close();
	unprepare(0);
}

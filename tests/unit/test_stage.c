/*
 * Filters under endpoints, and what gathers from them: messages that are kept
 * until they are whole, and datagrams of messages.
 */
#include "frame/frame_filters.h"
#include "multi_client_rig.h"

#include "pump/stage.h"
#include "pump/unpack.h"

#define BIG	200000

static struct endpoint		under[MANY];
static struct gather		gather;
static struct gather_source	src[MANY];
static char			out[8 * BIG];
static size_t			outs;
static char			why[FRAME_WHY_MAX];
static unsigned			nbroken;

static const struct frame_rules len6 = { FRAME_LEN6, 999999 };

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
on_ended(void *arg, struct gather_source *s, int num)
{
	(void)arg;
	outcome[s - src] = num;
}

static void
add(unsigned i, const char *text, const struct fake_step *steps, unsigned n,
    const char *tag)
{
	struct endpoint *e = prepare(i, text, steps, n);

	CHECK_INT(stage_input(e, filter_frame_whole(&len6, true, false)), 0);
	src[i] = (struct gather_source){ .from = &e->in, .tag = tag,
	    .tag_len = tag != NULL ? strlen(tag) : 0, .ended = on_ended };
	gather_add(&gather, &src[i]);
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
			if (src[i].of != NULL && !src[i].from->ready) {
				src[i].from->ready = true;
				gather_wake(&src[i]);
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
open_gather(void)
{
	rig_open();
	memset(src, 0, sizeof(src));
	gather_init(&gather, &ep, GATHER_LINES, "the sources");
	outs = 0;
}

static void
a_message_keeps_its_turn(void)
{
	static char big[2 * BIG];
	static struct fake_step pieces[100];
	size_t room, i, at;
	char tag[2][4] = { "0 ", "1 " };

	at = (size_t)sprintf(big, "%06d:", BIG);
	for (i = 0; i < BIG; i++)
		big[at + i] = i % 100 == 99 ? '\n' : 'x';
	at += BIG;
	(void)sprintf(big + at, "000003:end");
	for (i = 0; i < LEN(pieces); i++)
		pieces[i] = i % 9 == 3 ? (struct fake_step)AGAIN :
		    (struct fake_step)N(i % 5 == 0 ? 7 : FAKE_FULL);
	for (room = 900; room < 70000; room = room * 3 + 1) {
		open_gather();
		add(0, big, pieces, LEN(pieces), tag[0]);
		add(1, big, pieces, LEN(pieces), tag[1]);
		take_all(room);
		CHECK_INT(outs, 2 * (BIG + BIG / 100 * 2 + 2 + 1 + 6));
		/* The lines of each are one behind the other. */
		for (i = at = 1; i < outs; i++)
			if (out[i - 1] == '\n' && out[i] != '\n')
				at += out[i] != (i > 102 ? out[i - 102] :
				    out[0]);
		CHECK(at < 12);
		CHECK_INT(outcome[0], 0);
		CHECK_INT(outcome[1], 0);
		rig_close();
		unprepare(0);
		unprepare(1);
	}
}

static void
a_source_that_is_finished_gives_what_is_whole(void)
{
	static const struct fake_step pieces[] = { FULL, AGAIN };
	char text[] = "000003:one000003:two000003:th";

	open_gather();
	add(0, text, pieces, LEN(pieces), NULL);
	{
		struct iovec iov = { .iov_base = out, .iov_len = 2 };
		size_t n;

		CHECK(half_read(&ep.in, &iov, 1, &n) == IO_OK && n == 2);
		outs = n;
	}
	gather_finish(&src[0]);
	CHECK_INT(outcome[0], -1);
	take_all(100);
	CHECK_STR(out, "one\ntwo\n");
	CHECK_INT(outcome[0], 0);
	rig_close();
	unprepare(0);
}

static void
a_fault_is_told_behind_what_came_before(void)
{
	static const struct fake_step all[] = { FULL, AGAIN };

	open_gather();
	add(0, "000003:one00x", all, LEN(all), NULL);
	take_all(100);
	CHECK_STR(out, "one\n");
	CHECK_INT(outcome[0], EBADMSG);
	CHECK_STR(stage_fault(&under[0]),
	    "broken frame: its length is not six digits and a colon");
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

static void
what_is_no_message_is_dropped(void)
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

int
main(void)
{
	unit_run("a message keeps its turn", a_message_keeps_its_turn);
	unit_run("a source that is finished gives what is whole",
	    a_source_that_is_finished_gives_what_is_whole);
	unit_run("a fault is told behind what came before",
	    a_fault_is_told_behind_what_came_before);
	unit_run("what is no message is dropped",
	    what_is_no_message_is_dropped);
	return unit_end();
}

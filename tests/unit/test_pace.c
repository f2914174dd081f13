/*
 * When a flow tries its source without a wait: only a producer that is faster
 * than the reader leads to that, and the first try in vain ends it.
 */
#include "pump/flow.h"
#include "unit.h"

static struct pace pace;

static void
fresh(void)
{
	pace = (struct pace){ 0 };
}

static void
moves(size_t n, unsigned times)
{
	while (times-- > 0)
		pace_moved(&pace, n);
}

/* How many short moves it takes until the next probe. */
static unsigned
moves_until_probe(void)
{
	unsigned n = 0;

	while (pace.state == PACE_WAIT && n < 5000) {
		moves(1, 1);
		n++;
	}
	return n;
}

TEST(a_run_of_short_moves_leads_to_a_probe)
{
	fresh();
	moves(1, PACE_RUN - 1);
	CHECK_INT(pace.state, PACE_WAIT);
	moves(PACE_SHORT - 1, 1);
	CHECK_INT(pace.state, PACE_PROBE);
}

TEST(a_long_move_begins_the_run_anew)
{
	fresh();
	moves(1, PACE_RUN - 1);
	moves(PACE_SHORT, 1);
	moves(1, PACE_RUN - 1);
	CHECK_INT(pace.state, PACE_WAIT);
	moves(1, 1);
	CHECK_INT(pace.state, PACE_PROBE);
}

TEST(a_turn_of_others_is_no_move)
{
	fresh();
	moves(1, PACE_RUN - 1);
	moves(0, 100);
	CHECK_INT(pace.state, PACE_WAIT);
	moves(1, 1);
	CHECK_INT(pace.state, PACE_PROBE);
}

TEST(tries_go_on_until_one_finds_nothing)
{
	fresh();
	moves(64, PACE_RUN + 1);
	CHECK_INT(pace.state, PACE_TRY);
	moves(1, PACE_TRIES - 1);
	moves((size_t)1 << 20, 3);
	moves(1, PACE_TRIES - 1);
	CHECK_INT(pace.state, PACE_TRY);
	moves(0, 1);
	CHECK_INT(pace.state, PACE_WAIT);
	CHECK_INT(moves_until_probe(), PACE_RUN);
}

static void
naps(void)
{
	fresh();
	moves(1, PACE_RUN + 1 + PACE_TRIES);
	CHECK_INT(pace.state, PACE_NAP);
}

TEST(short_tries_in_a_row_lead_to_naps)
{
	naps();
	moves(PACE_SHORT, 1);
	CHECK_INT(pace.state, PACE_NAP);
	moves(0, 1);
	CHECK_INT(pace.state, PACE_WAIT);
	CHECK_INT(moves_until_probe(), PACE_RUN);
}

TEST(a_producer_that_fills_the_pipe_in_a_nap_is_tried_at_once)
{
	naps();
	moves(PACE_MUCH - 1, 1);
	CHECK_INT(pace.state, PACE_NAP);
	moves(PACE_MUCH, 1);
	CHECK_INT(pace.state, PACE_TRY);
}

/* A producer that is no longer faster is not slowed down by naps for ever. */
TEST(now_and_then_naps_end)
{
	naps();
	moves(1, PACE_NAPS - 1);
	CHECK_INT(pace.state, PACE_NAP);
	moves(1, 1);
	CHECK_INT(pace.state, PACE_TRY);
	moves(1, PACE_TRIES);
	CHECK_INT(pace.state, PACE_NAP);
}

TEST(probes_in_vain_become_rare)
{
	unsigned i, last = 0, now;

	fresh();
	for (i = 0; i < 12; i++) {
		now = moves_until_probe();
		CHECK(now > last || now == PACE_RUN_MOST);
		last = now;
		moves(0, 1);
		CHECK_INT(pace.state, PACE_WAIT);
	}
	CHECK_INT(last, PACE_RUN_MOST);
	(void)moves_until_probe();
	moves(1, 1);
	CHECK_INT(pace.state, PACE_TRY);
	moves(0, 1);
	CHECK_INT(moves_until_probe(), PACE_RUN);
}

TEST(a_conversation_never_leads_to_a_probe)
{
	unsigned i;

	fresh();
	for (i = 0; i < 100000; i++) {
		moves(1, 1);
		pace_answered(&pace);
	}
	CHECK_INT(pace.state, PACE_WAIT);
	/* What comes more often than answers is no conversation. */
	for (i = 0; i < PACE_RUN; i++) {
		moves(1, 2);
		pace_answered(&pace);
	}
	CHECK(pace.state != PACE_WAIT);
}

TEST(a_full_sink_is_waited_for)
{
	fresh();
	moves(1, PACE_RUN);
	pace_stopped(&pace);
	CHECK_INT(pace.state, PACE_WAIT);
	moves(1, PACE_RUN + 1);
	CHECK_INT(pace.state, PACE_TRY);
	pace_stopped(&pace);
	CHECK_INT(pace.state, PACE_WAIT);
	CHECK_INT(moves_until_probe(), PACE_RUN);
	naps();
	pace_stopped(&pace);
	CHECK_INT(pace.state, PACE_WAIT);
}

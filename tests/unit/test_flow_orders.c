/*
 * The flow: every order of short counts, waits, ends and errors.
 */
#include "flow_rig.h"

static const struct fake_step read_words[] = { N(1), N(3), FULL, AGAIN };
static const struct fake_step read_ends[] = { END, ERR(ECONNRESET) };
static const struct fake_step write_words[] = { N(1), FULL, AGAIN };
static const struct fake_step write_ends[] = { FULL, ERR(EPIPE), END };
static const struct fake_step shut_again[] = { AGAIN, FULL };
static const struct fake_step shut_fails[] = { ERR(EIO) };

/* One script of an enumeration: so many words, and an end. */
struct sentence {
	struct fake_step	s[8];
	unsigned		n;
};

static unsigned
power(unsigned base, unsigned exp)
{
	unsigned p = 1;

	while (exp-- > 0)
		p *= base;
	return p;
}

/* How many sentences there are with at most max words. */
static unsigned
sentences(unsigned words, unsigned ends, unsigned max)
{
	unsigned n = 0, i;

	for (i = 0; i <= max; i++)
		n += power(words, i);
	return n * ends;
}

static void
say(struct sentence *out, unsigned which, const struct fake_step *words,
    unsigned nwords, const struct fake_step *ends, unsigned nends)
{
	unsigned len = 0;

	out->n = 0;
	out->s[7] = ends[which % nends];
	for (which /= nends; which >= power(nwords, len); len++)
		which -= power(nwords, len);
	for (; len > 0; len--, which /= nwords)
		out->s[out->n++] = words[which % nwords];
	out->s[out->n] = out->s[7];
	out->n++;
}

static void
print_script(const char *name, const struct fake_script *s)
{
	unsigned i;

	printf("%s:", name);
	for (i = 0; i < s->n; i++)
		switch (s->steps[i].what) {
		case FAKE_SOME:
			printf(" %zu", s->steps[i].n);
			break;
		case FAKE_AGAIN:
			printf(" AGAIN");
			break;
		case FAKE_EOF:
			printf(" EOF");
			break;
		case FAKE_ERR:
			printf(" ERR(%d)", s->steps[i].num);
			break;
		}
	printf("\n");
}

/* What must be true once it is over. */
static const char *
verdict(void)
{
	const struct ledger *l = &flow.ledger;
	bool sink_failed = dst.failed;

	if (flow.filter == NULL && !is_prefix())
		return "the sink gets the source's bytes in their order";
	if (l->written + l->lost != l->made)
		return "in the end written + lost = made";
	if (!sink_failed && l->lost != 0)
		return "nothing is lost unless the sink fails";
	if (!sink_failed && !src.ended && !src.failed)
		return "the source is read to its end";
	if (src.failed && flow.read_errno != ECONNRESET)
		return "a source's error is remembered";
	if (sink_failed && flow.write_errno != EPIPE)
		return "a sink's error is remembered";
	if (!sink_failed && dst.shut != flow.half_close)
		return "the sink is shut in the end, if it may be";
	if (sink_failed ? flow.cause == FLOW_GOING :
	    flow.cause != (src.failed ? FLOW_READ_FAILED : FLOW_EOF))
		return "the cause tells what happened";
	return NULL;
}

/* The ways in which a flow can differ, one bit each. */
enum { WITH_CRLF = 1, KEEP_READING = 2, NO_SHUT = 4, VARIANTS = 8 };

static bool
one_order(unsigned r, unsigned w, unsigned shut, unsigned variant)
{
	struct flow_options opt = plain;
	struct sentence rs, ws;
	const char *law;

	say(&rs, r, read_words, LEN(read_words), read_ends, LEN(read_ends));
	say(&ws, w, write_words, LEN(write_words), write_ends,
	    LEN(write_ends));
	if (variant & WITH_CRLF)
		opt.filter = filter_crlf();
	set_up(rs.s, rs.n, ws.s, ws.n, &opt, 8);
	dst.shuts.steps = shut == 1 ? shut_again : shut_fails;
	dst.shuts.n = shut == 0 ? 0 : 3 - shut;
	flow.keep_reading = (variant & KEEP_READING) != 0;
	flow.half_close = (variant & NO_SHUT) == 0;
	law = fake_run(&flow, &src, &dst);
	if (law == NULL)
		law = verdict();
	flow_free(&flow);
	if (law == NULL)
		return true;
	unit_bad = true;
	printf("broken (shut %u, variant %u): %s\n", shut, variant, law);
	print_script("source", &src.script);
	print_script("sink", &dst.script);
	return false;
}

static void
orders(unsigned len, unsigned variant)
{
	unsigned nr = sentences(LEN(read_words), LEN(read_ends), len);
	unsigned nw = sentences(LEN(write_words), LEN(write_ends), len);
	unsigned r, w;

	for (r = 0; r < nr; r++)
		for (w = 0; w < nw; w++)
			if (!one_order(r, w, (r + w) % 3, variant))
				return;
}

TEST(every_order_of_short_counts_waits_ends_and_errors_keeps_the_laws)
{
	orders(5, 0);
}

TEST(so_it_is_with_filters_discarding_and_sinks_left_open)
{
	unsigned variant;

	for (variant = 1; variant < VARIANTS && !unit_bad; variant++)
		orders(3, variant);
}

TEST(a_shut_may_take_turns_or_fail)
{
	unsigned r, w, shut;

	for (shut = 0; shut < 3; shut++)
		for (r = 0; r < sentences(4, 2, 2); r++)
			for (w = 0; w < sentences(3, 3, 2); w++)
				if (!one_order(r, w, shut, 0))
					return;
}

/*
 * Framing. Oracles: what is encoded and decoded again is what it was,
 * however both were cut and whatever room there was; arbitrary bytes come
 * to the same in one piece and in many, and never to more than the limit.
 */
#include <string.h>

#include "../unit/frame_rig.h"
#include "frame/frame.h"
#include "fuzz.h"

#define TEXT_MAX	((size_t)4096)

static struct got	wire, back, other;

/* As many cuts as the tape has left to give; in order. */
static size_t
cuts_of(struct tape *t, size_t n, size_t cuts[64])
{
	size_t i, at = 0, many = tape_upto(t, 63);

	for (i = 0; i < many; i++) {
		at += tape_upto(t, n - at < UINT8_MAX ? n - at : UINT8_MAX);
		cuts[i] = at;
	}
	return many;
}

static void
through(struct got *g, struct filter *f, const void *in, size_t n,
    struct tape *t, size_t ring)
{
	size_t cuts[64], many = cuts_of(t, n, cuts);
	bool alone = (tape_byte(t) & 1) != 0;

	got_cut(g, f, in, n, cuts, many, alone, ring);
}

/* The lines of the text, each with an LF behind it. */
static size_t
with_last_lf(const uint8_t *text, size_t n, unsigned char *out)
{
	if (n > 0)
		memcpy(out, text, n);
	if (n > 0 && text[n - 1] != '\n')
		out[n++] = '\n';
	return n;
}

static bool
has_longer_line(const unsigned char *text, size_t n, uint64_t max)
{
	uint64_t run = 0;

	for (size_t i = 0; i < n; i++) {
		run = text[i] == '\n' ? 0 : run + 1;
		if (run > max)
			return true;
	}
	return false;
}

/* There and back again. */
static void
round_trip(const struct frame_rules *rules, bool all, const uint8_t *text,
    size_t n, struct tape *t)
{
	static unsigned char want[TEXT_MAX + 1];
	size_t len = n;
	bool too_long;

	if (all) {
		if (n > 0)
			memcpy(want, text, n);
		too_long = n > frame_limit(rules);
	} else {
		len = with_last_lf(text, n, want);
		too_long = has_longer_line(want, len, frame_limit(rules));
	}
	through(&wire, filter_frame_encode(rules, all), text, n, t,
	    1 + tape_upto(t, 40));
	FUZZ_CHECK((wire.why[0] != '\0') == too_long);
	through(&back, filter_frame_decode(rules, !all), wire.bytes, wire.n,
	    t, GOT_MAX);
	FUZZ_CHECK(back.why[0] == '\0');
	FUZZ_CHECK(too_long ? back.n < len : back.n == len);
	FUZZ_CHECK(memcmp(back.bytes, want, back.n) == 0);
	/* What was sent before is whole messages. */
	FUZZ_CHECK(all || back.n == 0 || back.bytes[back.n - 1] == '\n');
}

/* A filter that only looks finds the same. */
static void
check(const struct frame_rules *rules, const uint8_t *text, size_t n,
    struct tape *t)
{
	through(&other, filter_frame_check(rules), text, n, t, GOT_MAX);
	FUZZ_CHECK(got_is(&other, text, other.n, back.why));
	FUZZ_CHECK(other.n <= n && (back.why[0] != '\0' || other.n == n));
}

/* The same events, wherever the bytes are cut; none above the limit. */
static void
arbitrary(const struct frame_rules *rules, bool lf, const uint8_t *text,
    size_t n, struct tape *t)
{
	struct frame_reader reader;
	struct frame_piece piece = { .end = true };
	size_t used, len = 0;

	got_cut(&back, filter_frame_decode(rules, lf), text, n, NULL, 0,
	    false, GOT_MAX);
	through(&other, filter_frame_decode(rules, lf), text, n, t, GOT_MAX);
	FUZZ_CHECK(got_is(&other, back.bytes, back.n, back.why));
	FUZZ_CHECK(back.n <= n + 1);
	check(rules, text, n, t);
	frame_reader_init(&reader, rules);
	for (; n > 0 && reader.fault == FRAME_SOUND; text += used, n -= used) {
		len = piece.end ? 0 : len;
		used = frame_read(&reader, text, n, &piece);
		FUZZ_CHECK(used == piece.head + piece.body + piece.tail);
		FUZZ_CHECK(used == n || (used < n && (piece.end ||
		    reader.fault != FRAME_SOUND)));
		len += piece.body;
		FUZZ_CHECK(len <= rules->max);
		FUZZ_CHECK(frame_reader_held(&reader) <= FRAME_HEAD_MAX);
	}
	FUZZ_CHECK(frame_read_end(&reader) ==
	    (back.why[0] == '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	unsigned how = tape_byte(&t);
	struct frame_rules rules = {
		.format = (enum frame_format)(1 + how % 5),
		.max = 1 + tape_upto(&t, 300)
	};
	bool all = (how & 64) != 0 && rules.format != FRAME_LINE;
	const uint8_t *text = t.next;
	size_t n = (size_t)(t.end - t.next);

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	/* The cuts are made from the text's own end. */
	t.next = text + n / 2;
	if ((how & 128) != 0)
		arbitrary(&rules, all, text, n, &t);
	else
		round_trip(&rules, all, text, n, &t);
	return 0;
}

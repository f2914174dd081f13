/*
 * Messages on a stream: encoders, decoders, and that no split of the bytes
 * makes a difference.
 */
#include "unit.h"

#include "base/num.h"
#include "frame/frame.h"
#include "frame_rig.h"

#define MAX		64
#define RING		4096
#define LEN(a)		(sizeof(a) / sizeof((a)[0]))
/* A text with zeros in it, and its length. */
#define T(s)		(s), sizeof(s) - 1

static struct got	got;

struct kase {
	enum frame_format	format;
	bool			all;	/* lf, of a decoder */
	const char		*in;
	size_t			in_len;
	const char		*out;
	size_t			out_len;
	const char		*why;
};

static struct filter *
make(const struct kase *k, bool decoder, uint64_t max)
{
	const struct frame_rules rules = { k->format, max };

	return decoder ? filter_frame_decode(&rules, k->all) :
	    filter_frame_encode(&rules, k->all);
}

static void
check(const struct kase *k, const char *what)
{
	if (got_is(&got, k->out, k->out_len, k->why))
		return;
	printf("%s: format %d: \"%s\" came to %zu bytes: \"%.*s\" (%s)\n",
	    what, (int)k->format, k->in, got.n, (int)got.n, got.bytes,
	    got.why);
	unit_bad = true;
}

/* In one piece, in every three, byte by byte; through rings of any size. */
static void
every_split(const struct kase *k, bool decoder, uint64_t max)
{
	size_t a, b, cuts[MAX], end;

	for (end = 0; end < 2; end++) {
		for (a = 0; a <= k->in_len; a++)
			for (b = a; b <= k->in_len; b++) {
				cuts[0] = a;
				cuts[1] = b;
				got_cut(&got, make(k, decoder, max), k->in,
				    k->in_len, cuts, 2, end, RING);
				check(k, "in three");
			}
		for (a = 0; a < k->in_len; a++)
			cuts[a] = a;
		/* A decoder is only given what has room. */
		for (b = decoder ? 2 : 1; b < 24; b++) {
			got_cut(&got, make(k, decoder, max), k->in,
			    k->in_len, cuts, k->in_len, end, b);
			check(k, "byte by byte");
			if (decoder)
				continue;
			got_cut(&got, make(k, decoder, max), k->in,
			    k->in_len, cuts, 0, end, b);
			check(k, "through a small ring");
		}
	}
}

static const struct kase lines[] = {
	{ FRAME_LINE, false, T("one\n\ntwo"), T("one\n\ntwo\n"), "" },
	{ FRAME_LEN6, false, T("one\n\ntwo"),
	    T("000003:one000000:000003:two"), "" },
	{ FRAME_U16BE, false, T("one\n\ntwo"),
	    T("\0\3one\0\0\0\3two"), "" },
	{ FRAME_U32BE, false, T("one\n\ntwo\n"),
	    T("\0\0\0\3one\0\0\0\0\0\0\0\3two"), "" },
	{ FRAME_NETSTRING, false, T("one\n\nhello world!\n"),
	    T("3:one,0:,12:hello world!,"), "" },
	/* Any byte but LF. */
	{ FRAME_NETSTRING, false, T("\0\r,:\377\n"), T("5:\0\r,:\377,"), "" },
	{ FRAME_LEN6, false, T("\n"), T("000000:"), "" },
	{ FRAME_LEN6, false, T(""), T(""), "" },
	{ FRAME_LINE, false, T(""), T(""), "" }
};

static const struct kase wholes[] = {
	{ FRAME_LEN6, true, T("one\n\ntwo"), T("000008:one\n\ntwo"), "" },
	{ FRAME_U16BE, true, T("a\n"), T("\0\2a\n"), "" },
	{ FRAME_U32BE, true, T("\0\0\n"), T("\0\0\0\3\0\0\n"), "" },
	{ FRAME_NETSTRING, true, T("1:a,"), T("4:1:a,,"), "" },
	/* Nothing is a message, too. */
	{ FRAME_LEN6, true, T(""), T("000000:"), "" },
	{ FRAME_NETSTRING, true, T(""), T("0:,"), "" }
};

static const struct kase received[] = {
	{ FRAME_LINE, true, T("one\n\ntwo\n"), T("one\n\ntwo\n"), "" },
	{ FRAME_LINE, false, T("one\n\ntwo\n"), T("onetwo"), "" },
	{ FRAME_LEN6, true, T("000003:one000000:000003:t\no"),
	    T("one\n\nt\no\n"), "" },
	{ FRAME_LEN6, false, T("000003:one000000:000003:two"),
	    T("onetwo"), "" },
	{ FRAME_U16BE, true, T("\0\3one\0\0\0\3two"), T("one\n\ntwo\n"), "" },
	{ FRAME_U32BE, true, T("\0\0\0\3one\0\0\0\0\0\0\0\1\0"),
	    T("one\n\n\0\n"), "" },
	{ FRAME_NETSTRING, true, T("3:one,0:,10:0123456789,"),
	    T("one\n\n0123456789\n"), "" },
	{ FRAME_NETSTRING, false, T("2:,:,0:,1:0,"), T(",:0"), "" },
	{ FRAME_U16BE, true, T(""), T(""), "" },
	{ FRAME_LINE, true, T(""), T(""), "" }
};

TEST(each_line_becomes_a_message_however_it_is_cut)
{
	for (size_t i = 0; i < LEN(lines); i++)
		every_split(&lines[i], false, MAX);
}

TEST(all_of_the_input_becomes_one_message)
{
	for (size_t i = 0; i < LEN(wholes); i++)
		every_split(&wholes[i], false, MAX);
}

TEST(each_message_comes_out_however_it_is_cut)
{
	for (size_t i = 0; i < LEN(received); i++)
		every_split(&received[i], true, MAX);
}

#define LEN6_BAD	"broken frame: its length is not six digits and a colon"
#define NET_BAD		"broken frame: its length is not a number and a colon"
#define ZERO_BAD	"broken frame: its length begins with a zero"
#define COMMA_BAD	"broken frame: no comma stands behind it"
#define LONG_BAD	"broken frame: a message of more than 8 bytes " \
			"(--max-frame)"
#define LINE_BAD	"broken frame: a line of more than 8 bytes " \
			"(--max-frame)"

static const struct kase hostile[] = {
	{ FRAME_LEN6, true, T("000001:x00001:y"), T("x\n"), LEN6_BAD },
	{ FRAME_LEN6, true, T(" 00001:x"), T(""), LEN6_BAD },
	{ FRAME_LEN6, true, T("+00001:x"), T(""), LEN6_BAD },
	{ FRAME_LEN6, true, T("0000001:x"), T(""), LEN6_BAD },
	{ FRAME_LEN6, true, T("000001:x\n"), T("x\n"), LEN6_BAD },
	{ FRAME_LEN6, true, T("000009:"), T(""), LONG_BAD },
	{ FRAME_LEN6, true, T("999999:abc"), T(""), LONG_BAD },
	{ FRAME_U16BE, true, T("\0\1x\0\11y"), T("x\n"), LONG_BAD },
	{ FRAME_U16BE, true, T("\377\377"), T(""), LONG_BAD },
	{ FRAME_U32BE, true, T("\0\0\0\1x\377\377\377\377"), T("x\n"),
	    LONG_BAD },
	{ FRAME_U32BE, true, T("\200\0\0\1"), T(""), LONG_BAD },
	{ FRAME_U32BE, true, T("GET / HTTP/1.0\r\n"), T(""), LONG_BAD },
	{ FRAME_NETSTRING, true, T("1:x,9:"), T("x\n"), LONG_BAD },
	{ FRAME_NETSTRING, true, T("9"), T(""), LONG_BAD },
	{ FRAME_NETSTRING, true, T("99999999999999999999999999:x"), T(""),
	    LONG_BAD },
	{ FRAME_NETSTRING, true, T("18446744073709551617:x,"), T(""),
	    LONG_BAD },
	{ FRAME_NETSTRING, true, T("01:x,"), T(""), ZERO_BAD },
	{ FRAME_NETSTRING, true, T("00:,"), T(""), ZERO_BAD },
	{ FRAME_NETSTRING, true, T(":x,"), T(""), NET_BAD },
	{ FRAME_NETSTRING, true, T("-1:x,"), T(""), NET_BAD },
	{ FRAME_NETSTRING, true, T(" 1:x,"), T(""), NET_BAD },
	{ FRAME_NETSTRING, true, T("1;x,"), T(""), NET_BAD },
	{ FRAME_NETSTRING, true, T("1:xy,"), T("x"), COMMA_BAD },
	{ FRAME_NETSTRING, false, T("1:x,1:y\n"), T("xy"), COMMA_BAD },
	{ FRAME_LINE, true, T("ok\n123456789\n"), T("ok\n12345678"),
	    LINE_BAD },
	{ FRAME_LINE, true, T("12345678\n"), T("12345678\n"), "" },
	{ FRAME_U16BE, true, T("\0\01012345678"), T("12345678\n"), "" },
	{ FRAME_NETSTRING, true, T("8:12345678,"), T("12345678\n"), "" }
};

TEST(lengths_without_sense_are_told_behind_what_came_before)
{
	for (size_t i = 0; i < LEN(hostile); i++)
		every_split(&hostile[i], true, 8);
}

#define SENT_LONG(n)	"line " n " has more than 8 bytes (--max-frame)"
#define SENT_ALL	"more than 8 bytes for one message (--max-frame)"

static const struct kase too_long[] = {
	{ FRAME_LEN6, false, T("ok\n12345678\n123456789\nno\n"),
	    T("000002:ok000008:12345678"), SENT_LONG("3") },
	{ FRAME_U16BE, false, T("123456789"), T(""), SENT_LONG("1") },
	{ FRAME_LINE, false, T("\n123456789"), T("\n"), SENT_LONG("2") },
	{ FRAME_NETSTRING, false, T("a\n12345678"), T("1:a,8:12345678,"),
	    "" },
	{ FRAME_LEN6, true, T("1\n3456789"), T(""), SENT_ALL },
	{ FRAME_LEN6, true, T("1\n345678"), T("000008:1\n345678"), "" }
};

TEST(what_is_above_the_limit_is_not_sent_what_came_before_is)
{
	for (size_t i = 0; i < LEN(too_long); i++)
		every_split(&too_long[i], false, 8);
}

/* Where a message ends is the only place for an end. */
TEST(an_end_within_a_message_is_told_at_every_place)
{
	static const struct kase ends[] = {
		{ FRAME_LINE, true, T("ab\n\nc\n"), NULL, 0, NULL },
		{ FRAME_LEN6, true, T("000002:ab000000:000001:c"),
		    NULL, 0, NULL },
		{ FRAME_U16BE, true, T("\0\2ab\0\0\0\1c"), NULL, 0, NULL },
		{ FRAME_U32BE, true, T("\0\0\0\2ab\0\0\0\0\0\0\0\1c"),
		    NULL, 0, NULL },
		{ FRAME_NETSTRING, true, T("2:ab,0:,1:c,"), NULL, 0, NULL }
	};
	static const size_t good[][4] = {
		{ 0, 3, 4, 6 }, { 0, 9, 16, 24 }, { 0, 4, 6, 9 },
		{ 0, 6, 10, 15 }, { 0, 5, 8, 12 }
	};
	static const char out[] = "ab\n\nc\n";
	static const size_t whole[] = { 0, 3, 4, 6 };
	size_t i, j, n;

	for (i = 0; i < LEN(ends); i++)
		for (n = 0; n <= ends[i].in_len; n++) {
			for (j = 3; good[i][j] > n; j--)
				continue;
			got_cut(&got, make(&ends[i], true, MAX), ends[i].in,
			    n, NULL, 0, n & 1, RING);
			CHECK((got.why[0] == '\0') == (good[i][j] == n));
			CHECK(got.n >= whole[j]);
			CHECK(memcmp(got.bytes, out, got.n) == 0);
			/* No LF is made up for a part of a message. */
			CHECK(got.n == whole[j] || out[got.n - 1] != '\n');
		}
}

TEST(the_end_tells_where_it_came)
{
	static const struct kase ends[] = {
		{ FRAME_LEN6, true, T("00"), T(""),
		    "broken frame: the end came within its length" },
		{ FRAME_U32BE, true, T("\0\0\0\7abc"), T("abc"),
		    "broken frame: the end came after 3 of 7 bytes" },
		{ FRAME_LEN6, true, T("000001:"), T(""),
		    "broken frame: the end came after 0 of 1 bytes" },
		{ FRAME_NETSTRING, true, T("3:abc"), T("abc"),
		    "broken frame: the end came before its comma" },
		{ FRAME_LINE, true, T("a\nabc"), T("a\nabc"),
		    "broken frame: the end came within a line" }
	};

	for (size_t i = 0; i < LEN(ends); i++)
		every_split(&ends[i], true, MAX);
}

TEST(limits_are_what_a_length_can_tell)
{
	static const struct { enum frame_format f; uint64_t most; } t[] = {
		{ FRAME_LEN6, 999999 }, { FRAME_U16BE, 65535 },
		{ FRAME_U32BE, 4294967295 }, { FRAME_NETSTRING, 4294967295 },
		{ FRAME_LINE, 4294967295 }
	};
	unsigned char head[FRAME_HEAD_MAX];
	struct frame_rules rules;

	for (size_t i = 0; i < LEN(t); i++) {
		rules = (struct frame_rules){ t[i].f, UINT64_MAX };
		CHECK_INT(frame_limit(&rules), t[i].most);
		rules.max = 7;
		CHECK_INT(frame_limit(&rules), 7);
	}
	CHECK_INT(frame_head(FRAME_LEN6, 999999, head), 7);
	CHECK(memcmp(head, "999999:", 7) == 0);
	CHECK_INT(frame_head(FRAME_NETSTRING, 4294967295, head), 11);
	CHECK(memcmp(head, "4294967295:", 11) == 0);
	CHECK_INT(frame_head(FRAME_U16BE, 0xfedc, head), 2);
	CHECK(memcmp(head, "\xfe\xdc", 2) == 0);
	CHECK_INT(frame_head(FRAME_U32BE, 0xfedcba98, head), 4);
	CHECK(memcmp(head, "\xfe\xdc\xba\x98", 4) == 0);
	CHECK_INT(frame_head(FRAME_LINE, 5, head), 0);
}

/* ---- What is held, and cut off ------------------------------------------ */

TEST(a_part_of_a_file_is_not_sent_as_a_whole)
{
	const struct frame_rules rules = { FRAME_LEN6, MAX };
	struct filter *f = filter_frame_encode(&rules, true);
	struct ring r;

	got.n = 0;
	ring_init(&r, RING);
	got_push(&got, f, "abc\nd", 5, false, &r);
	CHECK_INT(filter_held(f), 5);
	CHECK_INT(filter_cut(f, false), 5);
	CHECK_INT(filter_held(f), 0);
	got_push(&got, f, NULL, 0, true, &r);
	CHECK(got_is(&got, "", 0, ""));
	ring_free(&r);
	filter_free(f);
}

TEST(a_part_of_a_line_is_sent)
{
	const struct frame_rules rules = { FRAME_LEN6, MAX };
	struct filter *f = filter_frame_encode(&rules, false);
	struct ring r;

	got.n = 0;
	ring_init(&r, RING);
	got_push(&got, f, "a\nbc", 4, false, &r);
	CHECK_INT(filter_held(f), 2);
	CHECK_INT(filter_cut(f, true), 0);
	got_push(&got, f, NULL, 0, true, &r);
	CHECK(got_is(&got, T("000001:a000002:bc"), ""));
	CHECK_INT(filter_held(f), 0);
	ring_free(&r);
	filter_free(f);
}

TEST(who_stops_listening_does_not_blame_the_peer)
{
	const struct frame_rules rules = { FRAME_LEN6, MAX };
	struct filter *f = filter_frame_decode(&rules, true);
	struct ring r;

	got.n = 0;
	ring_init(&r, RING);
	got_push(&got, f, "000001:a0000", 12, false, &r);
	CHECK_INT(filter_held(f), 4);
	CHECK_INT(filter_cut(f, false), 4);
	CHECK_INT(filter_held(f), 0);
	got_push(&got, f, NULL, 0, true, &r);
	CHECK(got_is(&got, "a\n", 2, ""));
	ring_free(&r);
	filter_free(f);
}

/* What is held counts what would come out, while it comes out. */
TEST(what_is_held_goes_down_to_nothing)
{
	const struct frame_rules rules = { FRAME_NETSTRING, MAX };
	struct filter *f = filter_frame_encode(&rules, false);
	size_t left = 13;
	struct ring r;

	got.n = 0;
	ring_init(&r, 1);
	f->ops->push(f, (const unsigned char *)"0123456789\n", 11, false, &r);
	for (;;) {
		left -= ring_used(&r);
		got_take(&got, &r);
		if (!filter_more(f))
			break;
		/* The LF stays behind, until the message has gone. */
		CHECK_INT(filter_held(f), left + 1 + 1);
		f->ops->push(f, NULL, 0, false, &r);
	}
	CHECK_INT(filter_held(f), 0);
	CHECK(got_is(&got, T("10:0123456789,"), ""));
	ring_free(&r);
	filter_free(f);
}

/* ---- Line ends, and pauses ---------------------------------------------- */

static struct filter *
chained(const struct kase *k)
{
	const struct frame_rules rules = { k->format, MAX };

	return filter_chain(filter_crlf(),
	    filter_frame_encode(&rules, k->all));
}

TEST(line_ends_are_changed_before_they_are_framed)
{
	static const struct kase k[] = {
		{ FRAME_LINE, false, T("a\nb\r\n\nc"), T("a\r\nb\r\n\r\nc\n"),
		    "" },
		{ FRAME_LEN6, true, T("a\nb\r\nc"), T("000007:a\r\nb\r\nc"),
		    "" },
		{ FRAME_LEN6, true, T(""), T("000000:"), "" }
	};
	size_t i, a, b, end, cuts[2];

	for (i = 0; i < LEN(k); i++)
		for (a = 0; a <= k[i].in_len; a++)
			for (b = a; b <= k[i].in_len; b++)
				for (end = 0; end < 2; end++) {
					cuts[0] = a;
					cuts[1] = b;
					got_cut(&got, chained(&k[i]), k[i].in,
					    k[i].in_len, cuts, 2, end,
					    3 + a);
					check(&k[i], "chained");
				}
	CHECK(filter_chain(NULL, filter_crlf()) == NULL);
	CHECK(filter_chain(filter_crlf(), NULL) == NULL);
}

TEST(a_chain_takes_more_than_a_piece)
{
	static char in[10000];
	const struct frame_rules rules = { FRAME_U16BE, 65535 };
	struct filter *f = filter_chain(filter_crlf(),
	    filter_frame_encode(&rules, true));

	memset(in, '\n', sizeof(in));
	CHECK_INT(f->ops->growth, 2);
	got_cut(&got, f, in, sizeof(in), NULL, 0, false, 100);
	CHECK_INT(got.n, 20002);
	CHECK(memcmp(got.bytes, "\x4e\x20\r\n\r\n", 6) == 0);
	CHECK(memcmp(got.bytes + 19998, "\r\n\r\n", 4) == 0);
}

/* The ring holds a part of the wire at a time; the sink takes some of that. */
TEST(pauses_stand_between_messages)
{
	static const char wire[] = "000003:a\nb000000:000010:0123456789";
	const struct frame_rules rules = { FRAME_LEN6, MAX };
	static const size_t ends[] = { 10, 17, 34 };
	size_t ring, most, at, gone, i, n;
	int64_t now, when;
	struct gate *g;
	struct ring r;

	for (ring = 1; ring < 40; ring++)
		for (most = 1; most < 40; most++) {
			g = gate_delay_frames(NSEC_PER_SEC, &rules, false);
			ring_init(&r, ring);
			at = gone = i = 0;
			now = 1;
			while (gone < sizeof(wire) - 1) {
				n = sizeof(wire) - 1 - at;
				n = n < ring_room(&r) ? n : ring_room(&r);
				ring_append(&r, (const unsigned char *)wire +
				    at, n);
				at += n;
				n = g->ops->allow(g, &r, now, &when);
				if (n == 0) {
					CHECK_INT(gone, ends[i++]);
					CHECK_INT(when, now + NSEC_PER_SEC);
					now = when;
					continue;
				}
				CHECK(gone + n <= ends[i]);
				n = n < most ? n : most;
				g->ops->passed(g, &r, n, now);
				ring_take(&r, n);
				gone += n;
			}
			CHECK_INT(i, 2);
			ring_free(&r);
			gate_free(g);
		}
}

/* ---- Decoders of one peer after the other -------------------------------- */

static void
push_one(struct filter *f, const char *text, bool last)
{
	struct ring r;

	ring_init(&r, 64);
	got_push(&got, f, text, strlen(text), last, &r);
	ring_free(&r);
}

static struct filter *
joined(bool lf, bool *broken)
{
	const struct frame_rules rules = { FRAME_LINE, 100 };
	struct filter *f = filter_frame_decode(&rules, lf);

	frame_decode_joins(f, broken);
	return f;
}

TEST(a_message_that_broke_off_has_a_line_of_its_own)
{
	bool broken = false;
	struct filter *f;

	got.n = 0;
	push_one(f = joined(true, &broken), "one\ntw", true);
	filter_free(f);
	CHECK(broken);
	/* A peer that sends nothing does not end it. */
	push_one(f = joined(true, &broken), "", true);
	filter_free(f);
	CHECK(broken);
	push_one(f = joined(true, &broken), "three\n", true);
	filter_free(f);
	CHECK(!broken);
	CHECK(got_is(&got, "one\ntw\nthree\n", 13, ""));
	got.n = 0;
	push_one(f = joined(false, &broken), "tw", true);
	filter_free(f);
	push_one(f = joined(false, &broken), "three\n", true);
	filter_free(f);
	CHECK(got_is(&got, "twthree", 7, ""));
}

TEST(a_datagram_holds_whole_messages)
{
	const struct frame_rules rules = { FRAME_LEN6, 100 };
	struct filter *f = filter_frame_decode(&rules, true);

	frame_decode_datagrams(f);
	got.n = 0;
	push_one(f, "000003:one000000:", false);
	push_one(f, "", false);
	push_one(f, "000001:x", false);
	CHECK(got_is(&got, "one\n\nx\n", 7, ""));
	push_one(f, "000003:tw", false);
	CHECK(got_is(&got, "one\n\nx\ntw", 9,
	    "broken frame: the end came after 2 of 3 bytes"));
	filter_free(f);
}

/* ---- Only checked ----------------------------------------------------- */

TEST(a_check_passes_what_is_sound)
{
	static const char in[] = "000003:one000000:00x";
	const struct frame_rules rules = { FRAME_LEN6, 100 };
	size_t cut;

	for (cut = 0; cut < sizeof(in); cut++) {
		got_cut(&got, filter_frame_check(&rules), in, 17, &cut,
		    cut <= 17, false, 32);
		CHECK(got_is(&got, in, 17, ""));
		got_cut(&got, filter_frame_check(&rules), in, sizeof(in) - 1,
		    &cut, cut < sizeof(in) - 1, true, 32);
		CHECK(got.n >= 17 && got.n < sizeof(in) - 1 &&
		    memcmp(got.bytes, in, got.n) == 0);
		CHECK_STR(got.why, "broken frame: its length is not six "
		    "digits and a colon");
	}
	got_cut(&got, filter_frame_check(&rules), in, 9, NULL, 0, true, 32);
	CHECK(got_is(&got, in, 9,
	    "broken frame: the end came after 2 of 3 bytes"));
}

/* ---- Lines as they are --------------------------------------------------- */

/* For several inputs: the last line of a file needs no end. */
TEST(lines_stay_whole_and_have_numbers)
{
	const struct frame_rules rules = { FRAME_LINE, 5 };
	size_t end, cut;

	for (end = 0; end < 2; end++)
		for (cut = 0; cut <= 7; cut++) {
			got_cut(&got, filter_frame_encode(&rules, false),
			    T("one\ntwo"), &cut, 1, end, 2);
			CHECK(got_is(&got, "one\ntwo\n", 8, ""));
			got_cut(&got, filter_frame_encode(&rules, false),
			    T("one\n123456"), &cut, 1, end, 2);
			CHECK(got_is(&got, "one\n", 4,
			    "line 2 has more than 5 bytes (--max-frame)"));
		}
}

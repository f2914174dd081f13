/*
 * Messages as wholes: nothing of one comes out before all of it is there,
 * wherever the bytes were cut.
 */
#include "frame/frame_filters.h"
#include "unit.h"

#include "frame/frame_whole.h"
#include "frame_rig.h"

#define RING	4096
#define T(s)	(s), sizeof(s) - 1

static struct got	got;

struct kase {
	enum frame_format	format;
	const char		*in;
	size_t			in_len;
	const char		*out;		/* each one and LF */
	size_t			out_len;
	const char		*why;
};

static const struct kase kases[] = {
	{ FRAME_LINE, T("one\n\ntwo\n"), T("one\n\ntwo\n"), "" },
	{ FRAME_LINE, T("one\ntw"), T("one\n"),
	    "broken frame: the end came within a line" },
	{ FRAME_LINE, T("one\n123456789\n"), T("one\n"),
	    "broken frame: a line of more than 8 bytes (--max-frame)" },
	{ FRAME_LEN6, T("000003:one000000:000003:tw\0"), T("one\n\ntw\0\n"),
	    "" },
	{ FRAME_LEN6, T("000003:one000x"), T("one\n"),
	    "broken frame: its length is not six digits and a colon" },
	{ FRAME_LEN6, T("000003:one000009:"), T("one\n"),
	    "broken frame: a message of more than 8 bytes (--max-frame)" },
	{ FRAME_LEN6, T("000003:one000005:tw"), T("one\n"),
	    "broken frame: the end came after 2 of 5 bytes" },
	{ FRAME_U16BE, T("\0\3one\0\0\0\1x"), T("one\n\nx\n"), "" },
	{ FRAME_U32BE, T("\0\0\0\3one\0\0"), T("one\n"),
	    "broken frame: the end came within its length" },
	{ FRAME_NETSTRING, T("3:one,0:,1:x,"), T("one\n\nx\n"), "" },
	{ FRAME_NETSTRING, T("3:one,3:two;"), T("one\n"),
	    "broken frame: no comma stands behind it" },
	{ FRAME_NETSTRING, T(""), T(""), "" }
};

#define KASES	(sizeof(kases) / sizeof(kases[0]))

static void
check(const struct kase *k)
{
	if (got_is(&got, k->out, k->out_len, k->why))
		return;
	printf("\"%s\" came to %zu bytes: \"%.*s\" (%s)\n", k->in, got.n,
	    (int)got.n, got.bytes, got.why);
	unit_bad = true;
}

static void
each_comes_out_however_it_is_cut(void)
{
	size_t i, a, b, cuts[2], ring;

	for (i = 0; i < KASES; i++)
		for (a = 0; a <= kases[i].in_len; a++)
			for (b = a; b <= kases[i].in_len; b++)
				for (ring = 1; ring < 8; ring++) {
					const struct frame_rules rules = {
						kases[i].format, 8 };

					cuts[0] = a;
					cuts[1] = b;
					got_cut(&got, filter_frame_whole(
					    &rules, true, false), kases[i].in,
					    kases[i].in_len, cuts, 2, ring & 1,
					    ring);
					check(&kases[i]);
				}
}

static void
nothing_comes_out_before_its_end(void)
{
	const struct frame_rules rules = { FRAME_LEN6, 100 };
	struct filter *f = filter_frame_whole(&rules, false, false);
	struct ring r;

	ring_init(&r, RING);
	got.n = 0;
	got_push(&got, f, T("000005:abcd"), false, &r);
	CHECK_INT(got.n, 0);
	CHECK_INT(f->ops->held(f), 11);
	got_push(&got, f, T("e000001:"), false, &r);
	CHECK(got_is(&got, "abcde", 5, ""));
	CHECK_INT(f->ops->held(f), 7);
	got_push(&got, f, T("x"), false, &r);
	CHECK(got_is(&got, "abcdex", 6, ""));
	CHECK_INT(f->ops->held(f), 0);
	/* What we stop listening to is no fault, and is counted. */
	got_push(&got, f, T("000005:ab"), false, &r);
	CHECK_INT(f->ops->cut(f, false), 9);
	got_push(&got, f, NULL, 0, true, &r);
	CHECK(got_is(&got, "abcdex", 6, ""));
	ring_free(&r);
	filter_free(f);
}

/* A file's last line needs no end, and its longest one has a number. */
static void
the_last_line_of_a_file_is_one(void)
{
	const struct frame_rules rules = { FRAME_LINE, 5 };
	size_t end, cut;

	for (end = 0; end < 2; end++)
		for (cut = 0; cut <= 7; cut++) {
			got_cut(&got, filter_frame_whole(&rules, true, true),
			    T("one\ntwo"), &cut, 1, end, 2);
			CHECK(got_is(&got, "one\ntwo\n", 8, ""));
			got_cut(&got, filter_frame_whole(&rules, true, true),
			    T("one\n123456"), &cut, 1, end, 2);
			CHECK(got_is(&got, "one\n", 4,
			    "line 2 has more than 5 bytes (--max-frame)"));
		}
}

static void
complete_frames_are_found_as_they_stand(void)
{
	static const char wire[] = "3:one,0:,2:tw";
	const struct frame_rules rules = { FRAME_NETSTRING, 100 };
	const unsigned char *at;
	struct frame_whole w;
	size_t cut;

	for (cut = 0; cut < sizeof(wire); cut++) {
		frame_whole_init(&w, &rules);
		CHECK(frame_whole_add(&w, (const unsigned char *)wire, cut));
		got.n = frame_whole_take(&w, &at);
		if (got.n > 0)
			memcpy(got.bytes, at, got.n);
		CHECK(frame_whole_add(&w, (const unsigned char *)wire + cut,
		    sizeof(wire) - 1 - cut));
		CHECK_INT(got.n + frame_whole_take(&w, &at), 9);
		CHECK_INT(frame_whole_rest(&w, &at), 4);
		CHECK(frame_whole_fault(&w) == NULL);
		frame_whole_end(&w);
		CHECK(frame_whole_fault(&w) != NULL);
		frame_whole_free(&w);
	}
}

/* A length is a promise; memory comes with the bytes. */
static void
memory_comes_with_the_bytes_and_goes_with_them(void)
{
	const struct frame_rules rules = { FRAME_U32BE, UINT32_MAX };
	const unsigned char *at;
	struct frame_whole w;

	frame_whole_init(&w, &rules);
	CHECK(frame_whole_add(&w, (const unsigned char *)"\377\0\0\0x", 5));
	CHECK_INT(frame_whole_take(&w, &at), 0);
	CHECK(w.size < 100);
	frame_whole_free(&w);
	frame_whole_init(&w, &rules);
	CHECK(frame_whole_add(&w, (const unsigned char *)"\0\0\0\1x", 5));
	CHECK_INT(frame_whole_take(&w, &at), 5);
	CHECK(frame_whole_add(&w, NULL, 0));
	CHECK(w.buf == NULL);
	frame_whole_free(&w);
}

/* ---- Decoders that stand behind one another ----------------------------- */

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

static void
a_message_that_broke_off_has_a_line_of_its_own(void)
{
	bool broken = false;
	struct filter *f;

	got.n = 0;
	push_one(f = joined(true, &broken), "one\ntw", true);
	filter_free(f);
	CHECK(broken);
	/* Nobody who says nothing ends it. */
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

static void
a_restart_begins_a_message(void)
{
	const struct frame_rules rules = { FRAME_LEN6, 100 };
	struct filter *f = filter_frame_decode(&rules, true);

	got.n = 0;
	push_one(f, "000005:ab", false);
	frame_decode_restart(f);
	frame_decode_restart(f);
	push_one(f, "000003:one0000", false);
	frame_decode_restart(f);
	push_one(f, "000003:two", true);
	CHECK(got_is(&got, "ab\none\ntwo\n", 11, ""));
	filter_free(f);
}

static void
a_datagram_holds_whole_messages(void)
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

/* ---- Only looked at ----------------------------------------------------- */

static void
a_check_passes_what_is_sound(void)
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

int
main(void)
{
	unit_run("each comes out, however it is cut",
	    each_comes_out_however_it_is_cut);
	unit_run("nothing comes out before its end",
	    nothing_comes_out_before_its_end);
	unit_run("the last line of a file is one",
	    the_last_line_of_a_file_is_one);
	unit_run("complete frames are found as they stand",
	    complete_frames_are_found_as_they_stand);
	unit_run("memory comes with the bytes, and goes with them",
	    memory_comes_with_the_bytes_and_goes_with_them);
	unit_run("a message that broke off has a line of its own",
	    a_message_that_broke_off_has_a_line_of_its_own);
	unit_run("a restart begins a message", a_restart_begins_a_message);
	unit_run("a datagram holds whole messages",
	    a_datagram_holds_whole_messages);
	unit_run("a check passes what is sound", a_check_passes_what_is_sound);
	return unit_end();
}

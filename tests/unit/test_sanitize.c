#include "filter/sanitize.h"
#include "filter_rig.h"

static const struct sanitize_options	plain, finishing = {
	.finish_line = true
};

/* All of it, pushed in pieces of this size; what came out. */
static const char *
shown(const struct sanitize_options *opt, const char *in, size_t n,
    size_t piece)
{
	struct filter	*f = filter_sanitize(opt);
	const char	*out = filter_text(f, in, n, piece, true);

	filter_free(f);
	return out;
}

static void
check(const char *in, const char *want)
{
	size_t	n = strlen(in), piece;

	for (piece = 1; piece <= n; piece++)
		CHECK_STR(shown(&plain, in, n, piece), want);
}

TEST(text_of_any_language_passes)
{
	check("hello\tworld\n", "hello\tworld\n");
	check("caf\xc3\xa9 \xe2\x82\xac \xe6\x97\xa5\xe6\x9c\xac "
	    "\xf0\x9f\x98\x80\n", "caf\xc3\xa9 \xe2\x82\xac "
	    "\xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80\n");
	/* A letter with a combining accent; an emoji that joins two. */
	check("e\xcc\x81 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\n",
	    "e\xcc\x81 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\n");
	check("C:\\033 \\ and *?[#\n", "C:\\033 \\ and *?[#\n");
}

TEST(control_characters_are_shown)
{
	check("\033[2J\n", "\\033[2J\n");
	check("\033]0;title\007\n", "\\033]0;title\\007\n");
	check("\033]52;c;aGk=\033\\\n", "\\033]52;c;aGk=\\033\\\n");
	check("\033Pq\033\\", "\\033Pq\\033\\");
	check("a\bb\177c\016", "a\\010b\\177c\\016");
	/* C1 as single bytes and as UTF-8. */
	check("\x9b""31m", "\\23331m");
	check("\xc2\x9b""31m", "\\302\\23331m");
}

TEST(only_a_CR_before_a_LF_goes_without_a_word)
{
	check("one\r\ntwo\r\n", "one\ntwo\n");
	check("good\rbad\n", "good\\015bad\n");
	check("a\r\r\n", "a\\015\n");
	check("end\r", "end\\015");
}

TEST(broken_UTF_8_is_shown_byte_by_byte)
{
	check("\xc0\xaf", "\\300\\257");		/* overlong */
	check("\xe0\x80\xaf", "\\340\\200\\257");
	check("\xf0\x80\x80\xaf", "\\360\\200\\200\\257");
	check("\xed\xa0\x80", "\\355\\240\\200");	/* a surrogate */
	check("\xf4\x90\x80\x80", "\\364\\220\\200\\200");
	check("\xff\xfe", "\\377\\376");
	check("\xe2\x82", "\\342\\202");		/* cut */
	check("\xe2\x82\n", "\\342\\202\n");
	check("\xe2\033[m", "\\342\\033[m");
	check("\xe2\xe2\x82\xac", "\\342\xe2\x82\xac");
}

TEST(what_moves_or_hides_text_is_shown)
{
	check("\xe2\x80\xae""evil", "\\342\\200\\256evil");	/* RLO */
	check("\xe2\x81\xa6x", "\\342\\201\\246x");		/* LRI */
	check("\xe2\x80\x8fx", "\\342\\200\\217x");		/* RLM */
	check("\xd8\x9cx", "\\330\\234x");			/* ALM */
	check("\xe2\x80\xa8x", "\\342\\200\\250x");	/* line separator */
	check("\xef\xbb\xbfx", "\\357\\273\\277x");		/* BOM */
	check("\xf3\xa0\x81\xa1", "\\363\\240\\201\\241");	/* a tag */
	check("\xc2\xad", "\\302\\255");		/* soft hyphen */
	check("\xcd\x8f", "\\315\\217");			/* CGJ */
	check("\xe1\x85\x9f", "\\341\\205\\237");	/* Hangul fillers */
	check("\xe1\x85\xa0", "\\341\\205\\240");
	check("\xe3\x85\xa4", "\\343\\205\\244");
	check("\xef\xbe\xa0", "\\357\\276\\240");
	check("\xe1\x9e\xb4", "\\341\\236\\264");	/* a Khmer vowel */
	check("\xe1\xa0\x8e", "\\341\\240\\216");	/* U+180E */
	check("\xe2\xa0\x80", "\\342\\240\\200");	/* Braille blank */
}

TEST(characters_for_private_use_are_shown)
{
	check("\xee\x80\x80x", "\\356\\200\\200x");
	check("\xef\xa3\xbfx", "\\357\\243\\277x");
	check("\xf4\x8f\xbf\xbd", "\\364\\217\\277\\275");
}

/* Adds a text n times. */
static void
add(char *to, const char *text, int n)
{
	while (n-- > 0)
		strcat(to, text);
}

TEST(few_marks_are_drawn_onto_a_character)
{
	char	in[512] = "a", want[512] = "a";

	add(in, "\xcc\x81", 11);
	add(want, "\xcc\x81", 8);
	add(want, "\\314\\201", 3);
	/* The next character has its own. */
	add(in, "b\xcc\x81\xc3\xa9\xcc\x81\n", 1);
	add(want, "b\xcc\x81\xc3\xa9\xcc\x81\n", 1);
	check(in, want);
}

TEST(few_characters_are_joined_to_one)
{
	char	in[512] = "", want[512] = "";

	add(in, "\xf0\x9f\x91\xa9\xe2\x80\x8d", 10);
	add(want, "\xf0\x9f\x91\xa9\xe2\x80\x8d", 8);
	add(want, "\xf0\x9f\x91\xa9\\342\\200\\215", 1);
	/* A new character begins after a joiner that does not join. */
	add(want, "\xf0\x9f\x91\xa9\xe2\x80\x8d", 1);
	check(in, want);
	in[0] = want[0] = '\0';
	add(in, "\xe2\x80\x8d", 9);
	add(want, "\xe2\x80\x8d", 8);
	add(want, "\\342\\200\\215", 1);
	check(in, want);
}

static void
say_who(void *arg, char buf[SANITIZE_PREFIX_MAX])
{
	int	*lines = arg;

	snprintf(buf, SANITIZE_PREFIX_MAX, "<%d> ", ++*lines);
}

TEST(each_line_begins_with_our_prefix)
{
	int			lines = 0;
	struct sanitize_options	opt = { .prefix = say_who, .arg = &lines,
	    .finish_line = true };
	static const char	in[] = "one\n\n<1> two\r\n\xe2\x80\xa8three";
	size_t			piece;

	for (piece = 1; piece < sizeof(in); piece++) {
		lines = 0;
		CHECK_STR(shown(&opt, in, sizeof(in) - 1, piece),
		    "<1> one\n<2> \n<3> <1> two\n"
		    "<4> \\342\\200\\250three\n");
	}
}

TEST(a_last_line_is_finished_if_asked)
{
	CHECK_STR(shown(&finishing, "one", 3, 3), "one\n");
	CHECK_STR(shown(&finishing, "one\n", 4, 4), "one\n");
	CHECK_STR(shown(&finishing, "", 0, 1), "");
	CHECK_STR(shown(&finishing, "a\xe2", 2, 2), "a\\342\n");
}

TEST(the_worst_input_never_outgrows_its_bounds)
{
	struct filter	*f = filter_sanitize(&plain);
	struct iovec	 iov[2];
	struct ring	 ring;
	unsigned char	 c;
	size_t		 before;
	int		 a, b;

	ring_init(&ring, 1 << 16);
	if (ring_space(&ring, iov, 1) == -1)
		abort();
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++) {
			before = ring_used(&ring);
			c = (unsigned char)a;
			f->ops->push(f, &c, 1, false, &ring);
			c = (unsigned char)b;
			f->ops->push(f, &c, 1, false, &ring);
			CHECK(ring_used(&ring) - before <= 2 * f->ops->growth);
			ring_take(&ring, ring_used(&ring));
		}
	ring_free(&ring);
	filter_free(f);
}

static bool
is_idle_after(const char *in)
{
	struct filter *f = filter_sanitize(&finishing);
	struct ring ring;
	bool idle;

	ring_init(&ring, 1024);
	f->ops->push(f, (const unsigned char *)in, strlen(in), false, &ring);
	idle = sanitize_is_idle(f);
	f->ops->push(f, NULL, 0, true, &ring);
	CHECK(sanitize_is_idle(f));
	ring_free(&ring);
	filter_free(f);
	return idle;
}

TEST(between_two_lines_nothing_is_kept)
{
	CHECK(is_idle_after(""));
	CHECK(is_idle_after("a line\n"));
	CHECK(is_idle_after("caf\xc3\xa9\r\n"));
	CHECK(is_idle_after("e\xcc\x81\n"));
	CHECK(!is_idle_after("a line\nand"));
	CHECK(!is_idle_after("a line\n\r"));
	CHECK(!is_idle_after("a line\n\xc3"));
	CHECK(!is_idle_after("\n\xcc\x81"));
}

TEST(a_name_is_cut_at_a_whole_character)
{
	char	buf[8];

	CHECK_STR(sanitize_text("Eva", buf, sizeof(buf)), "Eva");
	CHECK_STR(sanitize_text("a\tb\n", buf, sizeof(buf)), "a\\011b");
	CHECK_STR(sanitize_text("123456\xc3\xa9", buf, sizeof(buf)),
	    "123456");
	CHECK_STR(sanitize_text("\033[m", buf, sizeof(buf)), "\\033[m");
	CHECK_STR(sanitize_text("", buf, sizeof(buf)), "");
}

/*
 * Text that scrolls by, and the line being typed, as a terminal is sent them.
 */

#include "base/text.h"
#include "console/screen.h"
#include "console/typed.h"
#include "unit.h"

static struct buf	screen;

static const char *
sent(void)
{
	static char text[4096];

	(void)snprintf(text, sizeof(text), "%.*s", (int)screen.used,
	    buf_data(&screen));
	buf_take(&screen, screen.used);
	return text;
}

static const char *
scrolled(unsigned cols, const char *text)
{
	struct scroll s = { .screen = &screen, .cols = cols };

	scroll_text(&s, text, strlen(text));
	return sent();
}

TEST(lines_are_broken_into_rows_indented)
{
	CHECK_STR(scrolled(10, "0123456789\n"), "0123456789\r\n");
	CHECK_STR(scrolled(10, "0123456789ab\n"), "0123456789\r\n  ab\r\n");
	CHECK_STR(scrolled(10, "012345678\346\274\242\n"),
	    "012345678\r\n  \346\274\242\r\n");
	CHECK_STR(scrolled(0, "0123456789ab\n"), "0123456789ab\r\n");
	CHECK_STR(scrolled(10, "a\tb\tc\n"), "a       b \r\n  c\r\n");
	CHECK_STR(scrolled(4, "012345\n"), "0123\r\n45\r\n");
	CHECK_STR(scrolled(1, "\346\274\242a\n"), "\346\274\242\r\na\r\n");
}

static const char *
worded(unsigned cols, const char *text)
{
	struct scroll s = { .screen = &screen, .cols = cols };

	scroll_text(&s, "* ", 2);
	scroll_text(&s, text, strlen(text));
	scroll_text(&s, "\n", 1);
	return sent();
}

TEST(words_stay_whole)
{
	CHECK_STR(worded(0, "one two three"), "* one two three\r\n");
	CHECK_STR(worded(10, "one two three"), "* one two \r\n  three\r\n");
	CHECK_STR(worded(9, "one two three"), "* one two\r\n  three\r\n");
	CHECK_STR(worded(8, "one two three"),
	    "* one \r\n  two \r\n  three\r\n");
	/* What fits nowhere is broken where the row ends. */
	CHECK_STR(worded(8, "a 127.0.0.1"), "* a 127.\r\n  0.0.1\r\n");
	CHECK_STR(worded(8, "a  b"), "* a  b\r\n");
	/* A prefix with a colour, a tab, blanks in a row. */
	CHECK_STR(scrolled(12, "\033[36m<Bob>\033[m hello there\n"),
	    "\033[36m<Bob>\033[m hello \r\n  there\r\n");
	CHECK_STR(scrolled(12, "\033[36m<Bob>\033[m hello, \n"),
	    "\033[36m<Bob>\033[m hello,\r\n");
	CHECK_STR(scrolled(12, "a\tb cd ef\n"), "a       b cd\r\n  ef\r\n");
	CHECK_STR(scrolled(8, "aaaaaa      bb\n"), "aaaaaa  \r\n  bb\r\n");
	CHECK_STR(worded(6, "a \346\274\242\346\274\242"),
	    "* a \r\n  \346\274\242\346\274\242\r\n");
	/* Without room for an indentation a word may take all of the row. */
	CHECK_STR(scrolled(4, "a bcde\n"), "a \r\nbcde\r\n");
	CHECK_STR(scrolled(3, "ab cd\n"), "ab \r\ncd\r\n");
}

TEST(a_blank_below_a_mark_is_not_dropped)
{
	CHECK_STR(scrolled(6, "abcdef \314\201\n"),
	    "abcdef\r\n   \314\201\r\n");
	CHECK_STR(scrolled(5, "ab cd \314\201\n"),
	    "ab \r\n  cd \314\201\r\n");
}

TEST(colours_take_no_room)
{
	CHECK_STR(scrolled(5, "\033[1;31mabcde\033[m\n"),
	    "\033[1;31mabcde\033[m\r\n");
}

TEST(an_interrupted_line_goes_on_indented)
{
	struct scroll s = { .screen = &screen, .cols = 20 };

	scroll_text(&s, "abc", 3);
	CHECK(s.open);
	scroll_interrupt(&s);
	CHECK(!s.open);
	scroll_text(&s, "* def\n", 6);
	CHECK_STR(sent(), "abc\r\n  * def\r\n");
	scroll_text(&s, "abc", 3);
	scroll_interrupt(&s);
	scroll_text(&s, "\n", 1);
	scroll_text(&s, "next\n", 5);
	CHECK_STR(sent(), "abc\r\nnext\r\n");
}

/* The terminal's side of it, as far as it goes: rows of columns. */
struct glass {
	char		 cell[12][32];
	unsigned	 cols, row, col;
};

static void
glass_put(struct glass *g, char c)
{
	if (g->col == g->cols) {
		g->row++;
		g->col = 0;
	}
	g->cell[g->row][g->col++] = c;
}

static void
glass_erase(struct glass *g, bool below)
{
	unsigned row;

	memset(g->cell[g->row] + g->col, 0, sizeof(g->cell[0]) - g->col);
	for (row = g->row + 1; below && row < 12; row++)
		memset(g->cell[row], 0, sizeof(g->cell[0]));
}

static const char *
glass_escape(struct glass *g, const char *p)
{
	unsigned n = 0;

	for (p += 2; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (n == 0)
		n = 1;
	if (*p == 'A')
		g->row -= n;
	else if (*p == 'B')
		g->row += n;
	else if (*p == 'C')
		g->col += n;
	else
		glass_erase(g, *p == 'J');
	CHECK(g->row < 12 && g->col <= g->cols);
	return p;
}

static const char *
glass_show(struct glass *g)
{
	static char text[512];
	const char *p;
	unsigned row;
	size_t n;

	for (p = sent(); *p != '\0'; p++) {
		if (*p == '\033')
			p = glass_escape(g, p);
		else if (*p == '\r')
			g->col = 0;
		else if (*p == '\n')
			g->row++;
		else if (*p == '\b')
			g->col--;
		else
			glass_put(g, *p);
	}
	text[0] = '\0';
	for (row = 0; row < 12 && g->cell[row][0] != '\0'; row++) {
		(void)strlcat(text, g->cell[row], sizeof(text));
		for (n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
			text[n - 1] = '\0';
		(void)strlcat(text, "|", sizeof(text));
	}
	return text;
}

/* Any edit of any length, at any width: the glass shows the line. */
TEST(the_typed_line_is_where_it_is_said_to_be)
{
	wchar_t text[64];
	struct typed_line l = { .text = text };
	struct glass g;
	struct typed t;
	unsigned cols, place;
	size_t len;

	for (cols = 2; cols < 16; cols++) {
		memset(&g, 0, sizeof(g));
		g.cols = cols;
		typed_init(&t, &screen, cols, 12);
		typed_prompt(&t, ">");
		l.len = l.cursor = 0;
		typed_draw(&t, &l);
		for (len = 1; len + 1 < cols * 4 - 4; len++) {
			text[len - 1] = (wchar_t)('a' + len % 26);
			l.len = l.cursor = len;
			if (len % 3 == 0)
				typed_draw(&t, &l);
			else
				typed_append(&t, &l, 1);
			if (len % 5 == 0) {
				l.cursor = len / 2;
				typed_draw(&t, &l);
			}
			(void)glass_show(&g);
			place = 1 + (unsigned)l.cursor;
			CHECK_INT(g.row, place / cols);
			CHECK_INT(g.col, place % cols);
			CHECK_INT(g.cell[len / cols][len % cols],
			    'a' + len % 26);
			CHECK_INT(g.cell[0][0], '>');
		}
		typed_hide(&t);
		CHECK_STR(glass_show(&g), "");
		CHECK_INT(g.row + g.col, 0);
		typed_free(&t);
	}
}

TEST(the_cursor_is_below_a_wide_character_that_did_not_fit)
{
	struct typed_line l = { .text = L"abcd\x6f22", .len = 5,
	    .cursor = 4 };
	struct typed t;

	typed_init(&t, &screen, 6, 12);
	typed_prompt(&t, ">");
	typed_draw(&t, &l);
	CHECK_INT(t.row, 1);
	CHECK_INT(t.col, 0);
	CHECK_INT(t.last, 1);
	l.cursor = 3;
	typed_draw(&t, &l);
	CHECK_INT(t.row, 0);
	CHECK_INT(t.col, 4);
	/* An accent that is not yet behind it takes no room. */
	l = (struct typed_line){ .text = L"abcd\x301\x6f22", .len = 6,
	    .cursor = 4 };
	typed_draw(&t, &l);
	CHECK_INT(t.row, 1);
	CHECK_INT(t.col, 0);
	(void)sent();
	typed_free(&t);
}

/* So the rows are those of the terminal, when it has broken them anew. */
TEST(a_tab_is_as_wide_at_any_width_of_the_terminal)
{
	struct typed_line l = { .text = L"abcdefghi\tz", .len = 11,
	    .cursor = 11 };
	struct glass g = { .cols = 10 };
	struct typed t;

	typed_init(&t, &screen, 10, 12);
	typed_prompt(&t, ">");
	typed_draw(&t, &l);
	CHECK_STR(glass_show(&g), ">abcdefghi|      z|");
	typed_resize(&t, &l, 5, 12);
	CHECK_INT(t.row, 3);
	CHECK_INT(t.col, 2);
	l.text = L"abcdefghi\tz\t.";
	l.len = l.cursor = 13;
	typed_append(&t, &l, 2);
	CHECK_STR(sent(), "       . \r");
	typed_free(&t);
}

TEST(an_accent_comes_right_behind_its_letter)
{
	struct typed_line l = { .text = L"abcde\x301", .len = 5, .cursor = 5 };
	struct typed t;

	typed_init(&t, &screen, 6, 12);
	typed_prompt(&t, ">");
	typed_draw(&t, &l);
	CHECK_INT(t.row, 1);
	(void)sent();
	l.len = l.cursor = 6;
	typed_append(&t, &l, 1);
	CHECK(strstr(sent(), "e\314\201 ") != NULL);
	typed_free(&t);
}

/* Behind the last column terminals differ in what they clear. */
TEST(nothing_is_cleared_behind_the_last_column)
{
	struct typed_line l = { .text = L"abcd", .len = 4, .cursor = 4 };
	struct typed t;

	typed_init(&t, &screen, 6, 12);
	typed_prompt(&t, ">");
	typed_draw(&t, &l);
	CHECK_STR(sent(), ">abcd \r\033[5C\033[J \r\033[5C");
	typed_free(&t);
}

TEST(a_line_too_long_is_shown_in_part)
{
	struct typed_line l = { .text = L"0123456789abcdefghijklmnopqrstuvw",
	    .len = 33, .cursor = 33 };
	struct glass g = { .cols = 10 };
	struct typed t;

	typed_init(&t, &screen, 10, 3);
	typed_prompt(&t, "> ");
	typed_draw(&t, &l);
	CHECK_STR(glass_show(&g), "<mnopqrstu|vw|");
	l.cursor = 0;
	typed_draw(&t, &l);
	CHECK_STR(glass_show(&g), "> 01234567|89abcd>|");
	CHECK_INT(g.row, 0);
	CHECK_INT(g.col, 2);
	typed_finish(&t, &l);
	CHECK_STR(glass_show(&g),
	    "> 01234567|89abcdefgh|ijklmnopqr|stuvw|");
	typed_free(&t);
}

TEST(a_finished_line_is_broken_at_blanks)
{
	struct typed_line l = { .text = L"one three 0123456789a  b",
	    .len = 24, .cursor = 24 };
	struct glass g = { .cols = 10 };
	struct typed t;

	typed_init(&t, &screen, 10, 12);
	typed_prompt(&t, "> ");
	typed_draw(&t, &l);
	typed_finish(&t, &l);
	CHECK_STR(glass_show(&g), "> one|three 0123|456789a  b|");
	t.timestamps = true;
	l = (struct typed_line){ .text = L"x", .len = 1, .cursor = 1 };
	t.cols = 80;
	typed_finish(&t, &l);
	CHECK_STR(sent() + strlen("00:00:00"), " > x\r\n");
	typed_free(&t);
}

TEST(a_blank_below_a_mark_is_not_dropped_from_a_finished_line)
{
	struct typed_line l = { .text = L"abcd \x301x", .len = 7,
	    .cursor = 7 };
	struct typed t;

	typed_init(&t, &screen, 6, 12);
	typed_prompt(&t, "> ");
	typed_finish(&t, &l);
	CHECK_STR(sent(), "> \r\nabcd \314\201x\r\n");
	l = (struct typed_line){ .text = L"abcdef \x301x", .len = 9,
	    .cursor = 9 };
	typed_prompt(&t, "");
	typed_finish(&t, &l);
	CHECK_STR(sent(), "abcdef \314\201x\r\n");
	typed_free(&t);
}

TEST(what_cannot_be_shown_is_escaped)
{
	struct typed_line l = { .text = L"a\033\x202e\xdcff.",
	    .len = 5, .cursor = 5 };
	struct glass g = { .cols = 30 };
	struct typed t;

	typed_init(&t, &screen, 30, 3);
	typed_draw(&t, &l);
	CHECK_STR(glass_show(&g), "a^[\\u{202e}\\xff.|");
	typed_free(&t);
}

AFTER
{
	buf_free(&screen);
}

#include <string.h>

#include "base/text.h"
#include "console/scroll.h"

#define INDENT	"  "
#define TAB	8

static void
scroll_new_row(struct scroll *s)
{
	buf_str(s->screen, "\r\n");
	s->col = 0;
	s->open = false;
}

/* Returns 0 on a terminal that is too narrow for an indentation. */
static unsigned
scroll_indent_width(const struct scroll *s)
{
	unsigned width = (unsigned)strlen(INDENT);

	return s->cols != 0 && s->cols <= 2 * width ? 0 : width;
}

static void
scroll_indent(struct scroll *s)
{
	s->col = scroll_indent_width(s);
	buf_add(s->screen, INDENT, s->col);
}

static void
scroll_put(struct scroll *s, const char *bytes, size_t n, unsigned width)
{
	if (s->interrupted) {
		s->interrupted = false;
		scroll_indent(s);
	} else if (s->cols != 0 && s->col > 0 && s->col + width > s->cols) {
		scroll_new_row(s);
		scroll_indent(s);
	}
	s->open = true;
	s->col += width;
	buf_add(s->screen, bytes, n);
}

static void
scroll_tab(struct scroll *s)
{
	unsigned n = TAB - s->col % TAB;

	if (s->cols == 0) {
		scroll_put(s, "\t", 1, n);
		return;
	}
	while (n-- > 0 && s->col < s->cols)
		scroll_put(s, " ", 1, 1);
}

/* Returns the length of an SGR sequence at the beginning, or 0. */
static size_t
scroll_colour(const char *text, size_t n)
{
	size_t i = 2;

	if (n < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (i < n && ((text[i] >= '0' && text[i] <= '9') || text[i] == ';'))
		i++;
	return i < n && text[i] == 'm' ? i + 1 : 0;
}

size_t
scroll_whole(const char *text, size_t n)
{
	const char *esc = memrchr(text, '\033', n);
	size_t i = esc == NULL ? n : (size_t)(esc - text);

	if (i < n && scroll_colour(esc, n - i) == 0)
		return i;
	return text_whole(text, n);
}

static void
scroll_line_feed(struct scroll *s)
{
	/* After an interruption the row has ended already. */
	if (!s->interrupted)
		scroll_new_row(s);
	s->interrupted = false;
}

/*
 * Whether a row may end at the first character. A blank below a combining
 * character belongs to a word: without the blank, the mark would be drawn over
 * the letter before it.
 */
static bool
scroll_is_gap(const char *text, size_t n)
{
	wchar_t c;

	if (*text != ' ')
		return *text == '\t' || *text == '\n';
	return n == 1 || text_decode(text + 1, n - 1, &c) == 0 ||
	    text_width(c) != 0;
}

/* Returns the columns of the word at the beginning, which ends at a gap. */
static unsigned
scroll_word_width(const char *text, size_t n)
{
	unsigned sum = 0;
	size_t len;
	wchar_t c;
	int width;

	for (; n > 0 && !scroll_is_gap(text, n); text += len, n -= len) {
		if ((len = scroll_colour(text, n)) > 0)
			continue;
		if ((len = text_decode(text, n, &c)) == 0)
			len = 1;
		width = text_width(c);
		sum += width < 0 ? 1 : (unsigned)width;
	}
	return sum;
}

/* Begins a row if the word fits in a row, and not in the rest of this row. */
static void
scroll_begin_word(struct scroll *s, const char *text, size_t n)
{
	unsigned width;

	if (s->cols == 0 || s->col == 0)
		return;
	width = scroll_word_width(text, n);
	if (s->col + width <= s->cols ||
	    scroll_indent_width(s) + width > s->cols)
		return;
	scroll_new_row(s);
	scroll_indent(s);
	s->open = true;
}

void
scroll_text(struct scroll *s, const char *text, size_t n)
{
	bool word = false, gap;
	size_t len;
	wchar_t c;
	int width;

	for (; n > 0; text += len, n -= len) {
		if ((len = scroll_colour(text, n)) > 0) {
			buf_add(s->screen, text, len);
			continue;
		}
		/* Not reached: callers pass whole characters. */
		if ((len = text_decode(text, n, &c)) == 0)
			len = 1;
		width = text_width(c);
		gap = scroll_is_gap(text, n);
		if (c == '\n')
			scroll_line_feed(s);
		else if (c == '\t')
			scroll_tab(s);
		else if (!gap && !word)
			scroll_begin_word(s, text, n);
		word = !gap;
		/* A blank that would begin a row is left out. */
		if (word || (c == ' ' && (s->cols == 0 || s->col < s->cols)))
			scroll_put(s, text, len, width < 0 ? 1 :
			    (unsigned)width);
	}
}

void
scroll_interrupt(struct scroll *s)
{
	if (!s->open)
		return;
	scroll_new_row(s);
	s->interrupted = true;
}

/*
 * Text that scrolls by on a terminal.
 */
#include <string.h>

#include "endpoint/scroll.h"
#include "endpoint/text.h"

#define INDENT	"  "
#define TAB	8

static void
new_row(struct scroll *s)
{
	buf_str(s->screen, "\r\n");
	s->col = 0;
	s->open = false;
}

static void
indent(struct scroll *s)
{
	/* No room for that: the text itself must do. */
	if (s->cols != 0 && s->cols <= 2 * strlen(INDENT))
		return;
	buf_str(s->screen, INDENT);
	s->col = (unsigned)strlen(INDENT);
}

static void
put(struct scroll *s, const char *bytes, size_t n, unsigned width)
{
	if (s->interrupted) {
		s->interrupted = false;
		indent(s);
	} else if (s->cols != 0 && s->col > 0 && s->col + width > s->cols) {
		new_row(s);
		indent(s);
	}
	s->open = true;
	s->col += width;
	buf_add(s->screen, bytes, n);
}

static void
tab(struct scroll *s)
{
	unsigned n = TAB - s->col % TAB;

	if (s->cols == 0) {
		put(s, "\t", 1, n);
		return;
	}
	while (n-- > 0 && s->col < s->cols)
		put(s, " ", 1, 1);
}

/* The length of an SGR sequence at the beginning; 0: there is none. */
static size_t
colour(const char *text, size_t n)
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

	if (i < n && colour(esc, n - i) == 0)
		return i;
	return text_whole(text, n);
}

static void
line_feed(struct scroll *s)
{
	/* The end of a line that has been shown already. */
	if (!s->interrupted)
		new_row(s);
	s->interrupted = false;
}

void
scroll_text(struct scroll *s, const char *text, size_t n)
{
	size_t len;
	wchar_t c;
	int width;

	for (; n > 0; text += len, n -= len) {
		if ((len = colour(text, n)) > 0) {
			buf_add(s->screen, text, len);
			continue;
		}
		/* Cut off by whoever made it inert: not to be seen here. */
		if ((len = text_decode(text, n, &c)) == 0)
			len = 1;
		width = text_width(c);
		if (c == '\n')
			line_feed(s);
		else if (c == '\t')
			tab(s);
		else
			put(s, text, len, width < 0 ? 1 : (unsigned)width);
	}
}

/* Columns of so many bytes without a tab. */
static unsigned
columns(const char *text, size_t n)
{
	unsigned sum = 0;
	size_t len;
	wchar_t c;
	int width;

	for (; n > 0; text += len, n -= len) {
		if ((len = text_decode(text, n, &c)) == 0)
			len = 1;
		width = text_width(c);
		sum += width < 0 ? 1 : (unsigned)width;
	}
	return sum;
}

void
scroll_words(struct scroll *s, const char *text, size_t n)
{
	const char *blank;
	size_t len;
	unsigned width;

	while (n > 0) {
		blank = memchr(text, ' ', n);
		len = blank != NULL ? (size_t)(blank - text) : n;
		width = columns(text, len);
		/* One that has a row of its own before it is not torn. */
		if (s->cols != 0 && s->col + width > s->cols &&
		    width + strlen(INDENT) <= s->cols) {
			new_row(s);
			indent(s);
			s->open = true;
		}
		scroll_text(s, text, len);
		/* The blank that would begin a row is none. */
		if (blank != NULL && (s->cols == 0 || s->col < s->cols))
			scroll_text(s, " ", 1);
		len += blank != NULL;
		text += len;
		n -= len;
	}
}

void
scroll_interrupt(struct scroll *s)
{
	if (!s->open)
		return;
	new_row(s);
	s->interrupted = true;
}

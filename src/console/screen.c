#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "console/screen.h"

/* Bytes on the screen from which announcements are dropped. */
#define SAY_MOST	((size_t)256 << 10)
/* Bytes of a line shown without waiting for its end. */
#define LINE_MOST	((size_t)16 << 10)

/* Bytes of the longest line to become the prompt. */
#define PROMPT_MAX	64

#define INDENT	"  "
#define TAB	8

/* ---- Lines broken into rows --------------------------------------------- */

static void
scroll_new_row(struct scroll *s)
{
	buf_str(s->screen, "\r\n");
	s->col = 0;
	s->open = false;
}

/* Returns 0 on a terminal too narrow for an indentation. */
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
		/* The terminal wraps a URL, and can select it as a whole. */
		if (s->link)
			s->col = 0;
		else {
			scroll_new_row(s);
			scroll_indent(s);
		}
	}
	s->open = true;
	s->col += width;
	buf_add(s->screen, bytes, n);
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

/*
 * Whether a row may end at the first character. A blank below a combining
 * character belongs to a word: without the blank, the mark would be drawn over
 * the preceding letter.
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

/*
 * Whether the word at the beginning is a URL without characters by which a row
 * could look like an announcement, or like a line of another person.
 */
static bool
scroll_is_link(const char *text, size_t n)
{
	size_t i = 0;

	if ((n < 7 || memcmp(text, "http://", 7) != 0) &&
	    (n < 8 || memcmp(text, "https://", 8) != 0))
		return false;
	while (i < n && text[i] > ' ' && text[i] < 0x7f &&
	    strchr("*<>[]", text[i]) == NULL)
		i++;
	return i == n || scroll_is_gap(text + i, n - i);
}

/* Begins a row if the word fits in a row, and not in the rest of this row. */
static void
scroll_begin_word(struct scroll *s, const char *text, size_t n)
{
	unsigned width;

	s->link = scroll_is_link(text, n);
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

/*
 * Finds the label of the line at the beginning. Returns its end; NULL: the line
 * has none.
 */
static const char *
scroll_label(const char *text, size_t n, const char **from)
{
	const char *end = memchr(text, '\n', n);
	size_t time = n > 9 && text[2] == ':' && text[5] == ':' &&
	    text[8] == ' ' ? 9 : 0;

	n = end != NULL ? (size_t)(end - text) : n;
	if (n <= time || (text[time] != '<' && text[time] != '['))
		return NULL;
	*from = text + time;
	end = memchr(*from, **from == '<' ? '>' : ']', n - time);
	return end != NULL ? end + 1 : NULL;
}

void
scroll_text(struct scroll *s, const char *text, size_t n)
{
	const char *label = NULL, *end = NULL;
	bool word = false, gap;
	size_t len;
	wchar_t c;
	int width;

	for (; n > 0; text += len, n -= len) {
		if (s->labels && s->col == 0 && !s->open && !s->interrupted)
			end = scroll_label(text, n, &label);
		if (end != NULL && (text == label || text == end))
			buf_str(s->screen, text == end ? "\033[0m" :
			    "\033[36m");
		if ((len = scroll_colour(text, n)) > 0) {
			buf_add(s->screen, text, len);
			continue;
		}
		/* Not reached: callers pass whole characters. */
		if ((len = text_decode(text, n, &c)) == 0)
			len = 1;
		width = text_width(c);
		gap = scroll_is_gap(text, n);
		if (c == '\n') {
			/* After an interruption the row has ended already. */
			if (!s->interrupted)
				scroll_new_row(s);
			s->interrupted = false;
		} else if (c == '\t') {
			width = (int)(TAB - s->col % TAB);
			if (s->cols == 0)
				scroll_put(s, "\t", 1, (unsigned)width);
			while (width-- > 0 && s->col < s->cols)
				scroll_put(s, " ", 1, 1);
		} else if (!gap && !word)
			scroll_begin_word(s, text, n);
		word = !gap;
		/* A blank at the beginning of a row is left out. */
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

/* ---- The screen --------------------------------------------------------- */

void
screen_free(struct screen *s)
{
	fd_close(&s->out);
	buf_free(&s->buf);
	buf_free(&s->held);
}

static void
screen_send(struct screen *s)
{
	enum io io = IO_OK;
	size_t n;

	while (s->buf.used > 0 && io == IO_OK) {
		struct iovec iov = { .iov_base = s->buf.mem + s->buf.head,
		    .iov_len = s->buf.used };

		io = fd_write(&s->out, &iov, 1, &n);
		if (io == IO_OK)
			buf_take(&s->buf, n);
	}
	if (io == IO_FAIL)
		s->error = errno;
	if (s->buf.failed || s->held.failed)
		s->error = ENOMEM;
	if (io == IO_FAIL || s->buf.failed || s->held.failed)
		buf_take(&s->buf, s->buf.used);
}

static void
screen_show(struct screen *s, const char *text, size_t n)
{
	if (n == 0)
		return;
	s->editor->ops->hide(s->editor);
	scroll_text(&s->scroll, text, n);
}

/* Unless ended, an unfinished character or sequence at the end stays. */
static void
screen_show_held(struct screen *s, bool ended)
{
	const char *text = buf_data(&s->held), *esc;
	size_t n = s->held.used;

	if (!ended) {
		esc = memrchr(text, '\033', n);
		n = esc != NULL &&
		    scroll_colour(esc, n - (size_t)(esc - text)) == 0 ?
		    (size_t)(esc - text) : text_whole(text, n);
	}
	screen_show(s, text, n);
	buf_take(&s->held, n);
}

/* Returns the length of the text up to and with this LF. */
static size_t
screen_through(const char *text, const char *lf)
{
	return lf == NULL ? 0 : (size_t)(lf - text) + 1;
}

static void
screen_ask_no_more(struct screen *s)
{
	if (s->asks)
		s->editor->ops->prompt(s->editor, NULL);
	s->asks = false;
}

void
screen_typed(struct screen *s)
{
	if (s->asks)
		buf_take(&s->held, s->held.used);
	screen_ask_no_more(s);
	if (s->peer_prompts)
		s->scroll.interrupted = false;
}

void
screen_settle(struct screen *s)
{
	bool asked = s->asks;

	s->peer_prompts = false;
	screen_ask_no_more(s);
	if (asked)
		screen_pause(s);
}

void
screen_text(struct screen *s, const char *text, size_t n)
{
	size_t whole;

	screen_ask_no_more(s);
	/* The held text may end in half of a character. */
	if (s->held.used > 0) {
		whole = screen_through(text, memchr(text, '\n', n));
		buf_add(&s->held, text, whole);
		if (whole > 0)
			screen_show_held(s, true);
		text += whole;
		n -= whole;
	}
	whole = screen_through(text, memrchr(text, '\n', n));
	screen_show(s, text, whole);
	buf_add(&s->held, text + whole, n - whole);
	if (s->held.used > LINE_MOST)
		screen_show_held(s, false);
}

bool
screen_is_torn(const struct screen *s)
{
	return s->held.used > 0 || s->scroll.open;
}

void
screen_pause(struct screen *s)
{
	char prompt[PROMPT_MAX + 1];
	size_t n = text_whole(buf_data(&s->held), s->held.used);

	if (s->peer_prompts && s->asks)
		return;
	/* The held text becomes the prompt, if it leaves room to type. */
	if (s->peer_prompts && n > 0 && n <= PROMPT_MAX && n == s->held.used &&
	    !s->scroll.open && !s->scroll.interrupted &&
	    memchr(buf_data(&s->held), '\t', n) == NULL) {
		memcpy(prompt, buf_data(&s->held), n);
		prompt[n] = '\0';
		s->editor->ops->prompt(s->editor, prompt);
		s->asks = true;
		return;
	}
	screen_show_held(s, false);
	scroll_interrupt(&s->scroll);
}

static void
screen_announce(struct screen *s, const char *line)
{
	bool interrupted;

	s->editor->ops->hide(s->editor);
	scroll_interrupt(&s->scroll);
	interrupted = s->scroll.interrupted;
	s->scroll.interrupted = false;
	if (s->colour)
		buf_str(&s->buf, "\033[33m");
	scroll_text(&s->scroll, "* ", 2);
	scroll_text(&s->scroll, line, strcspn(line, "\n"));
	if (s->colour)
		buf_str(&s->buf, "\033[m");
	scroll_text(&s->scroll, "\n", 1);
	s->scroll.interrupted = interrupted;
}

void
screen_say(struct screen *s, const char *line)
{
	if (s->buf.used > SAY_MOST)
		s->dropped++;
	else
		screen_announce(s, line);
}

void
screen_flush(struct screen *s, bool typed)
{
	char line[64];

	screen_send(s);
	if (s->buf.used == 0 && s->dropped > 0) {
		(void)snprintf(line, sizeof(line), "%u more announcements",
		    s->dropped);
		s->dropped = 0;
		screen_announce(s, line);
	}
	if (typed && s->buf.used == 0 && !s->scroll.open && s->error == 0)
		s->editor->ops->show(s->editor);
	screen_send(s);
}

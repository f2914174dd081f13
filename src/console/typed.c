#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stamp.h"
#include "base/text.h"
#include "console/typed.h"

#define TAB	8

/* Draws cells, or only counts them. */
struct walk {
	struct buf	*out;		/* NULL: counts */
	unsigned	 cols;
	unsigned	 row, col;	/* col == cols: the row is full, and the
					   terminal has not wrapped yet */
	unsigned	 done;		/* columns, in all rows */
};

static void
typed_put_cell(struct walk *w, const char *bytes, size_t n, unsigned width)
{
	if (w->col + width > w->cols) {
		/* A wide character leaves a column, perhaps with old text. */
		if (w->col < w->cols && w->out != NULL)
			buf_str(w->out, "\033[K");
		w->row++;
		w->col = 0;
	}
	w->col += width;
	w->done += width;
	if (w->out != NULL)
		buf_add(w->out, bytes, n);
}

static void
typed_put_ascii(struct walk *w, const char *text)
{
	for (; *text != '\0'; text++)
		typed_put_cell(w, text, 1, 1);
}

static void
typed_put_char(struct walk *w, wchar_t c)
{
	char bytes[4], shown[16];
	int width = text_width(c);

	if (c == '\t')
		/* By all rows: the width stays when rows are broken anew. */
		for (unsigned n = TAB - w->done % TAB; n > 0; n--)
			typed_put_cell(w, " ", 1, 1);
	else if (width >= 0 && (unsigned)width > w->cols)
		typed_put_cell(w, "?", 1, 1);
	else if (width >= 0)
		typed_put_cell(w, bytes, text_encode(c, bytes),
		    (unsigned)width);
	else {
		if (c >= TEXT_RAW && c <= TEXT_RAW_LAST)
			(void)snprintf(shown, sizeof(shown), "\\x%02x",
			    (unsigned)(c - TEXT_RAW));
		else if (c < ' ' || c == 0x7f)
			(void)snprintf(shown, sizeof(shown), "^%c",
			    (char)(c ^ '@'));
		else
			(void)snprintf(shown, sizeof(shown), "\\u{%x}",
			    (unsigned)c);
		typed_put_ascii(w, shown);
	}
}

static void
typed_put_text(struct walk *w, const wchar_t *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		typed_put_char(w, text[i]);
}

/* Whether a row may end at the first character: see scroll_is_gap. */
static bool
typed_is_gap(const wchar_t *text, size_t n)
{
	if (*text != ' ')
		return *text == '\t';
	return n == 1 || text_width(text[1]) != 0;
}

/*
 * As typed_put_text, but begins a row before a word that fits in a row, and not
 * in the rest of the current row.
 */
static void
typed_put_words(struct walk *w, const wchar_t *text, size_t n)
{
	bool word = false;

	for (size_t i = 0; i < n; i++) {
		bool gap = typed_is_gap(text + i, n - i);
		struct walk ahead = { .cols = UINT_MAX };

		for (size_t j = i; !gap && !word && j < n &&
		    !typed_is_gap(text + j, n - j); j++)
			typed_put_char(&ahead, text[j]);
		if (w->col > 0 && w->col + ahead.col > w->cols &&
		    ahead.col <= w->cols) {
			buf_str(w->out, "\r\n");
			w->col = 0;
		}
		word = !gap;
		/* A blank at the beginning of a row is left out. */
		if (word || text[i] == '\t' || w->col < w->cols)
			typed_put_char(w, text[i]);
	}
}

static void
typed_go_to_column(struct buf *out, unsigned col)
{
	buf_str(out, "\r");
	if (col > 0)
		buf_fmt(out, "\033[%uC", col);
}

/*
 * Puts a blank after the text, a cell for the cursor: so the cursor's row is
 * certain also when the row is full, and when the terminal breaks rows anew.
 * Terminals clear differently after the last column.
 */
static void
typed_put_tail(struct walk *w, bool clear)
{
	bool last;

	if (w->col == w->cols) {
		w->row++;
		w->col = 0;
	}
	if (w->out == NULL)
		return;
	last = w->col + 1 == w->cols;
	buf_str(w->out, clear && !last ? " \033[J" : " ");
	if (!last && w->col > 0) {
		buf_str(w->out, "\b");
		return;
	}
	typed_go_to_column(w->out, w->col);
	if (!clear || !last)
		return;
	buf_str(w->out, "\033[J ");
	typed_go_to_column(w->out, w->col);
}

/* Returns the most columns of a character. */
static unsigned
typed_room_for(wchar_t c)
{
	int width = text_width(c);

	if (c == '\t')
		return TAB;
	return width >= 0 ? (unsigned)width : 10;
}

/* Columns of all rows; a wide character may waste one column in each. */
static unsigned
typed_budget(const struct typed *t)
{
	unsigned rows = t->rows > 1 ? t->rows - 1 : 1;

	return t->cols > 1 ? rows * (t->cols - 1) : rows;
}

static unsigned
typed_room_of(const struct typed_line *l, size_t from, size_t to)
{
	unsigned sum = 0;

	for (; from < to; from++)
		sum += typed_room_for(l->text[from]);
	return sum;
}

/* Returns the end of the characters from at on with room in the columns. */
static size_t
typed_forward(const struct typed_line *l, size_t at, unsigned room)
{
	for (; at < l->len && typed_room_for(l->text[at]) <= room; at++)
		room -= typed_room_for(l->text[at]);
	return at;
}

/* Returns the begin of those before at. */
static size_t
typed_backward(const struct typed_line *l, size_t at, unsigned room)
{
	for (; at > 0 && typed_room_for(l->text[at - 1]) <= room; at--)
		room -= typed_room_for(l->text[at - 1]);
	return at;
}

static const struct typed_line *
typed_head(const struct typed *t)
{
	return t->question.text != NULL ? &t->question : &t->prompt;
}

/* Chooses the part of the line to draw. */
static void
typed_choose(struct typed *t, const struct typed_line *l)
{
	unsigned room = typed_budget(t);
	unsigned prompt = typed_room_of(typed_head(t), 0, typed_head(t)->len);

	t->from = 0;
	t->part = prompt >= room ||
	    (t->to = typed_forward(l, 0, room - prompt)) < l->len;
	t->prompted = true;
	if (!t->part)
		return;
	/* Two columns for the marks. The prompt stays if the text has room. */
	room = room > 2 ? room - 2 : 0;
	t->prompted = prompt < room / 3 &&
	    typed_backward(l, l->cursor, room / 3) == 0;
	if (t->prompted)
		room -= prompt;
	else
		t->from = typed_backward(l, l->cursor, room - room / 3);
	t->to = typed_forward(l, l->cursor,
	    room - typed_room_of(l, t->from, l->cursor));
}

static void
typed_put_prompt(const struct typed *t, const struct typed_line *prompt,
    struct walk *w)
{
	if (t->colour && w->out != NULL)
		buf_str(w->out, "\033[1m");
	typed_put_text(w, prompt->text, prompt->len);
	if (t->colour && w->out != NULL)
		buf_str(w->out, "\033[m");
}

/* Walks over the chosen part. Returns the cursor in *row and *col. */
static void
typed_walk_line(const struct typed *t, const struct typed_line *l,
    struct walk *w, unsigned *row, unsigned *col)
{
	size_t cursor = l->cursor < t->to ? l->cursor : t->to, next;

	if (t->prompted)
		typed_put_prompt(t, typed_head(t), w);
	else if (t->from > 0)
		typed_put_ascii(w, "<");
	if (cursor < t->from)
		cursor = t->from;
	typed_put_text(w, l->text + t->from, cursor - t->from);
	*row = w->row;
	*col = w->col;
	/* A wide character after the cursor may go to the next row. */
	for (next = cursor; next < t->to && text_width(l->text[next]) == 0;)
		next++;
	if (*col > 0 && *col + (next < t->to &&
	    text_width(l->text[next]) > 1 ? 2 : 1) > w->cols) {
		++*row;
		*col = 0;
	}
	typed_put_text(w, l->text + cursor, t->to - cursor);
	if (t->part && t->to < l->len)
		typed_put_ascii(w, ">");
}

static void
typed_to_start(struct typed *t)
{
	buf_str(t->screen, "\r");
	if (t->row > 0)
		buf_fmt(t->screen, "\033[%uA", t->row);
}

void
typed_draw(struct typed *t, const struct typed_line *l)
{
	struct walk w = { .out = t->screen, .cols = t->cols };

	if (t->shown)
		typed_to_start(t);
	typed_choose(t, l);
	typed_walk_line(t, l, &w, &t->row, &t->col);
	typed_put_tail(&w, true);
	t->last = w.row;
	t->done = w.done;
	t->at_end = l->cursor == l->len;
	if (w.row > t->row)
		buf_fmt(t->screen, "\033[%uA", w.row - t->row);
	if (w.row != t->row || w.col != t->col)
		typed_go_to_column(t->screen, t->col);
	t->shown = true;
}

void
typed_append(struct typed *t, const struct typed_line *l, size_t n)
{
	struct walk w = { .out = t->screen, .cols = t->cols, .row = t->row,
	    .col = t->col, .done = t->done };

	/* A combining character must directly follow its letter. */
	if (!t->shown || !t->at_end || t->part || t->to + n != l->len ||
	    l->cursor != l->len ||
	    (t->col == 0 && text_width(l->text[t->to]) == 0) ||
	    typed_room_of(typed_head(t), 0, typed_head(t)->len) +
	    typed_room_of(l, 0, l->len) > typed_budget(t)) {
		typed_draw(t, l);
		return;
	}
	typed_put_text(&w, l->text + t->to, n);
	typed_put_tail(&w, false);
	t->to += n;
	t->row = t->last = w.row;
	t->col = w.col;
	t->done = w.done;
}

void
typed_finish(struct typed *t, const struct typed_line *l)
{
	struct walk w = { .out = t->screen, .cols = t->cols };
	char when[16];

	/* Also a line drawn in part scrolls away as a whole. */
	typed_hide(t);
	if (t->timestamps) {
		stamp_now(when, sizeof(when), "%H:%M:%S ");
		typed_put_ascii(&w, when);
	}
	typed_put_prompt(t, &t->prompt, &w);
	typed_put_words(&w, l->text, l->len);
	buf_str(t->screen, "\r\n");
}

/*
 * Row by row: if the screen is cleared from the first column of a row, some
 * terminals move its content to the scrollback.
 */
void
typed_hide(struct typed *t)
{
	if (!t->shown)
		return;
	typed_to_start(t);
	buf_str(t->screen, "\033[K");
	for (unsigned row = 0; row < t->last; row++)
		buf_str(t->screen, "\033[B\033[K");
	if (t->last > 0)
		buf_fmt(t->screen, "\033[%uA", t->last);
	t->shown = false;
}

void
typed_forget(struct typed *t)
{
	if (t->shown)
		buf_str(t->screen, "\r\n");
	t->shown = false;
}

void
typed_resize(struct typed *t, const struct typed_line *l, unsigned cols,
    unsigned rows)
{
	struct walk w = { .cols = cols };

	t->cols = cols;
	t->rows = rows;
	if (!t->shown || t->to > l->len)
		return;
	typed_walk_line(t, l, &w, &t->row, &t->col);
	typed_put_tail(&w, false);
	t->last = w.row;
}

void
typed_init(struct typed *t, struct buf *screen, unsigned cols, unsigned rows)
{
	*t = (struct typed){ .screen = screen, .cols = cols, .rows = rows };
}

static void
typed_set_line(struct typed_line *l, const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text), len, used = 0;
	wchar_t *wide = text == NULL ? NULL : calloc(n + 1, sizeof(*wide));

	if (wide == NULL && text != NULL)
		return;
	for (; n > 0; n -= len, text += len)
		if ((len = text_decode(text, n, &wide[used++])) == 0)
			break;
	free((void *)(uintptr_t)l->text);
	*l = (struct typed_line){ .text = wide, .len = used };
}

void
typed_prompt(struct typed *t, const char *prompt)
{
	typed_set_line(&t->prompt, prompt);
}

void
typed_ask(struct typed *t, const char *question)
{
	typed_set_line(&t->question, question);
}

void
typed_free(struct typed *t)
{
	typed_prompt(t, NULL);
	typed_ask(t, NULL);
}

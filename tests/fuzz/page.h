/*
 * What a terminal should show, however wide it is: rows of text, each broken
 * where the console has to break it and nowhere else: before a word that does
 * not fit on what is left of a row, but on a row of its own, and within a word
 * that fits on no row. Where the console leaves a row of a typed line to the
 * terminal to break, the row goes on here.
 *
 * Text of the peer stands behind an indentation wherever it does not begin a
 * line of its own; what is announced or typed while a line goes on stands on
 * rows of its own, and the line goes on below.
 */
#ifndef FUZZ_PAGE_H
#define FUZZ_PAGE_H

#include "base/text.h"
#include "typist.h"

#define PAGE_CELLS	((size_t)1 << 20)
#define PAGE_ROWS	((size_t)1 << 17)
/* A line that may be shown before its end has come. */
#define PAGE_HELD	((size_t)16 << 10)

struct page {
	struct cell	 cell[PAGE_CELLS];
	size_t		 used, rows;
	bool		 smeared[PAGE_ROWS];	/* others' cells before it */
	bool		 unsure[PAGE_ROWS];	/* it may look different */
	unsigned	 cols, col;
	bool		 open;		/* a row */
	bool		 resumed;	/* its line goes on, on the next row */
	char		 held[PAGE_HELD * 8];
	size_t		 nheld;
};

static void
page_init(struct page *p, unsigned cols)
{
	memset(p->smeared, 0, p->rows + 1);
	memset(p->unsure, 0, p->rows + 1);
	p->used = p->rows = p->nheld = 0;
	p->cols = cols;
	p->col = 0;
	p->open = p->resumed = false;
}

static bool
is_blank(struct cell c)
{
	return c.c == ' ' && c.marks == 0;
}

/* Blanks at the end of a row cannot be told from none. */
static size_t
cells_trim(const struct cell *c, size_t n)
{
	while (n > 0 && is_blank(c[n - 1]))
		n--;
	return n;
}

static void
page_end_row(struct page *p)
{
	p->used = cells_trim(p->cell, p->used);
	FUZZ_CHECK(p->used < PAGE_CELLS && p->rows + 1 < PAGE_ROWS);
	p->cell[p->used++] = (struct cell){ '\n', 0 };
	p->rows++;
	p->col = 0;
	p->open = false;
}

static void
page_cell(struct page *p, uint32_t c, unsigned width)
{
	struct cell *last = p->cell + p->used - 1;

	p->col += width;
	if (width > 0) {
		FUZZ_CHECK(p->used < PAGE_CELLS);
		p->cell[p->used++] = (struct cell){ c, 0 };
	} else if (p->col > 0)
		last->marks = last->marks * 31 + c;
}

static unsigned
page_indent_width(const struct page *p)
{
	return p->cols <= 4 ? 0 : 2;
}

static void
page_indent(struct page *p)
{
	unsigned n;

	for (n = page_indent_width(p); n > 0; n--)
		page_cell(p, ' ', 1);
}

static void
page_put(struct page *p, uint32_t c)
{
	int w = text_width((wchar_t)c);
	unsigned width = w < 0 ? 1 : (unsigned)w;

	if (p->resumed)
		page_indent(p);
	else if (p->col > 0 && p->col + width > p->cols) {
		page_end_row(p);
		page_indent(p);
	}
	p->resumed = false;
	p->open = true;
	page_cell(p, c, width);
}

static void
page_tab(struct page *p)
{
	unsigned n = 8 - p->col % 8;

	for (; n > 0 && p->col < p->cols; n--)
		page_put(p, ' ');
}

static void
page_interrupt(struct page *p)
{
	if (!p->open)
		return;
	page_end_row(p);
	p->resumed = true;
}

/* The look of a prefix of ours takes no room. */
static size_t
page_look(const char *s, size_t n)
{
	static const char *const looks[] = { "\033[36m", "\033[0m" };
	size_t i;

	for (i = 0; i < 2; i++)
		if (n >= strlen(looks[i]) &&
		    memcmp(s, looks[i], strlen(looks[i])) == 0)
			return strlen(looks[i]);
	return 0;
}

static size_t
page_character(const char *s, size_t n, uint32_t *c)
{
	int len = utf8_first((const unsigned char *)s, n, c);

	FUZZ_CHECK(len > 0);
	return (size_t)len;
}

/* Between words; a blank with a mark over it is a character like others. */
static bool
page_is_gap(const char *s, size_t n)
{
	uint32_t next;

	if (*s != ' ' || n == 1 || page_look(s + 1, n - 1) > 0)
		return *s == ' ' || *s == '\t' || *s == '\n';
	(void)page_character(s + 1, n - 1, &next);
	return text_width((wchar_t)next) != 0;
}

/* Columns up to the next gap. */
static unsigned
page_word_width(const char *s, size_t n)
{
	unsigned sum = 0;
	uint32_t c;
	size_t len;
	int width;

	for (; n > 0 && !page_is_gap(s, n); s += len, n -= len) {
		if ((len = page_look(s, n)) > 0)
			continue;
		len = page_character(s, n, &c);
		width = text_width((wchar_t)c);
		sum += width < 0 ? 1 : (unsigned)width;
	}
	return sum;
}

static void
page_begin_word(struct page *p, unsigned width)
{
	if (p->col == 0 || p->col + width <= p->cols ||
	    page_indent_width(p) + width > p->cols)
		return;
	page_end_row(p);
	page_indent(p);
}

static void
page_line_feed(struct page *p)
{
	if (!p->resumed)
		page_end_row(p);
	p->resumed = false;
}

static void
page_show(struct page *p, const char *s, size_t n)
{
	bool gap, before = true;
	uint32_t c;
	size_t len;

	for (; n > 0; s += len, n -= len) {
		if ((len = page_look(s, n)) > 0)
			continue;
		len = page_character(s, n, &c);
		gap = page_is_gap(s, n);
		if (before && !gap)
			page_begin_word(p, page_word_width(s, n));
		before = gap;
		if (c == '\t')
			page_tab(p);
		else if (c == '\n')
			page_line_feed(p);
		else if (!gap || p->col < p->cols)
			page_put(p, c);
	}
}

static void
page_show_held(struct page *p, size_t n)
{
	page_show(p, p->held, n);
	p->nheld -= n;
	memmove(p->held, p->held + n, p->nheld);
}

/* So many rows have been looked at, and will not be again. */
static void
page_forget(struct page *p, size_t rows)
{
	size_t at = 0, i;

	FUZZ_CHECK(rows <= p->rows);
	for (i = 0; i < rows; at++)
		i += p->cell[at].c == '\n';
	p->used -= at;
	p->rows -= rows;
	memmove(p->cell, p->cell + at, p->used * sizeof(*p->cell));
	memmove(p->smeared, p->smeared + rows, PAGE_ROWS - rows);
	memmove(p->unsure, p->unsure + rows, PAGE_ROWS - rows);
}

/* Bytes of whole characters and looks. */
static size_t
page_whole(const struct page *p)
{
	const unsigned char *s = (const unsigned char *)p->held;
	size_t n = 0;
	uint32_t c;
	int len;

	while (n < p->nheld) {
		if (s[n] == 0x1b)
			len = (int)page_look(p->held + n, p->nheld - n);
		else
			len = utf8_first(s + n, p->nheld - n, &c);
		if (len <= 0)
			break;
		n += (size_t)len;
	}
	return n;
}

static void
page_text(struct page *p, const char *s, size_t n)
{
	size_t i, lf = 0;

	FUZZ_CHECK(p->nheld + n <= sizeof(p->held));
	for (i = 0; i < n; i++) {
		p->held[p->nheld++] = s[i];
		if (s[i] == '\n')
			lf = p->nheld;
	}
	page_show_held(p, lf);
	if (p->nheld > PAGE_HELD)
		page_show_held(p, page_whole(p));
}

static void
page_pause(struct page *p)
{
	page_show_held(p, page_whole(p));
	page_interrupt(p);
}

static bool
page_is_torn(const struct page *p)
{
	return p->nheld > 0 || p->open;
}

static void
page_say(struct page *p, const char *line)
{
	bool resumed;

	page_interrupt(p);
	resumed = p->resumed;
	p->resumed = false;
	page_show(p, "* ", 2);
	page_show(p, line, strlen(line));
	page_end_row(p);
	p->resumed = resumed;
}

/* What a character looks like in a line that is typed. */
static size_t
typed_look(uint32_t c, size_t col, struct cell *out)
{
	char text[16];
	size_t i, n;

	if (c == '\t')
		n = (size_t)snprintf(text, sizeof(text), "%*s",
		    (int)(8 - col % 8), "");
	else if (text_width((wchar_t)c) >= 0) {
		*out = (struct cell){ c, 0 };
		return 1;
	} else if (c >= TYPIST_RAW && c <= TYPIST_RAW + 0xff)
		n = (size_t)snprintf(text, sizeof(text), "\\x%02x",
		    c - TYPIST_RAW);
	else if (c < ' ' || c == 0x7f)
		n = (size_t)snprintf(text, sizeof(text), "^%c",
		    (char)(c ^ '@'));
	else
		n = (size_t)snprintf(text, sizeof(text), "\\u{%x}", c);
	for (i = 0; i < n; i++)
		out[i] = (struct cell){ (unsigned char)text[i], 0 };
	return n;
}

/*
 * A line that is typed, from column col on: its cells; and how many of them
 * stand before its at-th character.
 */
static size_t
typed_cells(const uint32_t *s, size_t n, size_t col, struct cell *out,
    size_t at, size_t *before)
{
	size_t i, len, used = 0;
	int width;

	for (i = 0; i < n; i++) {
		if (i == at)
			*before = used;
		width = text_width((wchar_t)s[i]);
		if (width == 0) {
			if (used > 0)
				out[used - 1].marks =
				    out[used - 1].marks * 31 + s[i];
			continue;
		}
		len = typed_look(s[i], col, out + used);
		col += width == 2 ? 2 : len;
		used += len;
	}
	if (at >= n)
		*before = used;
	return used;
}

/* One that was drawn, and that nobody can take back. */
static void
page_typed_once(struct page *p)
{
	p->unsure[p->rows] = true;
	page_end_row(p);
}

static bool
page_typed_is_gap(const uint32_t *s, size_t n)
{
	return *s == '\t' || (*s == ' ' &&
	    (n == 1 || text_width((wchar_t)s[1]) != 0));
}

/* Columns up to the next gap, of which no tab is a part. */
static unsigned
page_typed_width(const uint32_t *s, size_t n)
{
	struct cell look[16];
	unsigned sum = 0;
	size_t i;
	int width;

	for (i = 0; i < n && !page_typed_is_gap(s + i, n - i); i++) {
		width = text_width((wchar_t)s[i]);
		sum += width >= 0 ? (unsigned)width :
		    (unsigned)typed_look(s[i], 0, look);
	}
	return sum;
}

/* Tabs count the columns of the line so far, on all of its rows. */
static void
page_typed_put(struct page *p, uint32_t c, size_t *done)
{
	struct cell look[16];
	unsigned width = text_width((wchar_t)c) == 2 ? 2 : 1;
	size_t i, n;

	if (text_width((wchar_t)c) == 0) {
		page_cell(p, c, 0);
		return;
	}
	n = typed_look(c, *done, look);
	for (i = 0; i < n; i++) {
		/* The terminal breaks this row. */
		if (p->col + width > p->cols)
			p->col = 0;
		page_cell(p, look[i].c, width);
	}
	*done += n * width;
}

/* A prompt and a line that is finished, on rows of their own. */
static void
page_typed(struct page *p, const uint32_t *s, size_t n, size_t prompt)
{
	bool gap, before = true;
	size_t i, done = 0;
	unsigned width;

	for (i = 0; i < prompt; i++)
		page_typed_put(p, s[i], &done);
	for (; i < n; i++) {
		gap = page_typed_is_gap(s + i, n - i);
		width = before && !gap ? page_typed_width(s + i, n - i) : 0;
		before = gap;
		if (p->col > 0 && p->col + width > p->cols && width <= p->cols)
			page_end_row(p);
		if (s[i] != ' ' || !gap || p->col < p->cols)
			page_typed_put(p, s[i], &done);
	}
	page_end_row(p);
}

#endif

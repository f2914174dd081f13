/*
 * What a terminal should show, however wide it is: rows of text, each broken
 * where the console has to break it and nowhere else.
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

static void
page_indent(struct page *p)
{
	if (p->cols <= 4)
		return;
	page_cell(p, ' ', 1);
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

static void
page_show(struct page *p, const char *s, size_t n)
{
	uint32_t c;
	size_t len;
	int got;

	for (; n > 0; s += len, n -= len) {
		if ((len = page_look(s, n)) > 0)
			continue;
		got = utf8_first((const unsigned char *)s, n, &c);
		FUZZ_CHECK(got > 0);
		len = (size_t)got;
		if (c == '\t')
			page_tab(p);
		else if (c != '\n')
			page_put(p, c);
		else {
			if (!p->resumed)
				page_end_row(p);
			p->resumed = false;
		}
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

/* Of a word: the columns. */
static unsigned
page_width(const char *s, size_t n)
{
	unsigned sum = 0;
	uint32_t c;
	int len;

	for (; n > 0; s += len, n -= (size_t)len) {
		len = utf8_first((const unsigned char *)s, n, &c);
		FUZZ_CHECK(len > 0);
		sum += (unsigned)text_width((wchar_t)c);
	}
	return sum;
}

static void
page_say(struct page *p, const char *line)
{
	size_t len;
	unsigned width;
	bool resumed;

	page_interrupt(p);
	resumed = p->resumed;
	p->resumed = false;
	page_show(p, "* ", 2);
	for (;; line += len + 1) {
		len = strcspn(line, " ");
		width = page_width(line, len);
		if (p->col + width > p->cols && width + 2 <= p->cols) {
			page_end_row(p);
			page_indent(p);
			p->open = true;
		}
		page_show(p, line, len);
		if (line[len] == '\0')
			break;
		if (p->col < p->cols)
			page_put(p, ' ');
	}
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

/* On a row of its own, for good. */
static void
page_typed(struct page *p, const uint32_t *line, size_t n)
{
	size_t before;

	FUZZ_CHECK(p->used + n * 10 < PAGE_CELLS);
	p->used += typed_cells(line, n, 0, p->cell + p->used, n, &before);
	page_end_row(p);
}

#endif

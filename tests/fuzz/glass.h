/*
 * A terminal of ANSI X3.64 that shows what it is sent, and keeps what scrolls
 * away: rows of cells, broken anew when it gets another width.
 *
 * Laws: what it does not know, which is all but the few sequences that the
 * console has any use for, and what terminals differ in, is no accident but a
 * failure: it aborts. A row that the terminal itself has broken is one with the
 * next.
 */
#ifndef FUZZ_GLASS_H
#define FUZZ_GLASS_H

#include <string.h>
#include <wchar.h>

#include "fuzz.h"

#define GLASS_COLS	48
#define GLASS_ROWS	((size_t)1 << 16)	/* with those that scrolled */
#define GLASS_REST	UINT32_MAX	/* the second cell of a wide one */

/* A character and what is written over it. */
struct cell {
	uint32_t	c, marks;
};

struct glass_row {
	struct cell	cell[GLASS_COLS];
	unsigned	used;
	bool		wrapped;	/* by itself */
};

struct glass {
	struct glass_row *row;
	size_t		 top, y;	/* of all rows */
	unsigned	 cols, rows, x;	/* x == cols: it has not wrapped yet */
	bool		 lost;		/* the cursor may hit the edges */
	unsigned char	 held[16];	/* of a character or a sequence */
	size_t		 nheld;
};

/*
 * The first character, by Unicode's table 3-7: its bytes; 0: it goes on;
 * -1: the first byte is none.
 */
static int
utf8_first(const unsigned char *s, size_t n, uint32_t *c)
{
	static const struct { unsigned char lo, hi, len, lo2, hi2; } kinds[] = {
		{ 0x00, 0x7f, 1, 0, 0 }, { 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f }
	};
	static const unsigned char bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t k = 0, i;

	while (k < 9 && (s[0] < kinds[k].lo || s[0] > kinds[k].hi))
		k++;
	if (k == 9)
		return -1;
	*c = s[0] & bits[kinds[k].len];
	for (i = 1; i < kinds[k].len; i++) {
		if (i == n)
			return 0;
		if (s[i] < (i == 1 ? kinds[k].lo2 : 0x80) ||
		    s[i] > (i == 1 ? kinds[k].hi2 : 0xbf))
			return -1;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return kinds[k].len;
}

static void
glass_init(struct glass *g, unsigned cols, unsigned rows)
{
	struct glass_row *row = g->row;

	if (row == NULL && (row = calloc(GLASS_ROWS, sizeof(*row))) == NULL)
		abort();
	*g = (struct glass){ .row = row, .cols = cols, .rows = rows };
	memset(row, 0, sizeof(*row) * (rows + 1));
}

static struct glass_row *
glass_at(const struct glass *g)
{
	return &g->row[g->y];
}

static void
glass_down(struct glass *g)
{
	FUZZ_CHECK(g->y + g->rows + 1 < GLASS_ROWS);
	if (++g->y < g->top + g->rows)
		return;
	g->top++;
	memset(&g->row[g->top + g->rows - 1], 0, sizeof(*g->row));
}

/* Whoever overwrites half of a wide one has taken all of it. */
static void
glass_blank(struct glass_row *r, unsigned x)
{
	if (x < r->used && r->cell[x].c == GLASS_REST)
		r->cell[x - 1] = (struct cell){ ' ', 0 };
	if (x + 1 < r->used && r->cell[x + 1].c == GLASS_REST)
		r->cell[x + 1] = (struct cell){ ' ', 0 };
}

static void
glass_set(struct glass *g, struct cell c)
{
	struct glass_row *r = glass_at(g);

	FUZZ_CHECK(g->x < g->cols);
	glass_blank(r, g->x);
	while (r->used < g->x)
		r->cell[r->used++] = (struct cell){ ' ', 0 };
	r->cell[g->x++] = c;
	if (r->used < g->x)
		r->used = g->x;
}

/* At the begin of a row there is nothing to be written over. */
static void
glass_mark(struct glass *g, uint32_t c)
{
	struct glass_row *r = glass_at(g);
	unsigned x = g->x;

	if (x == 0 || x > r->used)
		return;
	if (r->cell[--x].c == GLASS_REST)
		x--;
	r->cell[x].marks = r->cell[x].marks * 31 + c;
}

static void
glass_put(struct glass *g, uint32_t c)
{
	int width = wcwidth((wchar_t)c);

	FUZZ_CHECK(c >= ' ' && (c < 0x7f || c >= 0xa0));
	if (width == 0) {
		glass_mark(g, c);
		return;
	}
	if (width < 0)
		width = 1;
	if (g->x + (unsigned)width > g->cols) {
		glass_at(g)->wrapped = true;
		glass_down(g);
		g->x = 0;
	}
	glass_set(g, (struct cell){ c, 0 });
	if (width == 2)
		glass_set(g, (struct cell){ GLASS_REST, 0 });
}

static void
glass_erase(struct glass *g, bool below)
{
	struct glass_row *r = glass_at(g);
	unsigned x = g->x;
	size_t y;

	FUZZ_CHECK(x < g->cols);
	glass_blank(r, x);
	if (r->used > x)
		r->used = x;
	r->wrapped = false;
	for (y = g->y + 1; below && y < g->top + g->rows; y++)
		memset(&g->row[y], 0, sizeof(g->row[y]));
}

/* What was to be seen is kept above. */
static void
glass_clear(struct glass *g)
{
	size_t y = g->top + g->rows;

	while (y > g->top && g->row[y - 1].used == 0)
		y--;
	FUZZ_CHECK(y + g->rows < GLASS_ROWS);
	g->y += y - g->top;
	g->top = y;
	memset(&g->row[y], 0, sizeof(*g->row) * g->rows);
}

static void
glass_go(struct glass *g, char where, unsigned n)
{
	size_t bottom = g->top + g->rows - 1;

	if (where == 'A') {
		FUZZ_CHECK(g->lost || g->y >= g->top + n);
		g->y = g->y >= g->top + n ? g->y - n : g->top;
	} else if (where == 'B') {
		FUZZ_CHECK(g->lost || g->y + n <= bottom);
		g->y = g->y + n <= bottom ? g->y + n : bottom;
	} else {
		FUZZ_CHECK(g->x + n < g->cols);
		g->x += n;
	}
}

static void
glass_sequence(struct glass *g, const char *s)
{
	static const char *const looks[] = { "[m", "[0m", "[1m", "[33m",
		"[36m" };
	char where = s[strlen(s) - 1];
	unsigned long n = strtoul(s + 1, NULL, 10);
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(s, looks[i]) == 0)
			return;
	if (strcmp(s, "[K") == 0 || strcmp(s, "[J") == 0)
		glass_erase(g, where == 'J');
	else if (strcmp(s, "[2J") == 0)
		glass_clear(g);
	else if (strcmp(s, "[H") == 0) {
		g->y = g->top;
		g->x = 0;
	} else if (where >= 'A' && where <= 'C')
		glass_go(g, where, n == 0 ? 1 : (unsigned)n);
	else
		FUZZ_CHECK(s == NULL);	/* none of ours */
}

static void
glass_control(struct glass *g, unsigned char c)
{
	if (c == '\r')
		g->x = 0;
	else if (c == '\n')
		glass_down(g);
	else if (c == '\b') {
		FUZZ_CHECK(g->x > 0 && g->x < g->cols);
		g->x--;
	} else
		FUZZ_CHECK(c == '\a');
}

static void
glass_byte(struct glass *g, unsigned char byte)
{
	uint32_t c;
	int len;

	FUZZ_CHECK(g->nheld + 1 < sizeof(g->held));
	g->held[g->nheld++] = byte;
	g->held[g->nheld] = '\0';
	if (g->held[0] == 0x1b) {
		FUZZ_CHECK(g->nheld < 2 || g->held[1] == '[');
		if (g->nheld < 3 || byte < '@')
			return;
		glass_sequence(g, (const char *)g->held + 1);
	} else if (byte < ' ' && g->nheld == 1) {
		glass_control(g, byte);
	} else {
		len = utf8_first(g->held, g->nheld, &c);
		FUZZ_CHECK(len >= 0);
		if (len == 0)
			return;
		glass_put(g, c);
	}
	g->nheld = 0;
}

/* Rows that hold something, or the cursor. */
static size_t
glass_height(const struct glass *g)
{
	size_t y = g->top + g->rows;

	while (y > g->y + 1 && g->row[y - 1].used == 0)
		y--;
	return y;
}

static size_t
glass_start(const struct glass *g, size_t y)
{
	while (y > 0 && g->row[y - 1].wrapped)
		y--;
	return y;
}

/* One that does not fit at the end of a row begins the next one. */
static void
glass_copy(struct glass *g, const struct cell *c, unsigned width)
{
	glass_set(g, c[0]);
	if (width == 2)
		glass_set(g, c[1]);
}

static void
glass_make_room(struct glass *g, unsigned width)
{
	if (g->x + width <= g->cols)
		return;
	glass_at(g)->wrapped = true;
	glass_down(g);
	g->x = 0;
}

/*
 * A row of another glass, behind what is there. Where its cell x is now, if it
 * has one, comes back.
 */
static void
glass_take(struct glass *g, const struct glass_row *r, unsigned x,
    size_t *now_y, unsigned *now_x)
{
	unsigned i, width;

	for (i = 0; i < r->used; i += width) {
		width = i + 1 < r->used && r->cell[i + 1].c == GLASS_REST ?
		    2 : 1;
		glass_make_room(g, width);
		if (x >= i && x < i + width) {
			*now_y = g->y;
			*now_x = g->x;
		}
		glass_copy(g, &r->cell[i], width);
	}
	if (x >= r->used) {
		*now_y = g->y;
		*now_x = g->x + x - r->used;
	}
	if (*now_x > g->cols)
		*now_x = g->cols;
}

/* The cursor stays to be seen: what is too far below it goes. */
static void
glass_uncover(struct glass *g)
{
	size_t end = g->top + g->rows;

	if (g->y >= g->top)
		return;
	g->lost = true;
	g->top = g->y;
	memset(&g->row[g->top + g->rows], 0, sizeof(*g->row) *
	    (end - g->top - g->rows));
	g->row[g->top + g->rows - 1].wrapped = false;
}

static void
glass_resize(struct glass *g, unsigned cols, unsigned rows)
{
	static struct glass next;
	struct glass_row *old = g->row;
	size_t y, n = glass_height(g), now_y = 0;
	unsigned now_x = 0;

	glass_init(&next, cols, rows);
	for (y = 0; y < n; y++) {
		glass_take(&next, &old[y], y == g->y ? g->x : UINT32_MAX,
		    y == g->y ? &now_y : &(size_t){ 0 },
		    y == g->y ? &now_x : &(unsigned){ 0 });
		if (!old[y].wrapped && y + 1 < n) {
			glass_down(&next);
			next.x = 0;
		}
	}
	next.y = now_y;
	next.x = now_x;
	glass_uncover(&next);
	*g = next;
	next.row = old;
}

/* The rows before y are forgotten: how many, as if the terminal were wide. */
static size_t
glass_forget(struct glass *g, size_t y)
{
	size_t i, whole = 0, n = g->top + g->rows - y;

	for (i = 0; i < y; i++)
		whole += !g->row[i].wrapped;
	memmove(g->row, g->row + y, n * sizeof(*g->row));
	g->top -= y;
	g->y -= y;
	return whole;
}

/* What rows hold, as if the terminal were wide enough: each ends in LF. */
static size_t
glass_text(const struct glass *g, struct cell *out)
{
	size_t y, n = glass_height(g), used = 0;
	const struct glass_row *r;
	unsigned i;

	for (y = 0; y < n; y++) {
		r = &g->row[y];
		for (i = 0; i < r->used; i++)
			if (r->cell[i].c != GLASS_REST)
				out[used++] = r->cell[i];
		if (!r->wrapped || y + 1 == n)
			out[used++] = (struct cell){ '\n', 0 };
	}
	return used;
}

/* Characters before the cursor, from where its row was begun. */
static size_t
glass_before(const struct glass *g)
{
	size_t y, n = 0;
	unsigned i;

	for (y = glass_start(g, g->y); y <= g->y; y++)
		for (i = 0; i < g->row[y].used &&
		    (y < g->y || i < g->x); i++)
			n += g->row[y].cell[i].c != GLASS_REST;
	return n;
}

#endif

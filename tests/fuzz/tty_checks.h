/*
 * What has to be so whenever a console has come to rest.
 */
#ifndef FUZZ_TTY_CHECKS_H
#define FUZZ_TTY_CHECKS_H

#include "tty_rig.h"

/* Rows that have scrolled away, before they are forgotten. */
#define SCROLLED_MOST	64

static size_t
row_end(const struct cell *c, size_t at, size_t n)
{
	while (at < n && c[at].c != '\n')
		at++;
	return at;
}

static bool
cells_are(const struct cell *a, const struct cell *b, size_t n)
{
	return memcmp(a, b, n * sizeof(*a)) == 0;
}

/* Row by row; how many cells of got are these. */
static size_t
check_page(const struct cell *got, size_t n)
{
	const struct cell *want = page.cell;
	size_t at = 0, begin, end, from, to, row, len, n_want;

	for (row = from = 0; from < page.used; row++, from = to + 1) {
		FUZZ_CHECK(at < n);
		end = row_end(got, at, n);
		to = row_end(want, from, page.used);
		len = cells_trim(got + at, end - at);
		n_want = cells_trim(want + from, to - from);
		begin = at;
		at = end + 1;
		if (page.unsure[row])
			continue;
		FUZZ_CHECK(page.smeared[row] ? len >= n_want : len == n_want);
		FUZZ_CHECK(cells_are(got + begin + len - n_want,
		    want + from, n_want));
	}
	return at;
}

/* How much room a line may need, whatever stands where. */
static size_t
most_room(const uint32_t *s, size_t n)
{
	size_t i, sum = 0;
	int width;

	for (i = 0; i < n; i++) {
		width = text_width((wchar_t)s[i]);
		sum += s[i] == '\t' ? 8 : width < 0 ? 10 : (size_t)width;
	}
	return sum;
}

/* A prompt that takes all the room there is gives way. */
static bool
must_be_whole(const uint32_t *s, size_t n)
{
	size_t rows = glass.rows > 1 ? glass.rows - 1 : 1,
	    room = rows * (glass.cols - 1);

	return most_room(s, n) <= room &&
	    most_room(s, rig.prompt_len) < room;
}

/* Blanks where a tab is depend on the column: any number is one. */
static size_t
squeeze(struct cell *out, const struct cell *in, size_t n)
{
	size_t i, used = 0;

	for (i = 0; i < n; i++)
		if (in[i].c != ' ' || used == 0 || out[used - 1].c != ' ')
			out[used++] = (struct cell){ in[i].c, 0 };
	return used;
}

static bool
ends_with(const struct cell *s, size_t n, const struct cell *end, size_t len)
{
	return len <= n && cells_are(s + n - len, end, len);
}

/* Of a line too long: what is before the cursor, and what behind it. */
static void
check_part(const struct cell *got, size_t n, size_t before)
{
	static struct cell want[PAGE_CELLS], all[PAGE_CELLS],
	    seen[PAGE_CELLS];
	size_t len, used, none;

	FUZZ_CHECK(before <= n);
	used = squeeze(seen, got, before);
	len = typed_cells(typist.line, typist.cursor, 0, all, 0, &none);
	len = squeeze(want, all, len);
	if (used == 0 || seen[0].c != '<' ||
	    !ends_with(want, len, seen + 1, used - 1)) {
		FUZZ_CHECK(used >= len);
		FUZZ_CHECK(ends_with(seen, used, want, len));
	}
	n = cells_trim(got + before, n - before);
	used = squeeze(seen, got + before, n);
	len = typed_cells(typist.line + typist.cursor, typist.len -
	    typist.cursor, 0, all, 0, &none);
	len = squeeze(want, all, len);
	if (used > 0 && seen[used - 1].c == '>' && used - 1 <= len &&
	    cells_are(want, seen, used - 1))
		return;
	len = cells_trim(want, len);
	FUZZ_CHECK(used == len && cells_are(want, seen, len));
}

/* The last row is the line that is being typed, with the cursor in it. */
static void
check_typed(const struct cell *got, size_t n)
{
	static struct cell want[PAGE_CELLS];
	static uint32_t all[TYPIST_MOST + 32];
	size_t len, before, at = glass_before(&glass), y, rows = 0,
	    start = glass_start(&glass, glass.y);

	for (y = 0; y < start; y++)
		rows += !glass.row[y].wrapped;
	FUZZ_CHECK(rows == page.rows);
	/* It stands on a character, or on a blank behind the last one. */
	FUZZ_CHECK(glass.x < glass_at(&glass)->used);
	if (page.smeared[page.rows] || typist.unknown)
		return;
	FUZZ_CHECK(start >= glass.top);
	len = whole_line(all);
	if (!must_be_whole(all, len)) {
		n = cells_trim(got, n) > at ? cells_trim(got, n) : at;
		check_part(got, n, at);
		return;
	}
	len = typed_cells(all, len, 0, want, rig.prompt_len + typist.cursor,
	    &before);
	FUZZ_CHECK(before == at);
	n = cells_trim(got, n);
	len = cells_trim(want, len);
	FUZZ_CHECK(n == len && cells_are(got, want, n));
}

static void
check_screen(bool typed)
{
	static struct cell got[PAGE_CELLS];
	size_t n = glass_text(&glass, got), at = check_page(got, n), end;
	locale_t was = enter_utf8();

	if (typed) {
		FUZZ_CHECK(at < n);
		end = row_end(got, at, n);
		check_typed(got + at, end - at);
		at = end + 1;
	} else if (page.smeared[page.rows])
		at = row_end(got, at, n);
	for (; at < n; at++)
		FUZZ_CHECK(got[at].c == '\n');
	uselocale(was);
}

/* Nobody waits for what could go on. */
static void
check_rest(void)
{
	if (!rig.deaf) {
		FUZZ_CHECK(console_waiting(&rig.ep) == 0);
		FUZZ_CHECK(rig.ended || rig.typed.done == rig.typed.n);
		FUZZ_CHECK(rig.ended || !rig.hung);
	}
	if (rig.frozen)
		return;
	FUZZ_CHECK(rig.c->screen.buf.used == 0);
	FUZZ_CHECK(ring_used(&rig.heard) == 0);
	FUZZ_CHECK(glass.nheld == 0);
	check_screen(!rig.ended && !page.open);
	if (glass.top > SCROLLED_MOST)
		page_forget(&page, glass_forget(&glass,
		    glass_start(&glass, glass.top)));
}

/* Of a line with its LF: what is sent. */
static size_t
sent_line(const char *s, size_t n, char *out)
{
	bool known = n <= COMMAND_MAX;
	size_t used = 0;

	if (n >= 2 && memcmp(s, "::", 2) == 0) {
		s++;
		n--;
	} else if (known && n > 4 && memcmp(s, ":me ", 4) == 0) {
		memcpy(out, "* me ", used = 5);
		s += 4;
		n -= 4;
	} else if ((known && s[0] == ':') ||
	    (n == 6 && memcmp(s, "/quit\n", 6) == 0))
		return 0;
	memcpy(out + used, s, n);
	return used + n;
}

/* The lines that are no commands, and nothing else. */
static void
check_sent(void)
{
	static char want[RING_MOST], got[RING_MOST];
	size_t from, len, n = 0, used = 0;
	struct iovec iov[2];
	int i, cnt = ring_data(&rig.sent, iov, RING_MOST);

	FUZZ_CHECK(rig.lines.done == rig.lines.n);
	for (from = 0; from < rig.lines.n; from += len) {
		len = (size_t)((const char *)memchr(rig.lines.b + from, '\n',
		    rig.lines.n - from) - rig.lines.b) + 1 - from;
		n += sent_line(rig.lines.b + from, len, want + n);
	}
	for (i = 0; i < cnt; i++) {
		memcpy(got + used, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
	}
	FUZZ_CHECK(used == n && memcmp(got, want, n) == 0);
}

#endif

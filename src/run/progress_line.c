#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "run/progress_line.h"

/* A bar has at least so many characters, with its brackets. */
#define BAR_LEAST	8
/* A percentage is shown to be 100 only at the end. */
#define WHOLE		100

/* The parts of a line beside the bytes. */
enum part {
	PART_RATE = 1, PART_AVERAGE = 2, PART_ELAPSED = 4, PART_PERCENT = 8,
	PART_BAR = 16, PART_LEFT = 32,
	PART_ONE_WAY = 64	/* of two ways, only that with the size */
};

/* Sets of parts; the first set that fits is shown. */
static const unsigned sets[] = {
	PART_RATE | PART_AVERAGE | PART_ELAPSED | PART_PERCENT | PART_BAR |
	    PART_LEFT,
	PART_RATE | PART_ELAPSED | PART_PERCENT | PART_BAR | PART_LEFT,
	PART_RATE | PART_ELAPSED | PART_PERCENT | PART_LEFT,
	PART_RATE | PART_PERCENT | PART_LEFT,
	PART_RATE | PART_PERCENT,
	PART_ELAPSED | PART_PERCENT,
	PART_PERCENT,
	PART_PERCENT | PART_ONE_WAY,
	0
};

struct line {
	char		*buf;
	size_t		 len, room;	/* room: of characters, without NUL */
	const char	*gap;		/* between two parts */
	bool		 fits;
};

const char *
progress_size(uint64_t bytes, char buf[PROGRESS_SIZE_MAX])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB",
	    "PiB", "EiB" };
	double n = (double)bytes;
	unsigned i = 0;

	/* 1023.5 would be printed as 1024. */
	for (; n >= 1023.5; i++)
		n /= 1024;
	(void)snprintf(buf, PROGRESS_SIZE_MAX, "%.*f %s", i == 0 || n >= 99.95 ?
	    0 : n >= 9.995 ? 1 : 2, n, units[i]);
	return buf;
}

static void
line_add(struct line *l, const char *gap, const char *text)
{
	size_t before = strlen(gap), n = strlen(text);

	if (l->len == 0)
		before = 0;
	if (l->len + before + n > l->room) {
		l->fits = false;
		return;
	}
	memcpy(l->buf + l->len, gap, before);
	memcpy(l->buf + l->len + before, text, n + 1);
	l->len += before + n;
}

/* Adds "0:07", or "1:02:03", before a word. */
static void
line_add_time(struct line *l, uint64_t seconds, const char *word)
{
	uint64_t minutes = seconds / 60;
	char text[48];

	if (minutes < 60)
		(void)snprintf(text, sizeof(text), "%" PRIu64 ":%02" PRIu64
		    "%s", minutes, seconds % 60, word);
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64 ":%02" PRIu64
		    ":%02" PRIu64 "%s", minutes / 60, minutes % 60,
		    seconds % 60, word);
	line_add(l, l->gap, text);
}

/* Bytes per second since the beginning. */
static uint64_t
line_average(const struct progress_state *p, enum progress_way way)
{
	return p->elapsed <= 0 ? 0 : (uint64_t)((double)p->bytes[way] *
	    (double)NSEC_PER_SEC / (double)p->elapsed);
}

static void
line_add_way(struct line *l, const struct progress_state *p,
    enum progress_way way, const char *word, unsigned parts)
{
	char size[PROGRESS_SIZE_MAX], text[32];
	/* Beside another way, the parts of one way stand closer together. */
	const char *gap = *word != '\0' ? " " : l->gap;
	uint64_t average = line_average(p, way);

	(void)snprintf(text, sizeof(text), "%s%s", word,
	    progress_size(p->bytes[way], size));
	line_add(l, l->gap, text);
	(void)snprintf(text, sizeof(text), "%s/s",
	    progress_size(p->last ? average : p->rate[way], size));
	if (parts & PART_RATE)
		line_add(l, gap, text);
	(void)snprintf(text, sizeof(text), "average %s/s",
	    progress_size(average, size));
	if ((parts & PART_AVERAGE) && !p->last)
		line_add(l, gap, text);
}

/* Adds "[====>     ]", before which as many characters stay free. */
static void
line_add_bar(struct line *l, const struct progress_state *p, size_t after)
{
	size_t gap = strlen(l->gap), taken = l->len + gap + after;
	size_t inner, filled;

	if (taken + BAR_LEAST > l->room) {
		l->fits = false;
		return;
	}
	inner = l->room - taken - 2;
	filled = p->bytes[p->sized] >= p->size ? inner : (size_t)((double)inner
	    * (double)p->bytes[p->sized] / (double)p->size);
	line_add(l, l->gap, "[");
	memset(l->buf + l->len, ' ', inner);
	memset(l->buf + l->len, '=', filled);
	if (filled < inner)
		l->buf[l->len + filled] = '>';
	l->buf[l->len += inner] = ']';
	l->buf[++l->len] = '\0';
}

static void
line_add_left(struct line *l, const struct progress_state *p)
{
	uint64_t rate = line_average(p, p->sized);
	uint64_t done = p->bytes[p->sized];

	if (p->stalled)
		line_add(l, l->gap, "stalled");
	else if (done >= p->size)
		line_add_time(l, 0, " left");
	else if (rate == 0)
		line_add(l, l->gap, "-:-- left");
	else
		line_add_time(l, (p->size - done + rate - 1) / rate, " left");
}

/* Adds the parts of a size that is known. */
static void
line_add_sized(struct line *l, const struct progress_state *p, unsigned parts)
{
	char text[PROGRESS_LINE_MAX];
	/* Measures the part after the bar, with its gap. */
	struct line after = { .buf = text, .room = sizeof(text) - 1,
	    .gap = "" };
	double percent = (double)p->bytes[p->sized] * WHOLE / (double)p->size;
	unsigned whole = p->bytes[p->sized] >= p->size ? WHOLE : WHOLE - 1;

	if ((parts & PART_LEFT) && !p->last) {
		line_add_left(&after, p);
		after.len += strlen(l->gap);
	}
	(void)snprintf(text, sizeof(text), "%u%%",
	    percent < whole ? (unsigned)percent : whole);
	if (parts & PART_PERCENT)
		line_add(l, l->gap, text);
	if (parts & PART_BAR)
		line_add_bar(l, p, after.len);
	if (after.len > 0)
		line_add_left(l, p);
}

static void
line_fill(struct line *l, const struct progress_state *p, unsigned parts)
{
	static const char *const words[] = { [PROGRESS_SENT] = "sent ",
	    [PROGRESS_RECEIVED] = "received " };
	bool both = p->bytes[PROGRESS_SENT] > 0 &&
	    p->bytes[PROGRESS_RECEIVED] > 0;

	l->buf[l->len = 0] = '\0';
	l->fits = true;
	for (unsigned way = 0; way < PROGRESS_WAYS; way++)
		if (both && (!(parts & PART_ONE_WAY) || way == p->sized))
			line_add_way(l, p, way, words[way], parts);
	if (!both)
		line_add_way(l, p, p->bytes[PROGRESS_RECEIVED] > 0 ?
		    PROGRESS_RECEIVED : PROGRESS_SENT, "", parts);
	if (parts & PART_ELAPSED)
		line_add_time(l, (uint64_t)(p->elapsed / NSEC_PER_SEC), "");
	/* More bytes than were expected say that the size was wrong. */
	if (p->size != 0 && p->bytes[p->sized] <= p->size)
		line_add_sized(l, p, parts);
	else if (p->stalled)
		line_add(l, l->gap, "stalled");
}

size_t
progress_line(const struct progress_state *p, size_t columns,
    char buf[PROGRESS_LINE_MAX])
{
	static const char *const gaps[] = { "  ", " " };
	struct line l = { .buf = buf, .room = columns };

	if (l.room > PROGRESS_LINE_MAX - 1)
		l.room = PROGRESS_LINE_MAX - 1;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		for (size_t g = 0; g < 2; g++) {
			l.gap = gaps[g];
			line_fill(&l, p, sets[i]);
			if (l.fits)
				return l.len;
		}
	return l.len;
}

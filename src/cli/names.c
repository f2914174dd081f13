#include <sys/param.h>

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/option.h"

/* The names of options: how they are found, shown, and mistyped. */

const struct option_row *
row_of_letter(const struct option_table *t, int letter)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].letter != 0 && t->rows[i].letter == letter)
			return &t->rows[i];
	return NULL;
}

const struct option_row *
next_letter(const struct option_table *t, const struct option_row *row)
{
	static const char	 order[] = "0123456789AaBbCcDdEeFfGgHhIiJjKk"
				    "LlMmNnOoPpQqRrSsTtUuVvWwXxYyZz";
	const char		*at = row == NULL ? order :
				    strchr(order, row->letter) + 1;

	for (; *at != '\0'; at++)
		if ((row = row_of_letter(t, *at)) != NULL)
			return row;
	return NULL;
}

bool
row_has_name(const struct option_row *row)
{
	return *row->name != '\0' &&
	    (row->letter == 0 || row->name[1] != '\0');
}

bool
row_takes_time(const struct option_row *row)
{
	return row->act == ACT_WAIT || row->act == ACT_QUIT ||
	    row->act == ACT_INTERVAL ||
	    strncmp(row->arg, "time", strlen("time")) == 0;
}

const char *
row_forms(const struct option_row *row)
{
	switch (row->act) {
	case ACT_RATE_LIMIT:
	case ACT_SIZE:
	case ACT_MAX_FRAME:
		return SIZE_FORMS;
	case ACT_RESET_AFTER:
	case ACT_STALL_AFTER:
		return " (bytes, as in 64k, or a time with its unit, as in "
		    "500ms)";
	default:
		return row_takes_time(row) ? TIME_FORMS : "";
	}
}

const char *
option_text(const struct option_row *row, bool letter,
    char buf[OPTION_TEXT_MAX])
{
	snprintf(buf, OPTION_TEXT_MAX, letter ? "-%.1s" : "--%s",
	    letter ? &row->letter : row->name);
	return buf;
}

const char *
act_text(const struct option_table *t, enum act act, bool by_name,
    char buf[OPTION_TEXT_MAX])
{
	const struct option_row	*row = NULL;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].act == act && (row == NULL || (by_name &&
		    row->letter != 0 && t->rows[i].letter == 0)))
			row = &t->rows[i];
	return row == NULL ? NULL : option_text(row, row->letter != 0, buf);
}

/* ---- The nearest of several names -------------------------------------- */

/*
 * The name that begins with the word, if there is a single such name, or else
 * the name with the smallest edit distance (a letter too much, missing, wrong,
 * or exchanged with the next), in any case of letters.
 */

#define NAME_MAX_LEN	32
/* With more typing mistakes than that, the word is another word. */
#define MISTAKES(len)	((len) < 4 ? 1u : (len) < 8 ? 2u : 3u)

static bool
names_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Damerau's distance with adjacent exchanges; UINT_MAX: a word is too long. */
static unsigned
names_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned	rows[3][NAME_MAX_LEN + 1];
	unsigned	*before = rows[0], *last = rows[1], *now = rows[2],
			*oldest;

	if (n > NAME_MAX_LEN || m > NAME_MAX_LEN)
		return UINT_MAX;
	for (size_t j = 0; j <= m; j++)
		last[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = MIN(last[j - 1] +
			    !names_same_letter(a[i - 1], b[j - 1]),
			    MIN(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 &&
			    names_same_letter(a[i - 1], b[j - 2]) &&
			    names_same_letter(a[i - 2], b[j - 1]))
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
		oldest = before, before = last, last = now, now = oldest;
	}
	return last[m];
}

void
nearest_try(struct nearest *near, const char *name, const char *part)
{
	unsigned	far;

	if (near->len > 0 && strncasecmp(part, near->word, near->len) == 0) {
		near->begins++;
		near->beginning = name;
	}
	far = names_distance(near->word, near->len, part, strlen(part));
	if (far <= MISTAKES(near->len) && far < near->len &&
	    (near->name == NULL || far < near->far)) {
		near->name = name;
		near->far = far;
	}
}

const char *
nearest_name(const struct nearest *near)
{
	if (near->name != NULL && near->far == 0)
		return near->name;
	return near->begins == 1 ? near->beginning : near->name;
}

#include <sys/param.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/parse.h"

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
	return actions[row->act].kind == FIELD_TIME ||
	    strncmp(row->arg, "time", strlen("time")) == 0;
}

const char *
row_forms(const struct option_row *row)
{
	enum field_kind	kind = actions[row->act].kind;

	if (kind == FIELD_AMOUNT)
		return " (bytes, as in 64k, or a time with its unit, as in "
		    "500ms)";
	return kind == FIELD_SIZE || row->act == ACT_RATE_LIMIT ? SIZE_FORMS :
	    row_takes_time(row) ? TIME_FORMS : "";
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

/*
 * Adds a word to a line that ends before the 80th column. If the word does not
 * fit, a new line begins with the indentation.
 */
static void
names_put_word(FILE *f, size_t *col, const char *indent, const char *word)
{
	size_t	width = *indent == '\t' ? 8 + strlen(indent) - 1 :
		    strlen(indent);

	if (*col + 1 + strlen(word) > 79) {
		fprintf(f, "\n%s", indent);
		*col = width;
	}
	*col += (size_t)fprintf(f, " %s", word);
}

/* The letters in a cluster; then the letters with arguments. */
void
usage_lines(FILE *f, const struct option_table *t)
{
	const struct option_row	*row = NULL;
	char	cluster[64] = "[-", word[64];
	size_t	n = 2, col = (size_t)fprintf(f, "usage: nc");

	while ((row = next_letter(t, row)) != NULL)
		if (*row->arg == '\0' && n < sizeof(cluster) - 2)
			cluster[n++] = row->letter;
	memcpy(cluster + n, "]", 2);
	names_put_word(f, &col, "\t ", cluster);
	while ((row = next_letter(t, row)) != NULL) {
		if (*row->arg == '\0')
			continue;
		snprintf(word, sizeof(word), "[-%c %s]", row->letter,
		    row->arg);
		names_put_word(f, &col, "\t ", word);
	}
	names_put_word(f, &col, "\t ", "[destination]");
	names_put_word(f, &col, "\t ", "[port]");
	fputc('\n', f);
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
			    (strncasecmp(a + i - 1, b + j - 1, 1) != 0),
			    MIN(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 &&
			    strncasecmp(a + i - 1, b + j - 2, 1) == 0 &&
			    strncasecmp(a + i - 2, b + j - 1, 1) == 0)
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

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "cli/option.h"

/*
 * The name that a mistyped word was meant to be: one that begins with the
 * word, if there is only one, or else the one with the smallest edit distance
 * (a letter too much, missing, wrong, or exchanged with its neighbour), in any
 * case of letters.
 */

#define NAME_MAX_LEN	32
/* More typing mistakes than that, and it is another word. */
#define MISTAKES(len)	((len) < 4 ? 1u : (len) < 8 ? 2u : 3u)

static unsigned
nearest_least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Damerau's distance with adjacent exchanges; UINT_MAX: a word is too long. */
static unsigned
nearest_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned	rows[3][NAME_MAX_LEN + 1];
	unsigned	*before = rows[0], *last = rows[1], *now = rows[2];
	unsigned	*oldest;

	if (n > NAME_MAX_LEN || m > NAME_MAX_LEN)
		return UINT_MAX;
	for (size_t j = 0; j <= m; j++)
		last[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			bool	same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[j - 1]);

			now[j] = nearest_least(last[j - 1] + !same,
			    nearest_least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 &&
			    tolower((unsigned char)a[i - 1]) ==
			    tolower((unsigned char)b[j - 2]) &&
			    tolower((unsigned char)a[i - 2]) ==
			    tolower((unsigned char)b[j - 1]))
				now[j] = nearest_least(now[j],
				    before[j - 2] + 1);
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
	far = nearest_distance(near->word, near->len, part, strlen(part));
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

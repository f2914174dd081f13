#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/parse.h"

/* What words mean as values, and lists of words. */

/*
 * A number, or a service where names are allowed. The services file is
 * looked into for words only, never for numbers.
 */
const char *
port_value(const struct plan *plan, const char *word, long long min,
    uint16_t *port)
{
	const char	*why;
	struct servent	*service;
	long long	 n;

	if ((why = num_int(word, min, UINT16_MAX, &n)) == NULL) {
		*port = (uint16_t)n;
		return NULL;
	}
	/* A range is no service, and a lookup would take time. */
	if (strcmp(why, "invalid") != 0 || plan->numeric_service ||
	    word[strspn(word, "0123456789-")] == '\0' ||
	    (service = getservbyname(word,
	    plan->type == TYPE_DGRAM ? "udp" : "tcp")) == NULL)
		return why;
	*port = ntohs((uint16_t)service->s_port);
	return NULL;
}

bool
address_cut(char *word, char **host, char **port)
{
	char	*end = strchr(word, *word == '[' ? ']' : ':');

	*host = word;
	*port = NULL;
	if (*word == '[') {
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*host = word + 1;
		*port = end[1] == ':' ? end + 2 : NULL;
	} else if (end == NULL || strchr(end + 1, ':') != NULL)
		return true;
	else
		*port = end + 1;
	*end = '\0';
	return true;
}

int
word_value(const char *const *words, const char *arg)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], arg) == 0)
			return i;
	return -1;
}

void
words_add(char *list, size_t size, const char *gap, const char *word)
{
	if (*list != '\0')
		strlcat(list, gap, size);
	strlcat(list, word, size);
}

/*
 * The number at the beginning of a word, as the traditional tool reads it:
 * "1.5" is 1, "abc" is 0.
 */
long long
loose_value(const char *s)
{
	long long	n = strtoll(s, NULL, 10);

	return n > INT_MAX ? INT_MAX : n < INT_MIN ? INT_MIN : n;
}

/* A percentage from 0 to 100, with up to four decimals, to millionths. */
const char *
percent_value(const char *s, uint32_t *chance)
{
	uint32_t	n = 0, place = FAULT_CERTAIN / 100;
	const char	*start = s;

	for (; isdigit((unsigned char)*s); s++)
		if ((n = 10 * n + (uint32_t)(*s - '0')) > 1000)
			return "too large";
	if (s == start)
		return "invalid";
	n *= place;
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++)
			n += (uint32_t)(*s - '0') * (place /= 10);
	if (*s == '%')
		s++;
	*chance = n;
	return *s != '\0' ? "invalid" : n > FAULT_CERTAIN ? "too large" : NULL;
}

/* Bytes (4096, 64k, 5M), or a time, which has a unit (500ms, 5s, 5m). */
const char *
amount_value(const char *word, struct fault_limit *l)
{
	size_t		 len = strlen(word);
	const char	*why = num_size(word, &l->bytes);

	l->on = true;
	l->time = -1;
	if (why == NULL || len == 0 || isdigit((unsigned char)word[len - 1]) ||
	    word[len - 1] == '.')
		return why == NULL && l->bytes == UINT64_MAX ? "too large" :
		    why;
	l->bytes = UINT64_MAX;
	return num_time(word, &l->time);
}

const char *
value_part(const char *arg, char buf[PART_MAX])
{
	size_t	len = strcspn(arg, ",");

	buf[0] = '\0';
	if (len < PART_MAX) {
		memcpy(buf, arg, len);
		buf[len] = '\0';
	}
	return arg[len] == ',' ? arg + len + 1 : NULL;
}

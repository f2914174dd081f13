#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"

static const char	invalid[] = "invalid";
static const char	too_large[] = "too large";

const char *
num_int(const char *s, long long min, long long max, long long *out)
{
	const char	*why;
	long long	 n;

	n = strtonum(s, min, max, &why);
	if (why == NULL)
		*out = n;
	return why;
}

/* Reads all digits into *n. Returns false if their number does not fit. */
static bool
num_digits(const char **s, uint64_t *n)
{
	bool	fits = true;

	for (*n = 0; isdigit((unsigned char)**s); (*s)++) {
		if (__builtin_mul_overflow(*n, UINT64_C(10), n) ||
		    __builtin_add_overflow(*n, (uint64_t)(**s - '0'), n))
			fits = false;
	}
	return fits;
}

/* Returns the nanoseconds of a unit; 0: there is no such unit. */
static uint64_t
num_time_unit(const char *s)
{
	static const struct {
		const char	*name;
		uint64_t	 nsec;
	} units[] = {
		{ "", NSEC_PER_SEC },
		{ "s", NSEC_PER_SEC },
		{ "ms", NSEC_PER_MSEC },
		{ "m", 60 * NSEC_PER_SEC },
		{ "h", 3600 * NSEC_PER_SEC },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(s, units[i].name) == 0)
			return units[i].nsec;
	return 0;
}

const char *
num_time(const char *s, int64_t *nsec)
{
	uint64_t	whole, part = 0, place = 100000000, unit, sum;
	const char	*start = s;
	bool		fits;

	fits = num_digits(&s, &whole);
	if (*s == '.') {
		start++;	/* a point alone is no number */
		/* In billionths; more digits are dropped. */
		for (s++; isdigit((unsigned char)*s); s++, place /= 10)
			part += (uint64_t)(*s - '0') * place;
	}
	if (s == start || (unit = num_time_unit(s)) == 0)
		return invalid;
	/*
	 * At most INT64_MAX / 2, so that now plus this time fits too. The unit
	 * in microseconds keeps the product within 64 bits.
	 */
	part = part * (unit / 1000000) / 1000;
	if (!fits || __builtin_mul_overflow(whole, unit, &sum) ||
	    __builtin_add_overflow(sum, part, &sum) || sum > INT64_MAX / 2)
		return too_large;
	*nsec = (int64_t)sum;
	return NULL;
}

const char *
num_size(const char *s, uint64_t *bytes)
{
	static const char	 suffixes[] = "kMGT";
	const char		*start = s, *at;
	uint64_t		 n;
	bool			 fits = num_digits(&s, &n);
	int			 shift;

	at = strchr(suffixes, *s == 'K' ? 'k' : *s);
	if (s == start || at == NULL || (*s != '\0' && s[1] != '\0'))
		return invalid;
	shift = *s == '\0' ? 0 : 10 * (int)(at - suffixes + 1);
	if (!fits || n > UINT64_MAX >> shift)
		return too_large;
	*bytes = n << shift;
	return NULL;
}

char *
num_put(char *at, unsigned n)
{
	unsigned	i, len = 1;

	for (i = n; i > 9; i /= 10)
		len++;
	at[len] = '\0';
	for (i = len; i-- > 0; n /= 10)
		at[i] = (char)('0' + n % 10);
	return at + len;
}

/*
 * Numbers, bounded strings and what is forgotten: strtonum(3), strlcpy(3),
 * strlcat(3), freezero(3).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bsd/bsd.h"

long long
bsd_strtonum(const char *s, long long min, long long max, const char **why)
{
	const char *fault = NULL;
	int saved = errno, num = ERANGE;
	long long n = 0;
	char *end;

	errno = 0;
	if (min <= max)
		n = strtoll(s, &end, 10);
	if (min > max || end == s || *end != '\0') {
		fault = "invalid";
		num = EINVAL;
	} else if (n < min || (n == LLONG_MIN && errno == ERANGE))
		fault = "too small";
	else if (n > max || (n == LLONG_MAX && errno == ERANGE))
		fault = "too large";
	if (why != NULL)
		*why = fault;
	errno = fault != NULL ? num : saved;
	return fault != NULL ? 0 : n;
}

size_t
bsd_strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n = len < size ? len : size - 1;

	if (size > 0) {
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

size_t
bsd_strlcat(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(dst, size);

	return len + bsd_strlcpy(dst + len, src, size - len);
}

void
bsd_freezero(void *p, size_t size)
{
	if (p == NULL)
		return;
	explicit_bzero(p, size);
	free(p);
}

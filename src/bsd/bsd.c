#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- Visible text ------------------------------------------------------- */

int
bsd_strvis(char *dst, const char *src)
{
	char *end = dst;
	unsigned char c;

	for (; (c = (unsigned char)*src) != '\0'; src++) {
		if (c > ' ' && c <= '~' && c != '\\') {
			*end++ = (char)c;
			continue;
		}
		*end++ = '\\';
		if ((c & 0x7f) == ' ' || c == '\\' || c == '\t' || c == '\n')
			end += snprintf(end, 4, "%03o", c);
		else {
			/* As keys: ^A, M-a, M^A. */
			bool control = (c & 0x7f) < ' ' || (c & 0x7f) == 0x7f;

			if ((c & 0x80) != 0)
				*end++ = 'M';
			c &= 0x7f;
			*end++ = control ? '^' : '-';
			*end++ = (char)(control ? c ^ '@' : c);
		}
	}
	*end = '\0';
	return (int)(end - dst);
}

/* ---- Random numbers ----------------------------------------------------- */

void
bsd_arc4random_buf(void *buf, size_t n)
{
	unsigned char *p = buf;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = n < 256 ? n : 256;	/* getentropy(3)'s limit */
		if (getentropy(p, len) == -1)
			abort();
	}
}

uint32_t
bsd_arc4random_uniform(uint32_t bound)
{
	uint32_t n, extra;

	if (bound < 2)
		return 0;
	/* 2^32 modulo bound: the lowest numbers that would be too frequent. */
	extra = -bound % bound;
	do
		bsd_arc4random_buf(&n, sizeof(n));
	while (n < extra);
	return n % bound;
}

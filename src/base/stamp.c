#include <stdio.h>
#include <string.h>

#include "base/stamp.h"

void
stamp_now(char *buf, size_t size, const char *format)
{
	struct timespec now;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &tm) == NULL ||
	    strftime(buf, size, format, &tm) == 0)
		*buf = '\0';
}

void
stamp_set(struct stamp *s, const struct timespec *at)
{
	unsigned msec = (unsigned)(at->tv_nsec / 1000000);
	char *digit = s->text + STAMP_LEN - 2;
	struct tm tm = { .tm_sec = 0 };

	if (at->tv_sec != s->second || s->text[0] == '\0') {
		(void)localtime_r(&at->tv_sec, &tm);
		s->second = at->tv_sec;
		if (strftime(s->text, sizeof(s->text), "%H:%M:%S.000 ",
		    &tm) != STAMP_LEN)
			(void)strlcpy(s->text, "00:00:00.000 ",
			    sizeof(s->text));
	}
	for (int i = 0; i < 3; i++, msec /= 10)
		*digit-- = (char)('0' + msec % 10);
}

void
stamped_begin(struct stamped *s)
{
	*s = (struct stamped){ .in_line = s->in_line, .lf_at = UINT64_MAX,
	    .left = STAMP_LEN };
}

/* Returns how many of the bytes are of one kind: added, or the peer's. */
static size_t
stamped_take_some(struct stamped *s, const unsigned char *bytes, size_t n)
{
	const unsigned char *lf;

	if (s->seen == s->lf_at && *bytes == '\n') {
		s->taken++;
		s->left = STAMP_LEN;
		return 1;
	}
	if (s->left > 0) {
		n = n < s->left ? n : s->left;
		s->taken += n;
		s->left -= n;
		return n;
	}
	if (s->seen < s->lf_at && n > s->lf_at - s->seen)
		n = (size_t)(s->lf_at - s->seen);
	if ((lf = memchr(bytes, '\n', n)) == NULL)
		return n;
	s->left = STAMP_LEN;
	return (size_t)(lf - bytes) + 1;
}

void
stamped_take(struct stamped *s, const unsigned char *bytes, size_t n)
{
	for (size_t len; n > 0; bytes += len, n -= len) {
		len = stamped_take_some(s, bytes, n);
		s->seen += len;
	}
}

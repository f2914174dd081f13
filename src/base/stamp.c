#include <stdio.h>
#include <string.h>

#include "base/stamp.h"

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

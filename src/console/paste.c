#include <stdio.h>
#include <string.h>

#include "console/paste.h"

/* Lines that are sent without a question. */
#define PASTE_LINES	20
/* Seconds of silence after which a paste without its end mark has ended. */
#define PASTE_PAUSE	5

void
paste_drop(struct paste *p)
{
	buf_free(&p->text);
	p->text = (struct buf){ 0 };
	p->lines = 0;
	p->last = L'\n';
	p->too_long = false;
}

void
paste_begin(struct paste *p)
{
	paste_drop(p);
	p->open = true;
}

void
paste_add(struct paste *p, wchar_t c)
{
	p->lines += c == L'\n';
	p->last = c;
	p->too_long |= p->text.used >= PASTE_MOST * sizeof(c);
	if (!p->too_long)
		buf_add(&p->text, &c, sizeof(c));
}

bool
paste_is_stale(struct paste *p)
{
	struct timespec now;
	time_t was = p->fed;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	p->fed = now.tv_sec;
	return p->open && now.tv_sec - was > PASTE_PAUSE;
}

bool
paste_end(struct paste *p, char question[PASTE_QUESTION])
{
	size_t lines = p->lines + (p->last != L'\n');

	p->open = false;
	if (p->too_long) {
		paste_drop(p);
		(void)snprintf(question, PASTE_QUESTION,
		    "paste too long, dropped [Enter] ");
		return true;
	}
	(void)snprintf(question, PASTE_QUESTION, "paste %zu lines? [y/N] ",
	    lines);
	return lines > PASTE_LINES;
}

bool
paste_next(struct paste *p, wchar_t *c)
{
	if (p->text.used < sizeof(*c))
		return false;
	memcpy(c, buf_data(&p->text), sizeof(*c));
	buf_take(&p->text, sizeof(*c));
	return true;
}

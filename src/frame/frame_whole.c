/*
 * Frames as wholes.
 */
#include <stdlib.h>
#include <string.h>

#include "frame/frame_whole.h"

void
frame_whole_init(struct frame_whole *w, const struct frame_rules *rules)
{
	memset(w, 0, sizeof(*w));
	frame_reader_init(&w->reader, rules);
}

void
frame_whole_free(struct frame_whole *w)
{
	free(w->buf);
	w->buf = NULL;
	w->size = w->from = w->seen = w->to = 0;
	w->body = w->len = 0;
}

static const unsigned char *
whole_at(const struct frame_whole *w, size_t place)
{
	return w->buf != NULL ? w->buf + place : NULL;
}

/* What was found makes place for what follows. */
static void
whole_settle(struct frame_whole *w)
{
	if (w->from == w->to) {
		frame_whole_free(w);
		return;
	}
	if (w->from == 0)
		return;
	memmove(w->buf, w->buf + w->from, w->to - w->from);
	w->to -= w->from;
	w->seen -= w->from;
	w->from = 0;
}

/* Twice as much each time, but no more than can be needed. */
static bool
whole_make_room(struct frame_whole *w, size_t n)
{
	uint64_t need = (uint64_t)w->to + n, size = (uint64_t)w->size * 2;
	uint64_t most = w->reader.max + FRAME_EXTRA + n;
	unsigned char *buf;

	if (need <= w->size)
		return true;
	if (size > most)
		size = most;
	if (size < need)
		size = need;
	buf = size <= SIZE_MAX ? realloc(w->buf, (size_t)size) : NULL;
	if (buf == NULL)
		return false;
	w->buf = buf;
	w->size = (size_t)size;
	return true;
}

bool
frame_whole_add(struct frame_whole *w, const unsigned char *in, size_t n)
{
	whole_settle(w);
	if (n == 0)
		return true;
	if (!whole_make_room(w, n))
		return false;
	memcpy(w->buf + w->to, in, n);
	w->to += n;
	return true;
}

/* Read on to the end of the frame. */
static bool
whole_find(struct frame_whole *w)
{
	enum frame_event event;
	size_t used;

	do {
		event = frame_read(&w->reader, whole_at(w, w->seen),
		    w->to - w->seen, &used);
		if (event == FRAME_BROKEN)
			return false;
		w->seen += used;
		if (event == FRAME_HEAD)
			w->body = w->seen - w->from;
		else if (event == FRAME_DATA)
			w->len += used;
	} while (event == FRAME_HEAD || event == FRAME_DATA);
	return event == FRAME_END;
}

bool
frame_whole_next(struct frame_whole *w, const unsigned char **body,
    size_t *len)
{
	if (!whole_find(w))
		return false;
	*body = whole_at(w, w->from + w->body);
	*len = w->len;
	w->from = w->seen;
	w->body = w->len = 0;
	return true;
}

size_t
frame_whole_take(struct frame_whole *w, const unsigned char **frames)
{
	const unsigned char *body;
	size_t len, before = w->from;

	*frames = whole_at(w, before);
	while (frame_whole_next(w, &body, &len))
		continue;
	return w->from - before;
}

size_t
frame_whole_rest(const struct frame_whole *w, const unsigned char **rest)
{
	*rest = whole_at(w, w->from);
	return w->to - w->from;
}

void
frame_whole_end(struct frame_whole *w)
{
	(void)frame_read_end(&w->reader);
}

const char *
frame_whole_fault(const struct frame_whole *w)
{
	return w->reader.state == FRAME_AT_FAULT ? w->reader.why : NULL;
}

/*
 * Frames as wholes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reason.h"
#include "frame/frame_filters.h"
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

/* ---- The filter --------------------------------------------------------- */

struct whole {
	struct filter		filter;
	struct frame_whole	frames;
	bool			lf, loose;
	bool			last;	/* nothing more will be added */
	bool			cut;	/* by us, and not by the peer */
	bool			done;	/* the last one has gone */
	bool			no_memory;
	const unsigned char	*body;	/* goes out now; NULL: none */
	size_t			left;
	bool			owes_lf;
	uint64_t		lines;
	char			why[FRAME_WHY_MAX];
};

/* As much as there is room for; true: it is all out. */
static bool
frames_give(struct whole *w, struct ring *out)
{
	size_t n = ring_room(out);

	if (n > w->left)
		n = w->left;
	if (n > 0)
		ring_append(out, w->body, n);
	w->body += n;
	w->left -= n;
	if (w->left > 0)
		return false;
	if (w->owes_lf && ring_room(out) == 0)
		return false;
	if (w->owes_lf)
		ring_append(out, (const unsigned char *)"\n", 1);
	w->body = NULL;
	return true;
}

/* What stands behind the last LF of a file. */
static bool
frames_find_rest(struct whole *w)
{
	if (!w->last || !w->loose || w->done ||
	    frame_whole_fault(&w->frames) != NULL)
		return false;
	w->done = true;
	w->left = frame_whole_rest(&w->frames, &w->body);
	return w->left > 0;
}

static bool
frames_find(struct whole *w)
{
	if (!frame_whole_next(&w->frames, &w->body, &w->left) &&
	    !frames_find_rest(w)) {
		w->body = NULL;
		return false;
	}
	w->owes_lf = w->lf;
	w->lines++;
	return true;
}

static void
frames_whole_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct whole *w = (struct whole *)f;

	w->last |= last;
	/* With bytes, the one that goes out has ended: see more(). */
	if (n > 0 && !frame_whole_add(&w->frames, in, n)) {
		w->no_memory = true;
		return;
	}
	if (w->body != NULL && !frames_give(w, out))
		return;
	while (frames_find(w))
		if (!frames_give(w, out))
			return;
	if (w->last && !w->cut && !w->loose)
		frame_whole_end(&w->frames);
	/* Give back what is not needed. */
	(void)frame_whole_add(&w->frames, NULL, 0);
}

static void
frames_whole_free(struct filter *f)
{
	frame_whole_free(&((struct whole *)f)->frames);
	free(f);
}

static bool
frames_whole_more(const struct filter *f)
{
	return ((const struct whole *)f)->body != NULL;
}

static size_t
frames_whole_held(const struct filter *f)
{
	const struct whole *w = (const struct whole *)f;
	const unsigned char *rest;
	size_t n = frame_whole_rest(&w->frames, &rest);

	if (frame_whole_fault(&w->frames) != NULL || w->no_memory ||
	    w->done || w->cut)
		n = 0;
	return n + (w->body != NULL ? w->left + w->owes_lf : 0);
}

/* Of a file, it is told which line it is. */
static const char *
frames_whole_fault(const struct filter *f)
{
	struct whole *w = (struct whole *)(uintptr_t)f;
	const char *why = frame_whole_fault(&w->frames);

	if (w->no_memory)
		return reason_text(ENOMEM);
	if (w->body != NULL || why == NULL || !w->loose)
		return w->body != NULL ? NULL : why;
	(void)snprintf(w->why, sizeof(w->why), FRAME_LONG_LINE,
	    w->lines + 1, w->frames.reader.max);
	return w->why;
}

/* A part of a line is what there is of it; a part of a message is none. */
static size_t
frames_whole_cut(struct filter *f, bool failed)
{
	struct whole *w = (struct whole *)f;
	const unsigned char *rest;

	if (failed || w->loose)
		return 0;
	w->cut = true;
	return frame_whole_rest(&w->frames, &rest);
}

static const struct filter_ops whole_ops = {
	.name = "whole-messages",
	.growth = 1,
	.tail = 1,
	.push = frames_whole_push,
	.free = frames_whole_free,
	.more = frames_whole_more,
	.held = frames_whole_held,
	.fault = frames_whole_fault,
	.cut = frames_whole_cut
};

struct filter *
filter_frame_whole(const struct frame_rules *rules, bool lf, bool loose)
{
	struct whole *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->filter.ops = &whole_ops;
	w->lf = lf;
	w->loose = loose;
	frame_whole_init(&w->frames, rules);
	return &w->filter;
}


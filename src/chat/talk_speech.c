/*
 * How bytes become the lines of a group chat.
 */
#include <stdlib.h>
#include <string.h>

#include "chat/talk_speech.h"
#include "filter/sanitize.h"

bool
talk_make_room(struct speech *s, size_t n)
{
	size_t cap = s->cap == 0 ? 256 : s->cap;
	char *line;

	while (cap < s->len + n + 1)
		cap *= 2;
	if (cap == s->cap)
		return true;
	if ((line = realloc(s->line, cap)) == NULL)
		return false;
	s->line = line;
	s->cap = cap;
	return true;
}

void
talk_forget(struct speech *s)
{
	free(s->line);
	s->line = NULL;
	s->len = s->cap = 0;
}

/* Where a piece ends: not within a character. */
static size_t
talk_speech_piece_of(const struct speech *s)
{
	size_t n = s->len, most = 3;

	while (most-- > 0 && ((unsigned char)s->line[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
talk_speech_end_line(struct room *room, struct guest *g, struct speech *s,
    bool whole)
{
	if (!talk_make_room(s, 0)) {
		room_lost(room, s->len + 1);
		return;
	}
	s->line[s->len] = '\0';
	talk_line(room, g, s->line, s->len, whole && !s->long_line);
	s->len = 0;
	s->long_line = !whole;
}

/* A line that has grown too long goes on in pieces. */
static void
talk_speech_cut(struct room *room, struct guest *g, struct speech *s)
{
	char rest[4];
	size_t n = talk_speech_piece_of(s), more = s->len + 1 - n, i;

	for (i = 0; i < more && i < sizeof(rest); i++)
		rest[i] = s->line[n + i];
	s->len = n;
	talk_speech_end_line(room, g, s, false);
	for (; i-- > 0; s->len++)
		s->line[i] = rest[i];
}

static void
talk_speech_hear(struct room *room, struct guest *g, struct speech *s,
    const char *text, size_t n)
{
	for (; n > 0; text++, n--) {
		if (*text == '\n') {
			if (s->len > 0 || !(s->long_line || s->paused))
				talk_speech_end_line(room, g, s, true);
			s->long_line = s->paused = false;
			if (g != NULL && !g->in)
				return;		/* it left by that */
			continue;
		}
		if (!talk_make_room(s, 1)) {
			room_lost(room, n);
			return;
		}
		s->paused = false;
		s->line[s->len] = *text;
		if (s->len == TALK_LINE - 1)
			talk_speech_cut(room, g, s);
		else
			s->len++;
	}
}

/* n 0: it has ended, and so has its last line. */
void
talk_speak(struct room *room, struct guest *g, const unsigned char *in,
    size_t n)
{
	struct speech *s = g != NULL ? &g->speech : &room->speech;
	struct buf_cache *buf_cache = loop_buf_cache(room->run->loop);
	struct iovec iov[2];
	int i, cnt;

	ring_borrow(&room->scratch, buf_cache);
	if (ring_space(&room->scratch, iov, 1) == -1) {
		room_lost(room, n > 0 ? n : s->len);
		return;
	}
	s->clean->ops->push(s->clean, in, n, n == 0, &room->scratch);
	cnt = ring_data(&room->scratch, iov, SIZE_MAX);
	for (i = 0; i < cnt && (g == NULL || g->in); i++)
		talk_speech_hear(room, g, s, iov[i].iov_base, iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	ring_give(&room->scratch, buf_cache);
	talk_flush(room, g != NULL ? &g->member : &room->near);
	if (s->len == 0)
		talk_forget(s);
}

bool
talk_open_speech(struct speech *s)
{
	const struct sanitize_options opt = { .finish_line = true };

	s->clean = filter_sanitize(&opt);
	return s->clean != NULL;
}

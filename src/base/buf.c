/* Bytes that grow at one end and are taken at the other. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* An empty buffer larger than this is not kept. */
#define KEPT	4096

void
buf_free(struct buf *b)
{
	free(b->mem);
	*b = (struct buf){ .failed = b->failed };
}

bool
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? 256 : b->cap;
	char *mem;

	if (b->head > 0 && b->cap - b->head - b->used < n) {
		memmove(b->mem, b->mem + b->head, b->used);
		b->head = 0;
	}
	while (cap - b->head - b->used < n)
		cap *= 2;
	if (cap == b->cap)
		return true;
	if ((mem = realloc(b->mem, cap)) == NULL)
		return false;
	b->mem = mem;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (n == 0 || b->failed)
		return;
	if (!buf_reserve(b, n)) {
		b->failed = true;
		return;
	}
	memcpy(b->mem + b->head + b->used, bytes, n);
	b->used += n;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		buf_add(b, text, (size_t)n < sizeof(text) ? (size_t)n :
		    sizeof(text) - 1);
}

void
buf_take(struct buf *b, size_t n)
{
	b->head += n;
	b->used -= n;
	if (b->used > 0)
		return;
	b->head = 0;
	if (b->cap > KEPT)
		buf_free(b);
}

/* ---- Unused buffers ----------------------------------------------------- */

void *
buf_cache_lend(struct buf_cache *s, size_t size)
{
	void *mem;

	for (size_t i = 0; s != NULL && i < SPARES; i++) {
		mem = s->of[i].mem;
		if (mem == NULL || s->of[i].size != size)
			continue;
		s->of[i].mem = NULL;
		return mem;
	}
	return NULL;
}

void *
buf_cache_take(struct buf_cache *s, size_t size)
{
	void *mem = buf_cache_lend(s, size);

	return mem != NULL ? mem : malloc(size);
}

void
buf_cache_give(struct buf_cache *s, void *mem, size_t size)
{
	size_t i = 0;

	if (mem == NULL)
		return;
	if (s == NULL || size > SPARE_MAX) {
		free(mem);
		return;
	}
	/* Into a gap, or over the last buffer, which is the oldest. */
	while (i < SPARES - 1 && s->of[i].mem != NULL)
		i++;
	free(s->of[i].mem);
	memmove(s->of + 1, s->of, i * sizeof(s->of[0]));
	s->of[0].mem = mem;
	s->of[0].size = size;
}

void
buf_cache_free(struct buf_cache *s)
{
	for (size_t i = 0; i < SPARES; i++)
		free(s->of[i].mem);
}

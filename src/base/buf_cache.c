#include <stdlib.h>
#include <string.h>

#include "base/buf_cache.h"

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

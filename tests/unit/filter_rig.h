/* What a filter makes of a text, which is pushed in pieces of any size. */
#ifndef FILTER_RIG_H
#define FILTER_RIG_H

#include "unit.h"

#include "base/ring.h"
#include "filter/filter.h"

/* Pushes the text, and its end if there is one; what comes out, as a string. */
static const char *
filter_text(struct filter *f, const char *in, size_t n, size_t piece, bool ends)
{
	static char out[32768];
	struct ring ring;
	struct iovec iov[2];
	size_t i, len, before, used = 0;
	int k, cnt;

	ring_init(&ring, sizeof(out) - 1);
	if (f == NULL || ring_space(&ring, iov, 1) == -1)
		abort();
	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		before = ring_used(&ring);
		f->ops->push(f, (const unsigned char *)in + i, len, false,
		    &ring);
		CHECK(ring_used(&ring) - before <=
		    len * f->ops->growth + f->ops->tail);
	}
	if (ends)
		f->ops->push(f, NULL, 0, true, &ring);
	cnt = ring_data(&ring, iov, sizeof(out));
	for (k = 0; k < cnt; k++) {
		memcpy(out + used, iov[k].iov_base, iov[k].iov_len);
		used += iov[k].iov_len;
	}
	out[used] = '\0';
	ring_free(&ring);
	return out;
}

#endif

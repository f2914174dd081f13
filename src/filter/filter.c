/*
 * What filters and gates have in common.
 */
#include <string.h>

#include "filter/filter.h"

void
ring_append(struct ring *r, const unsigned char *from, size_t n)
{
	struct iovec iov[2];
	int i, cnt = ring_space(r, iov, n);

	for (i = 0; i < cnt; i++) {
		memcpy(iov[i].iov_base, from, iov[i].iov_len);
		from += iov[i].iov_len;
		ring_put(r, iov[i].iov_len);
	}
}

void
filter_free(struct filter *f)
{
	if (f != NULL)
		f->ops->free(f);
}

void
gate_free(struct gate *g)
{
	if (g != NULL)
		g->ops->free(g);
}

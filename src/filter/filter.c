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

bool
filter_more(const struct filter *f)
{
	return f != NULL && f->ops->more != NULL && f->ops->more(f);
}

size_t
filter_held(const struct filter *f)
{
	return f != NULL && f->ops->held != NULL ? f->ops->held(f) : 0;
}

const char *
filter_fault(const struct filter *f)
{
	return f != NULL && f->ops->fault != NULL ? f->ops->fault(f) : NULL;
}

size_t
filter_cut(struct filter *f, bool failed)
{
	return f != NULL && f->ops->cut != NULL ? f->ops->cut(f, failed) : 0;
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

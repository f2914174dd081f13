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

size_t
ring_line(const struct ring *r)
{
	struct iovec iov[2];
	const char *lf;
	size_t before = 0;
	int i, cnt = ring_data(r, iov, ring_used(r));

	for (i = 0; i < cnt; i++) {
		lf = memchr(iov[i].iov_base, '\n', iov[i].iov_len);
		if (lf != NULL)
			return before + (size_t)(lf -
			    (const char *)iov[i].iov_base) + 1;
		before += iov[i].iov_len;
	}
	return before;
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

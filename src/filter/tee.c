/*
 * Bytes that somebody else is to see too.
 */
#include <stdlib.h>

#include "filter/tee.h"

struct tee {
	struct filter	 filter;
	struct filter_ops ops;		/* bounds are next's */
	struct filter	*next;
	void		(*saw)(void *, const unsigned char *, size_t, bool);
	void		*arg;
};

static void
tee_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct tee *t = (struct tee *)f;

	t->saw(t->arg, in, n, last);
	if (t->next != NULL)
		t->next->ops->push(t->next, in, n, last, out);
	else if (n > 0)
		ring_append(out, in, n);
}

static void
tee_free(struct filter *f)
{
	filter_free(((struct tee *)f)->next);
	free(f);
}

struct filter *
filter_tee(struct filter *next, void (*saw)(void *, const unsigned char *,
    size_t, bool), void *arg)
{
	struct tee *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->ops = (struct filter_ops){ .name = "tee",
	    .growth = next != NULL ? next->ops->growth : 1,
	    .tail = next != NULL ? next->ops->tail : 0,
	    .push = tee_push, .free = tee_free };
	t->filter.ops = &t->ops;
	t->next = next;
	t->saw = saw;
	t->arg = arg;
	return &t->filter;
}

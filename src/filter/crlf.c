/*
 * LF to CR LF.
 */
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"

struct crlf {
	struct filter	filter;
	bool		after_cr;	/* across pushes */
};

static void
crlf_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct crlf *c = (struct crlf *)f;
	const unsigned char *lf;
	size_t run;

	(void)last;
	while (n > 0 && (lf = memchr(in, '\n', n)) != NULL) {
		run = (size_t)(lf - in);
		ring_append(out, in, run);
		if (run > 0 ? lf[-1] == '\r' : c->after_cr)
			ring_append(out, lf, 1);
		else
			ring_append(out, (const unsigned char *)"\r\n", 2);
		c->after_cr = false;
		in += run + 1;
		n -= run + 1;
	}
	if (n > 0) {
		ring_append(out, in, n);
		c->after_cr = in[n - 1] == '\r';
	}
}

static void
crlf_free(struct filter *f)
{
	free(f);
}

static const struct filter_ops crlf_ops = {
	.name = "crlf",
	.growth = 2,
	.push = crlf_push,
	.free = crlf_free
};

struct filter *
filter_crlf(void)
{
	struct crlf *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->filter.ops = &crlf_ops;
	return &c->filter;
}

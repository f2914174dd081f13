/*
 * Messages out of a stream.
 */
#include <stdlib.h>

#include "frame/frame_filters.h"

struct decode {
	struct filter		filter;
	struct frame_reader	reader;
	bool			lf;
	bool			cut;	/* by us, and not by the peer */
	bool			grams;	/* each push is a datagram */
	bool			mid;	/* a message came out in part */
	bool			open;	/* ... and no more of it will */
	bool			*broken; /* ... of an earlier one's; or NULL */
};

static void
decode_give(struct decode *d, const unsigned char *in, size_t n,
    struct ring *out)
{
	ring_append(out, in, n);
	d->mid = true;
}

static void
decode_end_line(struct decode *d, struct ring *out)
{
	if (d->lf)
		ring_append(out, (const unsigned char *)"\n", 1);
	d->mid = false;
}

/* Nobody's message goes on with somebody else's. */
static void
decode_begin(struct decode *d, struct ring *out)
{
	if (d->open || (d->broken != NULL && *d->broken))
		decode_end_line(d, out);
	d->open = false;
	if (d->broken != NULL)
		*d->broken = false;
}

static void
decode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct decode *d = (struct decode *)f;
	enum frame_event event;
	size_t used;

	while ((event = frame_read(&d->reader, in, n, &used)) != FRAME_MORE &&
	    event != FRAME_BROKEN) {
		if (event != FRAME_HEAD)
			decode_begin(d, out);
		if (event == FRAME_DATA)
			decode_give(d, in, used, out);
		else if (event == FRAME_END)
			decode_end_line(d, out);
		in += used;
		n -= used;
	}
	if ((last || d->grams) && !d->cut)
		(void)frame_read_end(&d->reader);
}

static void
decode_free(struct filter *f)
{
	struct decode *d = (struct decode *)f;

	if (d->broken != NULL && (d->mid || d->open))
		*d->broken = true;
	free(f);
}

static size_t
decode_held(const struct filter *f)
{
	const struct decode *d = (const struct decode *)f;

	return d->cut ? 0 : frame_reader_held(&d->reader);
}

static const char *
decode_fault(const struct filter *f)
{
	const struct decode *d = (const struct decode *)f;

	return d->reader.state == FRAME_AT_FAULT ? d->reader.why : NULL;
}

/* Who stops listening cannot blame the peer for half a message. */
static size_t
decode_cut(struct filter *f, bool failed)
{
	struct decode *d = (struct decode *)f;
	size_t n = decode_held(f);

	if (failed)
		return 0;
	d->cut = true;
	return n;
}

/*
 * What comes out is never more than what went in, for each message has a byte
 * beside its own; only the length, or the message before that broke off, may
 * have come with an earlier push.
 */
static const struct filter_ops decode_ops = {
	.name = "unframe",
	.growth = 1,
	.tail = 1,
	.push = decode_push,
	.free = decode_free,
	.held = decode_held,
	.fault = decode_fault,
	.cut = decode_cut
};

struct filter *
filter_frame_decode(const struct frame_rules *rules, bool lf)
{
	struct decode *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->filter.ops = &decode_ops;
	d->lf = lf;
	frame_reader_init(&d->reader, rules);
	return &d->filter;
}

void
frame_decode_joins(struct filter *f, bool *broken)
{
	((struct decode *)f)->broken = broken;
}

void
frame_decode_datagrams(struct filter *f)
{
	((struct decode *)f)->grams = true;
}

void
frame_decode_restart(struct filter *f)
{
	struct decode *d = (struct decode *)f;
	const struct frame_rules rules = {
		.format = d->reader.format, .max = d->reader.max
	};

	frame_reader_init(&d->reader, &rules);
	d->open |= d->mid;
	d->mid = false;
}

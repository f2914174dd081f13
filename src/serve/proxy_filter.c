#include <stdlib.h>
#include <string.h>

#include "serve/proxy_filter.h"

/* Moves bytes to the ring, as many as there is room for. */
static void
http_give(struct buf *from, struct ring *out)
{
	size_t n = from->used < ring_room(out) ? from->used : ring_room(out);

	if (n == 0)
		return;
	ring_append(out, buf_data(from), n);
	buf_take(from, n);
}

/* ---- The request -------------------------------------------------------- */

struct request_filter {
	struct filter	 filter;
	struct http_body body;
	struct buf	 kept;		/* goes out first */
};

static void
request_filter_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct request_filter *r = (struct request_filter *)f;

	(void)last;
	http_give(&r->kept, out);
	if (n > 0)
		n = http_body_take(&r->body, (const char *)in, n);
	if (n > 0)
		ring_append(out, in, n);
}

static bool
request_filter_more(const struct filter *f)
{
	return ((const struct request_filter *)f)->kept.used > 0;
}

static size_t
request_filter_held(const struct filter *f)
{
	return ((const struct request_filter *)f)->kept.used;
}

static const char *
request_filter_fault(const struct filter *f)
{
	const struct request_filter *r = (const struct request_filter *)f;

	return r->body.bad && r->kept.used == 0 ?
	    "the chunks of the request cannot be understood" : NULL;
}

static void
request_filter_free(struct filter *f)
{
	buf_free(&((struct request_filter *)f)->kept);
	free(f);
}

struct filter *
filter_http_request(const struct http_request *request, struct buf *header,
    struct buf *early)
{
	static const struct filter_ops ops = { .growth = 1,
	    .push = request_filter_push, .free = request_filter_free,
	    .more = request_filter_more, .held = request_filter_held,
	    .fault = request_filter_fault };
	struct request_filter *r = filter_new(sizeof(*r), &ops);

	if (r != NULL) {
		http_body_init(&r->body, request->body, request->length);
		buf_add(header, buf_data(early), http_body_take(&r->body,
		    buf_data(early), early->used));
		r->kept = *header;
		*header = (struct buf){ .mem = NULL };
	}
	buf_free(header);
	buf_free(early);
	if (r == NULL || !r->kept.failed)
		return r != NULL ? &r->filter : NULL;
	request_filter_free(&r->filter);
	return NULL;
}

/* ---- The answer --------------------------------------------------------- */

enum reply_state {
	REPLY_HEAD,		/* the header has not ended */
	REPLY_BODY,		/* what follows goes through */
	REPLY_OVER		/* nothing follows */
};

struct reply_filter {
	struct filter	 filter;
	struct buf	 head;		/* of the target, up to its end */
	struct buf	 kept;		/* goes out first */
	size_t		 seen;		/* bytes of head that were searched */
	enum reply_state state;
	struct http_body body;
	bool		 ends;		/* the body has an end of its own */
	unsigned	 minor;
	bool		 head_only;	/* the request was HEAD */
	bool		 ncat;
	bool		 failed;	/* no memory */
};

static void
reply_filter_fail(struct reply_filter *r)
{
	r->state = REPLY_OVER;
	buf_free(&r->head);
	http_answer(&r->kept, 502, "This proxy does not understand the "
	    "server's answer.", r->ncat);
}

/* Returns how many of the bytes belong to the answer. */
static size_t
reply_filter_body(struct reply_filter *r, const char *s, size_t n)
{
	if (!r->ends)
		return n;
	n = http_body_take(&r->body, s, n);
	if (r->body.done || r->body.bad)
		r->state = REPLY_OVER;
	return n;
}

/* A whole header has come; interim answers are followed by another. */
static void
reply_filter_take(struct reply_filter *r, size_t n)
{
	struct http_reply reply;
	struct buf header = { .mem = NULL };

	if (!http_reply_parse(&reply, r->head.mem + r->head.head, n,
	    r->head_only) || !http_reply_rewrite(&reply, r->minor, &header)) {
		buf_free(&header);
		reply_filter_fail(r);
		return;
	}
	/* HTTP/1.0 has no interim answers. */
	if (reply.code >= 200 || reply.code == 101 || r->minor > 0)
		buf_add(&r->kept, buf_data(&header), header.used);
	r->failed |= header.failed;
	buf_free(&header);
	buf_take(&r->head, n);
	r->seen = 0;
	if (reply.code < 200 && reply.code != 101)
		return;
	r->state = REPLY_BODY;
	r->ends = reply.ends;
	http_body_init(&r->body, reply.body, reply.length);
	buf_add(&r->kept, buf_data(&r->head), reply_filter_body(r,
	    buf_data(&r->head), r->head.used));
	buf_free(&r->head);
	r->head = (struct buf){ .mem = NULL };
}

static void
reply_filter_search(struct reply_filter *r)
{
	size_t n;

	while (r->state == REPLY_HEAD && (n = http_head_end(
	    buf_data(&r->head), r->head.used, &r->seen)) > 0)
		reply_filter_take(r, n);
	if (r->state == REPLY_HEAD && r->head.used > HTTP_HEAD_MAX)
		reply_filter_fail(r);
}

static void
reply_filter_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct reply_filter *r = (struct reply_filter *)f;

	if (r->state == REPLY_HEAD) {
		buf_add(&r->head, in, n);
		n = 0;
		reply_filter_search(r);
		if (last && r->state == REPLY_HEAD)
			reply_filter_fail(r);
	}
	r->failed |= r->head.failed || r->kept.failed;
	http_give(&r->kept, out);
	if (n > 0 && r->state == REPLY_BODY && (n = reply_filter_body(r,
	    (const char *)in, n)) > 0)
		ring_append(out, in, n);
}

static bool
reply_filter_more(const struct filter *f)
{
	return ((const struct reply_filter *)f)->kept.used > 0;
}

static size_t
reply_filter_held(const struct filter *f)
{
	const struct reply_filter *r = (const struct reply_filter *)f;

	return r->head.used + r->kept.used;
}

static const char *
reply_filter_fault(const struct filter *f)
{
	return ((const struct reply_filter *)f)->failed ?
	    "the answer's header does not fit in memory" : NULL;
}

/* The target was reset: a part of a header is no answer. */
static size_t
reply_filter_cut(struct filter *f, bool failed)
{
	struct reply_filter *r = (struct reply_filter *)f;
	size_t n = r->head.used;

	if (!failed || r->state != REPLY_HEAD)
		return 0;
	buf_free(&r->head);
	r->state = REPLY_OVER;
	return n;
}

static bool
reply_filter_over(const struct filter *f)
{
	return ((const struct reply_filter *)f)->state == REPLY_OVER;
}

static void
reply_filter_free(struct filter *f)
{
	struct reply_filter *r = (struct reply_filter *)f;

	buf_free(&r->head);
	buf_free(&r->kept);
	free(f);
}

struct filter *
filter_http_reply(unsigned minor, bool head, bool ncat)
{
	static const struct filter_ops ops = { .growth = 1,
	    .push = reply_filter_push, .free = reply_filter_free,
	    .more = reply_filter_more, .held = reply_filter_held,
	    .fault = reply_filter_fault, .over = reply_filter_over,
	    .cut = reply_filter_cut };
	struct reply_filter *r = filter_new(sizeof(*r), &ops);

	if (r == NULL)
		return NULL;
	r->minor = minor;
	r->head_only = head;
	r->ncat = ncat;
	return &r->filter;
}

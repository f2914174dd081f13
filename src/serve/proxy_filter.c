#include <stdlib.h>
#include <string.h>

#include "serve/proxy_http.h"

enum http_stage {
	HTTP_HEAD,		/* the header has not ended */
	HTTP_BODY,		/* what follows goes through */
	HTTP_OVER		/* nothing follows */
};

/* Of a request, whose header is in kept from the start, or of its answer. */
struct http_filter {
	struct filter	 filter;
	enum http_stage	 stage;
	struct buf	 kept;		/* goes out first */
	struct http_body body;
	bool		 ends;		/* the body has an end of its own */
	bool		 failed;	/* no memory */
	/* Of an answer: */
	struct buf	 head;		/* of the target, up to its end */
	size_t		 seen;		/* bytes of head that were searched */
	unsigned	 minor;
	bool		 head_only;	/* the request was HEAD */
	bool		 ncat;
};

/* Returns how many of the bytes belong to the message. */
static size_t
http_filter_body(struct http_filter *h, const char *s, size_t n)
{
	if (!h->ends)
		return n;
	n = http_body_take(&h->body, s, n);
	if (h->body.done || h->body.bad)
		h->stage = HTTP_OVER;
	return n;
}

/* The target's answer is not HTTP, or has no end. */
static void
http_filter_refuse(struct http_filter *h)
{
	h->stage = HTTP_OVER;
	buf_free(&h->head);
	http_answer(&h->kept, 502, "This proxy does not understand the "
	    "server's answer.", h->ncat);
}

/* A whole header has come; interim answers are followed by another. */
static void
http_filter_take_head(struct http_filter *h, size_t n)
{
	struct http_reply reply;
	struct buf header = { .mem = NULL };
	bool interim;

	if (!http_reply_parse(&reply, h->head.mem + h->head.head, n,
	    h->head_only) || !http_reply_rewrite(&reply, h->minor, &header)) {
		buf_free(&header);
		http_filter_refuse(h);
		return;
	}
	interim = reply.code < 200 && reply.code != 101;
	/* HTTP/1.0 has no interim answers. */
	if (!interim || h->minor > 0)
		buf_add(&h->kept, buf_data(&header), header.used);
	h->failed |= header.failed;
	buf_free(&header);
	buf_take(&h->head, n);
	h->seen = 0;
	if (interim)
		return;
	h->stage = HTTP_BODY;
	h->ends = reply.ends;
	http_body_init(&h->body, reply.body, reply.length);
	buf_add(&h->kept, buf_data(&h->head), http_filter_body(h,
	    buf_data(&h->head), h->head.used));
	buf_free(&h->head);
	h->head = (struct buf){ .mem = NULL };
}

static void
http_filter_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct http_filter *h = (struct http_filter *)f;
	size_t end, first;

	if (h->stage == HTTP_HEAD) {
		buf_add(&h->head, in, n);
		n = 0;
		while (h->stage == HTTP_HEAD && (end = http_head_end(
		    buf_data(&h->head), h->head.used, &h->seen)) > 0)
			http_filter_take_head(h, end);
		if (h->stage == HTTP_HEAD &&
		    (last || h->head.used > HTTP_HEAD_MAX))
			http_filter_refuse(h);
	}
	h->failed |= h->head.failed || h->kept.failed;
	first = h->kept.used < ring_room(out) ? h->kept.used : ring_room(out);
	if (first > 0) {
		ring_append(out, buf_data(&h->kept), first);
		buf_take(&h->kept, first);
	}
	if (n > 0 && h->stage == HTTP_BODY &&
	    (n = http_filter_body(h, (const char *)in, n)) > 0)
		ring_append(out, in, n);
}

static bool
http_filter_more(const struct filter *f)
{
	return ((const struct http_filter *)f)->kept.used > 0;
}

static size_t
http_filter_held(const struct filter *f)
{
	const struct http_filter *h = (const struct http_filter *)f;

	return h->head.used + h->kept.used;
}

static void
http_filter_free(struct filter *f)
{
	struct http_filter *h = (struct http_filter *)f;

	buf_free(&h->head);
	buf_free(&h->kept);
	free(f);
}

static const char *
http_request_fault(const struct filter *f)
{
	const struct http_filter *h = (const struct http_filter *)f;

	return h->body.bad && h->kept.used == 0 ?
	    "the chunks of the request cannot be understood" : NULL;
}

static const char *
http_reply_fault(const struct filter *f)
{
	return ((const struct http_filter *)f)->failed ?
	    "the answer's header does not fit in memory" : NULL;
}

/* The target was reset: a part of a header is no answer. */
static size_t
http_reply_cut(struct filter *f, bool failed)
{
	struct http_filter *h = (struct http_filter *)f;
	size_t n = h->head.used;

	if (!failed || h->stage != HTTP_HEAD)
		return 0;
	buf_free(&h->head);
	h->stage = HTTP_OVER;
	return n;
}

static bool
http_reply_over(const struct filter *f)
{
	return ((const struct http_filter *)f)->stage == HTTP_OVER;
}

struct filter *
filter_http_request(const struct http_request *request, struct buf *header,
    struct buf *early)
{
	static const struct filter_ops ops = { .growth = 1,
	    .push = http_filter_push, .free = http_filter_free,
	    .more = http_filter_more, .held = http_filter_held,
	    .fault = http_request_fault };
	struct http_filter *h = filter_new(sizeof(*h), &ops);

	if (h != NULL) {
		h->stage = HTTP_BODY;
		h->ends = true;
		http_body_init(&h->body, request->body, request->length);
		buf_add(header, buf_data(early), http_filter_body(h,
		    buf_data(early), early->used));
		h->kept = *header;
		*header = (struct buf){ .mem = NULL };
	}
	buf_free(header);
	buf_free(early);
	if (h == NULL || !h->kept.failed)
		return h != NULL ? &h->filter : NULL;
	http_filter_free(&h->filter);
	return NULL;
}

struct filter *
filter_http_reply(unsigned minor, bool head, bool ncat)
{
	static const struct filter_ops ops = { .growth = 1,
	    .push = http_filter_push, .free = http_filter_free,
	    .more = http_filter_more, .held = http_filter_held,
	    .fault = http_reply_fault, .over = http_reply_over,
	    .cut = http_reply_cut };
	struct http_filter *h = filter_new(sizeof(*h), &ops);

	if (h == NULL)
		return NULL;
	h->minor = minor;
	h->head_only = head;
	h->ncat = ncat;
	return &h->filter;
}

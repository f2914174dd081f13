/*
 * HTTP CONNECT (RFC 9110, section 9.3.6): asks a proxy to connect, and pops
 * itself when that is done.
 *
 * Laws: one write for a request; the reply is looked at first, and then
 * exactly its header is taken, so that what comes glued to it stays in the
 * kernel; its size is bounded; nothing is sent to the target before the
 * proxy agreed; no secret outlives the handshake.
 */
#ifndef LAYER_LAYER_HTTP_H
#define LAYER_LAYER_HTTP_H

#include "base/buf.h"
#include "base/diag.h"
#include "layer/http_auth.h"
#include "layer/http_reply.h"
#include "layer/layer.h"
#include "layer/layer_socks.h"

/* All replies to one request, with the body of a refusal. */
#define HTTP_REPLY_MAX	65536

enum http_state { HTTP_ASK, HTTP_HEAD, HTTP_LENGTH, HTTP_CHUNKS };

struct layer_http {
	struct layer		 layer;
	const struct proxy_request	*request;
	struct http_challenge	*challenge;
	struct error		*err;
	enum http_state		 state;
	struct buf		 out;
	size_t			 sent;
	struct buf		 head;
	size_t			 seen;	/* bytes of this reply */
	size_t			 owed;	/* looked at, still to be taken */
	bool			 whole;	/* that is the end of this part */
	struct http_meter	 meter;
	bool			 used;	/* an answer came over this before */
};

/*
 * What went wrong will be in err: its num, why and proxy; PROXY_AGAIN means
 * that a new connection is worth a try, PROXY_PASSWORD that one is to be
 * found first. The challenge is the caller's, and outlives connections: once
 * a proxy has made one, the first request answers it. A host or login that
 * does not fit fails before anything is sent.
 */
void	layer_http_init(struct layer_http *, struct layer *below,
	    const struct proxy_request *, struct http_challenge *,
	    struct error *err);

#endif

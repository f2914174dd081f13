/*
 * HTTP CONNECT (RFC 9110, section 9.3.6): a layer that asks a proxy to connect,
 * and pops itself when connected.
 *
 * Laws: a request is one write; the reply is looked at first, and then only the
 * header is taken, so that the target's bytes after it stay in the kernel;
 * the size of replies is bounded; nothing is sent to the target before the
 * proxy agreed; no secret outlives the handshake.
 */
#ifndef LAYER_LAYER_HTTP_H
#define LAYER_LAYER_HTTP_H

#include "base/buf.h"
#include "base/diag.h"
#include "http/http_auth.h"
#include "layer/layer.h"

/* All replies to one request, with the body of a refusal. */
#define HTTP_REPLY_MAX	65536

enum http_state { HTTP_ASK, HTTP_HEAD, HTTP_BODY };

struct layer_http {
	struct layer		 layer;
	const struct proxy_request	*request;
	struct http_challenge	*challenge;
	struct error		*err;
	enum http_state		 state;
	struct buf		 out;
	size_t			 sent;
	struct buf		 head;
	size_t			 searched;	/* of it, for its end */
	size_t			 seen;	/* bytes of this reply */
	size_t			 owed;	/* looked at, still to be taken */
	bool			 whole;	/* up to the end of this part */
	struct http_body	 body;	/* of a refusal */
	bool			 used;	/* for a second request */
};

/*
 * A failure sets num, why and proxy of err: PROXY_AGAIN asks for a new
 * connection, PROXY_PASSWORD for a password first. The challenge is the
 * caller's, and outlives connections: the first request of a later connection
 * is the answer. A host or login that does not fit fails before any sending.
 */
void	layer_http_init(struct layer_http *, struct layer *below,
	    const struct proxy_request *, struct http_challenge *,
	    struct error *err);

#endif

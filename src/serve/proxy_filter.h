/*
 * The filters of a relay that carries one request of an HTTP client and its
 * answer.
 */
#ifndef SERVE_PROXY_FILTER_H
#define SERVE_PROXY_FILTER_H

#include "base/buf.h"
#include "filter/filter.h"
#include "serve/proxy_http.h"

/*
 * Sends the header first, then the body of the request, and nothing after the
 * body: bytes that follow are dropped. early: bytes of the client after its
 * header. Takes the memory of both buffers. NULL: no memory.
 */
struct filter	*filter_http_request(const struct http_request *,
		    struct buf *header, struct buf *early);
/*
 * Rewrites the header of the answer, and of interim answers (1xx) before it.
 * The filter is over after the answer, where that has an end of its own.
 * minor: the version that the client gets; head: the request was HEAD; ncat:
 * its answer if the target's is not HTTP.
 */
struct filter	*filter_http_reply(unsigned minor, bool head, bool ncat);

#endif

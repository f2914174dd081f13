/*
 * The requests of an HTTP client to a proxy server (RFC 9110, RFC 9112), and
 * the answers of its targets: where a header ends, what is asked, and the
 * header as the next server gets it. Pure: no descriptor, no clock.
 *
 * Laws: a request that two servers could understand in two ways is refused:
 * two lengths, a length and chunks, a bare CR, a NUL, a blank before a colon.
 * Folded lines are unfolded before anything else looks at them. One request
 * crosses a connection, and nothing after its body: both headers that leave say
 * "Connection: close". The cost of a header is linear in its length, times
 * HTTP_FIELDS_MAX at most.
 */
#ifndef SERVE_PROXY_HTTP_H
#define SERVE_PROXY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "filter/filter.h"
#include "http/http.h"

/* The most fields of a header, and the most names in its Connection fields. */
#define HTTP_FIELDS_MAX	100
/* The longest first line of a request. */
#define HTTP_LINE_MAX	8192
/* The longest name of a host (RFC 1035), or an IPv6 address and its zone. */
#define HTTP_HOST_MAX	255

/* A request, whose texts are in the header that was parsed. */
struct http_request {
	struct http_text	 method;
	struct http_text	 uri;		/* as the client wrote it */
	struct http_text	 authority;	/* "host:port", for Host */
	struct http_text	 path;		/* with the query */
	struct http_text	 login;		/* Proxy-Authorization; at NULL:
						   none */
	struct http_text	 fields;	/* the lines of the header */
	char			 host[HTTP_HOST_MAX + 1];
	unsigned		 port;
	unsigned		 minor;		/* of HTTP/1.x: 0 or 1 */
	bool			 connect;	/* the method is CONNECT */
	bool			 has_length;	/* with Content-Length */
	enum http_body_kind	 body;
	uint64_t		 length;	/* of HTTP_BODY_LENGTH */
};

/*
 * Parses a whole header, in which folded lines become lines. Returns 0, or the
 * status of an answer that refuses the request. ncat: by the rules of ncat's
 * proxy, which knows four methods and no chunks.
 */
int	http_request_parse(struct http_request *, char *, size_t n, bool ncat);
/*
 * Whether the uri of a Digest response names what is requested: for CONNECT,
 * host and port; else the URI, or its path and query, as curl and browsers
 * write it.
 */
bool	http_request_is_for(const struct http_request *, const char *uri);
/*
 * Adds the header that the target gets: the path instead of the URI, a Host
 * of its own, and without the fields that are meant for this proxy. minor: the
 * version that is sent.
 */
void	http_request_rewrite(const struct http_request *, unsigned minor,
	    struct buf *);

/*
 * Adds the header that the client gets of a target's answer; false: the answer
 * has too many fields.
 */
bool	http_reply_rewrite(const struct http_reply *, unsigned minor,
	    struct buf *);

/* ---- The filters of a relay with one request and its answer ------------- */

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

/* ---- Answers of the proxy ----------------------------------------------- */

/* The answers of ncat have no body, and other words for some states. */
void	http_answer(struct buf *, int code, const char *why, bool ncat);
/* Adds the last fields of an answer, and a line of text as its body. */
void	http_add_text(struct buf *, const char *why);
/* "Forbidden" */
const char	*http_reason(int code);

#endif

/*
 * A client of a proxy server until it has a target; serve/proxy_server.c reads
 * its request.
 */
#ifndef SERVE_PROXY_CLIENT_H
#define SERVE_PROXY_CLIENT_H

#include "reach/dial.h"
#include "reach/targets.h"
#include "serve/proxy_http.h"
#include "serve/proxy_login.h"
#include "serve/proxy_lookup.h"
#include "serve/relay.h"

#define PROXY_REQUEST_TIME	(10 * NSEC_PER_SEC)
#define PROXY_DIAL_TIME		(30 * NSEC_PER_SEC)

struct proxy_udp;

struct proxy_server {
	struct run		*run;
	struct targets		*targets;
	struct proxy_guard	 guard;
	struct proxy_lookups	 lookups;
};

/*
 *	GREETING --> LOGIN --> REQUEST --> DIALLING --> the relay
 *	HTTP and SOCKS 4 begin with REQUEST; UDP ASSOCIATE ends in UDP.
 */
enum proxy_state {
	PROXY_WAITS_GREETING,
	PROXY_WAITS_LOGIN,
	PROXY_WAITS_REQUEST,
	PROXY_DIALS,
	PROXY_PASSES_UDP
};

enum proxy_failure {
	PROXY_TARGET_DENIED, PROXY_TARGET_UNKNOWN, PROXY_TARGET_REFUSED,
	PROXY_TARGET_NO_NET, PROXY_TARGET_NO_HOST, PROXY_TARGET_SILENT,
	PROXY_OUT_OF_ORDER
};

struct proxy_client {
	struct proxy_server	*server;
	struct relay		*relay;
	enum proxy_state	 state;
	enum proxy_kind		 kind;	/* PROXY_NONE: not known yet */
	struct buf		 in;	/* what the client has sent */
	size_t			 seen;	/* bytes searched for the end */
	size_t			 used;	/* bytes of the request */
	int64_t			 until;	/* limit of the state */
	struct http_request	 request;	/* its texts are in `in' */
	char			 host[HTTP_HOST_MAX + 1];
	unsigned		 port;
	struct proxy_lookup	*lookup;	/* NULL: none */
	struct dial		*dial;		/* NULL: not dialling */
	struct addr_list	 list;		/* that may be dialled */
	bool			 denied;	/* rules deny an address */
	struct proxy_udp	*udp;
	struct addr		 peer;
	struct proxyp_ends	 announced;	/* by --send-proxy */
};

/* Answers are short, and the socket takes them at once; false: it did not. */
bool	proxy_client_write(struct proxy_client *, struct buf *answer);
/*
 * After each of these but the first, the client may be gone: writes the last
 * answer; with -v, only tells why a client is not served; answers by HTTP;
 * refuses by the client's protocol.
 */
void	proxy_client_say(const struct proxy_client *, int num,
	    const char *why);
void	proxy_client_end_with(struct proxy_client *, struct buf *answer);
void	proxy_client_answer_http(struct proxy_client *, int code,
	    const char *why);
void	proxy_client_fail(struct proxy_client *, enum proxy_failure);
/* Looks the host up, judges its addresses, dials, and relays. */
void	proxy_client_go(struct proxy_client *);

#endif

/*
 * The proxy's part of a dial: the handshake over a connection to the proxy,
 * and the state that outlives connections (password, challenge, tries).
 */
#ifndef REACH_PROXY_DIAL_H
#define REACH_PROXY_DIAL_H

#include "base/addr.h"
#include "base/diag.h"
#include "base/proxy.h"
#include "io/fd.h"
#include "loop/loop.h"

struct proxy_dial;

struct proxy_dial_ops {
	/* The proxy agreed; the callee owns the fd. */
	void	(*connected)(void *arg, struct fd *);
	/* num, why and proxy of the error are set; last: nothing follows. */
	void	(*failed)(void *arg, const struct error *, bool last);
	/* The proxy wants a new connection; typed: the user typed meanwhile. */
	void	(*redial)(void *arg, bool typed);
};

/*
 * The proxy is asked for this port of the host, by the address (copied), or by
 * name if addr is NULL. Returns NULL with errno on failure.
 */
struct proxy_dial	*proxy_dial_new(struct loop *,
			    const struct proxy_options *, const char *host,
			    unsigned port, const struct addr *,
			    const struct proxy_dial_ops *, void *arg);
/* Owns the fd, which began to connect at since; may call any op at once. */
void			 proxy_dial_handshake(struct proxy_dial *,
			    const struct fd *, int64_t since);
/* Frees at the end of the turn; no function is called any more. */
void			 proxy_dial_end(struct proxy_dial *);

#endif

/*
 * Reaching a host: straight by dialling it, or through the plan's proxy,
 * which is dialled instead and then asked to connect.
 *
 * Laws: nothing is sent to the host before the proxy agreed, and nothing of
 * what it says is taken from the socket; all of it, the proxy's answers with
 * it, is done within the plan's time; a password is wiped when it has served.
 */
#ifndef NET_REACH_H
#define NET_REACH_H

#include "net/dial.h"

struct reach;

/*
 * As dial_start; but with a proxy in the plan, the addresses are those of
 * the proxy, and the plan's host at this port is asked for: by goal (the
 * first of the list), or by name where there is none. The address that is
 * told is the proxy's, then. What it objects to has op "connect through",
 * and is in err->proxy; last is not set when it is asked again, after a
 * wrong password.
 *
 * A password that the proxy wants is asked for on the terminal, and nothing
 * else happens until it is there; that time is not counted. A signal ends the
 * question, and err->num is EINTR then.
 */
struct reach	*reach_start(struct loop *, const struct plan *,
		    const struct addr_list *to, unsigned port,
		    const struct addr_list *local,
		    const struct addr_list *proxy_target,
		    const struct dial_ops *, void *arg);
/* As dial_by; right after reach_start. */
void		 reach_by(struct reach *, const struct addr_list *hops);
/* Give up: all is closed and nothing more is called. */
void		 reach_cancel(struct reach *);

#endif

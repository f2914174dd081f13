/* Names to addresses, without blocking the loop. */
#ifndef REACH_RESOLVE_H
#define REACH_RESOLVE_H

#include "base/addr.h"
#include "base/diag.h"
#include "base/socket.h"
#include "loop/loop.h"

struct resolve_options {
	int		 family;	/* AF_*; AF_UNSPEC: IPv4 and IPv6 */
	bool		 dgram;		/* services are of UDP, not of TCP */
	bool		 numeric;	/* a host is a number, not a name */
	bool		 numeric_service;
	bool		 repeats;	/* keep an address that comes twice */
	bool		 interleaves;	/* the families take turns */
	enum resolve_wildcard wildcard;
};

struct resolve;

/*
 * Looks up host (NULL: the wildcard if passive, else loopback) and port (a
 * decimal number or service; NULL: 0). Calls done() exactly once, from a turn
 * of the loop (never from within this call), unless resolve_cancel comes first:
 * on failure err->num or err->gai is set, else done() owns the list, which has
 * at least one address. Only a name costs a thread, and the loop waits for the
 * thread's end. Returns NULL with errno if the lookup cannot begin.
 */
struct resolve	*resolve_start(struct loop *, const struct resolve_options *,
		    const char *host, const char *port, bool passive,
		    void (*done)(void *arg, struct addr_list *,
		    const struct error *), void *arg);
/* done() is not called any more. A running thread ends by itself. */
void		 resolve_cancel(struct resolve *);

#endif

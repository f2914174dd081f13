/* Loose source routes of IPv4 (RFC 791): the hosts that a packet passes. */
#ifndef REACH_ROUTE_H
#define REACH_ROUTE_H

#include "io/fd.h"
#include "reach/resolve.h"

/* The longest option of an IP header, in bytes. */
#define ROUTE_MAX	40

/*
 * Makes the bytes of the option: by these hops to that address. Returns their
 * count, a multiple of 4; or 0 if they are too many, or any is not IPv4.
 */
size_t	route_build(const struct addr_list *hops, const struct addr *to,
	    int pointer, unsigned char buf[ROUTE_MAX]);
/* Sets the option on a socket. Returns -1 and fills the error (op "set"). */
int	route_set(const struct fd *, const struct addr_list *hops,
	    const struct addr *to, int pointer, struct error *);

struct route_options {
	const char *const *hops;	/* names or numbers, not copied */
	size_t		 nhops;
	int64_t		 limit;		/* ns for each lookup; 0: none */
	struct resolve_options resolve;
};

struct route;

/*
 * Looks up the hops in sequence. Calls done() once, from a turn of
 * the loop: with an address for each hop, which the callee owns, or with the
 * name that failed and the error. Returns NULL with errno on failure.
 */
struct route	*route_find(struct loop *, const struct route_options *,
		    void (*done)(void *arg, struct addr_list *,
		    const char *host, const struct error *), void *arg);
/* Before done(), which is not called any more. NULL: does nothing. */
void		 route_cancel(struct route *);

#endif

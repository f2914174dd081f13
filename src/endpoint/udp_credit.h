/*
 * How much may be sent to a UDP peer, whose address may be forged: at most some
 * times what it has sent, until it has answered (RFC 9000, section 8.1).
 *
 * A peer has answered when it sends a datagram after something was sent to it,
 * or was withheld. The bytes of both directions are counted with the headers of
 * IP and UDP, and as the shortest packet of Ethernet at least, for that is what
 * they cost; so a typed word may be answered by a line.
 */
#ifndef ENDPOINT_UDP_CREDIT_H
#define ENDPOINT_UDP_CREDIT_H

#include <stdbool.h>

#include "base/addr.h"

/* Zeroed memory is a peer that has sent nothing. */
struct udp_credit {
	bool		answered;	/* there is no limit */
	bool		withheld;	/* an answer waits */
	uint64_t	got, sent;	/* bytes, until answered */
};

/* The peer has sent a datagram. Returns whether it has answered. */
bool	udp_credit_add(struct udp_credit *, const struct addr *peer,
	    size_t len);
/*
 * Whether a datagram may be sent, which then counts; else it is withheld.
 * factor 0: there is no limit.
 */
bool	udp_credit_spend(struct udp_credit *, const struct addr *peer,
	    size_t len, unsigned factor);
/* The datagram that counted has not left. */
void	udp_credit_return(struct udp_credit *, const struct addr *peer,
	    size_t len, unsigned factor);

/* ---- Peers that have answered ------------------------------------------- */

#define UDP_KNOWN	4096		/* a power of two */

struct udp_known {
	uint64_t	who;		/* hash of the address and port */
	int64_t		when;		/* ns; 0: no peer */
};

/* Whether the peer was added in the last ten minutes. */
bool	udp_known_has(const struct udp_known *, uint64_t who, int64_t now);
void	udp_known_add(struct udp_known *, uint64_t who, int64_t now);

#endif

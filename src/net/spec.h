/*
 * The words of --allow and --deny: an address, a prefix (10.0.0.0/8,
 * fe80::/10), a pattern of IPv4 octets (10.0.0-3.*), or a name. Pure: nothing
 * is looked up but the number of an interface.
 *
 * Law: an IPv4 address is its IPv4-mapped IPv6 one (::ffff:192.0.2.1), here
 * and in the peer that is compared, so that there is one kind of prefix. A
 * rule for ::/0 thus matches every peer.
 */
#ifndef NET_SPEC_H
#define NET_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/socket.h"

#define SPEC_BITS_MAX	128

struct prefix {
	uint8_t		 addr[16];	/* 0 after the prefix */
	uint8_t		 bits;
	uint32_t	 scope;		/* an interface; 0: any */
};

/* The values that each octet may have: a bit for each. */
struct octets {
	uint8_t		 may[4][32];
};

enum spec_kind { SPEC_BAD, SPEC_PREFIX, SPEC_OCTETS, SPEC_NAME };

struct spec {
	struct prefix	 prefix;
	struct octets	 octets;
	long		 bits;		/* after the slash; -1: none */
	/* SPEC_BAD, as in a struct access_error: */
	enum access_fault fault;
	unsigned	 most;
	bool		 plain;
};

/*
 * Reads a word, and cuts it at its slash: a name is left to be looked up.
 * loose: 127.1 and 0177.0.0.1 are addresses.
 */
enum spec_kind	 spec_parse(char *word, bool loose, struct spec *);

/*
 * Makes the prefix of an address with so many bits (of the address's own
 * family; -1: all). Returns 0, or the largest number if bits exceeds it.
 */
unsigned	 prefix_make(struct prefix *, const struct addr *, long bits);
/* Clears all but the first bits, of 128. */
void		 prefix_cut(struct prefix *, unsigned bits);
/* True if the pattern matches an address, given as a prefix of all its bits. */
bool		 octets_match(const struct octets *, const struct prefix *);

#endif

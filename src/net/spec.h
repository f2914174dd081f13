/*
 * Whom a word of --allow and --deny means: an address, a prefix (10.0.0.0/8,
 * fe80::/10), a pattern of IPv4 octets (10.0.0-3.*), or a name. Pure: nothing
 * is looked up but the number of an interface.
 *
 * Law: an IPv4 address is its IPv4-mapped IPv6 one (::ffff:192.0.2.1), here
 * and in what is compared with it, so that there is one kind of prefix. A
 * rule for ::/0 is thus one for everybody.
 */
#ifndef NET_SPEC_H
#define NET_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "plan/plan.h"

#define SPEC_BITS_MAX	128

struct prefix {
	uint8_t		 addr[16];	/* 0 behind the prefix */
	uint8_t		 bits;
	uint32_t	 scope;		/* an interface; 0: any */
};

/* Which values each octet may have: a bit for each. */
struct octets {
	uint8_t		 may[4][32];
};

enum spec_kind { SPEC_BAD, SPEC_PREFIX, SPEC_OCTETS, SPEC_NAME };

struct spec {
	struct prefix	 prefix;
	struct octets	 octets;
	long		 bits;		/* behind the slash; -1: none */
	/* Of a bad one, as in a struct access_slip: */
	enum access_fault fault;
	unsigned	 most;
	bool		 plain;
};

/*
 * Read a word, which loses its slash and what follows: what is left of a
 * name is to be looked up. loose: see plan.access_loose.
 */
enum spec_kind	 spec_parse(char *word, bool loose, struct spec *);

/*
 * The prefix of so many bits (of the address's own family; -1: all) around
 * an address. 0, or, when it has not so many, how many it has.
 */
unsigned	 prefix_make(struct prefix *, const struct addr *, long bits);
/* Forget what is behind so many bits, of 128. */
void		 prefix_cut(struct prefix *, unsigned bits);
/* Is this address, as a prefix of all its bits, one of the pattern's? */
bool		 octets_match(const struct octets *, const struct prefix *);

#endif

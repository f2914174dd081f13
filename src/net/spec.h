/*
 * The addresses that a rule names: of --allow, --deny and their files, or of
 * --allow-target and --deny-target.
 *
 * Law: IPv4 addresses are mapped to IPv6 (::ffff:192.0.2.1).
 */
#ifndef NET_SPEC_H
#define NET_SPEC_H

#include "base/addr.h"
#include "base/socket.h"

#define SPEC_BITS_MAX	128

struct prefix {
	uint8_t		 addr[16];	/* 0 after the prefix */
	uint8_t		 bits;
	uint32_t	 scope;		/* an interface; 0: any */
};

struct octets {
	uint8_t		 may[4][32];	/* a bit for each value of an octet */
};

enum spec_kind { SPEC_BAD, SPEC_PREFIX, SPEC_OCTETS, SPEC_NAME };

struct spec {
	struct prefix	 prefix;
	struct octets	 octets;
	long		 bits;		/* after the slash; -1: none */
	enum access_fault fault;	/* of SPEC_BAD, as the next two: see */
	unsigned	 most;		/* struct access_error */
	bool		 plain;
};

/*
 * Reads a word of a rule: an address, a prefix (10.0.0.0/8, fe80::/10), a
 * pattern of IPv4 octets (10.0.0-3.*), or a name. Cuts the word at the slash: a
 * name is left. loose: 127.1 and 0177.0.0.1 are addresses.
 */
enum spec_kind	 spec_parse(char *word, bool loose, struct spec *);

/*
 * Makes the prefix of an address with so many bits (of the address's own
 * family; -1: all). Returns 0, or the family's number of bits if exceeded.
 */
unsigned	 prefix_make(struct prefix *, const struct addr *, long bits);
/* Clears all but the first bits, of 128. */
void		 prefix_cut(struct prefix *, unsigned bits);
/* True if the pattern matches an address, given as a prefix of all bits. */
bool		 octets_match(const struct octets *, const struct prefix *);

#endif

/*
 * Access lists: which peers may come in, by --allow, --deny and their files,
 * or by traditional's operands.
 *
 * Laws: a peer must match no rule that denies, and, if there is any rule that
 * allows (even an empty file), such a rule. Peers of a Unix socket always
 * pass, unless they announce another address by the PROXY protocol: the file's
 * permissions decided already. A rule that cannot be
 * understood, read or looked up makes the whole list fail. IPv4 addresses are
 * mapped to IPv6 (::ffff:192.0.2.1): ::/0 matches every peer.
 */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/addr.h"
#include "base/socket.h"
#include "net/resolve.h"

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

/* The memory of these outlives the access list. */
struct access_options {
	const struct access_rule *rules;
	size_t		 nrules;
	bool		 loose;		/* of spec_parse; skip empty words */
	const char	*host;		/* traditional's operand; NULL: rules */
	const struct port_range *ports;	/* of the peer, with host; none: any */
	size_t		 nports;
	bool		 is_unix;	/* the socket is a Unix socket */
	struct resolve_options resolve;
};

struct access;

/*
 * Reads the rules and their files, and looks names up, once. Calls done()
 * once, from a turn of the loop, unless access_free comes first; with NULL if
 * all is well. Returns NULL with errno if reading cannot begin.
 */
struct access	*access_start(struct loop *, const struct access_options *,
		    void (*done)(void *arg, const struct access_error *),
		    void *arg);
/* Also from within done(); frees the access_error. NULL: does nothing. */
void		 access_free(struct access *);

/* True if this peer may come in; after done(). NULL: there are no rules. */
bool		 access_allows(const struct access *, const struct addr *peer);

#endif

/*
 * Access lists: which peers may come in, by --allow, --deny and their files,
 * or by traditional's operands.
 *
 * Laws: a peer must match no rule that denies, and, if there is any rule that
 * allows (even an empty file), such a rule. Peers of a Unix socket always
 * pass, unless they announce another address by the PROXY protocol: the file's
 * permissions decided already. A rule that cannot be
 * understood, read or looked up makes the whole list fail.
 * ::/0 matches every peer (net/spec.h).
 */
#ifndef DOOR_ACCESS_H
#define DOOR_ACCESS_H

#include "base/addr.h"
#include "base/socket.h"
#include "net/spec.h"
#include "reach/resolve.h"

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

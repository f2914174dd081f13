/*
 * Access lists: which peers may come in, by --allow, --deny and their files,
 * or by traditional's operands.
 *
 * Laws: a peer must match no rule that denies, and, if there is any rule that
 * allows (even an empty file), one of those. Peers of a Unix socket always
 * pass: they have no address, and the file's permissions decided already. A
 * rule that cannot be understood, read or looked up makes the whole list fail:
 * no peer is let in by mistake.
 */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/addr.h"
#include "base/socket.h"
#include "net/resolve.h"

/* The memory of these outlives the access list. */
struct access_options {
	const struct access_rule *rules;
	size_t		 nrules;
	bool		 loose;		/* 127.1 and 0177.0.0.1 are addresses,
					   an empty word is none */
	const char	*host;		/* traditional's operand; NULL: rules */
	const struct port_range *ports;	/* of the peer, with host; none: any */
	size_t		 nports;
	bool		 is_unix;	/* the socket is a Unix socket */
	struct resolve_options resolve;
};

struct access;

/*
 * Reads the rules and their files, and looks names up; their addresses are not
 * looked up again. Calls done() exactly once, from a turn of the loop (never
 * from within this call), unless access_free comes first; with NULL if all is
 * well. Returns NULL with errno if it cannot begin.
 */
struct access	*access_start(struct loop *, const struct access_options *,
		    void (*done)(void *arg, const struct access_error *),
		    void *arg);
/* Also from within done(), whose access_error it frees. NULL: does nothing. */
void		 access_free(struct access *);

/* True if this peer may come in; after done(). NULL: there are no rules. */
bool		 access_allows(const struct access *,
		    const struct addr *peer);

#endif

/*
 * A chat inside TLS: the six words that two people compare, and the peers that
 * they know by their keys (chat/known_peers.h).
 *
 * Each end shows a certificate: that of --tls-cert, or that of the user's
 * lasting key, or of a key that is made for this chat and becomes the lasting
 * key at the first :trust. So two people who both use :trust in their first
 * chat know each other in the next one.
 *
 * Laws: a peer is called by a known name if, and only if, its key is the one
 * that was stored under that name; no other peer is called by a name that looks
 * like a known name. With --expect the handshake fails with other keys, so none
 * of their bytes are seen, and they get none of ours.
 */
#ifndef CHAT_CHAT_TLS_H
#define CHAT_CHAT_TLS_H

#include "base/tls.h"
#include "chat/known_peers.h"
#include "plan/plan.h"

struct chat_tls {
	const struct plan	*plan;
	bool			 on;
	bool			 commands;	/* can be typed */
	struct known_peers	 known;
	struct error		 unusable;	/* why known is; or num 0 */
	struct error		 no_place;	/* why known has none since the
						   sandbox; or num 0 */
	char			 key[PATH_MAX];	/* file; "": not in use */
	char			*pem;		/* own key of this chat; NULL:
						   in a file, or not made */
	bool			 keeps_pem;	/* nothing is left to do */
	struct tls_pin		*pins;		/* of --expect */
	size_t			 npins;
	/* The peer: */
	bool			 secured;	/* there is one */
	const char		*words[TLS_WORDS];	/* NULL: none */
	bool			 has_cert;
	unsigned char		 sha256[TLS_SHA256];	/* of its certificate */
	char			 name[CHAT_NAME_MAX];	/* "": not known */
	char			 plain[CHAT_NAME_MAX];	/* shown if not known */
	bool			 claimed;	/* a false name was reported */
};

/* Reads the known peers. Returns 0, or the exit status after a message. */
int		 chat_tls_open(struct chat_tls *, const struct plan *,
		    bool commands);
void		 chat_tls_close(struct chat_tls *);
/* Makes the own key, if there is none; see near_ops.adapt_tls. */
void		 chat_tls_adapt(struct chat_tls *, struct tls_options *);
/* The directory of :trust; see near_ops.keeps. */
const char	*chat_tls_keeps(struct chat_tls *);
/*
 * Announces who the peer is, and the words. shown: the name by which the peer
 * is shown, which may be changed, here and by commands.
 */
void		 chat_tls_secured(struct chat_tls *, const struct tls_facts *,
		    char shown[CHAT_NAME_MAX]);
/* The peer has gone, and cannot be trusted any more. */
void		 chat_tls_left(struct chat_tls *);
/*
 * Whether the peer may be called by the name it gives; if not, a message says
 * so.
 */
bool		 chat_tls_allows_name(struct chat_tls *, const char *name,
		    const char *shown);
/* Whether this name looks like the name of a known peer. */
bool		 chat_tls_is_known_name(const struct chat_tls *,
		    const char *name);
/* Obeys :words, :trust and :forget; false: the line is something else. */
bool		 chat_tls_command(struct chat_tls *, const char *line,
		    char shown[CHAT_NAME_MAX]);
/* Prints the peer's fingerprint, and whether it is known. */
void		 chat_tls_info(const struct chat_tls *);
/* Lists the commands. */
void		 chat_tls_help(const struct chat_tls *);

#endif

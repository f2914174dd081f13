/*
 * A chat inside TLS: the six words that two people compare, and the peers that
 * they know by their keys.
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

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/tls.h"
#include "chat/chat_lines.h"
#include "plan/plan.h"

/* ---- known_peers.c ------------------------------------------------------ */

/*
 * The user's known peers, by the fingerprints of their certificates,
 * and the user's own lasting key. Both are files of one directory:
 * $XDG_STATE_HOME/sockcat, or ~/.local/state/sockcat.
 *
 * known_peers has a line for each peer, "HEX NAME": the SHA-256 of the
 * certificate, and a name of chat_names.h. Lines of other forms mean nothing,
 * and are kept. key.pem has the key and its certificate.
 *
 * Laws: no file is made before there is something to keep. The directory is
 * made with mode 0700, before a sandbox if there is one, files with 0600. A
 * file is replaced as a whole, under a lock, so programs that write at the same
 * time lose nothing. A directory or a list that other users may write to is not
 * used. A fingerprint has one name, and names that look alike have the same
 * fingerprint.
 */
struct known_peers {
	char		 dir[PATH_MAX];	/* "": there is no such place */
	size_t		 given;		/* of dir: this part has to be there */
	struct buf	 list;		/* the file's text */
};

/*
 * Finds the directory and reads the list; without a list no peer is known.
 * Returns -1 with the error, and no peer is known: the list cannot be used.
 */
int		 known_peers_open(struct known_peers *, struct error *);
void		 known_peers_close(struct known_peers *);
/*
 * Makes the directory, for a sandbox that allows it. NULL: there is no place,
 * or making it failed, with the error.
 */
const char	*known_peers_make_place(struct known_peers *, struct error *);

/* Fills the name of this fingerprint, or returns false. */
bool		 known_peers_find(const struct known_peers *,
		    const unsigned char sha256[TLS_SHA256],
		    char name[CHAT_NAME_MAX]);
/*
 * Fills the known name that this text is, or looks like, if its fingerprint is
 * another one (sha256 NULL: any); otherwise returns false.
 */
bool		 known_peers_is_other(const struct known_peers *,
		    const char *text, const unsigned char *sha256,
		    char name[CHAT_NAME_MAX]);
/*
 * Makes n pins of the fingerprints with this name, of any case; *pins is the
 * caller's. Returns false: no memory.
 */
bool		 known_peers_pins(const struct known_peers *, const char *name,
		    struct tls_pin **pins, size_t *n);

/*
 * Adds a name for this fingerprint, or changes it. Reads the list anew, so
 * that others' changes count. Returns -1 with the error.
 */
int		 known_peers_add(struct known_peers *, const char *name,
		    const unsigned char sha256[TLS_SHA256], struct error *);
/* Removes a name; -1 with the error. */
int		 known_peers_remove(struct known_peers *, const char *name,
		    struct error *);

/* Fills the path of the own key, whether or not it is there; "": no place. */
void		 known_peers_key(const struct known_peers *,
		    char path[PATH_MAX]);
bool		 known_peers_has_key(const struct known_peers *);
/* Keeps this key, unless there is one (EEXIST). -1 with the error. */
int		 known_peers_keep_key(struct known_peers *, const char *pem,
		    struct error *);

/* ---- chat_tls.c --------------------------------------------------------- */

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

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
#ifndef CHAT_KNOWN_PEERS_H
#define CHAT_KNOWN_PEERS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/tls.h"
#include "chat/chat_names.h"

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

#endif

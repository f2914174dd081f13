/*
 * Keys, from a terminal's bytes.
 *
 * Law: the keys do not depend on where the bytes were split. A sequence without
 * a meaning here is dropped as a whole, and never becomes text.
 */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

#include <stddef.h>
#include <wchar.h>

enum key_what {
	KEY_TEXT,		/* the character c */
	KEY_EDIT,		/* the key of Emacs: seq */
	KEY_DELETE,		/* the character below the cursor */
	KEY_END,		/* ^D: the end, or as KEY_DELETE */
	KEY_ENTER,
	KEY_CLEAR		/* the screen */
};

struct key {
	enum key_what	 what;
	wchar_t		 c;
	const wchar_t	*seq;		/* static */
};

enum keys_state { KEYS_GROUND, KEYS_ESCAPE, KEYS_CSI, KEYS_SS3, KEYS_QUOTE,
	KEYS_CTRL_X };

struct keys {
	enum keys_state	 state;
	char		 held[8];	/* of a character, or of a sequence */
	size_t		 nheld;
	unsigned char	 erase, eof;
};

#define KEYS_MOST	4

/* Takes a byte. Returns how many keys the byte ends: at most KEYS_MOST. */
size_t	keys_byte(struct keys *, unsigned char, struct key out[KEYS_MOST]);

#endif

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
	KEY_CLEAR,		/* the screen */
	KEY_SEARCH,		/* ^R */
	KEY_CANCEL,		/* ^G or the interrupt key */
	/* Between these two, all keys are KEY_TEXT or KEY_ENTER. */
	KEY_PASTE_BEGIN,
	KEY_PASTE_END
};

struct key {
	enum key_what	 what;
	wchar_t		 c;
	const wchar_t	*seq;		/* static */
};

enum keys_state { KEYS_GROUND, KEYS_ESCAPE, KEYS_CSI, KEYS_SS3, KEYS_QUOTE,
	KEYS_CTRL_X, KEYS_PASTE };

struct keys {
	enum keys_state	 state;
	char		 held[8];	/* of a character, or of a sequence */
	size_t		 nheld;
	size_t		 nmark;		/* matched bytes of the paste's end */
	unsigned char	 erase, eof, interrupt;
};

#define KEYS_MOST	8

/* Takes a byte. Returns how many keys the byte ends: at most KEYS_MOST. */
size_t	keys_byte(struct keys *, unsigned char, struct key out[KEYS_MOST]);
/* A paste has ended without its mark. */
void	keys_end_paste(struct keys *);

#endif

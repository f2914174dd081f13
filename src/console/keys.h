/*
 * Keys, from a terminal's bytes.
 *
 * Law: the keys do not depend on where the bytes were split. A sequence without
 * a meaning here is dropped as a whole, and never becomes text.
 */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <wchar.h>

#include "base/buf.h"

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
	wchar_t		 seq[3];	/* ends in a NUL */
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

/*
 * A paste that the terminal has marked: held until its end has come, and until
 * the person has answered whether many lines are to be sent.
 */
/* Characters that are held; a longer paste is dropped. */
#define PASTE_MOST	((size_t)1 << 20)
#define PASTE_QUESTION	64

struct paste {
	struct buf	 text;		/* of wchar_t; LF for each line end */
	size_t		 lines;		/* that have ended */
	wchar_t		 last;
	bool		 open;		/* the end has not come */
	bool		 too_long;
	time_t		 fed;		/* the latest bytes, in seconds */
};

void	paste_add(struct paste *, wchar_t);
/*
 * Whether no byte has come for some seconds: the end mark will not come. Called
 * before each piece of the input.
 */
bool	paste_is_stale(struct paste *);
/* The end has come. Returns true if the question is to be asked first. */
bool	paste_end(struct paste *, char question[PASTE_QUESTION]);
/* Takes the first character. Returns false at the end. */
bool	paste_next(struct paste *, wchar_t *);
/* Drops the text; an open paste stays open. */
void	paste_drop(struct paste *);

#endif

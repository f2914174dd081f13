/*
 * Text from a peer, made inert: nothing of it reaches a terminal that could
 * control it, or look as if somebody else had said it.
 *
 * Laws: what comes out is valid UTF-8 whose characters are all printable,
 * and tab and LF; the result does not depend on where reads split the bytes.
 * Printable: has a display width, in any language; characters that change
 * the direction of text, or format it without being seen, are not (the zero
 * width joiners are, for several scripts and emoji need them). Everything
 * else is shown as vis(3) shows it, in octal: \033. CR LF is one LF.
 */
#ifndef FILTER_SANITIZE_H
#define FILTER_SANITIZE_H

#include <locale.h>

#include "filter/filter.h"

/* The longest text before a line, NUL included. */
#define SANITIZE_PREFIX_MAX	96

struct sanitize_options {
	/*
	 * Fills the text that stands before each line, which is trusted;
	 * asked when the line's first byte comes. NULL: none.
	 */
	void	(*prefix)(void *arg, char buf[SANITIZE_PREFIX_MAX]);
	void	*arg;
	/* A last line without LF gets one. */
	bool	 finish_line;
};

/* NULL: out of memory. */
struct filter	*filter_sanitize(const struct sanitize_options *);

/*
 * The same for one line that is not a flow's, such as a name: cut to fit,
 * always ended by a NUL; tabs are escaped too. Returns dst.
 */
char		*sanitize_text(const char *src, char *dst, size_t size);
/* One that knows all characters, to be freed; 0: this system has none. */
locale_t	 sanitize_locale(void);
/* Whether a character may be shown as it is. */
bool		 sanitize_is_printable(uint32_t codepoint, locale_t);

#endif

/*
 * Text from a peer, made inert: no part can control a terminal, or look as if
 * another person had written that part.
 *
 * Laws: the output is valid UTF-8 of printable characters, tab and LF, and does
 * not depend on where reads split the bytes. Printable characters have a width,
 * in any language; characters that change the direction of text or are
 * invisible are not printable, but for the zero width joiners, which several
 * scripts and emoji need, and neither are those for private use. A character
 * has at most eight marks and joiners. All other bytes are written in octal, as
 * vis(3) does: \033. CR LF becomes LF.
 */
#ifndef FILTER_SANITIZE_H
#define FILTER_SANITIZE_H

#include "filter/filter.h"

/* Bytes of the text before a line, NUL included. */
#define SANITIZE_PREFIX_MAX	96

struct sanitize_options {
	/*
	 * Fills buf with the text before a line, which is trusted; called at
	 * the first byte of each line. NULL: none.
	 */
	void	(*prefix)(void *arg, char buf[SANITIZE_PREFIX_MAX]);
	void	*arg;
	bool	 finish_line;	/* adds a LF to an incomplete last line */
};

/* Returns NULL without memory. */
struct filter	*filter_sanitize(const struct sanitize_options *);

/* Whether it is as new: between two lines, with no byte held. */
bool		 sanitize_is_idle(const struct filter *);

/*
 * Makes a text inert that is not a flow's, such as a name: tab and LF are
 * escaped too, and the text is cut to size - 1 bytes. Returns dst.
 */
char		*sanitize_text(const char *src, char *dst, size_t size);

#endif

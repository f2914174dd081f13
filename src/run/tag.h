/*
 * The text of --tag for one source of lines: %a is the peer's address, %p its
 * port, %f the name of the input, %n the number of either, %% a percent sign.
 * Nothing that a peer may choose freely gets through: the path of a Unix
 * socket is made printable.
 */
#ifndef RUN_TAG_H
#define RUN_TAG_H

#include <stddef.h>

#include "base/addr.h"

struct tag {
	const struct addr	*peer;		/* NULL: an input */
	const char		*input;		/* NULL: a peer */
	unsigned		 number;
};

/* To be freed; NULL with errno. */
char	*tag_text(const char *format, const struct tag *, size_t *len);

#endif

/*
 * The text of --tag for one peer: %a its address, %p its port, %n its number,
 * %% a percent sign. Nothing that a peer may choose freely gets through: the
 * path of a Unix socket is made printable.
 */
#ifndef MODE_TAG_H
#define MODE_TAG_H

#include <stddef.h>

#include "base/addr.h"

/* To be freed; NULL with errno. */
char	*tag_text(const char *format, const struct addr *peer,
	    unsigned number, size_t *len);

#endif

/*
 * Memory for a secret: pages of its own, which no core dump contains, and which
 * are wiped when they are given back.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/* Zeroed memory; NULL with errno. */
void	*secret_new(size_t);
/* Takes NULL, too. */
void	 secret_free(void *);

#endif

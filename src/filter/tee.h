/*
 * Bytes that somebody else is to see too, on their way into another filter.
 */
#ifndef FILTER_TEE_H
#define FILTER_TEE_H

#include "filter/filter.h"

/*
 * saw() gets every byte as it came; then next, which is owned and may be
 * NULL, changes them. NULL: out of memory, and next is still the caller's.
 */
struct filter	*filter_tee(struct filter *next, void (*saw)(void *arg,
		    const unsigned char *, size_t n, bool last), void *arg);

#endif

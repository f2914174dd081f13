/*
 * arc4random(3) without a generator of its own.
 */
#include <stdlib.h>
#include <unistd.h>

#include "bsd/bsd.h"

/* What getentropy(3) gives at once. */
#define PIECE_MAX	256

void
bsd_arc4random_buf(void *buf, size_t n)
{
	unsigned char *p = buf;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = n < PIECE_MAX ? n : PIECE_MAX;
		if (getentropy(p, len) == -1)
			abort();
	}
}

uint32_t
bsd_arc4random(void)
{
	uint32_t n;

	bsd_arc4random_buf(&n, sizeof(n));
	return n;
}

uint32_t
bsd_arc4random_uniform(uint32_t bound)
{
	uint32_t n, extra;

	if (bound < 2)
		return 0;
	/* 2^32 modulo bound: with so many fewer, all are as likely. */
	extra = -bound % bound;
	do
		n = bsd_arc4random();
	while (n < extra);
	return n % bound;
}

/*
 * The stream that the benchmark and the fault tests send: every page has
 * its own number at its start and the same bytes behind it, so that a page
 * that is lost, sent twice or out of order is seen, and making the stream
 * costs next to nothing.
 */
#ifndef BENCH_STAMP_H
#define BENCH_STAMP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define STAMP_PAGE	4096

/* Fill whole pages with what every page has. */
static inline void
stamp_fill(unsigned char *buf, size_t len)
{
	uint32_t	x = 2463534242u;
	size_t		i, page;

	for (i = 0; i < STAMP_PAGE; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		for (page = 0; page < len; page += STAMP_PAGE)
			buf[page + i] = (unsigned char)(x >> 11);
	}
}

/* Number whole pages, the first of which stands at offset in the stream. */
static inline void
stamp_number(unsigned char *buf, size_t len, uint64_t offset)
{
	uint64_t	n = offset / STAMP_PAGE;
	size_t		page;

	for (page = 0; page < len; page += STAMP_PAGE, n++)
		memcpy(buf + page, &n, sizeof n);
}

#endif

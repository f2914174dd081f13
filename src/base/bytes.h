/*
 * Searching and copying short runs of bytes, such as lines, where a call of
 * memchr(3) or memcpy(3) for each would take most of the time.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes, the first one lowest. */
static inline uint64_t
bytes_load(const unsigned char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return le64toh(word);
}

/* The index of the first byte that is wanted; n: there is none. */
static inline size_t
bytes_find(const unsigned char *in, unsigned char wanted, size_t n)
{
	const uint64_t ones = UINT64_MAX / UINT8_MAX, highs = ones << 7;
	const unsigned char *at;
	size_t i = 0;
	uint64_t word, zeros;

	for (; i + sizeof(word) <= n && i < 3 * sizeof(word);
	    i += sizeof(word)) {
		/* The lowest high bit that is set marks a wanted byte. */
		word = bytes_load(in + i) ^ ones * wanted;
		zeros = (word - ones) & ~word & highs;
		if (zeros != 0)
			return i + (size_t)__builtin_ctzll(zeros) / 8;
	}
	if (i == n)
		return n;
	at = memchr(in + i, wanted, n - i);
	return at != NULL ? (size_t)(at - in) : n;
}

/* memcpy(3) of bytes that are mostly few. */
static inline void
bytes_copy(unsigned char *to, const unsigned char *from, size_t n)
{
	if (n > 16)
		memcpy(to, from, n);
	else if (n >= 8) {
		/* Both ends, which may overlap. */
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else
		for (; n > 0; n--)
			*to++ = *from++;
}

#endif

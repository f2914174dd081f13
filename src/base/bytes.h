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

#define BYTES_ONES	(UINT64_MAX / UINT8_MAX)	/* 1 in each byte */
#define BYTES_HIGHS	(BYTES_ONES << 7)

/* The index of the first byte that is wanted; n: there is none. */
static inline size_t
bytes_find(const unsigned char *in, unsigned char wanted, size_t n)
{
	const unsigned char *at;
	size_t i = 0;
	uint64_t word, zeros;

	for (; i + sizeof(word) <= n && i < 3 * sizeof(word);
	    i += sizeof(word)) {
		/* The lowest high bit that is set marks a wanted byte. */
		word = bytes_load(in + i) ^ BYTES_ONES * wanted;
		zeros = (word - BYTES_ONES) & ~word & BYTES_HIGHS;
		if (zeros != 0)
			return i + (size_t)__builtin_ctzll(zeros) / 8;
	}
	if (i == n)
		return n;
	at = memchr(in + i, wanted, n - i);
	return at != NULL ? (size_t)(at - in) : n;
}

/*
 * All the bytes of one value, in order. The marks of a block are found at once,
 * so that no search has to wait for the end of the one before.
 */
struct bytes_scan {
	const unsigned char	*in;
	size_t			 n, at;		/* looked at: so many */
	size_t			 block;		/* where marks begin */
	uint64_t		 marks;		/* bit i: block + i is wanted */
	unsigned char		 wanted;
};

#define BYTES_BLOCK	((size_t)64)

/* Sixteen bytes, as the compiler's vector; a comparison gives 0 or 0xff. */
typedef unsigned char bytes_vector __attribute__((vector_size(16)));

/* Bit i is set where in[i] is the wanted byte, for i < BYTES_BLOCK. */
static inline uint64_t
bytes_marks(const unsigned char *in, unsigned char wanted)
{
	const bytes_vector bits = { 1, 2, 4, 8, 16, 32, 64, 128,
	    1, 2, 4, 8, 16, 32, 64, 128 };
	bytes_vector part;
	uint64_t half[2], marks = 0;

	for (unsigned i = 0; i < BYTES_BLOCK; i += sizeof(part)) {
		memcpy(&part, in + i, sizeof(part));
		part = (bytes_vector)(part == wanted) & bits;
		memcpy(half, &part, sizeof(part));
		/* The topmost byte of a product is the sum of all eight. */
		marks |= half[0] * BYTES_ONES >> 56 << i |
		    half[1] * BYTES_ONES >> 56 << (i + 8);
	}
	return marks;
}

static inline struct bytes_scan
bytes_scan(const unsigned char *in, unsigned char wanted, size_t n)
{
	return (struct bytes_scan){ .in = in, .n = n, .wanted = wanted };
}

/* The index of the next wanted byte; n: there is no other. */
static inline size_t
bytes_next(struct bytes_scan *s)
{
	size_t i;

	if (s->marks == 0 && s->n - s->at >= BYTES_BLOCK) {
		s->marks = bytes_marks(s->in + s->at, s->wanted);
		s->block = s->at;
		s->at += BYTES_BLOCK;
	}
	if (s->marks != 0) {
		i = s->block + (size_t)__builtin_ctzll(s->marks);
		s->marks &= s->marks - 1;
		return i;
	}
	i = s->at + bytes_find(s->in + s->at, s->wanted, s->n - s->at);
	s->at = i < s->n ? i + 1 : i;
	return i;
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

/*
 * The same, faster, where at least so many bytes may be read and written: those
 * behind the first n change in a way that tells nothing.
 */
static inline void
bytes_copy_loosely(unsigned char *to, const unsigned char *from, size_t n,
    size_t room)
{
	if (n <= 16 && room >= 16)
		memcpy(to, from, 16);
	else
		bytes_copy(to, from, n);
}

#endif

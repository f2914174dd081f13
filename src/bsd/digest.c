/*
 * MD5 and SHA-256, from RFC 1321 and FIPS 180-4. Both fill blocks of 64 bytes,
 * and end with a bit, zeros and the length in bits; MD5 has the lowest byte of
 * a number first, SHA-256 the highest.
 */
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "bsd/bsd.h"

struct bsd_digest_kind {
	void	(*use)(uint32_t *h, const uint8_t *block);
	size_t	 length;		/* bytes of the digest */
	bool	 little;		/* the lowest byte comes first */
};

static uint32_t
digest_right(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* Returns byte i of a number of size bytes, in the order of the kind. */
static uint8_t
digest_byte(const struct bsd_digest *d, uint64_t number, size_t i, size_t size)
{
	return (uint8_t)(number >> 8 * (d->kind->little ? i : size - 1 - i));
}

void
bsd_digest_update(struct bsd_digest *d, const uint8_t *p, size_t n)
{
	size_t held = d->bytes % BSD_DIGEST_BLOCK, len;

	d->bytes += n;
	for (; n > 0; p += len, n -= len, held = 0) {
		len = BSD_DIGEST_BLOCK - held;
		if (len > n)
			len = n;
		memcpy(d->block + held, p, len);
		if (held + len == BSD_DIGEST_BLOCK)
			d->kind->use(d->h, d->block);
	}
}

static void
digest_pad(struct bsd_digest *d)
{
	static const uint8_t zeros[BSD_DIGEST_BLOCK], bit = 0x80;
	const size_t end = BSD_DIGEST_BLOCK - 8;
	uint64_t bits = d->bytes * 8;
	uint8_t length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = digest_byte(d, bits, i, sizeof(length));
	bsd_digest_update(d, &bit, 1);
	bsd_digest_update(d, zeros, (end + BSD_DIGEST_BLOCK -
	    d->bytes % BSD_DIGEST_BLOCK) % BSD_DIGEST_BLOCK);
	bsd_digest_update(d, length, sizeof(length));
}

char *
bsd_digest_end(struct bsd_digest *d, char *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t byte;
	size_t i;

	digest_pad(d);
	for (i = 0; i < d->kind->length; i++) {
		byte = digest_byte(d, d->h[i / 4], i % 4, 4);
		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
	out[2 * i] = '\0';
	return out;
}

/* ---- MD5 --------------------------------------------------------------- */

/* The first 32 bits of the fraction of |sin(i + 1)|. */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
	0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
	0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
	0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
	0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

/* Returns the summand of step i; *word: the index of the block's word. */
static uint32_t
md5_mix(unsigned i, uint32_t b, uint32_t c, uint32_t d, unsigned *word)
{
	switch (i / 16) {
	case 0:
		*word = i;
		return (b & c) | (~b & d);
	case 1:
		*word = (5 * i + 1) % 16;
		return (b & d) | (c & ~d);
	case 2:
		*word = (3 * i + 5) % 16;
		return b ^ c ^ d;
	default:
		*word = 7 * i % 16;
		return c ^ (b | ~d);
	}
}

static void
md5_block(uint32_t *h, const uint8_t *block)
{
	static const uint8_t turns[4][4] = {
		{ 7, 12, 17, 22 }, { 5, 9, 14, 20 },
		{ 4, 11, 16, 23 }, { 6, 10, 15, 21 }
	};
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], sum, words[16];
	unsigned word;

	memcpy(words, block, sizeof(words));
	for (unsigned i = 0; i < 64; i++) {
		sum = a + md5_mix(i, b, c, d, &word) + md5_sines[i];
		sum += le32toh(words[word]);
		a = d;
		d = c;
		c = b;
		b += digest_right(sum, 32 - turns[i / 16][i % 4]);
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
}

void
bsd_md5_init(struct bsd_digest *d)
{
	static const struct bsd_digest_kind md5 = { .use = md5_block,
	    .length = BSD_MD5_LENGTH, .little = true };

	*d = (struct bsd_digest){
		.kind = &md5,
		.h = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 }
	};
}

/* ---- SHA-256 ----------------------------------------------------------- */

/* The first 32 bits of the fraction of the cube roots of the first primes. */
static const uint32_t sha256_roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void
sha256_spread(uint32_t w[64], const uint8_t *block)
{
	uint32_t x, y;

	memcpy(w, block, BSD_DIGEST_BLOCK);
	for (size_t i = 0; i < 16; i++)
		w[i] = be32toh(w[i]);
	for (size_t i = 16; i < 64; i++) {
		x = w[i - 15];
		y = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] +
		    (digest_right(x, 7) ^ digest_right(x, 18) ^ x >> 3) +
		    (digest_right(y, 17) ^ digest_right(y, 19) ^ y >> 10);
	}
}

static void
sha256_block(uint32_t *h, const uint8_t *block)
{
	uint32_t w[64], v[8], one, two;

	sha256_spread(w, block);
	memcpy(v, h, sizeof(v));
	for (size_t i = 0; i < 64; i++) {
		one = v[7] + sha256_roots[i] + w[i] + (digest_right(v[4], 6) ^
		    digest_right(v[4], 11) ^ digest_right(v[4], 25)) +
		    ((v[4] & v[5]) ^ (~v[4] & v[6]));
		two = (digest_right(v[0], 2) ^ digest_right(v[0], 13) ^
		    digest_right(v[0], 22)) +
		    ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += one;
		v[0] = one + two;
	}
	for (size_t i = 0; i < 8; i++)
		h[i] += v[i];
}

/* h: the same of the square roots of the first eight primes. */
void
bsd_sha256_init(struct bsd_digest *d)
{
	static const struct bsd_digest_kind sha256 = { .use = sha256_block,
	    .length = BSD_SHA256_LENGTH };

	*d = (struct bsd_digest){
		.kind = &sha256,
		.h = {
			0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
		}
	};
}

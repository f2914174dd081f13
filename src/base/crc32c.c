#include "base/crc32c.h"

/* The polynomial, the lowest bit first. */
#define CASTAGNOLI	UINT32_C(0x82f63b78)

static uint32_t
crc32c_bytes(const struct crc32c *c, uint32_t reg, const unsigned char *p,
    size_t n)
{
	for (; n > 0; n--)
		reg = reg >> 8 ^ c->table[0][(reg ^ *p++) & 255];
	return reg;
}

/* n is a multiple of 8. */
static uint32_t
crc32c_eights(const struct crc32c *c, uint32_t reg, const unsigned char *p,
    size_t n)
{
	uint32_t next;

	for (; n > 0; p += 8, n -= 8) {
		next = 0;
		for (unsigned i = 0; i < 8; i++)
			next ^= c->table[7 - i][i < 4 ?
			    (p[i] ^ reg >> 8 * i) & 255 : p[i]];
		reg = next;
	}
	return reg;
}

/* The register that follows from this one when a part of zeros comes. */
static uint32_t
crc32c_skip(const struct crc32c *c, uint32_t reg)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 32; i++)
		sum ^= (0 - (reg >> i & 1)) & c->far[i];
	return sum;
}

static void
crc32c_make_far(struct crc32c *c)
{
	static const unsigned char zeros[CRC32C_PART];

	for (unsigned i = 0; i < 32; i++)
		c->far[i] = crc32c_words(UINT32_C(1) << i, zeros,
		    CRC32C_PART);
}

void
crc32c_init(struct crc32c *c)
{
	uint32_t reg;

	for (unsigned i = 0; i < 256; i++) {
		reg = i;
		for (unsigned bit = 0; bit < 8; bit++)
			reg = reg >> 1 ^ ((0 - (reg & 1)) & CASTAGNOLI);
		c->table[0][i] = reg;
	}
	for (unsigned t = 1; t < 8; t++)
		for (unsigned i = 0; i < 256; i++) {
			reg = c->table[t - 1][i];
			c->table[t][i] = reg >> 8 ^ c->table[0][reg & 255];
		}
	c->reg = UINT32_MAX;
	c->fast = crc32c_is_fast();
	if (c->fast)
		crc32c_make_far(c);
}

void
crc32c_update(struct crc32c *c, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint32_t reg[3];
	size_t eights;

	for (; c->fast && n >= 3 * CRC32C_PART; n -= 3 * CRC32C_PART) {
		reg[0] = c->reg;
		reg[1] = reg[2] = 0;
		crc32c_parts(reg, p);
		c->reg = crc32c_skip(c, crc32c_skip(c, reg[0]) ^ reg[1]) ^
		    reg[2];
		p += 3 * CRC32C_PART;
	}
	eights = n - n % 8;
	c->reg = c->fast ? crc32c_words(c->reg, p, eights) :
	    crc32c_eights(c, c->reg, p, eights);
	c->reg = crc32c_bytes(c, c->reg, p + eights, n - eights);
}

uint32_t
crc32c_value(const struct crc32c *c)
{
	return ~c->reg;
}

#include "base/crc32c.h"

/* The polynomial, the lowest bit first. */
#define CASTAGNOLI	UINT32_C(0x82f63b78)

void
crc32c_init(struct crc32c *c)
{
	uint32_t reg;

	for (unsigned i = 0; i < 256; i++) {
		reg = i;
		for (unsigned bit = 0; bit < 8; bit++)
			reg = reg >> 1 ^ ((0 - (reg & 1)) & CASTAGNOLI);
		c->table[i] = reg;
	}
	c->reg = UINT32_MAX;
	c->fast = crc32c_is_fast();
}

void
crc32c_update(struct crc32c *c, const void *bytes, size_t n)
{
	const unsigned char *p = bytes, *end = p + n;

	if (c->fast) {
		c->reg = crc32c_words(c->reg, p, n - n % 8);
		p = end - n % 8;
	}
	for (; p < end; p++)
		c->reg = c->reg >> 8 ^ c->table[(c->reg ^ *p) & 255];
}

uint32_t
crc32c_value(const struct crc32c *c)
{
	return ~c->reg;
}

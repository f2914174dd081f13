/*
 * CRC-32C, the checksum of Castagnoli (RFC 9260, appendix A), by the
 * processor's instruction if there is one (8 GB/s), and otherwise by a table
 * (0.4 GB/s).
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crc32c {
	uint32_t	reg;		/* the inverted checksum so far */
	bool		fast;		/* by the processor's instruction */
	uint32_t	table[256];	/* the register after each byte */
};

void		crc32c_init(struct crc32c *);
void		crc32c_update(struct crc32c *, const void *, size_t);
uint32_t	crc32c_value(const struct crc32c *);

/* ---- crc32c_sse42.c, or crc32c_none.c, as configure chooses ------------- */

/* Whether this processor has the instruction that crc32c_words() needs. */
bool		crc32c_is_fast(void);
/* Returns the register after n bytes, a multiple of 8. */
uint32_t	crc32c_words(uint32_t reg, const unsigned char *, size_t n);

#endif

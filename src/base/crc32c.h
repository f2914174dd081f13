/*
 * CRC-32C, the checksum of Castagnoli (RFC 9260, appendix A), by the
 * processor's instruction if there is one, and otherwise by tables.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a part, where three parts are worked on at once. */
#define CRC32C_PART	((size_t)2048)

struct crc32c {
	uint32_t	reg;		/* the inverted checksum so far */
	bool		fast;		/* by the processor's instruction */
	uint32_t	table[8][256];	/* of a byte, 0 to 7 bytes before the
					   end */
	uint32_t	far[32];	/* of a bit, a part before the end */
};

void		crc32c_init(struct crc32c *);
void		crc32c_update(struct crc32c *, const void *, size_t);
uint32_t	crc32c_value(const struct crc32c *);

/* ---- crc32c_sse42.c, or crc32c_none.c, as configure chooses ------------- */

/* Whether this processor has the instruction that the others need. */
bool		crc32c_is_fast(void);
/* Returns the register after n bytes, a multiple of 8. */
uint32_t	crc32c_words(uint32_t reg, const unsigned char *, size_t n);
/* The same for three parts, which follow each other. */
void		crc32c_parts(uint32_t reg[3], const unsigned char *);

#endif

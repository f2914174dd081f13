/* For a processor whose instruction this program does not know. */
#include "base/crc32c.h"

bool
crc32c_is_fast(void)
{
	return false;
}

uint32_t
crc32c_words(uint32_t reg, const unsigned char *p, size_t n)
{
	(void)p;
	(void)n;
	return reg;
}

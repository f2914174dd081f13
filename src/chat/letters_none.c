/* A build without libunistring. */
#include "chat/letters.h"

const struct letters *
letters_open_unistring(void)
{
	return NULL;
}

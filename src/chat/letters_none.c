/* A build without libunistring. */
#include "chat/name_look.h"

const struct letters *
letters_open_unistring(void)
{
	return NULL;
}

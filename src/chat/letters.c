#include "chat/letters.h"

const struct letters *
letters(void)
{
	const struct letters *all = letters_open_unistring();

	return all != NULL ? all : &letters_ascii;
}

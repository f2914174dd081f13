/* readpassphrase(3), always with RPP_REQUIRE_TTY. */
#ifndef BSD_INCLUDE_READPASSPHRASE_H
#define BSD_INCLUDE_READPASSPHRASE_H

#include "bsd/bsd.h"

#define readpassphrase(prompt, buf, size, flags) \
	bsd_readpassphrase(prompt, buf, size)

#endif

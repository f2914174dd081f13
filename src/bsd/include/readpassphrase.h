/*
 * readpassphrase(3).
 */
#ifndef BSD_INCLUDE_READPASSPHRASE_H
#define BSD_INCLUDE_READPASSPHRASE_H

#include "bsd/bsd.h"

#define RPP_REQUIRE_TTY	BSD_RPP_REQUIRE_TTY

#define readpassphrase	bsd_readpassphrase

#endif

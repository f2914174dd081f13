/* The system's <string.h>, with functions of libbsd. */
#ifndef BSD_INCLUDE_STRING_H
#define BSD_INCLUDE_STRING_H

#include_next <string.h>

#include "bsd/bsd.h"

#define strlcpy		bsd_strlcpy
#define strlcat		bsd_strlcat

#endif

/* vis(3): strvis with VIS_WHITE. */
#ifndef BSD_INCLUDE_VIS_H
#define BSD_INCLUDE_VIS_H

#include "bsd/bsd.h"

#define strvis(dst, src, flags)	bsd_strvis(dst, src)

#endif

/* The system's <stdlib.h>, with functions of libbsd. */
#ifndef BSD_INCLUDE_STDLIB_H
#define BSD_INCLUDE_STDLIB_H

#include_next <stdlib.h>

#include "bsd/bsd.h"

#define strtonum		bsd_strtonum
#define freezero		bsd_freezero
#define arc4random_buf		bsd_arc4random_buf
#define arc4random_uniform	bsd_arc4random_uniform

#endif

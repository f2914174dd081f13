/* md5(3) of libmd. */
#ifndef BSD_INCLUDE_MD5_H
#define BSD_INCLUDE_MD5_H

#include "bsd/bsd.h"

typedef struct bsd_digest MD5_CTX;

#define MD5_DIGEST_LENGTH	BSD_MD5_LENGTH

#define MD5Init		bsd_md5_init
#define MD5Update	bsd_digest_update
#define MD5End		bsd_digest_end

#endif

/* sha2(3) of libmd: SHA-256. */
#ifndef BSD_INCLUDE_SHA2_H
#define BSD_INCLUDE_SHA2_H

#include "bsd/bsd.h"

typedef struct bsd_digest SHA2_CTX;

#define SHA256_DIGEST_LENGTH	BSD_SHA256_LENGTH

#define SHA256Init	bsd_sha256_init
#define SHA256Update	bsd_digest_update
#define SHA256End	bsd_digest_end

#endif

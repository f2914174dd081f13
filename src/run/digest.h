/*
 * A digest that is made piece by piece: CRC-32C by base/crc32c, the others by
 * OpenSSL. Without OpenSSL, SHA-256 and MD5 are made by libmd, or what stands
 * for libmd in bsd/.
 */
#ifndef RUN_DIGEST_H
#define RUN_DIGEST_H

#include "base/diag.h"
#include "layer/tls.h"
#include "plan/plan.h"

/* Hexadecimal digits and a NUL. */
#define DIGEST_TEXT_MAX	(2 * TLS_DIGEST_MAX + 1)

struct stream_digest;

/* NULL with the error: this build or this system cannot make it. */
struct stream_digest *digest_new(enum sum_kind, struct error *);
void		 digest_update(struct stream_digest *, const void *, size_t);
/* Writes the digest, "" if it failed, and frees it. Returns text. */
const char	*digest_end(struct stream_digest *, char text[DIGEST_TEXT_MAX]);

#endif

/*
 * --sum: of each session, digests of the bytes of standard input that were
 * sent, and of those that standard output took. A filter changes the bytes
 * after the digest is made of them; without one, only bytes count that the
 * system took from the flow.
 *
 * CRC-32C is made by base/crc32c, the others by OpenSSL. Without OpenSSL,
 * SHA-256 and MD5 are made by libmd, or what stands for libmd in bsd/.
 */
#ifndef RUN_SUM_H
#define RUN_SUM_H

#include "layer/tls.h"
#include "run/run.h"

/* Checks that the digests can be made. -1 with the error. */
int	sums_open(struct run *, struct error *);
/* Begins with a session, whose flow up is watched. False: no memory. */
bool	sums_start(struct run *, struct flow_options *up);
/* Takes bytes that the output took. */
void	sums_received(struct run *, const void *, size_t);
/* Prints the digests of a session that is over, and frees them. */
void	sums_report(struct run *, const struct session *,
	    const struct outcome *);
void	sums_close(struct run *);

/* A digest that is made piece by piece. */
struct stream_digest;

/* Hexadecimal digits and a NUL. */
#define DIGEST_TEXT_MAX	(2 * TLS_DIGEST_MAX + 1)

/* NULL with the error: this build or this system cannot make it. */
struct stream_digest *digest_new(enum sum_kind, struct error *);
void		 digest_update(struct stream_digest *, const void *, size_t);
/* Writes the digest, "" if it failed, and frees it. Returns text. */
const char	*digest_end(struct stream_digest *, char text[DIGEST_TEXT_MAX]);

#endif

#include <sys/types.h>
#include <errno.h>
#include <md5.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "run/digest.h"

struct stream_digest {
	enum sum_kind		 kind;
	struct tls_digest	*tls;	/* NULL: one of these */
	union {
		struct crc32c	 crc32c;
		SHA2_CTX	 sha256;
		MD5_CTX		 md5;
	};
};

static const struct {
	const char	*option;
	const char	*name;		/* OpenSSL's; NULL: not by OpenSSL */
} digest_kinds[] = {
	[SUM_SHA256] = { "--sum=sha256", "SHA256" },
	[SUM_SHA1] = { "--sum=sha1", "SHA1" },
	[SUM_MD5] = { "--sum=md5", "MD5" },
	[SUM_CRC32C] = { "--sum=crc32c", NULL },
	[SUM_BLAKE2B] = { "--sum=blake2b", "BLAKE2b512" }
};

struct stream_digest *
digest_new(enum sum_kind kind, struct error *err)
{
	struct stream_digest *d = calloc(1, sizeof(*d));
	char why[sizeof(err->why)];

	if (d == NULL) {
		error_set(err, errno, "use", "%s", digest_kinds[kind].option);
		return NULL;
	}
	d->kind = kind;
	if (digest_kinds[kind].name != NULL)
		d->tls = tls_digest_new(digest_kinds[kind].name, err);
	if (d->tls != NULL)
		return d;
	switch (kind) {
	case SUM_CRC32C:
		crc32c_init(&d->crc32c);
		return d;
	case SUM_SHA256:
		SHA256Init(&d->sha256);
		return d;
	case SUM_MD5:
		MD5Init(&d->md5);
		return d;
	default:
		free(d);
	}
	(void)strlcpy(why, err->why, sizeof(why));
	error_set(err, err->num, "use", "%s, which needs OpenSSL,",
	    digest_kinds[kind].option);
	(void)strlcpy(err->why, why, sizeof(err->why));
	return NULL;
}

void
digest_update(struct stream_digest *d, const void *bytes, size_t n)
{
	if (d->tls != NULL)
		tls_digest_update(d->tls, bytes, n);
	else if (d->kind == SUM_CRC32C)
		crc32c_update(&d->crc32c, bytes, n);
	else if (d->kind == SUM_SHA256)
		SHA256Update(&d->sha256, bytes, n);
	else
		MD5Update(&d->md5, bytes, n);
}

const char *
digest_end(struct stream_digest *d, char text[DIGEST_TEXT_MAX])
{
	unsigned char bytes[TLS_DIGEST_MAX];

	if (d->tls != NULL)
		tls_hex(bytes, tls_digest_end(d->tls, bytes), text);
	else if (d->kind == SUM_CRC32C)
		(void)snprintf(text, DIGEST_TEXT_MAX, "%08x",
		    crc32c_value(&d->crc32c));
	else if (d->kind == SUM_SHA256)
		(void)SHA256End(&d->sha256, text);
	else
		(void)MD5End(&d->md5, text);
	free(d);
	return text;
}

/*
 * Digests by OpenSSL, which has code for what each processor can do.
 */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "layer/tls_impl.h"

struct tls_digest {
	const struct tls_module	*module;	/* first: see tls_module.h */
	EVP_MD_CTX		*ctx;
	bool			 failed;
};

struct tls_digest *
tls_impl_digest(const char *name)
{
	struct tls_digest *d = calloc(1, sizeof(*d));
	EVP_MD *kind = EVP_MD_fetch(NULL, name, NULL);

	if (d != NULL)
		d->ctx = EVP_MD_CTX_new();
	if (d != NULL && kind != NULL && d->ctx != NULL &&
	    EVP_DigestInit_ex(d->ctx, kind, NULL) == 1) {
		d->module = &tls_module_table;
		EVP_MD_free(kind);
		return d;
	}
	ERR_clear_error();
	EVP_MD_free(kind);
	if (d != NULL)
		EVP_MD_CTX_free(d->ctx);
	free(d);
	return NULL;
}

void
tls_impl_digest_update(struct tls_digest *d, const void *bytes, size_t n)
{
	if (EVP_DigestUpdate(d->ctx, bytes, n) != 1)
		d->failed = true;
}

size_t
tls_impl_digest_end(struct tls_digest *d, unsigned char out[TLS_DIGEST_MAX])
{
	unsigned len = 0;

	if (d->failed || EVP_MD_CTX_get_size(d->ctx) > TLS_DIGEST_MAX ||
	    EVP_DigestFinal_ex(d->ctx, out, &len) != 1)
		len = 0;
	ERR_clear_error();
	EVP_MD_CTX_free(d->ctx);
	free(d);
	return len;
}

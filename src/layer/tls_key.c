/*
 * New keys, and certificates that they sign themselves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "layer/tls_impl.h"

#define TLS_DAY		86400L
/*
 * A certificate for the run is pinned, and dates guard nothing: it is valid
 * for longer than any run. It begins a day ago, for peers whose clock is slow.
 */
#define TLS_RUN_DAYS	3650
/* RFC 5280 section 4.1.2.5: a certificate without a date of expiry. */
#define TLS_NEVER	"99991231235959Z"

static bool
tls_add_extension(X509 *x, int nid, const char *text)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
	bool added = ext != NULL && X509_add_ext(x, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	return added;
}

static bool
tls_set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *num;
	bool set;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	num = BN_bin2bn(bytes, sizeof(bytes), NULL);
	set = num != NULL &&
	    BN_to_ASN1_INTEGER(num, X509_get_serialNumber(x)) != NULL;
	BN_free(num);
	return set;
}

static bool
tls_set_dates(X509 *x, bool lasts)
{
	if (X509_gmtime_adj(X509_getm_notBefore(x), -TLS_DAY) == NULL)
		return false;
	if (lasts)
		return ASN1_TIME_set_string(X509_getm_notAfter(x),
		    TLS_NEVER) == 1;
	return X509_gmtime_adj(X509_getm_notAfter(x),
	    TLS_RUN_DAYS * TLS_DAY) != NULL;
}

static bool
tls_set_names(X509 *x, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, subject) == 1;
}

/* A certificate for the key; lasts: it does not expire. NULL: no memory. */
static X509 *
tls_sign(EVP_PKEY *key, const char *name, const char *san, bool lasts)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, 2) == 1 && tls_set_serial(x) &&
	    tls_set_dates(x, lasts) && tls_set_names(x, name) &&
	    X509_set_pubkey(x, key) == 1 &&
	    tls_add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    tls_add_extension(x, NID_subject_alt_name, san) &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* Signs a certificate for the name of a host, or for localhost. */
static X509 *
tls_sign_host(EVP_PKEY *key, const char *host)
{
	char san[128];

	if (host == NULL || strlen(host) > 64 || host[strspn(host,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    ".:-_")] != '\0')
		host = "localhost";
	(void)snprintf(san, sizeof(san), "DNS:%s", host);
	return tls_sign(key, host, san, false);
}

int
tls_make_cert(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	EVP_PKEY *key = opt->makes_rsa ? EVP_RSA_gen(2048) :
	    EVP_EC_gen("P-256");
	X509 *x = key != NULL ? tls_sign_host(key, opt->name) : NULL;
	bool made = x != NULL && SSL_CTX_use_certificate(ctx->ssl, x) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx->ssl, key) == 1;

	if (made) {
		tls_describe(x, &ctx->own);
		ctx->has_cert = ctx->made = true;
	} else
		tls_fail_lib(err, "make", "", "a key for TLS");
	X509_free(x);
	EVP_PKEY_free(key);
	return made ? 0 : -1;
}

/* Copies the text of a BIO in memory. */
static char *
tls_copy_text(BIO *bio)
{
	char *from, *text;
	long len = BIO_get_mem_data(bio, &from);

	if (len <= 0 || (text = malloc((size_t)len + 1)) == NULL)
		return NULL;
	memcpy(text, from, (size_t)len);
	text[len] = '\0';
	return text;
}

char *
tls_impl_make_key(struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key != NULL ? tls_sign(key, "sockcat", "DNS:sockcat",
	    true) : NULL;
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (x != NULL && bio != NULL && PEM_write_bio_X509(bio, x) == 1 &&
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = tls_copy_text(bio);
	if (text == NULL)
		tls_fail_lib(err, "make", "", "a key for TLS");
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
	return text;
}

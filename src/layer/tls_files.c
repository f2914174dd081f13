/*
 * Certificates, keys and trust, from files; new keys, and certificates that
 * they sign themselves.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- New keys ----------------------------------------------------------- */

static bool
tls_add_extension(X509 *x, int nid, const char *text)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
	bool added = ext != NULL && X509_add_ext(x, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	return added;
}

/* A certificate for the key; lasts: it does not expire. NULL: no memory. */
static X509 *
tls_sign(EVP_PKEY *key, const char *name, const char *san, bool lasts)
{
	X509 *x = X509_new();
	X509_NAME *subject = x != NULL ? X509_get_subject_name(x) : NULL;
	unsigned char serial[16];
	BIGNUM *num = NULL;

	if (RAND_bytes(serial, sizeof(serial)) == 1) {
		serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40);
		num = BN_bin2bn(serial, sizeof(serial), NULL);
	}
	if (x != NULL && X509_set_version(x, 2) == 1 && num != NULL &&
	    BN_to_ASN1_INTEGER(num, X509_get_serialNumber(x)) != NULL &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -TLS_DAY) != NULL &&
	    (lasts ?
	    ASN1_TIME_set_string(X509_getm_notAfter(x), TLS_NEVER) == 1 :
	    X509_gmtime_adj(X509_getm_notAfter(x),
	    TLS_RUN_DAYS * TLS_DAY) != NULL) &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, subject) == 1 &&
	    X509_set_pubkey(x, key) == 1 &&
	    tls_add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    tls_add_extension(x, NID_subject_alt_name, san) &&
	    X509_sign(x, key, EVP_sha256()) > 0) {
		BN_free(num);
		return x;
	}
	BN_free(num);
	X509_free(x);
	return NULL;
}

/* Makes a key and a certificate for the run. */
static int
tls_make_cert(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	EVP_PKEY *key = opt->makes_rsa ? EVP_RSA_gen(2048) :
	    EVP_EC_gen("P-256");
	const char *host = opt->name;
	char san[128];
	X509 *x = NULL;
	bool made;

	if (host == NULL || strlen(host) > 64 || host[strspn(host,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    ".:-_")] != '\0')
		host = "localhost";
	(void)snprintf(san, sizeof(san), "DNS:%s", host);
	if (key != NULL)
		x = tls_sign(key, host, san, false);
	made = x != NULL && SSL_CTX_use_certificate(ctx->ssl, x) == 1 &&
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

char *
tls_impl_make_key(struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key != NULL ? tls_sign(key, "sockcat", "DNS:sockcat",
	    true) : NULL;
	BIO *bio = BIO_new(BIO_s_secmem());
	char *from, *text = NULL;
	long len;

	if (x != NULL && bio != NULL && PEM_write_bio_X509(bio, x) == 1 &&
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL,
	    NULL) == 1)
		if ((len = BIO_get_mem_data(bio, &from)) > 0)
			text = strndup(from, (size_t)len);
	if (text == NULL)
		tls_fail_lib(err, "make", "", "a key for TLS");
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
	return text;
}

/* ---- Own certificate ---------------------------------------------------- */

/* Opens a file, or the text in its place. */
static BIO *
tls_open_pem(const char *path, const char *pem)
{
	return pem != NULL ? BIO_new_mem_buf(pem, -1) :
	    BIO_new_file(path, "r");
}

/* A key with a passphrase: nothing is asked. */
static int
tls_no_passphrase(char *buf, int size, int writes, void *asked)
{
	(void)buf;
	(void)size;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

/* The certificates after the first are its chain. */
static int
tls_load_chain(struct tls_context *ctx, const char *path, const char *pem,
    struct error *err)
{
	BIO *bio = tls_open_pem(path, pem);
	int got = -1;
	X509 *x;

	if (bio == NULL) {
		tls_fail(err, errno, "read", "certificate ", path, NULL);
		return -1;
	}
	if ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) == NULL) {
		tls_fail(err, EINVAL, "use", "certificate ", path,
		    "the file has no certificate in PEM form");
		BIO_free(bio);
		return -1;
	}
	tls_describe(x, &ctx->own);
	got = SSL_CTX_use_certificate(ctx->ssl, x);
	X509_free(x);
	while (got == 1 && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) !=
	    NULL)
		if ((got = (int)SSL_CTX_add0_chain_cert(ctx->ssl, x)) != 1)
			X509_free(x);
	BIO_free(bio);
	if (got != 1) {
		tls_fail_lib(err, "use", "certificate ", path);
		return -1;
	}
	ctx->has_cert = true;
	ERR_clear_error();
	return 0;
}

static int
tls_load_key(struct tls_context *ctx, const char *path, const char *pem,
    struct error *err)
{
	BIO *bio = tls_open_pem(path, pem);
	bool asked = false;
	EVP_PKEY *key;
	int got = -1;

	if (bio == NULL) {
		tls_fail(err, errno, "read", "key ", path, NULL);
		return -1;
	}
	key = PEM_read_bio_PrivateKey(bio, NULL, tls_no_passphrase, &asked);
	BIO_free(bio);
	if (key != NULL && X509_check_private_key(
	    SSL_CTX_get0_certificate(ctx->ssl), key) != 1)
		tls_fail(err, EINVAL, "use", "key ", path,
		    "the key does not belong to the certificate");
	else if (key != NULL && SSL_CTX_use_PrivateKey(ctx->ssl, key) != 1)
		tls_fail_lib(err, "use", "key ", path);
	else if (key != NULL)
		got = 0;
	else if (asked)
		tls_fail(err, EINVAL, "use", "key ", path,
		    "a passphrase protects it, and none is asked for here");
	else
		tls_fail(err, EINVAL, "use", "key ", path,
		    "the file has no private key in PEM form");
	EVP_PKEY_free(key);
	return got;
}

/* Certificate and key from one text. */
static int
tls_load_both(struct tls_context *ctx, const char *path, const char *pem,
    struct error *err)
{
	return tls_load_chain(ctx, path, pem, err) == -1 ? -1 :
	    tls_load_key(ctx, path, pem, err);
}

/*
 * Loads certificate and key from one file, which is read once, since it may be
 * a FIFO. BIO_free() wipes the text.
 */
static int
tls_load_one_file(struct tls_context *ctx, const char *path, struct error *err)
{
	BIO *file = BIO_new_file(path, "r"), *text = NULL;
	char buf[4096], *pem;
	int got, n;

	if (file == NULL || (text = BIO_new(BIO_s_mem())) == NULL) {
		tls_fail(err, errno, "read", "certificate ", path, NULL);
		BIO_free(file);
		return -1;
	}
	while ((n = BIO_read(file, buf, sizeof(buf))) > 0)
		(void)BIO_write(text, buf, n);
	(void)BIO_write(text, "", 1);
	OPENSSL_cleanse(buf, sizeof(buf));
	BIO_free(file);
	(void)BIO_get_mem_data(text, &pem);
	got = tls_load_both(ctx, path, pem, err);
	BIO_free(text);
	return got;
}

int
tls_load_cert(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	if (opt->pem != NULL)
		return tls_load_both(ctx, "the own key", opt->pem, err);
	if (opt->cert != NULL && opt->key == NULL)
		return tls_load_one_file(ctx, opt->cert, err);
	if (opt->cert != NULL)
		return tls_load_chain(ctx, opt->cert, NULL, err) == -1 ?
		    -1 : tls_load_key(ctx, opt->key, NULL, err);
	if (ctx->role == TLS_SERVER)
		return tls_make_cert(ctx, opt, err);
	return 0;
}

/* ---- Trust -------------------------------------------------------------- */

static int
tls_load_store(SSL_CTX *ssl, const char *path, struct error *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ssl);
	struct stat st;

	/* Not by open(2): the writer of a FIFO would lose its reader. */
	if (stat(path, &st) == -1 || access(path, R_OK) == -1) {
		tls_fail(err, errno, "read", "CA certificates ", path, NULL);
		return -1;
	}
	if (S_ISDIR(st.st_mode) ? X509_STORE_load_path(store, path) != 1 :
	    X509_STORE_load_file(store, path) != 1) {
		tls_fail(err, EINVAL, "use", "CA certificates ", path,
		    "the file has no certificate in PEM form");
		return -1;
	}
	/* What is given is trusted, whether it is a root or not. */
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	return 0;
}

/*
 * Clients choose their certificate by the names of the CAs: those of the file,
 * which is in the store, or of a directory, of which nothing is there yet.
 */
static void
tls_send_names(SSL_CTX *ssl, const char *path)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(
	    SSL_CTX_get_cert_store(ssl));
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	X509_NAME *name;
	X509 *x;

	for (int i = 0; names != NULL && i < sk_X509_OBJECT_num(all); i++)
		if ((x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i))) !=
		    NULL && (name = X509_NAME_dup(X509_get_subject_name(x))) !=
		    NULL && sk_X509_NAME_push(names, name) == 0)
			X509_NAME_free(name);
	if (names != NULL && sk_X509_NAME_num(names) == 0)
		(void)SSL_add_dir_cert_subjects_to_stack(names, path);
	if (names != NULL)
		SSL_CTX_set_client_CA_list(ssl, names);
	ERR_clear_error();
}

static int
tls_load_crl(SSL_CTX *ssl, const char *path, struct error *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ssl);
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store,
	    X509_LOOKUP_file());

	if (access(path, R_OK) == -1) {
		tls_fail(err, errno, "read", "revocation list ", path, NULL);
		return -1;
	}
	if (lookup == NULL ||
	    X509_load_crl_file(lookup, path, X509_FILETYPE_PEM) <= 0) {
		tls_fail(err, EINVAL, "use", "revocation list ", path,
		    "the file has no revocation list (CRL) in PEM form");
		return -1;
	}
	(void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return 0;
}

/*
 * The system's CAs are in a directory, of which only the files that are needed
 * are read, and in one large file, which is read if the directory lacks an
 * issuer.
 */
static int
tls_find_issuer(X509 **issuer, X509_STORE_CTX *sc, X509 *x)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(sc,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_layer *l = SSL_get_app_data(ssl);
	int got = X509_STORE_CTX_get1_issuer(issuer, sc, x);

	if (got != 0 || l->ctx->has_system_file)
		return got;
	l->ctx->has_system_file = true;
	(void)SSL_CTX_set_default_verify_file(l->ctx->ssl);
	ERR_clear_error();
	return X509_STORE_CTX_get1_issuer(issuer, sc, x);
}

int
tls_load_trust(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	const char *ca = ctx->role == TLS_SERVER ? opt->client_ca : opt->ca;

	if (!ctx->checks_chain && !ctx->reports_chain)
		return 0;
	if (ca == NULL) {
		(void)SSL_CTX_set_default_verify_dir(ctx->ssl);
		X509_STORE_set_get_issuer(SSL_CTX_get_cert_store(ctx->ssl),
		    tls_find_issuer);
	} else if (tls_load_store(ctx->ssl, ca, err) == -1)
		return -1;
	if (ctx->role == TLS_SERVER)
		tls_send_names(ctx->ssl, ca);
	if (opt->crl != NULL && tls_load_crl(ctx->ssl, opt->crl, err) == -1)
		return -1;
	ERR_clear_error();
	return 0;
}

/* ---- The log of keys ---------------------------------------------------- */

static void
tls_log_key(const SSL *ssl, const char *line)
{
	const struct tls_layer *l = SSL_get_app_data(ssl);
	char text[1024];
	size_t len = strlen(line);

	if (len >= sizeof(text))
		return;
	memcpy(text, line, len);
	text[len++] = '\n';
	/* Whoever reads the log misses a line: the connection goes on. */
	if (write(l->ctx->keylog, text, len) == -1)
		return;
}

void
tls_impl_keylog(struct tls_context *ctx, int fd)
{
	ctx->keylog = fd;
	SSL_CTX_set_keylog_callback(ctx->ssl, tls_log_key);
}

/*
 * Keys, certificates and rules for the connections of one role, and the table
 * of the module.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"

/* Enough to decrypt several records from one read of the socket. */
#define TLS_READ_AHEAD	((size_t)64 << 10)

/* ---- ALPN --------------------------------------------------------------- */

/* The server's order decides; without a common name there is no connection. */
static int
tls_select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned inlen, void *arg)
{
	const struct tls_context *ctx = arg;
	const unsigned char *own = ctx->alpn, *his;

	(void)ssl;
	for (; own < ctx->alpn + ctx->alpn_len; own += 1 + own[0])
		for (his = in; his < in + inlen; his += 1 + his[0])
			if (own[0] == his[0] &&
			    memcmp(own + 1, his + 1, own[0]) == 0) {
				*out = his + 1;
				*outlen = his[0];
				return SSL_TLSEXT_ERR_OK;
			}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* The list, "h2,http/1.1", becomes names with a byte of length before each. */
static int
tls_set_alpn(struct tls_context *ctx, const char *list, struct error *err)
{
	size_t len;

	if ((ctx->alpn = malloc(strlen(list) + 1)) == NULL) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	do {
		len = strcspn(list, ",");
		if (len == 0 || len > 255) {
			tls_fail(err, EINVAL, "use", "ALPN protocol ", list,
			    "a name has 1 to 255 bytes");
			return -1;
		}
		ctx->alpn[ctx->alpn_len++] = (unsigned char)len;
		memcpy(ctx->alpn + ctx->alpn_len, list, len);
		ctx->alpn_len += len;
		list += len;
	} while (*list++ != '\0');
	if (ctx->role == TLS_SERVER)
		SSL_CTX_set_alpn_select_cb(ctx->ssl, tls_select_alpn, ctx);
	else if (SSL_CTX_set_alpn_protos(ctx->ssl, ctx->alpn,
	    (unsigned)ctx->alpn_len) != 0) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	return 0;
}

/* ---- Ciphers ------------------------------------------------------------ */

/*
 * One list of ciphers, for TLS 1.2 and for TLS 1.3.
 *
 * A name that begins with TLS_ is a suite of TLS 1.3. If the list has no other
 * names, TLS 1.2 is not allowed; if it has none of these, the suites of
 * TLS 1.3 stay as they are, as with the lists of other programs.
 */
#define TLS_CIPHERS_MAX	4096

/* What a list takes away, or orders, may be unknown. */
static bool
tls_cipher_is_known(SSL_CTX *scratch, const char *name)
{
	static const char *const suites[] = { "TLS_AES_128_GCM_SHA256",
	    "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
	    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256" };

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strcmp(name, suites[i]) == 0)
			return true;
	if (strncmp(name, "TLS_", 4) == 0)
		return false;
	return strchr("!-+@", name[0]) != NULL ||
	    SSL_CTX_set_cipher_list(scratch, name) == 1;
}

/* Sorts the names into two lists. */
static int
tls_set_ciphers(SSL_CTX *ctx, const char *list, bool dgram, struct error *err)
{
	char tls12[TLS_CIPHERS_MAX] = "", tls13[TLS_CIPHERS_MAX] = "";
	char names[TLS_CIPHERS_MAX], *rest = names, *name, *all;
	size_t len = strlen(list), at;
	SSL_CTX *scratch;	/* tells which names are known */
	bool known = true, fine;

	if (len >= sizeof(names)) {
		tls_fail(err, E2BIG, "use", "ciphers ", "", NULL);
		return -1;
	}
	if ((scratch = SSL_CTX_new(TLS_method())) == NULL) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	memcpy(names, list, len + 1);
	while (known && (name = strsep(&rest, ":, ")) != NULL) {
		if (name[0] == '\0')
			continue;
		known = tls_cipher_is_known(scratch, name);
		all = strncmp(name, "TLS_", 4) == 0 ? tls13 : tls12;
		at = strlen(all);
		(void)snprintf(all + at, TLS_CIPHERS_MAX - at, "%s%s",
		    at > 0 ? ":" : "", name);
		if (!known)
			tls_fail(err, EINVAL, "use", "cipher ", name,
			    "no cipher has this name");
	}
	fine = known && (tls12[0] != '\0' || (tls13[0] != '\0' && !dgram)) &&
	    (tls12[0] == '\0' || SSL_CTX_set_cipher_list(ctx, tls12) == 1) &&
	    (dgram || ((tls13[0] == '\0' ||
	    SSL_CTX_set_ciphersuites(ctx, tls13) == 1) && (tls12[0] != '\0' ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1)));
	if (known && !fine)
		tls_fail(err, EINVAL, "use", "ciphers ", list,
		    "none of these can be used");
	SSL_CTX_free(scratch);
	ERR_clear_error();
	return fine ? 0 : -1;
}

/* ---- Rules -------------------------------------------------------------- */

static int
tls_set_version(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	bool only13 = opt->min == 13 || opt->words;
	int lowest = only13 ? TLS1_3_VERSION : TLS1_2_VERSION;

	if (ctx->dgram && only13) {
		tls_fail(err, EPROTONOSUPPORT, "use", "", "TLS 1.3",
		    "DTLS ends at version 1.2 here");
		return -1;
	}
	if (ctx->dgram)
		lowest = DTLS1_2_VERSION;
	if (SSL_CTX_set_min_proto_version(ctx->ssl, lowest) == 1)
		return 0;
	tls_fail_lib(err, "use", "", "TLS");
	return -1;
}

static void
tls_set_modes(struct tls_context *ctx)
{
	uint64_t options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU |
	    SSL_OP_CIPHER_SERVER_PREFERENCE;

	/* A client of TLS 1.2 lets its server begin a new handshake. */
	if (ctx->role == TLS_SERVER)
		options |= SSL_OP_NO_RENEGOTIATION;
	(void)SSL_CTX_set_options(ctx->ssl, options);
	(void)SSL_CTX_set_mode(ctx->ssl, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* No session outlives its connection; a client may keep a ticket. */
	SSL_CTX_set_session_cache_mode(ctx->ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(ctx->ssl, 1);
	if (ctx->dgram)
		return;
	/* Only for its offers of keys: see tls_kernel.c. */
	(void)SSL_CTX_set_options(ctx->ssl, SSL_OP_ENABLE_KTLS);
	SSL_CTX_set_default_read_buffer_len(ctx->ssl, TLS_READ_AHEAD);
}

static int
tls_set_rules(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	bool knows_clients;

	ctx->lenient = opt->lenient;
	ctx->words = opt->words;
	tls_set_modes(ctx);
	if (tls_set_version(ctx, opt, err) == -1 ||
	    (opt->ciphers != NULL && tls_set_ciphers(ctx->ssl, opt->ciphers,
	    ctx->dgram, err) == -1) ||
	    (opt->alpn != NULL && tls_set_alpn(ctx, opt->alpn, err) == -1) ||
	    tls_set_verify(ctx, opt, err) == -1)
		return -1;
	knows_clients = SSL_CTX_get_verify_mode(ctx->ssl) != SSL_VERIFY_NONE;
	/* A ticket would let in a client that is not verified again. */
	if (ctx->role == TLS_SERVER) {
		(void)SSL_CTX_set_num_tickets(ctx->ssl, knows_clients ? 0 : 1);
		if (knows_clients)
			(void)SSL_CTX_set_options(ctx->ssl, SSL_OP_NO_TICKET);
	}
	if (tls_load_cert(ctx, opt, err) == -1 ||
	    tls_load_trust(ctx, opt, err) == -1)
		return -1;
	if (ctx->dgram && ctx->role == TLS_SERVER &&
	    (ctx->hello = tls_hello_new(ctx->ssl)) == NULL) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	return 0;
}

/* ---- The context -------------------------------------------------------- */

struct tls_context *
tls_impl_context(const struct tls_options *opt, enum tls_role role, bool dgram,
    struct error *err)
{
	struct tls_context *ctx;

	ERR_clear_error();
	if ((ctx = calloc(1, sizeof(*ctx))) == NULL) {
		tls_fail_lib(err, "use", "", "TLS");
		return NULL;
	}
	ctx->module = &tls_module_table;
	ctx->refs = 1;
	ctx->role = role;
	ctx->dgram = dgram;
	ctx->keylog = -1;
	ctx->ssl = SSL_CTX_new(dgram ? DTLS_method() : TLS_method());
	ctx->bio = tls_bio_method();
	if (ctx->ssl == NULL || ctx->bio == NULL)
		tls_fail_lib(err, "use", "", "TLS");
	else if (tls_set_rules(ctx, opt, err) == 0) {
		ERR_clear_error();
		return ctx;
	}
	tls_impl_free(ctx);
	return NULL;
}

void
tls_impl_free(struct tls_context *ctx)
{
	if (--ctx->refs > 0)
		return;
	tls_hello_free(ctx->hello);
	SSL_CTX_free(ctx->ssl);
	BIO_meth_free(ctx->bio);
	free(ctx->pins);
	free(ctx->alpn);
	if (ctx->keylog != -1)
		(void)close(ctx->keylog);
	free(ctx);
}

static bool
tls_impl_cert(const struct tls_context *ctx, struct tls_cert *cert, bool *made)
{
	*cert = ctx->own;
	*made = ctx->made;
	return ctx->has_cert;
}

static const struct tls_distrust *
tls_impl_distrust(const struct tls_context *ctx)
{
	return ctx->distrusts ? &ctx->distrust : NULL;
}

/* ---- Digests ------------------------------------------------------------ */

struct tls_digest {
	const struct tls_module	*module;	/* first: see tls_module.h */
	EVP_MD_CTX		*ctx;
	bool			 failed;
};

static struct tls_digest *
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

static void
tls_impl_digest_update(struct tls_digest *d, const void *bytes, size_t n)
{
	if (EVP_DigestUpdate(d->ctx, bytes, n) != 1)
		d->failed = true;
}

static size_t
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

const struct tls_module tls_module_table = {
	.version = TLS_MODULE_VERSION,
	.size = sizeof(struct tls_module),
	.context_new = tls_impl_context,
	.keylog = tls_impl_keylog,
	.context_free = tls_impl_free,
	.context_cert = tls_impl_cert,
	.distrust = tls_impl_distrust,
	.layer = tls_impl_layer,
	.date = tls_impl_date,
	.hello = tls_impl_hello,
	.feed = tls_impl_feed,
	.make_key = tls_impl_make_key,
	.digest_new = tls_impl_digest,
	.digest_update = tls_impl_digest_update,
	.digest_end = tls_impl_digest_end
};

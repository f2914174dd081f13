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
#include <openssl/ssl.h>

#include "layer/tls_hello.h"
#include "layer/tls_impl.h"

/* Enough to decrypt several records from one read of the socket. */
#define TLS_READ_AHEAD	((size_t)64 << 10)

/* ---- Errors ------------------------------------------------------------- */

void
tls_fail(struct error *err, int num, const char *op, const char *what,
    const char *object, const char *why)
{
	*err = (struct error){ .op = op, .num = num };
	(void)snprintf(err->object, sizeof(err->object), "%s%s", what, object);
	if (why != NULL)
		(void)snprintf(err->why, sizeof(err->why), "%s", why);
	ERR_clear_error();
}

void
tls_fail_lib(struct error *err, const char *op, const char *what,
    const char *object)
{
	unsigned long code = ERR_peek_error();
	const char *why = ERR_reason_error_string(code);

	if (code == 0 || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		tls_fail(err, ENOMEM, op, what, object, NULL);
	else
		tls_fail(err, EINVAL, op, what, object,
		    why != NULL ? why : "OpenSSL refuses");
}

/* ---- ALPN --------------------------------------------------------------- */

/* From "h2,http/1.1" to names with a byte of length before each. */
static int
tls_parse_alpn(struct tls_context *ctx, const char *list, struct error *err)
{
	size_t len;

	if ((ctx->alpn = malloc(strlen(list) + 1)) == NULL) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if (len == 0 || len > 255) {
			tls_fail(err, EINVAL, "use", "ALPN protocol ", list,
			    "a name has 1 to 255 bytes");
			return -1;
		}
		ctx->alpn[ctx->alpn_len++] = (unsigned char)len;
		memcpy(ctx->alpn + ctx->alpn_len, list, len);
		ctx->alpn_len += len;
		if (list[len] == '\0')
			return 0;
	}
}

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

static int
tls_set_alpn(struct tls_context *ctx, const char *list, struct error *err)
{
	if (list == NULL)
		return 0;
	if (tls_parse_alpn(ctx, list, err) == -1)
		return -1;
	if (ctx->role == TLS_SERVER)
		SSL_CTX_set_alpn_select_cb(ctx->ssl, tls_select_alpn, ctx);
	else if (SSL_CTX_set_alpn_protos(ctx->ssl, ctx->alpn,
	    (unsigned)ctx->alpn_len) != 0) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	return 0;
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

/* No session outlives its connection here; a client may keep a ticket. */
static void
tls_set_sessions(struct tls_context *ctx, bool knows_clients)
{
	SSL_CTX_set_session_cache_mode(ctx->ssl, SSL_SESS_CACHE_OFF);
	if (ctx->role == TLS_CLIENT)
		return;
	/* A ticket would let in a client that is not verified again. */
	(void)SSL_CTX_set_num_tickets(ctx->ssl, knows_clients ? 0 : 1);
	if (knows_clients)
		(void)SSL_CTX_set_options(ctx->ssl, SSL_OP_NO_TICKET);
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
	ctx->lenient = opt->lenient;
	ctx->words = opt->words;
	tls_set_modes(ctx);
	if (tls_set_version(ctx, opt, err) == -1 ||
	    (opt->ciphers != NULL && tls_set_ciphers(ctx->ssl, opt->ciphers,
	    ctx->dgram, err) == -1) ||
	    tls_set_alpn(ctx, opt->alpn, err) == -1 ||
	    tls_set_verify(ctx, opt, err) == -1)
		return -1;
	tls_set_sessions(ctx, SSL_CTX_get_verify_mode(ctx->ssl) !=
	    SSL_VERIFY_NONE);
	if (tls_load_cert(ctx, opt, err) == -1 ||
	    tls_load_trust(ctx, opt, err) == -1)
		return -1;
	if (ctx->dgram && ctx->role == TLS_SERVER &&
	    tls_hello_setup(ctx) == -1) {
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
		return -1;
	}
	return 0;
}

/* ---- The context -------------------------------------------------------- */

static struct tls_context *
tls_context_alloc(enum tls_role role, bool dgram)
{
	struct tls_context *ctx = calloc(1, sizeof(*ctx));

	if (ctx == NULL)
		return NULL;
	ctx->module = &tls_module_table;
	ctx->refs = 1;
	ctx->role = role;
	ctx->dgram = dgram;
	ctx->keylog = -1;
	ctx->ssl = SSL_CTX_new(dgram ? DTLS_method() : TLS_method());
	ctx->bio = tls_bio_method();
	if (ctx->ssl != NULL && ctx->bio != NULL)
		return ctx;
	tls_impl_free(ctx);
	return NULL;
}

struct tls_context *
tls_impl_context(const struct tls_options *opt, enum tls_role role, bool dgram,
    struct error *err)
{
	struct tls_context *ctx;

	ERR_clear_error();
	if ((ctx = tls_context_alloc(role, dgram)) == NULL) {
		tls_fail_lib(err, "use", "", "TLS");
		return NULL;
	}
	if (tls_set_rules(ctx, opt, err) == 0) {
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
	.facts = tls_impl_facts,
	.hello = tls_impl_hello,
	.feed = tls_impl_feed,
	.make_key = tls_impl_make_key,
	.digest_new = tls_impl_digest,
	.digest_update = tls_impl_digest_update,
	.digest_end = tls_impl_digest_end
};

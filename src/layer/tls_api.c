/*
 * TLS as the rest of the program sees it: opens the module, and hands the
 * calls on to the table that each context and each layer begins with.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "io/fd.h"
#include "layer/tls.h"
#include "layer/tls_module.h"

/* The table of a context or a digest. */
static const struct tls_module *
tls_of(const void *object)
{
	return ((const struct tls_head *)object)->module;
}

static const struct tls_module *
tls_of_layer(const struct layer *l)
{
	return ((const struct tls_layer_head *)l)->module;
}

struct tls_context *
tls_context_new(const struct tls_options *opt, enum tls_role role, bool dgram,
    struct error *err)
{
	const struct tls_module *m = tls_module_open(err);
	struct tls_context *ctx = m == NULL ? NULL :
	    m->context_new(opt, role, dgram, err);
	int fd;

	if (ctx == NULL || opt->keylog == NULL)
		return ctx;
	if ((fd = fd_create(opt->keylog, O_WRONLY | O_APPEND, 0600)) == -1) {
		error_set(err, errno, "write", "%s", opt->keylog);
		tls_context_free(ctx);
		return NULL;
	}
	m->keylog(ctx, fd);
	return ctx;
}

void
tls_context_free(struct tls_context *ctx)
{
	if (ctx != NULL)
		tls_of(ctx)->context_free(ctx);
}

bool
tls_context_cert(const struct tls_context *ctx, struct tls_cert *cert,
    bool *made)
{
	return tls_of(ctx)->context_cert(ctx, cert, made);
}

const struct tls_distrust *
tls_context_distrust(const struct tls_context *ctx)
{
	return tls_of(ctx)->distrust(ctx);
}

struct layer *
layer_tls(struct tls_context *ctx, const char *name)
{
	return tls_of(ctx)->layer(ctx, name);
}

int64_t
layer_tls_date(const struct layer *l)
{
	return tls_of_layer(l)->date(l);
}

enum tls_hello
tls_hello(struct tls_context *ctx, const void *dgram, size_t len,
    const struct sockaddr *from, socklen_t fromlen,
    unsigned char answer[TLS_ANSWER_MAX], size_t *n, struct layer **layer)
{
	return tls_of(ctx)->hello(ctx, dgram, len, from, fromlen, answer, n,
	    layer);
}

void
tls_feed(struct layer *l, const void *dgram, size_t len)
{
	tls_of_layer(l)->feed(l, dgram, len);
}

char *
tls_make_key(struct error *err)
{
	const struct tls_module *m = tls_module_open(err);

	return m != NULL ? m->make_key(err) : NULL;
}

struct tls_digest *
tls_digest_new(const char *name, struct error *err)
{
	const struct tls_module *m = tls_module_open(err);
	struct tls_digest *d = m != NULL ? m->digest_new(name) : NULL;

	if (m != NULL && d == NULL) {
		error_set(err, EOPNOTSUPP, "use", "%s", name);
		(void)strlcpy(err->why, "OpenSSL does not have it",
		    sizeof(err->why));
	}
	return d;
}

void
tls_digest_update(struct tls_digest *d, const void *bytes, size_t n)
{
	tls_of(d)->digest_update(d, bytes, n);
}

size_t
tls_digest_end(struct tls_digest *d, unsigned char out[TLS_DIGEST_MAX])
{
	return tls_of(d)->digest_end(d, out);
}

void
tls_hex(const unsigned char *digest, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[digest[i] >> 4];
		*text++ = digits[digest[i] & 15];
	}
	*text = '\0';
}

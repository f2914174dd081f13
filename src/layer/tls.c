/*
 * TLS as the rest of the program sees it: opens the module.
 */
#include <errno.h>
#include <string.h>

#include "layer/tls.h"

struct tls_context *
tls_context_new(const struct tls_options *opt, enum tls_role role, bool dgram,
    struct error *err)
{
	(void)opt;
	(void)role;
	(void)dgram;
	error_set(err, ENOSYS, "use", "TLS");
	(void)strlcpy(err->why, "TLS is not in this build", sizeof(err->why));
	return NULL;
}

void
tls_context_free(struct tls_context *ctx)
{
	(void)ctx;
}

bool
tls_context_cert(const struct tls_context *ctx, struct tls_cert *cert,
    bool *made)
{
	(void)ctx;
	(void)cert;
	*made = false;
	return false;
}

struct layer *
layer_tls(struct tls_context *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	errno = ENOSYS;
	return NULL;
}

int64_t
layer_tls_date(const struct layer *l)
{
	(void)l;
	return -1;
}

void
layer_tls_facts(const struct layer *l, struct tls_facts *facts)
{
	(void)l;
	memset(facts, 0, sizeof(*facts));
}

enum tls_hello
tls_hello(struct tls_context *ctx, const void *dgram, size_t len,
    const struct sockaddr *from, socklen_t fromlen,
    unsigned char answer[TLS_ANSWER_MAX], size_t *n, struct layer **layer)
{
	(void)ctx;
	(void)dgram;
	(void)len;
	(void)from;
	(void)fromlen;
	(void)answer;
	*n = 0;
	*layer = NULL;
	return TLS_HELLO_DROP;
}

char *
tls_make_key(struct error *err)
{
	error_set(err, ENOSYS, "make", "a key");
	return NULL;
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

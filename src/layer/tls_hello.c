/*
 * Listening for DTLS: the cookie exchange (RFC 6347 section 4.2.1).
 */
#include "layer/tls_impl.h"

int
tls_hello_setup(struct tls_context *ctx)
{
	(void)ctx;
	return 0;
}

enum tls_hello
tls_impl_hello(struct tls_context *ctx, const void *dgram, size_t len,
    const struct sockaddr *from, socklen_t fromlen, unsigned char *answer,
    size_t *n, struct layer **layer)
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

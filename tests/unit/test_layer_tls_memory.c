/*
 * The k-th allocation fails, in OpenSSL or in the layer, once or from then on:
 * a context, a handshake and a transfer end cleanly, and nothing leaks.
 *
 * The linker gives the layer's calls to __wrap_malloc() and so on.
 */
#include <openssl/crypto.h>

#include "tls_rig.h"

static unsigned long	count, fail_at;
static bool		for_good;

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
char	*__real_strdup(const char *);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
char	*__wrap_strdup(const char *);

static bool
fails(void)
{
	count++;
	return fail_at > 0 && (for_good ? count >= fail_at : count == fail_at);
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

static void *
lib_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_malloc(size);
}

static void *
lib_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_realloc(p, size);
}

static void
lib_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static const char	text[] = "what the client sends";

/* Sends a text; false: the transfer failed. */
static bool
sends(void)
{
	char buf[100];
	size_t n, got = 0;
	enum io io = IO_AGAIN;

	for (int i = 0; i < 10 && io == IO_AGAIN; i++)
		io = rig_put(&rig.client, text, sizeof(text), &n);
	if (io != IO_OK)
		return false;
	CHECK_INT(n, sizeof(text));
	for (int i = 0; i < 10 && got < sizeof(text); i++) {
		io = rig_get(&rig.server, buf, sizeof(buf) - got, &n);
		if (io != IO_OK && io != IO_AGAIN)
			return false;
		CHECK(memcmp(buf, text + got, n) == 0);
		got += n;
	}
	CHECK_INT(got, sizeof(text));
	return layer_shut(rig.client.top) == IO_OK;
}

static bool
connects(struct error *err)
{
	rig.client_ctx = tls_context_new(&rig.client_opt, TLS_CLIENT, false,
	    err);
	if (rig.client_ctx == NULL)
		return false;
	rig.server_ctx = tls_context_new(&rig.server_opt, TLS_SERVER, false,
	    err);
	if (rig.server_ctx == NULL)
		return false;
	rig.client.top = layer_tls(rig.client_ctx, "example.org");
	rig.server.top = layer_tls(rig.server_ctx, NULL);
	if (rig.client.top == NULL || rig.server.top == NULL)
		return false;
	rig.client.top->below = &rig.client.bottom;
	rig.server.top->below = &rig.server.bottom;
	return rig_handshake(NULL) == IO_OK && sends();
}

/* A whole life; true: all allocations were there. */
static bool
lives(unsigned long k, bool good)
{
	struct error err = { .num = 0 };
	bool done;

	rig_end_init(&rig.client, &rig.down, &rig.up);
	rig_end_init(&rig.server, &rig.up, &rig.down);
	rig.up.at = rig.up.len = rig.down.at = rig.down.len = 0;
	rig.up.ended = rig.down.ended = false;
	rig.client_ctx = rig.server_ctx = NULL;
	count = 0;
	fail_at = k;
	for_good = good;
	done = connects(&err);
	fail_at = 0;
	if (rig.client_ctx == NULL || rig.server_ctx == NULL)
		CHECK(err.num != 0 && err.op != NULL && err.object[0] != '\0');
	if (rig.client.top != NULL)
		layer_close(rig.client.top);
	if (rig.server.top != NULL)
		layer_close(rig.server.top);
	tls_context_free(rig.client_ctx);
	tls_context_free(rig.server_ctx);
	return done;
}

/* All of them in make torture, else a part of them. */
TEST(each_failed_allocation_is_borne)
{
	bool all = getenv("TORTURE") != NULL;
	unsigned long whole, k = 1, good = 0;

	rig_init();
	rig.client_opt.alpn = "h2,http/1.1";
	rig.server_opt.alpn = "http/1.1";
	rig.client_opt.ciphers = "TLS_AES_128_GCM_SHA256:HIGH";
	CHECK(lives(0, false));
	CHECK(lives(0, false));
	whole = count;
	for (; k <= whole && !unit_bad; k += all ? 1 : 1 + k / 40) {
		good += lives(k, false);
		good += lives(k, true);
		if (unit_bad)
			printf("k was %lu of %lu\n", k, whole);
	}
	CHECK(lives(0, false));
	printf("figure: %lu allocations, done nevertheless %lu times\n",
	    whole, good);
}

BEFORE
{
	if (CRYPTO_set_mem_functions(lib_malloc, lib_realloc, lib_free) != 1)
		exit(1);
}

/*
 * Whatever an HTTP proxy answers: it comes to an end within bounds, what was
 * taken does not depend on how it was split, and no line that is sent is of
 * the proxy's making.
 */
#include <string.h>

#include "../unit/proxy_fake.h"
#include "fuzz.h"
#include "layer/layer_http.h"

struct result {
	enum io			io;
	struct error		err;
	enum http_scheme	scheme;
	size_t			taken, told;
};

/* Requests: each begins as it must, and their lines are the known ones. */
static void
check_told(const char *s, size_t len)
{
	static const char *const lines[] = { "CONNECT h:80 HTTP/1.0\r",
	    "Proxy-Authorization: ", "\r" };
	const char *end;
	size_t i, n;

	for (; len > 0; len -= (size_t)(end + 1 - s), s = end + 1) {
		FUZZ_CHECK((end = memchr(s, '\n', len)) != NULL);
		n = (size_t)(end - s);
		for (i = 0; i < 3; i++)
			if (n >= strlen(lines[i]) &&
			    memcmp(s, lines[i], strlen(lines[i])) == 0)
				break;
		FUZZ_CHECK(i < 3);
		FUZZ_CHECK(n > 0 && memchr(s, '\r', n) == end - 1);
	}
}

static struct result
talk(const struct proxy_request *request, const uint8_t *data, size_t size,
    size_t piece)
{
	static struct proxy_fake fake;
	static struct layer_http http;
	struct http_challenge c = { .scheme = HTTP_OPEN };
	struct result r = { .io = IO_AGAIN };

	fake_begin(&fake, (const char *)data, size);
	fake.piece = piece;
	fake.lazy = piece != 0;
	layer_http_init(&http, &fake.layer, request, &c, &r.err);
	r.io = fake_run(&fake, &http.layer);
	FUZZ_CHECK(!unit_bad);
	r.scheme = c.scheme;
	r.taken = fake.at;
	r.told = fake.nsaid;
	check_told(fake.said, fake.nsaid);
	http.layer.ops->close(&http.layer);
	http_challenge_free(&c);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_login login = { .user = NULL };
	struct proxy_request request = { .kind = PROXY_HTTP, .host = "h",
	    .port = 80, .login = &login };
	struct result whole, split;

	if (size == 0 || size > 8192)
		return 0;
	if (data[0] & 1)
		login = (struct proxy_login){ "joe", 3, "pw", false };
	request.any_2xx = data[0] & 2;
	whole = talk(&request, data + 1, size - 1, 0);
	split = talk(&request, data + 1, size - 1, 1);
	FUZZ_CHECK(whole.io == IO_OK || whole.io == IO_FAIL);
	FUZZ_CHECK(whole.io == split.io);
	FUZZ_CHECK(whole.err.proxy.fault == split.err.proxy.fault);
	FUZZ_CHECK((whole.io == IO_FAIL) ==
	    (whole.err.proxy.fault != PROXY_FINE));
	FUZZ_CHECK(strcmp(whole.err.why, split.err.why) == 0);
	FUZZ_CHECK(whole.scheme == split.scheme);
	FUZZ_CHECK(whole.taken == split.taken && whole.told == split.told);
	FUZZ_CHECK(whole.io == IO_FAIL || whole.taken <= size - 1);
	return 0;
}

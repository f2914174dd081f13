/*
 * Whatever a SOCKS proxy answers: it comes to an end, what was taken does not
 * depend on how it was split, and nothing is sent that was not asked for.
 */
#include <string.h>

#include "../unit/proxy_fake.h"
#include "fuzz.h"
#include "layer/layer_socks.h"

#define SECRET	"pw"

struct result {
	enum io		io;
	struct error	err;
	size_t		taken, told;
};

static struct result
talk(const struct proxy_request *request, const uint8_t *data, size_t size,
    size_t piece)
{
	static struct proxy_fake fake;
	static struct layer_socks socks;
	struct result r = { .io = IO_AGAIN };

	fake_begin(&fake, (const char *)data, size);
	fake.piece = piece;
	fake.lazy = piece != 0;
	layer_socks_init(&socks, &fake.layer, request, &r.err);
	r.io = fake_run(&fake, &socks.layer);
	FUZZ_CHECK(!unit_bad);
	r.taken = fake.at;
	r.told = fake.nsaid;
	FUZZ_CHECK(memmem(socks.out, sizeof(socks.out), SECRET,
	    strlen(SECRET)) == NULL);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_login login = { .user = NULL };
	struct proxy_request request = { .host = "h", .port = 80,
	    .login = &login };
	struct result whole, split;

	if (size == 0 || size > 4096)
		return 0;
	request.kind = data[0] & 1 ? PROXY_SOCKS4 : PROXY_SOCKS5;
	if (data[0] & 2)
		login = (struct proxy_login){ "joe", 3, SECRET, false };
	whole = talk(&request, data + 1, size - 1, 0);
	split = talk(&request, data + 1, size - 1, 1);
	FUZZ_CHECK(whole.io == IO_OK || whole.io == IO_FAIL);
	FUZZ_CHECK(whole.io == split.io);
	FUZZ_CHECK(whole.err.proxy.fault == split.err.proxy.fault);
	FUZZ_CHECK((whole.io == IO_FAIL) ==
	    (whole.err.proxy.fault != PROXY_FINE));
	FUZZ_CHECK(whole.taken == split.taken && whole.told == split.told);
	/* A greeting, a login, a reply with the longest name. */
	FUZZ_CHECK(whole.taken <= 2 + 2 + 4 + 1 + 255 + 2);
	return 0;
}

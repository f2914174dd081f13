#include <arpa/inet.h>

#include "layer/layer_socks.h"
#include "proxy_fake.h"
#include "unit.h"

static struct proxy_fake	fake;
static struct layer_socks	socks;
static struct proxy_login	login;
static struct proxy_request		request;
static struct error		err;
static struct addr		addr;

static void
for_host(enum proxy_kind kind, const char *host)
{
	login = (struct proxy_login){ .user = NULL };
	request = (struct proxy_request){ .kind = kind, .host = host,
	    .port = 80, .login = &login };
}

static void
for_inet(enum proxy_kind kind, const char *host)
{
	for_host(kind, host);
	memset(&addr, 0, sizeof(addr));
	addr.len = sizeof(addr.u.in);
	addr.u.in.sin_family = AF_INET;
	inet_pton(AF_INET, host, &addr.u.in.sin_addr);
	request.addr = &addr;
}

static void
for_inet6(enum proxy_kind kind, const char *host)
{
	for_host(kind, host);
	memset(&addr, 0, sizeof(addr));
	addr.len = sizeof(addr.u.in6);
	addr.u.in6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, host, &addr.u.in6.sin6_addr);
	request.addr = &addr;
}

static enum io
run(const char *text, size_t len)
{
	fake_begin(&fake, text, len);
	memset(&err, 0, sizeof(err));
	layer_socks_init(&socks, &fake.layer, &request, &err);
	return fake_run(&fake, &socks.layer);
}

#define RUN(text)	run(text, sizeof(text) - 1)

/* Each way of cutting and delaying it gives the same, and leaves the rest. */
static void
every_split(const char *reply, size_t len, size_t mine, const char *told,
    size_t ntold)
{
	size_t cut, piece;
	int lazy;

	for (cut = 0; cut <= len; cut++)
		for (piece = 0; piece < 3; piece++)
			for (lazy = 0; lazy < 2; lazy++) {
				fake_begin(&fake, reply, len);
				fake.cut = cut;
				fake.piece = piece;
				fake.lazy = lazy != 0;
				memset(&err, 0, sizeof(err));
				layer_socks_init(&socks, &fake.layer,
				    &request, &err);
				CHECK_INT(fake_run(&fake, &socks.layer),
				    IO_OK);
				CHECK_INT(fake.at, mine);
				CHECK(fake_was_told(&fake, told, ntold));
			}
}

#define EVERY_SPLIT(reply, payload, told)				\
	every_split(reply payload, sizeof(reply payload) - 1,		\
	    sizeof(reply) - 1, told, sizeof(told) - 1)

TEST(a_name_goes_to_the_proxy)
{
	for_host(PROXY_SOCKS5, "example.test");
	EVERY_SPLIT("\5\0" "\5\0\0\1\1\2\3\4\0\120", "hello",
	    "\5\1\0" "\5\1\0\3\14example.test\0\120");
}

TEST(addresses_go_as_they_are)
{
	for_inet(PROXY_SOCKS5, "127.0.0.9");
	EVERY_SPLIT("\5\0" "\5\0\0\3\5there\0\120", "\5\0\0\1",
	    "\5\1\0" "\5\1\0\1\177\0\0\11\0\120");
	for_inet6(PROXY_SOCKS5, "::1");
	EVERY_SPLIT("\5\0" "\5\0\0\4" "0123456789abcdef" "\0\120", "x",
	    "\5\1\0" "\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\120");
}

TEST(a_user_logs_in_if_asked)
{
	for_host(PROXY_SOCKS5, "h");
	login = (struct proxy_login){ "joey", 3, "pw", false };
	EVERY_SPLIT("\5\2" "\1\0" "\5\0\0\1\1\2\3\4\0\120", "hello",
	    "\5\2\0\2" "\1\3joe\2pw" "\5\1\0\3\1h\0\120");
	EVERY_SPLIT("\5\0" "\5\0\0\1\1\2\3\4\0\120", "hello",
	    "\5\2\0\2" "\5\1\0\3\1h\0\120");
	/* Some say the version of SOCKS there. */
	CHECK_INT(RUN("\5\2" "\5\0" "\5\0\0\1\1\2\3\4\0\120"), IO_OK);
}

TEST(version_4_knows_names_behind_an_address_that_cannot_be)
{
	for_inet(PROXY_SOCKS4, "127.0.0.9");
	EVERY_SPLIT("\0\132\0\0\0\0\0\0", "hello",
	    "\4\1\0\120\177\0\0\11\0");
	login = (struct proxy_login){ "joe", 3, NULL, false };
	EVERY_SPLIT("\0\132\0\0\0\0\0\0", "", "\4\1\0\120\177\0\0\11joe\0");
	request.addr = NULL;
	request.host = "example.test";
	EVERY_SPLIT("\0\132\0\0\0\0\0\0", "hello",
	    "\4\1\0\120\0\0\0\1joe\0example.test\0");
}

TEST(each_message_is_one_write)
{
	for_host(PROXY_SOCKS5, "h");
	login = (struct proxy_login){ "joe", 3, "pw", false };
	CHECK_INT(RUN("\5\2" "\1\0" "\5\0\0\1\1\2\3\4\0\120"), IO_OK);
	CHECK_INT(fake.writes, 3);
}

/* Which fault, at which step, with which code. */
#define FAILS(text, what, at, with) do {				\
	CHECK_INT(RUN(text), IO_FAIL);					\
	CHECK_INT(err.proxy.fault, what);				\
	CHECK_INT(err.proxy.step, at);					\
	CHECK_INT(err.proxy.code, with);				\
} while (0)

TEST(a_refusal_is_told_with_its_code)
{
	for_host(PROXY_SOCKS5, "h");
	FAILS("\5\377", PROXY_NO_METHOD, PROXY_GREETING, 0);
	FAILS("\5\2", PROXY_ODD_METHOD, PROXY_GREETING, 2);
	FAILS("\5\0\5\5", PROXY_READ, PROXY_REQUEST, 0);
	FAILS("\5\0\5\5\0\1", PROXY_REFUSED, PROXY_REQUEST, 5);
	FAILS("\5\0\5\0\0\7", PROXY_ADDRESS, PROXY_REQUEST, 7);
	login = (struct proxy_login){ "joe", 3, "pw", false };
	FAILS("\5\2\1\1", PROXY_DENIED, PROXY_LOGIN, 1);
	login.password = NULL;
	FAILS("\5\2", PROXY_PASSWORD, PROXY_GREETING, 0);
	for_inet(PROXY_SOCKS4, "127.0.0.1");
	FAILS("\0\133\0\0\0\0\0\0", PROXY_REFUSED, PROXY_REQUEST, 91);
}

TEST(another_version_is_no_proxy_of_ours)
{
	for_host(PROXY_SOCKS5, "h");
	FAILS("\4\0", PROXY_VERSION, PROXY_GREETING, 4);
	FAILS("\5\0\4\0\0\1", PROXY_VERSION, PROXY_REQUEST, 4);
	FAILS("HTTP/1.0 400\r\n", PROXY_VERSION, PROXY_GREETING, 'H');
	for_inet(PROXY_SOCKS4, "127.0.0.1");
	FAILS("\5\132\0\0\0\0\0\0", PROXY_VERSION, PROXY_REQUEST, 5);
}

TEST(an_end_midway_is_an_error_wherever_it_comes)
{
	static const char reply[] = "\5\2" "\1\0" "\5\0\0\3\5there\0\120";
	size_t n;

	for (n = 0; n < sizeof(reply) - 1; n++) {
		for_host(PROXY_SOCKS5, "h");
		login = (struct proxy_login){ "joe", 3, "pw", false };
		CHECK_INT(run(reply, n), IO_FAIL);
		CHECK_INT(err.proxy.fault, PROXY_READ);
		CHECK_INT(err.num, 0);
		CHECK(err.proxy.got < err.proxy.want);
	}
}

TEST(what_cannot_be_said_is_not_said)
{
	static char name[PROXY_NAME_MAX + 2], user[PROXY_NAME_MAX + 2];

	memset(name, 'a', sizeof(name) - 1);
	memset(user, 'u', sizeof(user) - 1);
	for_host(PROXY_SOCKS5, name);
	CHECK_INT(RUN("\5\0"), IO_FAIL);
	CHECK_INT(err.num, EINVAL);
	CHECK_INT(fake.nsaid, 0);
	for_host(PROXY_SOCKS4, "a\nb");
	CHECK_INT(RUN("\0\132"), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	for_inet6(PROXY_SOCKS4, "::1");
	CHECK_INT(RUN("\0\132"), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	for_host(PROXY_SOCKS5, "h");
	login = (struct proxy_login){ user, PROXY_NAME_MAX + 1, "pw", false };
	CHECK_INT(RUN("\5\0"), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	login = (struct proxy_login){ "joe", 3, user, false };
	CHECK_INT(RUN("\5\0"), IO_FAIL);
	CHECK_INT(fake.nsaid, 0);
	/* What just fits goes. */
	name[PROXY_NAME_MAX] = user[PROXY_NAME_MAX] = '\0';
	for_host(PROXY_SOCKS5, name);
	login = (struct proxy_login){ user, PROXY_NAME_MAX, user, false };
	CHECK_INT(RUN("\5\2" "\1\0" "\5\0\0\1\1\2\3\4\0\120"), IO_OK);
	CHECK_INT(fake.nsaid, 4 + 3 + 2 * 255 + 7 + 255);
	for_host(PROXY_SOCKS4, name);
	login = (struct proxy_login){ user, PROXY_NAME_MAX, NULL, false };
	CHECK_INT(RUN("\0\132\0\0\0\0\0\0"), IO_OK);
	CHECK_INT(fake.nsaid, 8 + 256 + 256);
}

TEST(no_password_stays_in_memory)
{
	size_t i;

	for_host(PROXY_SOCKS5, "h");
	login = (struct proxy_login){ "joe", 3, "secret", false };
	CHECK_INT(RUN("\5\2" "\1\1"), IO_FAIL);
	CHECK_INT(RUN("\5\2" "\1\0" "\5\0\0\1\1\2\3\4\0\120"), IO_OK);
	for (i = 0; i + 6 < sizeof(socks.out); i++)
		CHECK(memcmp(socks.out + i, "secret", 6) != 0);
}

TEST(it_waits_for_what_it_needs)
{
	struct layer *top = &socks.layer;

	for_host(PROXY_SOCKS5, "h");
	fake_begin(&fake, "", 0);
	fake.stays = fake.lazy = true;
	memset(&err, 0, sizeof(err));
	layer_socks_init(&socks, &fake.layer, &request, &err);
	CHECK_INT(layer_handshake(&top), IO_AGAIN);
	CHECK_INT(layer_want(top, 0), LOOP_OUT);
	CHECK_INT(layer_handshake(&top), IO_AGAIN);
	CHECK_INT(layer_want(top, 0), LOOP_IN);
}

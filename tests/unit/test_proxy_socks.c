/*
 * The messages of SOCKS as a server reads them: each at every split.
 */
#include "net.h"
#include "serve/proxy_socks.h"

static struct socks_request	r;

#define BYTES(s)	(const unsigned char *)(s), sizeof(s) - 1

typedef int	reader(const unsigned char *, size_t);

static int
read_4(const unsigned char *s, size_t n)
{
	return socks4_request(&r, s, n);
}

static int
read_5(const unsigned char *s, size_t n)
{
	return socks5_request(&r, s, n);
}

/* Every beginning asks for more; bytes after the message change nothing. */
static void
check_splits(reader *read, const unsigned char *s, size_t n)
{
	unsigned char more[600];

	for (size_t i = 0; i < n; i++)
		CHECK_INT(read(s, i), SOCKS_MORE);
	memcpy(more, s, n);
	memset(more + n, 0xff, 16);
	CHECK_INT(read(more, n + 16), n);
	CHECK_INT(read(s, n), n);
}

TEST(a_request_of_SOCKS_4_is_read_at_every_split)
{
	check_splits(read_4, BYTES("\4\1\0\120\300\0\2\1joe\0"));
	CHECK_INT(r.command, SOCKS_CONNECT);
	CHECK_STR(r.host, "192.0.2.1");
	CHECK_INT(r.port, 80);
	check_splits(read_4, BYTES("\4\2\1\0\0\0\0\0\0"));
	CHECK_INT(r.command, SOCKS_BIND);
	CHECK_STR(r.host, "0.0.0.0");
}

TEST(a_request_of_SOCKS_4a_has_a_name)
{
	check_splits(read_4, BYTES("\4\1\0\120\0\0\0\1joe\0host.example\0"));
	CHECK_STR(r.host, "host.example");
	CHECK_INT(socks4_request(&r, BYTES("\4\1\0\120\0\0\0\1\0\0")),
	    SOCKS_BAD);
	CHECK_INT(socks4_request(&r, BYTES("\4\1\0\120\0\0\0\1\0a b\0")),
	    SOCKS_BAD);
	CHECK_INT(socks4_request(&r, BYTES("\5")), SOCKS_BAD);
}

TEST(the_texts_of_SOCKS_4_are_bounded)
{
	unsigned char s[600] = "\4\1\0\120\0\0\0\1";

	memset(s + 8, 'a', sizeof(s) - 8);
	CHECK_INT(socks4_request(&r, s, 8 + SOCKS_NAME_MAX), SOCKS_MORE);
	CHECK_INT(socks4_request(&r, s, 8 + SOCKS_NAME_MAX + 1), SOCKS_BAD);
	s[8] = 0;
	CHECK_INT(socks4_request(&r, s, sizeof(s)), SOCKS_BAD);
	s[9 + SOCKS_NAME_MAX] = 0;
	CHECK_INT(socks4_request(&r, s, sizeof(s)), SOCKS_NAME_MAX + 10);
	CHECK_INT(strlen(r.host), SOCKS_NAME_MAX);
}

TEST(a_greeting_of_SOCKS_5_chooses_the_method)
{
	enum socks_method m;

	CHECK_INT(socks5_greeting(BYTES("\5"), false, &m), SOCKS_MORE);
	CHECK_INT(socks5_greeting(BYTES("\5\2\0"), false, &m), SOCKS_MORE);
	CHECK_INT(socks5_greeting(BYTES("\5\2\0\2x"), false, &m), 4);
	CHECK_INT(m, SOCKS_OPEN);
	CHECK_INT(socks5_greeting(BYTES("\5\2\0\2"), true, &m), 4);
	CHECK_INT(m, SOCKS_PASSWORD);
	CHECK_INT(socks5_greeting(BYTES("\5\1\0"), true, &m), 3);
	CHECK_INT(m, SOCKS_NO_METHOD);
	CHECK_INT(socks5_greeting(BYTES("\5\0"), false, &m), 2);
	CHECK_INT(m, SOCKS_NO_METHOD);
	CHECK_INT(socks5_greeting(BYTES("\4\1\0"), false, &m), SOCKS_BAD);
}

TEST(a_login_of_SOCKS_5_is_read_at_every_split)
{
	static const unsigned char s[] = "\1\3joe\2pw";
	struct socks_login l;

	for (size_t i = 0; i < 8; i++)
		CHECK_INT(socks5_login(&l, s, i), SOCKS_MORE);
	CHECK_INT(socks5_login(&l, s, sizeof(s)), 8);
	CHECK_INT(l.user_len, 3);
	CHECK_INT(l.password_len, 2);
	CHECK(memcmp(l.user, "joe", 3) == 0);
	CHECK(memcmp(l.password, "pw", 2) == 0);
	CHECK_INT(socks5_login(&l, BYTES("\1\0\0")), 3);
	CHECK_INT(socks5_login(&l, BYTES("\5\1")), SOCKS_BAD);
}

TEST(a_request_of_SOCKS_5_is_read_at_every_split)
{
	check_splits(read_5, BYTES("\5\1\0\1\300\0\2\1\1\273"));
	CHECK_STR(r.host, "192.0.2.1");
	CHECK_INT(r.port, 443);
	check_splits(read_5, BYTES("\5\3\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0"
	    "\0\1\0\65"));
	CHECK_INT(r.command, SOCKS_UDP);
	CHECK_STR(r.host, "2001:db8::1");
	check_splits(read_5, BYTES("\5\1\0\3\14host.example\0\120"));
	CHECK_STR(r.host, "host.example");
	CHECK_INT(socks5_request(&r, BYTES("\5\1\0\3\0\0\120")), SOCKS_BAD);
	CHECK_INT(socks5_request(&r, BYTES("\5\1\0\3\3a\0b\0\120")),
	    SOCKS_BAD);
	CHECK_INT(socks5_request(&r, BYTES("\4\1\0\3")), SOCKS_BAD);
	CHECK(socks5_request(&r, BYTES("\5\1\0\2xx")) > 0);
	CHECK(r.no_type);
}

TEST(the_header_of_a_datagram_is_read_and_fragments_are_not)
{
	CHECK_INT(socks5_datagram(&r, BYTES("\0\0\0\1\300\0\2\1\0\65data")),
	    10);
	CHECK_STR(r.host, "192.0.2.1");
	CHECK_INT(r.port, 53);
	CHECK_INT(socks5_datagram(&r, BYTES("\0\0\1\1\300\0\2\1\0\65data")),
	    SOCKS_BAD);
	CHECK_INT(socks5_datagram(&r, BYTES("\0\0\0\1\300\0\2")), SOCKS_BAD);
	CHECK_INT(socks5_datagram(&r, BYTES("\0\0\0\11\300\0\2\1\0\65")),
	    SOCKS_BAD);
	CHECK_INT(socks5_datagram(&r, BYTES("")), SOCKS_BAD);
}

static void
check_bytes(struct buf *b, const unsigned char *want, size_t n)
{
	CHECK_INT(b->used, n);
	CHECK(b->used == n && memcmp(buf_data(b), want, n) == 0);
	buf_free(b);
}

TEST(replies_are_as_the_RFC_has_them)
{
	struct addr v4 = addr_of("192.0.2.1", 443);
	struct addr v6 = addr_of("2001:db8::1", 1);
	struct buf b = { .mem = NULL };

	socks4_reply(&b, false);
	check_bytes(&b, BYTES("\0\133\0\0\0\0\0\0"));
	socks5_reply(&b, SOCKS_GRANTED, &v4);
	check_bytes(&b, BYTES("\5\0\0\1\300\0\2\1\1\273"));
	socks5_reply(&b, SOCKS_DENIED, NULL);
	check_bytes(&b, BYTES("\5\2\0\1\0\0\0\0\0\0"));
	socks5_datagram_head(&b, &v6);
	check_bytes(&b, BYTES("\0\0\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"
	    "\0\1"));
}

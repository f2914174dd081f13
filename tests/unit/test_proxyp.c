/*
 * Headers of the PROXY protocol: what is made is what is parsed, at every
 * split, and what is no header is refused as soon as that shows.
 */
#include "net.h"
#include "reach/proxyp.h"

static const unsigned char signature[] = "\r\n\r\n\0\r\nQUIT\n";

/* A header that is being put together. */
static unsigned char	head[65536 + 64];
static size_t		head_n;

static void
put(const void *bytes, size_t n)
{
	memcpy(head + head_n, bytes, n);
	head_n += n;
}

/* Begins a header of version 2 whose block is of this length. */
static void
put_v2(unsigned char command, unsigned char family, size_t len)
{
	const unsigned char rest[] = { command, family,
	    (unsigned char)(len >> 8), (unsigned char)len };

	head_n = 0;
	put(signature, 12);
	put(rest, sizeof(rest));
}

/* The addresses of 192.0.2.1 port 1000 and 198.51.100.2 port 443. */
static void
put_inet(void)
{
	put("\xc0\x00\x02\x01\xc6\x33\x64\x02\x03\xe8\x01\xbb", 12);
}

static uint32_t
crc32c(const unsigned char *bytes, size_t n)
{
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	}
	return ~sum;
}

/* Puts the checksum into the four bytes there, which are 0. */
static void
put_sum(size_t at)
{
	uint32_t sum = htonl(crc32c(head, head_n));

	memcpy(head + at, &sum, sizeof(sum));
}

/* Parses the head in pieces; *n: the bytes that were taken. */
static enum proxyp_state
parse(struct proxyp_parser *p, const void *bytes, size_t len, size_t piece,
    size_t *n)
{
	const unsigned char *at = bytes;
	enum proxyp_state state = PROXYP_MORE;
	size_t taken;

	proxyp_begin(p);
	for (*n = 0; state == PROXYP_MORE && *n < len; *n += taken) {
		if (piece > len - *n)
			piece = len - *n;
		state = proxyp_feed(p, at + *n, piece, &taken);
		CHECK(taken <= piece && (state != PROXYP_MORE ||
		    taken == piece));
	}
	return state;
}

static bool
addr_is(const struct addr *a, const char *host, unsigned port)
{
	char text[ADDR_HOST_MAX];

	return strcmp(addr_host(a, text, sizeof(text)), host) == 0 &&
	    addr_port(a) == port;
}

/*
 * The bytes are a header: at each split the same one, before any bytes of the
 * user; and no part of the header is a header.
 */
static struct proxyp_ends
good(const void *bytes, size_t len)
{
	struct proxyp_parser p, whole;
	static unsigned char more[sizeof(head) + 8];
	size_t n;

	memcpy(more, bytes, len);
	memcpy(more + len, "PROXY \r\n", 8);
	CHECK_INT(parse(&whole, more, len + 8, len + 8, &n), PROXYP_DONE);
	CHECK_INT((int)n, (int)len);
	for (size_t cut = 0; cut < len && cut < 600; cut++) {
		CHECK_INT(parse(&p, more, cut, cut, &n), PROXYP_MORE);
		CHECK_INT(proxyp_feed(&p, more + cut, len + 8 - cut, &n),
		    PROXYP_DONE);
		CHECK_INT((int)(cut + n), (int)len);
		CHECK(memcmp(&p.ends, &whole.ends, sizeof(p.ends)) == 0);
	}
	CHECK_INT(parse(&p, more, len + 8, 1, &n), PROXYP_DONE);
	CHECK_INT((int)n, (int)len);
	return whole.ends;
}

/* The head announces 192.0.2.1 port 1000. */
static void
good_inet(void)
{
	struct proxyp_ends e = good(head, head_n);

	CHECK(addr_is(&e.source, "192.0.2.1", 1000));
}

/* The bytes are refused for this reason, at the last of them. */
static void
bad(const void *bytes, size_t len, const char *why)
{
	struct proxyp_parser p;
	size_t n;

	for (size_t piece = 1; piece <= len; piece += len - 1 + (len == 1)) {
		CHECK_INT(parse(&p, bytes, len, piece, &n), PROXYP_BAD);
		CHECK_INT((int)n, (int)len);
		CHECK_STR(p.fault, why);
		CHECK_INT((int)p.ends.source.len, 0);
		CHECK_INT(proxyp_feed(&p, bytes, len, &n), PROXYP_BAD);
		CHECK_INT((int)n, 0);
	}
}

#define GOOD(text)	good(text, sizeof(text) - 1)
#define BAD(text, why)	bad(text, sizeof(text) - 1, why)
#define LINE(rest)	"PROXY " rest "\r\n"

TEST(lines_of_version_1_are_parsed)
{
	struct proxyp_ends e;

	e = GOOD(LINE("TCP4 192.0.2.1 198.51.100.2 1000 443"));
	CHECK(addr_is(&e.source, "192.0.2.1", 1000));
	CHECK(addr_is(&e.dest, "198.51.100.2", 443));
	CHECK(!e.dgram);
	e = GOOD(LINE("TCP4 255.255.255.255 255.255.255.255 65535 65535"));
	CHECK(addr_is(&e.source, "255.255.255.255", 65535));
	e = GOOD(LINE("TCP4 0.0.0.0 0.0.0.0 0 0"));
	CHECK(addr_is(&e.dest, "0.0.0.0", 0));
	e = GOOD(LINE("TCP6 2001:DB8::1 ::ffff:192.0.2.9 1 2"));
	CHECK(addr_is(&e.source, "2001:db8::1", 1));
	CHECK(addr_family(&e.dest) == AF_INET6);
	e = GOOD(LINE("TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"));
	CHECK_INT((int)addr_port(&e.dest), 65535);
}

TEST(unknown_announces_nothing)
{
	CHECK_INT((int)GOOD(LINE("UNKNOWN")).source.len, 0);
	CHECK_INT((int)GOOD(LINE("UNKNOWN ")).source.len, 0);
	CHECK_INT((int)GOOD(LINE("UNKNOWN a\0b \r c \n")).source.len, 0);
	/* The longest line that there is. */
	(void)GOOD(LINE("UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"));
}

TEST(the_form_of_a_line_is_strict)
{
	static const char *const forms[] = { "", "TCP4", "TCP4 ",
	    "TCP4 1.2.3.4", "TCP4 1.2.3.4 1.2.3.4 1",
	    " TCP4 1.2.3.4 1.2.3.4 1 2", "TCP4  1.2.3.4 1.2.3.4 1 2",
	    "TCP4 1.2.3.4  1.2.3.4 1 2",
	    "TCP4 1.2.3.4 1.2.3.4 1 2 ", "TCP4 1.2.3.4 1.2.3.4 1 2 3",
	    "UNKNOWNS", "unknown", "TCP4\t1.2.3.4\t1.2.3.4\t1\t2" };
	char line[PROXYP_V1_MAX + 1];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		(void)snprintf(line, sizeof(line), LINE("%s"), forms[i]);
		bad(line, strlen(line), "the PROXY line has a wrong form");
	}
	BAD(LINE("TCP4 1.2.3.4 1.2.3.4 1 2\0"),
	    "the PROXY line has a wrong form");
	BAD(LINE("UDP4 1.2.3.4 1.2.3.4 1 2"),
	    "the PROXY line has an unknown protocol");
	BAD(LINE("tcp4 1.2.3.4 1.2.3.4 1 2"),
	    "the PROXY line has an unknown protocol");
}

TEST(addresses_and_ports_are_canonical)
{
	static const char *const ends[] = {
		"TCP4 01.2.3.4 1.2.3.4 1 2", "TCP4 1.2.3.4 1.2.3.256 1 2",
		"TCP4 1.2.3 1.2.3.4 1 2", "TCP4 1.2.3.4. 1.2.3.4 1 2",
		"TCP4 0x1.2.3.4 1.2.3.4 1 2", "TCP4 ::1 ::1 1 2",
		"TCP6 1.2.3.4 1.2.3.4 1 2", "TCP6 ::1 1.2.3.4 1 2",
		"TCP6 fe80::1%lo ::1 1 2", "TCP6 [::1] ::1 1 2",
		"TCP6 1:2:3:4:5:6:7 ::1 1 2", "TCP6 ::1::2 ::1 1 2",
		"TCP6 12345:: ::1 1 2", "TCP4 localhost 1.2.3.4 1 2",
		"TCP4 1.2.3.4 1.2.3.4 01 2", "TCP4 1.2.3.4 1.2.3.4 1 65536",
		"TCP4 1.2.3.4 1.2.3.4 1 -2", "TCP4 1.2.3.4 1.2.3.4 +1 2",
		"TCP4 1.2.3.4 1.2.3.4 1 2\r", "TCP4 1.2.3.4 1.2.3.4 1 2\n",
		"TCP4 1.2.3.4 1.2.3.4 1 0x2", "TCP4 1.2.3.4 1.2.3.4 00 2",
		"TCP4 1.2.3.4 1.2.3.4 1 100000",
		"TCP4 1.2.3.4 1.2.3.4 1 4294967297" };
	char line[PROXYP_V1_MAX + 1];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(line, sizeof(line), LINE("%s"), ends[i]);
		bad(line, strlen(line), "the PROXY line has a wrong address "
		    "or port");
	}
}

TEST(a_line_without_an_end_is_given_up)
{
	char line[PROXYP_V1_MAX + 1];

	memset(line, ' ', sizeof(line));
	memcpy(line, "PROXY UNKNOWN", 13);
	bad(line, PROXYP_V1_MAX, "the PROXY line is longer than 107 bytes");
	memcpy(line + PROXYP_V1_MAX - 2, "\r\n", 2);
	(void)good(line, PROXYP_V1_MAX);
	memcpy(line + PROXYP_V1_MAX - 2, " \r", 2);
	bad(line, PROXYP_V1_MAX, "the PROXY line is longer than 107 bytes");
	/* A lone LF ends nothing. */
	memcpy(line, "PROXY UNKNOWN\n", 14);
	bad(line, PROXYP_V1_MAX, "the PROXY line is longer than 107 bytes");
}

TEST(other_protocols_are_refused_at_their_first_byte)
{
	BAD("G", "there is no PROXY header");
	BAD("\x16", "there is no PROXY header");
	BAD("\n", "there is no PROXY header");
	BAD(" ", "there is no PROXY header");
	BAD("PO", "there is no PROXY header");
	BAD("PROXY\t", "there is no PROXY header");
	BAD("PROXY\r", "there is no PROXY header");
	BAD("\r\n\r\n\r", "there is no PROXY header");
	BAD("\r\n\r\n\0\r\nQUIT\r", "there is no PROXY header");
}

TEST(headers_of_version_2_are_parsed)
{
	static const unsigned char six[36] = { 0x20, 0x01, 0x0d, 0xb8,
	    [15] = 1, [31] = 1, [32] = 0, 80, 1, 0 };
	struct proxyp_ends e;

	put_v2(0x21, 0x11, 12);
	put_inet();
	e = good(head, head_n);
	CHECK(addr_is(&e.source, "192.0.2.1", 1000));
	CHECK(addr_is(&e.dest, "198.51.100.2", 443));
	CHECK(!e.dgram);
	put_v2(0x21, 0x12, 12);
	put_inet();
	CHECK(good(head, head_n).dgram);
	put_v2(0x21, 0x21, 36);
	put(six, sizeof(six));
	e = good(head, head_n);
	CHECK(addr_is(&e.source, "2001:db8::1", 80));
	CHECK(addr_is(&e.dest, "::1", 256));
}

TEST(local_and_unspecified_announce_nothing)
{
	static const unsigned char families[] = { 0x00, 0x10, 0x20, 0x30,
	    0x01, 0x02, 0x31, 0x32 };

	/* Of LOCAL, anything is skipped. */
	put_v2(0x20, 0x00, 0);
	CHECK_INT((int)good(head, head_n).source.len, 0);
	put_v2(0x20, 0xff, 5);
	put("12345", 5);
	CHECK_INT((int)good(head, head_n).source.len, 0);
	put_v2(0x20, 0x11, 12);
	put_inet();
	CHECK_INT((int)good(head, head_n).source.len, 0);
	put_v2(0x21, 0x00, 3);
	put("123", 3);
	CHECK_INT((int)good(head, head_n).source.len, 0);
	for (size_t i = 0; i < sizeof(families); i++) {
		put_v2(0x21, families[i], 216);
		memset(head + head_n, 0, 216);
		head_n += 216;
		CHECK_INT((int)good(head, head_n).source.len, 0);
	}
}

TEST(unexpected_values_of_version_2_are_refused)
{
	static const unsigned char commands[] = { 0x22, 0x2f, 0x11, 0x01, 0x31,
	    0x00, 0xff };
	static const unsigned char families[] = { 0x13, 0x1f, 0x41, 0xf1, 0x03,
	    0xff };
	static const unsigned char lens[][2] = { { 0x11, 11 }, { 0x21, 35 },
	    { 0x31, 215 }, { 0x12, 0 } };

	for (size_t i = 0; i < sizeof(commands); i++) {
		put_v2(commands[i], 0x11, 12);
		bad(head, head_n, "the PROXY header has an unknown version or "
		    "command");
	}
	for (size_t i = 0; i < sizeof(families); i++) {
		put_v2(0x21, families[i], 216);
		bad(head, head_n, "the PROXY header has an unknown family of "
		    "addresses");
	}
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		put_v2(0x21, lens[i][0], lens[i][1]);
		bad(head, head_n, "the PROXY header is too short for its "
		    "addresses");
	}
	put_v2(0x21, 0x11, PROXYP_V2_MAX - 16 + 1);
	bad(head, head_n, "the PROXY header is too long");
	put_v2(0x20, 0x00, 65535);
	bad(head, head_n, "the PROXY header is too long");
}

TEST(tlvs_are_skipped_to_their_end)
{
	size_t len = PROXYP_V2_MAX - 16;
	const unsigned char tlv[] = { 0x04, (unsigned char)((len - 15) >> 8),
	    (unsigned char)(len - 15) };

	put_v2(0x21, 0x11, 12 + 8);
	put_inet();
	put("\x01\x00\x02h2\xea\x00\x00", 8);
	good_inet();
	put_v2(0x21, 0x11, len);
	put_inet();
	put(tlv, sizeof(tlv));
	memset(head + head_n, 'x', len - 15);
	head_n += len - 15;
	good_inet();
	for (unsigned char n = 1; n < 8; n++) {
		if (n == 5)
			continue;
		put_v2(0x21, 0x11, 12 + (size_t)n);
		put_inet();
		put("\x01\x00\x02h2\xea\x00\x00", n);
		bad(head, head_n, "the PROXY header ends within a TLV");
	}
}

/* A header with a TLV before the checksum's, and another after. */
static void
put_with_sum(void)
{
	put_v2(0x21, 0x11, 12 + 5 + 7 + 4);
	put_inet();
	put("\x01\x00\x02h2\x03\x00\x04\0\0\0\0\x04\x00\x01z", 16);
	put_sum(12 + 4 + 12 + 5 + 3);
}

TEST(a_checksum_must_be_right)
{
	CHECK(crc32c((const unsigned char *)"123456789", 9) == 0xe3069283);
	put_with_sum();
	good_inet();
	/* Each bit of the addresses, the checksum and the TLVs' values. */
	for (size_t bit = 16 * 8; bit < head_n * 8; bit++) {
		size_t tlv = bit / 8 < 28 ? 0 : bit / 8 - 28;

		if (bit / 8 >= 28 && (tlv < 3 || (tlv >= 5 && tlv < 8) ||
		    (tlv >= 12 && tlv < 15)))
			continue;
		put_with_sum();
		head[bit / 8] ^= (unsigned char)(1 << bit % 8);
		bad(head, head_n, "the PROXY header has a wrong checksum");
	}
	/* One of another length, and a second one. */
	put_v2(0x21, 0x11, 12 + 3);
	put_inet();
	put("\x03\x00\x03", 3);
	bad(head, head_n, "the PROXY header has a wrong checksum");
	put_v2(0x21, 0x11, 12 + 10);
	put_inet();
	put("\x03\x00\x04\0\0\0\0\x03\x00\x04", 10);
	bad(head, head_n, "the PROXY header has a wrong checksum");
}

/* ---- Making ------------------------------------------------------------- */

static struct addr
address(const char *host, unsigned port)
{
	struct addr a;

	CHECK(addr_numeric(&a, host, AF_UNSPEC));
	addr_set_port(&a, port);
	return a;
}

static struct proxyp_ends
ends_of(const char *source, const char *dest)
{
	return (struct proxyp_ends){ .source = address(source, 4711),
	    .dest = address(dest, 443) };
}

/* Makes a header, and parses what was made. */
static struct proxyp_ends
made(unsigned version, const struct proxyp_ends *ends)
{
	unsigned char buf[PROXYP_FIXED_MAX];
	size_t n = proxyp_build(version, ends, buf);

	head_n = 0;
	put(buf, n);
	return good(buf, n);
}

static bool
made_is(const char *text)
{
	return head_n == strlen(text) && memcmp(head, text, head_n) == 0;
}

TEST(what_is_made_is_parsed)
{
	struct proxyp_ends e = ends_of("192.0.2.1", "198.51.100.2"), back;

	back = made(1, &e);
	CHECK(made_is(LINE("TCP4 192.0.2.1 198.51.100.2 4711 443")));
	CHECK(addr_equal(&back.source, &e.source));
	back = made(2, &e);
	CHECK_INT((int)head_n, 28);
	CHECK(addr_equal(&back.source, &e.source));
	CHECK(addr_equal(&back.dest, &e.dest));
	e = ends_of("2001:db8::1", "fe80::2");
	back = made(1, &e);
	CHECK(made_is(LINE("TCP6 2001:db8::1 fe80::2 4711 443")));
	back = made(2, &e);
	CHECK_INT((int)head_n, 52);
	CHECK(addr_equal(&back.source, &e.source));
	CHECK(addr_equal(&back.dest, &e.dest));
}

TEST(mapped_addresses_are_of_one_family)
{
	struct proxyp_ends e = ends_of("::ffff:192.0.2.1",
	    "::ffff:198.51.100.2");

	(void)made(1, &e);
	CHECK(made_is(LINE("TCP4 192.0.2.1 198.51.100.2 4711 443")));
	e = ends_of("192.0.2.1", "::ffff:198.51.100.2");
	(void)made(2, &e);
	CHECK_INT((int)head_n, 28);
	e = ends_of("192.0.2.1", "2001:db8::2");
	(void)made(1, &e);
	CHECK(made_is(LINE("TCP6 ::ffff:192.0.2.1 2001:db8::2 4711 443")));
	(void)made(2, &e);
	CHECK_INT((int)head_n, 52);
}

TEST(what_has_no_addresses_is_unknown_or_local)
{
	struct proxyp_ends e = ends_of("192.0.2.1", "198.51.100.2");

	e.dgram = true;
	(void)made(1, &e);
	CHECK(made_is(LINE("UNKNOWN")));
	CHECK(made(2, &e).dgram);
	e.dest.len = 0;
	(void)made(1, &e);
	CHECK(made_is(LINE("UNKNOWN")));
	(void)made(2, &e);
	CHECK_INT((int)head_n, 16);
	CHECK_INT(head[12], 0x20);
	CHECK_INT(addr_unix(&e.source, "/tmp/x"), 0);
	e.dest = e.source;
	(void)made(1, &e);
	CHECK(made_is(LINE("UNKNOWN")));
	CHECK_INT((int)made(2, &e).source.len, 0);
	CHECK_INT((int)head_n, 16);
}

/*
 * Words of --allow and --deny, at their edges.
 */
#include "net.h"
#include "door/access.h"

static struct spec	spec;

static enum spec_kind
parse(const char *word, bool loose)
{
	char copy[300];

	snprintf(copy, sizeof(copy), "%s", word);
	return spec_parse(copy, loose, &spec);
}

/* Is the host within the word? */
static bool
within(const char *word, const char *host)
{
	struct addr a = addr_of(host, 80);
	enum spec_kind kind = parse(word, false);
	struct prefix p;

	(void)prefix_make(&p, &a, -1);
	if (kind == SPEC_OCTETS)
		return octets_match(&spec.octets, &p);
	CHECK(kind == SPEC_PREFIX);
	prefix_cut(&p, spec.prefix.bits);
	return memcmp(p.addr, spec.prefix.addr, sizeof(p.addr)) == 0;
}

#define IN(word, host)	CHECK(within(word, host))
#define OUT(word, host)	CHECK(!within(word, host))
#define BAD(word, why)	do {						\
	CHECK_INT(parse(word, false), SPEC_BAD);			\
	CHECK_INT(spec.fault, why);					\
} while (0)

TEST(an_address_means_itself)
{
	IN("192.0.2.1", "192.0.2.1");
	OUT("192.0.2.1", "192.0.2.2");
	IN("2001:db8::1", "2001:db8::1");
	OUT("2001:db8::1", "2001:db8::2");
	OUT("::1", "0.0.0.1");
	OUT("0.0.0.1", "::1");
}

TEST(a_prefix_means_all_that_begin_with_it)
{
	IN("192.0.2.0/24", "192.0.2.255");
	OUT("192.0.2.0/24", "192.0.3.0");
	IN("192.0.2.77/24", "192.0.2.1");
	IN("192.0.2.2/31", "192.0.2.3");
	OUT("192.0.2.2/31", "192.0.2.1");
	IN("128.0.0.0/1", "255.0.0.1");
	OUT("128.0.0.0/1", "127.255.255.255");
	IN("2001:db8::/33", "2001:db8:7fff::1");
	OUT("2001:db8::/33", "2001:db8:8000::1");
	IN("fe80::/10", "febf::1");
	OUT("fe80::/10", "fec0::1");
	IN("2001:db8::/127", "2001:db8::1");
	IN("192.0.2.0/08", "192.9.9.9");
}

TEST(a_prefix_of_no_bits_means_a_family_or_all)
{
	IN("0.0.0.0/0", "255.255.255.255");
	IN("9.9.9.9/0", "1.2.3.4");
	OUT("0.0.0.0/0", "2001:db8::1");
	OUT("0.0.0.0/0", "::1");
	IN("::/0", "2001:db8::1");
	IN("::/0", "1.2.3.4");
}

TEST(a_prefix_of_all_bits_is_an_address)
{
	IN("192.0.2.1/32", "192.0.2.1");
	OUT("192.0.2.1/32", "192.0.2.0");
	IN("2001:db8::1/128", "2001:db8::1");
	OUT("2001:db8::1/128", "2001:db8::");
	CHECK_INT(parse("2001:db8::1/128", false), SPEC_PREFIX);
	CHECK_INT(spec.prefix.bits, 128);
}

TEST(a_mapped_address_is_the_IPv4_one)
{
	IN("192.0.2.1", "::ffff:192.0.2.1");
	IN("192.0.2.0/24", "::ffff:192.0.2.9");
	OUT("192.0.2.0/24", "::fffe:192.0.2.9");
	IN("::ffff:192.0.2.1", "192.0.2.1");
	IN("::ffff:192.0.2.0/120", "192.0.2.9");
	OUT("::ffff:192.0.2.0/120", "192.0.3.9");
	IN("::ffff:0:0/96", "1.2.3.4");
	IN("192.0.2.*", "::ffff:192.0.2.9");
	OUT("192.0.2.*", "::192.0.2.9");
}

TEST(octets_may_be_ranges_lists_and_stars)
{
	IN("10.0.0-3.*", "10.0.3.255");
	IN("10.0.0-3.*", "10.0.0.0");
	OUT("10.0.0-3.*", "10.0.4.0");
	IN("10.0.5-.1", "10.0.255.1");
	OUT("10.0.5-.1", "10.0.4.1");
	IN("10.0.-5.1", "10.0.0.1");
	OUT("10.0.-5.1", "10.0.6.1");
	IN("-.-.-.-", "1.2.3.4");
	IN("10.0.0.1,3,7-9", "10.0.0.8");
	IN("10.0.0.1,3,7-9", "10.0.0.3");
	OUT("10.0.0.1,3,7-9", "10.0.0.2");
	OUT("10.0.0-3.*", "2001:db8::1");
}

TEST(a_prefix_of_a_pattern_widens_it)
{
	IN("126.*.*.0-4/7", "127.9.9.9");
	OUT("126.*.*.0-4/7", "125.9.9.9");
	OUT("126.*.*.0-4/8", "127.0.0.1");
	IN("10.0.0.0-1/30", "10.0.0.3");
	OUT("10.0.0.0-1/30", "10.0.0.4");
	IN("10.0.0.0-1/32", "10.0.0.1");
	OUT("10.0.0.0-1/32", "10.0.0.2");
	IN("10.0.0.0-1/0", "255.1.2.3");
}

TEST(what_is_no_length_of_a_prefix_is_refused)
{
	BAD("1.2.3.4/33", ACCESS_BITS);
	CHECK_INT(spec.most, 32);
	CHECK(spec.plain);
	BAD("1.2.3.4/2147483679", ACCESS_BITS);
	BAD("1.2.3.4/4294967297", ACCESS_BITS);
	BAD("::1/129", ACCESS_BITS);
	CHECK_INT(spec.most, 128);
	BAD("1.2.3.0-3/33", ACCESS_BITS);
	CHECK_INT(spec.most, 32);
	CHECK(!spec.plain);
	BAD("1.2.3.4/", ACCESS_MASK);
	BAD("1.2.3.4/-1", ACCESS_MASK);
	BAD("1.2.3.4/+8", ACCESS_MASK);
	BAD("1.2.3.4/ 8", ACCESS_MASK);
	BAD("1.2.3.4/8x", ACCESS_MASK);
	BAD("1.2.3.4/8/9", ACCESS_MASK);
	BAD("1.2.3.4/255.255.255.0", ACCESS_MASK);
	BAD("1.2.3.4/99999999999999999999", ACCESS_MASK);
	BAD("a.test/b", ACCESS_MASK);
	BAD("/", ACCESS_MASK);
}

TEST(what_can_be_no_name_is_refused)
{
	BAD("", ACCESS_EMPTY);
	BAD("/8", ACCESS_EMPTY);
	BAD("1.2.3.256", ACCESS_WORD);
	BAD("1.2.3.4.5", ACCESS_WORD);
	BAD("10.0.3-1.1", ACCESS_WORD);
	BAD("1.2.3.0-256", ACCESS_WORD);
	BAD("1.2.3.*.", ACCESS_WORD);
	BAD("1.2.3.*x", ACCESS_WORD);
	BAD("1.2.3.1,", ACCESS_WORD);
	BAD("1.2-3", ACCESS_WORD);
	BAD("*", ACCESS_WORD);
	BAD("-", ACCESS_WORD);
	BAD(" 1.2.3.4", ACCESS_WORD);
	BAD("[::1]", ACCESS_WORD);
	BAD("::g", ACCESS_WORD);
	BAD("fe80::1%nosuchif", ACCESS_WORD);
	BAD("two words", ACCESS_WORD);
	BAD("tab\there", ACCESS_WORD);
}

TEST(short_and_octal_addresses_are_for_ncat)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct prefix p;

	BAD("10.0.0", ACCESS_SHORT);
	BAD("127.1", ACCESS_SHORT);
	BAD("5", ACCESS_SHORT);
	BAD("010.0.0.1", ACCESS_SHORT);
	BAD("0x7f.1", ACCESS_SHORT);
	BAD("10.0.0/24", ACCESS_SHORT);
	(void)prefix_make(&p, &a, -1);
	CHECK_INT(parse("127.1", true), SPEC_PREFIX);
	CHECK(memcmp(p.addr, spec.prefix.addr, 16) == 0);
	CHECK_INT(parse("0177.0.0.1", true), SPEC_PREFIX);
	CHECK(memcmp(p.addr, spec.prefix.addr, 16) == 0);
}

TEST(a_name_keeps_its_bits)
{
	char word[] = "www.example/24";

	CHECK_INT(spec_parse(word, false, &spec), SPEC_NAME);
	CHECK_STR(word, "www.example");
	CHECK_INT(spec.bits, 24);
	CHECK_INT(parse("localhost", false), SPEC_NAME);
	CHECK_INT(spec.bits, -1);
	CHECK_INT(parse("a-b_c.d.", false), SPEC_NAME);
	CHECK_INT(parse("3com", false), SPEC_NAME);
	CHECK_INT(parse("b\xc3\xbc" "cher.example", false), SPEC_NAME);
}

TEST(an_interface_is_part_of_a_rule)
{
	CHECK_INT(parse("fe80::1%1", false), SPEC_PREFIX);
	CHECK_INT(spec.prefix.scope, 1);
	CHECK_INT(parse("fe80::1%1/64", false), SPEC_PREFIX);
	CHECK_INT(spec.prefix.scope, 1);
	CHECK_INT(spec.prefix.bits, 64);
	CHECK_INT(parse("fe80::1", false), SPEC_PREFIX);
	CHECK_INT(spec.prefix.scope, 0);
}

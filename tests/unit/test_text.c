/*
 * UTF-8: the whole table of valid and invalid sequences.
 */
#include "base/text.h"
#include "unit.h"

/* The length of a character by its first byte alone; 0: it begins none. */
static size_t
length_of(unsigned char first)
{
	return first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 :
	    first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}

/* The character that n bytes are in the shortest form; -1: they are none. */
static long
character(const unsigned char *p, size_t n)
{
	static const long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const unsigned char bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	long c;
	size_t i;

	if (n != length_of(p[0]))
		return -1;
	c = p[0] & bits[n];
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ?
	    -1 : c;
}

/* Whether more bytes may make a character of these: from least to most. */
static bool
may_become(const unsigned char *p, size_t n)
{
	size_t len = length_of(p[0]);
	unsigned char least[4], most[4];

	if (len <= n)
		return false;
	memset(least, 0x80, sizeof(least));
	memset(most, 0xbf, sizeof(most));
	memcpy(least, p, n);
	memcpy(most, p, n);
	return character(least, len) >= 0 || character(most, len) >= 0;
}

static bool
decodes_as_it_should(const unsigned char *p, size_t n)
{
	wchar_t c = 0;
	size_t len = length_of(p[0]), got = text_decode(p, n, &c);

	if (may_become(p, n))
		return got == 0;
	if (len > 0 && len <= n && character(p, len) >= 0)
		return got == len && c == character(p, len);
	return got == 1 && c == TEXT_RAW + p[0];
}

TEST(all_sequences_of_up_to_three_bytes_are_told_apart)
{
	unsigned char p[3];
	unsigned i, bad = 0;

	for (i = 0; i < 1U << 24; i++) {
		p[0] = (unsigned char)(i >> 16);
		p[1] = (unsigned char)(i >> 8);
		p[2] = (unsigned char)i;
		if ((i & 0xffff) == 0)
			bad += !decodes_as_it_should(p, 1);
		if ((i & 0xff) == 0)
			bad += !decodes_as_it_should(p, 2);
		bad += !decodes_as_it_should(p, 3);
	}
	CHECK_INT(bad, 0);
}

/* Each first byte, before the bytes at which the rules change. */
TEST(sequences_of_four_and_five_bytes_are_told_apart)
{
	static const unsigned char edges[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90,
	    0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xf0, 0xff };
	const size_t n = sizeof(edges);
	unsigned char p[5] = { 0 };
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < 256 * n * n * n * n; i++) {
		p[0] = (unsigned char)(i / (n * n * n * n));
		p[1] = edges[i / (n * n * n) % n];
		p[2] = edges[i / (n * n) % n];
		p[3] = edges[i / n % n];
		p[4] = edges[i % n];
		bad += !decodes_as_it_should(p, 4);
		bad += !decodes_as_it_should(p, 5);
	}
	CHECK_INT(bad, 0);
}

TEST(each_character_is_decoded_as_it_was_encoded)
{
	char bytes[TEXT_CHAR_MAX];
	wchar_t c, got;
	unsigned bad = 0;
	size_t n;

	for (c = 0; c <= 0x10ffff; c++) {
		if (c == 0xd800)
			c = 0xe000;
		n = text_encode(c, bytes);
		bad += text_decode(bytes, n, &got) != n || got != c;
	}
	CHECK_INT(bad, 0);
}

TEST(a_byte_that_is_no_character_comes_back_as_it_was)
{
	char bytes[TEXT_CHAR_MAX];
	wchar_t c;
	int i;

	for (i = 0x80; i < 256; i++) {
		bytes[0] = (char)i;
		bytes[1] = 'x';
		CHECK_INT(text_decode(bytes, 2, &c), 1);
		CHECK_INT(c, TEXT_RAW + i);
		bytes[0] = '\0';
		CHECK_INT(text_encode(c, bytes), 1);
		CHECK_INT((unsigned char)bytes[0], i);
	}
}

TEST(known_sequences_are_decoded_as_Unicode_says)
{
	static const struct {
		const char	*bytes;
		size_t		 len;
		wchar_t		 c;
	} cases[] = {
		{ "a", 1, 'a' }, { "", 1, 0 }, { "\177", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 }, { "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 }, { "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 }, { "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xc0\x80", 1, TEXT_RAW + 0xc0 },	/* long form of NUL */
		{ "\xc1\xbf", 1, TEXT_RAW + 0xc1 },
		{ "\xe0\x9f\xbf", 1, TEXT_RAW + 0xe0 },
		{ "\xf0\x8f\xbf\xbf", 1, TEXT_RAW + 0xf0 },
		{ "\xed\xa0\x80", 1, TEXT_RAW + 0xed },	/* a surrogate */
		{ "\xf4\x90\x80\x80", 1, TEXT_RAW + 0xf4 },
		{ "\xf5\x80\x80\x80", 1, TEXT_RAW + 0xf5 },
		{ "\xe2\x82", 0, TEXT_RAW + 0xe2 },	/* unfinished */
		{ "\xe0\x80", 1, TEXT_RAW + 0xe0 },	/* no more helps */
	};
	wchar_t c;
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = strlen(cases[i].bytes);
		CHECK_INT(text_decode(cases[i].bytes, n > 0 ? n : 1, &c),
		    cases[i].len);
		CHECK_INT(c, cases[i].c);
	}
}

TEST(an_unfinished_character_at_the_end_is_found)
{
	CHECK_INT(text_whole("abc", 3), 3);
	CHECK_INT(text_whole("ab\303", 3), 2);
	CHECK_INT(text_whole("ab\303\251", 4), 4);
	CHECK_INT(text_whole("\360\237\230", 3), 0);
	CHECK_INT(text_whole("\200\200\200\200", 4), 4);
	CHECK_INT(text_whole("", 0), 0);
}

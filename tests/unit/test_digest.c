#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "run/sum.h"

static uint32_t
crc_of(const void *bytes, size_t n, size_t first, bool fast)
{
	struct crc32c	c;

	crc32c_init(&c);
	c.fast = c.fast && fast;
	crc32c_update(&c, bytes, first);
	crc32c_update(&c, (const char *)bytes + first, n - first);
	return crc32c_value(&c);
}

/* RFC 9260 has none; these are of RFC 3720, appendix B.4. */
TEST(the_checksum_has_the_values_of_its_standard)
{
	unsigned char	bytes[32];

	for (int fast = 0; fast < 2; fast++) {
		CHECK_INT(crc_of("", 0, 0, fast), 0);
		CHECK_INT(crc_of("123456789", 9, 4, fast), 0xe3069283);
		memset(bytes, 0, sizeof(bytes));
		CHECK_INT(crc_of(bytes, 32, 0, fast), 0x8a9136aa);
		memset(bytes, 0xff, sizeof(bytes));
		CHECK_INT(crc_of(bytes, 32, 32, fast), 0x62a8ab43);
		for (unsigned char i = 0; i < 32; i++)
			bytes[i] = i;
		CHECK_INT(crc_of(bytes, 32, 5, fast), 0x46dd794e);
	}
}

TEST(the_checksum_is_the_same_by_the_table_and_by_the_processor)
{
	const size_t	n = 40000;
	unsigned char	*bytes = malloc(n);
	uint32_t	 sum;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(i * i >> 3 ^ i >> 7);
	sum = crc_of(bytes, n, 0, false);
	for (size_t first = 0; first < n; first += 1 + first / 3)
		CHECK_INT(crc_of(bytes, n, first, true), sum);
	for (size_t len = 0; len < 18; len++)
		CHECK_INT(crc_of(bytes, len, 0, true),
		    crc_of(bytes, len, len / 2, false));
	free(bytes);
}

TEST(digests_have_the_values_of_their_standards)
{
	static const struct {
		enum sum_kind	 kind;
		const char	*of, *text;
	} digests[] = {
		{ SUM_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ SUM_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ SUM_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ SUM_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ SUM_SHA1, "abc",
		    "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ SUM_BLAKE2B, "abc", "ba80a53f981c4d0d6a2797b69f12f6e9"
		    "4c212f14685ac4b74b12bb6fdbffa2d1"
		    "7d87c5392aab792dc252d5de4533cc95"
		    "18d38aa8dbc4925ab92386edd4009923" },
		{ SUM_CRC32C, "123456789", "e3069283" },
		{ SUM_CRC32C, "", "00000000" },
	};
	char		 text[DIGEST_TEXT_MAX];
	struct error	 err;

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		struct stream_digest	*d = digest_new(digests[i].kind, &err);

		if (d == NULL) {
			/* OpenSSL's module is not beside this program. */
			CHECK(digests[i].kind == SUM_SHA1 ||
			    digests[i].kind == SUM_BLAKE2B);
			CHECK(strstr(err.object, "--sum=") != NULL);
			CHECK(*error_reason(&err) != '\0');
			continue;
		}
		for (const char *s = digests[i].of; *s != '\0'; s++)
			digest_update(d, s, 1);
		CHECK_STR(digest_end(d, text), digests[i].text);
	}
}

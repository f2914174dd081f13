#include "unit.h"

#include "base/num.h"

TEST(numbers_are_whole_decimal_and_within_bounds)
{
	long long	n = -7;

	CHECK_STR(num_int("80", 1, 65535, &n), NULL);
	CHECK_INT(n, 80);
	CHECK_STR(num_int("-1", -5, 5, &n), NULL);
	CHECK_INT(n, -1);
	CHECK_STR(num_int("65535", 1, 65535, &n), NULL);
	CHECK_INT(n, 65535);
	CHECK_STR(num_int("65536", 1, 65535, &n), "too large");
	CHECK_STR(num_int("0", 1, 65535, &n), "too small");
	CHECK_STR(num_int("-1", 1, 65535, &n), "too small");
	CHECK_STR(num_int("99999999999999999999", 1, 65535, &n), "too large");
	CHECK_INT(n, 65535);
}

TEST(what_is_no_number_is_invalid)
{
	static const char	*const words[] = {
		"", "abc", "12ab", "0x10", "1.5", "--1", "1 2", "1-2"
	};
	long long		 n = 3;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK_STR(num_int(words[i], 0, 65535, &n), "invalid");
	CHECK_INT(n, 3);
}

TEST(times_have_fractions_and_units)
{
	static const struct {
		const char	*word;
		int64_t		 nsec;
	} times[] = {
		{ "0", 0 }, { "1", NSEC_PER_SEC }, { "1s", NSEC_PER_SEC },
		{ "0.5", 500 * NSEC_PER_MSEC },
		{ ".5", 500 * NSEC_PER_MSEC }, { "5.", 5 * NSEC_PER_SEC },
		{ "500ms", 500 * NSEC_PER_MSEC },
		{ "1.5ms", 1500000 }, { "0.000001ms", 1 },
		{ "0.000000001", 1 }, { "0.0000000019", 1 },
		{ "2m", 120 * NSEC_PER_SEC }, { "1.5m", 90 * NSEC_PER_SEC },
		{ "1h", 3600 * NSEC_PER_SEC }, { "1H", 3600 * NSEC_PER_SEC },
		{ "250MS", 250 * NSEC_PER_MSEC },
		{ "0.25h", 900 * NSEC_PER_SEC },
		{ "4611686018", INT64_C(4611686018) * NSEC_PER_SEC },
	};
	int64_t	t;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		t = -1;
		CHECK_STR(num_time(times[i].word, &t), NULL);
		CHECK_INT(t, times[i].nsec);
	}
}

TEST(what_is_no_time_is_refused)
{
	static const char	*const words[] = {
		"", ".", "s", "ms", "-1", "+1", "1x", "1 s", "1sm", "1.2.3",
		"0x1", "abc", ".s"
	};
	int64_t			 t = 42;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK_STR(num_time(words[i], &t), "invalid");
	CHECK_STR(num_time("4611686019", &t), "too large");
	CHECK_STR(num_time("2562048h", &t), "too large");
	CHECK_STR(num_time("99999999999999999999999999ms", &t), "too large");
	CHECK_INT(t, 42);
}

TEST(sizes_have_suffixes)
{
	static const struct {
		const char	*word;
		uint64_t	 bytes;
	} sizes[] = {
		{ "0", 0 }, { "1", 1 }, { "1k", 1024 }, { "1K", 1024 },
		{ "16M", UINT64_C(16) << 20 }, { "3G", UINT64_C(3) << 30 },
		{ "2T", UINT64_C(2) << 40 },
		{ "18446744073709551615", UINT64_MAX },
	};
	uint64_t	n;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = 99;
		CHECK_STR(num_size(sizes[i].word, &n), NULL);
		CHECK(n == sizes[i].bytes);
	}
}

TEST(what_is_no_size_is_refused)
{
	static const char	*const words[] = {
		"", "k", "-1", "1.5M", "1kB", "1m", "1g", "1 k", "x"
	};
	uint64_t		 n = 42;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK_STR(num_size(words[i], &n), "invalid");
	CHECK_STR(num_size("18446744073709551616", &n), "too large");
	CHECK_STR(num_size("16777216T", &n), "too large");
	CHECK_INT(n, 42);
}

TEST(numbers_are_written_in_decimal)
{
	static const struct {
		unsigned	 n;
		const char	*word;
	} numbers[] = {
		{ 0, "0" }, { 7, "7" }, { 10, "10" }, { 99, "99" },
		{ 100, "100" }, { 65535, "65535" },
		{ 4294967295, "4294967295" }
	};
	char	buf[11];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		CHECK(num_put(buf, numbers[i].n) ==
		    buf + strlen(numbers[i].word));
		CHECK_STR(buf, numbers[i].word);
	}
}

#include "unit.h"

#include "base/num.h"
#include "run/progress_line.h"

#define MIB	((uint64_t)1 << 20)

static const char *
shown(const struct progress_state *p, size_t columns)
{
	static char buf[PROGRESS_LINE_MAX];
	size_t n = progress_line(p, columns, buf);

	CHECK_INT(n, strlen(buf));
	CHECK(n <= columns);
	return buf;
}

TEST(sizes_have_at_most_four_digits)
{
	static const struct {
		uint64_t	 bytes;
		const char	*text;
	} sizes[] = {
		{ 0, "0 B" }, { 1, "1 B" }, { 1023, "1023 B" },
		{ 1024, "1.00 KiB" }, { 10229, "9.99 KiB" },
		{ 10235, "10.0 KiB" }, { 102348, "99.9 KiB" },
		{ 102350, "100 KiB" }, { 1023 << 10, "1023 KiB" },
		{ MIB - 1, "1.00 MiB" }, { MIB, "1.00 MiB" },
		{ 1280 * MIB, "1.25 GiB" }, { UINT64_MAX, "16.0 EiB" },
	};
	char	buf[PROGRESS_SIZE_MAX];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		CHECK_STR(progress_size(sizes[i].bytes, buf), sizes[i].text);
}

TEST(a_transfer_of_unknown_size_has_bytes_rates_and_time)
{
	struct progress_state	p = { .bytes = { 30 * MIB, 0 },
		.rate = { 4 * MIB, 0 }, .elapsed = 10 * NSEC_PER_SEC };

	CHECK_STR(shown(&p, 79),
	    "30.0 MiB  4.00 MiB/s  average 3.00 MiB/s  0:10");
	p.stalled = true;
	CHECK_STR(shown(&p, 79),
	    "30.0 MiB  4.00 MiB/s  average 3.00 MiB/s  0:10  stalled");
	p.last = true;
	p.stalled = false;
	p.elapsed = 3661 * NSEC_PER_SEC;
	CHECK_STR(shown(&p, 79), "30.0 MiB  8.39 KiB/s  1:01:01");
}

TEST(a_known_size_adds_percentage_bar_and_time_left)
{
	struct progress_state	p = { .bytes = { 30 * MIB, 0 },
		.rate = { 4 * MIB, 0 }, .elapsed = 10 * NSEC_PER_SEC,
		.size = 120 * MIB };

	CHECK_STR(shown(&p, 79),
	    "30.0 MiB  4.00 MiB/s  average 3.00 MiB/s  0:10  25%  "
	    "[===>         ]  0:30 left");
	CHECK_INT(strlen(shown(&p, 79)), 79);
	CHECK_STR(shown(&p, 60),
	    "30.0 MiB  4.00 MiB/s  0:10  25%  [===>          ]  0:30 left");
	CHECK_STR(shown(&p, 39), "30.0 MiB 4.00 MiB/s 0:10 25% 0:30 left");
	CHECK_STR(shown(&p, 36), "30.0 MiB  4.00 MiB/s  25%  0:30 left");
	CHECK_STR(shown(&p, 15), "30.0 MiB  25%");
	CHECK_STR(shown(&p, 5), "");
	p.stalled = true;
	CHECK_STR(shown(&p, 39), "30.0 MiB 4.00 MiB/s 0:10 25% stalled");
	p.last = true;
	p.bytes[0] = p.size;
	CHECK_STR(shown(&p, 50),
	    "120 MiB  12.0 MiB/s  0:10  100%  [===============]");
}

TEST(a_percentage_of_100_is_never_rounded)
{
	struct progress_state	p = { .bytes = { 999999, 0 }, .size = 1000000,
		.elapsed = NSEC_PER_SEC };

	CHECK_STR(shown(&p, 15), "977 KiB  99%");
	p.bytes[0] = 1000000;
	CHECK_STR(shown(&p, 15), "977 KiB  100%");
	p.bytes[0] = 0;
	CHECK_STR(shown(&p, 30), "0 B 0 B/s 0:01 0% -:-- left");
}

TEST(a_size_that_was_too_small_is_forgotten)
{
	struct progress_state	p = { .bytes = { 3 * MIB, 0 },
		.rate = { MIB, 0 }, .elapsed = 3 * NSEC_PER_SEC,
		.size = 3 * MIB };

	CHECK_STR(shown(&p, 37), "3.00 MiB  1.00 MiB/s  100%  0:00 left");
	p.bytes[0]++;
	CHECK_STR(shown(&p, 79),
	    "3.00 MiB  1.00 MiB/s  average 1.00 MiB/s  0:03");
	p.stalled = true;
	CHECK_STR(shown(&p, 30), "3.00 MiB  1.00 MiB/s  stalled");
	p.last = true;
	p.stalled = false;
	CHECK_STR(shown(&p, 79), "3.00 MiB  1.00 MiB/s  0:03");
}

TEST(both_ways_are_named_where_both_move)
{
	struct progress_state	p = { .bytes = { 30 * MIB, 13 << 10 },
		.rate = { 4 * MIB, 1 << 10 }, .elapsed = 13 * NSEC_PER_SEC };

	CHECK_STR(shown(&p, 79),
	    "sent 30.0 MiB 4.00 MiB/s  received 13.0 KiB 1.00 KiB/s  0:13");
	CHECK_STR(shown(&p, 39), "sent 30.0 MiB  received 13.0 KiB  0:13");
	p.size = 60 * MIB;
	CHECK_STR(shown(&p, 79),
	    "sent 30.0 MiB 4.00 MiB/s  received 13.0 KiB 1.00 KiB/s  0:13  "
	    "50%  0:14 left");
	CHECK_STR(shown(&p, 39), "sent 30.0 MiB  received 13.0 KiB  50%");
	CHECK_STR(shown(&p, 36), "sent 30.0 MiB received 13.0 KiB 50%");
	CHECK_STR(shown(&p, 34), "sent 30.0 MiB  50%");
	p.sized = PROGRESS_RECEIVED;
	p.size = 26 << 10;
	CHECK_STR(shown(&p, 34), "received 13.0 KiB  50%");
	p.sized = PROGRESS_SENT;
	p.bytes[0] = 0;
	CHECK_STR(shown(&p, 15), "13.0 KiB  0%");
}

TEST(no_line_is_longer_than_its_columns)
{
	const uint64_t	sizes[] = { 0, 1, 1000, 1023 << 20, UINT64_MAX };
	const size_t	n = sizeof(sizes) / sizeof(sizes[0]);

	for (size_t i = 0; i < n * n * n; i++) {
		struct progress_state	p = {
			.bytes = { sizes[i % n], sizes[i / n % n] },
			.rate = { sizes[i % n], sizes[i / n % n] },
			.size = sizes[i / n / n % n],
			.elapsed = (int64_t)(i % 7) * 7777 * NSEC_PER_SEC,
			.sized = i % 2, .stalled = i % 3 == 0,
			.last = i % 5 == 0
		};

		for (size_t columns = 0; columns < 200; columns++)
			(void)shown(&p, columns);
		(void)shown(&p, PROGRESS_LINE_MAX - 1);
	}
}

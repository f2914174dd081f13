/*
 * Searching and copying short runs, against the functions of the C library.
 */
#include "base/bytes.h"
#include "unit.h"

#define MOST	80

TEST(finds_as_memchr_does)
{
	static unsigned char in[MOST];
	const unsigned char *at;

	for (size_t n = 0; n <= MOST; n++)
		for (size_t first = 0; first <= n; first++) {
			/* Neighbours of the byte, which is there twice. */
			for (size_t i = 0; i < MOST; i++)
				in[i] = i % 3 == 0 ? '\n' + 1 :
				    i % 3 == 1 ? '\n' - 1 : 0x80 + '\n';
			if (first < n)
				in[first] = in[n - 1] = '\n';
			at = n > 0 ? memchr(in, '\n', n) : NULL;
			CHECK_INT(bytes_find(in, '\n', n),
			    at != NULL ? at - in : (ptrdiff_t)n);
		}
}

TEST(finds_every_byte)
{
	unsigned char in[16];

	for (unsigned wanted = 0; wanted <= UINT8_MAX; wanted++) {
		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (unsigned char)(wanted + 1 + i);
		CHECK_INT(bytes_find(in, (unsigned char)wanted, sizeof(in)),
		    sizeof(in));
		in[11] = (unsigned char)wanted;
		CHECK_INT(bytes_find(in, (unsigned char)wanted, sizeof(in)),
		    11);
	}
}

/* Gaps of every length, from none to several blocks. */
TEST(scans_as_a_loop_does)
{
	static unsigned char in[4 * BYTES_BLOCK];
	struct bytes_scan scan;
	size_t i;

	for (size_t gap = 1; gap < sizeof(in); gap++)
		for (size_t n = 0; n <= sizeof(in); n += 1 + n / 50) {
			for (i = 0; i < sizeof(in); i++)
				in[i] = i % gap == gap / 2 ? '\n' :
				    i % 2 ? '\n' + 1 : 0x80 + '\n';
			scan = bytes_scan(in, '\n', n);
			for (i = 0; i < n; i++)
				if (in[i] == '\n')
					CHECK_INT(bytes_next(&scan), i);
			CHECK_INT(bytes_next(&scan), n);
			CHECK_INT(bytes_next(&scan), n);
		}
}

TEST(marks_every_byte)
{
	unsigned char in[BYTES_BLOCK];

	for (unsigned wanted = 0; wanted <= UINT8_MAX; wanted++) {
		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (unsigned char)(wanted + 1 + i);
		CHECK(bytes_marks(in, (unsigned char)wanted) == 0);
		in[11] = in[63] = (unsigned char)wanted;
		CHECK(bytes_marks(in, (unsigned char)wanted) ==
		    (UINT64_C(1) << 63 | UINT64_C(1) << 11));
	}
}

TEST(copies_so_many_and_no_more)
{
	unsigned char from[MOST], to[MOST + 1];

	for (size_t i = 0; i < MOST; i++)
		from[i] = (unsigned char)(i + 1);
	for (size_t n = 0; n <= MOST; n++) {
		memset(to, 0, sizeof(to));
		bytes_copy(to, from, n);
		CHECK(memcmp(to, from, n) == 0);
		CHECK_INT(to[n], 0);
	}
}

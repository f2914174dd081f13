/*
 * Whatever a peer sends: what is shown is valid UTF-8 without a control
 * character but tab and LF, and it does not depend on how it was split.
 */
#include <string.h>

#include "filter/sanitize.h"
#include "fuzz.h"

#define ROOM	((size_t)1 << 20)

static size_t
drain(struct ring *ring, unsigned char *out)
{
	struct iovec iov[2];
	size_t used = 0;
	int i, n = ring_data(ring, iov, ROOM);

	for (i = 0; i < n; i++) {
		memcpy(out + used, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
	}
	return used;
}

static size_t
clean(const uint8_t *data, size_t size, size_t piece, unsigned char *out)
{
	static const struct sanitize_options opt;
	struct filter *f = filter_sanitize(&opt);
	struct iovec iov[2];
	struct ring ring;
	size_t i, n, used;

	ring_init(&ring, ROOM);
	if (f == NULL || ring_space(&ring, iov, 1) == -1)
		abort();
	for (i = 0; i < size; i += n) {
		n = size - i < piece ? size - i : piece;
		f->ops->push(f, data + i, n, false, &ring);
	}
	f->ops->push(f, NULL, 0, true, &ring);
	used = drain(&ring, out);
	FUZZ_CHECK(used <= size * f->ops->growth + f->ops->tail);
	ring_free(&ring);
	filter_free(f);
	return used;
}

/* One character; where the next one begins. */
static size_t
check_character(const unsigned char *s, size_t left)
{
	size_t i, len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : 4;

	FUZZ_CHECK(s[0] >= ' ' || s[0] == '\n' || s[0] == '\t');
	FUZZ_CHECK(s[0] != 0x7f && (s[0] < 0x80 || s[0] >= 0xc2));
	FUZZ_CHECK(s[0] < 0xf5 && len <= left);
	/* No control characters of the second half, no overrides. */
	FUZZ_CHECK(s[0] != 0xc2 || s[1] >= 0xa0);
	FUZZ_CHECK(s[0] != 0xe2 || s[1] != 0x80 || s[2] < 0xaa || s[2] > 0xae);
	for (i = 1; i < len; i++)
		FUZZ_CHECK((s[i] & 0xc0) == 0x80);
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char whole[ROOM], split[ROOM];
	size_t i, n;

	if (size > ROOM / 32)
		return 0;
	n = clean(data, size, size + 1, whole);
	FUZZ_CHECK(clean(data, size, 1, split) == n);
	FUZZ_CHECK(memcmp(whole, split, n) == 0);
	for (i = 0; i < n;)
		i += check_character(whole + i, n - i);
	return 0;
}

/*
 * Any bytes in the place of a header of the PROXY protocol: the outcome and the
 * bytes taken do not depend on how they were split, a header has a bounded
 * length, and what it announces can be announced again.
 */
#include <string.h>

#include "fuzz.h"
#include "reach/proxyp.h"

/* Feeds pieces of this size (0: all at once), until the parser knows. */
static enum proxyp_state
parse(struct proxyp_parser *p, const uint8_t *data, size_t size, size_t piece,
    size_t *taken)
{
	enum proxyp_state state = PROXYP_MORE;
	size_t n;

	proxyp_begin(p);
	for (*taken = 0; state == PROXYP_MORE && *taken < size; *taken += n) {
		if (piece == 0 || piece > size - *taken)
			piece = size - *taken;
		state = proxyp_feed(p, data + *taken, piece, &n);
		FUZZ_CHECK(n <= piece && (n == piece ||
		    state != PROXYP_MORE));
	}
	return state;
}

static void
announce_again(const struct proxyp_ends *ends, unsigned version)
{
	struct proxyp_ends plain = *ends;
	struct proxyp_parser p;
	unsigned char buf[PROXYP_FIXED_MAX];
	size_t len = proxyp_build(version, ends, buf), taken;

	FUZZ_CHECK(parse(&p, buf, len, 0, &taken) == PROXYP_DONE);
	FUZZ_CHECK(taken == len);
	addr_unmap(&plain.source);
	addr_unmap(&p.ends.source);
	FUZZ_CHECK((version == 1 && ends->dgram) ||
	    plain.source.len == 0 ? p.ends.source.len == 0 :
	    addr_equal(&p.ends.source, &plain.source));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxyp_parser whole, split;
	size_t taken, same;
	enum proxyp_state state = parse(&whole, data, size, 0, &taken);

	for (size_t piece = 1; piece < 20; piece += 6) {
		FUZZ_CHECK(parse(&split, data, size, piece, &same) == state);
		FUZZ_CHECK(same == taken && split.fault == whole.fault);
		FUZZ_CHECK(memcmp(&split.ends, &whole.ends,
		    sizeof(split.ends)) == 0);
	}
	FUZZ_CHECK(taken <= PROXYP_V2_MAX);
	FUZZ_CHECK(size == 0 || data[0] != 'P' || taken <= PROXYP_V1_MAX);
	FUZZ_CHECK((state == PROXYP_BAD) == (whole.fault != NULL));
	if (state != PROXYP_DONE) {
		FUZZ_CHECK(whole.ends.source.len == 0);
		return 0;
	}
	FUZZ_CHECK((whole.ends.source.len == 0) ==
	    (whole.ends.dest.len == 0));
	announce_again(&whole.ends, 1);
	announce_again(&whole.ends, 2);
	return 0;
}

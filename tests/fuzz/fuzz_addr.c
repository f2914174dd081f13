/*
 * Numbers, addresses and who is meant by a word of --allow. Oracles: what is
 * written and read again is what it was; what is read is within what was
 * asked; an address is one of its own prefix.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/addr.h"
#include "base/num.h"
#include "fuzz.h"
#include "door/access.h"

#define TEXT_MAX	300

static uint64_t
tape_number(struct tape *t)
{
	uint64_t n = 0;
	unsigned bytes = tape_byte(t) % 9;

	while (bytes-- > 0)
		n = n << 8 | tape_byte(t);
	return n;
}

static void
number_round_trip(struct tape *t)
{
	long long n = (long long)tape_number(t), back;
	long long min = (long long)tape_number(t);
	long long max = (long long)tape_number(t);
	const char *why;
	char text[32];

	snprintf(text, sizeof(text), "%lld", n);
	why = num_int(text, min, max, &back);
	/* A libbsd takes what is far too small for too large. */
	if (min > max || n < min || n > max)
		FUZZ_CHECK(why != NULL);
	else
		FUZZ_CHECK(why == NULL && back == n);
}

static void
time_and_size_round_trip(struct tape *t)
{
	uint64_t n = tape_number(t) >> 32, bytes;
	int64_t nsec;
	char text[40];

	snprintf(text, sizeof(text), "%" PRIu64 "ms", n);
	FUZZ_CHECK(num_time(text, &nsec) == NULL);
	FUZZ_CHECK(nsec == (int64_t)n * NSEC_PER_MSEC);
	snprintf(text, sizeof(text), "%" PRIu64 "k", n);
	FUZZ_CHECK(num_size(text, &bytes) == NULL && bytes == n << 10);
}

/* Arbitrary words: what they come to is within bounds. */
static void
any_number(const char *text)
{
	long long n;
	int64_t nsec;
	uint64_t bytes;

	if (num_int(text, -5, 70000, &n) == NULL)
		FUZZ_CHECK(n >= -5 && n <= 70000);
	if (num_time(text, &nsec) == NULL)
		FUZZ_CHECK(nsec >= 0);
	(void)num_size(text, &bytes);
}

static void
any_path(const char *text)
{
	struct addr a, b;
	char host[ADDR_HOST_MAX];

	if (addr_unix(&a, text) == -1)
		return;
	FUZZ_CHECK(addr_family(&a) == AF_UNIX);
	addr_host(&a, host, sizeof(host));
	FUZZ_CHECK(strcmp(host, text) == 0);
	FUZZ_CHECK(addr_unix(&b, host) == 0 && addr_equal(&a, &b));
}

static void
make_address(struct tape *t, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (tape_byte(t) & 1) {
		a->len = sizeof(a->u.in6);
		a->u.in6.sin6_family = AF_INET6;
		for (size_t i = 0; i < 16; i++)
			a->u.in6.sin6_addr.s6_addr[i] =
			    (uint8_t)tape_byte(t);
	} else {
		a->len = sizeof(a->u.in);
		a->u.in.sin_family = AF_INET;
		a->u.in.sin_addr.s_addr = htonl((uint32_t)tape_number(t));
	}
}

static bool
is_link_local(const struct addr *a)
{
	return a->u.sa.sa_family == AF_INET6 &&
	    (IN6_IS_ADDR_LINKLOCAL(&a->u.in6.sin6_addr) ||
	    IN6_IS_ADDR_MC_LINKLOCAL(&a->u.in6.sin6_addr));
}

/* ADDRESS/BITS means a prefix that the address is in. */
static void
prefix_round_trip(struct tape *t)
{
	struct addr a;
	struct prefix want, whole;
	struct spec spec;
	char host[ADDR_HOST_MAX], word[ADDR_HOST_MAX + 8];
	unsigned most, bits;

	make_address(t, &a);
	most = addr_family(&a) == AF_INET ? 32 : 128;
	bits = (unsigned)tape_upto(t, most);
	FUZZ_CHECK(prefix_make(&whole, &a, -1) == 0);
	FUZZ_CHECK(prefix_make(&want, &a, (long)bits) == 0);
	FUZZ_CHECK(prefix_make(&want, &a, (long)most + 1) != 0);
	(void)prefix_make(&want, &a, (long)bits);
	prefix_cut(&whole, want.bits);
	FUZZ_CHECK(memcmp(whole.addr, want.addr, sizeof(want.addr)) == 0);
	if (is_link_local(&a))
		return;
	addr_host(&a, host, sizeof(host));
	snprintf(word, sizeof(word), "%s/%u", host, bits);
	FUZZ_CHECK(spec_parse(word, false, &spec) == SPEC_PREFIX);
	FUZZ_CHECK(spec.prefix.bits == want.bits);
	FUZZ_CHECK(memcmp(spec.prefix.addr, want.addr,
	    sizeof(want.addr)) == 0);
}

static void
any_spec(const char *text, bool loose)
{
	char word[TEXT_MAX + 1];
	struct spec spec;

	memcpy(word, text, strlen(text) + 1);
	switch (spec_parse(word, loose, &spec)) {
	case SPEC_BAD:
		FUZZ_CHECK(spec.fault != ACCESS_FINE);
		break;
	case SPEC_PREFIX:
		FUZZ_CHECK(spec.prefix.bits <= SPEC_BITS_MAX);
		break;
	case SPEC_OCTETS:
	case SPEC_NAME:
		break;
	}
	FUZZ_CHECK(strlen(word) <= strlen(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	unsigned how = tape_byte(&t);
	size_t n = (size_t)(t.end - t.next);
	char text[TEXT_MAX + 1];

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	memcpy(text, n > 0 ? t.next : (const uint8_t *)"", n);
	text[n] = '\0';
	switch (how % 4) {
	case 0:
		number_round_trip(&t);
		time_and_size_round_trip(&t);
		break;
	case 1:
		prefix_round_trip(&t);
		break;
	case 2:
		any_number(text);
		any_path(text);
		break;
	case 3:
		any_spec(text, (how & 4) != 0);
		break;
	}
	return 0;
}

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/loopguard.h"

#define PLACES	1024		/* a power of two */
#define SOON	NSEC_PER_SEC

/* Bytes of an answer that is looked for inside of a datagram. */
#define SHORTEST	4
#define LONGEST		4096

/* The last answer to one sender. */
struct answer {
	uint64_t	who, what;	/* hashes */
	uint64_t	stem;		/* hash without a final LF */
	size_t		len, stem_len;
	int64_t		when;		/* 0: none yet */
	unsigned	row, limit;	/* answers back in a row; allowed */
};

struct loopguard {
	uint64_t	seed;
	struct answer	answers[PLACES];
};

/* Odd, and without a pattern: of the golden ratio, and of pi. */
#define MULTIPLY	UINT64_C(0x9e3779b97f4a7c15)
#define FOLD		UINT64_C(0x243f6a8885a308d3)

static uint64_t
loopguard_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * MULTIPLY;
	return h ^ (h >> 29);
}

/* Takes eight bytes at a time: a datagram may have 65,507. */
static uint64_t
loopguard_hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;
	uint64_t word;

	h = loopguard_mix(h, n ^ FOLD);
	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = loopguard_mix(h, word);
	}
	word = 0;
	if (n > 0)
		memcpy(&word, p, n);
	return loopguard_mix(loopguard_mix(h, word), FOLD);
}

/* The address and port alone, without the rest of the structure. */
static uint64_t
loopguard_hash_addr(uint64_t h, const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		h = loopguard_hash(h, &a->u.in.sin_addr,
		    sizeof(a->u.in.sin_addr));
		break;
	case AF_INET6:
		h = loopguard_hash(h, &a->u.in6.sin6_addr,
		    sizeof(a->u.in6.sin6_addr));
		h = loopguard_mix(h, a->u.in6.sin6_scope_id);
		break;
	default:
		h = loopguard_hash(h, &a->u, a->len);
	}
	return loopguard_mix(h, addr_port(a));
}

struct loopguard *
loopguard_new(void)
{
	struct loopguard *g = calloc(1, sizeof(*g));

	if (g != NULL)
		arc4random_buf(&g->seed, sizeof(g->seed));
	return g;
}

static void
loopguard_start_again(struct answer *a)
{
	a->row = 0;
	a->limit = LOOPGUARD_FIRST;
}

static bool
loopguard_is_quoted(size_t len, size_t n)
{
	return len >= SHORTEST && len < n && n <= LONGEST;
}

/* True: the datagram is our last answer, perhaps with more text around. */
static bool
loopguard_comes_back(const struct loopguard *g, const struct answer *a,
    const unsigned char *data, size_t n)
{
	if (n == a->len && loopguard_hash(g->seed, data, n) == a->what)
		return true;
	if (loopguard_is_quoted(a->len, n) &&
	    loopguard_hash(g->seed, data + n - a->len, a->len) == a->what)
		return true;
	return loopguard_is_quoted(a->stem_len, n) &&
	    loopguard_hash(g->seed, data, a->stem_len) == a->stem;
}

bool
loopguard_passes(struct loopguard *g, const struct addr *from,
    const void *data, size_t n, int64_t now)
{
	uint64_t who = loopguard_hash_addr(g->seed, from);
	struct answer *a = &g->answers[who % PLACES];

	if (a->when == 0 || a->who != who)
		return true;
	if (now - a->when >= SOON || !loopguard_comes_back(g, a, data, n)) {
		loopguard_start_again(a);
		return true;
	}
	if (++a->row < a->limit)
		return true;
	a->row = 0;
	if (a->limit < LOOPGUARD_MOST)
		a->limit *= 2;
	return false;
}

void
loopguard_answered(struct loopguard *g, const struct addr *to,
    const void *data, size_t n, int64_t now)
{
	uint64_t who = loopguard_hash_addr(g->seed, to);
	struct answer *a = &g->answers[who % PLACES];

	if (a->when == 0 || a->who != who)
		loopguard_start_again(a);
	a->who = who;
	a->what = a->stem = loopguard_hash(g->seed, data, n);
	a->len = a->stem_len = n;
	if (n > 0 && n <= LONGEST &&
	    ((const unsigned char *)data)[n - 1] == '\n')
		a->stem = loopguard_hash(g->seed, data, --a->stem_len);
	a->when = now;
}

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "peers/loopguard.h"

/* Answers that are remembered, and budgets; powers of two. */
#define SETS	2048
#define WAYS	8
#define BUDGETS	1024
#define SOON	NSEC_PER_SEC

/*
 * Bytes of an answer that is looked for inside of a datagram. A number may end
 * like another one by chance; a loop that adds text soon has so many bytes.
 */
#define SHORTEST	8
#define LONGEST		4096

/* A sender that repeats itself no faster than this never meets the budget. */
#define PACE		(NSEC_PER_SEC / 2)
/* A pause in answering lasts so many times as an answer took to come back. */
#define PAUSE_TIMES	8
#define PAUSE_LEAST	(50 * NSEC_PER_MSEC)
#define PAUSE_MOST	NSEC_PER_SEC
/* A pace that a sender has shown holds for so many pauses. */
#define GRANT_PAUSES	300

struct answer {
	uint64_t	what;		/* hash of addressee and bytes */
	int64_t		when;		/* 0: none yet */
};

/* Of the senders with the same hash. */
struct budget {
	int64_t		last;		/* the last answer that came back; 0:
					   none yet */
	int64_t		refilled;	/* left is as of then */
	int64_t		pace;		/* ns for each further answer */
	int64_t		granted_until;	/* the pace holds; 0: it is PACE */
	int64_t		pause_from, pause_until;	/* 0: no pause */
	unsigned	left, limit;	/* answers to what has come back */
	unsigned	heard;		/* late in the pause */
	/* Of the last answer, also without a final LF. */
	unsigned	len, stem_len;
	unsigned	added;		/* bytes around the last answer that
					   came back with more text */
};

struct loopguard {
	uint64_t	seed;
	struct answer	answers[SETS][WAYS];
	struct budget	budgets[BUDGETS];
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

uint64_t
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

/* ---- Answers ------------------------------------------------------------ */

/* An answer of the last second; NULL: there is none with this hash. */
static const struct answer *
loopguard_find(const struct loopguard *g, uint64_t what, int64_t now)
{
	const struct answer *set = g->answers[what % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].what == what && set[i].when != 0 &&
		    now - set[i].when < SOON)
			return &set[i];
	return NULL;
}

/* Takes the place of the oldest answer in the set. */
static void
loopguard_remember(struct loopguard *g, uint64_t what, int64_t now)
{
	struct answer *set = g->answers[what % SETS], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].what == what) {
			set[i].when = now;
			return;
		}
		if (set[i].when < oldest->when)
			oldest = &set[i];
	}
	*oldest = (struct answer){ .what = what, .when = now };
}

/*
 * The answer that the datagram is, perhaps with more text around; NULL: none.
 * Text is looked for around an answer as long as the last one, and around as
 * much as there was text the last time.
 */
static const struct answer *
loopguard_came_from(const struct loopguard *g, struct budget *b, uint64_t who,
    uint64_t what, const unsigned char *data, size_t n, int64_t now)
{
	size_t as_before = b->added < n ? n - b->added : 0;
	const struct {
		size_t	len;
		bool	at_end;
	} places[] = { { b->len, true }, { b->stem_len, false },
	    { as_before, true }, { as_before, false } };
	const struct answer *a = loopguard_find(g, what, now);

	for (size_t i = 0; a == NULL && n <= LONGEST && i < 4; i++) {
		if (places[i].len < SHORTEST || places[i].len >= n)
			continue;
		a = loopguard_find(g, loopguard_hash(who, places[i].at_end ?
		    data + n - places[i].len : data, places[i].len), now);
		if (a != NULL)
			b->added = (unsigned)(n - places[i].len);
	}
	return a;
}

/* ---- Budgets ------------------------------------------------------------ */

static void
loopguard_start_again(struct budget *b, int64_t now)
{
	b->pace = PACE;
	b->granted_until = b->pause_until = 0;
	b->limit = LOOPGUARD_FIRST;
	b->left = b->limit - 1;
	b->refilled = now;
}

/*
 * Called after a pause. A datagram of a loop comes only after an answer, so
 * what came late in the pause was sent by itself: the sender may go on at
 * twice that pace. Otherwise the next budget is twice as large.
 */
static void
loopguard_judge(struct budget *b, int64_t now)
{
	int64_t length = b->pause_until - b->pause_from;
	int64_t ended = b->pause_until;
	unsigned limit = b->limit;

	loopguard_start_again(b, now);
	if (b->heard > 0) {
		b->pace = length / 8 / b->heard + 1;
		b->granted_until = ended + length * GRANT_PAUSES;
		b->limit += (unsigned)(PACE / b->pace);
	} else if (now - ended < SOON) {
		b->limit = limit < LOOPGUARD_MOST ? 2 * limit : LOOPGUARD_MOST;
		b->left = b->limit - 1;
	}
}

/* Takes an answer from the budget; took: how long the last one was away. */
static bool
loopguard_spend(struct budget *b, int64_t took, int64_t now)
{
	bool rested = b->last == 0 || now - b->last >= LOOPGUARD_FIRST * PACE;
	int64_t more;

	if (rested || (b->granted_until != 0 && now >= b->granted_until))
		loopguard_start_again(b, now);
	b->last = now;
	if (b->pause_until != 0 && now >= b->pause_until)
		loopguard_judge(b, now);
	if (b->pause_until != 0) {
		if (b->pause_until - now <= (b->pause_until -
		    b->pause_from) / 4 && b->heard < UINT32_MAX)
			b->heard++;
		return false;
	}
	more = (now - b->refilled) / b->pace;
	if (more > 0) {
		b->refilled += more * b->pace;
		b->left = more < b->limit - b->left ?
		    b->left + (unsigned)more : b->limit;
	}
	if (b->left > 0) {
		b->left--;
		return true;
	}
	took *= PAUSE_TIMES;
	b->pause_from = now;
	b->pause_until = now + (took < PAUSE_LEAST ? PAUSE_LEAST :
	    took > PAUSE_MOST ? PAUSE_MOST : took);
	b->heard = 0;
	return false;
}

/* ---- Calls -------------------------------------------------------------- */

static void
loopguard_note(struct loopguard *g, uint64_t who, uint64_t what,
    const unsigned char *data, size_t n, int64_t now)
{
	struct budget *b = &g->budgets[who % BUDGETS];

	loopguard_remember(g, what, now);
	b->len = b->stem_len = n <= LONGEST ? (unsigned)n : 0;
	if (b->len > SHORTEST && data[n - 1] == '\n')
		loopguard_remember(g, loopguard_hash(who, data, --b->stem_len),
		    now);
}

bool
loopguard_passes(struct loopguard *g, const struct addr *from,
    const void *data, size_t n, int64_t now, bool echoes)
{
	uint64_t who = loopguard_hash_addr(g->seed, from);
	uint64_t what = loopguard_hash(who, data, n);
	struct budget *b = &g->budgets[who % BUDGETS];
	const struct answer *a = loopguard_came_from(g, b, who, what, data, n,
	    now);

	if (a != NULL && !loopguard_spend(b, now - a->when, now))
		return false;
	if (echoes)
		loopguard_note(g, who, what, data, n, now);
	return true;
}

void
loopguard_answered(struct loopguard *g, const struct addr *to,
    const void *data, size_t n, int64_t now)
{
	uint64_t who = loopguard_hash_addr(g->seed, to);

	loopguard_note(g, who, loopguard_hash(who, data, n), data, n, now);
}

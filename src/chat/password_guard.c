/*
 * The pauses after wrong passwords.
 */
#include <stdlib.h>

#include "base/num.h"
#include "chat/password_guard.h"

#define PLACES	1024		/* a power of two */
/* The pause after the first wrong password; each further one doubles it. */
#define FIRST	(200 * NSEC_PER_MSEC)
#define LONGEST	(60 * NSEC_PER_SEC)
/* After so long without a wrong password, all are forgotten. */
#define LAPSE	(600 * NSEC_PER_SEC)

struct place {
	int64_t		next;		/* the next guess is judged then */
	int64_t		wrong_at;	/* the last wrong guess */
	unsigned	wrong;
};

struct password_guard {
	uint64_t	seed;
	struct place	places[PLACES];
};

struct password_guard *
password_guard_new(void)
{
	struct password_guard *g = calloc(1, sizeof(*g));

	if (g != NULL)
		arc4random_buf(&g->seed, sizeof(g->seed));
	return g;
}

static uint64_t
password_guard_mix(uint64_t h, const unsigned char *p, size_t n)
{
	while (n-- > 0) {
		h = (h ^ *p++) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

static struct place *
password_guard_find(struct password_guard *g, const struct addr *from,
    int64_t now)
{
	struct addr a = *from;
	struct place *p;
	uint64_t h = g->seed;

	addr_unmap(&a);
	if (addr_family(&a) == AF_INET)
		h = password_guard_mix(h, (unsigned char *)&a.u.in.sin_addr,
		    sizeof(a.u.in.sin_addr));
	else if (addr_family(&a) == AF_INET6)
		h = password_guard_mix(h, a.u.in6.sin6_addr.s6_addr, 8);
	p = &g->places[h % PLACES];
	if (p->wrong > 0 && now - p->wrong_at >= LAPSE)
		*p = (struct place){ .wrong = 0 };
	return p;
}

static int64_t
password_guard_pause(const struct place *p)
{
	int64_t pause = FIRST;

	if (p->wrong == 0)
		return 0;
	for (unsigned i = 1; i < p->wrong && pause < LONGEST; i++)
		pause *= 2;
	return pause < LONGEST ? pause : LONGEST;
}

int64_t
password_guard_turn(struct password_guard *g, const struct addr *from,
    int64_t now, int64_t latest)
{
	struct place *p = password_guard_find(g, from, now);
	int64_t when = p->next > now ? p->next : now;

	if (when <= latest)
		p->next = when + password_guard_pause(p);
	return when;
}

void
password_guard_wrong(struct password_guard *g, const struct addr *from,
    int64_t now)
{
	struct place *p = password_guard_find(g, from, now);

	p->wrong++;
	p->wrong_at = now;
	if (p->next < now + password_guard_pause(p))
		p->next = now + password_guard_pause(p);
}

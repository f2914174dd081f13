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

static struct place *
password_guard_find(struct password_guard *g, const struct addr *from,
    int64_t now)
{
	struct place *p;

	p = &g->places[addr_host_hash(from, g->seed) % PLACES];
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

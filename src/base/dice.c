#include "base/dice.h"

#define MILLION	1000000

uint64_t
dice_next(struct dice *d)
{
	uint64_t n;

	d->state += UINT64_C(0x9e3779b97f4a7c15);
	n = d->state;
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* A stream begins where a number of the seed's own stream says. */
void
dice_init(struct dice *d, uint64_t seed, unsigned stream)
{
	d->state = seed;
	for (unsigned i = 0; i < stream; i++)
		(void)dice_next(d);
	d->state = dice_next(d);
}

/* The remainder favours small numbers by less than 1 in 10^13. */
bool
dice_falls(struct dice *d, uint32_t chance)
{
	return dice_next(d) % MILLION < chance;
}

int64_t
dice_about(struct dice *d, int64_t most)
{
	return (int64_t)(dice_next(d) % (2 * (uint64_t)most + 1)) - most;
}

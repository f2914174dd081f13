/*
 * Pseudo-random numbers that follow from a seed alone, on every machine: the
 * generator splitmix64 (Steele, Lea, Flood 2014). Not for secrets.
 */
#ifndef BASE_DICE_H
#define BASE_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t	state;
};

/* Dice of the same seed and stream give the same numbers. */
void		dice_init(struct dice *, uint64_t seed, unsigned stream);
uint64_t	dice_next(struct dice *);
/* True with this chance, in millionths. Takes one number in any case. */
bool		dice_falls(struct dice *, uint32_t chance);
/* A number from -most to most; most is not negative. */
int64_t		dice_about(struct dice *, int64_t most);

#endif

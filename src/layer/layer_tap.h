/*
 * A layer that shows somebody else what passes it: what a read gave, and
 * what a write took, as one piece each, in the order in which it happened.
 *
 * Law: it changes nothing and refuses nothing.
 */
#ifndef LAYER_LAYER_TAP_H
#define LAYER_LAYER_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "layer/layer.h"

/*
 * n bytes, at the front of these pieces; before is how many went that way
 * over this layer already.
 */
typedef void	tap_saw(void *arg, bool sent, uint64_t before,
		    const struct iovec *, size_t n);

/* A new layer, to be put above others; NULL: no memory. */
struct layer	*layer_tap(tap_saw *, void *arg);

#endif

/*
 * A layer that reports the bytes that pass it: those of each read and of each
 * write as one piece, in the order in which they happened.
 *
 * Law: the layer changes nothing and refuses nothing.
 */
#ifndef LAYER_LAYER_TAP_H
#define LAYER_LAYER_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "layer/layer.h"

/*
 * Gets n bytes, at the front of the iovec; before: the bytes that went this way
 * over the layer earlier.
 */
typedef void	tap_saw(void *arg, bool sent, uint64_t before,
		    const struct iovec *, size_t n);

/* Makes a layer, to be put above others; NULL: no memory. */
struct layer	*layer_tap(tap_saw *, void *arg);

#endif

/*
 * A layer that makes a stream of records, for whoever reads pieces of a size
 * of its own: it would lose the rest of each record that is longer.
 *
 * Laws: where a record ends cannot be told any more, and an empty one is
 * nothing; one that is longer than FLAT_RECORD is an error (EMSGSIZE). What
 * is written goes in records of FLAT_WRITE at most.
 */
#ifndef LAYER_LAYER_FLAT_H
#define LAYER_LAYER_FLAT_H

#include "layer/layer.h"

#define FLAT_RECORD	((size_t)256 << 10)
#define FLAT_WRITE	((size_t)32 << 10)

/* A new layer, to be put above others; NULL: no memory. */
struct layer	*layer_flat(void);

#endif

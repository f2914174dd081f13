/*
 * A layer that makes a stream from records, for a reader of pieces of its own
 * size: such a reader would lose the rest of each longer record.
 *
 * Laws: the ends of records are lost, and empty records vanish; a record that
 * is longer than FLAT_RECORD is an error (EMSGSIZE); writes make records of
 * FLAT_WRITE bytes at most.
 */
#ifndef LAYER_LAYER_FLAT_H
#define LAYER_LAYER_FLAT_H

#include "layer/layer.h"

#define FLAT_RECORD	((size_t)256 << 10)
#define FLAT_WRITE	((size_t)32 << 10)

/* Makes a layer, to be put above others; NULL: no memory. */
struct layer	*layer_flat(void);

#endif

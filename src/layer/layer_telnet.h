/*
 * The layer that negotiates: reads answer what the peer asks, and what is
 * written is written behind the answers that wait.
 *
 * Laws: an answer stands between two writes, never within one of which the
 * kernel took a part; it never waits for room by blocking.
 */
#ifndef LAYER_LAYER_TELNET_H
#define LAYER_LAYER_TELNET_H

#include <stdbool.h>

#include "layer/layer.h"

/*
 * A new layer, to be put above others; NULL: no memory. clean: what is read
 * is data alone, and the byte 255 is written twice, as data has it; else
 * the bytes pass as they are. records: a write is a record, and stays one.
 */
struct layer	*layer_telnet(bool clean, bool records);

#endif

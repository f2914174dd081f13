/*
 * The gate of the faults that a user asks for: latency, a rate, datagrams that
 * are dropped, doubled or overtaken, a stall, a reset, and a late end.
 *
 * Laws: no order but that of datagrams changes, and that only by request. The
 * chances follow from the seed and the number of the datagram alone, not from
 * the time: the same datagrams have the same faults again. Bytes that a fault
 * keeps back are dropped, which is no loss.
 */
#ifndef FILTER_FAULTS_H
#define FILTER_FAULTS_H

#include "base/faults.h"
#include "filter/filter.h"

enum fault_way { FAULT_UP, FAULT_DOWN };

/*
 * A gate for one direction of a connection, which begins at the first turn.
 * inner: says which bytes belong together, and is taken, also if the result is
 * NULL; or NULL. Returns NULL without memory.
 */
struct gate	*gate_faults(const struct fault_rules *, enum fault_way,
		    struct gate *inner);

#endif

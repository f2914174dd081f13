/*
 * How many ports are asked at once.
 */
#include "io/fd.h"
#include "scan/inflight.h"

/* Ports at once, where descriptors allow it and nothing else was asked. */
#define INFLIGHT	1024u
/* Descriptors that are left alone: names of services come from files. */
#define RESERVE		4u

/* A race has a socket for each address. */
static size_t
inflight_sockets_each(const struct plan *plan, const struct destinations *t)
{
	return plan->race_delay >= 0 && plan->type == TYPE_STREAM ?
	    t->remote.n : 1;
}

/*
 * Datagram sockets cannot share the port of -p, and pauses are for one after
 * the other.
 */
size_t
inflight_most(const struct plan *plan, const struct destinations *t)
{
	size_t each = inflight_sockets_each(plan, t), room;
	size_t n = plan->scan.max_inflight > 0 ?
	    (size_t)plan->scan.max_inflight : INFLIGHT;

	/* A proxy is asked for one after the other. */
	if (plan->scan.paced || plan->proxy.kind != PROXY_NONE ||
	    (plan->type == TYPE_DGRAM && plan->local_port != NULL))
		n = 1;
	if (n > t->nports)
		n = t->nports;
	if (n <= 1)
		return 1;
	room = fd_room(n * each + RESERVE);
	room = room > RESERVE ? (room - RESERVE) / each : 0;
	return room < 1 ? 1 : room < n ? room : n;
}

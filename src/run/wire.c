/*
 * What stands between a socket and everything else.
 */
#include <errno.h>

#include "layer/layer_flat.h"
#include "layer/layer_telnet.h"
#include "run/taps.h"
#include "run/wire.h"

static int
wire_negotiate(const struct run *r, struct endpoint *ep)
{
	struct layer *l;

	if (!r->plan->taps.telnet)
		return 0;
	l = layer_telnet(r->plan->taps.telnet_clean, ep->out.record);
	if (l == NULL)
		return -1;
	endpoint_wrap(ep, l);
	return 0;
}

int
wire_up(struct run *r, struct endpoint *ep)
{
	if (r->plan->taps.above)
		return wire_negotiate(r, ep) == 0 ? taps_wrap(r, ep) : -1;
	return taps_wrap(r, ep) == 0 ? wire_negotiate(r, ep) : -1;
}

int
wire_up_flat(struct run *r, struct endpoint *ep)
{
	struct layer *l;

	if (wire_up(r, ep) == -1)
		return -1;
	if (!ep->in.record)
		return 0;
	if ((l = layer_flat()) == NULL)
		return -1;
	endpoint_wrap(ep, l);
	ep->in.record = ep->out.record = false;
	/* A short read is no sign of an empty socket. */
	ep->in.packets = true;
	return 0;
}

bool
wire_far(struct run *r)
{
	struct error err;

	if (wire_up(r, &r->far) == 0)
		return true;
	error_set(&err, errno, "use", "%s", r->far.in.name);
	endpoint_close(&r->far);
	run_fail_peer(r, &err);
	return false;
}

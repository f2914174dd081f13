/*
 * What stands between a socket and everything else.
 */
#include <errno.h>

#include "layer/layer_flat.h"
#include "layer/layer_telnet.h"
#include "run/socket_layers.h"
#include "run/taps.h"

static int
socket_layers_negotiate(const struct run *r, struct endpoint *ep)
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
socket_layers_up(struct run *r, struct endpoint *ep)
{
	if (r->plan->taps.above)
		return socket_layers_negotiate(r, ep) == 0 ? taps_wrap(r, ep) :
		    -1;
	return taps_wrap(r, ep) == 0 ? socket_layers_negotiate(r, ep) : -1;
}

int
socket_layers_up_flat(struct run *r, struct endpoint *ep)
{
	struct layer *l;

	if (socket_layers_up(r, ep) == -1)
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
socket_layers_far(struct run *r)
{
	struct error err;

	if (socket_layers_up(r, &r->far) == 0)
		return true;
	error_set(&err, errno, "use", "%s", r->far.in.name);
	endpoint_close(&r->far);
	run_fail_peer(r, &err);
	return false;
}

/*
 * Set-up layers that send a header of the PROXY protocol, or receive one.
 *
 * Law: nothing but the header is sent, or taken from the socket.
 */
#ifndef REACH_PROXYP_LAYER_H
#define REACH_PROXYP_LAYER_H

#include "layer/layer.h"
#include "reach/proxyp.h"

/*
 * Fills the ends, which outlive the layer, when the header has come. NULL: no
 * memory.
 */
struct layer	*proxyp_receiver(struct proxyp_ends *);
/* Sends a header of this version. NULL: no memory. */
struct layer	*proxyp_sender(unsigned version, const struct proxyp_ends *);

#endif

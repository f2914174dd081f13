/*
 * Which process has an address that is in use, as far as /proc tells: one of
 * another user is shown to root alone.
 */
#ifndef DOOR_PORT_HOLDER_H
#define DOOR_PORT_HOLDER_H

#include "base/addr.h"
#include "base/socket.h"

/* Writes "nginx, process 812"; "" if the process is not known. */
void	port_holder(const struct socket_kind *, const struct addr *, char *text,
	    size_t size);

#endif

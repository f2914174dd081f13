/*
 * The classes of error numbers: whether an error concerns one datagram, one
 * peer, or the resources of this system. The one table that tells.
 */
#ifndef BASE_ERRCLASS_H
#define BASE_ERRCLASS_H

#include <stdbool.h>

enum {
	/* ICMP reports on an earlier datagram: the socket is sound. */
	ERRCLASS_REPORT = 1 << 0,
	/* The peer of a datagram socket has closed or reconnected. */
	ERRCLASS_RESET = 1 << 1,
	/* The path of a Unix socket was removed. */
	ERRCLASS_GONE = 1 << 2,
	/* accept(2): the connection died before it was accepted, accept(2). */
	ERRCLASS_ACCEPT = 1 << 3,
	/* A resource is short, and may become available again. */
	ERRCLASS_SHORT = 1 << 4
};

/* True if the error number is of any of these classes. */
bool	errclass_is(int num, unsigned classes);

#endif

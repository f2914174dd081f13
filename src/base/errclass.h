/*
 * The classes of error numbers: errors of a single datagram, of a single peer,
 * or of a resource of this system. All rooms ask this table.
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
	/* The connection died before accept(2) returned the socket. */
	ERRCLASS_ACCEPT = 1 << 3,
	/* A resource is short, and may become available again. */
	ERRCLASS_SHORT = 1 << 4
};

/* True if the error number is of any of these classes. */
bool	errclass_is(int num, unsigned classes);

#endif

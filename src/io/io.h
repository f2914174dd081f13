/*
 * The outcome of a read, write, handshake or shut.
 *
 * Every operation that moves bytes returns an enum io, and the count in an
 * out-parameter. IO_FAIL leaves the reason in errno. EINTR is never returned:
 * the system call is repeated.
 */
#ifndef IO_IO_H
#define IO_IO_H

enum io {
	IO_OK,		/* moved something, or a record of no bytes */
	IO_AGAIN,	/* nothing now; wait for readiness */
	IO_EOF,		/* the source has ended, or the sink takes no more */
	IO_FAIL		/* the reason is in errno */
};

#endif

/*
 * What one read, write, handshake or shut came to.
 *
 * Every operation that moves bytes answers with one of these, and with the
 * count in an out-parameter. IO_FAIL leaves the reason in errno. EINTR never
 * shows: the call is made again where it was made.
 */
#ifndef IO_IO_H
#define IO_IO_H

enum io {
	IO_OK,		/* moved something, or a record of no bytes */
	IO_AGAIN,	/* nothing now; wait for readiness */
	IO_EOF,		/* the source has ended, or the sink takes no more */
	IO_FAIL		/* errno tells why */
};

/* The name of an outcome, for traces and tests. */
const char	*io_name(enum io);

#endif

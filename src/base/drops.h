/*
 * How many datagrams the kernel has dropped before they could be read.
 */
#ifndef BASE_DROPS_H
#define BASE_DROPS_H

#include <stdbool.h>
#include <stdint.h>

struct dgram_drops {
	uint64_t	 n;
	bool		 at_least;	/* joined datagrams (fd_join) are
					   counted as one */
};

#endif

/*
 * Datagrams of a bound socket that many speak to: who sent each of them, and
 * to which of our addresses; several in one call.
 *
 * Law: nothing here blocks; one buffer serves all reads, and what it holds is
 * good until the next.
 */
#ifndef BASE_FD_DGRAM_H
#define BASE_FD_DGRAM_H

#include <stdint.h>

#include "base/addr.h"
#include "base/fd.h"

/* Datagrams in one read, and the most bytes of each. */
#define DGRAM_BATCH	32
#define DGRAM_MAX	65536

struct dgram {
	struct addr		 from;	/* len 0: it has no name */
	struct addr		 to;	/* ours, without port; len 0: not told */
	const unsigned char	*data;
	size_t			 len;	/* what is here ... */
	size_t			 whole;	/* ... of so many bytes */
};

struct dgram_batch {
	struct dgram	 v[DGRAM_BATCH];
	unsigned	 n;
	uint32_t	 overrun;	/* what the kernel has dropped so far
					   because nobody read it */
	unsigned char	*mem;
};

/* -1 with ENOMEM. */
int	dgram_batch_init(struct dgram_batch *);
void	dgram_batch_free(struct dgram_batch *);

/*
 * Let the kernel tell where each datagram was sent to (of an AF_INET or
 * AF_INET6 socket), count what it drops, and keep more of them (widen).
 */
void	dgram_prepare(const struct fd *, int family, bool widen);
/* At least one; or IO_AGAIN, or IO_FAIL with errno. */
enum io	dgram_read(const struct fd *, struct dgram_batch *);
/*
 * Send one, from that address of ours (len 0: the kernel chooses). Whole or
 * not at all.
 */
enum io	dgram_write(const struct fd *, const struct iovec *, int,
	    const struct addr *to, const struct addr *from, size_t *n);

#endif

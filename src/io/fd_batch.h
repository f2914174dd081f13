/*
 * A batch of datagrams: many of them in one system call, each with its
 * sender and the local address that it was sent to. They are read together,
 * some are left out, and what remains is sent back to where it came from,
 * from the address that it was sent to.
 *
 * Law: at most what one batch holds is under way; nothing is read into it
 * before all of it has been sent or dropped.
 */
#ifndef IO_FD_BATCH_H
#define IO_FD_BATCH_H

#include <stdint.h>

#include "base/addr.h"
#include "io/fd.h"

struct batch;

/* One that came. */
struct dgram {
	struct addr	 peer;		/* len 0: it has no name */
	struct addr	 local;		/* len 0: not known */
	const void	*data;
	size_t		 len;
	bool		 cut;		/* it was longer */
};

/* Let the batch know local addresses: for a socket bound to any of them. */
void		 batch_ask_local(const struct fd *, int family);

/* Let the batch know how many datagrams the kernel has dropped so far. */
void		 batch_ask_dropped(const struct fd *);
uint32_t	 batch_dropped(const struct batch *);

/* Room for datagrams of this size. NULL with errno. */
struct batch	*batch_new(size_t room);
void		 batch_free(struct batch *);		/* NULL is fine */

/* Read as many as there are. Only into an empty batch. */
enum io		 batch_read(struct batch *, const struct fd *);
/* Leave out those that keep() does not want. */
void		 batch_sift(struct batch *,
		    bool (*keep)(void *arg, const struct dgram *), void *arg);
/* How many datagrams are left, and how many bytes they are. NULL: none. */
unsigned	 batch_left(const struct batch *);
size_t		 batch_held(const struct batch *);
/* Whether the last read filled the batch, so that more may wait. */
bool		 batch_was_full(const struct batch *);
/*
 * Send some of them back. IO_FAIL: this became of the first one, which is
 * still there. n: bytes.
 */
enum io		 batch_write(struct batch *, const struct fd *, size_t *n);
/* Send the first from whichever address; false: that was so already. */
bool		 batch_forget_local(struct batch *);
/* Drop the first; its size. */
size_t		 batch_drop(struct batch *);

/*
 * Send one from that address of ours, if that can be (len 0: from whichever),
 * whole or not at all.
 */
enum io		 dgram_send(const struct fd *, const struct iovec *, int,
		    const struct addr *to, const struct addr *from,
		    size_t *n);

#endif

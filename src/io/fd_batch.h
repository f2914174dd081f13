/*
 * A batch of datagrams: many of them in a system call, each with the sender's
 * address and the local address. The datagrams are read together, some are
 * left out, and the others are sent back to their senders, from the address
 * that they were sent to; or all are sent to one address.
 *
 * Law: a batch is read only when all of the last batch is sent or dropped.
 */
#ifndef IO_FD_BATCH_H
#define IO_FD_BATCH_H

#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/socket.h"
#include "io/fd.h"

struct batch;

struct dgram {
	struct addr	 peer;		/* len 0: the sender has no name */
	struct addr	 local;		/* len 0: not known */
	const void	*data;
	size_t		 len;
	bool		 cut;		/* the datagram was longer: */
	size_t		 whole;		/* its length */
};

/* Has local addresses reported with datagrams: for a wildcard socket. */
void		 batch_ask_local(const struct fd *, int family);

/*
 * Adds the drops of a datagram socket so far, most of them because its buffer
 * was full. Any other descriptor, or one of Linux before 4.12, has none.
 */
void		 dgram_add_drops(const struct fd *, struct dgram_drops *);

/*
 * Room for datagrams of this size, which comes from a cache (or NULL) and goes
 * back there. NULL with errno.
 */
struct batch	*batch_new(size_t room, struct buf_cache *);
/* NULL does nothing. */
void		 batch_free(struct batch *);

/* Reads as many datagrams as there are into an empty batch. */
enum io		 batch_read(struct batch *, const struct fd *);
/* The same from a connected socket: batch_direct comes before batch_write. */
enum io		 batch_read_bare(struct batch *, const struct fd *);
/*
 * Adds a copy of a datagram to a batch that was not read; batch_direct comes
 * before batch_write. False: the batch is full.
 */
bool		 batch_add(struct batch *, const struct iovec *, int cnt);
/* Leaves out those for which keep() returns false. */
void		 batch_sift(struct batch *,
		    bool (*keep)(void *arg, const struct dgram *), void *arg);
/* How many datagrams are left, and how many bytes they are. NULL: none. */
unsigned	 batch_left(const struct batch *);
size_t		 batch_held(const struct batch *);
/* A datagram that was sent, the last (0) or one before; returns its size. */
size_t		 batch_sent(const struct batch *, unsigned back,
		    const void **);
/* Counts bytes that were cut off datagrams before these were added. */
void		 batch_note_cut(struct batch *, size_t);
/* Bytes that were cut off datagrams since this was asked last. */
size_t		 batch_take_cut(struct batch *);
/* Whether the last read filled the batch, so that more may wait. */
bool		 batch_was_full(const struct batch *);
/*
 * All that are left go to this address (NULL: the socket is connected), from
 * that local address, if possible (NULL, or len 0: the routes choose). The
 * addresses live until the batch is sent.
 */
void		 batch_direct(struct batch *, const struct addr *to,
		    const struct addr *from);
/*
 * Sends some of the datagrams back; n: bytes. IO_FAIL is the outcome of the
 * first datagram, which is still there.
 */
enum io		 batch_write(struct batch *, const struct fd *, size_t *n);
/*
 * Lets the routes choose the source of the first, or of all that go to one
 * address; false: they do already.
 */
bool		 batch_forget_local(struct batch *);
/* Drops the first datagram; returns its size. */
size_t		 batch_drop(struct batch *);

/*
 * Has the kernel tell, by dgram_error, which datagrams the network has refused.
 */
void		 dgram_ask_errors(const struct fd *, int family);
/*
 * The errno of the next of these, and where that datagram was sent to; 0: there
 * is none. An errno is also the outcome of the next call.
 */
int		 dgram_error(const struct fd *, struct addr *to);
/*
 * Reads a datagram into buf, with both addresses; batch_ask_local comes first.
 */
enum io		 dgram_receive(const struct fd *, void *buf, size_t,
		    struct dgram *);
/*
 * Sends a datagram from the local address from, if that is possible (len 0:
 * the routes choose).
 */
enum io		 dgram_send(const struct fd *, const struct iovec *, int,
		    const struct addr *to, const struct addr *from,
		    size_t *n);

#endif

/*
 * One layer of transport under an endpoint. The bottom is a descriptor; what
 * stands above it (a proxy's handshake, TLS) has the same operations.
 *
 * Laws: handshakes run bottom-up, shutdown runs top-down, both without
 * blocking; bytes that a layer holds already count as readiness (pending);
 * a layer prints nothing.
 */
#ifndef LAYER_LAYER_H
#define LAYER_LAYER_H

#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>

#include "io/fd.h"
#include "io/io.h"

struct batch;
struct layer;

/* The most pieces that lend gives. */
#define LAYER_LEND	3

struct layer_ops {
	const char	*name;
	/* NULL: there is none. IO_AGAIN: more turns. */
	enum io		(*handshake)(struct layer *);
	enum io		(*read)(struct layer *, const struct iovec *, int,
			    size_t *n);
	/* A read that takes nothing; NULL: there is no such thing. */
	enum io		(*look)(struct layer *, void *, size_t, size_t *n);
	enum io		(*write)(struct layer *, const struct iovec *, int,
			    size_t *n);
	/*
	 * One read may give several datagrams of one sender, joined; false:
	 * these are no datagrams. NULL: each is to be looked at.
	 */
	bool		(*join)(struct layer *);
	/*
	 * Can the system cut what is written into datagrams (cuts), and then:
	 * write datagrams of this size each, the last of them may be less;
	 * all or nothing. NULL: no.
	 */
	bool		(*cuts)(const struct layer *);
	enum io		(*write_pieces)(struct layer *, const struct iovec *,
			    int, size_t piece, size_t *n);
	/*
	 * Of a layer whose bytes are in memory, instead of read and write:
	 * the bytes that are read next, or the space that the bytes written
	 * next go to, as *cnt pieces, up to LAYER_LEND. IO_AGAIN: none now.
	 * commit: so many of them were taken, or filled. NULL: no memory.
	 */
	enum io		(*lend)(struct layer *, struct iovec *, int *cnt);
	void		(*commit)(struct layer *, size_t n);
	/*
	 * Datagrams in batches, each with the addresses that it came from and
	 * was sent to: reads into an empty batch, which is made if it is NULL;
	 * sends each to where it came from, n: bytes. What of the batch is
	 * gone and not among them is lost. NULL: no batches.
	 */
	enum io		(*read_batch)(struct layer *, struct batch **);
	enum io		(*write_batch)(struct layer *, struct batch *,
			    size_t *n);
	/*
	 * No more will be written; IO_AGAIN: more turns. NULL: the same of
	 * the layer below, if there is one.
	 */
	enum io		(*shut)(struct layer *);
	/* Bytes that a read would give without the descriptor; NULL: none. */
	size_t		(*pending)(const struct layer *);
	/*
	 * Which readiness (LOOP_*) of the descriptor serves this wish; NULL:
	 * the same.
	 */
	unsigned	(*want)(const struct layer *, unsigned wish);
	/* The descriptor, if bytes may go past this layer; NULL: never. */
	struct fd	*(*fd)(struct layer *);
	void		(*close)(struct layer *);
};

struct layer {
	const struct layer_ops	*ops;
	struct layer		*below;		/* NULL: the bottom */
};

/*
 * Go on with the handshake of the top. A set-up layer, which has no read of
 * its own, pops itself when that is done: *top is then what was below it.
 */
enum io		 layer_handshake(struct layer **top);
size_t		 layer_pending(const struct layer *);
unsigned	 layer_want(const struct layer *, unsigned wish);
enum io		 layer_shut(struct layer *);
struct fd	*layer_fd(struct layer *);
/* Close this layer and all below it. */
void		 layer_close(struct layer *);

/* The bottom layer. */
struct layer_fd {
	struct layer	layer;
	struct fd	fd;
};

/* The descriptor is the layer's from now on. */
void	layer_fd_init(struct layer_fd *, const struct fd *);

#endif

/*
 * A layer of transport under an endpoint. The bottom is a descriptor; the
 * layers above it (a proxy's handshake, TLS) have the same operations.
 *
 * Laws: handshakes run bottom-up, shutdown runs top-down, both without
 * blocking; bytes that a layer holds count as readiness (pending); a layer
 * prints nothing.
 */
#ifndef LAYER_LAYER_H
#define LAYER_LAYER_H

#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/fd.h"

struct batch;
struct layer;
struct tls_facts;

struct layer_ops {
	/* NULL: there is none. IO_AGAIN: more turns. */
	enum io		(*handshake)(struct layer *);
	enum io		(*read)(struct layer *, const struct iovec *, int,
			    size_t *n);
	/* A read that takes nothing; NULL: the layer cannot do that. */
	enum io		(*look)(struct layer *, void *, size_t, size_t *n);
	enum io		(*write)(struct layer *, const struct iovec *, int,
			    size_t *n);
	/*
	 * Lets a read give several datagrams of one sender, joined; false:
	 * these are not datagrams. NULL: the layer needs each by itself.
	 */
	bool		(*join)(struct layer *);
	/*
	 * cuts: the system can cut a write into datagrams. write_pieces does
	 * that: all of this size, but the last may be shorter; all or nothing.
	 * NULL: no.
	 */
	bool		(*cuts)(const struct layer *);
	enum io		(*write_pieces)(struct layer *, const struct iovec *,
			    int, size_t piece, size_t *n);
	/*
	 * Datagrams in batches. read_batch reads into an empty batch, and
	 * makes a batch if NULL; write_batch sends some to the peer, or each
	 * back to its source, n: bytes sent; datagrams that left the batch
	 * otherwise are lost; IO_FAIL: the outcome of the first, which is
	 * still there. NULL: no batches.
	 */
	enum io		(*read_batch)(struct layer *, struct batch **);
	enum io		(*write_batch)(struct layer *, struct batch *,
			    size_t *n);
	/* No write follows; IO_AGAIN: more turns. NULL: as the layer below. */
	enum io		(*shut)(struct layer *);
	/*
	 * Bytes of the layer itself that it has written to the layer below
	 * after the last byte of the user. NULL: as the layer below; at the
	 * bottom: none.
	 */
	size_t		(*closing)(const struct layer *);
	/*
	 * Bytes that a read would give without the descriptor. NULL: as the
	 * layer below; at the bottom: none.
	 */
	size_t		(*pending)(const struct layer *);
	/*
	 * The readiness (LOOP_*) of the descriptor that serves this wish.
	 * NULL: as the layer below; at the bottom: the same.
	 */
	unsigned	(*want)(const struct layer *, unsigned wish);
	/*
	 * Why the last operation failed, where errno says too little; NULL:
	 * errno says it. NULL as operation: as the layer below.
	 */
	const char	*(*fault)(const struct layer *);
	/*
	 * Whether reads fail because the layer below has ended before this
	 * one; writes go on. NULL: as the layer below; at the bottom: never.
	 */
	bool		(*truncated)(const struct layer *);
	/* The facts of TLS. NULL: as the layer below; at the bottom: none. */
	void		(*facts)(const struct layer *, struct tls_facts *);
	/* The descriptor, if bytes may bypass this layer; NULL: never. */
	struct fd	*(*fd)(struct layer *);
	/*
	 * Lets writes go to the descriptor of the layer below from now on,
	 * past this layer; false: never. NULL: see fd.
	 */
	bool		(*bypass)(struct layer *);
	/* NULL: the layer's memory is all it has: free(3). */
	void		(*close)(struct layer *);
};

struct layer {
	const struct layer_ops	*ops;
	struct layer		*below;		/* NULL: this is the bottom */
};

/*
 * Goes on with the handshake of the top. A set-up layer, which has no read
 * operation, pops itself afterwards: *top is then the layer below.
 */
enum io		 layer_handshake(struct layer **top);
enum io		 layer_shut(struct layer *);
size_t		 layer_closing(const struct layer *);
size_t		 layer_pending(const struct layer *);
unsigned	 layer_want(const struct layer *, unsigned wish);
/* NULL: errno says why an operation failed. */
const char	*layer_fault(const struct layer *);
bool		 layer_truncated(const struct layer *);
/* Fills the facts of TLS; false: there is none. */
bool		 layer_facts(const struct layer *, struct tls_facts *);
struct fd	*layer_fd(struct layer *);
/* Closes this layer and all below it. */
void		 layer_close(struct layer *);

/* A zeroed struct of this size, which begins with a struct layer; or NULL. */
void		*layer_new(size_t size, const struct layer_ops *);

/* The bottom layer. */
struct layer_fd {
	struct layer		 layer;
	struct fd		 fd;
	struct buf_cache	*buf_cache;	/* for batches; or NULL */
};

/* The layer owns the descriptor from now on. */
void	layer_fd_init(struct layer_fd *, const struct fd *);

/*
 * Gets the n bytes of a read or write, at the front of the iovec; before: the
 * bytes that went this way over the layer earlier.
 */
typedef void	tap_saw(void *arg, bool sent, uint64_t before,
		    const struct iovec *, size_t n);
/*
 * Makes a layer, to be put above others, that reports the bytes that pass it,
 * and changes and refuses nothing. NULL: no memory.
 */
struct layer	*layer_tap(tap_saw *, void *arg);
/*
 * Makes a layer, to be put above others, that makes a stream from records, for
 * a reader of pieces of fixed size, which would lose the rest of each longer
 * record. Empty records vanish; a record of more than 256 KiB is an error
 * (EMSGSIZE); writes make records of 32 KiB at most. NULL: no memory.
 */
struct layer	*layer_flat(void);

#endif

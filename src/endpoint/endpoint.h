/*
 * An endpoint: a thing with a read half and a write half, each on its own
 * open, ended or failed.
 *
 * Laws: readiness is remembered here (a half is ready until a call said
 * AGAIN, or gave less than was asked and its end is not there yet); interest
 * is computed from what the flows at both halves want, never set by hand.
 */
#ifndef ENDPOINT_ENDPOINT_H
#define ENDPOINT_ENDPOINT_H

#include "base/addr.h"
#include "base/diag.h"
#include "layer/layer.h"
#include "loop/loop.h"

struct half {
	struct layer	*top;		/* NULL: there is no such half */
	struct fd	*fd;		/* for zero-copy; NULL: not allowed */
	const char	*name;		/* for messages */
	bool		 ready;		/* a call may give something */
	bool		 record;	/* keeps the bounds of datagrams */
	bool		 packets;	/* read: may give what one write gave,
					   pipe(7): little does not mean that
					   there is no more; write: whoever
					   reads gets each by itself */
	bool		 closing;	/* read: the peer has ended, or likely:
					   that is next after a short count */
	bool		 ended;		/* read: EOF; write: shut */
	bool		 broken;	/* write: the reader has left */
	bool		 watch_death;	/* write: tell of that while idle */
	bool		 one_way;	/* shut closes the descriptor */
	bool		 layered;	/* no zero-copy past what stands on
					   top; fd is just for facts */
	struct endpoint	*owner;		/* NULL in tests of the pump alone */
	/* What the flow at this half waits for; NULL: no flow, nothing. */
	bool		(*wants)(const void *user);
	const void	*user;
};

/* What a write half has that is not the read half's socket. */
struct out_end {
	struct watch	 watch;
	struct layer_fd	 bottom;
};

struct endpoint {
	struct half	 in, out;
	struct watch	 in_watch;	/* a socket's one and only */
	struct layer_fd	 in_bottom;
	struct out_end	*out_end;	/* owned; a socket has none */
	struct loop	*loop;
	/* Told after halves became ready. */
	void		(*notify)(void *user);
	void		*user;
	char		*name;		/* of a socket; owned */
};

/* Room for a name that says who is at the other end. */
#define ENDPOINT_NAME_MAX	128

/*
 * A connected socket (or a bound one that has a peer). Takes the fd. The
 * name is copied; NULL: it is not worth its memory.
 */
int	endpoint_socket(struct endpoint *, struct loop *, const struct fd *,
	    bool record, const char *name);

struct stdio_options {
	bool	no_in, no_out;		/* that half does not exist */
};

/*
 * The standard streams. -1 and err filled when one cannot serve (not open
 * for reading or writing, a directory).
 */
int	endpoint_stdio(struct endpoint *, struct loop *,
	    const struct stdio_options *, struct error *);

/* Standard output as the write half of an endpoint that has none. */
int	endpoint_stdout(struct endpoint *, struct error *);

/* Give an endpoint with neither half yet; then add halves that it owns. */
void	endpoint_init(struct endpoint *, struct loop *);
int	endpoint_add_in(struct endpoint *, const struct fd *,
	    const char *name);
int	endpoint_add_out(struct endpoint *, const struct fd *,
	    const char *name);
/*
 * Records, of which those larger than max come in pieces; and a pipe that is
 * given datagrams: the next when all of the last is taken.
 */
int	endpoint_add_dgram_reader(struct endpoint *, const struct fd *,
    size_t max,
	    const char *name);
int	endpoint_add_dgram_pipe(struct endpoint *, const struct fd *,
	    const char *name);
/*
 * Calls unended() after each datagram without a newline at its end has been
 * written to the pipe.
 */
void	endpoint_dgram_pipe_tells(struct endpoint *, void (*unended)(void *arg),
	    void *arg);

/*
 * One bound datagram socket that hears everybody; what is written goes to
 * whoever spoke last. peer is told of each sender that differs from the one
 * before. fd is taken.
 */
int	endpoint_udp(struct endpoint *, struct loop *, const struct fd *,
	    void (*peer)(void *arg, const struct addr *), void *arg);

/* Of the layer that this made: who sent what was read last. */
const struct addr *layer_udp_from(const struct layer *);
/* Drop what comes from others than those that hears(), which gets endpoint_
 * udp's arg, says yes to. */
void	endpoint_udp_hears(struct endpoint *,
	    bool (*hears)(void *arg, const struct addr *));
/* This one is the peer, also of what came before connect(2) kept the others
 * out; what they sent is dropped. */
void	endpoint_udp_only(struct endpoint *, const struct addr *peer);

/*
 * An empty datagram is a farewell: that of the peer is its end, and ours is
 * sent when nothing more will be.
 */
void	endpoint_udp_farewell(struct endpoint *);
struct udp_resend;

/*
 * Of an endpoint that is a connected datagram socket: keeps copies of the
 * first datagrams until something is received. If the port refuses them
 * before that (ECONNREFUSED), refused() is called: false, there is no other
 * address, and the error is the flow's; true, nothing is read or written
 * until one of these is called:
 *	udp_resend_move	a socket, which is taken, is connected to another
 *			address: the copies are sent to that first
 *	udp_resend_stay	there is no other address after all
 * NULL: no memory. It goes with the endpoint.
 */
struct udp_resend	*udp_resend_new(struct endpoint *,
			    bool (*refused)(void *arg), void *arg);
void			 udp_resend_move(struct udp_resend *,
			    const struct fd *);
void			 udp_resend_stay(struct udp_resend *);

/*
 * Close the socket of an endpoint that is one, and put another in its place.
 * -1 with errno: it is there, and cannot be waited for.
 */
int	endpoint_replace(struct endpoint *, const struct fd *);
/*
 * Put a layer above both halves of an endpoint that is one descriptor, and
 * has all that it is told by its own functions. It is the endpoint's then.
 */
void	endpoint_wrap(struct endpoint *, struct layer *);
/* What it is called from now on; copied, if there is memory for that. */
void	endpoint_rename(struct endpoint *, const char *name);
/* Close and unwatch; the memory stays the caller's. */
void	endpoint_close(struct endpoint *);
/* Ask the halves' flows again what they want, before the next wait. */
void	endpoint_touch(struct endpoint *);

/*
 * One call, one outcome; they keep ready and ended true. A short count on a
 * stream means that there is no more for now, or that its end is next.
 */
enum io	half_read(struct half *, const struct iovec *, int, size_t *n);
enum io	half_write(struct half *, const struct iovec *, int, size_t *n);
/* As the layer's operations of these names. */
enum io	half_write_pieces(struct half *, const struct iovec *, int,
	    size_t piece, size_t *n);
enum io	half_read_batch(struct half *, struct batch **);
enum io	half_write_batch(struct half *, struct batch *, size_t *n);
bool	half_join(struct half *);
bool	half_cuts(const struct half *);
enum io	half_shut(struct half *);

#endif

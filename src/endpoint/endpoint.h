/*
 * An endpoint: a read half and a write half, each independently open, ended
 * or failed.
 *
 * Laws: readiness is remembered here (a half is ready until a call returned
 * AGAIN, or a short count before the end of the half); interest is computed
 * from the wants() of the flows at both halves, never set by hand.
 */
#ifndef ENDPOINT_ENDPOINT_H
#define ENDPOINT_ENDPOINT_H

#include "base/addr.h"
#include "base/diag.h"
#include "layer/layer.h"
#include "loop/loop.h"

enum half_state {
	HALF_OPEN,
	HALF_CLOSING,		/* read: the peer has most likely ended, which
				   follows a short count */
	HALF_BROKEN,		/* write: the reader has left */
	HALF_ENDED		/* read: EOF; write: shut */
};

struct half {
	struct layer	*top;		/* NULL: there is no such half */
	struct fd	*fd;		/* for zero-copy; NULL: not allowed */
	const char	*name;		/* for messages */
	enum half_state	 state : 8;
	bool		 ready;		/* a call may give or take bytes */
	bool		 record;	/* keeps the bounds of datagrams */
	bool		 packets;	/* read: each read may give the bytes of
					   one write, pipe(7), so a short count
					   does not mean that no more wait;
					   write: the reader gets each datagram
					   by itself */
	bool		 watch_death;	/* write: becomes HALF_BROKEN also
					   while idle */
	bool		 one_way;	/* shut closes the descriptor */
	bool		 layered;	/* no zero-copy past the layers above
					   the descriptor */
	struct endpoint	*owner;		/* NULL in tests of the pump alone */
	/* Whether the flow waits for this half. NULL: there is no flow. */
	bool		(*wants)(const void *user);
	const void	*user;
};

/* The descriptor of a write half, if it is not the read half's socket. */
struct out_end {
	struct watch	 watch;
	struct layer_fd	 bottom;
};

struct endpoint {
	struct half	 in, out;
	struct watch	 in_watch;	/* of a socket: for both halves */
	struct layer_fd	 in_bottom;
	struct out_end	*out_end;	/* owned; NULL: a socket */
	struct loop	*loop;
	/* Called after halves became ready. */
	void		(*notify)(void *user);
	void		*user;
	char		*name;		/* of a socket, owned; or NULL */
};

/* Room for the name of a peer. */
#define ENDPOINT_NAME_MAX	128

/*
 * An endpoint over a connected socket, which is taken. The name is copied;
 * NULL: "the peer". -1 with errno: the socket stays the caller's.
 */
int	endpoint_socket(struct endpoint *, struct loop *, const struct fd *,
	    bool record, const char *name);

/*
 * Standard input as the read half, and standard output as the write half, of
 * an endpoint that has none. -1 with err if the stream cannot be used (not
 * open for reading or writing, a directory).
 */
int	endpoint_stdin(struct endpoint *, struct error *);
int	endpoint_stdout(struct endpoint *, struct error *);

/* An endpoint with neither half; the others add halves that ep owns. */
void	endpoint_init(struct endpoint *, struct loop *);
int	endpoint_add_in(struct endpoint *, const struct fd *,
	    const char *name);
int	endpoint_add_out(struct endpoint *, const struct fd *,
	    const char *name);
/*
 * Of a command: a read half of records, of which those larger than max come
 * in pieces; a write half that is a pipe, which takes a datagram when the
 * command has read all of the last.
 */
int	endpoint_add_dgram_reader(struct endpoint *, const struct fd *,
	    size_t max, const char *name);
int	endpoint_add_dgram_pipe(struct endpoint *, const struct fd *,
	    const char *name);
/* Calls unended() after each datagram that does not end in a newline. */
void	endpoint_dgram_pipe_tells(struct endpoint *, void (*unended)(void *arg),
	    void *arg);

struct udp_options {
	/*
	 * The peer of a connected socket: datagrams of others, which came
	 * before connect(2), are dropped. NULL: hears every sender, and
	 * answers the last.
	 */
	const struct addr *only;
	/* Whether a sender is heard; NULL: each is. */
	bool		(*hears)(void *arg, const struct addr *);
	void		*arg;
	/*
	 * An empty datagram from the peer ends the read half, and shutting the
	 * write half sends an empty datagram.
	 */
	bool		 farewell;
};

/* An endpoint over a bound datagram socket; else as endpoint_socket. */
int	endpoint_udp(struct endpoint *, struct loop *, const struct fd *,
	    const char *name, const struct udp_options *);
/* Of the layer that endpoint_udp makes: the sender of the last datagram. */
const struct addr *layer_udp_from(const struct layer *);

struct urgent_options {
	bool		 sends;
	unsigned char	 mark;		/* such a byte goes out as urgent */
	/* An urgent byte was read. May be NULL. */
	void		(*came)(void *arg, unsigned char byte);
	void		*arg;
};

/* Has a connected TCP socket report and send urgent data; -1 with errno. */
int	endpoint_urgent(struct endpoint *, const struct urgent_options *);

/*
 * Closes the socket of an endpoint, and puts fd in that place. -1 with errno:
 * fd is in place, and cannot be waited for.
 */
int	endpoint_replace(struct endpoint *, const struct fd *);
/*
 * Puts a layer above both halves of an endpoint that is a single descriptor.
 * The endpoint owns the layer then.
 */
void	endpoint_wrap(struct endpoint *, struct layer *);
/*
 * Before an endpoint is closed that has delivered all bytes: has the layers
 * tell the peer that nothing follows, as TLS does, without a wait.
 */
void	endpoint_end(struct endpoint *);
/* Before an endpoint is closed: has the peer see a reset, not an end. */
void	endpoint_reset(struct endpoint *);
/* Changes the name, which is copied, if there is memory for that. */
void	endpoint_rename(struct endpoint *, const char *name);
/* Closes both halves; the memory stays the caller's. */
void	endpoint_close(struct endpoint *);
/* Asks the flows for their interest again before the next wait. */
void	endpoint_touch(struct endpoint *);
/* The same of the endpoint of a half; NULL: nothing to do. */
void	half_touch(const struct half *);
/*
 * The read half, the write half, or both are ready: calls notify(). Callbacks
 * of timers and tasks; arg: the endpoint.
 */
void	endpoint_wake_in(void *ep);
void	endpoint_wake_out(void *ep);
void	endpoint_wake_both(void *ep);

/*
 * A single call of the top layer; updates ready and state. A short
 * count on a stream means that no more bytes wait, or that the end is next.
 */
enum io	half_read(struct half *, const struct iovec *, int, size_t *n);
enum io	half_write(struct half *, const struct iovec *, int, size_t *n);
/*
 * Reads what waits, up to a turn's budget, and drops it: n bytes. OK: there may
 * be more.
 */
enum io	half_discard(struct half *, size_t *n);
/* As the operations of layers of these names. */
enum io	half_write_pieces(struct half *, const struct iovec *, int,
	    size_t piece, size_t *n);
enum io	half_read_batch(struct half *, struct batch **);
enum io	half_write_batch(struct half *, struct batch *, size_t *n);
enum io	half_shut(struct half *);
/* The reader has left. False: that was known, or the half is shut. */
bool	half_break(struct half *);

#endif

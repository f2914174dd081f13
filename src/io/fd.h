/*
 * Descriptors, and how each is read and written without blocking.
 *
 * Law: the flags of an inherited descriptor are never changed. O_NONBLOCK
 * lives in the open file description that the shell and its other children
 * share. Own descriptors are non-blocking and close-on-exec from birth.
 */
#ifndef IO_FD_H
#define IO_FD_H

#include <sys/types.h>
#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/policy.h"

/*
 * The outcome of a read, write, handshake or shut.
 *
 * Every operation that moves bytes returns an enum io, and the count in an
 * out-parameter. IO_FAIL leaves the reason in errno. EINTR is never returned:
 * the system call is repeated.
 */
enum io {
	IO_OK,		/* moved something, or a record of no bytes */
	IO_AGAIN,	/* nothing now; wait for readiness */
	IO_EOF,		/* the source has ended, or the sink takes no more */
	IO_FAIL		/* the reason is in errno */
};

enum fd_kind {
	FD_NONE,		/* no descriptor, or closed */
	FD_PIPE,		/* pipe or FIFO */
	FD_STREAM,		/* stream socket */
	FD_DGRAM,		/* datagram or sequenced-packet socket */
	FD_FILE,		/* regular file */
	FD_TTY,
	FD_NULL,		/* /dev/null */
	FD_DEVICE,		/* another character device */
	FD_BLOCK,		/* block device */
	FD_DIR			/* directory: cannot be read */
};

/* How a descriptor is read and written; found once, downgraded for good. */
enum fd_way {
	FD_WAY_OWN,		/* own open file, O_NONBLOCK: read, write */
	FD_WAY_MSG,		/* inherited socket: MSG_DONTWAIT */
	FD_WAY_NOWAIT,		/* inherited pipe: preadv2 with RWF_NOWAIT */
	FD_WAY_PLAIN,		/* files: never blocks for long */
	FD_WAY_POLLED		/* last resort: poll, then PIPE_BUF bytes */
};

struct fd {
	int		num;		/* -1: none */
	enum fd_kind	kind : 8;
	enum fd_way	way : 8;
	bool		reopened : 1;	/* num is own, for an inherited tty */
	bool		one_way : 1;	/* a pipe or a file: shut closes num */
	bool		nodelay : 1;	/* TCP_NODELAY came from the listener */
	bool		records : 1;	/* the kernel makes TLS records of what
					   is written (kTLS) */
	bool		early : 1;	/* a client that waited to be accepted,
					   and has most likely sent something */
	bool		shuts_dgrams : 1; /* of datagrams: fd_shut is a
					   shutdown(2) */
	bool		mptcp : 1;	/* a socket of multipath TCP, which may
					   have fallen back to TCP */
	unsigned	origin : 8;	/* the inherited FIFO for which num was
					   opened, which ends with num; 0:
					   none */
};

struct addr;
struct mmsghdr;

/* ---- Any descriptor ----------------------------------------------------- */

/*
 * Fills closed descriptors 0, 1 and 2 with /dev/null, before any other is
 * opened. Returns a mask of those that were closed (1 << fd), -1 with errno.
 */
int		 fd_plug_std(void);
/*
 * Takes an inherited descriptor. A terminal is opened anew where possible
 * (mode: O_RDONLY or O_WRONLY). The flags of num stay as they are. -1 with
 * errno if num is not open, or not open for that mode (EBADF).
 */
int		 fd_inherit(struct fd *, int num, int mode);
/*
 * Opens an inherited FIFO anew where possible, for writes that do not block:
 * the kernel refuses RWF_NOWAIT there, and the last resort writes no more than
 * PIPE_BUF bytes. The inherited descriptor stays as long as the new one.
 */
void		 fd_reopen_fifo(struct fd *);
/* Opens the file of a descriptor anew, open(2); -1 with errno. */
int		 fd_reopen(int num, int flags);
/* Takes a descriptor of our own, which is non-blocking already. */
void		 fd_own(struct fd *, int num, enum fd_kind);
enum fd_kind	 fd_classify(int num);
/* Closes the descriptor, and its origin; num is -1 then. */
void		 fd_close(struct fd *);
/*
 * The same while the program goes on: 0, 1 and 2 become /dev/null, so that
 * no socket ever takes their number.
 */
void		 fd_retire(struct fd *);
/* Whether both are the same file, pipe or socket. */
bool		 fd_same(int one, int other);

/*
 * A single read or write, which blocks only on files and in the last resort.
 * A write may take fewer bytes than asked for. A read of a datagram that does
 * not fit gives the whole length: the rest is lost.
 */
enum io		 fd_read(struct fd *, const struct iovec *, int, size_t *n);
enum io		 fd_write(struct fd *, const struct iovec *, int, size_t *n);
/*
 * Sends n messages by a single call, sendmmsg(2), without a wait. Any gap in
 * the structures, and in the control messages, is 0. Returns how many were
 * sent; -1 with errno: not even the first.
 */
int		 fd_send_many(const struct fd *, struct mmsghdr *, unsigned n);
/* The sum of the lengths. */
size_t		 fd_total(const struct iovec *, int);
/*
 * The n bytes of the vector after the first skip bytes, as at most max pieces.
 * Returns how many pieces there are.
 */
int		 fd_slice(const struct iovec *, int, size_t skip, size_t n,
		    struct iovec *to, int max);
/* Copies n bytes into the vector after the first skip; returns how many fit. */
size_t		 fd_store(const struct iovec *, int, size_t skip,
		    const void *, size_t n);
/* An option of a socket that is an int; -1: not known. */
int		 fd_option(int num, int level, int name);
/* poll(2) without a wait: the events that have come. */
short		 fd_poll(int num, short events);
/* Whether the next byte of the socket is urgent (SIOCATMARK). */
bool		 fd_at_mark(const struct fd *);
/* From the return value of a system call, and errno, to an outcome. */
enum io		 fd_outcome(ssize_t got, size_t *n);
/* Bytes that can be read at once (FIONREAD); 0 if not known. */
size_t		 fd_readable(const struct fd *);
/* A read of a socket that leaves the bytes there. */
enum io		 fd_look(const struct fd *, void *, size_t, size_t *n);
/* The outcome that a read of a stream socket or pipe would have. */
enum io		 fd_peek(const struct fd *);

/*
 * Opens a file that is made if it is not there; flags: O_WRONLY and the like.
 * In a sticky directory that all may write to, such as /tmp, links are not
 * followed (ELOOP), and a file or FIFO of another user is refused (EACCES),
 * unless that user owns the directory. -1 with errno.
 */
int		 fd_create(const char *path, int flags, unsigned mode);

/* ---- Programs that are started ------------------------------------------ */

/* Sets close-on-exec, which is per descriptor, but not on 0, 1 and 2. */
void		 fd_hide(int num);
/* The same for all open descriptors. */
void		 fd_hide_inherited(void);
/* Clears O_NONBLOCK of an own socket that a program gets. -1 with errno. */
int		 fd_make_blocking(const struct fd *);
/* Whether a program that gets the descriptor can find it blocking. */
bool		 fd_can_block(const struct fd *);
/*
 * Raises the limit of descriptors as far as is allowed; returns how many of
 * the wanted descriptors can be opened.
 */
size_t		 fd_room(size_t wanted);
/* The limit of descriptors that holds now. */
size_t		 fd_limit(void);

/* ---- Sockets ------------------------------------------------------------ */

/* A socket of our own; the kind follows from type. -1 with errno. */
int		 fd_socket(struct fd *, int domain, int type, int protocol);
/*
 * connect(2): 0, EINPROGRESS or another errno. A peer on this machine has
 * answered before the call returns, so a second call asks at once.
 */
int		 fd_connect(const struct fd *, const void *addr,
		    unsigned addrlen);
/*
 * The same, and what became of EINPROGRESS. connect(2) takes away what a peer
 * sent and then reset; these leave it, and the reset, to who reads: 0.
 */
int		 fd_connect_gently(const struct fd *, const void *addr,
		    unsigned addrlen);
int		 fd_connect_outcome(const struct fd *, const void *addr,
		    unsigned addrlen);
/* accept4(2); -1 with errno (EAGAIN: no client waits). */
int		 fd_accept(struct fd *, const struct fd *listener, void *addr,
		    void *addrlen);
/* A connection of multipath TCP that did not fall back to TCP. */
bool		 fd_is_multipath(const struct fd *);
/* Takes an inherited socket, and hides num. -1 with errno (ENOTSOCK). */
int		 fd_inherit_socket(struct fd *, int num);
/* Whether num is a listening socket. */
bool		 fd_listens(int num);
/* A socket pair that keeps records; theirs blocks. -1 with errno. */
int		 fd_record_pair(struct fd *ours, struct fd *theirs);
/* Whether a shut reaches the peer as an end: not by datagrams. */
bool		 fd_has_end(const struct fd *);
/*
 * Ends the sending direction of a socket with a peer, where that has an end; of
 * other datagrams only with shuts_dgrams.
 */
enum io		 fd_shut(const struct fd *);
/*
 * Takes the pending error of a socket (SO_ERROR); 0: none. Where the kernel
 * makes records, it may have taken the error itself: a connection that is over
 * has one then.
 */
int		 fd_error(const struct fd *);
/* Whether a TCP connection is over: nothing is acknowledged any more. */
bool		 fd_is_over(const struct fd *);
/*
 * Looks at a peer that may have yet to acknowledge bytes. While the peer
 * answers, but its window is closed (a reader that pauses), lifts
 * TCP_USER_TIMEOUT, which would end the connection nevertheless (tcp(7));
 * otherwise sets it to twice this time. within: ns, the longest time since the
 * last answer. Returns whether to look again: false if all is acknowledged.
 */
bool		 fd_excuse_pause(const struct fd *, int64_t within);
/* Whether bytes have left a TCP socket; true for all other sockets. */
bool		 fd_has_sent(const struct fd *);
/* Has close(2) reset the connection of a TCP socket. */
void		 fd_reset(const struct fd *);
/*
 * For how long (ns) a TCP connection has moved no byte; -1: the socket has no
 * connection, or no TCP.
 */
int64_t		 fd_idle(const struct fd *);
/* How many clients a listening TCP socket has in its backlog. */
unsigned	 fd_backlog(const struct fd *);
/*
 * Resets the connection of a TCP socket now; reads fail from now on. Returns -1
 * with errno.
 */
int		 fd_abort(const struct fd *);
/* Whether there is a pending error, which stays. */
bool		 fd_has_failed(const struct fd *);
/* Whether the peer of a stream has ended its output, or both ways. */
bool		 fd_has_ended(const struct fd *);
/* Bytes that the peer of a TCP socket has not acknowledged; 0: not known. */
size_t		 fd_unacked(const struct fd *);
/* The smoothed round-trip time of a TCP socket in ns; -1: not known. */
int64_t		 fd_round_trip(const struct fd *);
/*
 * A number that changes when bytes arrive at either end of a TCP socket; of
 * other sockets, when their readers take some of the bytes that wait.
 */
uint64_t	 fd_progress(const struct fd *);

/*
 * Lets the system join datagrams of a sender in one read, if supported: of
 * equal size, except for a shorter last datagram.
 */
void		 fd_join(const struct fd *);
/*
 * Sends bytes as datagrams of this size (the last may be shorter) by one
 * call, all or nothing; to NULL: of a connected socket. fd_cuts: whether the
 * system can. The system may still refuse a size (EINVAL, EIO, EMSGSIZE), and
 * never fragments such a datagram.
 */
bool		 fd_cuts(const struct fd *);
enum io		 fd_write_pieces(const struct fd *, const struct iovec *, int,
		    size_t piece, const struct addr *to, size_t *n);

/* ---- The kernel's metrics of a TCP connection, tcp(7) TCP_INFO ---------- */

/* How many values there are; fd_socket.c lists them in order. */
#define FD_METRICS	13

struct fd_metrics {
	const char	*state;
	int64_t		 value[FD_METRICS];	/* -1: not known */
};

/* False: the descriptor is no TCP socket. */
bool		 fd_metrics(const struct fd *, struct fd_metrics *);
/* The name of a value: the column of --tcp-info. */
const char	*fd_metrics_name(int);
/* How a TCP connection has used its link. */
struct fd_pace {
	int64_t		 round_trip;	/* ns, the shortest; 0: not known */
	int64_t		 busy;		/* ns with bytes under way */
	int64_t		 for_window;	/* ns of busy: the peer's window was
					   full */
	int64_t		 for_buffer;	/* ns of busy: the send buffer was
					   full */
	uint64_t	 acked, received;	/* bytes */
	uint64_t	 cwnd;		/* bytes that congestion control lets
					   be under way */
	uint64_t	 sndbuf;	/* bytes of the send buffer */
	uint64_t	 window;	/* bytes, the largest window offered */
};

/* False: the descriptor is no TCP socket, or the kernel is too old. */
bool		 fd_pace(const struct fd *, struct fd_pace *);
/* A number that no other socket ever has; 0: no socket, or not known. */
uint64_t	 fd_cookie(const struct fd *);

/* ---- Within the kernel, and pipes --------------------------------------- */

#define FD_NO_SPLICE	EINVAL	/* not for this pair: use another mover */
/*
 * Moves up to max bytes between two descriptors, of which at least one is a
 * pipe. IO_AGAIN: either end may be the reason. IO_FAIL with FD_NO_SPLICE:
 * this pair or this system cannot. To a file, the pipe has to hold max bytes;
 * the file's position moves as by a write.
 */
enum io		 fd_splice(struct fd *from, struct fd *to, size_t max,
		    size_t *n);
/* The same from a regular file to a socket. */
enum io		 fd_sendfile(struct fd *from, struct fd *to, size_t max,
		    size_t *n);
/* A pipe of our own; -1 with errno. */
int		 fd_pipe(struct fd *in, struct fd *out);
/* Enlarges a pipe as far as the system allows, up to 1 MiB. */
void		 fd_widen(const struct fd *);
/*
 * Lets an empty pipe hold n bytes, and little more. Returns the pipe's size;
 * *one: the size is a single page, so the pipe is writable only while empty.
 */
size_t		 fd_fit(const struct fd *, size_t n, bool *one);
/*
 * Whether a read never comes to an end: a terminal, /dev/null, a FIFO that
 * was opened for reading and writing (fifo(7)).
 */
bool		 fd_has_no_end(const struct fd *);
/* Whether it is a FIFO: a pipe of pipe(2) has no name. */
bool		 fd_has_name(const struct fd *);
/* Whether a process holds the writing end open (pipe(7), POLLHUP). */
bool		 fd_has_writer(int reader);
/*
 * The rule for the end of the far end that follows from the kinds of the near
 * input and output. RULE_RECEIVED stands for itself and the three after it,
 * of which the data decides.
 */
enum far_rule	 fd_far_rule(const struct fd *in, const struct fd *out);

#endif

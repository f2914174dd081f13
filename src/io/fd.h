/*
 * Descriptors, and how each may be read and written without ever blocking.
 *
 * Law: the flags of an inherited descriptor are never changed. O_NONBLOCK
 * lives in the open file description that the shell and its other children
 * share. Own descriptors are non-blocking and close-on-exec from birth.
 *
 * This is the one place that knows what the system offers for that.
 */
#ifndef IO_FD_H
#define IO_FD_H

#include <sys/types.h>
#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/policy.h"
#include "io/io.h"

enum fd_kind {
	FD_NONE,		/* no descriptor, or a closed one */
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

/* How to move bytes without blocking; found once, downgraded for good. */
enum fd_way {
	FD_WAY_OWN,		/* O_NONBLOCK is ours: read, write */
	FD_WAY_MSG,		/* inherited socket: MSG_DONTWAIT */
	FD_WAY_NOWAIT,		/* inherited pipe: preadv2 with RWF_NOWAIT */
	FD_WAY_PLAIN,		/* files: never blocks for long */
	FD_WAY_POLLED		/* last resort: after readiness, PIPE_BUF */
};

struct fd {
	int		num;		/* -1: none */
	enum fd_kind	kind : 8;
	enum fd_way	way : 8;
	bool		reopened : 1;	/* num is ours, for an inherited tty */
	bool		one_way : 1;	/* a pipe, a file: to shut it is to
					   close it */
	bool		nodelay : 1;	/* has it already, from its listener */
	bool		early : 1;	/* a client that had to wait: it has
					   most likely said something by now */
};

/*
 * Fill closed descriptors 0, 1 and 2 with /dev/null, before any other is
 * opened. Returns a mask of those that were closed (1 << fd), -1 with errno.
 */
int		 fd_plug_std(void);
/*
 * Take an inherited descriptor. A terminal is opened anew where possible
 * (mode: O_RDONLY or O_WRONLY). The flags of num stay as they are. Returns
 * -1 with errno when num is not open, or not open for that mode (EBADF).
 */
int		 fd_inherit(struct fd *, int num, int mode);
/* Take a descriptor of our own, which is non-blocking already. */
void		 fd_own(struct fd *, int num, enum fd_kind);
/*
 * Descriptors above 2 that we inherited are not for programs that we start.
 * (That flag is ours alone, unlike O_NONBLOCK.)
 */
void		 fd_hide_inherited(void);
/* A socket of ours that a program gets as its own: it may block in it. */
int		 fd_make_blocking(const struct fd *);
/* Datagrams have no end that a peer could be told of; records may have. */
bool		 fd_has_end(const struct fd *);
/* Has it an error that nobody was told of yet? That stays so. */
bool		 fd_has_failed(const struct fd *);
/* A socket pair that keeps records; theirs blocks. -1 with errno. */
int		 fd_record_pair(struct fd *ours, struct fd *theirs);
/*
 * How many more descriptors can be opened, after the limit was raised as far
 * as is allowed for this many; never more than that.
 */
size_t		 fd_room(size_t wanted);
/* What is behind a descriptor. */
enum fd_kind	 fd_classify(int num);
const char	*fd_kind_name(enum fd_kind);
/* Close it, and what was opened for it; never fails visibly. */
void		 fd_close(struct fd *);
/*
 * The same while the program goes on: 0, 1 and 2 become /dev/null, so that
 * no socket ever takes their number.
 */
void		 fd_retire(struct fd *);

/*
 * One read or write. Never blocks, except on files and in the last resort.
 * A write of IO_OK with fewer bytes than asked for is usual. A read of a
 * datagram that does not fit gives its whole length: the rest is lost.
 */
enum io		 fd_read(struct fd *, const struct iovec *, int, size_t *n);
enum io		 fd_write(struct fd *, const struct iovec *, int, size_t *n);

/*
 * FD_WAY_NOWAIT's system calls, with errno. *can: does the system have them
 * for this descriptor?
 */
ssize_t		 fd_read_nowait(int num, const struct iovec *, int, bool *can);
ssize_t		 fd_write_nowait(int num, const struct iovec *, int, bool *can);

/*
 * Let the system join datagrams of one sender in one read, if it can: they are
 * of equal size, the last may be less.
 */
void		 fd_join(const struct fd *);
/*
 * Send so many bytes as datagrams of this size (the last may be less) by one
 * call, all or nothing; to NULL: of a connected socket. fd_cuts: can the
 * system do that for this socket? It may still refuse a size (EINVAL, EIO,
 * EMSGSIZE), for what is larger than a packet of the link is never cut.
 */
struct addr;
bool		 fd_cuts(const struct fd *);
enum io		 fd_write_pieces(const struct fd *, const struct iovec *, int,
		    size_t piece, const struct addr *to, size_t *n);

/* How many bytes these are. */
size_t		 fd_total(const struct iovec *, int);

/* From a system call's answer (and errno) to an outcome. */
enum io		 fd_outcome(ssize_t got, size_t *n);

/* What a splice or sendfile came to. */
#define FD_NO_SPLICE	EINVAL	/* not for this pair: use another mover */
/*
 * Move up to max bytes from one descriptor to the other within the kernel.
 * One of them is a pipe. IO_AGAIN: either end may be the reason. IO_FAIL
 * with FD_NO_SPLICE: this pair cannot, or this system cannot.
 */
enum io		 fd_splice(struct fd *from, struct fd *to, size_t max,
		    size_t *n);
/* The same from a regular file to a socket. */
enum io		 fd_sendfile(struct fd *from, struct fd *to, size_t max,
		    size_t *n);
/*
 * What a read of a socket or pipe would come to, without taking anything:
 * IO_OK when there is something.
 */
enum io		 fd_peek(const struct fd *);
/* Bytes that a socket has, without taking any. */
enum io		 fd_look(const struct fd *, void *, size_t, size_t *n);
/* Bytes that could be read at once (FIONREAD); 0 when unknown. */
size_t		 fd_readable(const struct fd *);
/* Bytes that a TCP socket has not had acknowledged; 0 when unknown. */
size_t		 fd_unacked(const struct fd *);
/* The smoothed round-trip time of a TCP socket in ns; -1 when unknown. */
int64_t		 fd_round_trip(const struct fd *);
/*
 * A number that changes when bytes arrive at either end of a TCP socket; of
 * others, when their readers take some of what waits for them.
 */
uint64_t	 fd_progress(const struct fd *);
/* The socket's pending error (SO_ERROR), which this clears; 0: none. */
int		 fd_error(const struct fd *);
/* An own pipe, or -1. Both ends non-blocking and close-on-exec. */
int		 fd_pipe(struct fd *in, struct fd *out);
/* Enlarge a pipe's buffer as far as the system lets us (F_SETPIPE_SZ). */
void		 fd_widen(const struct fd *);
/*
 * Let an empty pipe hold n bytes, and little more. Its size; one: it is a
 * single page, and so writable exactly while it is empty.
 */
size_t		 fd_fit(const struct fd *, size_t n, bool *one);
/* A socket of ours; FD kind follows from type. -1 with errno. */
int		 fd_socket(struct fd *, int domain, int type, int protocol);
/*
 * connect(2): 0 when connected, EINPROGRESS, or why not. A peer on this
 * machine has answered before the call returns: that is looked for at once.
 */
int		 fd_connect(const struct fd *, const void *addr,
		    unsigned addrlen);
/* May a stream socket that fd_connect found refused connect once more? */
bool		 fd_connects_again(void);
/* accept4(2); -1 with errno (EAGAIN: nobody is waiting). */
int		 fd_accept(struct fd *, int listener, void *addr,
		    void *addrlen);
/* The same, from one that may have been given to us (fd_inherit_socket). */
int		 fd_accept_from(struct fd *fd, const struct fd *listener,
		    void *addr, void *addrlen);
/*
 * Take a socket that was given to us, and keep it from our children. -1 with
 * errno (ENOTSOCK).
 */
int		 fd_inherit_socket(struct fd *, int num);
/* Is it a socket that clients connect to? */
bool		 fd_listens(int num);
/* Is it a FIFO that has a name, and no pipe of pipe(2)? */
bool		 fd_is_named(const struct fd *);
/*
 * Will reading never come to an end: a terminal, /dev/null, a FIFO that was
 * opened for reading and writing (fifo(7))?
 */
bool		 fd_has_no_end(const struct fd *);
/*
 * Another descriptor for reading the pipe that fd writes to, or -1 with
 * errno. It is the caller's, and must be closed soon: as long as it is open,
 * nobody learns that the pipe's readers have left.
 */
int		 fd_open_reader(const struct fd *);
/* Does anybody hold the other end of this pipe open (pipe(7), POLLHUP)? */
bool		 fd_has_writer(int reader);
/*
 * The rule for the end of the far end that follows from what the near input
 * and output are; RULE_RECEIVED stands for itself and the three after it, of
 * which the data decides.
 */
enum far_rule	 fd_far_rule(const struct fd *in, const struct fd *out);
/* Are both the same file, pipe or socket? */
bool		 fd_same(int one, int other);

#endif

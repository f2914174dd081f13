/*
 * What is going on in a trial: the program, its streams, and its peer.
 */
#ifndef WORLD_H
#define WORLD_H

#include <sys/resource.h>

#include "reliability/trial.h"

struct world {
	const struct trial	*t;
	struct result		*r;
	pid_t			 pid;
	int			 pidfd;
	int			 in, in_read, out, err, listener, peer;
	size_t			 in_sent, out_got;
	size_t			 greeted;	/* bytes of the greeting */
	size_t			 sent, got;	/* by this client */
	size_t			 inq;	/* in the peer's kernel at its end */
	size_t			 err_len;
	int			 step;
	size_t			 step_left;
	int64_t			 step_until;
	bool			 peer_open, peer_done, peer_eof, peer_reset;
	bool			 fin, ended, left, script_broken;
	unsigned		 client;
	unsigned		 more;	/* clients than the plan has: the
					   first was not served */
	int			 fds;	/* of the program, after the first
					   client that was served; -1: none */
	struct rusage		 usage;
	int64_t			 started;
};

/* The bytes of a direction: 0 is the input, 1 is the peer's. */
size_t	world_fill(char *buf, size_t at, size_t n, int way);
/* Notes the first fault of the program. */
void	world_bad(struct world *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Compares n bytes, from the position at on, with those expected. */
void	world_compare(struct world *, const char *where, const char *buf,
	    size_t at, size_t n, enum bytes);
void	world_start(struct world *, const char *dir);
void	world_close(int *fd);
/* How many bytes of its input the program has read. */
size_t	world_consumed(const struct world *);
void	world_feed(struct world *);
void	world_take_out(struct world *);
void	world_take_err(struct world *);
/* Nanoseconds of CPU; -1 if the program has gone. */
long long world_cpu(const struct world *);
int	world_descriptors(const struct world *);
void	world_notice_end(struct world *);

#endif

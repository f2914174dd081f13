/*
 * The command of -e and -c as a new process wants it: what to run, its
 * words, and its environment, which tells about the connection; and its
 * start.
 */
#ifndef SERVE_COMMAND_H
#define SERVE_COMMAND_H

#include "serve/conn.h"

struct command {
	const char	*path;
	char		**argv, **envp;
	char		*words;		/* what they point into */
	char		*facts;
};

/*
 * NCAT_ and SOCKCAT_ REMOTE_ADDR, REMOTE_PORT, LOCAL_ADDR, LOCAL_PORT and
 * PROTO: addresses in numbers, ports in decimal (none for a Unix socket,
 * whose address is its path), TCP, UDP or UNIX. -1 with errno.
 */
int	command_make(struct command *, const struct plan *,
	    const struct addr *peer, const struct addr *local);
void	command_free(struct command *);

/* Start the plan's command with these as 0 and 1. -1 with errno. */
int	command_start(struct child *, const struct conn_start *,
	    const struct fd *in, const struct fd *out);
/* Is the program there, where that is asked for? -1 with errno. */
int	command_check(const struct plan *);
/* Say that it could not be started, by errno; the exit status. */
int	command_failed(const struct run *);

#endif

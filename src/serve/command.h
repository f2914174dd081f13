/*
 * The command of -e and -c: its program, its words, its environment, which
 * describes the connection, and its start.
 */
#ifndef SERVE_COMMAND_H
#define SERVE_COMMAND_H

#include "serve/conn.h"

struct command {
	const char	*path;
	char		**argv, **envp;
	char		*words;		/* memory of argv */
	char		shell[2][3];	/* ... and of its words "sh", "-c" */
	char		*facts;		/* memory of the new variables */
};

/*
 * Makes words and environment. The variables NCAT_* and SOCKCAT_* are
 * REMOTE_ADDR, REMOTE_PORT, LOCAL_ADDR, LOCAL_PORT and PROTO: addresses and
 * ports in numbers (of a Unix socket the path, and an empty port); TCP, UDP or
 * UNIX. mark: a further variable; "": none. -1 with errno.
 */
int	command_make(struct command *, const struct plan *,
	    const struct addr *peer, const struct addr *local, char *mark);
void	command_free(struct command *);

/* Starts the plan's command with these as 0 and 1. -1 with errno. */
int	command_start(struct child *, const struct conn_start *,
	    const struct fd *in, const struct fd *out);
/*
 * Before anything listens: checks that the program exists, if the plan asks
 * for that, and that the limit of descriptors has room for a client, so that
 * none is accepted in vain. Returns 0, or the exit status after a report.
 */
int	command_check(const struct run *);
/* Prints that the command could not be started, by errno; the exit status. */
int	command_failed(const struct run *);

#endif

/*
 * A socket that a command was given, whose copy we keep: a command that
 * neither reads nor writes does not learn that its peer has gone.
 *
 * Law: nothing is read from the socket, and its error is left to the command.
 */
#ifndef SERVE_EXEC_SOCKET_H
#define SERVE_EXEC_SOCKET_H

#include "io/fd.h"
#include "loop/loop.h"

struct exec_socket {
	struct loop	*loop;
	struct fd	*sock;
	struct watch	 watch;
	/* The connection has failed, and the command was not told yet. */
	void		(*broke)(void *arg);
	void		*arg;
};

/* sock, broke and arg are set. Without memory, nothing is told. */
void	exec_socket_watch(struct exec_socket *, struct loop *);
void	exec_socket_unwatch(struct exec_socket *);

#endif

/*
 * A socket that a command was given.
 */
#include "serve/exec_socket.h"

static unsigned
exec_socket_want(void *arg)
{
	(void)arg;
	return LOOP_ERR;
}

/*
 * Both ways may just have come to their ends; and what the command was told
 * already is told to nobody else. Either way nothing more will come.
 */
static void
exec_socket_on_event(void *arg, unsigned what)
{
	struct exec_socket *h = arg;

	(void)what;
	exec_socket_unwatch(h);
	if (fd_has_failed(h->sock))
		h->broke(h->arg);
}

void
exec_socket_watch(struct exec_socket *h, struct loop *loop)
{
	h->loop = loop;
	h->watch = (struct watch){ .fd = h->sock->num, .want = exec_socket_want,
	    .ready = exec_socket_on_event, .arg = h };
	if (loop_watch(loop, &h->watch) == -1)
		h->loop = NULL;
}

void
exec_socket_unwatch(struct exec_socket *h)
{
	if (h->loop != NULL)
		loop_unwatch(h->loop, &h->watch);
	h->loop = NULL;
}

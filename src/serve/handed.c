/*
 * A socket that a command was given.
 */
#include "serve/handed.h"

static unsigned
handed_want(void *arg)
{
	(void)arg;
	return LOOP_ERR;
}

/*
 * Both ways may just have come to their ends; and what the command was told
 * already is told to nobody else. Either way nothing more will come.
 */
static void
handed_on_event(void *arg, unsigned what)
{
	struct handed *h = arg;

	(void)what;
	handed_unwatch(h);
	if (fd_has_failed(h->sock))
		h->broke(h->arg);
}

void
handed_watch(struct handed *h, struct loop *loop)
{
	h->loop = loop;
	h->watch = (struct watch){ .fd = h->sock->num, .want = handed_want,
	    .ready = handed_on_event, .arg = h };
	if (loop_watch(loop, &h->watch) == -1)
		h->loop = NULL;
}

void
handed_unwatch(struct handed *h)
{
	if (h->loop != NULL)
		loop_unwatch(h->loop, &h->watch);
	h->loop = NULL;
}

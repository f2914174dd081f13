#include <errno.h>
#include <netinet/in.h>

#include "endpoint/urgent.h"
#include "net/kind.h"
#include "run/peculiar.h"

static void
peculiar_on_urgent(void *arg, unsigned char byte)
{
	const struct run *r = arg;

	if (r->voice->urgent != NULL)
		r->voice->urgent(r->plan, byte);
}

bool
peculiar_far(struct run *r)
{
	const struct plan_urgent *u = &r->plan->urgent;
	const struct urgent_options opt = { .sends = u->sent,
	    .mark = u->mark, .came = u->shown ? peculiar_on_urgent : NULL,
	    .arg = r };
	struct error err;

	if ((!u->shown && !u->sent) || endpoint_urgent(&r->far, &opt) == 0)
		return true;
	error_set(&err, errno, "use", "%s", r->far.in.name);
	endpoint_close(&r->far);
	run_fail_peer(r, &err);
	return false;
}

void
peculiar_said(const struct run *r, const struct fd *fd)
{
	if (r->plan->socket.protocol == IPPROTO_MPTCP &&
	    r->voice->multipath != NULL)
		r->voice->multipath(r->plan, kind_is_multipath(fd));
}

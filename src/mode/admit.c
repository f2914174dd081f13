/*
 * Who comes in, and how they are shown.
 */
#include "mode/run.h"

/* The words about clients, the command's environment, the chat's :who. */
static bool
tells_local(const struct plan *plan)
{
	return plan->verbose > 0 || plan->naccess > 0 || plan->peer_filter ||
	    plan->near == PLAN_EXEC || plan->near == PLAN_CHAT;
}

void
run_ends(const struct run *r, const struct addr *from, int sock,
    struct addr *peer, struct addr *local)
{
	*peer = *from;
	local->len = 0;
	if (tells_local(r->plan))
		(void)addr_local(local, sock);
	if (r->plan->show_mapped)
		return;
	addr_unmap(peer);
	addr_unmap(local);
}

bool
run_admits(struct run *r, const struct addr *peer, const struct addr *local)
{
	int status;

	if (access_allows(r->access, peer))
		return true;
	status = r->voice->refused(r->plan, peer, local);
	if (r->plan->peer_filter && !r->plan->keep_open)
		run_stop(r, status);
	return false;
}

void
run_say_accepted(struct run *r, const struct addr *from, int sock)
{
	struct addr peer, local;

	run_ends(r, from, sock, &peer, &local);
	r->voice->accepted(r->plan, &peer, &local);
}

bool
run_admits_at(struct run *r, const struct addr *from, int sock)
{
	struct addr peer, local;

	if (access_allows(r->access, from))
		return true;
	run_ends(r, from, sock, &peer, &local);
	return run_admits(r, &peer, &local);
}

int
run_say_slip(const struct run *r, const struct access_slip *slip)
{
	if (slip->fault == ACCESS_SYSTEM)
		return r->voice->failed(r->plan, &slip->err);
	if (slip->rule == NULL)
		return r->voice->resolve_failed(r->plan, r->plan->host, NULL,
		    &slip->err, false);
	return r->voice->access_failed(r->plan, slip);
}

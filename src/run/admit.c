/*
 * Who comes in, and how they are shown.
 */
#include "run/run.h"

/* The words about clients, the command's environment, the chat's :who. */
static bool
admit_tells_local(const struct plan *plan)
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
	if (admit_tells_local(r->plan))
		(void)addr_local(local, sock);
	if (r->plan->show_mapped)
		return;
	addr_unmap(peer);
	addr_unmap(local);
}

/* False for -m 0 of ncat, which counts without -k, too. */
static bool
admit_has_room(const struct plan *plan)
{
	return !plan->serve.turn_away || plan->serve.max_conns != 0;
}

static void
admit_say_full(const struct run *r, const struct addr *peer,
    const struct addr *local)
{
	if (r->plan->type == TYPE_STREAM)
		r->messages->accepted(r->plan, peer, local);
	if (r->messages->full != NULL)
		r->messages->full(r->plan);
}

bool
run_admits(struct run *r, const struct addr *peer, const struct addr *local)
{
	int status;

	if (r->is_unix || access_allows(r->access, peer)) {
		if (!admit_has_room(r->plan))
			admit_say_full(r, peer, local);
		return admit_has_room(r->plan);
	}
	status = r->messages->refused(r->plan, peer, local);
	if (r->plan->peer_filter && !r->plan->keep_open)
		run_stop(r, status);
	return false;
}

void
run_say_accepted(struct run *r, const struct addr *from, int sock)
{
	struct addr peer, local;

	run_ends(r, from, sock, &peer, &local);
	r->messages->accepted(r->plan, &peer, &local);
}

bool
run_admits_at(struct run *r, const struct addr *from, int sock)
{
	struct addr peer, local;

	if ((r->is_unix || access_allows(r->access, from)) &&
	    admit_has_room(r->plan))
		return true;
	run_ends(r, from, sock, &peer, &local);
	return run_admits(r, &peer, &local);
}

int
run_say_access_error(const struct run *r,
    const struct access_error *access_error)
{
	if (access_error->fault == ACCESS_SYSTEM)
		return r->messages->failed(r->plan, &access_error->err);
	if (access_error->rule == NULL)
		return r->messages->resolve_failed(r->plan, r->plan->host, NULL,
		    &access_error->err, false);
	return r->messages->access_failed(r->plan, access_error);
}

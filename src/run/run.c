#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "layer/tls.h"
#include "net/socket.h"
#include "run/run.h"

void
run_stop(struct run *r, int status)
{
	r->status = status;
	loop_stop(r->loop);
}

void
run_fail(struct run *r, const struct error *err)
{
	run_stop(r, messages_failed(r->plan, err));
	r->failed = true;
}

int
run_failed(const struct run *r, const char *op, const char *object)
{
	struct error err;

	error_set(&err, errno, op, "%s", object);
	return messages_failed(r->plan, &err);
}

void
run_fail_peer(struct run *r, const char *op, const char *object)
{
	int status = run_failed(r, op, object);

	if (r->next.call != NULL) {
		r->next.call(r->next.arg);
		return;
	}
	run_stop(r, status);
	r->failed = true;
}

bool
run_is_cut(struct run *r)
{
	loop_take_signals(r->loop);
	if (r->signo == 0 && !r->deadline.passed)
		return false;
	loop_stop(r->loop);
	return true;
}

bool
run_was_cut(struct run *r, const struct error *err)
{
	return err->num == EINTR && run_is_cut(r);
}

/* ---- Peers -------------------------------------------------------------- */

void
run_ends(const struct run *r, const struct addr *from, int sock,
    struct addr *peer, struct addr *local)
{
	const struct plan *plan = r->plan;

	*peer = *from;
	local->len = 0;
	/*
	 * Messages, a command's environment, :who of a chat and a header of the
	 * PROXY protocol show local.
	 */
	if (plan->verbose > 0 || plan->naccess > 0 || plan->peer_filter ||
	    plan->proxyp.send != 0 ||
	    plan->near == PLAN_EXEC || plan->near == PLAN_CHAT)
		(void)addr_local(local, sock);
	if (plan->show_mapped)
		return;
	addr_unmap(peer);
	addr_unmap(local);
}

/* ncat -m 0 admits no client, also without -k. */
static bool
run_has_room(const struct plan *plan)
{
	return !plan->serve.turn_away || plan->serve.max_conns != 0;
}

bool
run_would_admit(const struct run *r, const struct addr *peer)
{
	return access_allows(r->access, peer) && run_has_room(r->plan);
}

bool
run_admits(struct run *r, const struct addr *peer, const struct addr *local)
{
	int status;

	if (!access_allows(r->access, peer)) {
		status = REPORT(r->plan, EVENT_REFUSED, .peer = peer,
		    .local = local);
		if (r->plan->peer_filter && !r->plan->keep_open)
			run_stop(r, status);
		return false;
	}
	if (run_has_room(r->plan))
		return true;
	if (r->plan->type == TYPE_STREAM)
		REPORT(r->plan, EVENT_ACCEPTED, .peer = peer, .local = local);
	REPORT(r->plan, EVENT_FULL);
	return false;
}

void
run_say_accepted(struct run *r, const struct addr *from, int sock)
{
	struct addr peer, local;

	run_ends(r, from, sock, &peer, &local);
	REPORT(r->plan, EVENT_ACCEPTED, .peer = &peer, .local = &local);
}

int
run_say_access_error(const struct run *r,
    const struct access_error *access_error)
{
	const struct error *err = &access_error->err;

	if (access_error->fault == ACCESS_SYSTEM)
		return messages_failed(r->plan, err);
	if (access_error->rule == NULL)
		return REPORT(r->plan, EVENT_RESOLVE_FAILED,
		    .host = r->plan->host, .error = err);
	return REPORT(r->plan, EVENT_ACCESS_FAILED, .access = access_error);
}

void
run_say_multipath(const struct run *r, const struct fd *fd)
{
	if (r->plan->socket.protocol == IPPROTO_MPTCP && r->plan->verbose > 0)
		diag_plain(fd_is_multipath(fd) ?
		    "The connection is multipath TCP" :
		    "The connection is plain TCP: the peer has no multipath");
}

void
run_say_secured(const struct run *r, const struct layer *tls,
    const struct target *peer)
{
	struct tls_facts facts;

	if (tls == NULL)
		return;
	(void)layer_facts(tls, &facts);
	REPORT(r->plan, EVENT_SECURED, .tls = &facts, .target = peer);
}

/* An error of an operation with this peer. */
static struct error
run_error_with(const struct run *r, const char *op, const struct addr *peer,
    const struct error *why)
{
	char name[ENDPOINT_NAME_MAX];
	struct error err = *why;

	run_peer_name(r->plan, NULL, peer, name, sizeof(name));
	err.op = op;
	(void)strlcpy(err.object, name, sizeof(err.object));
	return err;
}

void
run_say_not_secured(const struct run *r, const struct addr *peer,
    const struct error *why)
{
	const struct error err = run_error_with(r, "TLS handshake with", peer,
	    why);

	REPORT(r->plan, EVENT_NOT_SECURED, .peer = peer, .error = &err);
}

void
run_say_not_announced(const struct run *r, const struct addr *peer,
    const struct error *why)
{
	struct addr shown = *peer;
	struct error err;

	if (!r->plan->show_mapped)
		addr_unmap(&shown);
	err = run_error_with(r, "read PROXY header from", &shown, why);
	(void)messages_failed(r->plan, &err);
}

void
run_peer_name(const struct plan *plan, const char *host,
    const struct addr *addr, char *buf, size_t size)
{
	char text[ADDR_HOST_MAX], port[ADDR_PORT_MAX];

	if (host == NULL)
		host = addr_host(addr, text, sizeof(text));
	/* The sender of a datagram without a name has no family either. */
	if (addr_family(addr) == AF_UNIX || addr_family(addr) == AF_UNSPEC) {
		(void)strlcpy(buf, *host != '\0' ? host : "unnamed socket",
		    size);
		return;
	}
	(void)strlcpy(buf, host, size);
	/* Without printf(3): a server does this for each client. */
	if (plan_has_ports(plan)) {
		(void)num_put(port, addr_port(addr));
		(void)strlcat(buf, " port ", size);
		(void)strlcat(buf, port, size);
	}
	(void)strlcat(buf, " (", size);
	(void)strlcat(buf, plan_proto(plan), size);
	(void)strlcat(buf, ")", size);
}

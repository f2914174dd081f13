#include "chat/chat.h"
#include "layer/tls.h"
#include "mode/mode.h"
#include "net/socket.h"

conn_starter *
mode_starter(const struct plan *plan)
{
	return plan->near == PLAN_EXEC ? conn_exec :
	    plan->near == PLAN_PASS ? conn_pass : conn_echo;
}

void
mode_meet_secured(struct run *r, const struct layer *tls)
{
	struct tls_facts facts;

	if (r->near_ops == NULL || r->near_ops->secured == NULL)
		return;
	layer_tls_facts(tls, &facts);
	r->near_ops->secured(r, &facts);
}

bool
mode_open_far(struct run *r, struct fd *fd, const struct addr *peer,
    const struct mode_peer *p)
{
	struct addr local = { .len = 0 };
	struct addr named = *peer;
	char name[ENDPOINT_NAME_MAX];

	if (p->port != 0)
		addr_set_port(&named, p->port);
	run_peer_name(r->plan, p->host, &named, name, sizeof(name));
	if ((p->udp ? endpoint_udp(&r->far, r->loop, fd) :
	    endpoint_socket(&r->far, r->loop, fd, fd->kind == FD_DGRAM,
	    name)) == -1) {
		run_fail_peer(r, "use", name);
		if (p->tls != NULL)
			layer_close(p->tls);
		fd_close(fd);
		return false;
	}
	if (r->chat != NULL) {
		if (p->local != NULL)
			local = *p->local;
		else
			(void)addr_local(&local, fd->num);
		/* With tcp_reflect_tos, who called may see its own mark. */
		chat_meet(r->chat, peer, p->host, &local,
		    r->plan->mode == PLAN_LISTEN &&
		    sockopt_peer_tos(fd, peer) == CHAT_TOS);
	}
	if (p->tls != NULL) {
		mode_meet_secured(r, p->tls);
		endpoint_wrap(&r->far, p->tls);
	}
	if (!p->udp)
		return true;
	endpoint_rename(&r->far, name);
	endpoint_udp_only(&r->far, peer);
	if (r->chat != NULL)
		endpoint_udp_farewell(&r->far);
	return true;
}

void
mode_hold(struct run *r, struct conn **c, int status)
{
	if (*c == NULL) {
		run_stop(r, status);
		return;
	}
	r->interrupt = conn_interrupt;
	r->interrupt_arg = c;
}

void
mode_on_over(void *arg, struct conn *c, int status)
{
	struct run *r = arg;

	(void)c;
	*(struct conn **)r->interrupt_arg = NULL;
	r->interrupt = NULL;
	run_stop(r, status);
}

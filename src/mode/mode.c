#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "chat/chat.h"
#include "chat/room.h"
#include "layer/tls.h"
#include "mode/mode.h"
#include "net/socket.h"
#include "serve/forward.h"
#include "serve/proxy_server.h"
#include "serve/server.h"

conn_starter *
mode_starter(const struct plan *plan)
{
	static conn_starter *const starters[] = {
		[PLAN_STDIO] = conn_multi_client,
		[PLAN_EXEC] = conn_exec,
		[PLAN_ECHO] = conn_echo,
		[PLAN_FORWARD] = conn_forward,
		[PLAN_PROXY_SERVER] = conn_proxy,
		[PLAN_HUB] = conn_member,
		[PLAN_PASS] = conn_pass
	};

	return plan_echoes_in_batches(plan) ? conn_echo_datagrams :
	    starters[plan->near];
}

/* Writes to a pipe that is large enough, in one piece; -1 with errno. */
static int
worker_tell(int num, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = write(num, buf, len);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)len ? 0 : -1;
}

int
worker_ready(const struct worker *w, const struct addr *bound, size_t n,
    int nworkers)
{
	struct worker_open open;
	uint16_t port = n > 0 ? (uint16_t)addr_port(&bound[0]) : 0;
	int rc;

	memset(&open, 0, sizeof(open));
	open.number = w->number;
	for (; open.n < n && open.n < SOCKETS; open.n++)
		open.bound[open.n] = bound[open.n];
	for (int i = 1; w->others != -1 && i < nworkers; i++)
		if (worker_tell(w->others, &port, sizeof(port)) == -1)
			return -1;
	if (w->others != -1)
		(void)close(w->others);
	rc = worker_tell(w->parent, &open, sizeof(open));
	/* An attacker in this worker cannot tell the parent more. */
	(void)close(w->parent);
	return rc;
}

bool
mode_open_far(struct run *r, struct fd *fd, const struct addr *peer,
    const struct mode_peer *p)
{
	const struct udp_options udp = { .only = peer,
	    .farewell = r->chat != NULL };
	struct addr local = { .len = 0 };
	struct addr named = *peer;
	struct tls_facts facts;
	char name[ENDPOINT_NAME_MAX];

	if (p->port != 0)
		addr_set_port(&named, p->port);
	run_peer_name(r->plan, p->host, &named, name, sizeof(name));
	if ((p->udp ? endpoint_udp(&r->far, r->loop, fd, name, &udp) :
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
		/* Names the certificate to the person at the near end. */
		if (r->near_ops.secured != NULL) {
			(void)layer_facts(p->tls, &facts);
			r->near_ops.secured(r, &facts);
		}
		endpoint_wrap(&r->far, p->tls);
	}
	return true;
}

void
mode_serve(struct run *r, struct conn **c, const struct conn_start *start)
{
	int status = 0;

	*c = mode_starter(r->plan)(start, &status);
	/* The peer's first bytes may have come with a handshake. */
	if (*c != NULL)
		conn_wake(*c);
	mode_hold(r, c, status);
}

void
mode_hold(struct run *r, struct conn **c, int status)
{
	if (*c == NULL) {
		run_stop(r, status);
		return;
	}
	r->interrupt = (struct run_hook){ conn_interrupt, c };
}

void
mode_on_over(void *arg, struct conn *c, int status)
{
	struct run *r = arg;

	(void)c;
	*(struct conn **)r->interrupt.arg = NULL;
	r->interrupt.call = NULL;
	run_stop(r, status);
}

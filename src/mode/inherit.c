/*
 * The peer is on descriptors that the program was started with: by inetd (0
 * and 1), by a UCSPI program (0 and 1, or 6 and 7), or by a service manager
 * that accepts connections (3).
 *
 * Laws: the descriptors are shared with the program that gave them, and none
 * of their flags is changed. A socket on 0, 1 or 2 is moved to another number:
 * closing it then ends the connection, and no message goes to the peer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "chat/chat.h"
#include "door/greet.h"
#include "mode/mode.h"
#include "run/user.h"

/* The descriptors of the peer of a UCSPI client. */
#define UCSPI_IN	6
#define UCSPI_OUT	7

struct inherit {
	struct run	 run;
	struct conn	*conn;		/* a command or an echo; or NULL */
	struct greet	*greet;		/* NULL: not begun */
	struct addr	 peer, local;	/* len 0: not known */
	bool		 is_one;	/* one socket for both directions */
	struct fd	 in, out;	/* equal, if is_one */
};

/* why NULL: by errno. Returns -1. */
static int
inherit_refuse(struct error *err, int num, const char *why)
{
	error_set(err, why != NULL ? EINVAL : errno, "use", "descriptor %d",
	    num);
	if (why != NULL)
		(void)strlcpy(err->why, why, sizeof(err->why));
	return -1;
}

static void
inherit_leave(int num)
{
	struct fd fd = { .num = num };

	fd_retire(&fd);
}

/* inetd has the peer on 2, too: standard error is then closed. */
static int
inherit_take_one(struct inherit *h, int in, int out, struct error *err)
{
	int num = fcntl(in, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (num == -1 || fd_inherit_socket(&h->in, num) == -1)
		return inherit_refuse(err, in, NULL);
	if (fd_listens(num))
		return inherit_refuse(err, in, "it listens, and has no peer");
	if (fd_same(STDERR_FILENO, num))
		inherit_leave(STDERR_FILENO);
	inherit_leave(in);
	if (out != in)
		inherit_leave(out);
	h->out = h->in;
	h->is_one = true;
	return 0;
}

static int
inherit_take_two(struct inherit *h, int in, int out, struct error *err)
{
	if (in == out) {
		errno = fcntl(in, F_GETFD) == -1 ? EBADF : ENOTSOCK;
		return inherit_refuse(err, in, NULL);
	}
	if (fd_inherit(&h->in, in, O_RDONLY) == -1)
		return inherit_refuse(err, in, NULL);
	if (fd_inherit(&h->out, out, O_WRONLY) == -1)
		return inherit_refuse(err, out, NULL);
	return 0;
}

/* Takes an address from the variables of UCSPI. */
static void
inherit_from_environment(struct addr *a, const char *ip_name,
    const char *port_name)
{
	const char *ip = getenv(ip_name), *port = getenv(port_name);
	long long n = 0;

	memset(a, 0, sizeof(*a));
	if (ip != NULL && addr_numeric(a, ip, AF_UNSPEC) && port != NULL &&
	    num_int(port, 0, UINT16_MAX, &n) == NULL)
		addr_set_port(a, (unsigned)n);
}

static void
inherit_unmap(struct inherit *h, const struct plan *plan)
{
	if (plan->show_mapped)
		return;
	addr_unmap(&h->peer);
	addr_unmap(&h->local);
}

static void
inherit_find_names(struct inherit *h, const struct plan *plan)
{
	if (!h->is_one || addr_peer(&h->peer, h->in.num) == -1)
		inherit_from_environment(&h->peer, "TCPREMOTEIP",
		    "TCPREMOTEPORT");
	if (!h->is_one || addr_local(&h->local, h->in.num) == -1)
		inherit_from_environment(&h->local, "TCPLOCALIP",
		    "TCPLOCALPORT");
	inherit_unmap(h, plan);
}

/* Makes an endpoint of two descriptors; -1 with errno. */
static int
inherit_open_two(struct inherit *h, struct endpoint *far)
{
	endpoint_init(far, h->run.loop);
	if (endpoint_add_in(far, &h->in, "the peer") == -1)
		return -1;
	return endpoint_add_out(far, &h->out, "the peer");
}

static void
inherit_converse(struct inherit *h, struct layer *tls)
{
	struct run *r = &h->run;

	if (h->is_one) {
		if (!mode_open_far(r, &h->in, &h->peer, &(struct mode_peer){
		    .local = &h->local, .tls = tls }))
			return;
	} else if (inherit_open_two(h, &r->far) == -1) {
		run_fail_peer(r, "use", "the peer");
		return;
	} else if (r->chat != NULL)
		chat_meet(r->chat, &h->peer, NULL, &h->local, false);
	if (run_open_far(r, false))
		run_session(r, false, h->is_one && h->in.kind == FD_STREAM &&
		    !r->is_unix);
}

/* Makes the endpoint of a peer on two descriptors. */
static int
inherit_join(void *arg, struct conn *c, const char *name)
{
	(void)name;
	return inherit_open_two(arg, &c->ep);
}

static void
inherit_serve(struct inherit *h, struct layer *tls)
{
	struct run *r = &h->run;
	const struct conn_start start = { .run = r,
	    .fd = h->is_one ? &h->in : NULL,
	    .join = h->is_one ? NULL : inherit_join, .join_arg = h,
	    .peer = &h->peer, .local = &h->local, .tls = &tls, .number = 1,
	    .over = mode_on_over, .arg = r };

	mode_serve(r, &h->conn, &start);
}

/* ---- The peer, after a header of the PROXY protocol and TLS ------------- */

static void
inherit_on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	struct inherit *h = arg;
	struct run *r = &h->run;

	if (h->is_one)
		h->in = h->out = *fd;
	/* Those of a header. */
	if (ends->local.len != 0) {
		h->peer = r->announced = ends->peer;
		h->local = ends->local;
		inherit_unmap(h, r->plan);
	}
	if (tls == NULL)
		REPORT(r->plan, EVENT_ACCEPTED, .peer = &h->peer,
		    .local = &h->local);
	run_say_secured(r, tls, &(struct target){ .addr = &h->peer });
	if (run_has_near(r->plan))
		inherit_converse(h, tls);
	else
		inherit_serve(h, tls);
}

static void
inherit_on_not_secured(void *arg, const struct addr *peer,
    const struct error *err)
{
	struct inherit *h = arg;

	(void)peer;
	run_say_not_secured(&h->run, &h->peer, err);
	run_stop(&h->run, 1);
}

static void
inherit_on_not_announced(void *arg, const struct addr *peer,
    const struct error *err)
{
	struct inherit *h = arg;

	run_say_not_announced(&h->run, peer, err);
	run_stop(&h->run, 1);
}

static void
inherit_greet(struct inherit *h)
{
	static const struct listener_ops ops = {
		.accepted = inherit_on_accepted,
		.not_secured = inherit_on_not_secured,
		.not_announced = inherit_on_not_announced
	};
	struct run *r = &h->run;

	h->greet = greet_new(r->loop, r->tls, &ops, h);
	if (h->greet == NULL) {
		run_stop(r, run_failed(r, "use", "the peer"));
		return;
	}
	if (r->plan->proxyp.accept)
		greet_expect_headers(h->greet);
	greet_client(h->greet, &h->in, &(struct addr_pair){ .peer = h->peer },
	    NULL);
}

/* ---- Beginning ---------------------------------------------------------- */

/* What this plan needs one socket for, in both directions; NULL: nothing. */
static const char *
inherit_needs_one(const struct plan *plan)
{
	const struct plan_taps *t = &plan->taps;

	return plan->near == PLAN_ECHO ?
	    "an echo needs one socket for both directions" :
	    plan->proxyp.accept ?
	    "a PROXY header needs one socket for both directions" :
	    plan->tls.on ? "TLS needs one socket for both directions" :
	    t->telnet || t->dump != NULL || t->dump_bare != NULL ||
	    t->output != NULL ?
	    "-t, -o and --output need one socket for both directions" : NULL;
}

static int
inherit_take(struct inherit *h, const struct plan *plan, struct error *err)
{
	int in = plan->service.peer_in, out = plan->service.peer_out;
	enum fd_kind kind;
	const char *why;
	bool one;

	/*
	 * tcpclient starts a program with the peer on 6 and 7, and tcpclient's
	 * standard streams; UCSPI programs set PROTO.
	 */
	if (in == STDIN_FILENO && out == STDOUT_FILENO &&
	    getenv("PROTO") != NULL &&
	    fd_classify(STDIN_FILENO) != FD_STREAM &&
	    fd_classify(UCSPI_IN) == FD_STREAM &&
	    fd_classify(UCSPI_OUT) == FD_STREAM) {
		in = UCSPI_IN;
		out = UCSPI_OUT;
	} else if (in == STDIN_FILENO && run_has_near(plan))
		return inherit_refuse(err, in, "standard input and output are "
		    "the peer's: use -e, -c or --echo");
	kind = fd_classify(in);
	one = (kind == FD_STREAM || kind == FD_DGRAM) && fd_same(in, out);
	if ((one ? inherit_take_one : inherit_take_two)(h, in, out, err) == -1)
		return -1;
	inherit_find_names(h, plan);
	why = !one ? inherit_needs_one(plan) : kind != FD_DGRAM ? NULL :
	    h->peer.len == 0 ? "it has no peer" :
	    plan->tls.on ? "TLS needs a stream" :
	    plan->proxyp.accept ? "a PROXY header needs a stream" : NULL;
	return why != NULL ? inherit_refuse(err, in, why) : 0;
}

int
mode_inherit(const struct plan *plan)
{
	struct inherit h;
	struct error err;
	int status;

	memset(&h, 0, sizeof(h));
	/* Before another descriptor may get any of these numbers. */
	if (inherit_take(&h, plan, &err) == -1)
		return messages_failed(plan, &err);
	if ((status = run_open(&h.run, plan, &h)) != 0)
		return status;
	h.run.is_unix = addr_family(&h.local) == AF_UNIX;
	status = run_open_ends(&h.run, true, chat_near_ops(plan));
	if (status != 0)
		run_stop(&h.run, status);
	else if (user_become(&h.run) &&
	    run_confine(&h.run, CONFINE_CONNECTED)) {
		inherit_greet(&h);
		loop_run(h.run.loop);
	}
	greet_free(h.greet);
	if (h.conn != NULL)
		conn_stop(h.conn, true);
	return run_close(&h.run);
}

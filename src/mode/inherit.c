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
#include "reach/handshake.h"
#include "reach/proxyp_layer.h"
#include "run/user.h"

/* The descriptors of the peer of a UCSPI client. */
#define UCSPI_IN	6
#define UCSPI_OUT	7

struct inherit {
	struct run	 run;
	struct conn	*conn;		/* a command or an echo; or NULL */
	struct handshake *handshake;	/* NULL: none is under way */
	struct proxyp_ends ends;	/* of a header of the PROXY protocol */
	struct layer	*tls;		/* after it; NULL: none, or in use */
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

static int
inherit_open_far(struct inherit *h, struct endpoint *far)
{
	struct run *r = &h->run;
	char name[ENDPOINT_NAME_MAX];

	run_peer_name(r->plan, NULL, &h->peer, name, sizeof(name));
	if (h->is_one) {
		if (endpoint_socket(far, r->loop, &h->in,
		    h->in.kind == FD_DGRAM, name) == -1)
			return -1;
		if (h->tls != NULL)
			endpoint_wrap(far, h->tls);
		h->tls = NULL;
		return 0;
	}
	endpoint_init(far, r->loop);
	if (endpoint_add_in(far, &h->in, "the peer") == -1)
		return -1;
	return endpoint_add_out(far, &h->out, "the peer");
}

static void
inherit_converse(struct inherit *h)
{
	struct run *r = &h->run;
	struct layer *tls = h->tls;

	if (inherit_open_far(h, &r->far) == -1) {
		run_fail_peer(r, "use", "the peer");
		return;
	}
	if (r->chat != NULL)
		chat_meet(r->chat, &h->peer, NULL, &h->local, false);
	if (tls != NULL)
		mode_meet_secured(r, tls);
	if (!run_open_far(r, false))
		return;
	run_session(r, false, h->is_one && h->in.kind == FD_STREAM &&
	    !r->is_unix);
}

/* Makes the endpoint of a peer on two descriptors. */
static int
inherit_join(void *arg, struct conn *c, const char *name)
{
	(void)name;
	return inherit_open_far(arg, &c->ep);
}

static void
inherit_serve(struct inherit *h)
{
	struct run *r = &h->run;
	struct layer *tls = h->tls;
	struct conn_start start = { .run = r, .fd = h->is_one ? &h->in : NULL,
	    .join = h->is_one ? NULL : inherit_join, .join_arg = h,
	    .peer = &h->peer, .local = &h->local, .tls = &tls, .number = 1,
	    .over = mode_on_over, .arg = r };
	int status = 0;

	h->tls = NULL;
	h->conn = mode_starter(r->plan)(&start, &status);
	/* The peer's first bytes may have come with the handshake. */
	if (h->conn != NULL)
		conn_wake(h->conn);
	mode_hold(r, &h->conn, status);
}

static void
inherit_begin(struct inherit *h)
{
	struct run *r = &h->run;

	if (h->tls == NULL)
		messages_report(r->plan, &(struct report){ EVENT_ACCEPTED,
		    .peer = &h->peer, .local = &h->local });
	run_say_secured(r, h->tls, &(struct target){ .addr = &h->peer });
	if (run_has_near(r->plan))
		inherit_converse(h);
	else
		inherit_serve(h);
}

/* ---- TLS ---------------------------------------------------------------- */

static void
inherit_on_secured(void *arg, struct fd *fd, struct layer *tls)
{
	struct inherit *h = arg;

	h->handshake = NULL;
	h->in = h->out = *fd;
	h->tls = tls;
	inherit_begin(h);
}

static void
inherit_on_not_secured(void *arg, const struct error *err)
{
	struct inherit *h = arg;

	h->handshake = NULL;
	run_say_not_secured(&h->run, &h->peer, err);
	run_stop(&h->run, 1);
}

/* The peer has the time of a listener's client. */
static void
inherit_shake(struct inherit *h, struct layer *layer,
    const struct handshake_ops *ops)
{
	struct run *r = &h->run;

	h->handshake = handshake_start(r->loop, &h->in, layer,
	    loop_now(r->loop) + GREET_TIME, ops, h);
	if (h->handshake == NULL)
		run_stop(r, run_failed(r, "use", "the peer"));
}

/* ---- The header of the PROXY protocol ----------------------------------- */

static void
inherit_meet(struct inherit *h)
{
	static const struct handshake_ops ops = { inherit_on_secured,
	    inherit_on_not_secured };

	if (h->run.plan->tls.on)
		inherit_shake(h, layer_tls(h->run.tls, NULL), &ops);
	else
		inherit_begin(h);
}

static void
inherit_on_announced(void *arg, struct fd *fd, struct layer *layer)
{
	struct inherit *h = arg;
	const struct proxyp_ends *ends = &h->ends;

	(void)layer;
	h->handshake = NULL;
	h->in = h->out = *fd;
	if (ends->source.len != 0) {
		h->peer = h->run.announced = ends->source;
		h->local = ends->dest;
		inherit_unmap(h, h->run.plan);
	}
	inherit_meet(h);
}

static void
inherit_on_not_announced(void *arg, const struct error *err)
{
	struct inherit *h = arg;

	h->handshake = NULL;
	run_say_not_announced(&h->run, &h->peer, err);
	run_stop(&h->run, 1);
}

/* ---- Beginning ---------------------------------------------------------- */

/* Options that need both directions in an endpoint are refused. */
static int
inherit_check_two(const struct plan *plan, int in, struct error *err)
{
	const struct plan_taps *t = &plan->taps;

	if (plan->near == PLAN_ECHO)
		return inherit_refuse(err, in,
		    "an echo needs one socket for both directions");
	if (plan->proxyp.accept)
		return inherit_refuse(err, in, "a PROXY header needs one "
		    "socket for both directions");
	if (plan->tls.on)
		return inherit_refuse(err, in,
		    "TLS needs one socket for both directions");
	if (t->telnet || t->dump != NULL || t->dump_bare != NULL ||
	    t->output != NULL)
		return inherit_refuse(err, in, "-t, -o and --output need one "
		    "socket for both directions");
	return 0;
}

static int
inherit_take(struct inherit *h, const struct plan *plan, struct error *err)
{
	int in = plan->service.peer_in, out = plan->service.peer_out;
	enum fd_kind kind;
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
	if (one && kind == FD_DGRAM && h->peer.len == 0)
		return inherit_refuse(err, in, "it has no peer");
	if (one && kind == FD_DGRAM && plan->tls.on)
		return inherit_refuse(err, in, "TLS needs a stream");
	if (one && kind == FD_DGRAM && plan->proxyp.accept)
		return inherit_refuse(err, in, "a PROXY header needs a "
		    "stream");
	return one ? 0 : inherit_check_two(plan, in, err);
}

int
mode_inherit(const struct plan *plan)
{
	static const struct handshake_ops header_ops = { inherit_on_announced,
	    inherit_on_not_announced };
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
		if (plan->proxyp.accept)
			inherit_shake(&h, proxyp_receiver(&h.ends),
			    &header_ops);
		else
			inherit_meet(&h);
		loop_run(h.run.loop);
	}
	handshake_cancel(h.handshake);
	if (h.tls != NULL)
		layer_close(h.tls);
	if (h.conn != NULL)
		conn_stop(h.conn, true);
	return run_close(&h.run);
}

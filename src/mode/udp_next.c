#include <sys/socket.h>
#include <errno.h>

#include "mode/udp_next.h"
#include "run/metrics.h"

/* How many of the addresses were tried, the one in use with them. */
static size_t
udp_next_tried(const struct udp_next *u)
{
	const struct addr_list *all = &u->destinations->remote;
	struct addr a;
	size_t i;

	for (i = 0; i < all->n; i++) {
		a = all->v[i];
		if (u->port != 0)
			addr_set_port(&a, u->port);
		if (addr_equal(&a, &u->at))
			return i + 1;
	}
	return all->n;
}

static void
udp_next_tell_refused(const struct udp_next *u)
{
	const struct run *r = u->destinations->run;
	struct target t = { .host = r->plan->host, .port = u->port,
	    .addr = &u->at };
	struct error err;

	error_set(&err, ECONNREFUSED, "send to", "%s", r->far.in.name);
	(void)r->messages->connect_failed(r->plan, &t, &err, false);
}

static void
udp_next_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct udp_next *u = arg;
	const struct run *r = u->destinations->run;
	struct target t = { .host = r->plan->host, .port = u->port,
	    .addr = addr };

	u->dial = NULL;
	u->at = *addr;
	r->messages->connected(r->plan, &t);
	udp_resend_move(u->resend, fd);
}

static void
udp_next_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct udp_next *u = arg;
	const struct run *r = u->destinations->run;
	struct target t = { .host = r->plan->host, .port = u->port,
	    .addr = addr };

	(void)r->messages->connect_failed(r->plan, &t, err, false);
	if (!last)
		return;
	u->dial = NULL;
	udp_resend_stay(u->resend);
}

static bool
udp_next_refused(void *arg)
{
	static const struct dial_ops ops = { udp_next_connected,
	    udp_next_failed };
	struct udp_next *u = arg;
	const struct destinations *t = u->destinations;
	size_t tried = udp_next_tried(u);
	struct dial_options opt = destinations_dial_options(t, u->port);
	const struct addr_list left = { .v = t->remote.v + tried,
	    .n = t->remote.n - tried };

	if (left.n == 0)
		return false;
	opt.to = &left;
	u->dial = dial_start(t->run->loop, &opt, &ops, u);
	if (u->dial == NULL)
		return false;
	udp_next_tell_refused(u);
	return true;
}

/* A port of our own (-p) belongs to the first socket until that is closed. */
void
udp_next_watch(struct udp_next *u, struct destinations *t, unsigned port,
    const struct addr *addr)
{
	const struct run *r = t->run;

	*u = (struct udp_next){ .destinations = t, .port = port, .at = *addr };
	if (!r->plan->udp_next || r->plan->type != TYPE_DGRAM ||
	    r->plan->socket.type != 0 || r->chat != NULL ||
	    !addr_is_inet(addr) || r->plan->local_port != NULL ||
	    udp_next_tried(u) == t->remote.n)
		return;
	/* Without memory, the first address is all there is. */
	u->resend = udp_resend_new(&t->run->far, udp_next_refused, u);
}

void
udp_next_stop(struct udp_next *u)
{
	dial_cancel(u->dial);
	u->dial = NULL;
	u->resend = NULL;
}

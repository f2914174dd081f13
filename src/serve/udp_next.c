#include <stdlib.h>
#include <string.h>

#include "endpoint/endpoint.h"
#include "serve/udp_next.h"

struct udp_next {
	struct loop		*loop;
	struct udp_resend	*resend;
	struct dial_options	 opt;
	struct dial		*dial;		/* NULL: not dialling */
	struct addr_list	 left;		/* not tried yet; into v */
	struct addr		 v[];
};

static void
udp_next_advance(struct udp_next *u)
{
	u->left.v++;
	u->left.n--;
}

static void
udp_next_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct udp_next *u = arg;

	(void)addr, (void)tls;
	u->dial = NULL;
	udp_next_advance(u);
	udp_resend_move(u->resend, fd);
}

static void
udp_next_on_failed(void *arg, const struct addr *addr,
    const struct error *err, bool last)
{
	struct udp_next *u = arg;

	(void)addr, (void)err;
	udp_next_advance(u);
	if (!last)
		return;
	u->dial = NULL;
	udp_resend_stay(u->resend);
}

static bool
udp_next_on_refused(void *arg)
{
	static const struct dial_ops ops = { .connected = udp_next_on_connected,
	    .failed = udp_next_on_failed };
	struct udp_next *u = arg;

	u->opt.to = &u->left;
	if (u->left.n > 0)
		u->dial = dial_start(u->loop, &u->opt, &ops, u);
	return u->dial != NULL;
}

static void
udp_next_on_closed(void *arg)
{
	struct udp_next *u = arg;

	dial_cancel(u->dial);
	free(u);
}

/* How many addresses were tried, this one included. */
static size_t
udp_next_tried(const struct dial_options *opt, const struct addr *addr)
{
	struct addr a;

	for (size_t i = 0; i < opt->to->n; i++) {
		a = opt->to->v[i];
		if (opt->port != 0)
			addr_set_port(&a, opt->port);
		if (addr_equal(&a, addr))
			return i + 1;
	}
	return opt->to->n;
}

void
udp_next_watch(struct endpoint *ep, const struct dial_options *opt,
    const struct addr *addr)
{
	size_t tried = udp_next_tried(opt, addr), n = opt->to->n - tried;
	struct udp_next *u;

	if (n == 0 || (u = malloc(sizeof(*u) + n * sizeof(u->v[0]))) == NULL)
		return;
	*u = (struct udp_next){ .loop = ep->loop, .opt = *opt,
	    .left = { .v = u->v, .n = n } };
	/* A connected socket costs less than a race. */
	u->opt.race_delay = -1;
	memcpy(u->v, opt->to->v + tried, n * sizeof(u->v[0]));
	u->resend = udp_resend_new(ep, udp_next_on_refused, u);
	if (u->resend != NULL)
		udp_resend_on_close(u->resend, udp_next_on_closed);
	else
		free(u);
}

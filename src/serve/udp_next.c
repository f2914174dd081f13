#include <stdlib.h>
#include <string.h>

#include "endpoint/endpoint.h"
#include "serve/udp_next.h"

struct udp_next {
	struct loop		*loop;
	struct udp_resend	*resend;
	struct dial_options	 opt;
	const struct udp_next_ops *ops;		/* NULL: none */
	void			*arg;
	struct dial		*dial;		/* NULL: not dialling */
	struct addr		 at;		/* that is connected */
	struct addr_list	 left;		/* not tried yet; into v */
	struct addr		 v[];
};

static void
udp_next_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct udp_next *u = arg;

	(void)tls;
	u->dial = NULL;
	u->at = *addr;
	u->left.v++;
	u->left.n--;
	if (u->ops != NULL)
		u->ops->moved(u->arg, addr);
	udp_resend_move(u->resend, fd);
}

static void
udp_next_on_failed(void *arg, const struct addr *addr,
    const struct error *err, bool last)
{
	struct udp_next *u = arg;

	u->left.v++;
	u->left.n--;
	if (u->ops != NULL)
		u->ops->failed(u->arg, addr, err);
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
	if (u->dial != NULL && u->ops != NULL)
		u->ops->refused(u->arg, &u->at);
	return u->dial != NULL;
}

static void
udp_next_on_closed(void *arg)
{
	struct udp_next *u = arg;

	dial_cancel(u->dial);
	free(u);
}

bool
udp_next_watch(struct endpoint *ep, const struct dial_options *opt,
    const struct addr *addr, const struct udp_next_ops *ops, void *arg)
{
	const struct addr_list *all = opt->to;
	struct udp_next *u;
	struct addr a;
	size_t at, n;

	for (at = 0; at < all->n; at++) {
		a = all->v[at];
		if (opt->port != 0)
			addr_set_port(&a, opt->port);
		if (addr_equal(&a, addr))
			break;
	}
	if (at + 1 >= all->n)
		return false;
	n = all->n - (at + 1);
	if ((u = malloc(sizeof(*u) + n * sizeof(u->v[0]))) == NULL)
		return false;
	*u = (struct udp_next){ .loop = ep->loop, .opt = *opt, .ops = ops,
	    .arg = arg, .at = *addr, .left = { .v = u->v, .n = n } };
	/* A connected socket costs less than a race. */
	u->opt.race_delay = -1;
	memcpy(u->v, all->v + at + 1, n * sizeof(u->v[0]));
	u->resend = udp_resend_new(ep, udp_next_on_refused, u);
	if (u->resend == NULL) {
		free(u);
		return false;
	}
	udp_resend_on_close(u->resend, udp_next_on_closed);
	return true;
}

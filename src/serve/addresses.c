/*
 * The addresses of a host, for many clients.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "reach/resolve.h"
#include "run/net_options.h"
#include "serve/addresses.h"

/* How long the addresses of a name are used. */
#define ADDRESSES_FRESH	(30 * NSEC_PER_SEC)

static void
addresses_answer(struct addresses *a, const struct error *err)
{
	struct addresses_ask *ask;
	size_t n = 0;

	/* Those that ask again meanwhile wait for the next answer. */
	TAILQ_FOREACH(ask, &a->asks, link)
		n++;
	while (n-- > 0 && (ask = TAILQ_FIRST(&a->asks)) != NULL) {
		addresses_leave(a, ask);
		ask->answered(ask->arg, err);
	}
}

static void
addresses_on_resolved(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct addresses *a = arg;
	struct error named = *err;

	a->resolve = NULL;
	timer_clear(a->run->loop, &a->limit);
	if (err->num == 0 && err->gai == 0) {
		addr_list_free(&a->list);
		a->list = *list;
		a->until = loop_now(a->run->loop) + ADDRESSES_FRESH;
		addresses_answer(a, NULL);
		return;
	}
	named.op = "look up";
	(void)snprintf(named.object, sizeof(named.object), "%s", a->host);
	addresses_answer(a, &named);
}

/* The thread goes on, and its late answer serves the next client. */
static void
addresses_on_limit(void *arg)
{
	struct addresses *a = arg;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", a->host);
	addresses_answer(a, &err);
}

void
addresses_init(struct addresses *a, struct run *run, const char *host,
    const char *port)
{
	struct addr known;
	long long number;

	*a = (struct addresses){ .run = run, .host = host,
	    .family = AF_UNSPEC, .numeric = run->plan->numeric,
	    .limit = { .fire = addresses_on_limit, .arg = a } };
	TAILQ_INIT(&a->asks);
	(void)snprintf(a->port, sizeof(a->port), "%s", port);
	if (!addr_numeric(&known, host, AF_UNSPEC) ||
	    num_int(port, 0, UINT16_MAX, &number) != NULL)
		return;
	addr_set_port(&known, (unsigned)number);
	/* Without memory, the resolver reads the number. */
	(void)addresses_init_fixed(a, run, &known);
	a->host = host;
}

int
addresses_init_fixed(struct addresses *a, struct run *run,
    const struct addr *known)
{
	struct addr *v = malloc(sizeof(*v));

	a->run = run;
	TAILQ_INIT(&a->asks);
	if (v == NULL)
		return -1;
	*v = *known;
	a->list = (struct addr_list){ .v = v, .n = 1 };
	a->fixed = true;
	return 0;
}

static int
addresses_look_up(struct addresses *a)
{
	const struct plan *plan = a->run->plan;
	struct resolve_options opt = net_resolve_options(plan);

	if (a->resolve == NULL) {
		opt.family = a->family;
		opt.numeric = a->numeric;
		opt.dgram = false;
		opt.wildcard = WILDCARD_BOTH;
		a->resolve = resolve_start(a->run->loop, &opt, a->host,
		    a->port, false, addresses_on_resolved, a);
	}
	if (a->resolve == NULL)
		return -1;
	if (plan->retry.names && plan->connect_timeout > 0 &&
	    !timer_is_set(&a->limit))
		timer_set(a->run->loop, &a->limit,
		    loop_now(a->run->loop) + plan->connect_timeout);
	return 0;
}

bool
addresses_get(struct addresses *a, struct addresses_ask *ask)
{
	struct error err;

	if (a->fixed || loop_now(a->run->loop) < a->until)
		return true;
	if (addresses_look_up(a) == -1) {
		error_set(&err, errno, "look up", "%s", a->host);
		ask->answered(ask->arg, &err);
		return false;
	}
	TAILQ_INSERT_TAIL(&a->asks, ask, link);
	ask->waits = true;
	return false;
}

void
addresses_leave(struct addresses *a, struct addresses_ask *ask)
{
	if (ask->waits)
		TAILQ_REMOVE(&a->asks, ask, link);
	ask->waits = false;
}

void
addresses_renew(struct addresses *a)
{
	a->until = 0;
}

void
addresses_free(struct addresses *a)
{
	if (a->run == NULL)
		return;
	resolve_cancel(a->resolve);
	timer_clear(a->run->loop, &a->limit);
	addr_list_free(&a->list);
}

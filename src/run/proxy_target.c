#include <errno.h>

#include "run/net_options.h"
#include "run/proxy_target.h"

static void
proxy_target_give_up(struct proxy_target *g, const struct error *err)
{
	if (g->run->plan->proxy.dns == DNS_BOTH)
		g->found(g->arg);
	else
		g->failed(g->arg, err);
}

static void
proxy_target_on_found(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct proxy_target *g = arg;

	g->resolve = NULL;
	timer_clear(g->run->loop, &g->limit);
	if (err->num != 0 || err->gai != 0) {
		proxy_target_give_up(g, err);
		return;
	}
	g->list = *list;
	g->found(g->arg);
}

static void
proxy_target_on_limit(void *arg)
{
	struct proxy_target *g = arg;
	struct error err;

	resolve_cancel(g->resolve);
	g->resolve = NULL;
	error_set(&err, ETIMEDOUT, "look up", "%s", g->run->plan->host);
	proxy_target_give_up(g, &err);
}

void
proxy_target_find(struct proxy_target *g, struct run *run,
    void (*found)(void *), void (*failed)(void *, const struct error *),
    void *arg)
{
	const struct plan *plan = run->plan;
	struct resolve_options opt = net_resolve_options(plan);
	struct error err;

	/* It may be there from the last time. */
	proxy_target_free(g);
	g->run = run;
	g->found = found;
	g->failed = failed;
	g->arg = arg;
	if (plan->proxy.kind == PROXY_NONE || plan->proxy.dns == DNS_REMOTE) {
		found(arg);
		return;
	}
	opt.numeric |= plan->proxy.dns == DNS_NONE;
	if (plan->proxy.kind == PROXY_SOCKS4)
		opt.family = AF_INET;
	g->limit = (struct timer){ .fire = proxy_target_on_limit, .arg = g };
	if (plan->proxy.timeout >= 0)
		timer_set(run->loop, &g->limit,
		    loop_now(run->loop) + plan->proxy.timeout);
	g->resolve = resolve_start(run->loop, &opt, plan->host, NULL, false,
	    proxy_target_on_found, g);
	if (g->resolve == NULL) {
		error_set(&err, errno, "look up", "%s", plan->host);
		run_fail(run, &err);
	}
}

void
proxy_target_free(struct proxy_target *g)
{
	if (g->run != NULL)
		timer_clear(g->run->loop, &g->limit);
	if (g->resolve != NULL)
		resolve_cancel(g->resolve);
	g->resolve = NULL;
	addr_list_free(&g->list);
}

#include <stdio.h>

#include "cli/option.h"

/* The options of the PROXY protocol. */

/* Alone, the option means version 1. */
int
set_send_proxy(struct parse *p, const char *arg)
{
	const char *const	*versions = actions[p->row->act].choices;

	if (arg != NULL && word_value(versions, arg) == -1)
		return refuse_choice(p, arg);
	p->plan->proxyp.send = arg == NULL ? 1 : word_value(versions, arg) + 1;
	return 0;
}

/* A listener alone makes no connections. */
int
seal_proxyp(struct parse *p)
{
	const struct plan	*plan = p->plan;

	return plan->proxyp.send == 0 || plan->mode != PLAN_LISTEN ||
	    plan->near == PLAN_FORWARD || plan->near == PLAN_PROXY_SERVER ? 0 :
	    refuse(p, "--send-proxy with -l is for the targets of --forward "
	    "and --serve-proxy");
}

void
explain_proxyp(const struct plan *plan)
{
	const struct plan_proxyp	*proxyp = &plan->proxyp;

	if (proxyp->accept)
		printf("PROXY protocol: each client begins with a header, "
		    "whose address counts as the client's\n");
	if (proxyp->send != 0)
		printf("PROXY protocol: a header of version %d tells %s\n",
		    proxyp->send, plan->subject == PLAN_LISTEN ?
		    "the target the client's address" :
		    "the peer the addresses of this connection");
}

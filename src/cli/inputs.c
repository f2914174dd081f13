#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"

/*
 * --input and --tag. A tag tells the peers of -l -k apart, or the inputs.
 */

int
set_input(struct parse *p, const struct action *a, const char *arg)
{
	struct plan	*plan = p->plan;
	const char	**list;

	(void)a;
	list = reallocarray(plan->inputs, plan->ninputs + 1, sizeof(*list));
	if (list == NULL)
		return refuse(p, "out of memory");
	plan->inputs = list;
	list[plan->ninputs++] = arg;
	return 0;
}

/* Refuses a format in which another letter than these follows a %. */
int
set_tag(struct parse *p, const struct action *a, const char *arg)
{
	const char	*s;

	(void)a;
	for (s = strchr(arg, '%'); s != NULL; s = strchr(s + 2, '%'))
		if (s[1] == '\0' || strchr("apnf%", s[1]) == NULL)
			return refuse(p, "--tag knows %%a, %%p, %%n, %%f and "
			    "%%%%: %s", arg);
	p->plan->serve.tag = arg;
	return 0;
}

static bool
inputs_tag_has(const char *tag, char field)
{
	for (tag = strchr(tag, '%'); tag != NULL; tag = strchr(tag + 2, '%'))
		if (tag[1] == field)
			return true;
	return false;
}

/*
 * With -l -k, a tag is about the inputs only if it names them (%f); otherwise
 * it stands before the lines of the clients. Senders of datagrams are not
 * numbered, for nothing tells when one of them has left.
 */
int
seal_tag(struct parse *p)
{
	struct plan	*plan = p->plan;
	const char	*tag = plan->serve.tag;
	bool		 peers = plan->mode == PLAN_LISTEN && plan->keep_open;

	if (tag == NULL)
		return 0;
	if (plan->ninputs == 0 && !peers)
		return refuse(p, "must use --input or -l -k with --tag");
	if (plan->ninputs == 0 && inputs_tag_has(tag, 'f'))
		return refuse(p, "must use --input with %%f of --tag");
	if (plan->ninputs > 0 && (!peers || inputs_tag_has(tag, 'f'))) {
		if (inputs_tag_has(tag, 'a') || inputs_tag_has(tag, 'p'))
			return refuse(p, "an input has no %%a and %%p: --tag "
			    "%s", tag);
		plan->input_tag = tag;
		plan->serve.tag = NULL;
	} else if (plan->type == TYPE_DGRAM && plan->near == PLAN_STDIO &&
	    inputs_tag_has(tag, 'n'))
		return refuse(p, "--tag has no %%n with -u");
	return 0;
}

void
explain_inputs(const struct plan *plan)
{
	for (size_t i = 0; i < plan->ninputs; i++)
		printf("input: %s\n", plan->inputs[i]);
	if (plan->input_tag != NULL)
		printf("inputs: joined by line behind %s\n", plan->input_tag);
}

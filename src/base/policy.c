#include <stdio.h>

#include "base/policy.h"

static const struct {
	const char	*when;
	const char	*then;		/* without a limit */
} far_rules[FAR_RULES] = {
	[RULE_NONE] = { "the input is being read", "wait" },
	[RULE_FILE] = { "the input is a file", "send all of it" },
	[RULE_ENDLESS] = { "the input has no end", "go on" },
	[RULE_FILTER] = { "the input is a FIFO, the output feeds a filter",
	    "close the output, wait for the end of the FIFO" },
	[RULE_SHARED] = { "the input is a FIFO, another process holds the "
	    "output open", "wait for the end of the FIFO" },
	[RULE_RECEIVED] = { "only the peer sent data",
	    "send until the input ends" },
	[RULE_EXCHANGED] = { "both sides sent data",
	    "send until the input ends" },
	[RULE_SENDING] = { "only the input gave data",
	    "send until the input ends" },
	[RULE_SILENT] = { "neither side sent data",
	    "send until the input ends" }
};

const char *
policy_far_text(const struct end_policy *p, enum far_rule rule,
    char buf[FAR_RULE_TEXT_MAX])
{
	int64_t limit = p->far_limit[rule];
	const char *when = far_rules[rule].when;

	if (limit <= 0)
		(void)snprintf(buf, FAR_RULE_TEXT_MAX, "%s: %s", when,
		    limit == 0 ? "leave at once" : far_rules[rule].then);
	else
		(void)snprintf(buf, FAR_RULE_TEXT_MAX,
		    "%s: leave after %.10g s without input%s", when,
		    (double)limit / (double)NSEC_PER_SEC,
		    rule == RULE_SILENT && p->silence_fails ?
		    ", with status 1" : "");
	return buf;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"

/* --sandbox, and $SOCKCAT_SANDBOX, which has its place without the option. */

/* The word kill, for tests, is for the variable alone. */
static int
sandbox_opts_from_environment(struct parse *p, const char *word)
{
	int	i = word_value(actions[ACT_SANDBOX].choices, word);

	if (i == -1 && strcmp(word, "kill") != 0)
		return refuse(p, "SOCKCAT_SANDBOX must be auto, off or "
		    "require: %s", word);
	p->plan->sandbox = i == -1 ? SANDBOX_KILL : (enum plan_sandbox)i;
	return 0;
}

int
seal_sandbox(struct parse *p)
{
	const char	*word = getenv("SOCKCAT_SANDBOX");

	if (p->seen[ACT_SANDBOX])
		return 0;
	p->plan->sandbox = SANDBOX_AUTO;
	if (word == NULL || *word == '\0')
		return 0;
	return sandbox_opts_from_environment(p, word);
}

void
explain_sandbox(const struct plan *plan)
{
	if (plan->sandbox == SANDBOX_OFF)
		printf("sandbox: off\n");
	if (plan->sandbox == SANDBOX_REQUIRE)
		printf("sandbox: required\n");
}

#include <inttypes.h>

#include "base/num.h"
#include "cli/option.h"

/*
 * The options that show how a transfer goes.
 */

/* --progress[=force] */
int
set_progress(struct parse *p, const char *arg)
{
	if (arg != NULL && word_value(actions[p->row->act].choices, arg) == -1)
		return refuse_choice(p, arg);
	p->plan->progress.when = arg != NULL ? PROGRESS_FORCE : PROGRESS_TTY;
	return 0;
}

/* Of an empty file, nothing is known that could be shown. */
int
set_size(struct parse *p, const char *arg)
{
	const char	*why = num_size(arg, &p->plan->progress.size);

	return why == NULL ? 0 : p->dialect->bad_value(p, why, arg);
}

/* --sum[=DIGEST], each of which may be asked for. */
int
set_sum(struct parse *p, const char *arg)
{
	int	kind = arg == NULL ? SUM_SHA256 :
		    word_value(actions[p->row->act].choices, arg);

	if (kind == -1)
		return refuse_choice(p, arg);
	p->plan->sums |= 1U << kind;
	return 0;
}

/* The digests, in the order in which they are printed. */
static void
transfer_opts_explain_sums(unsigned sums)
{
	const char *const	*names = actions[ACT_SUM].choices;

	if (sums == 0)
		return;
	printf("told: digests of each session, to standard error:");
	for (unsigned i = 0; i < SUM_KINDS; i++)
		if ((sums & 1U << i) != 0)
			printf(" %s", names[i]);
	putchar('\n');
}

void
explain_transfer(const struct plan *plan)
{
	const struct plan_progress	*progress = &plan->progress;

	transfer_opts_explain_sums(plan->sums);
	if (progress->when == PROGRESS_NEVER)
		return;
	printf("told: the progress, to standard error%s\n",
	    progress->when == PROGRESS_TTY ? " if that is a terminal" : "");
	if (progress->size != 0)
		printf("told: the progress, of %" PRIu64 " bytes\n",
		    progress->size);
}

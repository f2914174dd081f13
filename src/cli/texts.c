/*
 * What a program without its package still tells: the manual, and the
 * completions of shells (tools/texts).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/texts.inc"
#include "plan/plan.h"

/*
 * Standard output becomes a pipe to a pager, as man(1) chooses it, and this
 * process a child that writes. Without a pager, the terminal gets the text.
 */
static void
texts_page(void)
{
	const char *pager = getenv("MANPAGER");
	char buf[1024];
	ssize_t n;
	int ends[2];

	if (pager == NULL || *pager == '\0')
		pager = getenv("PAGER");
	if (pipe(ends) == -1)
		return;
	switch (fork()) {
	case 0:
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		return;
	case -1:
		break;
	default:
		(void)dup2(ends[0], STDIN_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)signal(SIGPIPE, SIG_DFL);
		if (pager != NULL && *pager != '\0')
			(void)execl("/bin/sh", "sh", "-c", pager, NULL);
		(void)execlp("less", "less", NULL);
		(void)execlp("more", "more", NULL);
		while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0 &&
		    write(STDOUT_FILENO, buf, (size_t)n) == n)
			;
		_exit(n == 0 ? 0 : 1);
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
plan_text(const struct plan *plan)
{
	const char *text = plan->mode == PLAN_MANUAL ? text_manual :
	    plan->mode == PLAN_BASH ? text_bash :
	    plan->mode == PLAN_ZSH ? text_zsh : text_fish;

	if (plan->mode == PLAN_MANUAL && isatty(STDOUT_FILENO))
		texts_page();
	return fputs(text, stdout) == EOF || fflush(stdout) != 0 ? -1 : 0;
}

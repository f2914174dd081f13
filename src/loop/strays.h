/*
 * Strays: processes of commands that left the group of their command, such as
 * daemons, and became children of this program when their parents ended.
 *
 * Laws: only children of this program are signalled, whose numbers cannot be
 * reused before they are reaped, and the groups of sessions that descendants
 * made. Children that this program had before exec, and theirs, never are.
 */
#ifndef LOOP_STRAYS_H
#define LOOP_STRAYS_H

#include <sys/types.h>
#include <stdbool.h>

/* The variable that marks the processes of a command: PID.N. */
#define STRAYS_MARK	"SOCKCAT_COMMAND"
#define STRAYS_MARK_MAX	(sizeof(STRAYS_MARK) + 32)

struct strays {
	int		 list;		/* of this program's children; -1:
					   the system has none */
	bool		 had_others;	/* there were children before exec */
	unsigned	 marked;	/* how many marks were made */
};

struct strays_of {
	const char	*mark;		/* NULL: the strays of all commands */
	bool		 alone;		/* so a stray without a mark belongs to
					   this command */
	/* Whether a child of this program is in the group of a command. */
	bool		(*is_in_group)(void *arg, pid_t pid, pid_t group);
	void		*arg;
};

void	strays_open(struct strays *);
void	strays_close(struct strays *);
/* Makes the mark of the next command, as NAME=VALUE. */
void	strays_mark(struct strays *, char mark[STRAYS_MARK_MAX]);
/* Whether the environment of a process has this mark, as far as readable. */
bool	strays_is_marked(pid_t, const char *mark);
/* Signals the strays; signo 0: none. Returns whether there are any. */
bool	strays_signal(const struct strays *, const struct strays_of *,
	    int signo);

#endif

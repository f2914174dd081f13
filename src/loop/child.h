/*
 * Children: programs that run beside the loop, and their deaths as events.
 *
 * Laws: a child has exactly the descriptors 0, 1 and 2, default actions for
 * all signals, none of them blocked, and a process group of its own, or a
 * session if another job has the terminal; a child that uses the terminal gets
 * it; a child is sent TERM if this program is killed;
 * child_start reports the errno of a failed start; the status is an event,
 * never waited for; the number of a group that may be reused is not signalled;
 * all signals are taken before the first child starts.
 */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdint.h>
#include <termios.h>

#include "loop/loop.h"

struct child;

/* The variable that marks the processes of a command: PID.N. */
#define STRAYS_MARK	"SOCKCAT_COMMAND"
#define STRAYS_MARK_MAX	(sizeof(STRAYS_MARK) + 32)

/* Processes that have left the group of their command. */
struct strays {
	int		 list;		/* of this program's children; -1:
					   the system has none */
	bool		 had_others;	/* there were children before exec */
	unsigned	 marked;	/* how many marks were made */
};

/*
 * The controlling terminal of this program, which a command gets that uses it.
 *
 * Laws: the terminal is lent only while this program's job is in the
 * foreground; it comes back with the modes that it had; nothing is taken from
 * a shell that has taken the terminal meanwhile. SIGTTOU is blocked as long as
 * the terminal is lent: this program is then a background job, whose messages
 * are still shown.
 */
struct terminal {
	int		 fd;		/* -1: there is no terminal */
	pid_t		 job;		/* this program's process group, as its
					   shell knows it */
	pid_t		 lent;		/* the group that has the terminal; 0:
					   none */
	struct termios	 modes;		/* ... before it was lent */
	sigset_t	 mask;		/* likewise */
};

/* All children of a loop. */
struct children {
	struct loop		*loop;
	TAILQ_HEAD(child_list, child) table[64];	/* by pid */
	struct rlimit		 files;		/* their RLIMIT_NOFILE */
	uint64_t		 taken;		/* signals with an action of
					   this program, as bits; 0: not
					   asked */
	size_t			 n;		/* those of the table */
	struct strays		 strays;
	struct terminal		 terminal;
	struct timer		 look;		/* whether a stopped child may
						   have the terminal */
	unsigned		 nudges;	/* SIGCONT is sent so often
						   again */
	int64_t			 suspended;	/* until this date the job may
						   be about to stop; 0: no */
};

struct child {
	TAILQ_ENTRY(child)	 link;
	struct children		*of;
	pid_t			 pid;		/* also the group; 0: none */
	bool			 running;	/* not reaped yet */
	bool			 alone;		/* the group is empty, and the
						   number may be reused */
	int			 status;	/* as of waitpid(2) */
	int			 stop_signal;	/* that has stopped a process
						   of the group; 0: none */
	/* For the environment, NAME=VALUE; "": none. */
	char			 mark[STRAYS_MARK_MAX];
	/* Called from a turn, when the child is reaped. */
	void			(*exited)(void *arg, struct child *);
	/* Called when the child is stopped and stays so; may be NULL. */
	void			(*stopped)(void *arg, struct child *);
	void			*arg;
};

struct child_spec {
	const char	*path;		/* the program */
	char *const	*argv;
	char *const	*envp;
	bool		 search;	/* path without a slash: look in PATH */
	int		 in, out, err;	/* become 0, 1, 2; the caller's */
};

/*
 * Takes SIGCHLD, and makes inherited descriptors close-on-exec. Children get
 * the limit of descriptors that holds now. -1 with errno.
 */
int	children_init(struct children *, struct loop *);
/* Kills the running children; no event of theirs follows. */
void	children_free(struct children *);

/*
 * Takes a process that this program has forked before, and that may have ended
 * since. Its pid is that of its group, too.
 */
void	child_adopt(struct children *, struct child *, pid_t);
/* -1 with the errno of vfork or exec. */
int	child_start(struct children *, struct child *,
	    const struct child_spec *);
/*
 * Signals the whole group, also if only grandchildren are left, and the
 * processes with the child's mark that have left the group.
 */
void	child_signal(struct child *, int signo);
/*
 * Whether processes are left in the group of a reaped child. To be asked now
 * and then while the answer matters: the number of an empty group is reused.
 */
bool	child_has_heirs(struct child *);
/*
 * Whether descendants are left that became children of this program, outside
 * of the group.
 */
bool	child_has_strays(struct child *);
/* No event of the child follows; the child is reaped all the same. */
void	child_forget(struct child *);
/* Whether the child is stopped because it may not use the terminal now. */
bool	child_wants_terminal(const struct child *);
/* The exit status as of a shell: the code, or 128 + the signal. */
int	child_code(const struct child *);

/* The child with this pid; NULL: there is none. */
static inline struct child *
child_find(const struct children *all, pid_t pid)
{
	struct child *c;

	TAILQ_FOREACH(c, &all->table[(size_t)pid %
	    (sizeof(all->table) / sizeof(all->table[0]))], link)
		if (c->pid == pid)
			return c;
	return NULL;
}

/* ---- strays.c ----------------------------------------------------------- */

void	strays_open(struct strays *);
/* Makes the mark of the next command, as NAME=VALUE. */
void	strays_mark(struct strays *, char mark[STRAYS_MARK_MAX]);
/* Whether the environment of a process has this mark, as far as readable. */
bool	strays_is_marked(pid_t, const char *mark);
/*
 * Signals the strays of a child, or of all (NULL); signo 0: none. Returns
 * whether there are any.
 */
bool	strays_signal(const struct children *, const struct child *, int signo);

#endif

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
#include <stdint.h>

#include "loop/loop.h"
#include "loop/strays.h"
#include "loop/terminal.h"

struct child;

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
/* Makes the mark of a child that is about to start. */
void	child_mark(struct children *, struct child *);
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

#endif

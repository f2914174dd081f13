/*
 * Children: programs that run beside the loop, and their deaths as events.
 *
 * Laws: a child has exactly the descriptors 0, 1 and 2, default actions for
 * all signals, none of them blocked, and a process group of its own; what
 * made it fail to start is known when child_start returns; its status is an
 * event, never waited for; a number that may be somebody else's by now is
 * not signalled. Whoever takes a signal does so before the first child starts.
 */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <stdint.h>

#include "loop/loop.h"

struct child;

/* All children of a loop. */
struct children {
	struct loop		*loop;
	LIST_HEAD(, child)	 table[64];	/* by pid */
	struct rlimit		 files;		/* their RLIMIT_NOFILE */
	uint64_t		 taken;		/* signals; 0: not asked yet */
};

struct child {
	LIST_ENTRY(child)	 link;
	struct children		*of;
	pid_t			 pid;		/* also its group; 0: none */
	bool			 running;	/* not reaped yet */
	bool			 alone;		/* nobody is left of its group,
						   whose number means nothing */
	int			 status;	/* as of waitpid(2) */
	/* It has died and is reaped; called from a turn. */
	void			(*exited)(void *arg, struct child *);
	void			*arg;
};

struct child_spec {
	const char	*path;		/* what to run */
	char *const	*argv;
	char *const	*envp;
	bool		 search;	/* path without a slash: look in PATH */
	int		 in, out, err;	/* become 0, 1, 2; the caller's */
};

/*
 * SIGCHLD is taken, and descriptors that we inherited become close-on-exec.
 * Children get the limit of descriptors that holds now. -1 with errno.
 */
int	children_init(struct children *, struct loop *);
/* Those that still run are killed; their events are not told any more. */
void	children_free(struct children *);

/* -1 with the errno of the fork or of the exec. Does not wait. */
int	child_start(struct children *, struct child *,
	    const struct child_spec *);
/* Signal the whole group; also when only grandchildren are left in it. */
void	child_signal(struct child *, int signo);
/*
 * Is anything left of the group of a child that was reaped? To be asked now
 * and then while the answer matters: the number of a group that has ended is
 * given out again some day.
 */
bool	child_has_heirs(struct child *);
/* Forget it: no event comes any more. It is reaped all the same. */
void	child_forget(struct child *);
/* The exit status that a shell would show: 128 and the signal, or the code. */
int	child_code(const struct child *);

#endif

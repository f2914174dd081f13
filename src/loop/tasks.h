/*
 * Lists of tasks, in the order in which they were added.
 */
#ifndef LOOP_TASKS_H
#define LOOP_TASKS_H

#include "loop/loop.h"

struct task_list {
	struct task	 *first;
	struct task	**last;
	unsigned	  n;
};

void	tasks_init(struct task_list *);
/* Once, if it is added twice. */
void	tasks_add(struct task_list *, struct task *);
void	tasks_remove(struct task_list *, struct task *);
/* Run what is on the list now; what it adds waits for the next round. */
void	tasks_run(struct task_list *);

#endif

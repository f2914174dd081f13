#include <stddef.h>

#include "loop/tasks.h"

void
tasks_init(struct task_list *l)
{
	l->first = NULL;
	l->last = &l->first;
	l->n = 0;
}

void
tasks_remove(struct task_list *list, struct task *t)
{
	struct task **p;

	for (p = &list->first; *p != NULL; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			if (t->next == NULL)
				list->last = p;
			t->queued = false;
			list->n--;
			return;
		}
}

void
tasks_add(struct task_list *list, struct task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	*list->last = t;
	list->last = &t->next;
	list->n++;
}

void
tasks_run(struct task_list *list)
{
	unsigned n = list->n;
	struct task *t;

	while (n-- > 0 && (t = list->first) != NULL) {
		tasks_remove(list, t);
		t->run(t->arg);		/* which may free it */
	}
}

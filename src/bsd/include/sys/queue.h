/*
 * queue(3): TAILQ, lists whose links stand in their elements. A link back
 * holds the address of the pointer to its element, so that the first element
 * is no special case.
 */
#ifndef BSD_INCLUDE_SYS_QUEUE_H
#define BSD_INCLUDE_SYS_QUEUE_H

#include <stddef.h>

/* TAILQ_PREV reads the links of an element as a head, which has a name. */
#define TAILQ_HEAD(name, type)						\
struct name {								\
	struct type *tqh_first;						\
	struct type **tqh_last;		/* the pointer to the next */	\
}

#define TAILQ_ENTRY(type)						\
struct {								\
	struct type *tqe_next;						\
	struct type **tqe_prev;		/* the pointer to this one */	\
}

#define TAILQ_FIRST(head)	((head)->tqh_first)
#define TAILQ_EMPTY(head)	(TAILQ_FIRST(head) == NULL)
#define TAILQ_NEXT(elm, field)	((elm)->field.tqe_next)

/*
 * Links and head are two pointers in the same order: the pointer to an element
 * stands in the head or in the links of the element before, and the pointer
 * after it leads to the pointer to that element.
 */
#define TAILQ_LAST(head, name)						\
	(*((struct name *)(head)->tqh_last)->tqh_last)
#define TAILQ_PREV(elm, name, field)					\
	(*((struct name *)(elm)->field.tqe_prev)->tqh_last)

#define TAILQ_INIT(head) do {						\
	TAILQ_FIRST(head) = NULL;					\
	(head)->tqh_last = &TAILQ_FIRST(head);				\
} while (0)

#define TAILQ_FOREACH(var, head, field)					\
	for ((var) = TAILQ_FIRST(head); (var) != NULL;			\
	    (var) = TAILQ_NEXT(var, field))

#define TAILQ_INSERT_TAIL(head, elm, field) do {			\
	TAILQ_NEXT(elm, field) = NULL;					\
	(elm)->field.tqe_prev = (head)->tqh_last;			\
	*(head)->tqh_last = (elm);					\
	(head)->tqh_last = &TAILQ_NEXT(elm, field);			\
} while (0)

#define TAILQ_REMOVE(head, elm, field) do {				\
	if (TAILQ_NEXT(elm, field) != NULL)				\
		TAILQ_NEXT(elm, field)->field.tqe_prev =		\
		    (elm)->field.tqe_prev;				\
	else								\
		(head)->tqh_last = (elm)->field.tqe_prev;		\
	*(elm)->field.tqe_prev = TAILQ_NEXT(elm, field);		\
} while (0)

#endif

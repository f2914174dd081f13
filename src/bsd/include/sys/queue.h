/*
 * queue(3): lists whose links stand in their elements. LIST is doubly linked
 * with a head of one pointer, STAILQ singly linked with a tail, TAILQ doubly
 * linked with a tail. A link back holds the address of the pointer to its
 * element, so that the first element is no special case.
 */
#ifndef BSD_INCLUDE_SYS_QUEUE_H
#define BSD_INCLUDE_SYS_QUEUE_H

#include <stddef.h>

#define LIST_HEAD(name, type)						\
struct name {								\
	struct type *lh_first;						\
}

#define LIST_ENTRY(type)						\
struct {								\
	struct type *le_next;						\
	struct type **le_prev;		/* the pointer to this one */	\
}

#define LIST_FIRST(head)	((head)->lh_first)
#define LIST_EMPTY(head)	(LIST_FIRST(head) == NULL)
#define LIST_NEXT(elm, field)	((elm)->field.le_next)

#define LIST_INIT(head)		((void)(LIST_FIRST(head) = NULL))

#define LIST_FOREACH(var, head, field)					\
	for ((var) = LIST_FIRST(head); (var) != NULL;			\
	    (var) = LIST_NEXT(var, field))

#define LIST_INSERT_HEAD(head, elm, field) do {				\
	LIST_NEXT(elm, field) = LIST_FIRST(head);			\
	if (LIST_NEXT(elm, field) != NULL)				\
		LIST_NEXT(elm, field)->field.le_prev =			\
		    &LIST_NEXT(elm, field);				\
	(elm)->field.le_prev = &LIST_FIRST(head);			\
	LIST_FIRST(head) = (elm);					\
} while (0)

#define LIST_REMOVE(elm, field) do {					\
	if (LIST_NEXT(elm, field) != NULL)				\
		LIST_NEXT(elm, field)->field.le_prev =			\
		    (elm)->field.le_prev;				\
	*(elm)->field.le_prev = LIST_NEXT(elm, field);			\
} while (0)

#define STAILQ_HEAD(name, type)						\
struct name {								\
	struct type *stqh_first;					\
	struct type **stqh_last;	/* the pointer to the next */	\
}

#define STAILQ_ENTRY(type)						\
struct {								\
	struct type *stqe_next;						\
}

#define STAILQ_FIRST(head)	((head)->stqh_first)
#define STAILQ_EMPTY(head)	(STAILQ_FIRST(head) == NULL)
#define STAILQ_NEXT(elm, field)	((elm)->field.stqe_next)

#define STAILQ_FOREACH(v, head, field)					\
	for ((v) = STAILQ_FIRST(head); (v) != NULL;			\
	    (v) = STAILQ_NEXT(v, field))

#define STAILQ_INIT(head) do {						\
	STAILQ_FIRST(head) = NULL;					\
	(head)->stqh_last = &STAILQ_FIRST(head);			\
} while (0)

#define STAILQ_INSERT_TAIL(head, elm, field) do {			\
	STAILQ_NEXT(elm, field) = NULL;					\
	*(head)->stqh_last = (elm);					\
	(head)->stqh_last = &STAILQ_NEXT(elm, field);			\
} while (0)

#define STAILQ_REMOVE_HEAD(head, field) do {				\
	STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), field);	\
	if (STAILQ_EMPTY(head))						\
		(head)->stqh_last = &STAILQ_FIRST(head);		\
} while (0)

/* Appends all elements of the second list, and empties it. */
#define STAILQ_CONCAT(head, more) do {					\
	if (!STAILQ_EMPTY(more)) {					\
		*(head)->stqh_last = STAILQ_FIRST(more);		\
		(head)->stqh_last = (more)->stqh_last;			\
		STAILQ_INIT(more);					\
	}								\
} while (0)

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

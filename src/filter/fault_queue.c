#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "filter/fault_queue.h"

#define FIRST_ROOM	((size_t)64)
/* Bytes of a stream are due at multiples of this time, and so many together. */
#define TOGETHER	(NSEC_PER_MSEC / 2)

void
fault_queue_free(struct fault_queue *q)
{
	free(q->pieces);
	memset(q, 0, sizeof(*q));
}

static struct fault_piece *
fault_queue_at(const struct fault_queue *q, size_t i)
{
	return &q->pieces[(q->head + i) & (q->room - 1)];
}

const struct fault_piece *
fault_queue_first(const struct fault_queue *q)
{
	return q->used == 0 ? NULL : fault_queue_at(q, 0);
}

static bool
fault_queue_grow(struct fault_queue *q)
{
	size_t room = q->room == 0 ? FIRST_ROOM : 2 * q->room;
	struct fault_piece *pieces;

	if (room > FAULT_PIECES ||
	    (pieces = calloc(room, sizeof(*pieces))) == NULL)
		return false;
	for (size_t i = 0; i < q->used; i++)
		pieces[i] = *fault_queue_at(q, i);
	free(q->pieces);
	q->pieces = pieces;
	q->room = room;
	q->head = 0;
	return true;
}

bool
fault_queue_put(struct fault_queue *q, size_t n, int64_t due)
{
	if (q->used == q->room && !fault_queue_grow(q))
		return false;
	*fault_queue_at(q, q->used++) =
	    (struct fault_piece){ .n = n, .due = due };
	return true;
}

void
fault_queue_join(struct fault_queue *q, size_t n, int64_t due)
{
	struct fault_piece *last = q->used == 0 ? NULL :
	    fault_queue_at(q, q->used - 1);

	due += TOGETHER - 1;
	due -= due % TOGETHER;
	if (last != NULL && due <= last->due)
		last->n += n;
	else if (!fault_queue_put(q, n, due) && last != NULL) {
		last->n += n;
		last->due = due;
	}
}

void
fault_queue_take(struct fault_queue *q, size_t n)
{
	struct fault_piece *first;
	size_t part;

	while (n > 0 && q->used > 0) {
		first = fault_queue_at(q, 0);
		part = n < first->n ? n : first->n;
		first->n -= part;
		n -= part;
		q->begun = first->n > 0;
		if (q->begun)
			continue;
		q->head = (q->head + 1) & (q->room - 1);
		q->used--;
	}
}

size_t
fault_queue_due(const struct fault_queue *q, int64_t now, int64_t *when)
{
	const struct fault_piece *p;
	size_t sum = 0;

	for (size_t i = 0; i < q->used; i++) {
		p = fault_queue_at(q, i);
		if (now < p->due) {
			*when = p->due;
			break;
		}
		sum += p->n;
	}
	return sum;
}

size_t
fault_queue_swap(struct fault_queue *q)
{
	struct fault_piece *a, *b;
	size_t n;

	if (q->used < 2 || (q->used == 2 && q->begun))
		return 0;
	a = fault_queue_at(q, q->used - 2);
	b = fault_queue_at(q, q->used - 1);
	n = a->n;
	a->n = b->n;
	b->n = n;
	a->due = b->due;
	return n;
}

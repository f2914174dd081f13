#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/scan_results.h"

#define SLOTS_MIN	64u

/* A finding that waits; its address takes only as much as it needs. */
struct note {
	struct note		*next;
	const char		*op;
	int			 num;
	enum finding_kind	 kind;
	socklen_t		 len;
	unsigned char		 addr[];
};

struct scan_slot {
	struct note	*notes;		/* in the order in which they came */
	uint16_t	 port;
	bool		 done;
};

/* A ring: tickets count up for ever, and their slots are reused. */
struct scan_results {
	void		(*report)(void *arg, unsigned port,
			    const struct finding *);
	void		 *arg;
	struct scan_slot	 *slots;
	size_t		  size;		/* a power of two */
	size_t		  head, tail;	/* tickets: the oldest, the next */
};

struct scan_results *
scan_results_new(void (*report)(void *, unsigned, const struct finding *),
    void *arg)
{
	struct scan_results *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->report = report;
	f->arg = arg;
	f->slots = calloc(SLOTS_MIN, sizeof(*f->slots));
	f->size = SLOTS_MIN;
	if (f->slots != NULL)
		return f;
	free(f);
	return NULL;
}

static struct scan_slot *
scan_results_slot_of(const struct scan_results *f, size_t ticket)
{
	return &f->slots[ticket & (f->size - 1)];
}

static void
scan_results_notes_free(struct note *n)
{
	struct note *next;

	for (; n != NULL; n = next) {
		next = n->next;
		free(n);
	}
}

void
scan_results_free(struct scan_results *f)
{
	if (f == NULL)
		return;
	for (; f->head != f->tail; f->head++)
		scan_results_notes_free(scan_results_slot_of(f,
		    f->head)->notes);
	free(f->slots);
	free(f);
}

/* Doubles the slots, and moves the content of each ticket. */
static bool
scan_results_grow(struct scan_results *f)
{
	struct scan_results old = *f;
	size_t t;

	if (f->size == SCAN_RESULTS_MAX)
		return false;
	f->slots = calloc(old.size * 2, sizeof(*f->slots));
	if (f->slots == NULL) {
		*f = old;
		return false;
	}
	f->size = old.size * 2;
	for (t = old.head; t != old.tail; t++)
		*scan_results_slot_of(f, t) = *scan_results_slot_of(&old, t);
	free(old.slots);
	return true;
}

bool
scan_results_room(struct scan_results *f)
{
	return f->tail - f->head < f->size || scan_results_grow(f);
}

size_t
scan_results_enter(struct scan_results *f, unsigned port)
{
	*scan_results_slot_of(f, f->tail) =
	    (struct scan_slot){ .port = (uint16_t)port };
	return f->tail++;
}

static void
scan_results_report_notes(struct scan_results *f, struct scan_slot *s)
{
	struct note *n;
	struct finding found;
	struct addr addr;

	for (n = s->notes; n != NULL; n = n->next) {
		memset(&addr, 0, sizeof(addr));
		memcpy(&addr.u, n->addr, n->len);
		addr.len = n->len;
		found = (struct finding){ n->kind, n->op, n->num, &addr,
		    NULL };
		f->report(f->arg, s->port, &found);
	}
	scan_results_notes_free(s->notes);
	s->notes = NULL;
}

/* Without memory, a finding is reported out of order. */
static void
scan_results_keep(struct scan_results *f, struct scan_slot *s,
    const struct finding *found)
{
	struct note **at, *n = malloc(sizeof(*n) + found->addr->len);

	if (n == NULL) {
		f->report(f->arg, s->port, found);
		return;
	}
	*n = (struct note){ .op = found->op, .num = found->num,
	    .kind = found->kind, .len = found->addr->len };
	memcpy(n->addr, &found->addr->u, n->len);
	for (at = &s->notes; *at != NULL; at = &(*at)->next)
		continue;
	*at = n;
}

void
scan_results_add(struct scan_results *f, size_t ticket,
    const struct finding *found)
{
	struct scan_slot *s = scan_results_slot_of(f, ticket);

	s->done = found->kind != FOUND_FAILED;
	if (ticket != f->head) {
		scan_results_keep(f, s, found);
		return;
	}
	f->report(f->arg, s->port, found);
	/* The next port is the oldest now; perhaps it is finished, too. */
	while (f->head != f->tail && scan_results_slot_of(f, f->head)->done) {
		f->head++;
		if (f->head != f->tail)
			scan_results_report_notes(f,
			    scan_results_slot_of(f, f->head));
	}
}

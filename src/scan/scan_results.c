#include <stdlib.h>
#include <string.h>

#include "scan/scan_results.h"

/* A finding that waits; addr has only the len bytes of the address. */
struct note {
	TAILQ_ENTRY(note)	 link;
	const char		*op;
	int			 num;
	enum finding_kind	 kind;
	socklen_t		 len;
	unsigned char		 addr[];
};

void
scan_results_init(struct scan_results *r,
    void (*report)(void *, unsigned, const struct finding *), void *arg)
{
	*r = (struct scan_results){ .report = report, .arg = arg };
	TAILQ_INIT(&r->ports);
}

void *
scan_results_enter(struct scan_results *r, size_t size)
{
	struct scan_port *p = r->n < SCAN_RESULTS_MAX ? calloc(1, size) : NULL;

	if (p == NULL)
		return NULL;
	TAILQ_INIT(&p->notes);
	TAILQ_INSERT_TAIL(&r->ports, p, link);
	r->n++;
	return p;
}

/* Takes the notes of a port away, and reports them or not. */
static void
scan_results_take_notes(struct scan_results *r, struct scan_port *p,
    bool report)
{
	struct addr addr;
	struct note *n;

	while ((n = TAILQ_FIRST(&p->notes)) != NULL) {
		memset(&addr, 0, sizeof(addr));
		memcpy(&addr.u, n->addr, n->len);
		addr.len = n->len;
		if (report)
			r->report(r->arg, p->port, &(struct finding){
			    .kind = n->kind, .op = n->op, .num = n->num,
			    .addr = &addr });
		TAILQ_REMOVE(&p->notes, n, link);
		free(n);
	}
}

static void
scan_results_drop_oldest(struct scan_results *r)
{
	struct scan_port *p = TAILQ_FIRST(&r->ports);

	TAILQ_REMOVE(&r->ports, p, link);
	scan_results_take_notes(r, p, false);
	free(p);
	r->n--;
}

void
scan_results_clear(struct scan_results *r)
{
	while (r->n > 0)
		scan_results_drop_oldest(r);
}

void
scan_results_add(struct scan_results *r, struct scan_port *p,
    const struct finding *found)
{
	bool oldest = p == TAILQ_FIRST(&r->ports);
	struct note *n;

	p->done = found->kind != FOUND_FAILED;
	/* Without memory, a finding is reported out of order. */
	if (oldest ||
	    (n = malloc(sizeof(*n) + found->addr->len)) == NULL)
		r->report(r->arg, p->port, found);
	else {
		*n = (struct note){ .op = found->op, .num = found->num,
		    .kind = found->kind, .len = found->addr->len };
		memcpy(n->addr, &found->addr->u, n->len);
		TAILQ_INSERT_TAIL(&p->notes, n, link);
	}
	/* The next port is the oldest now, and may be finished, too. */
	while (oldest && p != NULL && p->done) {
		scan_results_drop_oldest(r);
		if ((p = TAILQ_FIRST(&r->ports)) != NULL)
			scan_results_take_notes(r, p, true);
	}
}

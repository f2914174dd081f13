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

struct scan_port *
scan_results_enter(struct scan_results *r)
{
	struct scan_port *p = r->n < SCAN_RESULTS_MAX ?
	    calloc(1, sizeof(*p)) : NULL;

	if (p == NULL)
		return NULL;
	TAILQ_INIT(&p->notes);
	TAILQ_INSERT_TAIL(&r->ports, p, link);
	r->n++;
	return p;
}

static void
scan_results_free_notes(struct scan_port *p)
{
	struct note *n;

	while ((n = TAILQ_FIRST(&p->notes)) != NULL) {
		TAILQ_REMOVE(&p->notes, n, link);
		free(n);
	}
}

static void
scan_results_drop_oldest(struct scan_results *r)
{
	struct scan_port *p = TAILQ_FIRST(&r->ports);

	TAILQ_REMOVE(&r->ports, p, link);
	scan_results_free_notes(p);
	free(p);
	r->n--;
}

void
scan_results_clear(struct scan_results *r)
{
	while (r->n > 0)
		scan_results_drop_oldest(r);
}

static void
scan_results_report_notes(struct scan_results *r, struct scan_port *p)
{
	const struct note *n;
	struct addr addr;

	TAILQ_FOREACH(n, &p->notes, link) {
		memset(&addr, 0, sizeof(addr));
		memcpy(&addr.u, n->addr, n->len);
		addr.len = n->len;
		r->report(r->arg, p->port, &(struct finding){ .kind = n->kind,
		    .op = n->op, .num = n->num, .addr = &addr });
	}
	scan_results_free_notes(p);
}

/* Without memory, a finding is reported out of order. */
static void
scan_results_keep(struct scan_results *r, struct scan_port *p,
    const struct finding *found)
{
	struct note *n = malloc(sizeof(*n) + found->addr->len);

	if (n == NULL) {
		r->report(r->arg, p->port, found);
		return;
	}
	*n = (struct note){ .op = found->op, .num = found->num,
	    .kind = found->kind, .len = found->addr->len };
	memcpy(n->addr, &found->addr->u, n->len);
	TAILQ_INSERT_TAIL(&p->notes, n, link);
}

void
scan_results_add(struct scan_results *r, struct scan_port *p,
    const struct finding *found)
{
	p->done = found->kind != FOUND_FAILED;
	if (p != TAILQ_FIRST(&r->ports)) {
		scan_results_keep(r, p, found);
		return;
	}
	r->report(r->arg, p->port, found);
	/* The next port is the oldest now, and may be finished, too. */
	while (p != NULL && p->done) {
		scan_results_drop_oldest(r);
		if ((p = TAILQ_FIRST(&r->ports)) != NULL)
			scan_results_report_notes(r, p);
	}
}

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "reach/lookups.h"

/* How long an answer is kept that came too late for those who asked. */
#define LOOKUPS_LATE	(30 * NSEC_PER_SEC)

/* ---- Addresses ---------------------------------------------------------- */

static void	lookups_answer(struct lookups *, const struct error *);

/* err NULL: the list is there. */
static void
addresses_answer(struct addresses *a, const struct error *err)
{
	struct lookups *l;
	size_t n = 0;

	if (err != NULL)
		addr_list_free(&a->list);
	/* Those that ask again meanwhile wait for the next answer. */
	TAILQ_FOREACH(l, &a->waiting, link)
		n++;
	if (n == 0 && err == NULL && a->opt.fresh < LOOKUPS_LATE)
		a->until = loop_now(a->loop) + LOOKUPS_LATE;
	while (n-- > 0 && (l = TAILQ_FIRST(&a->waiting)) != NULL) {
		lookups_stop(l);
		lookups_answer(l, err);
	}
}

static void
addresses_on_resolved(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct addresses *a = arg;
	struct error named = *err;

	a->resolve = NULL;
	timer_clear(a->loop, &a->timer);
	addr_list_free(&a->list);
	if (err->num == 0 && err->gai == 0) {
		a->list = *list;
		a->until = loop_now(a->loop) + a->opt.fresh;
		addresses_answer(a, NULL);
		return;
	}
	if (a->opt.host != NULL)
		(void)strlcpy(named.object, a->opt.host, sizeof(named.object));
	addresses_answer(a, &named);
}

static void
addresses_on_limit(void *arg)
{
	struct addresses *a = arg;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", a->opt.host != NULL ?
	    a->opt.host : "the local address");
	addresses_answer(a, &err);
}

void
addresses_init(struct addresses *a, struct loop *loop,
    const struct addresses_options *opt)
{
	*a = (struct addresses){ .loop = loop, .opt = *opt,
	    .timer = { .fire = addresses_on_limit, .arg = a } };
	TAILQ_INIT(&a->waiting);
}

void
addresses_renew(struct addresses *a)
{
	a->until = 0;
}

void
addresses_free(struct addresses *a)
{
	addr_list_free(&a->list);
	if (a->loop == NULL)
		return;
	resolve_cancel(a->resolve);
	timer_clear(a->loop, &a->timer);
}

/* ---- In sequence -------------------------------------------------------- */

/* Goes through the steps, up to the first that has to be waited for. */
static void
lookups_go(struct lookups *l)
{
	struct addresses *a;
	struct error err;

	for (; l->at < l->n; l->at++) {
		a = l->steps[l->at].of;
		if (loop_now(a->loop) < a->until) {
			if (a->opt.fresh == 0)
				a->until = 0;
			continue;
		}
		if (a->resolve == NULL)
			a->resolve = resolve_start(a->loop, &a->opt.resolve,
			    a->opt.host, a->opt.port, a->opt.passive,
			    addresses_on_resolved, a);
		if (a->resolve == NULL) {
			error_set(&err, errno, "look up", "%s",
			    a->opt.host != NULL ? a->opt.host :
			    "the local address");
			lookups_answer(l, &err);
			return;
		}
		if (a->opt.limit >= 0 && !timer_is_set(&a->timer))
			timer_set(a->loop, &a->timer,
			    loop_now(a->loop) + a->opt.limit);
		TAILQ_INSERT_TAIL(&a->waiting, l, link);
		l->waits = true;
		return;
	}
	l->found(l->arg);
}

/* The step has its addresses; or err: why it has none. */
static void
lookups_answer(struct lookups *l, const struct error *err)
{
	const struct lookups_step *step = &l->steps[l->at];

	if (err != NULL && !step->optional) {
		l->failed(l->arg, step->of, err);
		return;
	}
	l->at++;
	lookups_go(l);
}

void
lookups_start(struct lookups *l, const struct lookups_step *steps, size_t n)
{
	lookups_stop(l);
	l->steps = steps;
	l->n = n;
	l->at = 0;
	lookups_go(l);
}

void
lookups_stop(struct lookups *l)
{
	if (l->waits)
		TAILQ_REMOVE(&l->steps[l->at].of->waiting, l, link);
	l->waits = false;
}

/*
 * The loop's timers and tasks: in which order they run.
 */
#include "loop/timer.h"
#include "loop_rig.h"

/* ---- Timers ------------------------------------------------------------- */

struct alarm {
	struct timer	 t;
	struct loop	*loop;
	char		 name;
	int		 left;		/* so many times again */
};

static void
ring_bell(void *arg)
{
	struct alarm *a = arg;

	mark(a->name);
	if (a->left-- > 0)
		timer_set(a->loop, &a->t, loop_now(a->loop));
}

static void
alarm_init(struct alarm *a, struct loop *l, char name)
{
	*a = (struct alarm){ .loop = l, .name = name };
	a->t.fire = ring_bell;
	a->t.arg = a;
}

static void
timers_in_order(void)
{
	struct loop *l = fresh();
	struct alarm a[3];
	int64_t now = loop_now(l);
	int i;

	for (i = 0; i < 3; i++)
		alarm_init(&a[i], l, (char)('a' + i));
	timer_set(l, &a[0].t, now + 3 * MSEC);
	timer_set(l, &a[1].t, now + 1 * MSEC);
	timer_set(l, &a[2].t, now + 2 * MSEC);
	loop_run(l);
	CHECK_STR(trail, "bca");
	CHECK(loop_now(l) >= now + 3 * MSEC);
	loop_free(l);
}

static void
timers_move_and_clear(void)
{
	struct loop *l = fresh();
	struct alarm a[3];
	int64_t now = loop_now(l);
	int i;

	for (i = 0; i < 3; i++) {
		alarm_init(&a[i], l, (char)('a' + i));
		timer_set(l, &a[i].t, now + (i + 1) * MSEC);
	}
	timer_set(l, &a[0].t, now + 4 * MSEC);
	timer_clear(l, &a[1].t);
	timer_clear(l, &a[1].t);
	loop_run(l);
	CHECK_STR(trail, "ca");
	CHECK(!timer_is_set(&a[0].t));
	loop_free(l);
}

static void
timer_set_again_ends(void)
{
	struct loop *l = fresh();
	struct alarm a;

	alarm_init(&a, l, 'a');
	a.left = 3;
	timer_set(l, &a.t, loop_now(l));
	loop_run(l);
	CHECK_STR(trail, "aaaa");
	loop_free(l);
}

static void
heap_is_sorted(void)
{
	struct heap h = { NULL, 0 };
	struct heap_node t[50], *first;
	int64_t last = -1;
	unsigned i, seed = 1, n = 0;

	memset(t, 0, sizeof(t));
	for (i = 0; i < 500; i++) {
		seed = seed * 1103515245 + 12345;
		if (seed / 65536 % 4 == 0)
			heap_clear(&h, &t[i % 50]);
		else
			heap_set(&h, &t[i % 50], seed / 65536 % 1000);
		last = INT64_MAX;
		for (n = 0; n < 50; n++)
			if (heap_has(&t[n]) && t[n].key < last)
				last = t[n].key;
		first = h.top;
		CHECK_INT(first != NULL ? first->key : INT64_MAX, last);
	}
	last = -1;
	n = 0;
	for (i = 0; i < 50; i++)
		n += heap_has(&t[i]);
	CHECK_INT(h.n, n);
	while ((first = h.top) != NULL) {
		CHECK(first->key >= last);
		last = first->key;
		heap_clear(&h, first);
		n--;
	}
	CHECK_INT(n, 0);
}

/* ---- Tasks -------------------------------------------------------------- */

struct job {
	struct task	 t;
	struct loop	*loop;
	char		 name;
	int		 again;		/* posts itself so many times */
};

static void
do_job(void *arg)
{
	struct job *j = arg;

	mark(j->name);
	if (j->again-- > 0)
		loop_post(j->loop, &j->t);
}

static void
job_init(struct job *j, struct loop *l, char name)
{
	*j = (struct job){ .loop = l, .name = name };
	j->t.run = do_job;
	j->t.arg = j;
}

static void
tasks_in_order(void)
{
	struct loop *l = fresh();
	struct job p, q, d;

	job_init(&p, l, 'p');
	job_init(&q, l, 'q');
	job_init(&d, l, 'd');
	loop_defer(l, &d.t);
	loop_post(l, &p.t);
	loop_post(l, &q.t);
	loop_post(l, &p.t);
	loop_turn(l, 0);
	CHECK_STR(trail, "pqd");
	loop_free(l);
}

static void
post_from_a_task(void)
{
	struct loop *l = fresh();
	struct job p, q;

	job_init(&p, l, 'p');
	job_init(&q, l, 'q');
	p.again = 2;
	loop_post(l, &p.t);
	loop_post(l, &q.t);
	loop_turn(l, -1);	/* does not wait: p is posted again */
	CHECK_STR(trail, "pq");
	loop_run(l);
	CHECK_STR(trail, "pqpp");
	loop_free(l);
}

static void
unposted_does_not_run(void)
{
	struct loop *l = fresh();
	struct job p, q, d;

	job_init(&p, l, 'p');
	job_init(&q, l, 'q');
	job_init(&d, l, 'd');
	loop_post(l, &p.t);
	loop_post(l, &q.t);
	loop_defer(l, &d.t);
	loop_unpost(l, &p.t);
	loop_unpost(l, &p.t);
	loop_unpost(l, &d.t);
	CHECK(p.t.queue == NULL && d.t.queue == NULL);
	loop_post(l, &p.t);
	loop_run(l);
	CHECK_STR(trail, "qp");
	loop_free(l);
}

int
main(void)
{
	unit_run("a heap of timers stays sorted", heap_is_sorted);
	unit_run("timers fire in the order of their deadlines",
	    timers_in_order);
	unit_run("timers can be moved and cleared", timers_move_and_clear);
	unit_run("a timer may set itself again", timer_set_again_ends);
	unit_run("posted tasks run in order and deferred ones at the end",
	    tasks_in_order);
	unit_run("what a task posts runs in the next turn, which does not wait",
	    post_from_a_task);
	unit_run("an unposted task does not run", unposted_does_not_run);
	return unit_end();
}

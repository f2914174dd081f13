/*
 * The loop's timers and tasks: in which order they run.
 */
#include "loop/loop.h"
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

TEST(timers_fire_in_the_order_of_their_deadlines)
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

TEST(timers_can_be_moved_and_cleared)
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

TEST(a_timer_may_set_itself_again)
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

TEST(a_heap_of_timers_stays_sorted)
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

TEST(posted_tasks_run_in_order_and_deferred_ones_at_the_end)
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

TEST(what_a_task_posts_runs_in_the_next_turn_which_does_not_wait)
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

TEST(an_unposted_task_does_not_run)
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

/*
 * The loop: interest, generations, files, deaths, signals.
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "loop_rig.h"

/* ---- Watches ------------------------------------------------------------ */

struct eye {
	struct watch	 w;
	struct loop	*loop;
	struct eye	*other;		/* what ready() closes */
	unsigned	 wish, saw;
	int		 asked, told;
	bool		 drain;
	bool		 closing;	/* how the other is unwatched */
};

static unsigned
eye_want(void *arg)
{
	struct eye *e = arg;

	e->asked++;
	return e->wish;
}

static void
eye_ready(void *arg, unsigned what)
{
	struct eye *e = arg;
	char buf[64];
	int num;

	e->told++;
	e->saw |= what;
	if (e->drain)
		CHECK(read(e->w.fd, buf, sizeof(buf)) != -1);
	if (e->other != NULL && e->other->w.fd != -1) {
		num = e->other->w.fd;
		if (e->closing)
			loop_unwatch_closing(e->loop, &e->other->w);
		else
			loop_unwatch(e->loop, &e->other->w);
		(void)close(num);
	}
}

static void
eye_init(struct eye *e, struct loop *l, int fd, unsigned wish)
{
	*e = (struct eye){ .loop = l, .wish = wish };
	e->w.fd = fd;
	e->w.want = eye_want;
	e->w.ready = eye_ready;
	e->w.arg = e;
	CHECK_INT(loop_watch(l, &e->w), 0);
}

static void
make_pipe(int p[2])
{
	CHECK_INT(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
}

static void
close_both(const int p[2])
{
	(void)close(p[0]);
	(void)close(p[1]);
}

/* The end of most tests. */
static void
over(struct loop *l, struct eye *e, const int p[2])
{
	loop_unwatch(l, &e->w);
	loop_free(l);
	close_both(p);
}

TEST(a_watch_is_asked_at_most_once_a_turn_and_only_when_touched)
{
	struct loop *l = fresh();
	struct eye e;
	int p[2];

	make_pipe(p);
	eye_init(&e, l, p[0], LOOP_IN);
	loop_touch(l, &e.w);
	loop_touch(l, &e.w);
	loop_turn(l, 0);
	CHECK_INT(e.asked, 1);
	loop_turn(l, 0);
	CHECK_INT(e.asked, 1);	/* nothing touched it, nothing came */
	CHECK_INT(write(p[1], "x", 1), 1);
	loop_turn(l, -1);
	CHECK_INT(e.told, 1);
	loop_turn(l, 0);
	CHECK_INT(e.asked, 2);	/* the event touched it */
	over(l, &e, p);
}

TEST(only_what_is_wished_for_is_told)
{
	struct loop *l = fresh();
	struct eye in, out;
	int p[2];

	make_pipe(p);
	CHECK_INT(write(p[1], "x", 1), 1);
	eye_init(&in, l, p[0], 0);
	eye_init(&out, l, p[1], LOOP_OUT);
	loop_turn(l, -1);
	CHECK_INT(in.told, 0);
	CHECK_INT(out.saw, LOOP_OUT);
	in.wish = LOOP_IN;
	out.wish = 0;
	loop_touch(l, &in.w);
	loop_touch(l, &out.w);
	loop_turn(l, -1);
	CHECK_INT(in.saw, LOOP_IN);
	CHECK_INT(out.told, 1);
	loop_unwatch(l, &in.w);
	over(l, &out, p);
}

static void
counts(void *arg)
{
	++*(int *)arg;
}

TEST(work_wakes_its_task_once)
{
	struct loop *l = fresh();
	int ran = 0, p[2];
	struct task t = { .run = counts, .arg = &ran };
	struct timer timer = { .fire = counts, .arg = &(int){ 0 } };
	struct eye in;

	make_pipe(p);
	eye_init(&in, l, p[0], LOOP_IN);
	loop_on_work(l, &t);
	loop_turn(l, 0);
	CHECK_INT(ran, 0);
	CHECK_INT(write(p[1], "x", 1), 1);
	loop_turn(l, -1);
	CHECK_INT(ran, 1);
	loop_turn(l, 0);
	CHECK_INT(ran, 1);
	/* A timer is work as well. */
	in.wish = 0;
	loop_touch(l, &in.w);
	loop_on_work(l, &t);
	timer_set(l, &timer, loop_now(l));
	loop_turn(l, 0);
	CHECK_INT(ran, 2);
	/* A task that was taken back does not run. */
	loop_on_work(l, &t);
	loop_unpost(l, &t);
	timer_set(l, &timer, loop_now(l));
	loop_turn(l, 0);
	CHECK_INT(ran, 2);
	over(l, &in, p);
}

struct repeated {
	struct loop	*loop;
	void		(*post)(struct loop *, struct task *);
	struct task	 task;
	int		 ran;
};

/* Queues itself, until it has run three times. */
static void
repeats(void *arg)
{
	struct repeated *r = arg;

	if (++r->ran < 3)
		r->post(r->loop, &r->task);
}

static void
no_event_is_waited_for(void (*post)(struct loop *, struct task *))
{
	struct loop *l = fresh();
	struct repeated r = { .loop = l, .post = post,
	    .task = { .run = repeats } };
	struct eye in;
	int p[2];

	make_pipe(p);
	eye_init(&in, l, p[0], LOOP_IN);
	r.task.arg = &r;
	post(l, &r.task);
	post(l, &r.task);
	/* Without the task these would wait for the pipe, for ever. */
	loop_turn(l, -1);
	CHECK_INT(r.ran, 1);
	loop_turn(l, -1);
	CHECK_INT(r.ran, 2);
	loop_turn(l, 0);
	loop_turn(l, 0);
	CHECK_INT(r.ran, 3);
	over(l, &in, p);
}

TEST(a_turn_for_a_task_that_lets_others_run_does_not_wait)
{
	no_event_is_waited_for(loop_post_last);
}

TEST(a_nap_ends_without_an_event)
{
	no_event_is_waited_for(loop_post_soon);
}

TEST(an_event_comes_in_a_nap)
{
	struct loop *l = fresh();
	struct repeated r = { .loop = l, .post = loop_post_soon,
	    .task = { .run = repeats } };
	struct eye in;
	int p[2];

	make_pipe(p);
	CHECK_INT(write(p[1], "x", 1), 1);
	eye_init(&in, l, p[0], LOOP_IN);
	r.task.arg = &r;
	loop_post(l, &r.task);
	loop_turn(l, -1);
	CHECK_INT(r.ran, 1);
	CHECK_INT(in.told, 1);
	over(l, &in, p);
}

/* Two pipes ready in the same turn; whoever is told first closes the other. */
TEST(a_watch_that_was_closed_in_this_turn_hears_nothing)
{
	struct loop *l = fresh();
	struct eye a, b;
	int p[2], q[2];

	make_pipe(p);
	make_pipe(q);
	CHECK_INT(write(p[1], "x", 1), 1);
	CHECK_INT(write(q[1], "x", 1), 1);
	eye_init(&a, l, p[0], LOOP_IN);
	eye_init(&b, l, q[0], LOOP_IN);
	a.other = &b;
	b.other = &a;
	loop_turn(l, -1);
	CHECK_INT(a.told + b.told, 1);
	loop_unwatch(l, &a.w);
	loop_unwatch(l, &b.w);
	loop_free(l);
	(void)close(a.told ? p[0] : q[0]);
	(void)close(p[1]);
	(void)close(q[1]);
}

struct reuse {
	struct eye	 a, b, next;
	int		 buf_cache[2];
	bool		 done;
};

/* Close the other's number and give it to a new descriptor at once. */
static void
reuse_ready(void *arg, unsigned what)
{
	struct eye *e = arg;
	struct reuse *r = (struct reuse *)(void *)e->other;
	struct eye *dead = e == &r->a ? &r->b : &r->a;
	int num = dead->w.fd;

	(void)what;
	e->told++;
	if (r->done)
		return;
	r->done = true;
	loop_unwatch(e->loop, &dead->w);
	(void)close(num);
	CHECK_INT(dup2(r->buf_cache[0], num), num);
	eye_init(&r->next, e->loop, num, LOOP_IN);
}

TEST(a_number_used_again_hears_only_its_own_events)
{
	struct loop *l = fresh();
	struct reuse r;
	int p[2], q[2];

	memset(&r, 0, sizeof(r));
	make_pipe(p);
	make_pipe(q);
	make_pipe(r.buf_cache);
	CHECK_INT(write(p[1], "x", 1), 1);
	CHECK_INT(write(q[1], "x", 1), 1);
	eye_init(&r.a, l, p[0], LOOP_IN);
	eye_init(&r.b, l, q[0], LOOP_IN);
	r.a.w.ready = r.b.w.ready = reuse_ready;
	r.a.other = r.b.other = (struct eye *)(void *)&r;
	loop_turn(l, -1);
	CHECK_INT(r.a.told + r.b.told, 1);
	CHECK_INT(r.next.told, 0);
	CHECK_INT(write(r.buf_cache[1], "x", 1), 1);
	loop_turn(l, -1);
	loop_turn(l, -1);
	CHECK(r.next.told > 0);
	loop_unwatch(l, &r.a.w);
	loop_unwatch(l, &r.b.w);
	loop_unwatch(l, &r.next.w);
	loop_free(l);
	close_both(p);
	close_both(q);
	(void)close(r.buf_cache[0]);
	(void)close(r.buf_cache[1]);
}

/*
 * Another descriptor keeps the old file open, and the old number was closed
 * before it was unwatched: a poller may go on telling of it.
 */
TEST(an_event_of_a_numbers_former_life_is_not_told)
{
	struct loop *l = fresh();
	struct eye old, new;
	int p[2], q[2], keep;

	make_pipe(p);
	make_pipe(q);
	eye_init(&old, l, p[0], LOOP_IN);
	loop_turn(l, 0);
	keep = dup(p[0]);
	(void)close(p[0]);
	loop_unwatch(l, &old.w);
	CHECK_INT(dup2(q[0], p[0]), p[0]);
	eye_init(&new, l, p[0], LOOP_IN);
	loop_turn(l, 0);
	CHECK_INT(write(p[1], "x", 1), 1);
	loop_turn(l, 0);
	loop_turn(l, 0);
	CHECK_INT(old.told, 0);
	CHECK_INT(new.told, 0);
	CHECK_INT(write(q[1], "x", 1), 1);
	loop_turn(l, -1);
	loop_turn(l, 0);
	CHECK(new.told > 0);
	over(l, &new, p);
	close_both(q);
	(void)close(keep);
}

/* Two sockets that are tied, as a peer has one of them. */
static void
make_pair(int s[2])
{
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, s), 0);
}

TEST(what_is_closed_right_after_it_was_unwatched_hears_nothing)
{
	struct loop *l = fresh();
	struct eye old, new;
	int p[2], q[2], num;

	make_pair(p);
	make_pair(q);
	eye_init(&old, l, p[0], LOOP_IN);
	loop_turn(l, 0);
	num = p[0];
	loop_unwatch_closing(l, &old.w);
	CHECK_INT(old.w.fd, -1);
	(void)close(num);
	CHECK_INT(dup2(q[0], num), num);
	eye_init(&new, l, num, LOOP_IN);
	CHECK_INT(write(q[1], "x", 1), 1);
	loop_turn(l, -1);
	CHECK_INT(old.told, 0);
	CHECK_INT(new.told, 1);
	CHECK_INT(new.saw, LOOP_IN);
	loop_unwatch_closing(l, &new.w);
	(void)close(num);
	loop_run(l);		/* nothing is left to wait for */
	loop_free(l);
	(void)close(p[1]);
	close_both(q);
}

/* In the same turn, after the poller has told of both. */
TEST(what_is_closed_in_the_turn_of_its_event_does_not_hear_that)
{
	struct loop *l = fresh();
	struct eye a, b;
	int p[2], q[2];

	make_pair(p);
	make_pair(q);
	CHECK_INT(write(p[1], "x", 1), 1);
	CHECK_INT(write(q[1], "x", 1), 1);
	eye_init(&a, l, p[0], LOOP_IN);
	eye_init(&b, l, q[0], LOOP_IN);
	a.other = &b;
	b.other = &a;
	a.closing = b.closing = true;
	loop_turn(l, -1);
	CHECK_INT(a.told + b.told, 1);
	loop_turn(l, 0);
	CHECK_INT(a.told + b.told, 2);
	CHECK(a.told == 0 || b.told == 0);
	loop_unwatch(l, &a.w);
	loop_unwatch(l, &b.w);
	loop_free(l);
	(void)close(a.told ? p[0] : q[0]);
	(void)close(p[1]);
	(void)close(q[1]);
}

TEST(the_end_of_a_peer_is_told_with_what_can_be_read)
{
	struct loop *l = fresh();
	struct eye e;
	int s[2];

	make_pair(s);
	eye_init(&e, l, s[0], LOOP_IN);
	CHECK_INT(write(s[1], "x", 1), 1);
	loop_turn(l, -1);
	CHECK_INT(e.saw, LOOP_IN);
	CHECK_INT(shutdown(s[1], SHUT_WR), 0);
	loop_turn(l, -1);
	CHECK_INT(e.saw, LOOP_IN | LOOP_END);
	/* It can be written to as ever: that has not ended. */
	e.wish = LOOP_OUT;
	loop_touch(l, &e.w);
	e.saw = 0;
	loop_turn(l, -1);
	CHECK_INT(e.saw, LOOP_OUT);
	loop_unwatch(l, &e.w);
	loop_free(l);
	close_both(s);
}

TEST(the_end_of_a_pipe_is_told_with_what_can_be_read)
{
	struct loop *l = fresh();
	struct eye e;
	int p[2];

	make_pipe(p);
	eye_init(&e, l, p[0], LOOP_IN);
	CHECK_INT(write(p[1], "x", 1), 1);
	(void)close(p[1]);
	loop_turn(l, -1);
	CHECK_INT(e.saw, LOOP_IN | LOOP_END);
	loop_unwatch(l, &e.w);
	loop_free(l);
	(void)close(p[0]);
}

/* The poller is told as late as may be that it is not wanted. */
TEST(a_lazy_watch_is_left_alone_until_something_comes)
{
	struct loop *l = fresh();
	struct timer ahead = { .fire = NULL };	/* so that it goes on */
	struct eye e;
	int p[2], i;

	make_pipe(p);
	eye_init(&e, l, p[0], LOOP_IN);
	e.w.lazy = true;
	timer_set(l, &ahead, INT64_MAX);
	loop_turn(l, 0);
	e.wish = 0;
	loop_touch(l, &e.w);
	loop_turn(l, 0);
	CHECK(!watch_is_out(&e.w));
	e.wish = LOOP_IN;
	loop_touch(l, &e.w);
	loop_turn(l, 0);
	e.wish = 0;
	loop_touch(l, &e.w);
	CHECK_INT(write(p[1], "x", 1), 1);
	loop_turn(l, 0);
	CHECK(watch_is_out(&e.w));
	for (i = 0; i < 3; i++)
		loop_turn(l, 0);
	CHECK_INT(e.told, 0);
	e.wish = LOOP_IN;
	loop_touch(l, &e.w);
	loop_turn(l, 0);
	CHECK_INT(e.told, 1);
	CHECK_INT(e.saw, LOOP_IN);
	over(l, &e, p);
}

TEST(a_lazy_watch_that_is_not_wanted_keeps_nothing_alive)
{
	struct loop *l = fresh();
	struct eye e;
	int p[2];

	make_pipe(p);
	eye_init(&e, l, p[0], LOOP_IN);
	e.w.lazy = true;
	loop_turn(l, 0);
	e.wish = 0;
	loop_touch(l, &e.w);
	loop_run(l);
	CHECK(!watch_is_out(&e.w));
	loop_unwatch(l, &e.w);
	CHECK(watch_is_out(&e.w));
	loop_free(l);
	close_both(p);
}

TEST(a_file_is_always_ready)
{
	struct loop *l = fresh();
	FILE *f = tmpfile();
	struct eye e;

	CHECK(f != NULL);
	eye_init(&e, l, fileno(f), LOOP_IN);
	loop_turn(l, -1);
	loop_turn(l, -1);
	CHECK(e.told >= 1);
	CHECK_INT(e.saw, LOOP_IN);
	e.wish = 0;
	e.told = 0;
	loop_turn(l, -1);	/* the last event; then it is asked */
	loop_turn(l, 0);
	e.told = 0;
	loop_turn(l, 0);
	CHECK_INT(e.told, 0);
	loop_unwatch(l, &e.w);
	loop_run(l);		/* must not wait for nothing */
	loop_free(l);
	(void)fclose(f);
}

TEST(the_death_of_a_pipes_reader_is_told_to_who_asked_for_that_only)
{
	struct loop *l = fresh();
	struct eye e;
	int p[2];

	make_pipe(p);
	eye_init(&e, l, p[1], LOOP_ERR);
	loop_turn(l, 0);
	CHECK_INT(e.told, 0);	/* writable is not what was asked */
	(void)close(p[0]);
	loop_turn(l, -1);
	CHECK_INT(e.saw, LOOP_ERR);
	e.wish = 0;
	e.told = 0;
	loop_turn(l, 0);
	loop_turn(l, 0);
	CHECK_INT(e.told, 0);
	loop_unwatch(l, &e.w);
	loop_free(l);
	(void)close(p[1]);
}

TEST(with_a_hundred_ready_none_starves)
{
	enum { N = 100 };
	struct loop *l = fresh();
	static struct eye e[N];
	int p[N][2], i, served = 0;

	for (i = 0; i < N; i++) {
		make_pipe(p[i]);
		CHECK_INT(write(p[i][1], "x", 1), 1);
		eye_init(&e[i], l, p[i][0], LOOP_IN);
	}
	for (i = 0; i < 4; i++)
		loop_turn(l, 0);
	for (i = 0; i < N; i++)
		served += e[i].told > 0;
	CHECK_INT(served, N);
	for (i = 0; i < N; i++) {
		loop_unwatch(l, &e[i].w);
		(void)close(p[i][0]);
		(void)close(p[i][1]);
	}
	loop_free(l);
}

TEST(a_loop_with_nothing_to_wait_for_ends)
{
	struct loop *l = fresh();
	struct eye e;
	int p[2];

	loop_run(l);
	make_pipe(p);
	eye_init(&e, l, p[0], 0);
	loop_run(l);
	CHECK_INT(e.told, 0);
	over(l, &e, p);
}

/* ---- Signals ------------------------------------------------------------ */

static void
on_signal(void *arg, int signo)
{
	mark(signo == SIGUSR1 ? '1' : '2');
	loop_stop(arg);
}

static void
loop_stopped(void *arg)
{
	mark('x');
	loop_stop(arg);
}

TEST(signals_are_events_and_their_former_actions_come_back)
{
	struct sigaction act = { .sa_handler = SIG_IGN }, now;
	struct loop *l = fresh();
	struct timer keep = { .fire = loop_stopped, .arg = l };

	CHECK_INT(sigaction(SIGUSR2, &act, NULL), 0);
	timer_set(l, &keep, loop_now(l) + 60000 * MSEC);
	CHECK_INT(loop_signal(l, SIGUSR1, on_signal, l), 0);
	CHECK_INT(loop_signal(l, SIGUSR2, on_signal, l), 0);
	CHECK_INT(raise(SIGUSR1), 0);
	CHECK_STR(trail, "");
	loop_run(l);
	CHECK_STR(trail, "1");
	CHECK_INT(raise(SIGUSR2), 0);
	loop_run(l);
	CHECK_STR(trail, "12");
	loop_signals_restore(l);
	CHECK_INT(sigaction(SIGUSR2, NULL, &now), 0);
	CHECK(now.sa_handler == SIG_IGN);
	CHECK_INT(sigaction(SIGUSR1, NULL, &now), 0);
	CHECK(now.sa_handler == SIG_DFL);
	loop_free(l);
}

/* More than a pipe would hold. */
#define FLOOD	70000

static void
on_flood(void *arg, int signo)
{
	(void)signo;
	++*(int *)arg;
}

TEST(a_flood_of_signals_is_counted)
{
	struct loop *l = fresh();
	struct timer keep = { .fire = loop_stopped, .arg = l };
	int i, n = 0;

	timer_set(l, &keep, loop_now(l) + 60000 * MSEC);
	CHECK_INT(loop_signal(l, SIGUSR1, on_flood, &n), 0);
	CHECK_INT(loop_signal(l, SIGUSR2, on_signal, l), 0);
	for (i = 0; i < FLOOD; i++)
		(void)raise(SIGUSR1);
	CHECK_INT(raise(SIGUSR2), 0);
	loop_run(l);
	CHECK_INT(n, FLOOD);
	CHECK_STR(trail, "2");
	/* Once, and not again with the next one. */
	CHECK_INT(raise(SIGUSR2), 0);
	loop_run(l);
	CHECK_INT(n, FLOOD);
	CHECK_STR(trail, "22");
	loop_free(l);
}

TEST(a_signal_that_is_ignored_stays_ignored)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction now;
	struct loop *l = fresh();

	CHECK_INT(sigaction(SIGUSR2, &ignored, NULL), 0);
	CHECK_INT(loop_signal_unless_ignored(l, SIGUSR1, on_signal, l), 0);
	CHECK_INT(loop_signal_unless_ignored(l, SIGUSR2, on_signal, l), 0);
	CHECK_INT(sigaction(SIGUSR2, NULL, &now), 0);
	CHECK(now.sa_handler == SIG_IGN);
	CHECK_INT(raise(SIGUSR2), 0);
	CHECK_INT(raise(SIGUSR1), 0);
	loop_take_signals(l);
	CHECK_STR(trail, "1");
	loop_free(l);
	CHECK_INT(sigaction(SIGUSR1, NULL, &now), 0);
	CHECK(now.sa_handler == SIG_DFL);
	(void)signal(SIGUSR2, SIG_DFL);
}

TEST(a_loop_with_signals_only_ends)
{
	struct loop *l = fresh();

	CHECK_INT(loop_signal(l, SIGUSR1, on_signal, l), 0);
	loop_run(l);
	CHECK_STR(trail, "");
	CHECK_INT(loop_signal(l, SIGUSR1, NULL, NULL), 0);
	loop_free(l);
}

static void
let_go(void *arg)
{
	loop_background(arg, -1);
	loop_stop(arg);
}

TEST(a_timer_in_the_background_keeps_no_loop_going)
{
	struct loop *l = fresh();
	struct timer t = { .fire = let_go, .arg = l };
	int64_t since = loop_now(l);

	timer_set(l, &t, since + 60 * INT64_C(1000000000));
	loop_background(l, 1);
	loop_run(l);
	CHECK(loop_now(l) - since < 10 * INT64_C(1000000000));
	CHECK(timer_is_set(&t));
	/* Beside something that is waited for it fires. */
	timer_set(l, &t, loop_now(l) + 1000000);
	loop_hold(l, 1);
	loop_run(l);
	CHECK(!timer_is_set(&t));
	loop_hold(l, -1);
	loop_free(l);
}

static int	interrupted;	/* a pipe's end to write to */

/* As if the process had been stopped, until the timer is late. */
static void
stay_away(int signo)
{
	struct timespec away = { .tv_nsec = 250 * MSEC };

	(void)signo;
	(void)nanosleep(&away, NULL);
	(void)!write(interrupted, "x", 1);
}

static void
note_time(void *arg)
{
	mark('t');
	loop_stop(arg);
}

static void
note_event(void *arg, unsigned what)
{
	struct eye *e = arg;

	mark('e');
	eye_ready(e, what);
}

TEST(what_came_during_a_stop_is_before_what_is_late)
{
	struct sigaction act = { .sa_handler = stay_away };
	/* On a busy machine it takes a while to come to the wait. */
	struct itimerval soon = { .it_value = { .tv_usec = 150000 } };
	struct loop *l = fresh();
	struct timer t = { .fire = note_time, .arg = l };
	struct eye e;
	int p[2];

	make_pipe(p);
	interrupted = p[1];
	eye_init(&e, l, p[0], LOOP_IN);
	e.w.ready = note_event;
	e.drain = true;
	CHECK_INT(sigaction(SIGALRM, &act, NULL), 0);
	CHECK_INT(setitimer(ITIMER_REAL, &soon, NULL), 0);
	timer_set(l, &t, loop_now(l) + 300 * MSEC);
	loop_run(l);
	CHECK_STR(trail, "et");
	over(l, &e, p);
}

/* Looks now and then, as long as there is anything else. */
struct onlooker {
	struct loop	*loop;
	struct timer	 timer;
	int		 looked;
};

static void
look(void *arg)
{
	struct onlooker *o = arg;

	o->looked++;
	if (!loop_is_idle(o->loop))
		timer_set(o->loop, &o->timer, loop_now(o->loop) + MSEC);
}

TEST(whoever_just_looks_now_and_then_keeps_no_loop_alive)
{
	struct loop *l = fresh();
	struct onlooker o = { .loop = l };
	struct timer other = { .fire = look, .arg = &o };
	struct eye e;
	int p[2];

	make_pipe(p);
	CHECK_INT(write(p[1], "x", 1), 1);
	o.timer.fire = look;
	o.timer.arg = &o;
	eye_init(&e, l, p[0], LOOP_IN);
	loop_turn(l, 0);
	timer_set(l, &o.timer, loop_now(l));
	loop_turn(l, 1000 * MSEC);
	/* The pipe is still watched: it goes on. */
	CHECK(timer_is_set(&o.timer));
	e.wish = 0;
	loop_touch(l, &e.w);
	timer_set(l, &other, loop_now(l) + 5 * MSEC);
	loop_run(l);
	CHECK(o.looked > 1);
	CHECK(!timer_is_set(&o.timer));
	over(l, &e, p);
}

/*
 * Trying again: what the plan makes of its options, how the pauses grow, and
 * lookups that are limited and never more than one at a time.
 */
#include <signal.h>

#include "fake_names.h"
#include "plan_util.h"
#include "run/destinations.h"

/*
 * The resolver of this program: "slow.test" answers when the test lets it,
 * "no.test" is not there, every other name is 127.0.0.9.
 */
static sem_t		slow_go, slow_gone;
static int		lookups;

static int
fake_lookup(const char *host, int family, struct addrinfo **res)
{
	(void)family;
	__atomic_add_fetch(&lookups, 1, __ATOMIC_SEQ_CST);
	if (strcmp(host, "no.test") == 0)
		return EAI_NONAME;
	if (strcmp(host, "slow.test") == 0) {
		sem_wait(&slow_go);
		sem_post(&slow_gone);
	}
	fake_address(res, "127.0.0.9");
	return 0;
}

/* The one that is waiting; not the next. */
static void
let_go(void)
{
	sem_post(&slow_go);
	sem_wait(&slow_gone);
}

static struct run	run;
static struct messages	messages;
static int		found, failed, tries;
static int64_t		pauses[8];

static int
on_event(const struct plan *p, const struct report *r)
{
	(void)p;
	if (r->event == EVENT_RESOLVE_FAILED) {
		CHECK(r->error->num != 0 || r->error->gai != 0);
		failed++;
	} else if (r->event == EVENT_TRYING_AGAIN) {
		if (tries < 8)
			pauses[tries] = r->pause;
		tries++;
	}
	return 1;
}

static void
on_found(void *arg)
{
	CHECK(arg == &run);
	found++;
}

static void
begin_run(int retries, int64_t delay)
{
	begin();
	memset(&run, 0, sizeof(run));
	messages = (struct messages){ .report = on_event };
	plan.messages = &messages;
	plan.retry = (struct plan_retry){ .retries = retries,
	    .returns = retries, .delay = delay, .delay_most = 4 * delay,
	    .names = true };
	run.plan = &plan;
	run.messages = &messages;
	run.loop = loop;
	found = failed = tries = lookups = 0;
}

static struct port_range	port_80 = { 80, 80, "80" };

static void
find(struct destinations *t, const char *host)
{
	plan.host = host;
	plan.ports = &port_80;
	plan.nports = 1;
	memset(t, 0, sizeof(*t));
	CHECK_INT(destinations_find(t, &run, on_found, &run), 0);
}

TEST(pauses_double_up_to_the_longest)
{
	struct retry a;
	struct error err;
	int i;

	begin_run(5, 10 * NSEC_PER_MSEC);
	error_set(&err, ECONNREFUSED, "connect to", "somebody");
	retry_init(&a, &run, on_found, &run);
	for (i = 0; i < 5; i++) {
		CHECK(retry_may(&a));
		retry_later(&a, &err);
		CHECK(retry_is_pausing(&a));
		CHECK(turn_until(&found, i + 1));
		CHECK(!retry_is_pausing(&a));
	}
	CHECK(!retry_may(&a));
	CHECK_INT(tries, 5);
	CHECK_INT(pauses[0], 10 * NSEC_PER_MSEC);
	CHECK_INT(pauses[1], 20 * NSEC_PER_MSEC);
	CHECK_INT(pauses[2], 40 * NSEC_PER_MSEC);
	CHECK_INT(pauses[4], 40 * NSEC_PER_MSEC);
	CHECK_STR(run.deadline.last.op, "connect to");
	/* Something else is tried as often, and as soon. */
	retry_fresh(&a, 1);
	CHECK(retry_may(&a));
	CHECK_INT(a.pause, 10 * NSEC_PER_MSEC);
	finish();
}

TEST(nothing_is_tried_again_after_a_signal)
{
	struct retry a;

	begin_run(-1, NSEC_PER_SEC);
	retry_init(&a, &run, on_found, &run);
	CHECK(retry_may(&a));
	run.signo = SIGTERM;
	CHECK(!retry_may(&a));
	finish();
}

TEST(a_name_that_is_not_there_is_looked_up_again)
{
	struct destinations t;

	begin_run(2, NSEC_PER_MSEC);
	find(&t, "no.test");
	CHECK(turn_until(&failed, 1));
	CHECK_INT(lookups, 3);
	CHECK_INT(tries, 2);
	CHECK_INT(run.status, 1);
	destinations_free(&t);
	finish();
}

TEST(a_silent_resolver_ends_with_the_limit_of_connecting)
{
	struct destinations t;
	int64_t since = clock_now();

	begin_run(0, NSEC_PER_SEC);
	plan.connect_timeout = 100 * NSEC_PER_MSEC;
	find(&t, "slow.test");
	CHECK(turn_until(&failed, 1));
	CHECK(clock_now() - since >= 100 * NSEC_PER_MSEC);
	CHECK_INT(run.status, 1);
	destinations_free(&t);
	let_go();
	finish();
}

TEST(other_personalities_wait_for_their_resolver)
{
	struct destinations t;

	begin_run(0, NSEC_PER_SEC);
	plan.retry.names = false;
	plan.connect_timeout = 20 * NSEC_PER_MSEC;
	find(&t, "slow.test");
	turns_within(60 * NSEC_PER_MSEC);
	CHECK_INT(failed, 0);
	let_go();
	CHECK(turn_until(&found, 1));
	destinations_free(&t);
	finish();
}

TEST(a_silent_resolver_is_asked_by_one_thread)
{
	struct destinations t;
	unsigned port;

	begin_run(-1, NSEC_PER_MSEC);
	plan.connect_timeout = 10 * NSEC_PER_MSEC;
	find(&t, "slow.test");
	CHECK(turn_until(&tries, 5));
	CHECK(lookups <= 1);
	CHECK_INT(found, 0);
	/* Its answer is still good. */
	let_go();
	CHECK(turn_until(&found, 1));
	CHECK_INT(lookups, 1);
	CHECK(!retry_is_pausing(&t.retry));
	CHECK(destinations_next(&t, &port));
	CHECK_INT(port, 80);
	destinations_free(&t);
	finish();
}

TEST(the_same_port_is_tried_again_after_a_new_lookup)
{
	struct destinations t;
	struct error err;
	unsigned port = 0;

	begin_run(1, NSEC_PER_MSEC);
	find(&t, "quick.test");
	CHECK(turn_until(&found, 1));
	CHECK(destinations_next(&t, &port));
	/* What is ours fails as it did. */
	error_set(&err, EADDRINUSE, "bind", "us");
	CHECK(!destinations_may_retry(&t, &err));
	error_set(&err, ECONNREFUSED, "connect to", "them");
	CHECK(destinations_may_retry(&t, &err));
	destinations_retry(&t, &err);
	CHECK(turn_until(&found, 2));
	CHECK_INT(lookups, 2);
	port = 0;
	CHECK(destinations_next(&t, &port));
	CHECK_INT(port, 80);
	CHECK(!destinations_may_retry(&t, &err));
	CHECK(!destinations_next(&t, &port));
	destinations_free(&t);
	finish();
}

TEST(a_connection_that_has_ended_is_no_try)
{
	struct destinations t;
	struct error err;
	unsigned port = 0;

	begin_run(0, NSEC_PER_MSEC);
	plan.retry.returns = 1;
	find(&t, "quick.test");
	CHECK(turn_until(&found, 1));
	CHECK(destinations_next(&t, &port));
	error_set(&err, ECONNREFUSED, "connect to", "them");
	CHECK(!destinations_may_retry(&t, &err));
	CHECK(destinations_return(&t));
	CHECK(turn_until(&found, 2));
	CHECK(destinations_next(&t, &port));
	CHECK(destinations_may_retry(&t, &err));
	destinations_retry(&t, &err);
	CHECK(turn_until(&found, 3));
	CHECK(destinations_next(&t, &port));
	CHECK(!destinations_may_retry(&t, &err));
	destinations_free(&t);
	finish();
}

/* ---- Plans -------------------------------------------------------------- */

TEST(options_make_the_plan)
{
	struct plan p;

	CHECK_INT(plan_of(&p, "sockcat --deadline 1.5 --retry 3 h 1"), 0);
	CHECK_INT(p.deadline, 1500 * NSEC_PER_MSEC);
	CHECK_INT(p.retry.retries, 3);
	CHECK_INT(p.retry.delay, NSEC_PER_SEC);
	CHECK_INT(p.retry.delay_most, NSEC_PER_SEC);
	CHECK(p.retry.names);
	plan_free(&p);
	CHECK_INT(plan_of(&p, "nc --retry forever --retry-delay 20ms h 1"), 0);
	CHECK_INT(p.deadline, -1);
	CHECK_INT(p.retry.retries, -1);
	CHECK_INT(p.retry.delay_most, 20 * NSEC_PER_MSEC);
	CHECK(!p.retry.names);
	plan_free(&p);
	CHECK_INT(plan_of(&p, "sockcat --reconnect h 1"), 0);
	CHECK_INT(p.retry.retries, 0);
	CHECK_INT(p.retry.returns, -1);
	CHECK_INT(p.end.far_eof, FAR_KEEP_INPUT);
	plan_free(&p);
	CHECK_INT(plan_of(&p, "sockcat --reconnect --retry 2 h 1"), 0);
	CHECK_INT(p.retry.returns, 2);
	plan_free(&p);
	CHECK_INT(plan_of(&p, "nc --wait-for h 1"), 0);
	CHECK_INT(p.mode, PLAN_WAIT);
	CHECK_INT(p.retry.retries, -1);
	CHECK_INT(p.retry.delay, 100 * NSEC_PER_MSEC);
	CHECK_INT(p.retry.delay_most, NSEC_PER_SEC);
	CHECK_INT(p.connect_timeout, 5 * NSEC_PER_SEC);
	CHECK(p.retry.names);
	plan_free(&p);
}

TEST(faults_are_reported_in_one_line)
{
	static const struct { const char *line, *said; } t[] = {
		{ "sockcat --deadline 0 h 1",
		    "sockcat: --deadline: deadline too small: 0\n" },
		{ "sockcat --deadline -1 h 1",
		    "sockcat: --deadline: deadline invalid: -1 (a time is a "
		    "number of seconds, or has a unit: 500ms 5s 2m 1h)\n" },
		{ "nc --deadline soon h 1", "nc: deadline invalid: soon\n" },
		{ "sockcat --deadline 9223372036 h 1",
		    "sockcat: --deadline: deadline too large: 9223372036\n" },
		{ "sockcat --retry ever h 1",
		    "sockcat: --retry: retry count invalid: ever\n" },
		{ "sockcat --retry -1 h 1",
		    "sockcat: --retry: retry count too small: -1\n" },
		{ "sockcat --retry 1 --retry-delay 0ms h 1",
		    "sockcat: --retry-delay: retry delay too small: 0ms\n" },
		{ "sockcat --retry-delay 1 h 1",
		    "sockcat: must use --retry, --reconnect or --wait-for "
		    "with --retry-delay\n" },
		{ "sockcat --reconnect -l 1",
		    "sockcat: cannot use --reconnect and -l: use -k\n" },
		{ "nc --wait-for -c true h 1", "nc: cannot use --wait-for "
		    "and -c: run it afterwards\n" },
		{ "sockcat --wait-for h", "sockcat: missing port number\n" },
	};
	struct plan p;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(plan_of(&p, t[i].line), 1);
		CHECK_STR(plan_said, t[i].said);
	}
}

TEST(it_is_explained)
{
	CHECK_STR(plan_explained("sockcat --explain --wait-for -w 2 "
	    "--deadline 1m h 1 2"),
	    "personality: native\n"
	    "local: nothing\n"
	    "remote: wait for (tcp) h port 1,2; IPv6 or IPv4, tried in "
	    "parallel\n"
	    "retry: without limit, after 100ms and "
	    "up to 1s\n"
	    "limit: the whole run 60s\n"
	    "limit: connecting 2s\n"
	    "limit: silence 2s\n");
	CHECK(strstr(plan_explained("sockcat --explain --reconnect "
	    "--retry 1 h 1"),
	    "retry: 1 time, after 1s\n"
	    "reconnect: 1 time, after 1s\n") != NULL);
}

BEFORE
{
	sem_init(&slow_go, 0, 0);
	sem_init(&slow_gone, 0, 0);
}

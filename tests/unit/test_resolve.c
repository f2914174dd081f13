#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "fake_names.h"
#include "run/net_options.h"

/*
 * The resolver of this program: "many.test" has addresses of both families,
 * "twice.test" has one address of each, the first of them given twice, and
 * "slow.test" answers when the test lets it. Every other name is the system's
 * affair.
 */
static sem_t		slow_asked, slow_go;
static sigset_t		thread_mask;
static int		threads_asked;

static int
fake_lookup(const char *host, int family, struct addrinfo **res)
{
	static const char *const many[] = { "2001:db8::1", "2001:db8::2",
	    "2001:db8::3", "192.0.2.1", "192.0.2.2" };

	(void)family;
	threads_asked++;
	if (strcmp(host, "slow.test") == 0) {
		pthread_sigmask(SIG_BLOCK, NULL, &thread_mask);
		sem_post(&slow_asked);
		sem_wait(&slow_go);
		fake_address(res, "127.0.0.9");
	} else if (strcmp(host, "twice.test") == 0) {
		fake_address(res, "192.0.2.1");
		fake_address(res, "2001:db8::1");
		fake_address(res, "192.0.2.1");
	} else if (strcmp(host, "many.test") == 0) {
		for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
			fake_address(res, many[i]);
	} else
		return NOT_FAKED;
	return 0;
}

static int		answers;
static struct addr_list	list;
static struct error	error;

static void
done(void *arg, struct addr_list *l, const struct error *err)
{
	CHECK(arg == &list);
	answers++;
	list = *l;
	error = *err;
}

static struct resolve *
start(const char *host, const char *port, bool passive)
{
	const struct resolve_options opt = net_resolve_options(&plan);
	struct resolve *r;

	answers = 0;
	memset(&list, 0, sizeof(list));
	r = resolve_start(loop, &opt, host, port, passive, done, &list);
	CHECK(r != NULL);
	CHECK_INT(answers, 0);
	return r;
}

static void
look_up(const char *host, const char *port, bool passive)
{
	start(host, port, passive);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answers, 1);
}

/* The answer in words, "host host ...". */
static const char *
hosts(void)
{
	static char text[400];
	char host[ADDR_HOST_MAX];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < list.n; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, addr_host(&list.v[i], host, sizeof(host)));
	}
	return text;
}

static void
expect(const char *host, const char *port, bool passive, const char *answer)
{
	look_up(host, port, passive);
	CHECK_INT(error.num, 0);
	CHECK_INT(error.gai, 0);
	CHECK_STR(hosts(), answer);
	addr_list_free(&list);
}

static void
expect_gai(const char *host, const char *port, int gai)
{
	look_up(host, port, false);
	CHECK_INT(error.gai, gai);
	CHECK_INT(error.num, 0);
	CHECK_INT(list.n, 0);
	addr_list_free(&list);
}

TEST(numeric_hosts_need_no_thread)
{
	begin();
	threads_asked = 0;
	expect("127.0.0.1", "80", false, "127.0.0.1");
	expect("::1", "80", false, "::1");
	look_up(NULL, "80", false);		/* loopback,
	    in the system's order */
	CHECK(list.n >= 1);
	addr_list_free(&list);
	CHECK_INT(threads_asked, 0);
	finish();
}

TEST(the_port_comes_along)
{
	begin();
	look_up("127.0.0.1", "65535", false);
	CHECK_INT(addr_port(&list.v[0]), 65535);
	addr_list_free(&list);
	if (getservbyname("http", "tcp") != NULL) {
		look_up("127.0.0.1", "http", false);
		CHECK_INT(addr_port(&list.v[0]), 80);
		addr_list_free(&list);
	}
	look_up("127.0.0.1", NULL, false);
	CHECK_INT(addr_port(&list.v[0]), 0);
	addr_list_free(&list);
	finish();
}

TEST(wrong_ports_are_refused)
{
	begin();
	expect_gai("127.0.0.1", "65536", EAI_SERVICE);
	expect_gai("127.0.0.1", "99999999999999999999", EAI_SERVICE);
	expect_gai("127.0.0.1", "no-such-service", EAI_SERVICE);
	plan.numeric_service = true;
	expect_gai("127.0.0.1", "http", EAI_NONAME);
	finish();
}

TEST(numeric_alone_asks_no_resolver)
{
	begin();
	threads_asked = 0;
	plan.numeric = true;
	expect_gai("localhost", "80", EAI_NONAME);
	CHECK_INT(threads_asked, 0);
	finish();
}

TEST(the_other_family_is_an_error)
{
	begin();
	plan.family = FAMILY_INET6;
	expect_gai("127.0.0.1", "80", EAI_ADDRFAMILY);
	finish();
}

TEST(a_listener_gets_the_wildcard_it_asked_for)
{
	if (!have_inet6())
		SKIP("no IPv6");
	begin();
	plan.mode = PLAN_LISTEN;
	expect(NULL, "80", true, "::");
	plan.wildcard = WILDCARD_BOTH;
	expect(NULL, "80", true, ":: 0.0.0.0");
	plan.wildcard = WILDCARD_INET;
	expect(NULL, "80", true, "0.0.0.0");
	plan.family = FAMILY_INET6;
	expect(NULL, "80", true, "::");
	finish();
}

TEST(a_connecting_socket_gets_both_wildcards)
{
	if (!have_inet6())
		SKIP("no IPv6");
	begin();
	plan.mode = PLAN_CONNECT;
	plan.wildcard = WILDCARD_INET;
	expect(NULL, "80", true, ":: 0.0.0.0");
	plan.family = FAMILY_INET;
	expect(NULL, "80", true, "0.0.0.0");
	finish();
}

TEST(a_name_is_looked_up_in_a_thread)
{
	begin();
	plan.family = FAMILY_INET;
	threads_asked = 0;
	look_up("localhost", "80", false);
	CHECK_INT(threads_asked, 1);
	CHECK(list.n >= 1);
	CHECK_INT(list.n >= 1 ? addr_port(&list.v[0]) : 0, 80);
	addr_list_free(&list);
	finish();
}

TEST(families_take_turns_in_a_race_only)
{
	begin();
	expect("many.test", "80", false,
	    "2001:db8::1 2001:db8::2 2001:db8::3 192.0.2.1 192.0.2.2");
	plan.race_delay = 0;
	expect("many.test", "80", false,
	    "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3");
	finish();
}

TEST(an_address_is_tried_once_unless_the_plan_repeats_it)
{
	begin();
	expect("twice.test", "80", false, "192.0.2.1 2001:db8::1");
	plan.repeat_addrs = true;
	expect("twice.test", "80", false, "192.0.2.1 2001:db8::1 192.0.2.1");
	finish();
}

TEST(the_loop_turns_while_a_name_is_looked_up)
{
	int signals_blocked = 0, s;

	begin();
	start("slow.test", "80", false);
	while (sem_wait(&slow_asked) == -1)
		continue;
	loop_turn(loop, 0);
	CHECK_INT(answers, 0);
	for (s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signals_blocked += sigismember(&thread_mask, s);
	CHECK_INT(signals_blocked, 29);
	sem_post(&slow_go);
	CHECK(turn_until(&answers, 1));
	CHECK_STR(hosts(), "127.0.0.9");
	addr_list_free(&list);
	finish();
}

static int	threads_at_start;

static int
threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* All threads that were sent out have ended. */
static bool
threads_end(void)
{
	int64_t end = clock_now() + PATIENCE;

	while (threads() > threads_at_start && clock_now() < end)
		sched_yield();
	return threads() == threads_at_start;
}

TEST(a_cancelled_lookup_leaves_its_thread_behind)
{
	struct resolve *r;
	int fds;

	CHECK(threads_end());
	fds = open_fds();
	begin();
	r = start("slow.test", "80", false);
	while (sem_wait(&slow_asked) == -1)
		continue;
	resolve_cancel(r);
	loop_run(loop);		/* ends: nothing is left to wait for */
	finish();
	sem_post(&slow_go);
	CHECK(threads_end());
	CHECK_INT(open_fds(), fds);
	CHECK_INT(answers, 0);
}

TEST(a_cancelled_answer_never_comes)
{
	begin();
	resolve_cancel(start("127.0.0.1", "80", false));
	loop_run(loop);
	CHECK_INT(answers, 0);
	finish();
}

TEST(Unix_paths_are_taken_as_they_are)
{
	char path[300];

	begin();
	plan.family = FAMILY_UNIX;
	expect("/tmp/x", NULL, false, "/tmp/x");
	expect("@x", NULL, false, "@x");
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	look_up(path, NULL, false);
	CHECK_INT(error.num, ENAMETOOLONG);
	CHECK_INT(list.n, 0);
	finish();
}

static void *
do_nothing(void *arg)
{
	return arg;
}

/* A sanitizer adds a thread of its own to the first one that is made. */
static void
count_threads(void)
{
	int64_t end = clock_now() + NSEC_PER_SEC;
	int before = threads();
	pthread_t t;

	if (pthread_create(&t, NULL, do_nothing, NULL) == 0)
		pthread_join(t, NULL);
	do
		threads_at_start = threads();
	while (threads_at_start != before && clock_now() < end);
}

BEFORE
{
	count_threads();
	sem_init(&slow_asked, 0, 0);
	sem_init(&slow_go, 0, 0);
}

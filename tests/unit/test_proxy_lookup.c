/*
 * Lookups of a proxy server's clients: never too many at once, whoever leaves,
 * and no host takes all places.
 */
#include <sys/socket.h>
#include <netdb.h>
#include <semaphore.h>

#include "net.h"
#include "serve/proxy_lookup.h"

static sem_t			asked, go;
static struct run		run;
static struct proxy_lookups	lookups;
static struct proxy_lookup	*all[400];
static int			nall, starts;
static int			done, failed;

/* No name exists, and every answer waits until the test lets it go. */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **res)
{
	(void)host, (void)port;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	sem_post(&asked);
	sem_wait(&go);
	*res = NULL;
	return EAI_FAIL;
}

static void
on_done(void *arg, struct addr_list *list, const struct error *err)
{
	CHECK(arg == &done);
	done++;
	failed += err->num != 0 || err->gai != 0;
	addr_list_free(list);
}

static int
threads(void)
{
	int n;

	sem_getvalue(&asked, &n);
	return n;
}

static void
threads_reach(int n)
{
	int64_t end = clock_now() + PATIENCE;

	while (threads() < n && clock_now() < end)
		turn(NSEC_PER_MSEC);
	CHECK_INT(threads(), n);
}

static void
open_house(void)
{
	begin();
	sem_init(&asked, 0, 0);
	sem_init(&go, 0, 0);
	done = failed = nall = starts = 0;
	run = (struct run){ .loop = loop, .plan = &plan };
	proxy_lookups_init(&lookups, &run);
	/* No two of the test's hosts share a count. */
	lookups.seed = 1;
}

/* n clients of a host ask for a name; so many threads begin. */
static void
come(const char *host, int n, int sock, int begins)
{
	struct addr peer = addr_of(host, 1);

	for (int i = 0; i < n; i++)
		all[nall++] = proxy_lookup_start(&lookups, "slow.test", &peer,
		    sock, on_done, &done);
	starts += begins;
	threads_reach(starts);
}

/* One client of each of so many hosts. */
static void
come_from_everywhere(int n)
{
	char host[32];

	for (int i = 0; i < n; i++) {
		snprintf(host, sizeof(host), "10.0.%d.1", i);
		come(host, 1, -1, 1);
	}
}

static void
leave(int first, int n)
{
	for (int i = first; i < first + n; i++)
		proxy_lookup_cancel(all[i]);
}

static void
close_house(void)
{
	for (int i = 0; i < nall; i++)
		sem_post(&go);
	while (lookups.present.n + lookups.left.n > 0)
		turn(NSEC_PER_MSEC);
	CHECK(TAILQ_EMPTY(&lookups.waiting));
	proxy_lookups_free(&lookups);
	proxy_lookups_free(&lookups);
	finish();
	CHECK_INT(failed, done);
}

#define HALF	(PROXY_LOOKUPS_MAX / 2)

TEST(a_host_leaves_places_to_others)
{
	open_house();
	come("192.0.2.1", HALF + 10, -1, HALF);
	come("192.0.2.2", HALF, -1, HALF / 2);
	come("192.0.2.3", 1, -1, 1);
	/* The host's own clients wait for each other, in order. */
	sem_post(&go);
	CHECK(turn_until(&done, 1));
	CHECK(lookups.present.n <= PROXY_LOOKUPS_MAX);
	close_house();
	CHECK_INT(done, 2 * HALF + 11);
}

TEST(hosts_fill_all_places_together)
{
	open_house();
	come_from_everywhere(PROXY_LOOKUPS_MAX / 2);
	come("192.0.2.1", HALF, -1, HALF / 2);
	come("192.0.2.2", HALF, -1, HALF / 4 + 1);
	CHECK(lookups.present.n <= PROXY_LOOKUPS_MAX);
	close_house();
	CHECK_INT(done, PROXY_LOOKUPS_MAX / 2 + 2 * HALF);
}

TEST(a_client_that_has_left_gives_its_place_back)
{
	open_house();
	come("192.0.2.1", HALF + 10, -1, HALF);
	leave(0, HALF + 10);
	come("192.0.2.1", HALF + 10, -1, HALF);
	/* The threads are not without number: now these keep their places. */
	leave(HALF + 10, HALF + 10);
	come("192.0.2.1", 1, -1, 0);
	come("192.0.2.2", 1, -1, 1);
	close_house();
	CHECK_INT(done, 2);
}

/* As of clients that wait for a target, and are not read. */
TEST(so_does_one_that_has_ended_and_is_not_read)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		abort();
	open_house();
	come("192.0.2.1", HALF + 10, pair[0], HALF);
	close(pair[1]);
	/* One that comes, or those that wait, find that out. */
	come("192.0.2.1", 1, -1, 1);
	starts += 10;
	threads_reach(starts);
	close_house();
	/* It may have ended its sending alone, and gets its answer. */
	CHECK_INT(done, HALF + 11);
	close(pair[0]);
}

TEST(those_that_wait_may_leave)
{
	open_house();
	come("192.0.2.1", HALF + 10, -1, HALF);
	leave(HALF, 10);
	proxy_lookup_cancel(NULL);
	CHECK(TAILQ_EMPTY(&lookups.waiting));
	close_house();
	CHECK_INT(done, HALF);
}

TEST(a_number_never_waits)
{
	struct addr peer = addr_of("192.0.2.1", 1);

	open_house();
	come("192.0.2.1", HALF + 10, -1, HALF);
	CHECK(proxy_lookup_start(&lookups, "192.0.2.9", &peer, -1, on_done,
	    &done) != NULL);
	CHECK(turn_until(&done, 1));
	CHECK_INT(failed, 0);
	failed = 1;
	close_house();
}

TEST(the_server_may_end_before_its_threads)
{
	int fds = open_fds();

	open_house();
	come("192.0.2.1", HALF + 2, -1, HALF);
	leave(0, HALF + 2);
	come("192.0.2.1", HALF + 2, -1, HALF);
	leave(HALF + 2, HALF + 2);
	proxy_lookups_free(&lookups);
	finish();
	CHECK_INT(done, 0);
	for (int i = 0; i < starts; i++)
		sem_post(&go);
	for (int64_t end = clock_now() + PATIENCE;
	    open_fds() != fds && clock_now() < end;)
		(void)usleep(1000);
	CHECK_INT(open_fds(), fds);
}

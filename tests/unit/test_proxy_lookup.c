/*
 * Lookups of a proxy server's clients: never too many at once, whoever leaves.
 */
#include <netdb.h>
#include <semaphore.h>

#include "net.h"
#include "serve/proxy_lookup.h"

static sem_t			asked, go;
static struct run		run;
static struct proxy_lookups	lookups;
static struct proxy_lookup	*all[PROXY_LOOKUPS_MAX + 2];
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
fill(void)
{
	begin();
	sem_init(&asked, 0, 0);
	sem_init(&go, 0, 0);
	done = failed = 0;
	run = (struct run){ .loop = loop, .plan = &plan };
	proxy_lookups_init(&lookups, &run);
	for (int i = 0; i < PROXY_LOOKUPS_MAX + 2; i++)
		all[i] = proxy_lookup_start(&lookups, "slow.test", on_done,
		    &done);
	threads_reach(PROXY_LOOKUPS_MAX);
}

static void
empty(void)
{
	for (int i = 0; i < PROXY_LOOKUPS_MAX + 2; i++)
		sem_post(&go);
	while (lookups.ngoing > 0)
		turn(NSEC_PER_MSEC);
	proxy_lookups_free(&lookups);
	proxy_lookups_free(&lookups);
	finish();
}

static void
further_clients_wait(void)
{
	fill();
	CHECK_INT((int)lookups.ngoing, PROXY_LOOKUPS_MAX);
	sem_post(&go);
	CHECK(turn_until(&done, 1));
	threads_reach(PROXY_LOOKUPS_MAX + 1);
	CHECK_INT((int)lookups.ngoing, PROXY_LOOKUPS_MAX);
	empty();
	CHECK_INT(done, PROXY_LOOKUPS_MAX + 2);
	CHECK_INT(failed, PROXY_LOOKUPS_MAX + 2);
}

static void
a_thread_counts_when_its_client_has_left(void)
{
	fill();
	for (int i = 0; i < PROXY_LOOKUPS_MAX; i++)
		proxy_lookup_cancel(all[i]);
	proxy_lookup_cancel(all[PROXY_LOOKUPS_MAX + 1]);
	proxy_lookup_cancel(NULL);
	(void)turns_within(20 * NSEC_PER_MSEC);
	CHECK_INT(threads(), PROXY_LOOKUPS_MAX);
	empty();
	/* The last but one was waiting, and the last has left. */
	CHECK_INT(done, 1);
	CHECK_INT(threads(), PROXY_LOOKUPS_MAX + 1);
}

static void
the_server_may_end_before_its_threads(void)
{
	int fds = open_fds();

	fill();
	for (int i = 0; i < PROXY_LOOKUPS_MAX + 2; i++)
		proxy_lookup_cancel(all[i]);
	proxy_lookups_free(&lookups);
	finish();
	CHECK_INT(done, 0);
	for (int i = 0; i < PROXY_LOOKUPS_MAX; i++)
		sem_post(&go);
	for (int64_t end = clock_now() + PATIENCE;
	    open_fds() != fds && clock_now() < end;)
		(void)usleep(1000);
	CHECK_INT(open_fds(), fds);
}

int
main(void)
{
	unit_run("further clients wait", further_clients_wait);
	unit_run("a thread counts when its client has left",
	    a_thread_counts_when_its_client_has_left);
	unit_run("the server may end before its threads",
	    the_server_may_end_before_its_threads);
	return unit_end();
}

/*
 * Clients that have yet to become ready: they wait in order, one makes room,
 * and nothing of them is left. The work of each is over when the test says so.
 */
#include <sys/resource.h>
#include <stdlib.h>

#include "pending_rig.h"

struct work {
	struct fd		 fd;
	struct pending_client	*of;
};

static struct work	works[PENDING_CLIENTS_MAX + 400];
static size_t		nworks;
static int		cancelled;
static int64_t		limit;
static bool		refuse;		/* the next work does not start */

static void *
start(struct loop *l, const struct fd *fd, struct layer *tls, int64_t until,
    struct pending_client *of)
{
	CHECK(l == loop);
	CHECK(tls == NULL);
	limit = until;
	if (refuse) {
		errno = EMFILE;
		return NULL;
	}
	works[nworks] = (struct work){ *fd, of };
	return &works[nworks++];
}

static void
cancel(void *arg)
{
	struct work *w = arg;

	fd_close(&w->fd);
	cancelled++;
}

static const struct pending_kind kind = { start, cancel, "a crowd" };

static struct pending_clients *
begin_clients(void)
{
	nworks = 0;
	cancelled = 0;
	return start_clients(&kind);
}

static void
succeed(size_t i)
{
	pending_client_done(works[i].of, &works[i].fd, NULL, NULL);
}

static void
a_silent_client_keeps_nobody_out(void)
{
	int fds = open_fds();
	struct pending_clients *s = begin_clients();
	int silent = add_client(s, 1, NULL), other = add_client(s, 2, NULL);

	CHECK(limit > loop_now(loop) + PENDING_CLIENT_TIME - NSEC_PER_SEC);
	succeed(1);
	CHECK_INT(done, 0);
	turn(0);
	CHECK_INT(done, 1);
	CHECK_INT((int)addr_port(&met[0].peer), 2);
	CHECK_INT((int)pending_clients_close(s), 1);
	CHECK_INT(cancelled, 1);
	pending_clients_free(s);
	close(silent);
	close(other);
	finish();
	CHECK_INT(open_fds(), fds);
}

static void
new_ends_replace_those_of_the_socket(void)
{
	const struct addr_pair ends = { addr_of("192.0.2.1", 1000),
	    addr_of("192.0.2.2", 443) };
	struct pending_clients *s = begin_clients();
	int other = add_client(s, 1, NULL);

	pending_client_done(works[0].of, &works[0].fd, &ends, NULL);
	turn(0);
	CHECK_INT((int)addr_port(&met[0].peer), 1000);
	CHECK_INT((int)addr_port(&met[0].local), 443);
	pending_clients_free(s);
	close(other);
	finish();
}

static void
during_a_pause_clients_wait_in_order(void)
{
	struct pending_clients *s = begin_clients();
	int first = add_client(s, 1, NULL), second = add_client(s, 2, NULL);

	pending_clients_pause(s, true);
	succeed(1);
	turn(0);
	succeed(0);
	turn(0);
	CHECK_INT(done, 0);
	pending_clients_pause(s, false);
	turn(0);
	CHECK_INT(done, 2);
	CHECK_INT((int)addr_port(&met[0].peer), 2);
	CHECK_INT((int)addr_port(&met[1].peer), 1);
	pending_clients_free(s);
	close(first);
	close(second);
	finish();
}

static void
ready_clients_are_closed_with_the_others(void)
{
	int fds = open_fds();
	struct pending_clients *s = begin_clients();
	int first = add_client(s, 1, NULL), second = add_client(s, 2, NULL);

	pending_clients_pause(s, true);
	succeed(0);
	CHECK_INT((int)pending_clients_close(s), 2);
	CHECK_INT(cancelled, 1);
	CHECK_INT((int)pending_clients_close(s), 0);
	CHECK_INT((int)pending_clients_close(NULL), 0);
	pending_clients_free(s);
	pending_clients_free(NULL);
	close(first);
	close(second);
	finish();
	CHECK_INT(open_fds(), fds);
}

static void
a_failure_names_the_client(void)
{
	const struct error err = { .num = EPROTO, .why = "no sense" };
	struct pending_clients *s = begin_clients();
	int other = add_client(s, 5, NULL);

	fd_close(&works[0].fd);
	pending_client_failed(works[0].of, &err);
	CHECK_INT(failed, 1);
	CHECK_INT(error.num, EPROTO);
	CHECK_STR(error.why, "no sense");
	CHECK_INT((int)addr_port(&met[7].peer), 5);
	CHECK_INT((int)pending_clients_close(s), 0);
	pending_clients_free(s);
	close(other);
	finish();
}

static void
work_that_cannot_start_fails_at_once(void)
{
	int fds = open_fds(), other;
	struct pending_clients *s = begin_clients();

	refuse = true;
	other = add_client(s, 6, NULL);
	refuse = false;
	CHECK_INT(failed, 1);
	CHECK_INT(error.num, EMFILE);
	CHECK_INT((int)addr_port(&met[7].peer), 6);
	CHECK_INT((int)read(other, &(char){ 0 }, 1), 0);
	pending_clients_free(s);
	close(other);
	finish();
	CHECK_INT(open_fds(), fds);
}

static bool
many_descriptors(void)
{
	const rlim_t wanted = 3 * PENDING_CLIENTS_MAX;
	struct rlimit fds;

	(void)getrlimit(RLIMIT_NOFILE, &fds);
	if (fds.rlim_max != RLIM_INFINITY && fds.rlim_max < wanted)
		return false;
	fds.rlim_cur = wanted;
	return setrlimit(RLIMIT_NOFILE, &fds) == 0;
}

/* The first comes alone from its host; the others are of two hosts. */
static void
the_oldest_of_the_host_with_most_makes_room(void)
{
	struct pending_clients *s;
	static int others[PENDING_CLIENTS_MAX + 1];
	int late[301];

	if (!many_descriptors())
		SKIP("too few descriptors are allowed");
	s = begin_clients();
	for (unsigned i = 0; i < PENDING_CLIENTS_MAX; i++)
		others[i] = add_client_of(s, i == 0 ? "192.0.2.1" :
		    i < 400 ? "192.0.2.2" : "192.0.2.3", i + 1, NULL);
	CHECK_INT(failed, 0);
	others[PENDING_CLIENTS_MAX] = add_client_of(s, "192.0.2.1",
	    9999, NULL);
	CHECK_INT(failed, 1);
	CHECK_STR(error.why, "a crowd");
	CHECK_INT((int)addr_port(&met[7].peer), 401);
	CHECK_INT((int)read(others[400], &(char){ 0 }, 1), 0);
	/* Clients that have become ready count no longer. */
	for (size_t i = 401; i < 401 + 300; i++)
		succeed(i);
	turn(0);
	CHECK_INT(done, 300);
	for (int i = 0; i < 301; i++)
		late[i] = add_client_of(s, "192.0.2.4", 1, NULL);
	CHECK_INT(failed, 2);
	CHECK_INT((int)addr_port(&met[7].peer), 2);
	CHECK_INT((int)pending_clients_close(s), PENDING_CLIENTS_MAX);
	pending_clients_free(s);
	for (int i = 0; i <= PENDING_CLIENTS_MAX; i++)
		close(others[i]);
	for (int i = 0; i < 301; i++)
		close(late[i]);
	finish();
}

static struct pending_clients *doomed;

static void
free_all(void *arg, const struct addr *peer, const struct error *err)
{
	(void)arg;
	(void)peer;
	(void)err;
	failed++;
	pending_clients_free(doomed);
}

static void
the_failure_of_the_oldest_may_end_all(void)
{
	static const struct pending_clients_ops ops = { on_client_accepted,
	    free_all };
	static int others[PENDING_CLIENTS_MAX + 1];
	int fds = open_fds();

	if (!many_descriptors())
		SKIP("too few descriptors are allowed");
	begin();
	nworks = 0;
	failed = 0;
	doomed = pending_clients_new(loop, &kind, &ops, &got);
	for (unsigned i = 0; i <= PENDING_CLIENTS_MAX; i++)
		others[i] = add_client(doomed, i + 1, NULL);
	CHECK_INT(failed, 1);
	/* The last was not begun, and is closed. */
	CHECK_INT((int)nworks, PENDING_CLIENTS_MAX);
	for (int i = 0; i <= PENDING_CLIENTS_MAX; i++)
		close(others[i]);
	finish();
	CHECK_INT(open_fds(), fds);
}

int
main(void)
{
	unit_run("a silent client keeps nobody out",
	    a_silent_client_keeps_nobody_out);
	unit_run("new ends replace those of the socket",
	    new_ends_replace_those_of_the_socket);
	unit_run("during a pause clients wait in order",
	    during_a_pause_clients_wait_in_order);
	unit_run("ready clients are closed with the others",
	    ready_clients_are_closed_with_the_others);
	unit_run("a failure names the client", a_failure_names_the_client);
	unit_run("work that cannot start fails at once",
	    work_that_cannot_start_fails_at_once);
	unit_run("the oldest of the host with most makes room",
	    the_oldest_of_the_host_with_most_makes_room);
	unit_run("the failure of the oldest may end all",
	    the_failure_of_the_oldest_may_end_all);
	return unit_end();
}

/*
 * Who gives way in a full house: the rule alone, with clients that are numbers
 * and a clock of the test's own.
 */
#include <search.h>

#include "door/client_queue.h"
#include "door/places.h"
#include "net.h"

#define SEC	NSEC_PER_SEC
#define MSEC	NSEC_PER_MSEC
#define MANY	10000

struct client {
	struct client_place place;	/* the first member */
	int64_t		 active;
	bool		 stuck;		/* cannot give way */
};

static struct places	places;
static struct client	clients[MANY];
static unsigned		asked;
static int64_t		again;

static bool
client_active(struct client_place *place, int64_t *when)
{
	const struct client *c = (const struct client *)place;

	asked++;
	*when = c->active;
	return !c->stuck;
}

static struct client_host *
host_of(const char *address)
{
	struct addr a = addr_of(address, 1);

	return client_hosts_find(&places.hosts, &a);
}

/* Client i comes from there at this time, and is active then. */
static void
come(int i, const char *address, int64_t now)
{
	struct client_host *host = host_of(address);

	clients[i] = (struct client){ .active = now };
	places_add(&places, host);
	places_take(&places, &clients[i].place, host, now, true);
}

/* The number of the client that gives way; -1: none does. */
static int
choose(const char *address, int64_t now, int64_t waited)
{
	struct client_host *host = host_of(address);
	struct client_place *place;

	again = 0;
	place = places_choose(&places, host, now, waited, &again);
	client_hosts_settle(&places.hosts, host);
	return place == NULL ? -1 : (int)((struct client *)place - clients);
}

static void
start(unsigned most)
{
	places_init(&places, most, client_active);
	asked = 0;
}

static int	nhosts, deepest;

static void
visit(const void *node, VISIT which, int depth)
{
	(void)node;
	if (which == leaf || which == postorder)
		nhosts++;
	if (depth > deepest)
		deepest = depth;
}

/* How many hosts are known. */
static int
hosts(void)
{
	nhosts = deepest = 0;
	twalk(places.hosts.root, visit);
	return nhosts;
}

static void
end(void)
{
	for (int i = 0; i < MANY; i++)
		places_leave(&places, &clients[i].place);
	CHECK(places.hosts.root == NULL);
	CHECK(places.idle.top == NULL);
	for (size_t i = 0; i < 4; i++)
		CHECK(places.crowds[i] == NULL);
	places_free(&places);
	memset(clients, 0, sizeof(clients));
}

TEST(the_longest_idle_of_the_host_with_most_gives_way)
{
	start(40);
	for (int i = 0; i < 29; i++)
		come(i, "192.0.2.1", 100 * SEC + i);
	for (int i = 29; i < 40; i++)
		come(i, "192.0.2.2", 1);
	clients[0].active = clients[1].active = 105 * SEC;
	CHECK_INT(choose("192.0.2.9", 105 * SEC, 0), 2);
	clients[2].stuck = true;
	CHECK_INT(choose("192.0.2.9", 105 * SEC, 0), 3);
	end();
}

TEST(nobody_idle_for_less_than_a_second_gives_way)
{
	start(40);
	for (int i = 0; i < 40; i++)
		come(i, "192.0.2.1", 100 * SEC + i * MSEC);
	CHECK_INT(choose("192.0.2.9", 100 * SEC + 999 * MSEC, 0), -1);
	CHECK_INT(again, 101 * SEC);
	CHECK_INT(choose("192.0.2.9", 101 * SEC, 0), 0);
	end();
}

TEST(after_a_second_of_waiting_the_active_of_a_crowd_give_way)
{
	start(40);
	for (int i = 0; i < 40; i++) {
		come(i, "192.0.2.1", 100 * SEC);
		clients[i].active = 200 * SEC + (40 - i) * MSEC;
	}
	CHECK_INT(choose("192.0.2.9", 200 * SEC + 500 * MSEC, 400 * MSEC), -1);
	CHECK_INT(again, 201 * SEC + MSEC);
	CHECK_INT(choose("192.0.2.9", 200 * SEC + 500 * MSEC, 900 * MSEC), -1);
	CHECK_INT(again, 200 * SEC + 600 * MSEC);
	CHECK_INT(choose("192.0.2.9", 201 * SEC, SEC), 39);
	/* Not to a newcomer of the same host, however long that waits. */
	CHECK_INT(choose("192.0.2.1", 201 * SEC, 9 * SEC), -1);
	end();
}

TEST(a_quarter_of_the_places_is_not_too_many)
{
	const char *five[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
	    "192.0.2.4", "192.0.2.5" };

	start(40);
	for (int i = 0; i < 40; i++)
		come(i, five[i % 4], 100 * SEC + i);
	CHECK_INT(choose("192.0.2.9", 109 * SEC, 9 * SEC), -1);
	/* ... until the longest idle of all was idle for ten seconds. */
	CHECK_INT(again, 110 * SEC);
	clients[0].active = 109 * SEC;
	CHECK_INT(choose("192.0.2.9", 110 * SEC + 1, 0), 1);
	/* That is so for any newcomer. */
	CHECK_INT(choose(five[0], 110 * SEC + 1, 0), 1);
	places_leave(&places, &clients[1].place);
	come(1, five[0], 100 * SEC);
	CHECK_INT(choose("192.0.2.9", 102 * SEC, 0), 1);
	end();
}

TEST(hosts_with_as_many_do_not_displace_each_other)
{
	start(41);
	for (int i = 0; i < 41; i++)
		come(i, i < 21 ? "192.0.2.1" : "192.0.2.2", 100 * SEC);
	CHECK_INT(choose("192.0.2.2", 109 * SEC, 9 * SEC), -1);
	CHECK_INT(choose("192.0.2.1", 109 * SEC, 9 * SEC), -1);
	places_leave(&places, &clients[40].place);
	CHECK(choose("192.0.2.2", 109 * SEC, 9 * SEC) >= 0);
	end();
}

/* A place that is promised counts for the newcomer's host. */
TEST(a_flood_of_newcomers_gets_half_of_the_places)
{
	struct client_host *host;
	int displaced = 0, i;

	start(40);
	for (i = 0; i < 40; i++)
		come(i, "192.0.2.1", 100 * SEC);
	while ((i = choose("192.0.2.2", 109 * SEC, 0)) >= 0) {
		places_leave(&places, &clients[i].place);
		places_add(&places, host_of("192.0.2.2"));
		displaced++;
	}
	CHECK_INT(displaced, 20);
	host = host_of("192.0.2.2");
	while (displaced-- > 0)
		places_remove(&places, host);
	end();
}

TEST(all_of_one_64_are_one_host)
{
	char address[40];

	start(40);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(address, sizeof(address), "2001:db8:0:7::%x",
		    i + 1);
		come(i, address, 100 * SEC + i);
	}
	CHECK_INT(hosts(), 1);
	CHECK_INT(choose("2001:db8:0:7:ff::1", 105 * SEC, 5 * SEC), -1);
	CHECK_INT(choose("2001:db8:0:8::1", 105 * SEC, 0), 0);
	end();
}

TEST(in_a_small_house_one_place_of_each_host_is_safe)
{
	start(2);
	come(0, "192.0.2.1", 100 * SEC);
	come(1, "192.0.2.2", 100 * SEC);
	CHECK_INT(choose("192.0.2.9", 200 * SEC, 90 * SEC), -1);
	places_leave(&places, &clients[1].place);
	come(1, "192.0.2.1", 100 * SEC);
	CHECK(choose("192.0.2.9", 200 * SEC, 0) >= 0);
	end();
	start(7);
	for (int i = 0; i < 7; i++)
		come(i, "192.0.2.1", 100 * SEC);
	CHECK_INT(choose("192.0.2.1", 200 * SEC, 90 * SEC), -1);
	end();
}

TEST(a_client_that_is_kept_never_gives_way)
{
	start(8);
	for (int i = 0; i < 8; i++) {
		come(i, "192.0.2.1", 100 * SEC);
		places_keep(&places, &clients[i].place);
	}
	CHECK_INT(choose("192.0.2.9", 200 * SEC, 90 * SEC), -1);
	CHECK_INT(again, 0);
	end();
}

/*
 * Each of very many is asked at most once a second, whoever comes meanwhile;
 * and one that is idle among them is found.
 */
TEST(a_choice_among_many_does_not_ask_all)
{
	int64_t now = 1000 * SEC;
	int i, found = -1;

	start(MANY);
	for (i = 0; i < MANY; i++)
		come(i, "192.0.2.1", 100 * SEC);
	for (i = 0; i < MANY; i++)
		if (i != 7777)
			clients[i].active = now;
	for (i = 0; i < 100 && found == -1; i++) {
		asked = 0;
		found = choose("192.0.2.9", now, 0);
		CHECK(asked <= 600);
		CHECK(found != -1 || again == now + MSEC);
	}
	CHECK_INT(found, 7777);
	clients[7777].active = now;
	for (asked = 0, i = 0; i < MANY; i++)
		CHECK_INT(choose("192.0.2.9", now + SEC / 2, 0), -1);
	CHECK(asked <= MANY);
	CHECK_INT(again, now + SEC);
	/* The impatient get an answer at once. */
	asked = 0;
	CHECK(choose("192.0.2.9", now + SEC / 2, SEC) >= 0);
	CHECK(asked <= 600);
	end();
}

/* Ten thousand hosts cost the same for each as ten. */
TEST(many_hosts_are_found_as_fast_as_few)
{
	char address[20];

	start(MANY);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(address, sizeof(address), "10.0.%d.%d", i / 250,
		    i % 250);
		come(i, address, 100 * SEC + i);
	}
	CHECK_INT(hosts(), MANY);
	CHECK(deepest < 30);
	CHECK_INT(choose("192.0.2.9", 200 * SEC, 0), 0);
	CHECK_INT((int)asked, 1);
	end();
}

/* ---- The waiting room --------------------------------------------------- */

static struct client_queue waiting;

static void
wait_from(const char *address, int64_t since)
{
	struct queued_client *c = calloc(1, sizeof(*c));

	c->fd.num = -1;
	c->since = since;
	c->host = host_of(address);
	client_queue_add(&waiting, c);
}

/* Takes out the client that has to leave; when it came, 0: none has to. */
static int64_t
surplus(void)
{
	struct queued_client *w = client_queue_surplus(&waiting);
	int64_t since = w == NULL ? 0 : w->since;

	if (w != NULL) {
		client_queue_remove(&waiting, w);
		client_hosts_settle(&places.hosts, w->host);
		free(w);
	}
	return since;
}

TEST(the_oldest_of_the_host_with_most_leaves_the_waiting_room)
{
	struct queued_client *promised;

	start(8);
	client_queue_init(&waiting, 3);
	wait_from("192.0.2.1", 1);
	wait_from("192.0.2.2", 2);
	wait_from("192.0.2.2", 3);
	CHECK_INT(surplus(), 0);
	wait_from("192.0.2.3", 4);
	CHECK_INT(surplus(), 2);
	wait_from("192.0.2.2", 5);
	client_queue_promise(&waiting, TAILQ_NEXT(TAILQ_FIRST(&waiting.all),
	    link));
	/* A client with a promise counts no more: all have one. */
	CHECK_INT(surplus(), 1);
	/* What is promised is kept, before the oldest. */
	CHECK_INT(client_queue_next(&waiting)->since, 3);
	waiting.most = 0;
	CHECK_INT(surplus(), 4);
	CHECK_INT(surplus(), 5);
	CHECK_INT(surplus(), 0);
	promised = TAILQ_FIRST(&waiting.all);
	client_queue_remove(&waiting, promised);
	free(promised);
	CHECK_INT((int)waiting.n, 0);
	CHECK_INT((int)waiting.promised, 0);
	CHECK(client_queue_next(&waiting) == NULL);
	places_free(&places);
}

/*
 * The addresses that a connection needs: looked up in sequence, shared by those
 * that ask at a time, and kept for a while.
 */
#include <netdb.h>
#include <semaphore.h>
#include <stdlib.h>

#include "net.h"
#include "reach/lookups.h"

/*
 * The resolver of this program: "slow.test" answers when the test lets it,
 * "none.test" is not known, and each other name is 127.0.0.1.
 */
static sem_t		go, gone;
static int		asked;

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **found)
{
	static const struct sockaddr_in loopback = { .sin_family = AF_INET };
	struct addrinfo *ai;

	(void)port;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	asked++;
	if (strcmp(host, "slow.test") == 0) {
		sem_wait(&go);
		sem_post(&gone);
	}
	if (strcmp(host, "none.test") == 0)
		return EAI_NONAME;
	ai = calloc(1, sizeof(*ai) + sizeof(loopback));
	ai->ai_addr = memcpy(ai + 1, &loopback, sizeof(loopback));
	ai->ai_addrlen = sizeof(loopback);
	ai->ai_addr->sa_family = AF_INET;
	*found = ai;
	return 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	free(ai);
}

static struct addresses	a, b;
static const struct addresses *lost;
static struct error	why;
static int		found, failed;

static void
on_found(void *arg)
{
	CHECK(arg == &found);
	found++;
}

static void
on_not_found(void *arg, const struct addresses *of, const struct error *err)
{
	CHECK(arg == &found);
	failed++;
	lost = of;
	why = *err;
}

static const struct lookups_step	both[] = { { .of = &a }, { .of = &b } };

static void
begin_with(const char *first, const char *second, int64_t limit, int64_t fresh)
{
	struct addresses_options opt = { .host = first, .port = "80",
	    .limit = limit, .fresh = fresh };

	begin();
	addresses_init(&a, loop, &opt);
	opt.host = second;
	addresses_init(&b, loop, &opt);
	asked = found = failed = 0;
}

static void
end(void)
{
	addresses_free(&a);
	addresses_free(&b);
	addresses_free(&a);
	finish();
}

#define LOOKUPS	{ .found = on_found, .failed = on_not_found, .arg = &found }

TEST(names_are_looked_up_in_order)
{
	struct lookups l = LOOKUPS;

	begin_with("first.test", "127.0.0.2", -1, 0);
	lookups_start(&l, both, 2);
	CHECK_INT(found, 0);
	CHECK(turn_until(&found, 1));
	CHECK_INT(asked, 1);
	CHECK_INT((int)a.list.n, 1);
	CHECK_INT((int)b.list.n, 1);
	/* An answer is good for those who have asked. */
	lookups_start(&l, both, 2);
	CHECK_INT(found, 1);
	CHECK(turn_until(&found, 2));
	CHECK_INT(asked, 2);
	end();
}

TEST(the_name_that_fails_is_told)
{
	struct lookups l = LOOKUPS;

	begin_with("first.test", "none.test", -1, 0);
	lookups_start(&l, both, 2);
	CHECK(turn_until(&failed, 1));
	CHECK(lost == &b);
	CHECK_INT(why.gai, EAI_NONAME);
	CHECK_STR(why.op, "look up");
	CHECK_STR(why.object, "none.test");
	CHECK_INT(found, 0);
	end();
}

TEST(an_address_that_is_only_wanted_may_be_missing)
{
	struct lookups_step steps[] = { { .of = &a, .optional = true },
	    { .of = &b } };
	struct lookups l = LOOKUPS;

	begin_with("none.test", "second.test", -1, 0);
	lookups_start(&l, steps, 2);
	CHECK(turn_until(&found, 1));
	CHECK_INT(failed, 0);
	CHECK_INT((int)a.list.n, 0);
	CHECK_INT((int)b.list.n, 1);
	end();
}

TEST(those_that_ask_at_a_time_share_a_lookup)
{
	struct lookups one = LOOKUPS, two = LOOKUPS, three = LOOKUPS;

	begin_with("slow.test", "", -1, NSEC_PER_SEC * 100);
	lookups_start(&one, both, 1);
	lookups_start(&two, both, 1);
	lookups_start(&three, both, 1);
	lookups_stop(&two);
	sem_post(&go);
	CHECK(turn_until(&found, 2));
	sem_wait(&gone);
	turn(0);
	CHECK_INT(found, 2);
	/* The answer is still fresh. */
	lookups_start(&two, both, 1);
	CHECK_INT(found, 3);
	CHECK_INT(asked, 1);
	addresses_renew(&a);
	lookups_start(&two, both, 1);
	CHECK_INT(found, 3);
	sem_post(&go);
	CHECK(turn_until(&found, 4));
	sem_wait(&gone);
	CHECK_INT(asked, 2);
	end();
}

TEST(a_late_answer_serves_the_next)
{
	struct lookups l = LOOKUPS;

	begin_with("slow.test", "", 10 * NSEC_PER_MSEC, 0);
	lookups_start(&l, both, 1);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(why.num, ETIMEDOUT);
	CHECK_STR(why.object, "slow.test");
	/* There is one thread. */
	lookups_start(&l, both, 1);
	CHECK(turn_until(&failed, 2));
	CHECK(asked <= 1);
	sem_post(&go);
	sem_wait(&gone);
	for (int i = 0; i < 100 && a.until == 0; i++)
		turn(10 * NSEC_PER_MSEC);
	lookups_start(&l, both, 1);
	CHECK_INT(found, 1);
	CHECK_INT(asked, 1);
	/* It does so once. */
	CHECK(a.until == 0);
	end();
}

TEST(a_lookup_can_be_given_up)
{
	struct lookups l = LOOKUPS;

	begin_with("first.test", "second.test", -1, 0);
	lookups_start(&l, both, 2);
	lookups_stop(&l);
	lookups_stop(&l);
	turns_within(10 * NSEC_PER_MSEC);
	CHECK_INT(found + failed, 0);
	end();
}

BEFORE
{
	sem_init(&go, 0, 0);
	sem_init(&gone, 0, 0);
}

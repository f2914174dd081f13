#include <arpa/inet.h>
#include <errno.h>

#include "base/addr.h"
#include "scan/scan_results.h"
#include "unit.h"

/* What was told, as "21x 22! 23+ ": failed, closed, open. */
static char		told[200000];
static size_t		ntold;
static struct addr	last_addr;

static void
tell(void *arg, unsigned port, const struct finding *found)
{
	static const char signs[] = {
		[FOUND_FAILED] = 'x', [FOUND_CLOSED] = '!',
		[FOUND_REFUSED] = 'r', [FOUND_SILENT] = '?',
		[FOUND_OPEN] = '+'
	};

	CHECK(arg == told);
	ntold++;
	last_addr = *found->addr;
	if (strlen(told) < sizeof(told) - 20)
		sprintf(told + strlen(told), "%u%c ", port,
		    signs[found->kind]);
}

static struct scan_results *
begin(void)
{
	static struct scan_results f;

	told[0] = '\0';
	ntold = 0;
	scan_results_init(&f, tell, told);
	return &f;
}

static void
find(struct scan_results *f, struct scan_port *p, enum finding_kind kind)
{
	struct addr a = { .len = sizeof(a.u.in) };
	const struct finding found = { .kind = kind, .op = "connect to",
	    .num = ECONNREFUSED, .addr = &a };

	a.u.in.sin_family = AF_INET;
	a.u.in.sin_port = htons((uint16_t)p->port);
	scan_results_add(f, p, &found);
}

static struct scan_port *
enter(struct scan_results *f, unsigned port)
{
	struct scan_port *p = scan_results_enter(f, sizeof(*p));

	CHECK(p != NULL);
	p->port = port;
	return p;
}

TEST(the_oldest_is_told_at_once)
{
	struct scan_results *f = begin();
	struct scan_port *a = enter(f, 21), *b = enter(f, 22);

	find(f, a, FOUND_CLOSED);
	CHECK_STR(told, "21! ");
	find(f, b, FOUND_OPEN);
	CHECK_STR(told, "21! 22+ ");
	scan_results_clear(f);
}

TEST(the_others_wait_for_it)
{
	struct scan_results *f = begin();
	struct scan_port *a = enter(f, 21), *b = enter(f, 22),
	    *c = enter(f, 23), *d = enter(f, 24);

	find(f, c, FOUND_OPEN);
	find(f, b, FOUND_SILENT);
	CHECK_STR(told, "");
	find(f, a, FOUND_REFUSED);
	CHECK_STR(told, "21r 22? 23+ ");
	find(f, d, FOUND_CLOSED);
	CHECK_STR(told, "21r 22? 23+ 24! ");
	CHECK_INT(ntohs(last_addr.u.in.sin_port), 24);
	CHECK_INT(addr_family(&last_addr), AF_INET);
	scan_results_clear(f);
}

TEST(each_address_is_told_with_its_port)
{
	struct scan_results *f = begin();
	struct scan_port *a = enter(f, 21), *b = enter(f, 22);

	find(f, b, FOUND_FAILED);
	find(f, a, FOUND_FAILED);
	CHECK_STR(told, "21x ");
	find(f, a, FOUND_OPEN);
	/* What is known of the next one is told, and more as it comes. */
	CHECK_STR(told, "21x 21+ 22x ");
	find(f, b, FOUND_FAILED);
	find(f, b, FOUND_CLOSED);
	CHECK_STR(told, "21x 21+ 22x 22x 22! ");
	scan_results_clear(f);
}

TEST(there_is_room_for_so_many)
{
	static struct scan_port *ports[SCAN_RESULTS_MAX];
	struct scan_results *f = begin();
	unsigned i;

	for (i = 0; i < SCAN_RESULTS_MAX; i++)
		ports[i] = enter(f, i);
	CHECK(scan_results_enter(f, sizeof(*ports[0])) == NULL);
	for (i = SCAN_RESULTS_MAX - 1; i > 0; i--)
		find(f, ports[i], FOUND_CLOSED);
	CHECK_INT(ntold, 0);
	find(f, ports[0], FOUND_CLOSED);
	CHECK_INT(ntold, SCAN_RESULTS_MAX);
	CHECK(strncmp(told, "0! 1! 2! 3! ", 12) == 0);
	(void)enter(f, 7);
	scan_results_clear(f);
}

TEST(room_is_used_again)
{
	struct scan_results *f = begin();
	struct scan_port *first = enter(f, 0);
	unsigned i;

	for (i = 1; i < 1000; i++) {
		struct scan_port *next = enter(f, i);

		find(f, first, FOUND_OPEN);
		CHECK_INT(ntold, i);
		first = next;
	}
	scan_results_clear(f);
}

TEST(what_was_not_told_is_forgotten)
{
	struct scan_results *f = begin();
	struct scan_port *b;

	(void)enter(f, 21);
	b = enter(f, 22);
	find(f, b, FOUND_FAILED);
	find(f, b, FOUND_CLOSED);
	scan_results_clear(f);
	CHECK_STR(told, "");
}

/* Loose source routes: the option's bytes, the lookup of hops, the socket. */
#include "dial_fixture.h"

static unsigned char	buf[ROUTE_MAX];

static void
the_option_is_hops_then_the_host(void)
{
	static const unsigned char want[] = { 0x83, 15, 4, 127, 0, 0, 2,
	    127, 0, 0, 3, 127, 0, 0, 1, 1 };
	struct addr hops[2] = { addr_of("127.0.0.2", 0),
	    addr_of("127.0.0.3", 0) };
	struct addr to = addr_of("127.0.0.1", 80);
	struct addr_list list = { hops, 2 };

	CHECK_INT(route_build(&list, &to, 4, buf), sizeof(want));
	CHECK(memcmp(buf, want, sizeof(want)) == 0);
	CHECK_INT(route_build(&list, &to, 8, buf), sizeof(want));
	CHECK_INT(buf[2], 8);
}

static void
eight_hops_fill_the_header(void)
{
	struct addr hops[9], to = addr_of("127.0.0.1", 80);
	struct addr_list list = { hops, 8 };
	size_t i;

	for (i = 0; i < 9; i++)
		hops[i] = addr_of("127.0.0.2", 0);
	CHECK_INT(route_build(&list, &to, 4, buf), ROUTE_MAX);
	list.n = 9;
	CHECK_INT(route_build(&list, &to, 4, buf), 0);
}

static void
only_ipv4_has_routes(void)
{
	struct addr v4 = addr_of("127.0.0.1", 80), v6 = addr_of("::1", 80);
	struct addr_list list = { &v4, 1 };

	CHECK_INT(route_build(&list, &v6, 4, buf), 0);
	list.v = &v6;
	CHECK_INT(route_build(&list, &v4, 4, buf), 0);
}

/* ---- Looking hops up ----------------------------------------------------- */

static int		found;
static struct addr_list	hops_found;
static struct error	why;
static char		which[32];

static void
on_found(void *arg, struct addr_list *hops, const char *host,
    const struct error *err)
{
	CHECK(arg == &found);
	found++;
	hops_found = *hops;
	why = *err;
	snprintf(which, sizeof(which), "%s", host);
}

static void
find(const char *first, const char *second)
{
	struct route_options opt;

	found = 0;
	hops_found = (struct addr_list){ NULL, 0 };
	plan.hops[0] = first;
	plan.hops[1] = second;
	plan.nhops = second != NULL ? 2 : 1;
	opt = net_route_options(&plan);
	CHECK(route_find(loop, &opt, on_found, &found) != NULL);
	CHECK_INT(found, 0);
	CHECK(turn_until(&found, 1));
}

static void
hops_are_looked_up_in_order(void)
{
	char host[ADDR_HOST_MAX];

	begin();
	find("127.0.0.2", "localhost");
	CHECK_INT(why.num + why.gai, 0);
	CHECK_INT(hops_found.n, 2);
	if (hops_found.n == 2) {
		CHECK_STR(addr_host(&hops_found.v[0], host, sizeof(host)),
		    "127.0.0.2");
		CHECK_STR(addr_host(&hops_found.v[1], host, sizeof(host)),
		    "127.0.0.1");
	}
	addr_list_free(&hops_found);
	finish();
}

static void
the_hop_that_is_none_is_told(void)
{
	begin();
	plan.numeric = true;
	find("127.0.0.2", "nonsense");
	CHECK(why.gai != 0);
	CHECK_STR(which, "nonsense");
	find("::1", NULL);
	CHECK(why.gai != 0);
	CHECK_STR(which, "::1");
	finish();
}

static void
a_lookup_can_be_given_up(void)
{
	struct route_options opt;
	struct route *r;

	begin();
	plan.hops[0] = "127.0.0.2";
	plan.nhops = 1;
	found = 0;
	opt = net_route_options(&plan);
	r = route_find(loop, &opt, on_found, &found);
	route_cancel(r);
	turns_within(10 * NSEC_PER_MSEC);
	CHECK_INT(found, 0);
	finish();
}

static void
the_socket_has_the_route(void)
{
	struct addr to = addr_of("127.0.0.1", 0), hop;
	struct addr_list hops = { &hop, 1 };
	int s = serve(&to, SOCK_DGRAM, 0);
	socklen_t len = sizeof(buf);

	hop = addr_of("127.0.0.1", 0);
	if (geteuid() != 0)
		SKIP("not root");
	begin();
	plan.type = TYPE_DGRAM;
	plan.hop_pointer = 4;
	route = &hops;
	start(&to, 1, NULL);
	route = NULL;
	CHECK(turn_until(&over, 1));
	CHECK_INT(connected, 1);
	CHECK_INT(getsockopt(got.num, IPPROTO_IP, IP_OPTIONS, buf, &len), 0);
	CHECK_INT(len, 12);
	CHECK_INT(buf[0], 0x83);
	fd_close(&got);
	close(s);
	finish();
}

static void
a_pointer_that_the_system_refuses_is_told(void)
{
	struct addr to = addr_of("127.0.0.1", 9), hop;
	struct addr_list hops = { &hop, 1 };

	hop = addr_of("127.0.0.1", 0);
	begin();
	plan.type = TYPE_DGRAM;
	plan.hop_pointer = 8;
	route = &hops;
	start(&to, 1, NULL);
	route = NULL;
	CHECK(turn_until(&over, 1));
	CHECK_INT(failed, 1);
	CHECK_STR(error[0].op, "set");
	CHECK_STR(error[0].object, "IP_OPTIONS");
	finish();
}

int
main(void)
{
	unit_run("the option is the hops, then the host",
	    the_option_is_hops_then_the_host);
	unit_run("eight hops fill the header", eight_hops_fill_the_header);
	unit_run("only IPv4 has routes", only_ipv4_has_routes);
	unit_run("hops are looked up in order", hops_are_looked_up_in_order);
	unit_run("the hop that is none is told", the_hop_that_is_none_is_told);
	unit_run("a lookup can be given up", a_lookup_can_be_given_up);
	unit_run("the socket has the route", the_socket_has_the_route);
	unit_run("a pointer that the system refuses is told",
	    a_pointer_that_the_system_refuses_is_told);
	return unit_end();
}

/* Loose source routes: the option's bytes, and the socket. */
#include "dial_fixture.h"
#include "reach/dial.h"

static unsigned char	buf[ROUTE_MAX];

TEST(the_option_is_the_hops_then_the_host)
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

TEST(eight_hops_fill_the_header)
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

TEST(only_IPv4_has_routes)
{
	struct addr v4 = addr_of("127.0.0.1", 80), v6 = addr_of("::1", 80);
	struct addr_list list = { &v4, 1 };

	CHECK_INT(route_build(&list, &v6, 4, buf), 0);
	list.v = &v6;
	CHECK_INT(route_build(&list, &v4, 4, buf), 0);
}

TEST(the_socket_has_the_route)
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

TEST(a_pointer_that_the_system_refuses_is_told)
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

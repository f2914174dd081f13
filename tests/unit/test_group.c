/*
 * Groups of multicast: hints, interfaces, and which groups a socket hears.
 * Joins use the loopback interface, or skip where the system refuses that.
 */
#include <net/if.h>

#include "net.h"
#include "net/group.h"

static struct error	err;
static struct fd	sock;

/* A datagram socket bound to this address; the address gets the port. */
static bool
bind_to(struct addr *a)
{
	int s = serve(a, SOCK_DGRAM, 0);

	memset(&err, 0, sizeof(err));
	if (s == -1)
		return false;
	fd_own(&sock, s, FD_DGRAM);
	return true;
}

static struct mcast_options
no_options(void)
{
	return (struct mcast_options){ .ttl = -1, .loop = MCAST_LOOP_LEAVE };
}

static int
option_of(int level, int name)
{
	return fd_option(sock.num, level, name);
}

/* ---- Hints -------------------------------------------------------------- */

static const char *
hint(const char *host, int num)
{
	struct addr a = addr_of(host, 0);

	error_set(&err, num, "join", "%s", host);
	group_explain(&err, &a);
	return err.why;
}

TEST(hints_name_the_interface_that_is_missing)
{
	CHECK(strstr(hint("239.1.2.3", ENODEV), "no interface has a route") !=
	    NULL);
	CHECK(strstr(hint("ff02::1", ENODEV), "%eth0") != NULL);
	CHECK(strstr(hint("ff02::1", EINVAL), "%eth0") != NULL);
	CHECK_STR(hint("239.1.2.3", EINVAL), "");
	CHECK_STR(hint("ff02::1", EPERM), "");
	CHECK_STR(hint("127.0.0.1", ENODEV), "");
	CHECK_STR(hint("::1", ENODEV), "");
}

/* ---- Sending ------------------------------------------------------------ */

TEST(options_of_sending_are_set)
{
	struct mcast_options o = no_options();
	struct addr a = addr_of("127.0.0.1", 0);

	o.ttl = 7;
	o.loop = MCAST_LOOP_OFF;
	o.interface = "lo";
	CHECK(bind_to(&a));
	if (if_nametoindex("lo") == 0)
		o.interface = NULL;
	CHECK_INT(group_set_sending(&o, &sock, AF_INET, &err), 0);
	CHECK_INT(option_of(IPPROTO_IP, IP_MULTICAST_TTL), 7);
	CHECK_INT(option_of(IPPROTO_IP, IP_MULTICAST_LOOP), 0);
	fd_close(&sock);
}

TEST(a_socket_of_both_families_has_the_options_of_both)
{
	struct mcast_options o = no_options();
	struct addr a = addr_of("::", 0);

	o.ttl = 9;
	if (!have_inet6() || !bind_to(&a))
		SKIP("no IPv6");
	CHECK_INT(group_set_sending(&o, &sock, AF_INET6, &err), 0);
	CHECK_INT(option_of(IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 9);
	CHECK_INT(option_of(IPPROTO_IP, IP_MULTICAST_TTL), 9);
	CHECK_INT(option_of(IPPROTO_IPV6, IPV6_MULTICAST_LOOP), 1);
	fd_close(&sock);
}

TEST(an_interface_that_is_none_is_named)
{
	static const char *const none[] = { "no-such-if", "0", "70000",
	    "192.0.2.77", "" };
	struct mcast_options o = no_options();
	struct addr a = addr_of("127.0.0.1", 0);

	CHECK(bind_to(&a));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		o.interface = none[i];
		CHECK_INT(group_set_sending(&o, &sock, AF_INET, &err), -1);
		CHECK_INT(err.num, ENODEV);
		CHECK(strstr(err.object, none[i]) != NULL);
	}
	/* A stream, or a Unix socket, sends to no group. */
	CHECK_INT(group_set_sending(&o, &sock, AF_UNIX, &err), 0);
	sock.kind = FD_STREAM;
	CHECK_INT(group_set_sending(&o, &sock, AF_INET, &err), 0);
	fd_close(&sock);
}

TEST(an_interface_has_a_name_a_number_and_an_address)
{
	char number[16];
	const char *const words[] = { "lo", number, "127.0.0.1" };
	struct mcast_options o = no_options();
	struct addr a = addr_of("127.0.0.1", 0);

	snprintf(number, sizeof(number), "%u", if_nametoindex("lo"));
	if (strcmp(number, "0") == 0)
		SKIP("loopback has another name");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		CHECK(bind_to(&a));
		o.interface = words[i];
		CHECK_INT(group_set_sending(&o, &sock, AF_INET, &err), 0);
		fd_close(&sock);
		addr_set_port(&a, 0);
	}
}

/* ---- Joining ------------------------------------------------------------ */

/* Joins a group on loopback with a socket that is bound to this address. */
static int
join(const char *group, const char *bound)
{
	struct mcast_join j = { .group = addr_of(group, 0), .word = group,
	    .interface = "lo" };
	struct mcast_options o = no_options();
	struct addr a = addr_of(bound, 0);
	int rc;

	o.joins = &j;
	o.njoins = 1;
	if (!bind_to(&a))
		return -2;
	rc = group_join(&o, &sock, &a, &err);
	if (rc == 0)
		CHECK_INT(option_of(IPPROTO_IP, IP_MULTICAST_ALL), 0);
	fd_close(&sock);
	return rc;
}

TEST(groups_that_a_socket_would_not_hear_are_refused)
{
	CHECK_INT(join("239.1.2.3", "127.0.0.1"), -1);
	CHECK_INT(err.num, EINVAL);
	CHECK(strstr(err.object, "239.1.2.3") != NULL);
	CHECK(strstr(err.why, "leave the address out") != NULL);
	CHECK_INT(join("ff02::5", "127.0.0.1"), -1);
	CHECK_STR(err.why, "the socket is of the other family");
	if (!have_inet6())
		return;
	CHECK_INT(join("239.1.2.3", "::1"), -1);
	CHECK_STR(err.why, "the socket is of the other family");
}

TEST(a_group_is_joined_once)
{
	struct mcast_join j[2] = { { .group = addr_of("239.1.2.3", 0),
	    .word = "239.1.2.3", .interface = "lo" } };
	struct mcast_options o = no_options();
	struct addr a = addr_of("0.0.0.0", 0);

	if (join("239.1.2.3", "0.0.0.0") != 0)
		SKIP("loopback has no groups here");
	j[1] = j[0];
	o.joins = j;
	o.njoins = 2;
	CHECK(bind_to(&a));
	CHECK_INT(group_join(&o, &sock, &a, &err), -1);
	CHECK_INT(err.num, EADDRINUSE);
	CHECK_STR(err.op, "join");
	CHECK(strstr(err.why, "joined already") != NULL);
	fd_close(&sock);
}

TEST(without_groups_only_a_groups_address_is_joined)
{
	const struct mcast_options o = no_options();
	struct addr a = addr_of("127.0.0.1", 0);

	CHECK(bind_to(&a));
	CHECK_INT(group_join(&o, &sock, &a, &err), 0);
	CHECK_INT(option_of(IPPROTO_IP, IP_MULTICAST_ALL), 1);
	fd_close(&sock);
}

TEST(a_join_on_no_interface_fails)
{
	struct mcast_join j = { .group = addr_of("239.1.2.3", 0),
	    .word = "239.1.2.3%none", .interface = "none" };
	struct mcast_options o = no_options();
	struct addr a = addr_of("0.0.0.0", 0);

	o.joins = &j;
	o.njoins = 1;
	CHECK(bind_to(&a));
	CHECK_INT(group_join(&o, &sock, &a, &err), -1);
	CHECK_INT(err.num, ENODEV);
	CHECK_STR(err.object, "the multicast group 239.1.2.3%none");
	fd_close(&sock);
}

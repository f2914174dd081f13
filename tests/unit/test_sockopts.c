/* --sockopt: the table, and how what is written becomes a value. */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "cli/subjects.h"
#include "plan_util.h"
#include "unit.h"

TEST(the_table_is_sound)
{
	const struct sockopt_row *r, *last = NULL;

	for (size_t i = 0; i < sockopt_nrows; i++, last = r) {
		r = &sockopt_rows[i];
		CHECK(sockopt_named(r->name, strlen(r->name)) == r);
		CHECK(r->min <= r->max);
		CHECK(r->num > 0);
		CHECK(*r->help != '\0' && strlen(r->help) <= 44);
		/* Grouped by level, and by name within. */
		if (last != NULL && last->level == r->level)
			CHECK(strcmp(last->name, r->name) < 0);
	}
}

TEST(names_are_those_of_the_headers_in_any_case)
{
	CHECK(sockopt_named("so_keepalive", 12) != NULL);
	CHECK(sockopt_named("Tcp_NoDelay", 11) != NULL);
	CHECK(sockopt_named("KEEPALIVE", 9) == NULL);
	CHECK(sockopt_named("SO_KEEPALIVE", 9) == NULL);
	CHECK(sockopt_named("SO_KEEPALIVE1", 13) == NULL);
	CHECK(sockopt_named("", 0) == NULL);
}

/* What would break a law cannot be asked for. */
TEST(some_options_are_left_out)
{
	static const char *const names[] = { "SO_RCVLOWAT", "SO_RCVTIMEO",
	    "SO_SNDTIMEO", "TCP_FASTOPEN_CONNECT", "IP_RECVERR", "UDP_CORK",
	    "SO_ERROR", "IP_OPTIONS" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(sockopt_named(names[i], strlen(names[i])) == NULL);
}

TEST(values_are_read)
{
	static const struct {
		const char	*line;
		int		 num, value;
	} t[] = {
		{ "sockcat --sockopt SO_KEEPALIVE=1 h 1", SO_KEEPALIVE, 1 },
		{ "sockcat --sockopt so_keepalive=on h 1", SO_KEEPALIVE, 1 },
		{ "sockcat --sockopt SO_KEEPALIVE h 1", SO_KEEPALIVE, 1 },
		{ "sockcat --sockopt SO_KEEPALIVE=off h 1", SO_KEEPALIVE, 0 },
		{ "sockcat --sockopt TCP_NODELAY=0 h 1", TCP_NODELAY, 0 },
		{ "sockcat --sockopt SO_RCVBUF=4096 h 1", SO_RCVBUF, 4096 },
		{ "sockcat --sockopt ip_tos=0x1F h 1", IP_TOS, 31 },
		{ "sockcat --sockopt IP_TOS=010 h 1", IP_TOS, 10 },
		{ "sockcat --sockopt SO_MARK=0xfFffffff h 1", SO_MARK, -1 },
		{ "sockcat --sockopt SO_LINGER=2s h 1", SO_LINGER, 2 },
		{ "sockcat --sockopt SO_LINGER=0 h 1", SO_LINGER, 0 },
		{ "sockcat --sockopt SO_LINGER=off h 1", SO_LINGER, -1 },
		{ "sockcat --sockopt TCP_KEEPIDLE=2m h 1", TCP_KEEPIDLE, 120 },
		{ "sockcat --sockopt TCP_USER_TIMEOUT=1.5 h 1",
		    TCP_USER_TIMEOUT, 1500 },
		{ "sockcat --sockopt IPV6_UNICAST_HOPS=-1 h 1",
		    IPV6_UNICAST_HOPS, -1 },
		{ "sockcat --sockopt SO_MARK=4294967295 h 1", SO_MARK, -1 },
		{ "nc --sockopt TCP_CONGESTION=reno h 1", TCP_CONGESTION, -1 },
	};
	struct plan	 plan;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(plan_of(&plan, t[i].line), 0);
		CHECK_INT(plan.sock.nnamed, 1);
		if (plan.sock.nnamed == 1) {
			CHECK_INT(plan.sock.named[0].row->num, t[i].num);
			CHECK_INT(plan.sock.named[0].value, t[i].value);
		}
		plan_free(&plan);
	}
}

TEST(all_that_were_asked_for_are_kept_in_order)
{
	struct plan	 plan;

	CHECK_INT(plan_of(&plan, "sockcat --sockopt=SO_RCVBUF=1 "
	    "--sockopt SO_SNDBUF=2 --sockopt=SO_RCVBUF=3 -l 1"), 0);
	CHECK_INT(plan.sock.nnamed, 3);
	CHECK_INT(plan.sock.named[2].value, 3);
	CHECK_STR(plan.sock.named[1].row->name, "SO_SNDBUF");
	plan_free(&plan);
}

TEST(what_makes_no_sense_is_told_by_name)
{
#define NO "sockcat: --sockopt: "
	static const char *const t[][2] = {
		{ "SO_FOO=1 h 1", NO "no such option: SO_FOO "
		    "(--sockopt=help lists them)\n" },
		{ "=1 h 1", NO "no such option:  "
		    "(--sockopt=help lists them)\n" },
		{ "SO_RCVBUF h 1", NO "SO_RCVBUF needs a value\n" },
		{ "SO_RCVBUF= h 1", NO "value of SO_RCVBUF invalid: \n" },
		{ "SO_RCVBUF=0 h 1", NO "value of SO_RCVBUF too small: 0\n" },
		{ "IP_TOS=0x100 h 1", NO "value of IP_TOS too large: 0x100\n" },
		{ "IP_TTL=0x0 h 1", NO "value of IP_TTL too small: 0x0\n" },
		{ "IP_TOS=0x h 1", NO "value of IP_TOS invalid: 0x\n" },
		{ "IP_TOS=0x-1 h 1", NO "value of IP_TOS invalid: 0x-1\n" },
		{ "IP_TOS=0x1g h 1", NO "value of IP_TOS invalid: 0x1g\n" },
		{ "SO_MARK=0x10000000000000000 h 1", NO "value of SO_MARK too "
		    "large: 0x10000000000000000\n" },
		{ "so_rcvbuf=4k h 1", NO "value of SO_RCVBUF invalid: 4k\n" },
		{ "SO_KEEPALIVE=2 h 1", NO "value of SO_KEEPALIVE neither on "
		    "nor off: 2\n" },
		{ "TCP_KEEPIDLE=1.5 h 1", NO "value of TCP_KEEPIDLE not in "
		    "whole seconds: 1.5\n" },
		{ "TCP_KEEPIDLE=0 h 1", NO "value of TCP_KEEPIDLE too small: "
		    "0\n" },
		{ "TCP_KEEPIDLE=10h h 1", NO "value of TCP_KEEPIDLE too "
		    "large: 10h\n" },
		{ "IP_TTL=256 h 1", NO "value of IP_TTL too large: 256\n" },
		{ "TCP_CONGESTION= h 1", NO "value of TCP_CONGESTION empty: "
		    "\n" },
		{ "SO_BINDTODEVICE=0123456789abcdef h 1", NO "value of "
		    "SO_BINDTODEVICE too long: 0123456789abcdef\n" },
	};
	struct plan	 plan;
	char		 line[200];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(line, sizeof(line), "sockcat --sockopt %s", t[i][0]);
		CHECK_INT(plan_of(&plan, line), 1);
		CHECK_STR(plan_said, t[i][1]);
		plan_free(&plan);
	}
}

TEST(what_the_socket_has_not_is_refused)
{
#define LACKS "sockcat: --sockopt: this kind of socket "
	static const char *const t[][2] = {
		{ "TCP_NODELAY -u h 1", LACKS "(udp) has no TCP_NODELAY\n" },
		{ "TCP_NODELAY -U p", LACKS "(unix) has no TCP_NODELAY\n" },
		{ "SO_KEEPALIVE -U p", LACKS "(unix) has no SO_KEEPALIVE\n" },
		{ "IP_TTL=3 -6 h 1", LACKS "(tcp) has no IP_TTL\n" },
		{ "IPV6_TCLASS=3 -4 h 1", LACKS "(tcp) has no IPV6_TCLASS\n" },
		{ "TCP_CORK --sctp h 1", LACKS "(sctp) has no TCP_CORK\n" },
		{ "IP_TTL=3 --vsock 1 1", LACKS "(vsock) has no IP_TTL\n" },
		{ "DCCP_SOCKOPT_SERVICE=1 h 1", LACKS "(tcp) has no "
		    "DCCP_SOCKOPT_SERVICE\n" },
		{ "TCP_FASTOPEN=5 h 1", "sockcat: must use -l with --sockopt "
		    "TCP_FASTOPEN\n" },
	};
	struct plan	 plan;
	char		 line[200];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(line, sizeof(line), "sockcat --sockopt %s", t[i][0]);
		CHECK_INT(plan_of(&plan, line), 1);
		CHECK_STR(plan_said, t[i][1]);
		plan_free(&plan);
	}
	CHECK_INT(plan_of(&plan, "sockcat --sockopt TCP_FASTOPEN=5 -l 1"), 0);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat --sockopt TCP_NODELAY --mptcp h 1"),
	    0);
	plan_free(&plan);
}

TEST(help_lists_the_table)
{
	struct plan	 plan;
	FILE		*f;
	int		 old;

	CHECK_INT(plan_of(&plan, "nc --sockopt help"), 0);
	CHECK_INT(plan.mode, PLAN_HELP);
	old = plan_capture(STDOUT_FILENO, &f);
	CHECK_INT(plan_help(&plan), 0);
	plan_release(STDOUT_FILENO, old, f);
	for (size_t i = 0; i < sockopt_nrows; i++)
		CHECK(strstr(plan_said, sockopt_rows[i].name) != NULL);
	plan_free(&plan);
}

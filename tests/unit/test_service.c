/*
 * What scripts and service managers ask for, as a plan, and the line of
 * --stats.
 */
#include <errno.h>
#include <netinet/in.h>

#include "unit.h"

#include "base/num.h"
#include "message/messages.h"
#include "plan_util.h"
#include "run/stats.h"

static struct plan	plan;

static void
says(const char *line, const char *text)
{
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, line), 1);
	CHECK_STR(plan_said, text);
}

static const struct plan_service *
service(const char *line)
{
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, line), 0);
	CHECK_STR(plan_said, "");
	return &plan.service;
}

static void
listen_variables(const char *pid, const char *fds)
{
	char	own[16];

	snprintf(own, sizeof(own), "%ld", (long)getpid());
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	if (pid != NULL)
		setenv("LISTEN_PID", *pid != '\0' ? pid : own, 1);
	if (fds != NULL)
		setenv("LISTEN_FDS", fds, 1);
}

TEST(the_peer_on_descriptors_needs_no_words)
{
	const struct plan_service	*s;

	s = service("sockcat --inetd --echo");
	CHECK_INT(plan.mode, PLAN_INHERIT);
	CHECK_INT(s->peer_in, 0);
	CHECK_INT(s->peer_out, 1);
	s = service("nc --peer-fd=6,7");
	CHECK_INT(plan.mode, PLAN_INHERIT);
	CHECK_INT(s->peer_in, 6);
	CHECK_INT(s->peer_out, 7);
	s = service("sockcat --peer-fd 3");
	CHECK_INT(s->peer_in, 3);
	CHECK_INT(s->peer_out, 3);
	says("sockcat --inetd", "sockcat: standard input and output are the "
	    "peer's: use -e, -c or --echo\n");
	says("sockcat --peer-fd=5,1", "sockcat: standard input and output "
	    "are the peer's: use -e, -c or --echo\n");
	says("sockcat --peer-fd=3x", "sockcat: --peer-fd: descriptor "
	    "invalid: 3x\n");
	says("sockcat --peer-fd=3,", "sockcat: --peer-fd: descriptor "
	    "invalid: 3,\n");
	says("sockcat --peer-fd=11111111111111111111,1", "sockcat: --peer-fd:"
	    " descriptor too large: 11111111111111111111,1\n");
	says("sockcat --peer-fd=2", "sockcat: descriptor 2 is for messages, "
	    "not for a peer\n");
	says("sockcat --peer-fd=3 h", "sockcat: the peer is there already: "
	    "h\n");
}

TEST(sockets_that_are_there_stand_for_a_port)
{
	listen_variables("", "2");
	CHECK_INT(service("sockcat -l -k")->activated, 2);
	CHECK_INT(service("nc -l")->activated, 2);
	CHECK_INT(service("nc -lU")->activated, 2);
	CHECK_INT(service("sockcat -l 5")->activated, 0);
	CHECK_INT(service("sockcat -l -p 5")->activated, 0);
	CHECK_INT(service("sockcat h 5")->activated, 0);
	CHECK_INT(service("sockcat -l -u -k --echo")->activated, 2);
	says("sockcat -l -u", "sockcat: must use -k with the datagram "
	    "sockets of LISTEN_FDS\n");
	says("sockcat -l -u -k", "sockcat: one datagram socket of LISTEN_FDS "
	    "is enough\n");
	says("sockcat -l --ready-fd=4", "sockcat: --ready-fd is one of the "
	    "sockets of LISTEN_FDS: 4\n");
	CHECK_INT(service("sockcat -l --ready-fd=5")->ready_fd, 5);
	says("sockcat -l --mptcp", "sockcat: cannot use --mptcp with the "
	    "sockets of LISTEN_FDS\n");
	says("sockcat -l -4", "sockcat: cannot use -4 with the sockets of "
	    "LISTEN_FDS\n");
	listen_variables("", "0");
	says("sockcat -l", "sockcat: LISTEN_FDS is too small: 0\n");
	listen_variables("", "65");
	says("sockcat -l", "sockcat: LISTEN_FDS is too large: 65\n");
	listen_variables("", "x");
	says("nc -l", "nc: LISTEN_FDS is invalid: x\n");
}

TEST(sockets_of_others_stand_for_nothing)
{
	listen_variables("1", "2");
	says("sockcat -l", "sockcat: missing port number\n");
	listen_variables("1x", "2");
	says("nc -l", "nc: missing port number\n");
	listen_variables(NULL, "2");
	says("sockcat -l", "sockcat: missing port number\n");
	listen_variables("", NULL);
	says("sockcat -U -l", "sockcat: missing path of the Unix socket\n");
	listen_variables(NULL, NULL);
}

TEST(the_file_of_TCP_figures_may_have_a_time)
{
	const struct plan_service	*s;

	s = service("sockcat --tcp-info=f h 1");
	CHECK_STR(s->tcp_info, "f");
	CHECK_INT(s->tcp_info_every, 100 * NSEC_PER_MSEC);
	s = service("sockcat --tcp-info=f,2s --tcp-info=a,b,1ms h 1");
	CHECK_STR(s->tcp_info, "a,b");
	CHECK_INT(s->tcp_info_every, NSEC_PER_MSEC);
	s = service("sockcat --tcp-info=a,b h 1");
	CHECK_STR(s->tcp_info, "a,b");
	says("sockcat --tcp-info=f,0 h 1", "sockcat: --tcp-info: interval "
	    "too small: 0\n");
	says("sockcat --tcp-info=,1s h 1", "sockcat: --tcp-info: empty "
	    "file name\n");
	says("sockcat --tcp-info=f -u h 1", "sockcat: --tcp-info is about "
	    "TCP: cannot use -u\n");
	says("sockcat --stats -z h 1", "sockcat: cannot use --stats and "
	    "-z\n");
}

TEST(a_command_whose_bytes_are_counted_stands_over_pipes)
{
	(void)service("sockcat -e cat h 1");
	CHECK(plan.exec.handover);
	(void)service("sockcat --stats -e cat h 1");
	CHECK(!plan.exec.handover);
	(void)service("sockcat --tcp-info=f -e cat h 1");
	CHECK(plan.exec.handover);
}

TEST(passing_the_socket_on_is_a_near_end)
{
	(void)service("sockcat -F -U /s");
	CHECK_INT(plan.near, PLAN_PASS);
	(void)service("nc -F -z h 1");
	CHECK_INT(plan.near, PLAN_PASS);
	CHECK_INT(plan.mode, PLAN_CONNECT);
	(void)service("nc -F -l 1");
	CHECK_INT(plan.near, PLAN_STDIO);
	says("nc -F -U /s", "nc: cannot use -F and -U\n");
	says("sockcat -F -l 1", "sockcat: cannot use -F and -l\n");
}

TEST(it_is_all_explained)
{
	listen_variables("", "2");
	CHECK(strstr(plan_explained("sockcat --explain -l --port-file p "
	    "--ready-fd 9 --stats --tcp-info f"),
	    "remote: listen (tcp) on 2 of LISTEN_FDS; one peer\n") != NULL);
	CHECK(strstr(plan_said, "report: the port, to the file p\n"
	    "report: the port, to descriptor 9\n"
	    "report: metrics of each session, to standard error\n"
	    "report: TCP metrics every 100ms, to the file f\n")
	    != NULL);
	listen_variables(NULL, NULL);
	CHECK(strstr(plan_explained("sockcat --explain --inetd --echo"),
	    "remote: the peer on descriptors 0 and 1\n") != NULL);
	CHECK(strstr(plan_explained("sockcat --explain --peer-fd 3"),
	    "remote: the peer on descriptor 3\n") != NULL);
	CHECK_STR(plan_explained("nc --explain -F h 1"),
	    "personality: openbsd\n"
	    "local: the program that takes the socket from standard output\n"
	    "remote: connect (tcp) h port 1; IPv6 or IPv4\n");
}

/* What the line says of this peer and this outcome. */
static const char *
line_of(const struct addr *peer, const struct outcome *o)
{
	FILE	*f;
	int	 old = plan_capture(STDERR_FILENO, &f);

	stats_print(&(struct stats){ .number = 7, .peer = *peer }, o, 0,
	    false);
	plan_release(STDERR_FILENO, old, f);
	return plan_said;
}

TEST(figures_are_words_without_blanks)
{
	struct outcome	o = { .sent = 2000, .received = 30, .lost_out = 4,
	    .lost_in = 5, .elapsed = 2 * NSEC_PER_SEC };
	struct addr	a = { .len = 0 };

	CHECK_STR(line_of(&a, &o), "stats connection=7 peer=- "
	    "seconds=2.000000 sent=2000 received=30 lost_sent=4 "
	    "lost_received=5 sent_rate=1000 received_rate=15 end=eof\n");
	o.elapsed = 0;
	o.cause = SESSION_IDLE;
	CHECK_INT(addr_unix(&a, "/a b\nc"), 0);
	CHECK_STR(line_of(&a, &o), "stats connection=7 peer=/a\\040b\\012c "
	    "seconds=0.000000 sent=2000 received=30 lost_sent=4 "
	    "lost_received=5 sent_rate=0 received_rate=0 end=idle\n");
	a.len = sizeof(a.u.in6);
	memset(&a.u, 0, sizeof(a.u));
	a.u.in6.sin6_family = AF_INET6;
	a.u.in6.sin6_addr = in6addr_loopback;
	addr_set_port(&a, 80);
	error_set(&o.far_read, ECONNRESET, "read from", "it");
	CHECK(strstr(line_of(&a, &o), " peer=[::1]:80 ") != NULL);
	CHECK(strstr(plan_said, " end=failed\n") != NULL);
}

AFTER
{
	plan_free(&plan);
}

#include "io/fd.h"
#include "net.h"
#include "scan/udp_probe.h"

static int		answers, refusal;
static enum finding_kind	answer;

static void
on_done(void *arg, const struct finding *found)
{
	CHECK(arg == &answers);
	answers++;
	answer = found->kind;
	refusal = found->num;
}

static struct udp_probe *
udp_probe(const struct addr *a, int64_t wait, int probes)
{
	const struct udp_probe_options opt = { .wait = wait, .probes = probes,
	    .byte = 'X',
	    .done = on_done, .arg = &answers };
	struct fd fd;

	answers = refusal = 0;
	CHECK_INT(fd_socket(&fd, AF_INET, SOCK_DGRAM, 0), 0);
	CHECK_INT(connect(fd.num, &a->u.sa, a->len), 0);
	return udp_probe_start(loop, &fd, &opt);
}

/* A datagram socket of somebody else, and its address. */
static int
somebody(struct addr *a)
{
	*a = addr_of("127.0.0.1", 0);
	return serve(a, SOCK_DGRAM, 0);
}

TEST(a_refusal_is_told)
{
	struct addr a;
	int s = somebody(&a), fds;

	close(s);
	begin();
	fds = open_fds();
	CHECK(udp_probe(&a, PATIENCE, 0) != NULL);
	CHECK_INT(answers, 0);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answer, FOUND_REFUSED);
	CHECK_INT(refusal, ECONNREFUSED);
	CHECK_INT(open_fds(), fds);
	finish();
}

TEST(a_datagram_that_comes_back_is_an_answer)
{
	struct addr a, from;
	socklen_t len = sizeof(from.u);
	int s = somebody(&a);
	char byte;

	begin();
	CHECK(udp_probe(&a, PATIENCE, 0) != NULL);
	loop_turn(loop, 0);
	CHECK_INT(recvfrom(s, &byte, 1, MSG_DONTWAIT, &from.u.sa, &len), 1);
	CHECK_INT(sendto(s, "", 0, 0, &from.u.sa, len), 0);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answer, FOUND_OPEN);
	finish();
	close(s);
}

/* Returns the number of datagrams of one probe. */
static int
silence(int probes)
{
	int datagrams;
	struct addr a;
	int s = somebody(&a);
	int64_t since = clock_now();
	char byte = 0;

	begin();
	CHECK(udp_probe(&a, 300 * NSEC_PER_MSEC, probes) != NULL);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answer, FOUND_SILENT);
	CHECK(clock_now() - since >= 300 * NSEC_PER_MSEC);
	for (datagrams = 0; recv(s, &byte, 1, MSG_DONTWAIT) == 1; ++datagrams)
		CHECK_INT(byte, 'X');
	finish();
	close(s);
	return datagrams;
}

/*
 * One is sent at the start and one after 250 ms; a process that does not run
 * between that and the end after 300 ms leaves the second one out.
 */
TEST(silence_ends_when_the_time_is_over)
{
	int tries, datagrams = 0;

	for (tries = 0; tries < 10 && datagrams != 2; tries++)
		datagrams = silence(0);
	CHECK_INT(datagrams, 2);
}

TEST(no_more_are_sent_than_asked_for)
{
	CHECK_INT(silence(1), 1);
}

TEST(no_time_is_time_for_one)
{
	struct addr a;
	int s = somebody(&a);
	char byte;

	begin();
	CHECK(udp_probe(&a, 0, 0) != NULL);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answer, FOUND_SILENT);
	CHECK_INT(recv(s, &byte, 1, MSG_DONTWAIT), 1);
	CHECK_INT(recv(s, &byte, 1, MSG_DONTWAIT), -1);
	finish();
	close(s);
}

TEST(a_cancelled_one_says_nothing)
{
	struct addr a;
	int s = somebody(&a), fds;

	close(s);
	begin();
	fds = open_fds();
	udp_probe_cancel(udp_probe(&a, PATIENCE, 0));
	loop_turn(loop, 50 * NSEC_PER_MSEC);
	CHECK_INT(answers, 0);
	CHECK_INT(open_fds(), fds);
	finish();
}

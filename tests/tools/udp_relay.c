/*
 * A network with losses: relays datagrams to a port and the answers back.
 *
 *	udp_relay PORTFILE TO [drop:N]... [answer:N]... [stop:N]
 *
 * Listens on 127.0.0.1 and writes its port to PORTFILE. Relays to the port TO
 * of 127.0.0.1, for one client. Of all datagrams, in both directions, those
 * with the numbers drop:N are lost, counted from 1; of those from TO alone,
 * answer:N; after stop:N datagrams all others are lost. Prints a line for each:
 * "> 120" to TO, "< 60" to the client, "lost" at the end if so. Ends after
 * 60 s, or when killed.
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <poll.h>

#include "lib/tool.h"

#define MANY		16
#define PATIENCE	60000

static long	drops[MANY], answers[MANY], stop, count, answered;
static int	ndrops, nanswers;

static struct sockaddr_in
here(long port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sin;
}

static void
publish(int s, const char *path)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char temp[4096];
	FILE *f;

	snprintf(temp, sizeof(temp), "%s.new", path);
	if (getsockname(s, (struct sockaddr *)&sin, &len) == -1 ||
	    (f = fopen(temp, "w")) == NULL)
		tool_fail("udp_relay: %s: %s", path, strerror(errno));
	fprintf(f, "%d\n", ntohs(sin.sin_port));
	fclose(f);
	if (rename(temp, path) == -1)
		tool_fail("udp_relay: %s: %s", path, strerror(errno));
}

static bool
is_in(const long *numbers, int n, long number)
{
	while (n-- > 0)
		if (numbers[n] == number)
			return true;
	return false;
}

static void
option(const char *word)
{
	const char *arg;

	if ((arg = tool_after(word, "drop:")) != NULL && ndrops < MANY)
		drops[ndrops++] = tool_number(arg);
	else if ((arg = tool_after(word, "answer:")) != NULL && nanswers < MANY)
		answers[nanswers++] = tool_number(arg);
	else if ((arg = tool_after(word, "stop:")) != NULL)
		stop = tool_number(arg);
	else
		tool_fail("udp_relay: %s", word);
}

static bool
is_lost(bool answer)
{
	count++;
	if (answer)
		answered++;
	return is_in(drops, ndrops, count) || (stop != 0 && count > stop) ||
	    (answer && is_in(answers, nanswers, answered));
}

/* client: where answers go; filled by a datagram of the client. */
static void
pass_on(int from, int to, bool answer, struct sockaddr_in *client)
{
	static char buf[65536];
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	ssize_t n = recvfrom(from, buf, sizeof(buf), 0,
	    (struct sockaddr *)&sin, &len);
	bool lost;

	if (n == -1)
		return;		/* a refused datagram */
	if (!answer)
		*client = sin;
	lost = is_lost(answer);
	printf("%c %zd%s\n", answer ? '<' : '>', n, lost ? " lost" : "");
	fflush(stdout);
	if (lost)
		return;
	if (answer)
		(void)sendto(to, buf, (size_t)n, 0, (struct sockaddr *)client,
		    sizeof(*client));
	else
		(void)send(to, buf, (size_t)n, 0);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in sin = here(0), target, client = here(0);
	int in = socket(AF_INET, SOCK_DGRAM, 0);
	int out = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd pfd[] = { { in, POLLIN, 0 }, { out, POLLIN, 0 } };

	if (argc < 3)
		tool_fail("udp_relay PORTFILE TO [WORD]...");
	target = here(tool_number(argv[2]));
	for (int i = 3; i < argc; i++)
		option(argv[i]);
	if (bind(in, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    connect(out, (struct sockaddr *)&target, sizeof(target)) == -1)
		tool_fail("udp_relay: %s", strerror(errno));
	publish(in, argv[1]);
	alarm(PATIENCE / 1000);
	while (poll(pfd, 2, PATIENCE) > 0) {
		if (pfd[0].revents != 0)
			pass_on(in, out, false, &client);
		if (pfd[1].revents != 0)
			pass_on(out, in, true, &client);
	}
	return 0;
}

/*
 * Load of a group chat: many members send at once while others join and leave.
 * Checks that each member that stays receives each line of every other such
 * member exactly once.
 *
 *	chat_load PORT STAYERS LINES PASSERS [SLEEPERS]
 *
 * Each of the STAYERS sends so many lines. Meanwhile PASSERS connect, send a
 * line and leave, by ":q", a reset or a FIN. SLEEPERS read nothing at all.
 * Prints
 *	missing N double N forged N lost N
 * lines, where forged lines begin with neither "<" nor "* ", and lost are
 * stayers that were disconnected. Exits with 0 only if all of these are 0.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "lib/tool.h"

#define LINE	512
#define QUIET	10000	/* ms without a byte: nothing more will come */

struct member {
	int		 fd;
	int		 number;
	bool		 in;		/* was welcomed */
	int		 said;
	char		 line[LINE];
	size_t		 len;
	unsigned char	*heard;		/* count of each line of each stayer */
};

static struct member	*stayers;
static int		 members, lines, passers;
static long		 missing, twice, forged, lost, total;
static int		 pass_fd[8];
static unsigned		 passed;
static struct sockaddr_in server = { .sin_family = AF_INET };

static int
call_room(int rcvbuf)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd != -1 && rcvbuf != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
		    sizeof(rcvbuf));
	if (fd == -1 || connect(fd, (struct sockaddr *)&server,
	    sizeof(server)) == -1)
		tool_fail("chat_load: %s", strerror(errno));
	return fd;
}

/* One passer connects, and the one that came eight before it leaves. */
static void
pass_by(void)
{
	static const char hello[] = "passing by\nand I sa";
	static const char quit[] = "\n:q\n";
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	int *fd = &pass_fd[passed % 8];

	if (*fd != -1) {
		if (passed % 3 == 0)
			(void)send(*fd, quit, sizeof(quit) - 1, MSG_NOSIGNAL);
		else if (passed % 3 == 1)
			(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &hard,
			    sizeof(hard));
		close(*fd);
		*fd = -1;
	}
	if ((int)passed++ >= passers)
		return;
	*fd = call_room(0);
	(void)send(*fd, hello, sizeof(hello) - 1, MSG_NOSIGNAL);
}

static void
count(struct member *m, const char *line)
{
	const char *text = strchr(line, '>');
	unsigned char *n;
	int who, number;

	if (strncmp(line, "* welcome", 9) == 0)
		m->in = true;
	if (line[0] != '<' && strncmp(line, "* ", 2) != 0)
		forged++;
	if (line[0] != '<' || text == NULL ||
	    sscanf(text, "> say %d %d", &who, &number) != 2)
		return;
	if (who < 0 || who >= members || number < 0 || number >= lines) {
		forged++;
		return;
	}
	n = &m->heard[who * lines + number];
	if (*n < 255)
		++*n;
	total++;
}

static void
hear(struct member *m)
{
	char buf[65536];
	ssize_t i, n = recv(m->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lost++;
		close(m->fd);
		m->fd = -1;
		return;
	}
	for (i = 0; i < n; i++) {
		if (buf[i] != '\n') {
			if (m->len < LINE - 1)
				m->line[m->len++] = buf[i];
			continue;
		}
		m->line[m->len] = '\0';
		m->len = 0;
		count(m, m->line);
	}
}

static void
speak(struct member *m)
{
	char buf[64];
	int n = snprintf(buf, sizeof(buf), "say %d %d\n", m->number, m->said);

	if (m->fd != -1 && send(m->fd, buf, (size_t)n,
	    MSG_DONTWAIT | MSG_NOSIGNAL) == n)
		m->said++;
}

/* Polls all stayers once. Returns whether any byte came. */
static bool
look(int ms)
{
	struct pollfd *fds = calloc((size_t)members, sizeof(*fds));
	int i, n;

	if (fds == NULL)
		tool_fail("chat_load: no memory");
	for (i = 0; i < members; i++)
		fds[i] = (struct pollfd){ .fd = stayers[i].fd,
		    .events = POLLIN };
	n = poll(fds, (nfds_t)members, ms);
	for (i = 0; i < members; i++)
		if (fds[i].revents != 0 && stayers[i].fd != -1)
			hear(&stayers[i]);
	free(fds);
	return n > 0;
}

static bool
all_are_in(void)
{
	int i;

	for (i = 0; i < members; i++)
		if (!stayers[i].in && stayers[i].fd != -1)
			return false;
	return true;
}

static void
come(int sleepers)
{
	int64_t deadline = clock_ms() + 20000;
	int i;

	for (i = 0; i < 8; i++)
		pass_fd[i] = -1;
	for (i = 0; i < members; i++)
		stayers[i].fd = -1;
	for (i = 0; i < sleepers; i++)
		(void)call_room(4096);
	for (i = 0; i < members; i++) {
		stayers[i].number = i;
		stayers[i].fd = call_room(0);
		stayers[i].heard = calloc((size_t)members, (size_t)lines);
		if (stayers[i].heard == NULL)
			tool_fail("chat_load: no memory");
		(void)look(0);
	}
	while (!all_are_in()) {
		if (clock_ms() > deadline)
			tool_fail("chat_load: not all were welcomed");
		(void)look(100);
	}
}

static void
talk(void)
{
	long want = (long)members * (members - 1) * lines;
	int64_t active = clock_ms();
	bool open;
	int i;

	while (total < want && clock_ms() < active + QUIET) {
		open = false;
		for (i = 0; i < members; i++)
			if (stayers[i].said < lines) {
				speak(&stayers[i]);
				open = true;
			}
		if ((int)passed < passers)
			pass_by();
		if (look(open ? 0 : 100))
			active = clock_ms();
	}
	for (i = 0; i < 8; i++)
		pass_by();
}

static void
judge(void)
{
	int i, k, n;

	for (i = 0; i < members; i++)
		for (k = 0; k < members * lines; k++) {
			n = stayers[i].heard[k];
			if (k / lines == i)
				twice += n;	/* it heard itself */
			else if (n == 0)
				missing++;
			else
				twice += n - 1;
		}
}

int
main(int argc, char **argv)
{
	if (argc < 5)
		tool_fail("usage: chat_load PORT STAYERS LINES PASSERS "
		    "[SLEEPERS]");
	(void)signal(SIGPIPE, SIG_IGN);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)tool_number(argv[1]));
	members = (int)tool_number(argv[2]);
	lines = (int)tool_number(argv[3]);
	passers = (int)tool_number(argv[4]);
	stayers = calloc((size_t)members, sizeof(*stayers));
	if (stayers == NULL)
		tool_fail("chat_load: no memory");
	come(argc > 5 ? (int)tool_number(argv[5]) : 0);
	talk();
	judge();
	printf("missing %ld double %ld forged %ld lost %ld\n", missing, twice,
	    forged, lost);
	return missing + twice + forged + lost != 0;
}

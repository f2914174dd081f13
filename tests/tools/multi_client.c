/*
 * Many clients of one server at once. Each word is done by all clients before
 * the next word. Exits with 0 only if all words succeeded for all clients.
 *
 *	multi_client PORT N WORD...
 *
 *	from:A.B.C.D from:A.B.C.D-E	our addresses, in turns, for connect
 *	connect			to PORT on loopback
 *	send:TEXT fin rst close
 *	recv-line recv-eof recv-end	the last one takes a reset, too
 *	expect:TEXT		what came since the last look
 *	count:TEXT		print how many clients received that
 *	touch:F await:F
 *	drip:F			send a byte each 100 ms until F exists, from
 *				all that still can
 *
 * In TEXT, % is the number of the client, from 1, and ; the end of a line.
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>

#include "lib/tool.h"

#define GOT_MAX	256
#define PATIENCE	20	/* seconds */

struct client {
	int	fd, number;
	size_t	len;
	char	got[GOT_MAX];
};

static struct client	*clients;
static int		 members;
static struct sockaddr_in server = { .sin_family = AF_INET };
static struct sockaddr_in from = { .sin_family = AF_INET };
static unsigned		 hosts;		/* addresses from there on; 0: any */
static const char	*word;

__attribute__((noreturn))
static void
fail(const struct client *c, const char *why)
{
	tool_fail("multi_client: client %d: %s: %s; it got %.*s", c->number,
	    word, why, (int)c->len, c->got);
}

static const char *
fill_in(const struct client *c, const char *text, char buf[GOT_MAX])
{
	size_t n = 0;

	for (; *text != '\0' && n < GOT_MAX - 12; text++)
		if (*text == '%')
			n += (size_t)snprintf(buf + n, 12, "%d", c->number);
		else
			buf[n++] = *text == ';' ? '\n' : *text;
	buf[n] = '\0';
	return buf;
}

static void
do_from(struct client *c, const char *arg)
{
	char first[INET_ADDRSTRLEN];
	const char *last = strchr(arg, '-');
	size_t len = last == NULL ? strlen(arg) : (size_t)(last - arg);

	(void)snprintf(first, sizeof(first), "%.*s", (int)len, arg);
	if (inet_pton(AF_INET, first, &from.sin_addr) != 1)
		fail(c, "no address");
	hosts = last == NULL ? 1 : (unsigned)tool_number(last + 1) -
	    (ntohl(from.sin_addr.s_addr) & 0xff) + 1;
}

static void
bind_from(const struct client *c)
{
	struct sockaddr_in sin = from;

	sin.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) +
	    (unsigned)(c->number - 1) % hosts);
	if (bind(c->fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		fail(c, strerror(errno));
}

static void
do_connect(struct client *c, const char *arg)
{
	struct timeval patience = { .tv_sec = PATIENCE };

	(void)arg;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd != -1 && hosts > 0)
		bind_from(c);
	if (c->fd == -1 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO,
	    &patience, sizeof(patience)) == -1 ||
	    connect(c->fd, (struct sockaddr *)&server, sizeof(server)) == -1)
		fail(c, strerror(errno));
}

static void
do_send(struct client *c, const char *arg)
{
	char buf[GOT_MAX];
	size_t len = strlen(fill_in(c, arg, buf));

	if (send(c->fd, buf, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail(c, strerror(errno));
}

/* One read; 0 at the end, -1 at a reset. */
static ssize_t
take(struct client *c, size_t max)
{
	size_t room = sizeof(c->got) - c->len;
	ssize_t n;

	/* One with a limit is interrupted by a stop, too. */
	do
		n = recv(c->fd, c->got + c->len, max < room ? max : room, 0);
	while (n == -1 && errno == EINTR);
	if (room == 0)
		fail(c, "too much came");
	if (n == -1 && errno != ECONNRESET)
		fail(c, strerror(errno));
	if (n > 0)
		c->len += (size_t)n;
	return n;
}

static void
do_recv_line(struct client *c, const char *arg)
{
	(void)arg;
	do {
		if (take(c, 1) <= 0)
			fail(c, "it ended early");
	} while (c->got[c->len - 1] != '\n');
}

static void
do_recv_eof(struct client *c, const char *arg)
{
	ssize_t n;

	(void)arg;
	while ((n = take(c, SIZE_MAX)) > 0)
		;
	if (n == -1)
		fail(c, "a reset came");
}

static void
do_recv_end(struct client *c, const char *arg)
{
	(void)arg;
	while (take(c, SIZE_MAX) > 0)
		;
}

static bool
has(const struct client *c, const char *arg)
{
	char buf[GOT_MAX];
	size_t len = strlen(fill_in(c, arg, buf));

	return len == c->len && memcmp(buf, c->got, len) == 0;
}

static void
do_expect(struct client *c, const char *arg)
{
	if (!has(c, arg))
		fail(c, "not so");
	c->len = 0;
}

static void
do_count(struct client *c, const char *arg)
{
	static int n;

	n += has(c, arg);
	c->len = 0;
	if (c->number == members) {
		printf("%d\n", n);
		n = 0;
	}
}

static void
do_fin(struct client *c, const char *arg)
{
	(void)arg;
	(void)shutdown(c->fd, SHUT_WR);
}

static void
do_close(struct client *c, const char *arg)
{
	(void)arg;
	close(c->fd);
}

static void
do_rst(struct client *c, const char *arg)
{
	struct linger hard = { .l_onoff = 1 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	do_close(c, arg);
}

static void
do_touch(struct client *c, const char *arg)
{
	FILE *f;

	if (c->number != members)
		return;
	if ((f = fopen(arg, "w")) == NULL)
		fail(c, strerror(errno));
	fclose(f);
}

static void
do_await(struct client *c, const char *arg)
{
	if (!wait_until(tool_exists, arg, clock_ms() + PATIENCE * 1000))
		fail(c, "too late");
}

static void
do_drip(struct client *c, const char *arg)
{
	const struct timespec pause = { .tv_nsec = 100000000 };

	for (int i = 0; c->number == members && i < 10 * PATIENCE &&
	    !tool_exists(arg); i++) {
		for (int k = 0; k < members; k++)
			(void)send(clients[k].fd, "x", 1, MSG_NOSIGNAL |
			    MSG_DONTWAIT);
		(void)nanosleep(&pause, NULL);
	}
}

static const struct verb {
	const char	*name;
	void		(*act)(struct client *, const char *);
} verbs[] = {
	{ "connect", do_connect }, { "send", do_send },
	{ "recv-line", do_recv_line }, { "recv-eof", do_recv_eof },
	{ "recv-end", do_recv_end }, { "expect", do_expect },
	{ "count", do_count }, { "fin", do_fin }, { "close", do_close },
	{ "rst", do_rst }, { "touch", do_touch }, { "await", do_await },
	{ "from", do_from }, { "drip", do_drip },
	{ NULL, NULL }
};

static void
perform(const char *text)
{
	const struct verb *v;
	size_t len = strcspn(text, ":");
	int i;

	word = text;
	for (v = verbs; v->name != NULL; v++)
		if (strlen(v->name) == len &&
		    strncmp(v->name, text, len) == 0)
			break;
	if (v->name == NULL)
		tool_fail("multi_client: what is %s?", text);
	for (i = 0; i < members; i++)
		v->act(&clients[i], text[len] == ':' ? text + len + 1 :
		    "");
}

int
main(int argc, char **argv)
{
	int i;

	if (argc < 3)
		tool_fail("multi_client: usage: multi_client PORT N WORD...");
	signal(SIGPIPE, SIG_IGN);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)tool_number(argv[1]));
	members = (int)tool_number(argv[2]);
	clients = calloc((size_t)members, sizeof(*clients));
	if (clients == NULL)
		tool_fail("multi_client: no memory");
	for (i = 0; i < members; i++)
		clients[i].number = i + 1;
	for (i = 3; i < argc; i++)
		perform(argv[i]);
	return fflush(stdout) == 0 ? 0 : TOOL_FAILED;
}

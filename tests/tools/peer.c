/*
 * A scripted peer: the words of its command line are done in order, each
 * before a common deadline of 15 s. Exits with 0 only if all words succeeded.
 *
 *	peer listen:PORTFILE accept send:hello fin recv-eof save:FILE close
 *
 * Where a word takes TEXT, \n \r \t \0 \\ and \xHH are understood. Sockets:
 *	listen:F listen6:F	TCP on loopback; the port is written to F
 *	listen-at:P udp-bind-at:P	likewise, with this port
 *	ulisten:PATH		a Unix stream socket
 *	connect:P connect6:P uconnect:PATH
 *	udp-bind:F udp6-bind:F udp-connect:P udp6-connect:P
 *	ud-bind:PATH ud-connect:PATH	a Unix datagram socket
 *	accept unlisten clog	clog fills the backlog: connects time out
 *	rcvbuf:N		before listen or connect
 *	from:HOST		before connect or udp-connect: our address
 * Data (what is received is kept until a word uses it):
 *	send:TEXT send-file:F fill:N	fill sends a known pattern
 *	until:TEXT		receive until TEXT has come
 *	recv:N recv-line recv-eof recv-end	recv-end takes a reset, too
 *	recv-reset		to a reset
 *	recv-slow:MS		to the end, with a pause before each read
 *	recv-dgram		one datagram; answers go to its sender
 *	expect:TEXT expect-size:N expect-fill:N save:F print name
 *	quiet-ms:N		checks that nothing comes, also no end
 *	log:MS			print what comes, to the end or for MS
 * Ends and waits:
 *	fin rst close sleep-ms:N touch:F await:F deadline-ms:N
 */
#include <signal.h>

#include "peer.h"

static void
do_accept(struct peer *p, const char *arg)
{
	(void)arg;
	await(p, p->listener, POLLIN);
	if ((p->fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
		tool_fail("peer: accept: %s", strerror(errno));
	p->tolen = 0;
}

static void
do_unlisten(struct peer *p, const char *arg)
{
	(void)arg;
	close(p->listener);
}

/* Connects to this socket until the kernel leaves a connect unanswered. */
static void
do_clog(struct peer *p, const char *arg)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct pollfd pfd = { .events = POLLOUT };

	(void)arg;
	getsockname(p->listener, (struct sockaddr *)&ss, &len);
	do {
		pfd.fd = socket(ss.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(pfd.fd, (struct sockaddr *)&ss, len);
	} while (poll(&pfd, 1, 100) == 1);
}

static void
do_rcvbuf(struct peer *p, const char *arg)
{
	p->rcvbuf = (int)tool_number(arg);
}

static void
do_from(struct peer *p, const char *arg)
{
	p->from = arg;
}

static void
do_send(struct peer *p, const char *arg)
{
	char *buf = malloc(strlen(arg) + 1);

	if (buf == NULL)
		tool_fail("peer: no memory");
	give(p, buf, unescape(arg, buf));
	free(buf);
}

static void
do_fill(struct peer *p, const char *arg)
{
	size_t i, len = (size_t)tool_number(arg);
	char *buf = malloc(len + 1);

	if (buf == NULL)
		tool_fail("peer: no memory");
	for (i = 0; i < len; i++)
		buf[i] = pattern(i);
	give(p, buf, len);
	free(buf);
}

static void
do_send_file(struct peer *p, const char *arg)
{
	char buf[16384];
	size_t n;
	FILE *f = fopen(arg, "r");

	if (f == NULL)
		tool_fail("peer: %s: %s", arg, strerror(errno));
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		give(p, buf, n);
	fclose(f);
}

static void
do_recv(struct peer *p, const char *arg)
{
	size_t want = p->len + (size_t)tool_number(arg);

	while (p->len < want)
		if (take(p, want - p->len) <= 0)
			tool_fail("peer: %s: it ended early", p->word);
}

static void
do_recv_line(struct peer *p, const char *arg)
{
	(void)arg;
	do {
		if (take(p, 1) <= 0)
			tool_fail("peer: %s: it ended early", p->word);
	} while (p->got[p->len - 1] != '\n');
}

static void
do_until(struct peer *p, const char *arg)
{
	char *want = malloc(strlen(arg) + 1);
	size_t len;

	if (want == NULL)
		tool_fail("peer: no memory");
	len = unescape(arg, want);
	while (p->len < len || memmem(p->got, p->len, want, len) == NULL)
		if (take(p, SIZE_MAX) <= 0)
			tool_fail("peer: %s: it ended early; it got %.*s",
			    p->word, (int)p->len, p->got);
	free(want);
}

static void
do_recv_eof(struct peer *p, const char *arg)
{
	ssize_t n;

	(void)arg;
	while ((n = take(p, SIZE_MAX)) > 0)
		;
	if (n == -1)
		tool_fail("peer: %s: a reset came", p->word);
}

static void
do_recv_end(struct peer *p, const char *arg)
{
	(void)arg;
	while (take(p, SIZE_MAX) > 0)
		;
}

static void
do_recv_reset(struct peer *p, const char *arg)
{
	ssize_t n;

	(void)arg;
	while ((n = take(p, SIZE_MAX)) > 0)
		;
	if (n == 0)
		tool_fail("peer: %s: an end came", p->word);
}

static void
do_recv_slow(struct peer *p, const char *arg)
{
	int ms = (int)tool_number(arg);
	ssize_t n;

	do
		nap_ms(ms);
	while ((n = take(p, SIZE_MAX)) > 0);
	if (n == -1)
		tool_fail("peer: %s: a reset came", p->word);
}

static void
do_recv_dgram(struct peer *p, const char *arg)
{
	(void)arg;
	if (take(p, 0) == -1)
		tool_fail("peer: %s: refused", p->word);
}

static void
do_expect(struct peer *p, const char *arg)
{
	char *want = malloc(strlen(arg) + 1);
	size_t len;

	if (want == NULL)
		tool_fail("peer: no memory");
	len = unescape(arg, want);
	if (len != p->len || memcmp(want, p->got, len) != 0)
		tool_fail("peer: %s, but %zu bytes came: %.*s", p->word,
		    p->len, (int)p->len, p->got);
	free(want);
	p->len = 0;
}

static void
do_expect_size(struct peer *p, const char *arg)
{
	if (p->len != (size_t)tool_number(arg))
		tool_fail("peer: %s, but %zu bytes came", p->word, p->len);
	p->len = 0;
}

static void
do_expect_fill(struct peer *p, const char *arg)
{
	size_t i;

	for (i = 0; i < p->len; i++)
		if (p->got[i] != pattern(i))
			tool_fail("peer: byte %zu is wrong", i);
	do_expect_size(p, arg);
}

static void
do_save(struct peer *p, const char *arg)
{
	publish(arg, p->got, p->len);
	p->len = 0;
}

static void
do_print(struct peer *p, const char *arg)
{
	(void)arg;
	fwrite(p->got, 1, p->len, stdout);
	fflush(stdout);
	p->len = 0;
}

static void
do_name(struct peer *p, const char *arg)
{
	char host[64], port[16];

	(void)arg;
	if (p->tolen == 0) {
		p->tolen = sizeof(p->to);
		getpeername(p->fd, (struct sockaddr *)&p->to, &p->tolen);
	}
	getnameinfo((struct sockaddr *)&p->to, p->tolen, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	if (!p->dgram)
		p->tolen = 0;
	printf("%s %s\n", host, port);
}

static void
do_quiet_ms(struct peer *p, const char *arg)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };

	if (poll(&pfd, 1, (int)tool_number(arg)) != 0)
		tool_fail("peer: %s: something came", p->word);
}

static void
put_logged(const char *s, size_t len)
{
	putchar('"');
	for (size_t i = 0; i < len; i++)
		if (s[i] == '\n')
			fputs("\\n", stdout);
		else if (s[i] >= ' ' && s[i] <= '~')
			putchar(s[i]);
		else
			printf("\\x%02x", (unsigned char)s[i]);
	putchar('"');
}

/* Records are shown one by one, a stream as one piece. */
static void
do_log(struct peer *p, const char *arg)
{
	int64_t until = clock_ms() + tool_number(arg), left;
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	const char *end = "quiet";
	ssize_t n = 1;

	while ((left = until - clock_ms()) > 0 &&
	    poll(&pfd, 1, (int)left) > 0) {
		if ((n = take(p, SIZE_MAX)) <= 0 && !p->dgram)
			break;
		if (p->dgram && n >= 0) {
			put_logged(p->got, p->len);
			putchar(' ');
			p->len = 0;
		}
	}
	if (!p->dgram) {
		put_logged(p->got, p->len);
		end = n == 0 ? " eof" : n < 0 ? " reset" : " quiet";
	}
	puts(end);
	fflush(stdout);
	p->len = 0;
}

static void
do_fin(struct peer *p, const char *arg)
{
	(void)arg;
	/* A connection that the other side has reset: the next word tells. */
	if (shutdown(p->fd, SHUT_WR) == -1 && errno != ENOTCONN)
		tool_fail("peer: fin: %s", strerror(errno));
}

static void
do_close(struct peer *p, const char *arg)
{
	(void)arg;
	close(p->fd);
	p->fd = -1;
}

static void
do_rst(struct peer *p, const char *arg)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	do_close(p, arg);
}

static void
do_sleep_ms(struct peer *p, const char *arg)
{
	(void)p;
	nap_ms((int)tool_number(arg));
}

static void
do_touch(struct peer *p, const char *arg)
{
	(void)p;
	publish(arg, "", 0);
}

static void
do_await(struct peer *p, const char *arg)
{
	if (!wait_until(tool_exists, arg, p->deadline))
		tool_fail("peer: too late for %s", p->word);
}

static void
do_deadline_ms(struct peer *p, const char *arg)
{
	p->deadline = clock_ms() + tool_number(arg);
}

static const struct server {
	const char	*name;
	int		 family, type;
	void		(*open)(struct peer *, int, int, const char *);
} servers[] = {
	{ "listen",	  AF_INET,  SOCK_STREAM, open_server },
	{ "listen6",	  AF_INET6, SOCK_STREAM, open_server },
	{ "listen-at",	  AF_INET,  SOCK_STREAM, open_at },
	{ "udp-bind-at",  AF_INET,  SOCK_DGRAM,  open_at },
	{ "ulisten",	  AF_UNIX,  SOCK_STREAM, open_server },
	{ "connect",	  AF_INET,  SOCK_STREAM, open_client },
	{ "connect6",	  AF_INET6, SOCK_STREAM, open_client },
	{ "uconnect",	  AF_UNIX,  SOCK_STREAM, open_client },
	{ "udp-bind",	  AF_INET,  SOCK_DGRAM,  open_server },
	{ "udp6-bind",	  AF_INET6, SOCK_DGRAM,  open_server },
	{ "udp-connect",  AF_INET,  SOCK_DGRAM,  open_client },
	{ "udp6-connect", AF_INET6, SOCK_DGRAM,  open_client },
	{ "ud-bind",	  AF_UNIX,  SOCK_DGRAM,  open_server },
	{ "ud-connect",	  AF_UNIX,  SOCK_DGRAM,  open_client },
	{ NULL, 0, 0, NULL }
};

static const struct verb {
	const char	*name;
	void		(*act)(struct peer *, const char *);
} verbs[] = {
	{ "accept", do_accept }, { "unlisten", do_unlisten },
	{ "clog", do_clog }, { "rcvbuf", do_rcvbuf },
	{ "from", do_from }, { "send", do_send }, { "send-file", do_send_file },
	{ "fill", do_fill }, { "recv", do_recv },
	{ "until", do_until },
	{ "recv-line", do_recv_line }, { "recv-eof", do_recv_eof },
	{ "recv-end", do_recv_end }, { "recv-dgram", do_recv_dgram },
	{ "recv-reset", do_recv_reset }, { "recv-slow", do_recv_slow },
	{ "expect", do_expect }, { "expect-size", do_expect_size },
	{ "expect-fill", do_expect_fill }, { "save", do_save },
	{ "print", do_print }, { "name", do_name },
	{ "quiet-ms", do_quiet_ms }, { "log", do_log },
	{ "fin", do_fin }, { "rst", do_rst },
	{ "close", do_close }, { "sleep-ms", do_sleep_ms },
	{ "touch", do_touch }, { "await", do_await },
	{ "deadline-ms", do_deadline_ms },
	{ NULL, NULL }
};

static void
perform(struct peer *p, char *word)
{
	const struct server *s;
	const struct verb *v;
	char *arg;

	snprintf(p->word, sizeof(p->word), "%s", word);
	if ((arg = strchr(word, ':')) != NULL)
		*arg++ = '\0';
	else
		arg = word + strlen(word);
	for (s = servers; s->name != NULL; s++)
		if (strcmp(word, s->name) == 0) {
			s->open(p, s->family, s->type, arg);
			return;
		}
	for (v = verbs; v->name != NULL; v++)
		if (strcmp(word, v->name) == 0) {
			v->act(p, arg);
			return;
		}
	tool_fail("peer: what is %s?", word);
}

int
main(int argc, char **argv)
{
	static struct peer p = { .listener = -1, .fd = -1 };
	int i;

	signal(SIGPIPE, SIG_IGN);
	p.deadline = clock_ms() + 15000;
	p.room = 4096;
	if ((p.got = malloc(p.room)) == NULL)
		tool_fail("peer: no memory");
	for (i = 1; i < argc; i++)
		perform(&p, argv[i]);
	return fflush(stdout) == 0 ? 0 : TOOL_FAILED;
}

/*
 * Both ends of a relay: clients that connect to the relay, and the server
 * behind it. What one end sends, and how it ends, has to be found at the
 * other end.
 *
 *	relay_ends [-a] [-r BYTES] [-t SECONDS] RELAY SERVER <TABLE
 *
 * RELAY and SERVER are ports of the loopback, or paths. A line of the table is
 *	NAME | WORDS of the client | WORDS of the server
 * One pair after the other; with -a all at once, where each client first sends
 * four bytes by which the server knows its words. -r makes receive buffers
 * small. Each pair has 15 seconds, or those of -t. Prints a line for each pair
 * that fails, and exits with 0 if there is none.
 *
 *	send:N read:N		N bytes of a pattern; each is looked at
 *	trade:N:M		send N, read M, at the same time
 *	trade-fin:N:M		the same, with a FIN right after the N bytes
 *	slow:MS			a pause before each read, which is short then
 *	eof			no more bytes come but a FIN
 *	reset			no more bytes come but a reset
 *	some-reset		right bytes and then a reset, or a reset alone
 *	end			right bytes, and then any end
 *	broken flood		send until the connection breaks: a byte
 *				now and then, or all that goes
 *	acked			the kernel of the other side has all
 *	pending			bytes have come, and are not read
 *	fin rst close
 *	nap:MS quiet:MS		nothing comes, also no end, says the second
 *	tell:X hear:X		X, a letter, from end to end; a capital
 *				letter from one pair to all
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include "lib/tool.h"

#define PIECE	65536
#define SHORT	8192		/* what a slow end reads at once */
#define WORDS	32

struct pair;

struct end {
	struct pair	*pair;
	pthread_t	 thread;
	char		*words[WORDS];
	int		 fd, slow;
	bool		 began;		/* the thread runs */
	bool		 eof;		/* a FIN has come */
	unsigned	 salt, other;	/* of the two patterns */
	size_t		 sent, got;
};

struct pair {
	char		 name[64];
	int64_t		 deadline;
	struct end	 client, server;
	pthread_mutex_t	 lock;
	bool		 heard[128];
	char		 why[256];	/* the first fault */
};

static struct {
	const char	*relay, *server;
	int		 listener, rcvbuf, patience;
	bool		 together;
	bool		 heard[128];	/* capital letters */
	struct pair	*pairs;
	size_t		 n;
} all = { .patience = 15 };

static unsigned char
pattern(unsigned salt, size_t i)
{
	return (unsigned char)((i + salt) * 31 + (i >> 8) * 7 + (i >> 16));
}

/* The thread of an end that fails is over; the other one runs into its end. */
__attribute__((noreturn, format(printf, 3, 4)))
static void
fail(struct end *e, const char *word, const char *fmt, ...)
{
	struct pair *p = e->pair;
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&p->lock);
	if (p->why[0] == '\0')
		snprintf(p->why, sizeof(p->why), "the %s, at %.40s: %s "
		    "(%zu bytes sent, %zu read)",
		    e == &p->client ? "client" : "server", word, text, e->sent,
		    e->got);
	pthread_mutex_unlock(&p->lock);
	pthread_exit(NULL);
}

/* An end whose other end has failed is not kept waiting. */
static void
check(struct end *e, const char *word)
{
	bool failed;

	pthread_mutex_lock(&e->pair->lock);
	failed = e->pair->why[0] != '\0';
	pthread_mutex_unlock(&e->pair->lock);
	if (failed || clock_ms() > e->pair->deadline)
		fail(e, word, "too late");
}

static short
await(struct end *e, short events, const char *word)
{
	struct pollfd pfd = { .fd = e->fd, .events = events };
	int n;

	while ((n = poll(&pfd, 1, 100)) == 0)
		check(e, word);
	if (n == -1)
		fail(e, word, "poll: %s", strerror(errno));
	return pfd.revents;
}

/* ---- sockets -------------------------------------------------------- */

static socklen_t
name_of(struct sockaddr_storage *ss, const char *where)
{
	struct sockaddr_un *un = (struct sockaddr_un *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(where, '/') == NULL) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)tool_number(where));
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*in);
	}
	un->sun_family = AF_UNIX;
	if (strlen(where) >= sizeof(un->sun_path))
		tool_fail("relay_ends: path too long");
	strcpy(un->sun_path, where);
	return sizeof(*un);
}

static int
make(const char *where, struct sockaddr_storage *ss, socklen_t *len)
{
	int fd, one = 1;

	*len = name_of(ss, where);
	fd = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		tool_fail("relay_ends: socket: %s", strerror(errno));
	if (ss->ss_family == AF_INET)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (all.rcvbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &all.rcvbuf,
		    sizeof(all.rcvbuf));
	return fd;
}

static void
listen_there(void)
{
	struct sockaddr_storage ss;
	socklen_t len;

	all.listener = make(all.server, &ss, &len);
	if (bind(all.listener, (struct sockaddr *)&ss, len) == -1 ||
	    listen(all.listener, 1024) == -1)
		tool_fail("relay_ends: %s: %s", all.server, strerror(errno));
}

static void
call(struct end *e)
{
	struct sockaddr_storage ss;
	socklen_t len;

	e->fd = make(all.relay, &ss, &len);
	if (connect(e->fd, (struct sockaddr *)&ss, len) == -1)
		fail(e, "connect", "%s", strerror(errno));
}

/* ---- bytes ------------------------------------------------------------ */

/* Sends as much as goes; at most n bytes. */
static size_t
give(struct end *e, size_t n, const char *word)
{
	unsigned char buf[PIECE];
	size_t i, len = n < PIECE ? n : PIECE;
	ssize_t done;

	for (i = 0; i < len; i++)
		buf[i] = pattern(e->salt, e->sent + i);
	done = send(e->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done == -1 && errno == EAGAIN)
		return 0;
	if (done == -1)
		fail(e, word, "send: %s", strerror(errno));
	e->sent += (size_t)done;
	return (size_t)done;
}

static void
send_all(struct end *e, size_t n, const char *word)
{
	while (n > 0) {
		(void)await(e, POLLOUT, word);
		n -= give(e, n, word);
	}
}

/* Reads at most max bytes; 0 at the end, -1 at a reset. */
static ssize_t
take(struct end *e, size_t max, const char *word)
{
	unsigned char buf[PIECE];
	size_t most = e->slow > 0 ? SHORT : PIECE;
	ssize_t i, n;

	if (e->slow > 0)
		nap_ms(e->slow);
	n = recv(e->fd, buf, max < most ? max : most, 0);
	if (n == -1 && errno != ECONNRESET)
		fail(e, word, "recv: %s", strerror(errno));
	for (i = 0; i < n; i++)
		if (buf[i] != pattern(e->other, e->got + (size_t)i))
			fail(e, word, "byte %zu is wrong", e->got + (size_t)i);
	if (n > 0)
		e->got += (size_t)n;
	e->eof = e->eof || n == 0;
	return n;
}

static size_t
take_some(struct end *e, size_t max, const char *word)
{
	ssize_t n = take(e, max, word);

	if (n <= 0)
		fail(e, word, n == 0 ? "a FIN came" : "a reset came");
	return (size_t)n;
}

static void
read_all(struct end *e, size_t n, const char *word)
{
	while (n > 0) {
		(void)await(e, POLLIN, word);
		n -= take_some(e, n, word);
	}
}

static void
trade(struct end *e, const char *arg, bool fin)
{
	size_t out = (size_t)strtoul(arg, NULL, 10), in;
	short events, now;

	in = (size_t)tool_number(strchr(arg, ':') + 1);
	for (;;) {
		if (out == 0 && fin) {
			shutdown(e->fd, SHUT_WR);
			fin = false;
		}
		events = (short)((out > 0 ? POLLOUT : 0) |
		    (in > 0 ? POLLIN : 0));
		if (events == 0)
			return;
		now = await(e, events, "trade");
		if (out > 0 && (now & POLLOUT) != 0)
			out -= give(e, out, "trade");
		if (in > 0 && (now & (POLLIN | POLLHUP | POLLERR)) != 0)
			in -= take_some(e, in, "trade");
	}
}

/* ---- ends ------------------------------------------------------------- */

/* After a FIN a reset does not show in what is read. */
static void
find_reset(struct end *e, const char *word)
{
	socklen_t len = sizeof(int);
	int error = 0;

	do
		if ((await(e, 0, word) & (POLLERR | POLLHUP)) == 0)
			fail(e, word, "nothing");
	while (getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1);
	if (error != ECONNRESET && error != EPIPE)
		fail(e, word, "no reset, but %s", error == 0 ? "an end" :
		    strerror(error));
}

/* Which end comes; bytes before it are welcome or not. */
static void
find_end(struct end *e, const char *word, bool bytes, bool fin, bool reset)
{
	ssize_t n;

	if (e->eof) {
		find_reset(e, word);
		return;
	}
	do {
		(void)await(e, POLLIN, word);
		n = take(e, SIZE_MAX, word);
		if (n > 0 && !bytes)
			fail(e, word, "%zd more bytes came", n);
	} while (n > 0);
	if (n == 0 && !fin)
		fail(e, word, "a FIN came");
	if (n == -1 && !reset)
		fail(e, word, "a reset came");
}

static void
break_it(struct end *e, const char *word)
{
	static const char buf[PIECE];
	size_t len = word[0] == 'f' ? sizeof(buf) : 1;
	ssize_t n;

	for (;;) {
		(void)await(e, POLLOUT, word);
		n = send(e->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
			return;
		if (n == -1 && errno != EAGAIN)
			fail(e, word, "send: %s", strerror(errno));
		if (len == 1)
			nap_ms(2);
	}
}

static void
until_acked(struct end *e, const char *word)
{
	int left = 1;

	while (ioctl(e->fd, SIOCOUTQ, &left) == 0 && left > 0) {
		check(e, word);
		nap_ms(1);
	}
}

static void
close_it(struct end *e, bool hard)
{
	struct linger linger = { .l_onoff = 1 };

	if (hard)
		setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &linger,
		    sizeof(linger));
	close(e->fd);
	e->fd = -1;
}

static void
stay_quiet(struct end *e, int ms, const char *word)
{
	struct pollfd pfd = { .fd = e->fd, .events = POLLIN };

	if (poll(&pfd, 1, ms) != 0)
		fail(e, word, "something came");
}

/* ---- words ------------------------------------------------------------ */

/* Where a letter is kept: for the pair or for all. */
static bool *
letter(struct pair *p, const char *arg)
{
	bool *set = arg[0] >= 'A' && arg[0] <= 'Z' ? all.heard : p->heard;

	return &set[arg[0] & 127];
}

static void
tell(struct pair *p, const char *arg)
{
	__atomic_store_n(letter(p, arg), true, __ATOMIC_SEQ_CST);
}

static void
hear(struct end *e, const char *arg, const char *word)
{
	while (!__atomic_load_n(letter(e->pair, arg), __ATOMIC_SEQ_CST)) {
		check(e, word);
		nap_ms(1);
	}
}

static bool
perform_on_bytes(struct end *e, const char *word)
{
	const char *arg;

	if ((arg = tool_after(word, "send:")) != NULL)
		send_all(e, (size_t)tool_number(arg), word);
	else if ((arg = tool_after(word, "read:")) != NULL)
		read_all(e, (size_t)tool_number(arg), word);
	else if ((arg = tool_after(word, "trade:")) != NULL)
		trade(e, arg, false);
	else if ((arg = tool_after(word, "trade-fin:")) != NULL)
		trade(e, arg, true);
	else if ((arg = tool_after(word, "slow:")) != NULL)
		e->slow = (int)tool_number(arg);
	else if ((arg = tool_after(word, "nap:")) != NULL)
		nap_ms((int)tool_number(arg));
	else if ((arg = tool_after(word, "quiet:")) != NULL)
		stay_quiet(e, (int)tool_number(arg), word);
	else if ((arg = tool_after(word, "tell:")) != NULL)
		tell(e->pair, arg);
	else if ((arg = tool_after(word, "hear:")) != NULL)
		hear(e, arg, word);
	else
		return false;
	return true;
}

static void
perform(struct end *e, const char *word)
{
	if (perform_on_bytes(e, word))
		return;
	if (strcmp(word, "eof") == 0)
		find_end(e, word, false, true, false);
	else if (strcmp(word, "reset") == 0)
		find_end(e, word, false, false, true);
	else if (strcmp(word, "some-reset") == 0)
		find_end(e, word, true, false, true);
	else if (strcmp(word, "end") == 0)
		find_end(e, word, true, true, true);
	else if (strcmp(word, "broken") == 0 || strcmp(word, "flood") == 0)
		break_it(e, word);
	else if (strcmp(word, "acked") == 0)
		until_acked(e, word);
	else if (strcmp(word, "pending") == 0)
		(void)await(e, POLLIN, word);
	else if (strcmp(word, "fin") == 0)
		(void)shutdown(e->fd, SHUT_WR);
	else if (strcmp(word, "rst") == 0 || strcmp(word, "close") == 0)
		close_it(e, word[0] == 'r');
	else
		tool_fail("relay_ends: what is %s?", word);
}

static void *
play(void *arg)
{
	struct end *e = arg;
	struct pair *p = e->pair;
	uint32_t number = (uint32_t)(p - all.pairs);
	int i;

	if (e == &p->client) {
		call(e);
		if (all.together && send(e->fd, &number, sizeof(number),
		    MSG_NOSIGNAL) != sizeof(number))
			fail(e, "connect", "%s", strerror(errno));
	}
	for (i = 0; i < WORDS && e->words[i] != NULL; i++)
		perform(e, e->words[i]);
	return NULL;
}

static void
begin(struct end *e)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 4 * PIECE);
	rc = pthread_create(&e->thread, &attr, play, e);
	if (rc != 0)
		tool_fail("relay_ends: thread: %s", strerror(rc));
	e->began = true;
	pthread_attr_destroy(&attr);
}

/* ---- pairs ------------------------------------------------------------ */

/* Returns -1 if no connection comes before the deadline. */
static int
welcome(int64_t deadline)
{
	struct pollfd pfd = { .fd = all.listener, .events = POLLIN };
	int64_t left = deadline - clock_ms();

	if (left <= 0 || poll(&pfd, 1, (int)left) != 1)
		return -1;
	return accept4(all.listener, NULL, NULL, SOCK_CLOEXEC);
}

static void
miss(struct pair *p)
{
	pthread_mutex_lock(&p->lock);
	if (p->why[0] == '\0')
		snprintf(p->why, sizeof(p->why), "nobody came to the server");
	pthread_mutex_unlock(&p->lock);
}

static void
part(struct end *e)
{
	pthread_join(e->thread, NULL);
	if (e->fd != -1)
		close(e->fd);
}

static void
in_turn(void)
{
	struct pair *p;

	for (p = all.pairs; p < all.pairs + all.n; p++) {
		p->deadline = clock_ms() + all.patience * 1000;
		begin(&p->client);
		p->server.fd = welcome(p->deadline);
		if (p->server.fd == -1)
			miss(p);
		else {
			begin(&p->server);
			part(&p->server);
		}
		part(&p->client);
	}
}

static void
at_once(void)
{
	uint32_t number;
	struct pair *p;
	size_t i;
	int fd;

	for (p = all.pairs; p < all.pairs + all.n; p++) {
		p->deadline = clock_ms() + all.patience * 1000;
		begin(&p->client);
	}
	for (i = 0; i < all.n; i++) {
		if ((fd = welcome(all.pairs[all.n - 1].deadline)) == -1)
			break;
		if (recv(fd, &number, sizeof(number), MSG_WAITALL) !=
		    sizeof(number) || number >= all.n)
			tool_fail("relay_ends: a client without a number");
		all.pairs[number].server.fd = fd;
		begin(&all.pairs[number].server);
	}
	for (p = all.pairs; p < all.pairs + all.n; p++) {
		if (!p->server.began)
			miss(p);
		else
			part(&p->server);
		part(&p->client);
	}
}

/* ---- the table -------------------------------------------------------- */

static void
split_words(struct end *e, struct pair *p, char *text)
{
	char *save, *word;
	int n = 0;

	e->pair = p;
	e->fd = -1;
	word = strtok_r(strdup(text), " \t\n", &save);
	for (; word != NULL; word = strtok_r(NULL, " \t\n", &save)) {
		if (n == WORDS)
			tool_fail("relay_ends: %s: too many words", p->name);
		e->words[n++] = word;
	}
}

static void
add(char *line)
{
	char *save, *name = strtok_r(line, "|", &save);
	char *ours = strtok_r(NULL, "|", &save);
	char *theirs = strtok_r(NULL, "|", &save);
	struct pair *p;

	if (theirs == NULL)
		tool_fail("relay_ends: not a pair: %s", line);
	p = &all.pairs[all.n];
	snprintf(p->name, sizeof(p->name), "%s", name);
	split_words(&p->client, p, ours);
	split_words(&p->server, p, theirs);
	p->client.salt = p->server.other = (unsigned)all.n * 7 + 1;
	p->server.salt = p->client.other = (unsigned)all.n * 7 + 3;
	pthread_mutex_init(&p->lock, NULL);
	all.n++;
}

static void
read_table(void)
{
	char line[1024];

	if ((all.pairs = calloc(4096, sizeof(*all.pairs))) == NULL)
		tool_fail("relay_ends: no memory");
	while (all.n < 4096 && fgets(line, sizeof(line), stdin) != NULL)
		add(line);
}

static int
judge(void)
{
	struct pair *p;
	int bad = 0;

	for (p = all.pairs; p < all.pairs + all.n; p++)
		if (p->why[0] != '\0') {
			printf("%s: %s\n", p->name, p->why);
			bad = 1;
		}
	return bad;
}

int
main(int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "ar:t:")) != -1)
		switch (ch) {
		case 'a':
			all.together = true;
			break;
		case 'r':
			all.rcvbuf = (int)tool_number(optarg);
			break;
		case 't':
			all.patience = (int)tool_number(optarg);
			break;
		default:
			return TOOL_FAILED;
		}
	if (argc - optind != 2)
		tool_fail("usage: relay_ends [-a] [-r bytes] [-t seconds] "
		    "relay server");
	all.relay = argv[optind];
	all.server = argv[optind + 1];
	signal(SIGPIPE, SIG_IGN);
	read_table();
	listen_there();
	if (all.together)
		at_once();
	else
		in_turn();
	return judge();
}

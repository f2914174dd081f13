/*
 * A bad network: two network namespaces, near and far, joined by this process,
 * which relays the packets between a TUN interface in each.
 *
 *	tun_relay [WORD ...] COMMAND [ARG ...]
 *	tun_relay far COMMAND [ARG ...]
 *
 * Runs COMMAND in the near namespace, and exits as COMMAND does. There, the
 * second form runs a command in the far one. Near is 10.77.0.1, far 10.77.0.2;
 * both have a loopback. The interface's name is tun0. Words:
 *
 *	delay:MS	each packet arrives so much later, in each direction
 *	loss:P		P of 100 packets are lost
 *	duplicate:P	P of 100 packets arrive twice
 *	reorder:P	P of 100 packets arrive 5 ms after those sent with them
 *	hole:BYTES	longer packets are lost, and nobody is told
 *	mtu:BYTES	of both interfaces (1500)
 *	rto:MS		the least time after which TCP sends again, where the
 *			kernel lets it be set; else it stays 200
 *	seed:N		the same seed chooses the same packets (1)
 *	report:FILE	at the end, counts: "passed N lost N duplicated N ..."
 *
 * COMMAND finds in TUN_RELAY the process to signal: USR1 takes the link down
 * (every packet is lost, on its way too), USR2 up again. Needs root and
 * /dev/net/tun; exits with 77 where it may not make them.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>

#include "lib/tool.h"

#define NOT_ALLOWED	77
#define PACKET_MAX	65536
#define QUEUE_MAX	(64 << 20)	/* bytes on their way */
#define BURST		64		/* packets of one wakeup */
#define TUN_QUEUE	10000		/* packets that wait for this process */
#define REORDER_NS	5000000

enum { NEAR, FAR, NSIDES };

static const char *const addresses[NSIDES] = { "10.77.0.1", "10.77.0.2" };

/* A packet on its way to a side. */
struct packet {
	TAILQ_ENTRY(packet)	 link;
	int64_t			 due;	/* ns, clock_ns() */
	int			 to;
	size_t			 len;
	char			 data[];
};

static struct {
	long		 delay, loss, duplicate, reorder, hole, mtu, rto;
	uint64_t	 state;		/* of the generator */
	const char	*report;
	int		 tun[NSIDES];
	TAILQ_HEAD(way, packet) ways[2]; /* on time, and reordered; by due */
	size_t		 held;		/* bytes */
	unsigned long	 passed, lost, duplicated, reordered, holed, downed;
} relay = { .mtu = 1500, .state = 1 };

static volatile sig_atomic_t down, ended, told;

/* ---- The namespaces ------------------------------------------------------ */

static void
relay_not_allowed(const char *what)
{
	fprintf(stderr, "tun_relay: %s: %s\n", what, strerror(errno));
	exit(NOT_ALLOWED);
}

/* Some kernels lack some of these files. */
static void
relay_put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

static void
relay_ioctl(int s, unsigned long request, struct ifreq *ifr, const char *what)
{
	if (ioctl(s, request, ifr) == -1)
		tool_fail("tun_relay: %s: %s", what, strerror(errno));
}

static void
relay_address(int s, unsigned long request, const char *name, const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	inet_pton(AF_INET, text, &sin.sin_addr);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	relay_ioctl(s, request, &ifr, text);
}

static void
relay_up(int s, const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	relay_ioctl(s, SIOCSIFFLAGS, &ifr, name);
}

/* Returns the TUN device of a new interface, tun0, of this namespace. */
static int
relay_tun(int s, const char *address)
{
	struct ifreq ifr = { .ifr_name = "tun0",
	    .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1 || ioctl(fd, TUNSETIFF, &ifr) == -1)
		relay_not_allowed("/dev/net/tun");
	relay_put("/proc/sys/net/ipv6/conf/tun0/disable_ipv6", "1");
	ifr.ifr_mtu = (int)relay.mtu;
	relay_ioctl(s, SIOCSIFMTU, &ifr, "mtu");
	ifr.ifr_qlen = TUN_QUEUE;
	relay_ioctl(s, SIOCSIFTXQLEN, &ifr, "queue");
	relay_address(s, SIOCSIFADDR, "tun0", address);
	relay_address(s, SIOCSIFNETMASK, "tun0", "255.255.255.0");
	relay_up(s, "tun0");
	return fd;
}

/* Goes into a new namespace, and makes it a side. */
static void
relay_side(int side)
{
	char text[32];
	int s;

	if (unshare(CLONE_NEWNET) == -1)
		relay_not_allowed("network namespace");
	if ((s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		tool_fail("tun_relay: socket: %s", strerror(errno));
	relay_up(s, "lo");
	relay.tun[side] = relay_tun(s, addresses[side]);
	close(s);
	if (relay.rto != 0) {
		snprintf(text, sizeof(text), "%ld", relay.rto * 1000);
		relay_put("/proc/sys/net/ipv4/tcp_rto_min_us", text);
	}
}

/* The second form. */
static void
relay_far(char **argv)
{
	const char *path = getenv("TUN_FAR");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd == -1 || setns(fd, CLONE_NEWNET) == -1)
		tool_fail("tun_relay: far: %s", strerror(errno));
	close(fd);
	execvp(argv[0], argv);
	tool_fail("tun_relay: %s: %s", argv[0], strerror(errno));
}

/* ---- The packets --------------------------------------------------------- */

/* xorshift64* */
static bool
relay_chance(long percent)
{
	if (percent == 0)
		return false;
	relay.state ^= relay.state >> 12;
	relay.state ^= relay.state << 25;
	relay.state ^= relay.state >> 27;
	return (long)((relay.state * UINT64_C(2685821657736338717)) >> 33) %
	    100 < percent;
}

static void
relay_hold(int to, const char *data, size_t len)
{
	struct packet *p;
	bool late;

	if (relay.held + len > QUEUE_MAX ||
	    (p = malloc(sizeof(*p) + len)) == NULL) {
		relay.lost++;
		return;
	}
	memcpy(p->data, data, len);
	p->len = len;
	p->to = to;
	p->due = clock_ns() + relay.delay * 1000000;
	if ((late = relay_chance(relay.reorder))) {
		p->due += REORDER_NS;
		relay.reordered++;
	}
	relay.held += len;
	TAILQ_INSERT_TAIL(&relay.ways[late], p, link);
}

static void
relay_decide(int to, const char *data, size_t len)
{
	if (down)
		relay.downed++;
	else if (relay.hole != 0 && len > (size_t)relay.hole)
		relay.holed++;
	else if (relay_chance(relay.loss))
		relay.lost++;
	else {
		relay_hold(to, data, len);
		if (relay_chance(relay.duplicate)) {
			relay.duplicated++;
			relay_hold(to, data, len);
		}
	}
}

static void
relay_take(int from)
{
	static char buf[PACKET_MAX];
	ssize_t n;

	for (int i = 0; i < BURST; i++) {
		if ((n = read(relay.tun[from], buf, sizeof(buf))) <= 0)
			return;
		relay_decide(from == NEAR ? FAR : NEAR, buf, (size_t)n);
	}
}

/* The packet that is due first, and where it is; NULL: there is none. */
static struct packet *
relay_next(struct way **way)
{
	struct packet *p = TAILQ_FIRST(&relay.ways[false]);
	struct packet *late = TAILQ_FIRST(&relay.ways[true]);
	bool is_late = late != NULL && (p == NULL || late->due < p->due);

	*way = &relay.ways[is_late];
	return is_late ? late : p;
}

/* Delivers what is due. An interface that is down refuses packets. */
static void
relay_give(void)
{
	int64_t now = clock_ns();
	struct packet *p;
	struct way *way;

	while ((p = relay_next(&way)) != NULL && (down || p->due <= now)) {
		TAILQ_REMOVE(way, p, link);
		if (down)
			relay.downed++;
		else if (write(relay.tun[p->to], p->data, p->len) == -1)
			relay.lost++;
		else
			relay.passed++;
		relay.held -= p->len;
		free(p);
	}
}

static void
relay_wait(const sigset_t *mask)
{
	struct pollfd pfd[NSIDES];
	struct way *way;
	struct packet *p = relay_next(&way);
	int64_t left = p != NULL ? p->due - clock_ns() : 0;
	struct timespec ts = { 0, 0 };

	if (left > 0)
		ts = (struct timespec){ left / 1000000000, left % 1000000000 };
	for (int i = 0; i < NSIDES; i++)
		pfd[i] = (struct pollfd){ relay.tun[i], POLLIN, 0 };
	if (ppoll(pfd, NSIDES, p != NULL ? &ts : NULL, mask) <= 0)
		return;
	for (int i = 0; i < NSIDES; i++)
		if ((pfd[i].revents & POLLIN) != 0)
			relay_take(i);
}

/* ---- The run ------------------------------------------------------------- */

static void
relay_on_signal(int num)
{
	if (num == SIGUSR1 || num == SIGUSR2)
		down = num == SIGUSR1;
	else if (num == SIGCHLD)
		ended = 1;
	else
		told = num;
}

/* Blocks the signals that relay_wait() waits for; *old is the mask before. */
static void
relay_signals(sigset_t *old)
{
	static const int nums[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGTERM,
	    SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = relay_on_signal };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(nums) / sizeof(nums[0]); i++) {
		sigaddset(&mask, nums[i]);
		sigaction(nums[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &mask, old);
}

static pid_t
relay_start(char **argv, const sigset_t *mask)
{
	pid_t pid = fork();

	if (pid == -1)
		tool_fail("tun_relay: fork: %s", strerror(errno));
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "tun_relay: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void
relay_tell(void)
{
	FILE *f = relay.report != NULL ? fopen(relay.report, "w") : NULL;

	if (f == NULL)
		return;
	fprintf(f, "passed %lu lost %lu duplicated %lu reordered %lu holed %lu "
	    "down %lu\n", relay.passed, relay.lost, relay.duplicated,
	    relay.reordered, relay.holed, relay.downed);
	fclose(f);
}

/* Returns the exit status of the command. */
static int
relay_run(pid_t pid, const sigset_t *mask)
{
	int status;

	for (;;) {
		relay_wait(mask);
		relay_give();
		if (told) {
			kill(pid, told);
			told = 0;
		}
		if (!ended)
			continue;
		ended = 0;
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

/* Returns false if the word is the command. */
static bool
relay_word(const char *word)
{
	static const struct { const char *name; long *value; } numbers[] = {
		{ "delay:", &relay.delay }, { "loss:", &relay.loss },
		{ "duplicate:", &relay.duplicate },
		{ "reorder:", &relay.reorder }, { "hole:", &relay.hole },
		{ "mtu:", &relay.mtu }, { "rto:", &relay.rto }
	};
	const char *arg;

	if ((arg = tool_after(word, "report:")) != NULL)
		relay.report = arg;
	else if ((arg = tool_after(word, "seed:")) != NULL)
		relay.state = (uint64_t)tool_number(arg) *
		    UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (size_t i = 0; arg == NULL &&
	    i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if ((arg = tool_after(word, numbers[i].name)) != NULL)
			*numbers[i].value = tool_number(arg);
	return arg != NULL;
}

int
main(int argc, char **argv)
{
	char text[64];
	sigset_t mask;
	int status, ns;

	if (argc > 2 && strcmp(argv[1], "far") == 0)
		relay_far(argv + 2);
	TAILQ_INIT(&relay.ways[false]);
	TAILQ_INIT(&relay.ways[true]);
	while (*++argv != NULL && relay_word(*argv))
		;
	if (*argv == NULL)
		tool_fail("tun_relay [WORD]... COMMAND [ARG]...");
	relay_side(FAR);
	if ((ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) == -1)
		relay_not_allowed("/proc/self/ns/net");
	relay_side(NEAR);
	snprintf(text, sizeof(text), "/proc/%d/fd/%d", getpid(), ns);
	setenv("TUN_FAR", text, 1);
	snprintf(text, sizeof(text), "%d", getpid());
	setenv("TUN_RELAY", text, 1);
	relay_signals(&mask);
	status = relay_run(relay_start(argv, &mask), &mask);
	relay_tell();
	return status;
}

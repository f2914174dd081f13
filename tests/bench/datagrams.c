/*
 * One measured stream of datagrams:
 *
 *	datagrams [-c] [-n COUNT] [-s SIZE] [-t SECONDS] send SENDER ...
 *	datagrams ... receive RECEIVER ...
 *	datagrams ... both RECEIVER ... -- SENDER ...
 *
 * COUNT blocks of SIZE bytes go into the sender's stdin, a pipe in packet
 * mode (pipe(7)), which gives one block a read whoever reads it; blocks of
 * more than 4096 bytes have no such mode, and a reader that asks for less than
 * 65507 bytes makes smaller datagrams of them. What comes
 * out of the receiver's stdout is counted. In "send" we are the receiver, in
 * "receive" the sender, each by the best way that the system has
 * (udp(7): UDP_GRO, UDP_SEGMENT). "{port}" in an argument becomes a free
 * port. With -c each datagram's size and number are looked at on the way
 * ("send"), or all bytes ("receive", "both"). Half a second without a byte is
 * the end.
 *
 * Says in one line of key=value how many came in which time, and what they
 * cost. That some are lost is told (loss), and no failure; a datagram of
 * another size, or bytes that were not sent, are.
 */
#include <sys/uio.h>
#include <netinet/udp.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include "program.h"

#define BURST	((size_t)64 << 10)
#define PIECES	64
#define ROOM	(4 << 20)
#define SILENCE	500
/* The most bytes of a packet of a pipe, and of a datagram. */
#define PACKET	4096
#define MOST	65507

struct job {
	char		**recv, **send;	/* argv; NULL: ourselves */
	uint64_t	  count, came;
	size_t		  size;
	unsigned	  port;
	bool		  checked;
	int64_t		  first, last;
	struct program	  tx, rx;
};

static int
udp(const struct job *job, bool ours)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, size = ROOM, one = 1;

	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sin.sin_port = htons((uint16_t)job->port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == -1)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (ours)
		setsockopt(s, IPPROTO_UDP, UDP_GRO, &one, sizeof one);
	if ((ours ? bind(s, (struct sockaddr *)&sin, sizeof sin) :
	    connect(s, (struct sockaddr *)&sin, sizeof sin)) == -1)
		err(1, "port %u", job->port);
	return s;
}

/* Block number n: its number, over and over. */
static void
block(unsigned char *buf, size_t size, uint64_t n)
{
	uint32_t	mark = (uint32_t)n * 2654435761u;
	size_t		i;

	for (i = 0; i + sizeof mark <= size; i += sizeof mark)
		memcpy(buf + i, &mark, sizeof mark);
	for (; i < size; i++)
		buf[i] = 0;
}

/* Is this a block at all? */
static void
look(const unsigned char *buf, size_t size)
{
	size_t	i;

	for (i = 4; i + 4 <= size; i += 4)
		if (memcmp(buf, buf + i, 4) != 0)
			errx(1, "a block is torn");
}

static void
note(struct job *job, size_t bytes)
{
	job->last = clock_ns();
	if (job->came == 0)
		job->first = job->last;
	job->came += bytes;
}

/* ---- Feeding a program's stdin ------------------------------------------ */

static void __attribute__((noreturn))
feed(const struct job *job, int fd)
{
	unsigned char	*buf = malloc(job->size);
	uint64_t	 i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < job->count; i++) {
		block(buf, job->size, i);
		if (write(fd, buf, job->size) != (ssize_t)job->size)
			err(1, "feed");
	}
	exit(0);
}

static void
start_sender(struct job *job)
{
	int	fd[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int	mode = job->size <= PACKET ? O_DIRECT : 0;

	if (pipe2(fd, mode | O_CLOEXEC) == -1)
		err(2, "pipe");
	fcntl(fd[1], F_SETPIPE_SZ, 1 << 20);
	start(&job->tx, job->send, fd[0], null);
	close(fd[0]);
	if (fork() == 0)
		feed(job, fd[1]);
	close(fd[1]);
	close(null);
}

/* ---- Sending by ourselves ------------------------------------------------ */

static void __attribute__((noreturn))
send_all(const struct job *job)
{
	static unsigned char	buf[BURST];
	size_t			fit = MOST / job->size, n, i;
	uint64_t		at;
	int			s = udp(job, false), size = (int)job->size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fit = fit > PIECES ? PIECES : fit;
	if (fit > 1)
		setsockopt(s, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
	for (at = 0; at < job->count; at += n) {
		n = job->count - at < fit ? (size_t)(job->count - at) : fit;
		for (i = 0; i < n; i++)
			block(buf + i * job->size, job->size, at + i);
		while (send(s, buf, n * job->size, 0) == -1)
			if (errno != ECONNREFUSED && errno != ENOBUFS)
				err(1, "send");
	}
	exit(0);
}

/* ---- Receiving ----------------------------------------------------------- */

static size_t
piece_of(struct msghdr *msg, size_t all)
{
	struct cmsghdr	*c;
	uint16_t	 size;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof size);
			return size;
		}
	return all;
}

static void
receive(struct job *job, int s)
{
	static unsigned char	buf[BURST];
	char			control[64];
	struct pollfd		p = { .fd = s, .events = POLLIN };
	struct iovec		iov = { buf, sizeof buf };
	struct msghdr		msg;
	ssize_t			n;
	size_t			i;

	while (job->came < job->count * job->size && poll(&p, 1, job->came ==
	    0 ? -1 : SILENCE) == 1) {
		msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,
		    .msg_control = control, .msg_controllen = sizeof control };
		if ((n = recvmsg(s, &msg, 0)) == -1)
			err(1, "recvmsg");
		if (piece_of(&msg, (size_t)n) != job->size ||
		    (size_t)n % job->size != 0)
			errx(1, "a datagram of another size came: %zd", n);
		for (i = 0; job->checked && i < (size_t)n; i += job->size)
			look(buf + i, job->size);
		note(job, (size_t)n);
	}
}

static void
start_receiver(struct job *job, int *out)
{
	int			fd[2], null = open("/dev/null", O_RDONLY |
				    O_CLOEXEC);

	if (pipe2(fd, O_CLOEXEC) == -1)
		err(2, "pipe");
	fcntl(fd[1], F_SETPIPE_SZ, 1 << 20);
	start(&job->rx, job->recv, null, fd[1]);
	close(fd[1]);
	close(null);
	*out = fd[0];
	while (!port_is_bound(job->port)) {
		if (has_ended(&job->rx))
			errx(1, "%s ended before it listened", job->recv[0]);
		nap_ms(1);
	}
}

static void
take(struct job *job, int fd)
{
	static unsigned char	buf[1 << 20];
	struct pollfd		p = { .fd = fd, .events = POLLIN };
	size_t			held = 0, i;
	ssize_t			n;

	while (job->came < job->count * job->size && poll(&p, 1, job->came ==
	    0 ? 5000 : SILENCE) == 1) {
		n = read(fd, buf + held, sizeof buf - held);
		if (n == -1)
			err(1, "read");
		if (n == 0)
			break;
		note(job, (size_t)n);
		if (!job->checked)
			continue;
		held += (size_t)n;
		for (i = 0; i + job->size <= held; i += job->size)
			look(buf + i, job->size);
		memmove(buf, buf + i, held - i);
		held -= i;
	}
}

/* ---- All of it ---------------------------------------------------------- */

static void
end_program(struct program *p, bool told)
{
	if (p->pid == 0)
		return;
	if (told)
		kill(p->pid, SIGTERM);
	finish(p);
}

static void
transfer(struct job *job)
{
	int	fd = -1;

	if (job->recv != NULL)
		start_receiver(job, &fd);
	else
		fd = udp(job, true);
	if (job->send != NULL)
		start_sender(job);
	else if (fork() == 0)
		send_all(job);
	if (job->recv != NULL)
		take(job, fd);
	else
		receive(job, fd);
	end_program(&job->rx, true);
	end_program(&job->tx, true);
}

static void
tell(const struct job *job)
{
	double	sec = (double)(job->last - job->first) / 1e9;
	double	n = (double)job->came / (double)job->size;

	printf("seconds=%.6f per_s=%.1f loss=%.3f tx_us=%.4f rx_us=%.4f "
	    "rss=%ld\n", sec, n / sec, 100 * (1 - n / (double)job->count),
	    cpu(&job->tx) * 1e6 / n, cpu(&job->rx) * 1e6 / n,
	    job->send != NULL ? job->tx.ru.ru_maxrss : job->rx.ru.ru_maxrss);
}

static void
usage(void)
{
	errx(2, "usage: datagrams [-c] [-n count] [-s size] [-t seconds] "
	    "send|receive program ... | both receiver ... -- sender ...");
}

static void
split(struct job *job, char **argv)
{
	char	**p, number[16];

	if (argv[0] == NULL || argv[1] == NULL)
		usage();
	snprintf(number, sizeof number, "%u", job->port);
	for (p = argv + 1; *p != NULL; p++)
		*p = fill_in(*p, "{port}", number);
	for (p = argv + 1; *p != NULL && strcmp(*p, "--") != 0; p++)
		continue;
	if (strcmp(argv[0], "send") == 0)
		job->send = argv + 1;
	else
		job->recv = argv + 1;
	if (strcmp(argv[0], "both") != 0)
		return;
	if (*p == NULL)
		usage();
	*p = NULL;
	job->send = p + 1;
}

int
main(int argc, char *argv[])
{
	struct job	job = { .count = 1000, .size = 64 };
	unsigned	seconds = 60;
	int		ch;

	while ((ch = getopt(argc, argv, "+cn:s:t:")) != -1)
		switch (ch) {
		case 'c':
			job.checked = true;
			break;
		case 'n':
			job.count = strtoull(optarg, NULL, 10);
			break;
		case 's':
			job.size = strtoul(optarg, NULL, 10);
			break;
		case 't':
			seconds = (unsigned)atoi(optarg);
			break;
		default:
			return 2;
		}
	if (job.size < 4 || job.size > MOST || job.count == 0)
		usage();
	/* The default action ends us, and that ends everybody. */
	alarm(seconds);
	if ((job.port = port_free()) == 0)
		errx(2, "no free port");
	split(&job, argv + optind);
	transfer(&job);
	if (job.came == 0)
		errx(1, "nothing came");
	/* All at once: not faster than the clock tells. */
	if (job.last < job.first + 1000)
		job.last = job.first + 1000;
	tell(&job);
	return 0;
}

/*
 * Run a command beside a long link:
 *
 *	delay [-w BYTES] MILLISECONDS COMMAND ...
 *
 * A connection to 198.51.100.2 is one to a listener at 198.51.100.1, this
 * machine's own address, and every packet needs half of MILLISECONDS: a TUN
 * device gives us the packets, and gets them back with source and destination
 * exchanged, which leaves their checksums right. The packets are as large as
 * segmentation offload makes them, or this program would be the limit; none is
 * lost while there is room for them. (tests/tools/tun_relay.c makes a bad
 * network, and is slower.)
 * -w: the highest tcp_wmem and tcp_rmem (tcp(7)) of the network namespace.
 *
 * Meant for a network namespace of its own (netns.c), for the settings stay.
 * The device is gone when the command ends. Exit status 125: not permitted
 * here, or there is no TUN.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

#define ADDRESS		"198.51.100.1"
#define NETMASK		"255.255.255.252"
#define REFUSED		125
#define QUEUE		10000		/* packets that wait for us */
#define PACKET_MAX	((size_t)70000)
#define ROOM		((size_t)256 << 20)
#define BURST		64		/* packets read at once */

/* A packet on its way, in a ring without seams: a record is never split. */
struct packet {
	int64_t	due;
	size_t	len;
	char	data[];
};

struct ring {
	char	*buf;
	size_t	 first, end;		/* offsets of records */
	size_t	 wrap;			/* where the last before 0 ends */
	size_t	 held;			/* records */
};

static size_t
record(size_t len)
{
	return (sizeof(struct packet) + len + 15) & ~(size_t)15;
}

/* Room for the largest packet; NULL: there is none. */
static struct packet *
ring_room(struct ring *r)
{
	size_t	need = record(PACKET_MAX);

	if (r->held == 0)
		r->first = r->end = 0;
	if (r->end >= r->first && r->end + need > ROOM) {
		r->wrap = r->end;
		r->end = 0;
	}
	if (r->held > 0 && r->end <= r->first && r->end + need > r->first)
		return NULL;
	return (struct packet *)(void *)(r->buf + r->end);
}

static struct packet *
ring_first(struct ring *r)
{
	return r->held == 0 ? NULL :
	    (struct packet *)(void *)(r->buf + r->first);
}

static void
ring_drop(struct ring *r, const struct packet *p)
{
	r->first += record(p->len);
	if (--r->held > 0 && r->first == r->wrap && r->end <= r->first)
		r->first = 0;
}

/* ---- The device --------------------------------------------------------- */

static void __attribute__((noreturn))
refused(const char *what)
{
	warn("%s", what);
	exit(REFUSED);
}

static int
device_open(struct ifreq *ifr)
{
	int	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	int	one = sizeof(struct virtio_net_hdr);

	memset(ifr, 0, sizeof *ifr);
	strcpy(ifr->ifr_name, "long");
	ifr->ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
	if (fd == -1)
		refused("/dev/net/tun");
	if (ioctl(fd, TUNSETIFF, ifr) == -1 ||
	    ioctl(fd, TUNSETVNETHDRSZ, &one) == -1 ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) == -1)
		refused("TUN");
	return fd;
}

static void
device_address(int s, struct ifreq *ifr, unsigned long what, const char *text)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };

	inet_pton(AF_INET, text, &sin.sin_addr);
	memcpy(&ifr->ifr_addr, &sin, sizeof sin);
	if (ioctl(s, what, ifr) == -1)
		refused("address");
}

static void
device_up(struct ifreq *ifr)
{
	int	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	device_address(s, ifr, SIOCSIFADDR, ADDRESS);
	device_address(s, ifr, SIOCSIFNETMASK, NETMASK);
	ifr->ifr_qlen = QUEUE;
	if (ioctl(s, SIOCSIFTXQLEN, ifr) == -1)
		refused("queue");
	ifr->ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(s, SIOCSIFFLAGS, ifr) == -1)
		refused("up");
	close(s);
}

/* ---- The link ----------------------------------------------------------- */

/* Source and destination change places. False: not a packet of IPv4. */
static bool
reflect(char *data, size_t len)
{
	struct iphdr	ip;
	uint32_t	from;
	char		*at = data + sizeof(struct virtio_net_hdr);

	if (len < sizeof(struct virtio_net_hdr) + sizeof ip)
		return false;
	memcpy(&ip, at, sizeof ip);
	if (ip.version != 4)
		return false;
	from = ip.saddr;
	ip.saddr = ip.daddr;
	ip.daddr = from;
	memcpy(at, &ip, sizeof ip);
	return true;
}

static void
link_take(int fd, struct ring *r, int64_t delay)
{
	struct packet	*p;
	int64_t		 due = clock_ns() + delay;
	ssize_t		 n;
	int		 i;

	for (i = 0; i < BURST && (p = ring_room(r)) != NULL; i++) {
		if ((n = read(fd, p->data, PACKET_MAX)) == -1)
			return;
		if (!reflect(p->data, (size_t)n))
			continue;
		p->due = due;
		p->len = (size_t)n;
		r->end += record(p->len);
		r->held++;
	}
}

/* Those whose time has come; returns when the next one is due, or -1. */
static int64_t
link_give(int fd, struct ring *r)
{
	struct packet	*p;
	int64_t		 now = clock_ns();

	while ((p = ring_first(r)) != NULL && p->due <= now) {
		(void)!write(fd, p->data, p->len);
		ring_drop(r, p);
	}
	return p == NULL ? -1 : p->due - now;
}

static void __attribute__((noreturn))
link_run(int fd, int64_t delay)
{
	struct ring	r = { .buf = malloc(ROOM) };
	struct pollfd	pfd = { .fd = fd };
	struct timespec	ts;
	int64_t		wait;

	if (r.buf == NULL)
		err(2, "memory");
	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		wait = link_give(fd, &r);
		ts.tv_sec = wait / 1000000000;
		ts.tv_nsec = wait % 1000000000;
		pfd.events = ring_room(&r) != NULL ? POLLIN : 0;
		if (ppoll(&pfd, 1, wait < 0 ? NULL : &ts, NULL) == 1)
			link_take(fd, &r, delay);
	}
}

static void
link_start(int fd, int64_t delay)
{
	pid_t	parent = getpid(), pid = fork();
	int	null;

	if (pid == -1)
		err(2, "fork");
	if (pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	link_run(fd, delay);
}

/* ---- The rest ----------------------------------------------------------- */

static void
widen(const char *name, const char *most)
{
	FILE	*f = fopen(name, "we");

	if (f == NULL || fprintf(f, "4096 131072 %s", most) < 0 ||
	    fclose(f) != 0)
		refused(name);
}

int
main(int argc, char *argv[])
{
	struct ifreq	ifr;
	const char	*most = NULL;
	int64_t		delay;
	int		ch, fd;

	while ((ch = getopt(argc, argv, "+w:")) != -1)
		if (ch == 'w')
			most = optarg;
		else
			return 2;
	if (argc - optind < 2)
		errx(2, "usage: delay [-w bytes] milliseconds command ...");
	delay = atoll(argv[optind]) * 500000;
	if (most != NULL) {
		widen("/proc/sys/net/ipv4/tcp_wmem", most);
		widen("/proc/sys/net/ipv4/tcp_rmem", most);
	}
	fd = device_open(&ifr);
	device_up(&ifr);
	link_start(fd, delay);
	close(fd);
	execvp(argv[optind + 1], argv + optind + 1);
	err(127, "%s", argv[optind + 1]);
}

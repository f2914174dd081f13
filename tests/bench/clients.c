/*
 * The clients of a server that sends back what it gets, or that gives it to
 * all the others:
 *
 *	clients [-ckp] [-j CLIENTS] [-n COUNT] [-t SECONDS] WORK SERVER ...
 *
 * SERVER is started; "{port}" in an argument becomes a free TCP port. With
 * "{target}" in an argument it is a relay, and an echo of ours stands behind
 * it, at that port. WORK:
 *
 *	bulk	COUNT bytes to it and back through one connection
 *	rounds	COUNT times one byte to it and back, through one connection
 *	calls	COUNT connections, by CLIENTS at once: connect, 16 bytes, the
 *		same 16 bytes, close
 *	sinks	the same to one that only takes: connect, 16 bytes, the end of
 *		them, and its end
 *	hold	COUNT connections, each idle after one byte to it and back:
 *		what memory do they cost?
 *	fanout	COUNT lines of 64 bytes from one client to CLIENTS others, in
 *		bulk; per_s counts those that arrive
 *	fanout-small
 *		the same, line by line: a send(2) for each
 *	fanout-asleep
 *		the same, beside one more client that never reads
 *	room-join
 *		COUNT clients join a room, and each gets a line about every
 *		one that comes later
 *	room-message
 *		a line of 64 bytes from one client to COUNT others in a room:
 *		the median of several, each when all have the one before
 *	through	COUNT bytes through a relay to us, in one direction
 *	udp	COUNT datagrams of 64 bytes through a relay and back, 64 of
 *		them under way at once
 *
 * Every byte that comes back is looked at; in bulk only with -c, for there
 * it would cost more than the server. With -k the server keeps serving and
 * is told to end; otherwise it must end by itself, with status 0. With -p it
 * shares one processor with us, so that only work tells, and not how fast an
 * idle processor wakes. After SECONDS (60) everything is killed.
 *
 * Says in one line of key=value how it went and what it cost. Exit status 1
 * if a byte was wrong or missing.
 */
#include <inttypes.h>

#include "behind.h"
#include "fanout.h"
#include "many.h"
#include "room.h"
#include "stamp.h"

#define CHUNK	((size_t)1 << 20)
#define WARM_UP	100

/* ---- bulk --------------------------------------------------------------- */

static void
lend(int s, int pipe[2], unsigned char *buf, uint64_t count)
{
	struct iovec	iov;
	ssize_t		n, m;

	while (count > 0) {
		iov.iov_base = buf;
		iov.iov_len = count < CHUNK ? (size_t)count : CHUNK;
		if ((n = vmsplice(pipe[1], &iov, 1, 0)) == -1)
			err(1, "vmsplice");
		for (count -= (uint64_t)n; n > 0; n -= m)
			if ((m = splice(pipe[0], NULL, s, NULL, (size_t)n,
			    SPLICE_F_MOVE)) == -1)
				err(1, "splice");
	}
}

/* The stamped stream; unchecked, its pages are lent, so that it is free. */
static void
feed(const struct job *job, int s)
{
	unsigned char	*buf = aligned_alloc(STAMP_PAGE, CHUNK);
	uint64_t	 off;
	size_t		 len;
	int		 fd[2];

	if (buf == NULL || pipe2(fd, O_CLOEXEC) == -1)
		err(1, "feed");
	stamp_fill(buf, CHUNK);
	fcntl(fd[1], F_SETPIPE_SZ, (int)CHUNK);
	if (!job->checked)
		lend(s, fd, buf, job->count);
	for (off = 0; job->checked && off < job->count; off += len) {
		len = job->count - off < CHUNK ? (size_t)(job->count - off) :
		    CHUNK;
		stamp_number(buf, CHUNK, off);
		put(s, buf, len);
	}
}

/* What comes back; the bytes of a counted stream are not even copied. */
static size_t
take(const struct job *job, int s, uint64_t off)
{
	static unsigned char	got[CHUNK], want[CHUNK];
	size_t			len = CHUNK - (size_t)(off % CHUNK);
	ssize_t			n;

	n = recv(s, got, len, job->checked ? 0 : MSG_TRUNC);
	if (n == -1)
		err(1, "recv");
	if (!job->checked || n <= 0)
		return (size_t)n;
	if (off == 0)
		stamp_fill(want, CHUNK);
	stamp_number(want, CHUNK, off - off % CHUNK);
	if (memcmp(got, want + off % CHUNK, (size_t)n) != 0)
		errx(1, "wrong bytes came back, after %" PRIu64, off);
	return (size_t)n;
}

/* From the one socket to the other. */
static void
pass(struct job *job, int from, int to)
{
	uint64_t	bytes = 0;
	int64_t		first = 0, last = 0;
	pid_t		feeder;
	size_t		n;

	if ((feeder = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		feed(job, from);
		exit(0);
	}
	while (bytes < job->count && (n = take(job, to, bytes)) > 0) {
		last = clock_ns();
		if (bytes == 0)
			first = last;
		bytes += n;
	}
	if (bytes != job->count)
		errx(1, "%" PRIu64 " of %" PRIu64 " bytes came back", bytes,
		    job->count);
	waitpid(feeder, NULL, 0);
	shutdown(from, SHUT_WR);
	if (recv(to, &n, 1, 0) != 0)
		errx(1, "no end, but more bytes");
	snprintf(job->text, sizeof job->text, "bytes=%" PRIu64
	    " seconds=%.6f gbps=%.4f", bytes, (double)(last - first) / 1e9,
	    (double)bytes / (double)(last - first));
}

static void
bulk(struct job *job)
{
	int	s = call(job);

	pass(job, s, s);
	close(s);
}

static void
through(struct job *job)
{
	int	listener = behind_socket(job, SOCK_STREAM);
	int	from = call(job), to = accept(listener, NULL, NULL);

	pass(job, from, to);
	close(to);
	close(from);
	close(listener);
}

/* ---- rounds ------------------------------------------------------------- */

static void
rounds(struct job *job)
{
	uint64_t	i;
	int64_t		began = 0;
	unsigned char	c;
	int		s = call(job);

	for (i = 0; i < job->count + WARM_UP; i++) {
		if (i == WARM_UP)
			began = clock_ns();
		c = (unsigned char)i;
		exchange(s, &c, 1);
	}
	tell_rate(job, clock_ns() - began);
	shutdown(s, SHUT_WR);
	while (recv(s, &c, 1, 0) > 0)
		continue;
	close(s);
}

/* ---- calls -------------------------------------------------------------- */

static void
one_call(const struct job *job, uint64_t number)
{
	char	message[MESSAGE + 1];
	int	s = call(job);

	snprintf(message, sizeof message, "%016" PRIx64, number);
	exchange(s, message, MESSAGE);
	close(s);
}

static void
one_sink(const struct job *job, uint64_t number)
{
	char	message[MESSAGE + 1], c;
	int	s = call(job);

	snprintf(message, sizeof message, "%016" PRIx64, number);
	put(s, message, MESSAGE);
	shutdown(s, SHUT_WR);
	if (recv(s, &c, 1, 0) != 0)
		errx(1, "no end");
	close(s);
}

static void
calls(struct job *job)
{
	many(job, one_call);
}

static void
sinks(struct job *job)
{
	many(job, one_sink);
}

/* ---- hold --------------------------------------------------------------- */

static void
one_hold(const struct job *job, uint64_t number)
{
	(void)number;
	exchange(call(job), "x", 1);
}

static void
hold(struct job *job)
{
	hold_many(job, one_hold);
}

/* ---- fanout ------------------------------------------------------------- */

/* Clients are let in as they come: when the last is heard, all are there. */
static void
speak_by(struct job *job, size_t piece)
{
	struct fanout	f = { .n = job->clients + 1, .piece = piece };
	int64_t		began;
	unsigned	i;
	double		s;

	fanout_lines(&f, job->count);
	if ((f.peers = calloc(f.n, sizeof *f.peers)) == NULL)
		err(2, "memory");
	for (i = f.n; i-- > 0;)
		f.peers[i].s = call(job);
	began = clock_ns();
	fanout(&f);
	s = (double)(clock_ns() - began) / 1e9;
	snprintf(job->text, sizeof job->text, "seconds=%.6f per_s=%.1f", s,
	    (double)job->count * job->clients / s);
}

static void
speak_to_all(struct job *job)
{
	speak_by(job, SIZE_MAX);
}

static void
speak_line_by_line(struct job *job)
{
	speak_by(job, FANOUT_LINE);
}

/* Its window stays small, so that it is in the way soon. */
static void
speak_beside_a_sleeper(struct job *job)
{
	int	size = 4096, s = call(job);

	setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	speak_to_all(job);
	close(s);
}

/* ---- room --------------------------------------------------------------- */

static void
join_room(struct job *job)
{
	struct room	r;
	int64_t		began = clock_ns();
	double		s, cpu, kib;
	unsigned	processes;

	room_open(&r, job);
	kib = memory(&job->server, &processes);
	cpu = room_cpu(&r);
	room_fill(&r, job);
	s = (double)(clock_ns() - began) / 1e9;
	cpu = room_cpu(&r) - cpu;
	kib = memory(&job->server, &processes) - kib;
	snprintf(job->text, sizeof job->text, "seconds=%.6f per_s=%.1f "
	    "cpu_s=%.6f per_cpu_s=%.1f kib=%.4f", s, (double)job->count / s,
	    cpu, (double)job->count / cpu, kib / (double)job->count);
}

static int
compare(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 :
	    *(const double *)a > *(const double *)b;
}

static void
speak_in_room(struct job *job)
{
	struct room	r;
	double		s[ROOM_TIMES], cpu[ROOM_TIMES];
	unsigned	i;
	int		speaker;

	room_open(&r, job);
	room_fill(&r, job);
	speaker = room_speaker(&r, job);
	for (i = 0; i < ROOM_TIMES; i++) {
		cpu[i] = -room_cpu(&r);
		s[i] = room_say(&r, speaker, i);
		cpu[i] += room_cpu(&r);
	}
	qsort(s, ROOM_TIMES, sizeof s[0], compare);
	qsort(cpu, ROOM_TIMES, sizeof cpu[0], compare);
	snprintf(job->text, sizeof job->text, "ms=%.3f per_s=%.1f "
	    "cpu_ms=%.3f per_cpu_s=%.1f", s[ROOM_TIMES / 2] * 1e3,
	    (double)job->count / s[ROOM_TIMES / 2], cpu[ROOM_TIMES / 2] * 1e3,
	    (double)job->count / cpu[ROOM_TIMES / 2]);
}

/* ---- udp ---------------------------------------------------------------- */

static void
udp(struct job *job)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int64_t			began;
	uint64_t		lost, count = job->count;
	int			s = socket(AF_INET, SOCK_DGRAM, 0);
	size_t			len;

	sin.sin_port = htons((uint16_t)job->port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "connect");
	/* The session of this sender begins. */
	job->count = 10;
	(void)datagrams_exchange(job, s);
	job->count = count;
	began = clock_ns();
	lost = datagrams_exchange(job, s);
	tell_rate(job, clock_ns() - began);
	len = strlen(job->text);
	snprintf(job->text + len, sizeof job->text - len, " loss=%.3f",
	    100.0 * (double)lost / (double)count);
	close(s);
}

/* ---- main ---------------------------------------------------------------- */

static void
options(struct job *job, int argc, char **argv)
{
	unsigned	seconds = 60;
	int		ch;

	while ((ch = getopt(argc, argv, "+cj:kn:pt:")) != -1)
		switch (ch) {
		case 'c':
			job->checked = true;
			break;
		case 'j':
			job->clients = (unsigned)atoi(optarg);
			break;
		case 'k':
			job->keeps = true;
			break;
		case 'n':
			job->count = strtoull(optarg, NULL, 10);
			break;
		case 'p':
			job->pinned = true;
			break;
		case 't':
			seconds = (unsigned)atoi(optarg);
			break;
		default:
			exit(2);
		}
	/* The default action ends us, and that ends everybody. */
	alarm(seconds);
}

enum behind { NOTHING, ECHO, SINK, UDP_ECHO };

static const struct work {
	const char	 *name;
	void		(*does)(struct job *);
	enum behind	  behind;	/* a relay */
} works[] = {
	{ "bulk", bulk, ECHO }, { "rounds", rounds, ECHO },
	{ "calls", calls, ECHO }, { "sinks", sinks, NOTHING },
	{ "hold", hold, ECHO }, { "fanout", speak_to_all, NOTHING },
	{ "fanout-small", speak_line_by_line, NOTHING },
	{ "fanout-asleep", speak_beside_a_sleeper, NOTHING },
	{ "room-join", join_room, NOTHING },
	{ "room-message", speak_in_room, NOTHING },
	{ "through", through, SINK }, { "udp", udp, UDP_ECHO }
};

static const struct work *
work_called(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof works / sizeof works[0]; i++)
		if (strcmp(works[i].name, name) == 0)
			return &works[i];
	errx(2, "no such work: %s", name);
}

static void
start_behind(struct job *job, enum behind behind)
{
	if (job->target == 0 && (behind == SINK || behind == UDP_ECHO))
		errx(2, "this is work for a relay");
	if (job->target == 0)
		return;
	job->udp = behind == UDP_ECHO;
	if (behind == ECHO)
		behind_echo(job);
	else if (behind == UDP_ECHO)
		behind_udp_echo(job);
}

int
main(int argc, char *argv[])
{
	struct job		job = { .count = 1, .clients = 1 };
	const struct work	*work;
	int			null, status;

	options(&job, argc, argv);
	if (argc - optind < 2 || job.count == 0 || job.clients == 0)
		errx(2, "usage: clients [-ckp] [-j clients] [-n count] "
		    "[-t seconds] work server ...");
	work = work_called(argv[optind]);
	server_name(&job, argv + optind + 1);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	start_behind(&job, work->behind);
	server_start(&job, null);
	server_descriptors();
	work->does(&job);
	status = server_end(&job);
	behind_end(&job);
	printf("%s server_cpu=%.6f cpu_us=%.3f cpu_gb=%.4f rss=%ld\n", job.text,
	    cpu(&job.server), cpu(&job.server) * 1e6 / (double)job.count,
	    cpu(&job.server) * 1e9 / (double)job.count,
	    job.server.ru.ru_maxrss);
	if (status != 0)
		warnx("wait status of the server: 0x%x", status);
	return status != 0;
}

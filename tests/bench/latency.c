/*
 * How long a client lets one wait:
 *
 *	latency [-n COUNT] [-p] [-t SECONDS] WORK CLIENT ...
 *
 * CLIENT is run against a server of ours; "{port}" in an argument becomes its
 * TCP port. WORK:
 *
 *	rounds	COUNT times one byte into the client's stdin, over the socket
 *		to us, back, and out of its stdout
 *	starts	COUNT times: from the client's start until the byte that waits
 *		in its stdin has come over the socket
 *
 * With -p all of it shares one processor, so that only work tells, and not
 * how fast an idle processor wakes. After SECONDS (60) everything is killed.
 * Says in one line of key=value how it went; exit status 1 if a byte was
 * wrong or missing.
 */
#include <netinet/tcp.h>
#include <fcntl.h>
#include <sched.h>

#include "program.h"

#define WARM_UP	20

struct job {
	char		**argv;		/* the client's */
	unsigned	  count, port;
	int		  listener;
	double		  cpu;
	long		  rss, faults;	/* page faults of all clients */
	int		  status;
};

static void
listen_somewhere(struct job *job)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			one = 1;

	if ((job->port = port_free()) == 0)
		errx(2, "no free port");
	sin.sin_port = htons((uint16_t)job->port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	job->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(job->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(job->listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (bind(job->listener, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(job->listener, 16) == -1)
		err(2, "listen");
}

static int
admit(const struct job *job)
{
	int	s = accept4(job->listener, NULL, NULL, SOCK_CLOEXEC);

	if (s == -1)
		err(1, "accept");
	return s;
}

static void
end_client(struct job *job, struct program *p)
{
	finish(p);
	job->cpu += cpu(p);
	job->rss = p->ru.ru_maxrss;
	job->faults += p->ru.ru_minflt + p->ru.ru_majflt;
	if (p->status != 0)
		job->status = p->status;
}

static void
put(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		err(1, "write");
}

static void
get(int fd, char want)
{
	char	c;

	if (read(fd, &c, 1) != 1)
		errx(1, "a byte is missing");
	if (c != want)
		errx(1, "another byte came");
}

static void
rounds(struct job *job)
{
	struct program	p;
	int		in[2], out[2], s;
	unsigned	i;
	int64_t		began = 0;
	double		ns;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		err(2, "pipe");
	start(&p, job->argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	s = admit(job);
	for (i = 0; i < job->count + WARM_UP; i++) {
		if (i == WARM_UP)
			began = clock_ns();
		put(in[1], (char)i);
		get(s, (char)i);
		put(s, (char)i);
		get(out[0], (char)i);
	}
	ns = (double)(clock_ns() - began);
	close(in[1]);
	close(s);
	end_client(job, &p);
	printf("seconds=%.6f per_s=%.1f us=%.3f cpu_us=%.3f rss=%ld\n",
	    ns / 1e9, job->count * 1e9 / ns, ns / 1e3 / job->count,
	    job->cpu * 1e6 / job->count, job->rss);
}

static void
starts(struct job *job)
{
	struct program	p;
	int		in[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int		s;
	unsigned	i;
	double		ns = 0;

	for (i = 0; i < job->count; i++) {
		if (pipe2(in, O_CLOEXEC) == -1)
			err(2, "pipe");
		put(in[1], 'x');
		close(in[1]);
		start(&p, job->argv, in[0], null);
		close(in[0]);
		s = admit(job);
		get(s, 'x');
		ns += (double)(clock_ns() - p.began);
		close(s);
		end_client(job, &p);
	}
	printf("seconds=%.6f per_s=%.1f us=%.3f cpu_us=%.3f rss=%ld "
	    "faults=%.1f\n", ns / 1e9, job->count * 1e9 / ns,
	    ns / 1e3 / job->count, job->cpu * 1e6 / job->count, job->rss,
	    (double)job->faults / job->count);
}

/* Ourselves and all that we start. */
static void
share_one_processor(void)
{
	cpu_set_t	all, one;
	size_t		i;

	if (sched_getaffinity(0, sizeof all, &all) == -1)
		return;
	for (i = 0; !CPU_ISSET(i, &all); i++)
		continue;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	sched_setaffinity(0, sizeof one, &one);
}

int
main(int argc, char *argv[])
{
	struct job	job = { .count = 1 };
	char		number[16];
	unsigned	seconds = 60;
	int		ch, i;

	while ((ch = getopt(argc, argv, "+n:pt:")) != -1)
		switch (ch) {
		case 'n':
			job.count = (unsigned)atoi(optarg);
			break;
		case 'p':
			share_one_processor();
			break;
		case 't':
			seconds = (unsigned)atoi(optarg);
			break;
		default:
			return 2;
		}
	if (argc - optind < 2 || job.count == 0)
		errx(2, "usage: latency [-p] [-n count] [-t seconds] "
		    "rounds|starts client ...");
	/* The default action ends us, and that ends everybody. */
	alarm(seconds);
	listen_somewhere(&job);
	snprintf(number, sizeof number, "%u", job.port);
	for (i = optind + 1; i < argc; i++)
		argv[i] = fill_in(argv[i], "{port}", number);
	job.argv = argv + optind + 1;
	if (strcmp(argv[optind], "rounds") == 0)
		rounds(&job);
	else if (strcmp(argv[optind], "starts") == 0)
		starts(&job);
	else
		errx(2, "no such work: %s", argv[optind]);
	if (job.status != 0)
		warnx("wait status of the client: 0x%x", job.status);
	return job.status != 0;
}

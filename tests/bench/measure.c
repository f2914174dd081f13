/*
 * One measured transfer through a pair of programs:
 *
 *	measure [-c] [-d] [-e] [-f] [-h] [-b BYTES] [-i FILE] [-o FILE]
 *	    [-t SECONDS] [-w SIZE] RECEIVER ... -- SENDER ...
 *
 * produce | SENDER ~~~ RECEIVER | consume; with -i the sender's stdin is
 * FILE, with -o the receiver's stdout is (what /dev/null swallows counts as
 * come if the sender ended well). With -d the same goes the other way, too,
 * at the same time, and the sums are told. "{port}" in an argument becomes a
 * free TCP port, "{path}" the path of a Unix socket that is not there yet.
 * -c checks every byte, -f makes feeding free (produce -f), -w feeds by writes
 * of SIZE bytes (produce -w). With -h the receiver's stdin is a pipe that is
 * silent and never ends. After SECONDS (60) everything is killed.
 *
 * Says in one line of key=value what came, how long it took from the first
 * byte to the last (with -o and -e: from the sender's start to the receiver's
 * end),
 * and what each of the pair cost: CPU seconds per GB, peak memory in KiB.
 * Exit status 1 if a byte is missing or wrong, or one of the pair failed.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>

#include "program.h"

struct job {
	char		**recv, **send;		/* argv of the pair */
	const char	 *in, *out;		/* files, or NULL: pipes */
	char		 *bytes_arg, *write_arg;
	uint64_t	  bytes;
	unsigned	  port;
	char		  path[108];		/* of a Unix socket */
	bool		  checked, free_feed, unix_used, both_ways;
	bool		  held, to_end;
};

struct result {
	uint64_t	bytes;
	int64_t		first, last, wrong;
};

static void
pipe_of(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) == -1)
		err(2, "pipe");
}

static int
open_or_die(const char *file, int flags)
{
	int	fd = open(file, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		err(2, "%s", file);
	return fd;
}

/* Does a Unix socket listen at this path? Flag 0x10000: it accepts. */
static bool
path_listening(const char *path)
{
	char		line[512], name[200];
	unsigned	flags;
	bool		found = false;
	FILE		*f;

	if ((f = fopen("/proc/self/net/unix", "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = sscanf(line, "%*[^:]: %*x %*x %x %*x %*x %*d %199s",
		    &flags, name) == 2 && (flags & 0x10000) != 0 &&
		    strcmp(name, path) == 0;
	fclose(f);
	return found;
}

static void
await_listener(const struct job *job, const struct program *receiver)
{
	while (!(job->unix_used ? path_listening(job->path) :
	    port_listens(job->port))) {
		if (has_ended(receiver))
			errx(1, "%s ended before it listened", job->recv[0]);
		nap_ms(1);
	}
}

static void
start_consumer(const struct job *job, struct program *p, int in, int report)
{
	char	number[16], *argv[] = {
		sibling("consume"), (char *)"-o", number, NULL, NULL
	};
	int	copy = fcntl(report, F_DUPFD, 10);	/* not CLOEXEC */

	snprintf(number, sizeof number, "%d", copy);
	argv[3] = job->checked ? (char *)"-c" : NULL;
	start(p, argv, in, STDERR_FILENO);
	close(copy);
}

static void
start_producer(const struct job *job, struct program *p, int out)
{
	char	*argv[6] = { sibling("produce") };
	int	 n = 1;

	if (job->free_feed)
		argv[n++] = (char *)"-f";
	if (job->write_arg != NULL) {
		argv[n++] = (char *)"-w";
		argv[n++] = job->write_arg;
	}
	argv[n] = job->bytes_arg;
	start(p, argv, STDERR_FILENO, out);
}

static void
read_report(int fd, struct result *r)
{
	char	text[256];
	size_t	len = 0;
	ssize_t	n;

	while ((n = read(fd, text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	if (len == 0)
		errx(1, "the consumer said nothing");
	text[len] = '\0';
	if (sscanf(text, "bytes=%" SCNu64 " first=%" SCNd64 " last=%" SCNd64
	    " wrong=%" SCNd64, &r->bytes, &r->first, &r->last, &r->wrong) != 4)
		errx(1, "the consumer said: %s", text);
}

/* One direction: what feeds it, what empties it and tells of that. */
struct way {
	struct program	producer, consumer;
	int		report[2];
};

/* What is silent as long as we live. */
static int
silence(void)
{
	int	fd[2];

	pipe_of(fd);
	return fd[0];
}

/* What a program reads: a file, a producer's pipe, or nothing. */
static int
source(const struct job *job, const char *file, struct way *w)
{
	struct pollfd begun = { .events = POLLIN };
	int	from[2];

	if (w == NULL)
		return job->held ? silence() :
		    open_or_die("/dev/null", O_RDONLY);
	if (file != NULL)
		return open_or_die(file, O_RDONLY);
	pipe_of(from);
	start_producer(job, &w->producer, from[1]);
	close(from[1]);
	/* A tool may leave an input that has not begun when its peer ends. */
	begun.fd = from[0];
	(void)poll(&begun, 1, -1);
	return from[0];
}

/* ... and what it writes to. */
static int
sink(const struct job *job, const char *file, struct way *w)
{
	int	to[2];

	if (w == NULL)
		return open_or_die("/dev/null", O_WRONLY);
	if (file != NULL)
		return open_or_die(file, O_WRONLY | O_CREAT | O_TRUNC);
	pipe_of(to);
	pipe_of(w->report);
	start_consumer(job, &w->consumer, to[0], w->report[1]);
	close(w->report[1]);
	close(to[0]);
	return to[1];
}

static void
start_between(struct program *p, char **argv, int in, int out)
{
	start(p, argv, in, out);
	close(in);
	close(out);
}

static void
end_way(struct way *w, struct result *r)
{
	struct result	more = { 0, 0, 0, -1 };

	read_report(w->report[0], &more);
	finish(&w->consumer);
	close(w->report[0]);
	r->bytes += more.bytes;
	if (r->first == 0 || more.first < r->first)
		r->first = more.first;
	if (more.last > r->last)
		r->last = more.last;
	if (more.wrong != -1)
		r->wrong = more.wrong;
}

/* What a file has, or a device that keeps nothing. */
static void
measure_file(const struct job *job, struct result *r)
{
	struct stat	st;

	if (stat(job->out, &st) == -1)
		err(2, "%s", job->out);
	r->bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : job->bytes;
}

static void
transfer(const struct job *job, struct program *tx, struct program *rx,
    struct result *r)
{
	struct way	there = { 0 }, back = { 0 };
	struct way	*other = job->both_ways ? &back : NULL;

	start_between(rx, job->recv, source(job, NULL, other),
	    sink(job, job->out, &there));
	await_listener(job, rx);
	start_between(tx, job->send, source(job, job->in, &there),
	    sink(job, NULL, other));
	if (job->out == NULL)
		end_way(&there, r);
	if (other != NULL)
		end_way(&back, r);
	finish(rx);
	finish(tx);
	if (job->in == NULL)
		finish(&there.producer);
	if (other != NULL)
		finish(&back.producer);
	if (job->out != NULL)
		measure_file(job, r);
	if (job->out != NULL || job->to_end) {
		r->first = tx->began;
		r->last = rx->ended;
	}
}

static int
tell(const struct job *job, const struct program *tx,
    const struct program *rx, const struct result *r)
{
	double	gb = (double)r->bytes / 1e9;
	double	sec = (double)(r->last - r->first) / 1e9;
	uint64_t whole = job->both_ways ? 2 * job->bytes : job->bytes;

	printf("bytes=%" PRIu64 " seconds=%.6f gbps=%.4f tx_cpu=%.4f "
	    "rx_cpu=%.4f cpu=%.4f tx_rss=%ld rx_rss=%ld\n", r->bytes, sec,
	    gb / sec, cpu(tx) / gb, cpu(rx) / gb, (cpu(tx) + cpu(rx)) / gb,
	    tx->ru.ru_maxrss, rx->ru.ru_maxrss);
	if (r->bytes != whole)
		warnx("%" PRIu64 " of %" PRIu64 " bytes came", r->bytes,
		    whole);
	if (r->wrong != -1)
		warnx("byte %" PRId64 " is wrong", r->wrong);
	if (tx->status != 0 || rx->status != 0)
		warnx("wait status: sender 0x%x, receiver 0x%x", tx->status,
		    rx->status);
	return r->bytes != whole || r->wrong != -1 || tx->status != 0 ||
	    rx->status != 0;
}

static void
fill_in_all(struct job *job, char **argv)
{
	char	number[16], *before;

	snprintf(number, sizeof number, "%u", job->port);
	for (; *argv != NULL; argv++) {
		*argv = fill_in(*argv, "{port}", number);
		before = *argv;
		*argv = fill_in(*argv, "{path}", job->path);
		if (*argv != before)
			job->unix_used = true;
	}
}

/* RECEIVER ... -- SENDER ... */
static void
split(struct job *job, char **argv)
{
	const char	*tmp = getenv("TMPDIR");
	char		**p;

	job->recv = argv;
	for (p = argv; *p != NULL && strcmp(*p, "--") != 0; p++)
		continue;
	if (p == argv || *p == NULL || p[1] == NULL)
		errx(2, "usage: measure [-cdefh] [-b bytes] [-i file] "
		    "[-o file] [-t seconds] [-w size] receiver ... "
		    "-- sender ...");
	*p = NULL;
	job->send = p + 1;
	if ((job->port = port_free()) == 0)
		errx(2, "no free port");
	snprintf(job->path, sizeof job->path, "%s/measure.%ld.sock",
	    tmp != NULL ? tmp : "/tmp", (long)getpid());
	fill_in_all(job, job->recv);
	fill_in_all(job, job->send);
}

static void
options(struct job *job, int argc, char **argv)
{
	unsigned	limit = 60;
	int		ch;

	while ((ch = getopt(argc, argv, "+b:cdefhi:o:t:w:")) != -1)
		switch (ch) {
		case 'b':
			job->bytes_arg = optarg;
			break;
		case 'c':
			job->checked = true;
			break;
		case 'd':
			job->both_ways = true;
			break;
		case 'e':
			job->to_end = true;
			break;
		case 'f':
			job->free_feed = true;
			break;
		case 'h':
			job->held = true;
			break;
		case 'i':
			job->in = optarg;
			break;
		case 'o':
			job->out = optarg;
			break;
		case 't':
			limit = (unsigned)atoi(optarg);
			break;
		case 'w':
			job->write_arg = optarg;
			break;
		default:
			exit(2);
		}
	/* The default action ends us, and that ends everybody. */
	alarm(limit);
	job->bytes = strtoull(job->bytes_arg, NULL, 10);
	split(job, argv + optind);
}

int
main(int argc, char *argv[])
{
	struct job	job = { .bytes_arg = (char *)"67108864" };
	struct program	tx = { 0 }, rx = { 0 };
	struct result	r = { 0, 0, 0, -1 };

	options(&job, argc, argv);
	transfer(&job, &tx, &rx, &r);
	if (job.unix_used)
		unlink(job.path);
	return tell(&job, &tx, &rx, &r);
}

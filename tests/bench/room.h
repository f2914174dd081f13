/*
 * The members of a room, all in one thread: they come one after the other, and
 * get a line about each member that comes later; or one more client speaks to
 * all of them. A member reads only when the server is not being measured.
 *
 * The room greets the member N with two lines, the first of which contains "you
 * are userN;", and tells the others "* userN has joined".
 */
#ifndef BENCH_ROOM_H
#define BENCH_ROOM_H

#include <sys/socket.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "job.h"

#define ROOM_LINE	((size_t)64)
/* So many members come before all that are there read. */
#define ROOM_BURST	250
#define ROOM_TIMES	11

struct room_peer {
	int		 s;
	unsigned	 lines;		/* of the greeting, taken: 2 are all */
	char		 greeting[512];
	size_t		 got;		/* bytes of that, and then after it */
	size_t		 due;		/* bytes after it; 0: not known */
};

struct room {
	struct room_peer	*peers;
	unsigned		 n;
	clockid_t		 cpu;		/* of the server */
};

static inline double
room_cpu(const struct room *r)
{
	struct timespec	ts;

	if (clock_gettime(r->cpu, &ts) == -1)
		err(1, "the server's clock");
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline void
room_open(struct room *r, const struct job *job)
{
	*r = (struct room){ .n = (unsigned)job->count };
	if ((r->peers = calloc(r->n, sizeof *r->peers)) == NULL)
		err(2, "memory");
	if (clock_getcpuclockid(job->server.pid, &r->cpu) != 0)
		errx(1, "the server has no clock");
}

/* The bytes of the lines about the members from this number on. */
static inline size_t
room_lines_from(const struct room *r, unsigned number)
{
	size_t		sum = 0;
	unsigned	first, next, digits = 1;

	for (first = 1; first <= r->n; first = next, digits++) {
		next = first * 10;
		if (number < next && number <= r->n)
			sum += ((next <= r->n ? next : r->n + 1) -
			    (number > first ? number : first)) *
			    (strlen("* user has joined\n") + digits);
	}
	return sum;
}

/* The greeting, byte by byte; after that, the bytes are only counted. */
static inline void
room_greeted(const struct room *r, struct room_peer *p, const char *in,
    size_t n)
{
	unsigned	number;
	const char	*you;

	for (; n > 0 && p->lines < 2; in++, n--) {
		if (p->got == sizeof p->greeting - 1)
			errx(1, "a long greeting: %s", p->greeting);
		p->greeting[p->got++] = *in;
		p->lines += *in == '\n';
	}
	if (p->lines < 2)
		return;
	you = strstr(p->greeting, "you are user");
	if (you == NULL || sscanf(you, "you are user%u;", &number) != 1 ||
	    number == 0 || number > r->n)
		errx(1, "no greeting: %s", p->greeting);
	p->due = room_lines_from(r, number + 1);
	p->got = n;
}

/* All that is there; whether the member has all that is due. */
static inline bool
room_takes(const struct room *r, struct room_peer *p)
{
	static char	buf[256 << 10];
	ssize_t		n;

	while ((n = recv(p->s, buf, sizeof buf, MSG_DONTWAIT |
	    (p->lines == 2 ? MSG_TRUNC : 0))) > 0) {
		if (p->lines < 2)
			room_greeted(r, p, buf, (size_t)n);
		else
			p->got += (size_t)n;
		if ((size_t)n < sizeof buf)
			break;
	}
	if (n == 0 || (n == -1 && errno != EAGAIN))
		err(1, "an end, or recv");
	if (p->lines == 2 && p->got > p->due)
		errx(1, "%zu bytes more than are due", p->got - p->due);
	return p->lines == 2 && p->got == p->due;
}

static inline unsigned
room_take(const struct room *r, unsigned n)
{
	unsigned	i, done = 0;

	for (i = 0; i < n; i++)
		done += room_takes(r, &r->peers[i]);
	return done;
}

/* Until all know all. */
static inline void
room_fill(struct room *r, const struct job *job)
{
	unsigned	i;

	for (i = 0; i < r->n; i++) {
		r->peers[i].s = call(job);
		if (i % ROOM_BURST == ROOM_BURST - 1)
			(void)room_take(r, i + 1);
	}
	while (room_take(r, r->n) < r->n)
		nap_ms(1);
}

/* ---- A message ---------------------------------------------------------- */

static inline int64_t
room_wall_ns(void)
{
	struct timespec	ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* When the kernel had the last byte of the line for the member. */
static inline int64_t
room_heard(const struct room_peer *p, const char *line)
{
	char		 buf[ROOM_LINE * 2 + 1];
	_Alignas(struct cmsghdr) char control[256];
	struct iovec	 iov = { .iov_base = buf, .iov_len = sizeof buf - 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr	*c;
	struct timespec	 ts;
	ssize_t		 n = recvmsg(p->s, &msg, 0);

	buf[n > 0 ? n : 0] = '\0';
	if (n < (ssize_t)ROOM_LINE || strstr(buf, line) == NULL)
		errx(1, "something else than the line came: %s", buf);
	for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof ts);
			return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
		}
	/* The kernel begins a moment after the first socket has asked. */
	return room_wall_ns();
}

/* Seconds from the begin of send(2) until the last member has the line. */
static inline double
room_say(const struct room *r, int speaker, unsigned number)
{
	char		line[ROOM_LINE + 1];
	struct pollfd	last = { .fd = r->peers[r->n - 1].s, .events = POLLIN };
	int64_t		began, heard, latest = 0;
	unsigned	i;

	snprintf(line, sizeof line, "%010u what one says, all the others in "
	    "this room hear.\n", number);
	began = room_wall_ns();
	put(speaker, line, strlen(line));
	if (poll(&last, 1, -1) == -1)
		err(1, "poll");
	for (i = 0; i < r->n; i++)
		if ((heard = room_heard(&r->peers[i], line)) > latest)
			latest = heard;
	return (double)(latest - began) / 1e9;
}

static inline int
room_speaker(struct room *r, const struct job *job)
{
	struct room_peer	me = { .s = call(job) };
	size_t			here;
	unsigned		i;
	int			on = 1;

	here = strlen("* user has joined\n") + (size_t)snprintf(NULL, 0, "%u",
	    r->n + 1);
	r->n++;
	while (me.lines < 2)
		(void)room_takes(r, &me);
	r->n--;
	for (i = 0; i < r->n; i++)
		r->peers[i].due += here;
	while (room_take(r, r->n) < r->n)
		nap_ms(1);
	for (i = 0; i < r->n; i++)
		if (setsockopt(r->peers[i].s, SOL_SOCKET, SO_TIMESTAMPNS, &on,
		    sizeof on) == -1)
			err(1, "SO_TIMESTAMPNS");
	return me.s;
}

#endif

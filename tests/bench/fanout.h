/*
 * A room with one that speaks, and some that listen, all in one thread. The
 * whole stream is made beforehand, so that what comes is checked by
 * memcmp(3) alone.
 */
#ifndef BENCH_FANOUT_H
#define BENCH_FANOUT_H

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FANOUT_LINE	((size_t)64)
#define FANOUT_READ	((size_t)64 << 10)
/* A room in which nothing moves for so many milliseconds has stopped. */
#define FANOUT_STILL	5000

/* The first one speaks. */
struct fanout_peer {
	int	s;
	size_t	got;
};

struct fanout {
	struct fanout_peer	*peers;
	unsigned		 n, busy;	/* that have not all */
	int			 ep;
	char			*stream;
	size_t			 size;
	size_t			 piece;		/* bytes of one send(2) */
};

/* No line is like another. */
static inline void
fanout_lines(struct fanout *f, uint64_t count)
{
	uint64_t	i;
	char		line[FANOUT_LINE + 1];

	f->size = (size_t)count * FANOUT_LINE;
	if (f->size / FANOUT_LINE != count ||
	    (f->stream = malloc(f->size)) == NULL)
		errx(2, "no memory for %" PRIu64 " lines", count);
	for (i = 0; i < count; i++) {
		snprintf(line, sizeof line, "%020" PRIu64 " what one says, "
		    "all the others are to hear.\n", i);
		memcpy(f->stream + i * FANOUT_LINE, line, FANOUT_LINE);
	}
}

static inline void
fanout_watch(struct fanout *f, unsigned i)
{
	struct epoll_event	ev = { .events = EPOLLIN, .data.u32 = i };

	if (epoll_ctl(f->ep, EPOLL_CTL_ADD, f->peers[i].s, &ev) == -1)
		err(1, "epoll_ctl");
}

/* A process of its own. */
static inline pid_t
fanout_speak(const struct fanout *f)
{
	size_t	at, len;
	ssize_t	n;
	pid_t	pid = fork();

	if (pid == -1)
		err(2, "fork");
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (at = 0; at < f->size; at += (size_t)n) {
		len = f->size - at < f->piece ? f->size - at : f->piece;
		if ((n = send(f->peers[0].s, f->stream + at, len,
		    MSG_NOSIGNAL)) == -1)
			err(1, "send");
	}
	_exit(0);
}

static inline size_t
fanout_listen(struct fanout *f, struct fanout_peer *p)
{
	static char	got[FANOUT_READ];
	ssize_t		n = recv(p->s, got, sizeof got, MSG_DONTWAIT);

	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n == -1)
		err(1, "recv");
	if (n == 0)
		errx(1, "an end, after %zu of %zu bytes", p->got, f->size);
	if ((size_t)n > f->size - p->got ||
	    memcmp(got, f->stream + p->got, (size_t)n) != 0)
		errx(1, "other bytes than were said, after %zu", p->got);
	return (size_t)n;
}

static inline void
fanout_move(struct fanout *f, struct fanout_peer *p)
{
	p->got += fanout_listen(f, p);
	if (p->got < f->size)
		return;
	f->busy--;
	epoll_ctl(f->ep, EPOLL_CTL_DEL, p->s, NULL);
}

static inline void __attribute__((noreturn))
fanout_stopped(const struct fanout *f)
{
	size_t		least = f->size;
	unsigned	i;

	for (i = 1; i < f->n; i++)
		if (f->peers[i].got < least)
			least = f->peers[i].got;
	errx(1, "the room stopped: %zu of %zu bytes came", least, f->size);
}

/* Nobody hears anything twice, and who speaks does not hear itself. */
static inline void
fanout_silent(const struct fanout *f)
{
	unsigned	i;
	char		c;

	for (i = 0; i < f->n; i++)
		if (recv(f->peers[i].s, &c, 1, MSG_DONTWAIT) != -1)
			errx(1, "more than was said, or an end");
}

/* Until everybody has heard all. */
static inline void
fanout(struct fanout *f)
{
	struct epoll_event	ev[64];
	unsigned		i;
	int			j, n, status;
	pid_t			speaker;

	if ((f->ep = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	for (i = 1; i < f->n; i++)
		fanout_watch(f, i);
	speaker = fanout_speak(f);
	for (f->busy = f->n - 1; f->busy > 0;) {
		if ((n = epoll_wait(f->ep, ev, 64, FANOUT_STILL)) == 0)
			fanout_stopped(f);
		for (j = 0; j < n; j++)
			fanout_move(f, &f->peers[ev[j].data.u32]);
	}
	if (waitpid(speaker, &status, 0) == -1 || status != 0)
		errx(1, "not all was said");
	fanout_silent(f);
}

#endif

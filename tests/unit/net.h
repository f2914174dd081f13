/*
 * What the tests of src/net share: a loop, a plan, plain blocking sockets
 * of the other side, and waiting for a condition.
 */
#ifndef UNIT_NET_H
#define UNIT_NET_H

#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/num.h"
#include "loop/loop.h"
#include "plan/plan.h"
#include "unit.h"

/* Long enough for any machine; reached only by a failing test. */
#define PATIENCE	(20 * NSEC_PER_SEC)

static struct loop	*loop;
static struct plan	plan;

static inline void
begin(void)
{
	loop = loop_new();
	memset(&plan, 0, sizeof(plan));
	plan.family = FAMILY_ANY;
	plan.type = TYPE_STREAM;
	plan.connect_timeout = plan.race_delay = -1;
	plan.sock.tos = plan.sock.ttl = plan.sock.min_ttl = -1;
	plan.sock.backlog = -1;
}

static inline void
finish(void)
{
	loop_turn(loop, 0);	/* what was deferred */
	loop_free(loop);
	loop = NULL;
}

static inline int64_t
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline void
ignore(void *arg)
{
	(void)arg;
}

/*
 * One turn of at most this long. A deadline ahead keeps the loop from
 * finding that nothing is left to wait for.
 */
static inline void
turn(int64_t max_wait)
{
	struct timer ahead = { .fire = ignore };

	timer_set(loop, &ahead, clock_now() + PATIENCE);
	loop_turn(loop, max_wait);
	timer_clear(loop, &ahead);
}

/* Turn the loop until *count reaches n. */
static inline bool
turn_until(const int *count, int n)
{
	int64_t end = clock_now() + PATIENCE;

	while (*count < n && clock_now() < end)
		turn(10 * NSEC_PER_MSEC);
	return *count >= n;
}

/* Turn the loop for so long; how many turns were that? */
static inline int
turns_within(int64_t time)
{
	int64_t end = clock_now() + time, left;
	int n;

	for (n = 0; (left = end - clock_now()) > 0; n++)
		turn(left);
	return n;
}

/* So many ends of pipes are open. */
static inline int
pipe_ends(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	char to[64];
	int n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		n += readlinkat(dirfd(dir), e->d_name, to, sizeof(to)) > 5 &&
		    strncmp(to, "pipe:", 5) == 0;
	closedir(dir);
	return n;
}

/* Turns until no more than so many are. */
static inline bool
pipes_go(int n)
{
	int64_t end = clock_now() + PATIENCE;

	while (pipe_ends() > n && clock_now() < end)
		turn(10 * NSEC_PER_MSEC);
	return pipe_ends() == n;
}

static inline int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* An address from its text. */
static inline struct addr
addr_of(const char *host, unsigned port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET, host, &a.u.in.sin_addr) == 1) {
		a.u.in.sin_family = AF_INET;
		a.len = sizeof(a.u.in);
	} else if (inet_pton(AF_INET6, host, &a.u.in6.sin6_addr) == 1) {
		a.u.in6.sin6_family = AF_INET6;
		a.len = sizeof(a.u.in6);
	} else
		(void)addr_unix(&a, host);
	addr_set_port(&a, port);
	return a;
}

/* A listening or bound socket of the other side; *a gets its port. */
static inline int
serve(struct addr *a, int type, int backlog)
{
	int s = socket(addr_family(a), type | SOCK_CLOEXEC, 0);

	if (s == -1 || bind(s, &a->u.sa, a->len) == -1 ||
	    (type == SOCK_STREAM && listen(s, backlog) == -1)) {
		close(s);
		return -1;
	}
	if (addr_family(a) != AF_UNIX)
		(void)addr_local(a, s);
	return s;
}

/* A client of the other side, or -1. Its connect(2) may be under way. */
static inline int
call(const struct addr *a, int type)
{
	int s = socket(addr_family(a), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s != -1 && connect(s, &a->u.sa, a->len) == -1 &&
	    errno != EINPROGRESS) {
		close(s);
		return -1;
	}
	return s;
}

/* A connection over the loopback, which does not block; [0] has called. */
static inline void
tcp_pair(int p[2])
{
	struct addr a = addr_of("127.0.0.1", 0);
	int l = serve(&a, SOCK_STREAM, 1);

	p[0] = call(&a, SOCK_STREAM);
	p[1] = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	CHECK(p[0] != -1 && p[1] != -1);
	close(l);
}

static inline bool
have_inet6(void)
{
	struct addr a = addr_of("::1", 0);
	int s = serve(&a, SOCK_STREAM, 1);

	close(s);
	return s != -1;
}

/* A port of this host that nobody serves. */
static inline unsigned
dead_port(const char *host)
{
	struct addr a = addr_of(host, 0);

	close(serve(&a, SOCK_STREAM, 1));
	return addr_port(&a);
}

/* A directory for the sockets and files of one test. */
static char	tmpdir[64];

static inline void
tmpdir_make(void)
{
	strcpy(tmpdir, "/tmp/test_net.XXXXXX");
	if (mkdtemp(tmpdir) == NULL)
		abort();
}

static inline const char *
tmp_path(const char *name, char buf[100])
{
	snprintf(buf, 100, "%s/%s", tmpdir, name);
	return buf;
}

static inline void
tmpdir_remove(void)
{
	DIR *dir = opendir(tmpdir);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(tmpdir);
}

#endif

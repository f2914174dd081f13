#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd.h"
#include "reach/resolve.h"

/*
 * A question for getaddrinfo(3), and the answer. Owned by the asking thread and
 * the resolve: the last owner to leave frees the lookup, so that neither waits.
 */
struct lookup {
	atomic_int	 owners;
	int		 pipe;		/* the end that the thread closes */
	struct addrinfo	 hints;
	struct addrinfo	*found;
	int		 gai, num;
	const char	*host;		/* NULL: the wildcard, or loopback */
	const char	*port;
	char		 text[];	/* of host and port */
};

struct resolve {
	struct loop		*loop;
	struct resolve_options	 opt;
	void			(*done)(void *, struct addr_list *,
				    const struct error *);
	void			*arg;
	struct task		 task;	/* calls done(), later frees */
	struct watch		 watch;
	struct fd		 pipe;	/* readable when the thread has ended */
	struct lookup		*lookup;
	struct addr_list	 list;
	struct error		 err;
	bool			 over;
};

/* ---- The lookup --------------------------------------------------------- */

static struct lookup *
resolve_lookup_new(const struct resolve_options *o, const char *host,
    const char *port, bool passive)
{
	const size_t len = host != NULL ? strlen(host) + 1 : 0;
	struct lookup *l = calloc(1, sizeof(*l) + len + strlen(port) + 1);

	if (l == NULL)
		return NULL;
	atomic_init(&l->owners, 1);
	/* The proxy of a Unix or vsock plan may have any address. */
	l->hints = (struct addrinfo){ .ai_family = o->family == AF_INET ||
	    o->family == AF_INET6 ? o->family : AF_UNSPEC,
	    .ai_socktype = o->dgram ? SOCK_DGRAM : SOCK_STREAM,
	    .ai_protocol = o->dgram ? IPPROTO_UDP : IPPROTO_TCP,
	    .ai_flags = (passive ? AI_PASSIVE : 0) |
	    (o->numeric_service ? AI_NUMERICSERV : 0) };
	if (host != NULL)
		l->host = memcpy(l->text, host, len);
	l->port = memcpy(l->text + len, port, strlen(port) + 1);
	return l;
}

static void
resolve_lookup_leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->owners, 1) != 1)
		return;
	if (l->found != NULL)
		freeaddrinfo(l->found);
	free(l);
}

static void
resolve_lookup_ask(struct lookup *l)
{
	l->gai = getaddrinfo(l->host, l->port, &l->hints, &l->found);
	l->num = errno;
}

/* Closing the pipe wakes the loop, then the lookup's only owner. */
static void *
resolve_lookup_run(void *arg)
{
	struct lookup *l = arg;
	int end = l->pipe;

	resolve_lookup_ask(l);
	resolve_lookup_leave(l);
	(void)close(end);
	return NULL;
}

/* Starts the thread, with all signals blocked. Returns 0 or an errno. */
static int
resolve_lookup_launch(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int num;

	if ((num = pthread_attr_init(&attr)) != 0)
		return num;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	atomic_store(&l->owners, 2);
	num = pthread_create(&thread, &attr, resolve_lookup_run, l);
	if (num != 0)
		atomic_store(&l->owners, 1);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return num;
}

/* Answers a question that needs no resolver; false: the host is a name. */
static bool
resolve_lookup_now(struct lookup *l, bool numeric)
{
	int flags = l->hints.ai_flags;
	struct addr a;
	long long n;

	l->hints.ai_flags |= AI_NUMERICHOST;
	/* getaddrinfo(3) takes a number that is too large modulo 65536. */
	if (l->port[strspn(l->port, "0123456789")] == '\0' &&
	    num_int(l->port, 0, 65535, &n) != NULL)
		l->gai = EAI_SERVICE;
	else
		resolve_lookup_ask(l);
	l->hints.ai_flags = flags;
	/* C libraries may hide that a number is of another family. */
	if (l->gai == EAI_NONAME && l->host != NULL &&
	    l->hints.ai_family != AF_UNSPEC &&
	    addr_numeric(&a, l->host, AF_UNSPEC))
		l->gai = EAI_ADDRFAMILY;
	return l->gai != EAI_NONAME || l->host == NULL || numeric;
}

/* ---- The answer --------------------------------------------------------- */

/* getaddrinfo(3) gives the wildcard as an address of each family. */
static void
resolve_choose_wildcard(enum resolve_wildcard which, struct addr_list *list)
{
	struct addr first = list->v[0];
	bool has_inet6 = true;
	struct fd fd;

	if (list->n < 2)
		return;
	if (fd_socket(&fd, AF_INET6, SOCK_DGRAM, 0) == 0)
		fd_close(&fd);
	else
		has_inet6 = errno != EAFNOSUPPORT;
	if (addr_family(&first) == AF_INET) {
		list->v[0] = list->v[1];
		list->v[1] = first;
	}
	if (which == WILDCARD_INET || !has_inet6)
		list->v[0] = list->v[1];
	else if (which == WILDCARD_BOTH)
		return;
	list->n = 1;
}

/* RFC 8305, section 4: the families take turns; each keeps its order. */
static void
resolve_interleave(struct addr_list *list)
{
	struct addr *v = list->v, next;
	size_t j;

	for (size_t i = 1; i < list->n; i++) {
		for (j = i; addr_family(&v[j]) == addr_family(&v[i - 1]);)
			if (++j == list->n)
				return;
		next = v[j];
		memmove(&v[i + 1], &v[i], (j - i) * sizeof(*v));
		v[i] = next;
	}
}

/* No more addresses are taken: each is compared with all before. */
#define RESOLVE_MAX	1000

/*
 * Copies the addresses found; each once, unless repeat: if /etc/hosts names
 * both ::1 and 127.0.0.1 localhost, glibc returns 127.0.0.1 twice.
 */
static int
resolve_copy_found(const struct addrinfo *found, bool repeat,
    struct addr_list *list)
{
	const struct addrinfo *ai;
	struct addr *addr;
	size_t n = 0, same;

	for (ai = found; ai != NULL && n < RESOLVE_MAX; ai = ai->ai_next)
		n++;
	list->v = calloc(n, sizeof(*list->v));
	if (list->v == NULL)
		return -1;
	for (ai = found; ai != NULL && list->n < n; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(list->v->u))
			continue;
		addr = &list->v[list->n];
		memcpy(&addr->u, ai->ai_addr, ai->ai_addrlen);
		addr->len = ai->ai_addrlen;
		same = 0;
		while (same < list->n && !addr_equal(&list->v[same], addr))
			same++;
		if (repeat || same == list->n)
			list->n++;
	}
	return 0;
}

/* Makes the list, or the error, from the answer to the lookup. */
static void
resolve_take_answer(struct resolve *r)
{
	const struct lookup *l = r->lookup;
	int gai = l->gai, num = l->num;

	if (gai == 0 && resolve_copy_found(l->found, r->opt.repeats,
	    &r->list) == -1) {
		gai = EAI_SYSTEM;
		num = ENOMEM;
	}
	if (gai != 0) {
		error_set(&r->err, gai == EAI_SYSTEM ? num : 0, "look up",
		    "%s port %s", l->host != NULL ? l->host : "*", l->port);
		if (r->err.num == 0)
			r->err.gai = gai == EAI_SYSTEM ? EAI_FAIL : gai;
	} else if (l->host == NULL && (l->hints.ai_flags & AI_PASSIVE) != 0)
		resolve_choose_wildcard(r->opt.wildcard, &r->list);
	else if (r->opt.interleaves)
		resolve_interleave(&r->list);
}

/* ---- Starting and ending ------------------------------------------------ */

/* Ends all but the memory, which lives until the end of the turn. */
static void
resolve_end(struct resolve *r)
{
	r->over = true;
	loop_unwatch(r->loop, &r->watch);
	loop_unpost(r->loop, &r->task);
	fd_close(&r->pipe);
	if (r->lookup != NULL)
		resolve_lookup_leave(r->lookup);
	r->task.run = free;
	loop_defer(r->loop, &r->task);
}

static void
resolve_finish(void *arg)
{
	struct resolve *r = arg;
	struct addr_list list = r->list;

	resolve_end(r);
	r->done(r->arg, &list, &r->err);
}

static void
resolve_pipe_ready(void *arg, unsigned what)
{
	struct resolve *r = arg;

	(void)what;
	/* The atomic count also makes the thread's work visible here. */
	if (atomic_load(&r->lookup->owners) != 1)
		return;
	resolve_take_answer(r);
	resolve_finish(r);
}

/* Asks in a thread. Returns 0 or an errno. */
static int
resolve_ask_thread(struct resolve *r)
{
	struct fd end;
	int num;

	if (fd_pipe(&r->pipe, &end) == -1)
		return errno;
	r->lookup->pipe = end.num;
	r->watch.fd = r->pipe.num;
	if (loop_watch(r->loop, &r->watch) == -1) {
		num = errno;
		r->watch.fd = -1;
	} else
		num = resolve_lookup_launch(r->lookup);
	if (num != 0)
		fd_close(&end);
	return num;
}

/* Returns 0, or the errno that keeps the lookup from beginning. */
static int
resolve_begin(struct resolve *r, const char *host, const char *port,
    bool passive)
{
	int family = r->opt.family;
	const char *number = port != NULL && *port != '\0' ? port : "0";
	bool is_literal = family == AF_VSOCK ||
	    (family == AF_UNIX && host != NULL);
	struct addr a;
	long long n;

	/*
	 * Takes numbers as they are. getaddrinfo(3) would do, but touches many
	 * pages of the C library, which a short run pays for.
	 */
	if (!is_literal && host != NULL &&
	    num_int(number, 0, 65535, &n) == NULL &&
	    addr_usual(&a, host, family == AF_INET || family == AF_INET6 ?
	    family : AF_UNSPEC)) {
		addr_set_port(&a, (unsigned)n);
		is_literal = true;
	} else if (is_literal && (family == AF_UNIX ? addr_unix(&a, host) :
	    addr_vsock(&a, host, port)) == -1) {
		error_set(&r->err, errno, "look up", "%s",
		    host != NULL ? host : port);
		loop_post(r->loop, &r->task);
		return 0;
	}
	if (is_literal) {
		if ((r->list.v = malloc(sizeof(a))) == NULL)
			return ENOMEM;
		*r->list.v = a;
		r->list.n = 1;
	} else {
		r->lookup = resolve_lookup_new(&r->opt, host, number, passive);
		if (r->lookup == NULL)
			return errno;
		if (!resolve_lookup_now(r->lookup, r->opt.numeric))
			return resolve_ask_thread(r);
		resolve_take_answer(r);
	}
	loop_post(r->loop, &r->task);
	return 0;
}

struct resolve *
resolve_start(struct loop *loop, const struct resolve_options *opt,
    const char *host, const char *port, bool passive,
    void (*done)(void *, struct addr_list *, const struct error *), void *arg)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int num;

	if (r == NULL)
		return NULL;
	*r = (struct resolve){ .loop = loop, .opt = *opt, .done = done,
	    .arg = arg, .task = { .run = resolve_finish, .arg = r },
	    .watch = { .fd = -1, .want = loop_want_in,
	    .ready = resolve_pipe_ready, .arg = r }, .pipe.num = -1 };
	if ((num = resolve_begin(r, host, port, passive)) == 0)
		return r;
	resolve_end(r);
	errno = num;
	return NULL;
}

void
resolve_cancel(struct resolve *r)
{
	if (r == NULL || r->over)
		return;
	addr_list_free(&r->list);
	resolve_end(r);
}

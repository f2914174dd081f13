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
#include "net/resolve.h"

/*
 * The work of the thread. The thread and the resolve own it; the last of them
 * to leave frees it, so that neither ever waits for the other.
 */
struct lookup {
	atomic_int	 owners;
	int		 pipe;		/* the end that the thread closes */
	char		*host, *port;
	struct addrinfo	 hints;
	struct addrinfo	*found;
	int		 gai, num;
};

struct resolve {
	struct loop		*loop;
	struct resolve_options	 opt;
	bool			 wildcard;
	void			(*done)(void *, struct addr_list *,
				    const struct error *);
	void			*arg;
	struct task		 task;	/* calls done(), later frees */
	struct watch		 watch;
	struct fd		 pipe;	/* readable when the thread has ended */
	struct lookup		*lookup; /* NULL: no thread runs */
	struct addr_list	 list;
	struct error		 err;
	bool			 over;
};

static void
resolve_lookup_leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->owners, 1) != 1)
		return;
	if (l->found != NULL)
		freeaddrinfo(l->found);
	free(l->host);
	free(l->port);
	free(l);
}

/*
 * The thread leaves before it closes its end of the pipe, which wakes the loop:
 * by then the loop alone owns the lookup.
 */
static void *
resolve_lookup_run(void *arg)
{
	struct lookup *l = arg;
	int end = l->pipe;

	l->gai = getaddrinfo(l->host, l->port, &l->hints, &l->found);
	l->num = errno;
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
	num = pthread_create(&thread, &attr, resolve_lookup_run, l);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return num;
}

static struct lookup *
resolve_lookup_new(const char *host, const char *port,
    const struct addrinfo *hints, int pipe)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	atomic_init(&l->owners, 1);
	l->pipe = pipe;
	l->hints = *hints;
	l->host = strdup(host);
	l->port = strdup(port);
	if (l->host == NULL || l->port == NULL) {
		resolve_lookup_leave(l);
		return NULL;
	}
	return l;
}

static void
resolve_make_hints(const struct resolve_options *o, bool passive,
    struct addrinfo *h)
{
	*h = (struct addrinfo){ .ai_family = o->family,
	    .ai_socktype = o->dgram ? SOCK_DGRAM : SOCK_STREAM,
	    .ai_protocol = o->dgram ? IPPROTO_UDP : IPPROTO_TCP,
	    .ai_flags = (passive ? AI_PASSIVE : 0) |
	    (o->numeric_service ? AI_NUMERICSERV : 0) };
	/* The wildcard of a Unix or vsock plan, which a proxy may have. */
	if (o->family != AF_INET && o->family != AF_INET6)
		h->ai_family = AF_UNSPEC;
}

/* getaddrinfo(3) takes a number that is too large modulo 65536. */
static bool
resolve_port_too_large(const char *port)
{
	long long n;

	return port[strspn(port, "0123456789")] == '\0' && *port != '\0' &&
	    num_int(port, 0, 65535, &n) != NULL;
}

static void
resolve_put_error(struct resolve *r, const char *host, const char *port,
    int gai, int num)
{
	error_set(&r->err, gai == EAI_SYSTEM ? num : 0, "look up",
	    "%s port %s", host != NULL ? host : "*", port);
	if (r->err.num == 0)
		r->err.gai = gai == EAI_SYSTEM ? EAI_FAIL : gai;
}

/* False if this system has no IPv6. */
static bool
resolve_have_inet6(void)
{
	struct fd fd;

	if (fd_socket(&fd, AF_INET6, SOCK_DGRAM, 0) == -1)
		return errno != EAFNOSUPPORT;
	fd_close(&fd);
	return true;
}

static void
resolve_keep_family(struct addr_list *list, int family)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++)
		if (addr_family(&list->v[i]) == family)
			list->v[n++] = list->v[i];
	list->n = n;
}

/* getaddrinfo(3) gives the wildcard as one address of each family. */
static void
resolve_choose_wildcard(const struct resolve_options *o, struct addr_list *list)
{
	struct addr first = list->v[0];

	if (o->family != AF_UNSPEC || list->n < 2)
		return;
	if (o->wildcard == WILDCARD_INET || !resolve_have_inet6())
		resolve_keep_family(list, AF_INET);
	else if (o->wildcard == WILDCARD_INET6)
		resolve_keep_family(list, AF_INET6);
	else if (addr_family(&first) == AF_INET) {
		list->v[0] = list->v[1];
		list->v[1] = first;
	}
}

/*
 * RFC 8305, section 4: the families take turns, the first one stays first.
 * Within a family the order stays.
 */
static int
resolve_interleave(struct addr_list *list)
{
	struct addr *v = calloc(list->n, sizeof(*v));
	int family = addr_family(&list->v[0]);
	size_t a = 0, b = 0, n = 0;

	if (v == NULL)
		return -1;
	while (n < list->n) {
		while (a < list->n && addr_family(&list->v[a]) != family)
			a++;
		if (a < list->n)
			v[n++] = list->v[a++];
		while (b < list->n && addr_family(&list->v[b]) == family)
			b++;
		if (b < list->n)
			v[n++] = list->v[b++];
	}
	free(list->v);
	list->v = v;
	return 0;
}

static bool
resolve_list_has(const struct addr_list *list, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (addr_equal(&list->v[i], addr))
			return true;
	return false;
}

/*
 * Copies the addresses that getaddrinfo(3) found. If /etc/hosts gives both
 * ::1 and 127.0.0.1 the name localhost, glibc makes an IPv4 address of ::1 and
 * returns 127.0.0.1 twice; a repeated address is left out unless repeat.
 */
static int
resolve_copy_found(const struct addrinfo *found, bool repeat,
    struct addr_list *list)
{
	const struct addrinfo *ai;
	struct addr *addr;
	size_t n = 0;

	for (ai = found; ai != NULL; ai = ai->ai_next)
		n++;
	list->v = calloc(n, sizeof(*list->v));
	if (list->v == NULL)
		return -1;
	for (ai = found; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(list->v->u))
			continue;
		addr = &list->v[list->n];
		memcpy(&addr->u, ai->ai_addr, ai->ai_addrlen);
		addr->len = ai->ai_addrlen;
		if (repeat || !resolve_list_has(list, addr))
			list->n++;
	}
	return 0;
}

/* Makes the list, or the error, from the answer of getaddrinfo(3). */
static void
resolve_take_answer(struct resolve *r, const char *host, const char *port,
    int gai, int num, const struct addrinfo *found)
{
	struct addr_list *list = &r->list;

	if (gai != 0) {
		resolve_put_error(r, host, port, gai, num);
		return;
	}
	if (resolve_copy_found(found, r->opt.repeats, list) == -1) {
		resolve_put_error(r, host, port, EAI_SYSTEM, ENOMEM);
		return;
	}
	if (r->wildcard)
		resolve_choose_wildcard(&r->opt, list);
	else if (r->opt.interleaves && list->n > 1 &&
	    resolve_interleave(list) == -1) {
		addr_list_free(list);
		resolve_put_error(r, host, port, EAI_SYSTEM, ENOMEM);
	}
}

static void
resolve_answer_literal(struct resolve *r, const char *host, const char *port)
{
	struct addr *a = r->list.v = calloc(1, sizeof(*r->list.v));

	r->list.n = 1;
	if (a != NULL && (r->opt.family == AF_UNIX ?
	    addr_unix(a, host) : addr_vsock(a, host, port)) == 0)
		return;
	error_set(&r->err, errno, "look up", "%s", host != NULL ? host : port);
	addr_list_free(&r->list);
}

/* The host is a number of another family; not every C library tells so. */
static bool
resolve_is_of_other_family(const char *host, const struct addrinfo *hints)
{
	struct addrinfo any = *hints, *found;

	if (host == NULL || hints->ai_family == AF_UNSPEC)
		return false;
	any.ai_family = AF_UNSPEC;
	if (getaddrinfo(host, NULL, &any, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

/* Answers what needs no resolver; false if the host is a name. */
static bool
resolve_answer_now(struct resolve *r, const char *host, const char *port,
    struct addrinfo *hints)
{
	struct addrinfo *found = NULL;
	int flags = hints->ai_flags;
	int gai = EAI_SERVICE;

	hints->ai_flags |= AI_NUMERICHOST;
	if (!resolve_port_too_large(port))
		gai = getaddrinfo(host, port, hints, &found);
	if (gai == EAI_NONAME && resolve_is_of_other_family(host, hints))
		gai = EAI_ADDRFAMILY;
	hints->ai_flags = flags;
	if (gai == EAI_NONAME && host != NULL && !r->opt.numeric)
		return false;
	resolve_take_answer(r, host, port, gai, errno, found);
	if (found != NULL)
		freeaddrinfo(found);
	return true;
}

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
	r->lookup = NULL;
	r->task.run = free;
	loop_defer(r->loop, &r->task);
}

static void
resolve_tell(void *arg)
{
	struct resolve *r = arg;
	struct addr_list list = r->list;

	resolve_end(r);
	r->done(r->arg, &list, &r->err);
}

static unsigned
resolve_pipe_want(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
resolve_pipe_ready(void *arg, unsigned what)
{
	struct resolve *r = arg;
	struct lookup *l = r->lookup;

	(void)what;
	/* The atomic count also makes the thread's work visible here. */
	if (atomic_load(&l->owners) != 1)
		return;
	resolve_take_answer(r, l->host, l->port, l->gai, l->num, l->found);
	resolve_tell(r);
}

/* Looks the name up in a thread. */
static int
resolve_ask_thread(struct resolve *r, const char *host, const char *port,
    const struct addrinfo *hints)
{
	struct fd end;
	int num;

	if (fd_pipe(&r->pipe, &end) == -1)
		return -1;
	r->watch.fd = r->pipe.num;
	if (loop_watch(r->loop, &r->watch) == -1)
		r->watch.fd = -1;
	else
		r->lookup = resolve_lookup_new(host, port, hints, end.num);
	num = errno;
	if (r->lookup != NULL) {
		atomic_store(&r->lookup->owners, 2);
		if ((num = resolve_lookup_launch(r->lookup)) == 0)
			return 0;
		atomic_store(&r->lookup->owners, 1);
	}
	fd_close(&end);
	errno = num;
	return -1;
}

struct resolve *
resolve_start(struct loop *loop, const struct resolve_options *opt,
    const char *host, const char *port, bool passive,
    void (*done)(void *, struct addr_list *, const struct error *), void *arg)
{
	struct resolve *r = calloc(1, sizeof(*r));
	const char *number = port != NULL && *port != '\0' ? port : "0";
	struct addrinfo hints;
	int num;

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->opt = *opt;
	r->wildcard = passive && host == NULL;
	r->done = done;
	r->arg = arg;
	r->task = (struct task){ .run = resolve_tell, .arg = r };
	r->watch = (struct watch){ .fd = -1, .want = resolve_pipe_want,
	    .ready = resolve_pipe_ready, .arg = r };
	r->pipe.num = -1;
	resolve_make_hints(opt, passive, &hints);
	if (opt->family == AF_VSOCK || (opt->family == AF_UNIX && host != NULL))
		resolve_answer_literal(r, host, port);
	else if (!resolve_answer_now(r, host, number, &hints)) {
		if (resolve_ask_thread(r, host, number, &hints) == 0)
			return r;
		num = errno;
		resolve_end(r);
		errno = num;
		return NULL;
	}
	loop_post(loop, &r->task);
	return r;
}

void
resolve_cancel(struct resolve *r)
{
	if (r == NULL || r->over)
		return;
	addr_list_free(&r->list);
	resolve_end(r);
}

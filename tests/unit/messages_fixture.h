/*
 * For the tests of messages: what a call prints to standard error and which
 * status it gives, and plans, addresses and outcomes to call with.
 */
#ifndef MESSAGES_FIXTURE_H
#define MESSAGES_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include "message/messages.h"
#include "plan/plan.h"
#include "unit.h"

#define PORT	47001			/* no service has it */

static char	said[4096];
static int	pipe_end, kept;

static inline void
hear(void)
{
	int p[2];

	kept = dup(STDERR_FILENO);
	if (kept == -1 || pipe(p) == -1)
		abort();
	dup2(p[1], STDERR_FILENO);
	close(p[1]);
	pipe_end = p[0];
}

/* What was said since hear(). */
static inline const char *
heard(void)
{
	ssize_t n;

	dup2(kept, STDERR_FILENO);
	close(kept);
	n = read(pipe_end, said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_end);
	return said;
}

/* The text that a call prints, and the status that it returns. */
#define SAYS(call, text) do {						\
	hear();								\
	call;								\
	CHECK_STR(heard(), text);					\
} while (0)
#define ENDS(call, status, text) do {					\
	int unit_status;						\
	hear();								\
	unit_status = call;						\
	CHECK_STR(heard(), text);					\
	CHECK_INT(unit_status, status);					\
} while (0)

/* The same of an event of plan p, whose fields come last. */
#define REPORTS(text, ...)						\
	SAYS(messages_report(&p, &(struct report){ __VA_ARGS__ }), text)
#define REPORT_ENDS(status, text, ...)					\
	ENDS(messages_report(&p, &(struct report){ __VA_ARGS__ }), status, text)

static struct port_range ports[] = { { PORT, PORT, "47001" },
	{ PORT + 1, PORT + 1, "47002" } };

static inline struct plan
plan_of(enum compat compat, const struct messages *messages, const char *name,
    int verbose)
{
	struct plan p;

	memset(&p, 0, sizeof(p));
	p.compat = compat;
	p.messages = messages;
	p.progname = name;
	p.verbose = verbose;
	p.numeric = true;		/* whatever the hosts file says */
	p.ports = ports;
	p.nports = 1;
	diag_init(name, verbose);
	return p;
}

#define NATIVE(v)	plan_of(COMPAT_NATIVE, &messages_native, "sockcat", v)
#define OPENBSD(v)	plan_of(COMPAT_OPENBSD, &messages_openbsd, "nc", v)
#define TRADITIONAL(v)	plan_of(COMPAT_TRADITIONAL, &messages_traditional, \
	"nc.traditional", v)
#define NCAT(v)		plan_of(COMPAT_NCAT, &messages_ncat, "ncat", v)

static inline struct addr
at(const char *text, unsigned port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (text[0] == '/') {
		if (addr_unix(&a, text) == -1)
			abort();
	} else if (inet_pton(AF_INET, text, &a.u.in.sin_addr) == 1) {
		a.u.in.sin_family = AF_INET;
		a.len = sizeof(a.u.in);
	} else if (inet_pton(AF_INET6, text, &a.u.in6.sin6_addr) == 1) {
		a.u.in6.sin6_family = AF_INET6;
		a.len = sizeof(a.u.in6);
	} else
		abort();
	addr_set_port(&a, port);
	return a;
}

static inline struct target
to(const char *host, const struct addr *a)
{
	struct target t = { host, addr_port(a), a, -1 };

	return t;
}

static inline struct error
because(int num, const char *op, const char *object)
{
	struct error e;

	error_set(&e, num, op, "%s", object);
	return e;
}

static inline struct error
unknown(void)
{
	struct error e = because(0, "look up", "no.such.nx");

	e.gai = EAI_NONAME;
	return e;
}

static inline struct outcome
clean_end(void)
{
	struct outcome o;

	memset(&o, 0, sizeof(o));
	o.cause = SESSION_EOF;
	o.sent = 3;
	o.received = 6;
	o.elapsed = 100000000;
	return o;
}

static inline struct outcome
full_stdout(int num)
{
	struct outcome o = clean_end();

	o.near_write = because(num, "write to", "standard output");
	o.lost_in = 65536;
	return o;
}

static inline struct outcome
reset_peer(void)
{
	struct outcome o = clean_end();

	o.far_read = because(ECONNRESET, "read from",
	    "192.0.2.1 port 47001 (tcp)");
	return o;
}

static inline struct outcome
idle_end(void)
{
	struct outcome o = clean_end();

	o.cause = SESSION_IDLE;
	o.idle = 1000000000;
	return o;
}

#endif

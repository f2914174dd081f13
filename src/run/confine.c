/*
 * The sandbox of a run: which calls, files and ports the plan still needs.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "net/neterr.h"
#include "run/run.h"
#include "run/stats.h"
#include "run/user.h"

/* The files of names, of services, of interfaces, and of authorities. */
static const char *const confine_reads[] = {
	"/etc", "/usr", "/lib", "/lib32", "/lib64", "/opt", "/nix/store",
	"/gnu/store", "/run", "/var/run", "/var/lib/sss", "/var/lib/misc",
	"/var/db", "/proc/self/fd", "/proc/self/net", "/proc/sys/net",
	"/proc/sys/kernel", "/sys/devices/system/cpu", "/dev/null",
	"/dev/urandom"
};

/* Those of names that messages show. */
static const char *const confine_shown[] = {
	"/etc/hosts", "/etc/services", "/etc/nsswitch.conf"
};

/* Variables that name further files. */
static const char *const confine_variables[] = {
	"HOSTALIASES", "SSL_CERT_DIR", "SSL_CERT_FILE"
};

#define CONFINE_READS	(sizeof(confine_reads) / sizeof(confine_reads[0]))
#define CONFINE_SHOWN	(sizeof(confine_shown) / sizeof(confine_shown[0]))
#define CONFINE_VARIABLES \
	(sizeof(confine_variables) / sizeof(confine_variables[0]))
/* Ports of a plan with more are not limited. */
#define CONFINE_PORTS	64
/* DNS, which uses TCP for long answers. */
#define CONFINE_DNS	53

/* The parts of a sandbox_plan that its pointers are for. */
struct confine {
	struct sandbox_plan	 plan;
	const char		*reads[CONFINE_READS + CONFINE_SHOWN +
				    CONFINE_VARIABLES + 2];
	const char		*removes[1];
	char			*dir;		/* owned; NULL: none */
	uint16_t		 ports[CONFINE_PORTS];
	size_t			 nports;
};

/* ---- Files and ports ---------------------------------------------------- */

static void
confine_read(struct confine *c, const char *path)
{
	if (path == NULL || *path == '\0')
		return;
	c->reads[c->plan.rules.reads.n++] = path;
	c->plan.rules.reads.v = c->reads;
}

static void
confine_read_names(struct confine *c, const struct plan *plan)
{
	for (size_t i = 0; i < CONFINE_READS; i++)
		confine_read(c, confine_reads[i]);
	for (size_t i = 0; i < CONFINE_VARIABLES; i++)
		confine_read(c, getenv(confine_variables[i]));
	confine_read(c, plan->tls.ca);
	confine_read(c, plan->forward.tls.ca);
}

/* The file is removed at the end; its directory is owned by c. */
static void
confine_remove(struct confine *c, const char *path)
{
	const char *slash;

	if (path == NULL)
		return;
	slash = strrchr(path, '/');
	c->dir = slash == NULL ? strdup(".") : slash == path ? strdup("/") :
	    strndup(path, (size_t)(slash - path));
	if (c->dir == NULL)
		return;
	c->plan.needs |= FILTER_REMOVES;
	c->removes[0] = c->dir;
	c->plan.rules.removes = (struct landlock_paths){ c->removes, 1 };
}

static void
confine_port(struct confine *c, unsigned port)
{
	if (c->nports < CONFINE_PORTS)
		c->ports[c->nports++] = (uint16_t)port;
	else
		c->plan.rules.all_ports = true;
}

/* word NULL: no port; a service's name: any port. */
static void
confine_port_named(struct confine *c, const char *word)
{
	long long port;

	if (word == NULL)
		return;
	if (num_int(word, 0, UINT16_MAX, &port) == NULL)
		confine_port(c, (unsigned)port);
	else
		c->plan.rules.all_ports = true;
}

static void
confine_ports(struct confine *c, const struct plan *plan)
{
	confine_port(c, CONFINE_DNS);
	for (size_t i = 0; plan->mode != PLAN_LISTEN && i < plan->nports; i++)
		for (unsigned port = plan->ports[i].lo;
		    port <= plan->ports[i].hi && !c->plan.rules.all_ports;
		    port++)
			confine_port(c, port);
	confine_port_named(c, plan->proxy.port);
	for (size_t i = 0; i < plan->forward.n; i++)
		confine_port(c, plan->forward.targets[i].number);
	if (plan->near == PLAN_PROXY_SERVER)
		c->plan.rules.all_ports = true;
	c->plan.rules.ports = c->ports;
	c->plan.rules.nports = c->nports;
	c->plan.rules.binds = plan->forward.source != NULL ||
	    (plan->mode != PLAN_LISTEN && (plan->local_host != NULL ||
	    plan->local_port != NULL));
}

/* ---- The kind ----------------------------------------------------------- */

static bool
confine_is_name(const struct plan *plan, const char *host)
{
	struct addr a;

	return host != NULL && plan->family != FAMILY_UNIX &&
	    plan->family != FAMILY_VSOCK &&
	    !addr_numeric(&a, host, AF_UNSPEC);
}

/*
 * Whether a sandbox is needed before there is a connection: bytes come from the
 * network before, or other connections follow. A question for a password opens
 * the terminal, and root changes the user later.
 */
static bool
confine_dials(const struct plan *plan)
{
	if (plan->proxy.asks || plan->sock.md5 ||
	    (plan->service.user != NULL && user_connects_as_root(plan)))
		return false;
	return plan->mode != PLAN_CONNECT || plan->tls.on ||
	    plan->proxy.kind != PROXY_NONE || plan->retry.reconnect ||
	    plan->forward.all || plan->nports > 1 ||
	    (plan->nports == 1 && plan->ports->lo != plan->ports->hi) ||
	    confine_is_name(plan, plan->host) ||
	    confine_is_name(plan, plan->local_host);
}

/* Whether names are looked up, and connections made to their addresses. */
static bool
confine_looks_up(const struct plan *plan, enum confine_at at)
{
	return at == CONFINE_DIALING || plan->near == PLAN_FORWARD ||
	    plan->near == PLAN_PROXY_SERVER || plan->forward.n > 0;
}

static enum filter_kind
confine_kind(const struct plan *plan, enum confine_at at)
{
	if (at == CONFINE_CONNECTED)
		return FILTER_TRANSFER;
	/*
	 * DTLS makes a socket for each peer, an echo one that knows the local
	 * address.
	 */
	if (confine_looks_up(plan, at) || (plan->type == TYPE_DGRAM &&
	    (plan->tls.on || plan->near == PLAN_ECHO)))
		return FILTER_DIAL;
	return plan->type == TYPE_STREAM || plan->keep_open ? FILTER_SERVE :
	    FILTER_AWAIT;
}

static bool
confine_is_strict(const struct plan *plan)
{
	return plan->sandbox == SANDBOX_REQUIRE;
}

/* Why there is no sandbox; NULL: there is one. */
static const char *
confine_why_not(const struct run *r)
{
	const struct plan *plan = r->plan;

	if (plan->near == PLAN_EXEC)
		return "commands would inherit it";
	/* Its lock is a file that is made when the path is removed. */
	if (r->unlink_path != NULL ||
	    (r->is_unix && plan->local_host != NULL))
		return "not with the file of a Unix socket";
	if (plan->near == PLAN_CHAT || plan->near == PLAN_HUB)
		return "not with a chat";
	/* Libraries of the terminal read their files late. */
	if (plan->edit)
		return "not with --edit";
	return NULL;
}

/* ---- Entering ----------------------------------------------------------- */

static void
confine_make(struct confine *c, const struct run *r, enum confine_at at)
{
	const struct plan *plan = r->plan;
	struct landlock_rules *rules = &c->plan.rules;

	memset(c, 0, sizeof(*c));
	c->plan.kind = confine_kind(plan, at);
	c->plan.strict = confine_is_strict(plan);
	c->plan.kills = plan->sandbox == SANDBOX_KILL;
	/* The other end of a pipe of standard output is opened (far_end.c). */
	if (plan->verbose > 0 || (r->near.out.fd != NULL &&
	    r->near.out.fd->kind == FD_PIPE))
		c->plan.needs = FILTER_OPENS;
	for (size_t i = 0; plan->verbose > 0 && i < CONFINE_SHOWN; i++)
		confine_read(c, confine_shown[i]);
	rules->abstract = r->is_unix;
	if (plan->mode == PLAN_LISTEN)
		confine_remove(c, plan->service.port_file);
	if (c->plan.kind == FILTER_DIAL && confine_looks_up(plan, at)) {
		rules->abstract = true;
		confine_read_names(c, plan);
		confine_ports(c, plan);
	}
}

/* What is looked up or loaded late is looked up now. */
static void
confine_prepare(struct run *r)
{
	if (r->plan->verbose > 0)
		(void)getservbyport(0, "tcp");
	/* OpenSSL compares the dates of certificates by mktime(3). */
	if (r->plan->timestamps || r->plan->service.stats_json ||
	    r->tls != NULL || r->plan->forward.n > 0)
		tzset();
	if (r->plan->service.stats_json)
		stats_json_prepare();
	if (r->plan->type == TYPE_DGRAM && r->far.loop != NULL)
		r->other_loopback = neterr_other_loopback(r->far.in_watch.fd,
		    r->plan->host);
}

/* The plan cannot be confined. */
static bool
confine_not(struct run *r, const char *why)
{
	char text[80];
	struct error err;

	if (confine_is_strict(r->plan)) {
		error_set(&err, ENOTSUP, "enter", "a sandbox");
		(void)strlcpy(err.why, why, sizeof(err.why));
		run_fail(r, &err);
		return false;
	}
	(void)snprintf(text, sizeof(text), "off (%s)", why);
	if (r->messages->confined != NULL && r->plan->verbose > 1)
		r->messages->confined(r->plan, text);
	return true;
}

static void
confine_say(const struct run *r, enum filter_kind kind)
{
	static const char *const kinds[] = {
		[FILTER_TRANSFER] = "transfer", [FILTER_SERVE] = "serve",
		[FILTER_AWAIT] = "await", [FILTER_DIAL] = "dial"
	};
	char landlock[32] = "no Landlock", text[80];

	if (r->messages->confined == NULL)
		return;
	if (r->sandbox.landlock > 0)
		(void)snprintf(landlock, sizeof(landlock), "Landlock %d",
		    r->sandbox.landlock);
	if (r->sandbox.filtered)
		(void)snprintf(text, sizeof(text), "%s, seccomp (%s)", landlock,
		    kinds[kind]);
	else
		(void)snprintf(text, sizeof(text), "%s, no seccomp", landlock);
	r->messages->confined(r->plan, text);
}

bool
run_confine(struct run *r, enum confine_at at)
{
	const char *why = confine_why_not(r);
	struct confine c;
	struct error err;
	int rc;

	if (r->plan->sandbox == SANDBOX_OFF ||
	    (at == CONFINE_DIALING && !confine_dials(r->plan)))
		return true;
	if (why != NULL)
		return confine_not(r, why);
	confine_make(&c, r, at);
	confine_prepare(r);
	rc = sandbox_enter(&r->sandbox, &c.plan, &err);
	free(c.dir);
	if (rc == -1 && c.plan.strict) {
		run_fail(r, &err);
		return false;
	}
	/* A narrower sandbox follows as a rule. */
	if (c.plan.kind != FILTER_AWAIT && (at != CONFINE_DIALING ||
	    r->plan->mode != PLAN_CONNECT || r->plan->retry.reconnect))
		confine_say(r, c.plan.kind);
	return true;
}

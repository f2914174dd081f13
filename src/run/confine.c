/*
 * The sandbox of a run: which calls, files and ports the plan still needs.
 */
#include <linux/capability.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "net/socket.h"
#include "run/nsswitch.h"
#include "run/run.h"
#include "run/user.h"

/*
 * The files of names, which links may lead elsewhere. Each rule of Landlock
 * costs a start 4 us.
 */
static const char *const confine_names[] = {
	"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf",
	"/etc/services", "/etc/host.conf", "/etc/gai.conf"
};

/* Of these, what messages show. */
#define CONFINE_SHOWN	4

/* Where systems keep all files that are for everyone. */
static const char *const confine_stores[] = { "/nix/store", "/gnu/store" };

/* The authorities of the system, and files that are linked from there. */
static const char *const confine_authorities[] = {
	"/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/pki/tls/certs",
	"/etc/pki/tls/cert.pem", "/etc/pki/ca-trust", "/etc/ca-certificates",
	"/usr/lib/ssl", "/usr/share", "/usr/local/share",
	"/usr/local/ssl/certs", "/var/lib/ca-certificates"
};

/* Variables that name further files. */
static const char *const confine_variables[] = {
	"HOSTALIASES", "SSL_CERT_DIR", "SSL_CERT_FILE"
};

/* Where commands may write, beside the current directory and $TMPDIR. */
static const char *const confine_writes[] = {
	"/tmp", "/var/tmp", "/dev/shm", "/proc/self/fd"
};

/* The devices of commands. */
static const char *const confine_devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
	"/dev/tty", "/dev/ptmx", "/dev/pts"
};

#define CONFINE_COUNT(list)	(sizeof(list) / sizeof((list)[0]))
/* Of any kind of plan: those of names, of authorities, and few others. */
#define CONFINE_PATHS	(CONFINE_COUNT(confine_names) + \
	CONFINE_COUNT(confine_stores) + CONFINE_COUNT(confine_authorities) + \
	CONFINE_COUNT(confine_variables) + NSSWITCH_PATHS + 20)
/* Directories of files and sockets that the plan names. */
#define CONFINE_DIRS	8
/* Ports of a plan with more are not limited. */
#define CONFINE_PORTS	64
/* A start pays for each page of the stack, so no PATH_MAX. */
#define CONFINE_TARGET	64
/* DNS, which uses TCP for long answers. */
#define CONFINE_DNS	53

/* The parts of a sandbox_plan that its pointers are for. */
struct confine {
	struct sandbox_plan	 plan;
	struct landlock_path	 paths[CONFINE_PATHS];
	char			*dirs[CONFINE_DIRS];	/* owned */
	size_t			 ndirs;
	uint16_t		 ports[CONFINE_PORTS];
	bool			 dials_unix;	/* connects to paths of the
						   plan */
};

/* ---- Files and ports ---------------------------------------------------- */

static void
confine_path(struct confine *c, const char *path, unsigned may)
{
	if (path != NULL && *path != '\0' &&
	    c->plan.rules.npaths < CONFINE_PATHS)
		c->paths[c->plan.rules.npaths++] =
		    (struct landlock_path){ path, may };
}

static void
confine_paths(struct confine *c, const char *const *paths, size_t n,
    unsigned may)
{
	for (size_t i = 0; i < n; i++)
		confine_path(c, paths[i], may);
}

/* Allows something in the directory of a file. */
static void
confine_dir_of(struct confine *c, const char *path, unsigned may)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? strdup(".") : slash == path ?
	    strdup("/") : strndup(path, (size_t)(slash - path));

	if (dir == NULL)
		return;
	if (c->ndirs == CONFINE_DIRS) {
		free(dir);
		return;
	}
	c->dirs[c->ndirs++] = dir;
	confine_path(c, dir, may);
}

static void
confine_read_names(struct confine *c, const struct plan *plan)
{
	char target[CONFINE_TARGET] = "/etc/";
	struct nsswitch modules;
	ssize_t n;

	nsswitch_prepare(&modules, "/etc/nsswitch.conf");
	confine_paths(c, confine_names, CONFINE_COUNT(confine_names),
	    LANDLOCK_MAY_READ);
	/*
	 * The file of name servers is often a link, to a file that is replaced
	 * by another when the network changes. A longer target than fits leads
	 * to a directory that is missing.
	 */
	n = readlink("/etc/resolv.conf", target + 5, sizeof(target) - 6);
	if (n > 0 && n < (ssize_t)sizeof(target) - 6) {
		target[5 + n] = '\0';
		confine_dir_of(c, target[5] == '/' ? target + 5 : target,
		    LANDLOCK_MAY_READ);
	}
	confine_paths(c, confine_stores, CONFINE_COUNT(confine_stores),
	    LANDLOCK_MAY_READ);
	/*
	 * A user other than root may read no more in /etc than all may, and
	 * sees files that replace others while the program runs. Root has
	 * single files.
	 */
	if (geteuid() != 0)
		confine_path(c, "/etc", LANDLOCK_MAY_READ);
	if (plan->tls.on || plan->forward.n > 0) {
		confine_paths(c, confine_authorities,
		    CONFINE_COUNT(confine_authorities), LANDLOCK_MAY_READ);
		confine_path(c, plan->tls.ca, LANDLOCK_MAY_READ);
		confine_path(c, plan->forward.tls.ca, LANDLOCK_MAY_READ);
	}
	for (size_t i = 0; i < CONFINE_COUNT(confine_variables); i++)
		confine_path(c, getenv(confine_variables[i]),
		    LANDLOCK_MAY_READ);
	for (size_t i = 0; i < modules.npaths; i++)
		confine_path(c, modules.paths[i],
		    LANDLOCK_MAY_READ | LANDLOCK_MAY_CONNECT);
	c->plan.sockets.route = true;
	if (modules.sockets) {
		c->plan.sockets.unix_paths = true;
		confine_path(c, "/run/nscd", LANDLOCK_MAY_CONNECT);
	}
	if (!c->plan.strict && !modules.known) {
		confine_path(c, "/", LANDLOCK_MAY_READ | LANDLOCK_MAY_CONNECT);
		c->plan.rules.all_ports = c->plan.rules.abstract = true;
	}
}

/* The files and paths that the program makes, replaces or removes later. */
static void
confine_own_files(struct confine *c, struct run *r, enum confine_at at)
{
	const struct plan *plan = r->plan;
	const char *path = r->unlink_path != NULL ? r->unlink_path :
	    plan->local_host, *keep;

	if (plan->mode == PLAN_LISTEN && plan->service.port_file != NULL) {
		c->plan.needs |= FILTER_REMOVES;
		confine_dir_of(c, plan->service.port_file,
		    LANDLOCK_MAY_REMOVE);
	}
	if (r->unlink_path != NULL) {
		c->plan.needs |= FILTER_REMOVES | FILTER_LOCKS;
		confine_dir_of(c, r->unlink_path, LANDLOCK_MAY_LOCK);
	}
	if (r->unlink_dir != NULL)
		confine_dir_of(c, r->unlink_dir, LANDLOCK_MAY_REMOVE);
	/* A person at this end decides later that something is kept. */
	if (r->near_ops.keeps != NULL &&
	    (keep = r->near_ops.keeps(r)) != NULL) {
		c->plan.needs |= FILTER_WRITES;
		confine_path(c, keep, LANDLOCK_MAY_KEEP);
	}
	/* A client's own address may be a path, made for each connection. */
	if (at == CONFINE_DIALING && plan->family == FAMILY_UNIX &&
	    path != NULL && *path != '@') {
		c->plan.needs |= FILTER_REMOVES | FILTER_LOCKS;
		confine_dir_of(c, path, LANDLOCK_MAY_BIND | LANDLOCK_MAY_LOCK);
	}
}

/*
 * The needs of a command are not known. It has the user's files to read and to
 * run, but those of others to write to, and no rights of the system.
 */
static void
confine_command(struct confine *c)
{
	struct landlock_rules *rules = &c->plan.rules;

	rules->abstract = rules->all_ports = rules->binds = true;
	confine_path(c, "/", LANDLOCK_MAY_READ | LANDLOCK_MAY_RUN |
	    LANDLOCK_MAY_CONNECT);
	confine_paths(c, confine_writes, CONFINE_COUNT(confine_writes),
	    LANDLOCK_MAY_WRITE);
	confine_paths(c, confine_devices, CONFINE_COUNT(confine_devices),
	    LANDLOCK_MAY_USE);
	confine_path(c, getenv("TMPDIR"), LANDLOCK_MAY_WRITE);
	/* The root of all files is where services begin. */
	if ((c->dirs[0] = getcwd(NULL, 0)) != NULL)
		c->ndirs++;
	if (c->ndirs > 0 && strcmp(c->dirs[0], "/") != 0)
		confine_path(c, c->dirs[0], LANDLOCK_MAY_WRITE);
}

static void
confine_port(struct confine *c, unsigned port)
{
	if (c->plan.rules.nports < CONFINE_PORTS)
		c->ports[c->plan.rules.nports++] = (uint16_t)port;
	else
		c->plan.rules.all_ports = true;
}

static void
confine_ports(struct confine *c, const struct plan *plan)
{
	struct landlock_rules *rules = &c->plan.rules;
	long long proxy;

	confine_port(c, CONFINE_DNS);
	for (size_t i = 0; plan->mode != PLAN_LISTEN && i < plan->nports; i++)
		for (unsigned port = plan->ports[i].lo;
		    port <= plan->ports[i].hi && !rules->all_ports; port++)
			confine_port(c, port);
	/* The name of a service may be any port. */
	if (plan->proxy.port != NULL &&
	    num_int(plan->proxy.port, 0, UINT16_MAX, &proxy) == NULL)
		confine_port(c, (unsigned)proxy);
	else if (plan->proxy.port != NULL)
		rules->all_ports = true;
	for (size_t i = 0; i < plan->forward.n; i++)
		confine_port(c, plan->forward.targets[i].number);
	if (plan->near == PLAN_PROXY_SERVER)
		rules->all_ports = true;
	rules->binds = plan->forward.source != NULL ||
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
 * network before, or other connections follow.
 */
static bool
confine_dials(const struct plan *plan)
{
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
	return at == CONFINE_DIALING || plan_dials_for_clients(plan) ||
	    plan->forward.n > 0;
}

/* Whether that needs files: of names, or of authorities. */
static bool
confine_has_names(const struct plan *plan)
{
	const struct plan_forward *f = &plan->forward;
	struct addr a;

	for (size_t i = 0; i < f->n; i++)
		if (f->targets[i].tls || (f->targets[i].family == FAMILY_ANY &&
		    !addr_numeric(&a, f->targets[i].host, AF_UNSPEC)))
			return true;
	return plan->tls.on || plan->proxy.kind != PROXY_NONE ||
	    plan->near == PLAN_PROXY_SERVER ||
	    (f->source != NULL && !addr_numeric(&a, f->source, AF_UNSPEC)) ||
	    (plan->mode != PLAN_LISTEN &&
	    (confine_is_name(plan, plan->host) ||
	    confine_is_name(plan, plan->local_host)));
}

static enum filter_kind
confine_kind(const struct run *r, enum confine_at at)
{
	const struct plan *plan = r->plan;

	if (at == CONFINE_LEADING)
		return FILTER_LEAD;
	if (plan->near == PLAN_EXEC)
		return FILTER_COMMAND;
	if (at == CONFINE_DIALING && plan->service.user != NULL &&
	    !r->user.changed)
		return FILTER_DIAL_USER;
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

/* Why there is no sandbox; NULL: there is one. */
static const char *
confine_why_not(const struct run *r, enum filter_kind kind)
{
	const char *preloaded = getenv("LD_PRELOAD");

	if (r->plan->sandbox == SANDBOX_AUTO && kind == FILTER_COMMAND)
		return "commands would inherit it";
	/* Libraries of the user, such as torsocks, may need other ports. */
	if (r->plan->sandbox == SANDBOX_AUTO && preloaded != NULL &&
	    *preloaded != '\0' &&
	    (kind == FILTER_DIAL || kind == FILTER_DIAL_USER))
		return "not with LD_PRELOAD";
	return NULL;
}

/* ---- Entering ----------------------------------------------------------- */

/* The sockets that one side of the plan has. */
static void
confine_family(struct confine *c, enum plan_family family, const char *path)
{
	struct filter_sockets *s = &c->plan.sockets;

	if (family == FAMILY_UNIX) {
		s->unix_paths = c->dials_unix = true;
		c->plan.rules.abstract |= path != NULL && *path == '@';
		/* A path that cannot be limited with the others. */
		if (c->ndirs == CONFINE_DIRS)
			confine_path(c, "/", LANDLOCK_MAY_CONNECT);
		else if (path != NULL && *path != '@')
			confine_dir_of(c, path, LANDLOCK_MAY_CONNECT);
	} else if (family == FAMILY_VSOCK)
		s->vsock = true;
	else
		s->inet = true;
}

/* Whether the address is one of an interface that is named: "fe80::1%eth0". */
static bool
confine_has_interface(const char *host)
{
	return host != NULL && strchr(host, '%') != NULL;
}

static void
confine_sockets(struct confine *c, const struct plan *plan)
{
	struct filter_sockets *s = &c->plan.sockets;

	/* if_nametoindex(3) asks such a socket in some C libraries. */
	s->unix_paths = confine_has_interface(plan->host) ||
	    confine_has_interface(plan->local_host) ||
	    confine_has_interface(plan->forward.source);
	s->type = plan->socket.type;
	s->protocol = plan->socket.protocol;
	if (plan->mode != PLAN_LISTEN || plan->type == TYPE_DGRAM)
		confine_family(c, plan->family, plan->host);
	for (size_t i = 0; i < plan->forward.n; i++) {
		const struct forward_target *t = &plan->forward.targets[i];

		confine_family(c, t->family, t->host);
		s->unix_paths |= confine_has_interface(t->host);
	}
	if (plan->proxy.kind != PROXY_NONE || plan_dials_for_clients(plan))
		s->inet = true;
}

/* Those of root that are still needed; other users have none as a rule. */
static uint64_t
confine_capabilities(const struct confine *c, const struct run *r)
{
	const struct plan *plan = r->plan;
	bool pipe = r->near.out.fd != NULL && r->near.out.fd->kind == FD_PIPE;
	uint64_t stay = 0;

	/* Files, pipes and sockets of other users. */
	if ((c->plan.needs & ~(unsigned)FILTER_OPENS) != 0 || pipe ||
	    r->is_unix || c->dials_unix)
		stay |= 1U << CAP_DAC_OVERRIDE;
	if (c->plan.kind == FILTER_LEAD && plan->service.user != NULL)
		stay |= 1U << CAP_KILL;
	if (c->plan.kind == FILTER_DIAL_USER)
		stay |= 1U << CAP_SETUID | 1U << CAP_SETGID;
	if (c->plan.kind != FILTER_DIAL_USER && c->plan.kind != FILTER_DIAL)
		return stay;
	/* An own port; a listener of datagrams makes a socket for a peer. */
	if (plan->mode == PLAN_LISTEN ? plan->type == TYPE_DGRAM :
	    plan->local_port != NULL)
		stay |= 1U << CAP_NET_BIND_SERVICE;
	if (user_sets_as_root(plan))
		stay |= 1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW;
	return stay;
}

static void
confine_make(struct confine *c, struct run *r, enum confine_at at)
{
	const struct plan *plan = r->plan;
	struct landlock_rules *rules = &c->plan.rules;

	memset(c, 0, sizeof(*c));
	rules->paths = c->paths;
	rules->ports = c->ports;
	c->plan.kind = confine_kind(r, at);
	c->plan.strict = plan->sandbox == SANDBOX_REQUIRE;
	c->plan.kills = plan->sandbox == SANDBOX_KILL;
	/* The other end of a pipe of standard output is opened (far_end.c). */
	if (plan->verbose > 0 || (r->near.out.fd != NULL &&
	    r->near.out.fd->kind == FD_PIPE))
		c->plan.needs = FILTER_OPENS;
	/* Answers go to the path of any client. */
	if (r->is_unix && plan->type == TYPE_DGRAM) {
		rules->abstract = true;
		confine_path(c, "/", LANDLOCK_MAY_CONNECT);
	}
	/* A worker passes the keys that stop a command on to the job. */
	rules->signals = c->plan.kind == FILTER_LEAD ||
	    (c->plan.kind == FILTER_COMMAND &&
	    r->children.terminal.fd != -1 &&
	    r->children.terminal.job != getpgrp());
	if (c->plan.kind == FILTER_COMMAND)
		confine_command(c);
	else if (plan->verbose > 0)
		confine_paths(c, confine_names, CONFINE_SHOWN,
		    LANDLOCK_MAY_READ);
	confine_own_files(c, r, at);
	if (c->plan.kind == FILTER_DIAL_USER || c->plan.kind == FILTER_DIAL)
		confine_sockets(c, plan);
	if (c->plan.kind == FILTER_DIAL_USER)
		confine_path(c, "/etc/group", LANDLOCK_MAY_READ);
	if (c->plan.kind == FILTER_DIAL_USER ||
	    (c->plan.kind == FILTER_DIAL && confine_looks_up(plan, at))) {
		if (confine_has_names(plan))
			confine_read_names(c, plan);
		confine_ports(c, plan);
		/* A question for a password opens the terminal anew. */
		if (plan->proxy.asks || plan->sock.md5) {
			c->plan.needs |= FILTER_WRITES;
			confine_path(c, "/dev/tty", LANDLOCK_MAY_USE);
		}
	}
	c->plan.capabilities = confine_capabilities(c, r);
}

/* What is looked up or loaded late is looked up now. */
static void
confine_prepare(struct run *r)
{
	/* Text for a person, with times. */
	bool chat = r->plan->near == PLAN_CHAT || r->plan->near == PLAN_HUB ||
	    r->plan->edit;

	if (r->plan->verbose > 0)
		(void)getservbyport(0, "tcp");
	/* The service of a proxy is looked up with the proxy's name. */
	if (r->plan->proxy.port != NULL)
		(void)getservbyname(r->plan->proxy.port, "tcp");
	/* What the clients of an echo say is shown, too. */
	if (chat || (r->plan->near == PLAN_ECHO &&
	    (r->plan->serve.tag != NULL || r->plan->verbose > 0)))
		text_use_utf8();
	/* OpenSSL compares the dates of certificates by mktime(3). */
	if (chat || r->plan->timestamps ||
	    r->plan->service.stats == STATS_JSON || r->tls != NULL ||
	    r->plan->forward.n > 0)
		tzset();
	if (r->plan->type == TYPE_DGRAM && r->far.loop != NULL)
		r->other_loopback = neterr_other_loopback(r->far.in_watch.fd,
		    r->plan->host);
}

/*
 * With -v, of the last sandbox: a narrower one follows the others. Known before
 * the text is made, since printf(3) costs a start three pages.
 */
static bool
confine_is_told(const struct run *r, enum filter_kind kind,
    enum confine_at at)
{
	return r->messages->warns && r->plan->verbose > 0 &&
	    (kind == FILTER_COMMAND || (kind != FILTER_AWAIT &&
	    (at != CONFINE_DIALING || r->plan->mode != PLAN_CONNECT ||
	    r->plan->retry.reconnect)));
}

static void
confine_say(const struct run *r, enum filter_kind kind)
{
	static const char *const kinds[] = {
		[FILTER_TRANSFER] = "transfer", [FILTER_SERVE] = "serve",
		[FILTER_AWAIT] = "await", [FILTER_DIAL] = "dial",
		[FILTER_DIAL_USER] = "dial", [FILTER_LEAD] = "lead",
		[FILTER_COMMAND] = "command"
	};
	char landlock[32] = "no Landlock";

	if (r->sandbox.landlock > 0)
		(void)snprintf(landlock, sizeof(landlock), "Landlock %d",
		    r->sandbox.landlock);
	if (r->sandbox.filtered)
		diag_warnx("sandbox: %s, seccomp (%s)", landlock, kinds[kind]);
	else
		diag_warnx("sandbox: %s, no seccomp", landlock);
}

bool
run_confine(struct run *r, enum confine_at at)
{
	enum filter_kind kind = confine_kind(r, at);
	const char *why = confine_why_not(r, kind);
	struct confine c;
	struct error err;
	int rc;

	if (r->plan->sandbox == SANDBOX_OFF ||
	    (at == CONFINE_DIALING && !confine_dials(r->plan)))
		return true;
	if (why != NULL) {
		if (confine_is_told(r, kind, at))
			diag_warnx("sandbox: off (%s)", why);
		return true;
	}
	/* A command's sandbox is the same at each time. */
	if (kind == FILTER_COMMAND && r->sandbox.filtered)
		return true;
	confine_make(&c, r, at);
	confine_prepare(r);
	rc = sandbox_enter(&r->sandbox, &c.plan, &err);
	for (size_t i = 0; i < c.ndirs; i++)
		free(c.dirs[i]);
	if (r->sandbox.landlock > 0 || r->sandbox.filtered)
		diag_confined(r->messages->warns ?
		    "--sandbox=off" : "SOCKCAT_SANDBOX=off");
	if (rc == -1 && c.plan.strict) {
		run_fail(r, &err);
		return false;
	}
	if (confine_is_told(r, c.plan.kind, at))
		confine_say(r, c.plan.kind);
	return true;
}

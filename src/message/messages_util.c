#include <sys/wait.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Declares which strnvis(3) is meant, which is not used. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "base/num.h"
#include "base/reason.h"
#include "message/messages_util.h"

#define SOCKS4_FIRST	90	/* the lowest code of SOCKS 4 */

static const char *
messages_name(const struct plan *p)
{
	return p->messages->name != NULL ? p->messages->name : diag_name();
}

/* ---- Addresses, hosts and services -------------------------------------- */

bool
messages_is_unix(const struct addr *a)
{
	return a != NULL && addr_family(a) == AF_UNIX;
}

bool
messages_is_bad(const struct error *e)
{
	return e->num != 0 || e->gai != 0;
}

struct addr
messages_unmapped(const struct addr *a)
{
	struct addr copy = *a;

	addr_unmap(&copy);
	return copy;
}

struct shown
messages_host(const struct addr *a)
{
	struct shown text;

	(void)addr_host(a, text.s, sizeof(text.s));
	return text;
}

struct shown
messages_hosts_name(const struct addr *a, const char *otherwise)
{
	const struct shown host = messages_host(a);
	const char *name = NULL;
	struct shown text;
	char *line = NULL, *word, *rest;
	size_t room = 0;
	FILE *fp = fopen("/etc/hosts", "re");

	/* The first name of a line that begins with the number. */
	while (fp != NULL && name == NULL && getline(&line, &room, fp) != -1) {
		line[strcspn(line, "#\r\n")] = '\0';
		word = strtok_r(line, " \t", &rest);
		if (word != NULL && strcmp(word, host.s) == 0)
			name = strtok_r(NULL, " \t", &rest);
	}
	(void)snprintf(text.s, sizeof(text.s), "%s",
	    name != NULL ? name : otherwise);
	free(line);
	if (fp != NULL)
		(void)fclose(fp);
	return text;
}

/* Returns that name, unless -n forbids names; otherwise, the number. */
static struct shown
messages_addr(const struct plan *p, const struct addr *a)
{
	if (p->numeric || messages_is_unix(a))
		return messages_host(a);
	return messages_hosts_name(a, messages_host(a).s);
}

struct shown
messages_target(const struct target *t)
{
	struct shown text, host;

	if (t->addr != NULL)
		host = messages_host(t->addr);
	if (t->addr == NULL)
		(void)snprintf(text.s, sizeof(text.s), "%s",
		    t->host != NULL ? t->host : "any address");
	else if (t->host == NULL || strcmp(t->host, host.s) == 0)
		return host;
	else
		(void)snprintf(text.s, sizeof(text.s), "%.300s (%.200s)",
		    t->host, host.s);
	return text;
}

struct shown
messages_path(const struct target *t)
{
	struct shown text = { "" };

	if (t->host == NULL && t->addr != NULL)
		return messages_host(t->addr);
	if (t->host != NULL)
		(void)strlcpy(text.s, t->host, sizeof(text.s));
	return text;
}

unsigned
messages_target_port(const struct target *t)
{
	return t->addr != NULL && t->port == 0 ? addr_port(t->addr) : t->port;
}

const char *
messages_service(const struct plan *p, unsigned port)
{
	struct servent *sv = getservbyport(htons((uint16_t)port),
	    p->type == TYPE_DGRAM ? "udp" : "tcp");

	return sv != NULL ? sv->s_name : NULL;
}

/* ---- Proxies ------------------------------------------------------------ */

bool
messages_is_proxy_target(const struct plan *p, const char *host)
{
	return p->proxy.kind != PROXY_NONE && host == p->host;
}

struct target
messages_dialled(const struct plan *p, const struct target *t)
{
	if (p->proxy.kind == PROXY_NONE || t->addr == NULL)
		return *t;
	return (struct target){ .host = p->proxy.host,
	    .port = addr_port(t->addr), .timeout = t->timeout };
}

struct target
messages_met(const struct plan *p, const struct target *t)
{
	struct target met = *t;

	if (p->proxy.kind != PROXY_NONE)
		met.addr = NULL;
	return met;
}

const char *
messages_socks(const struct proxy_error *s,
    const char *const five[SOCKS5_CODES], const char *const four[SOCKS4_CODES])
{
	if (s->kind == PROXY_SOCKS4)
		return s->code - SOCKS4_FIRST < SOCKS4_CODES ?
		    four[s->code - SOCKS4_FIRST] : NULL;
	return s->code < SOCKS5_CODES ? five[s->code] : NULL;
}

/* ---- TLS ---------------------------------------------------------------- */

bool
messages_is_handshake(const struct error *e)
{
	return e->op != NULL && strcmp(e->op, "TLS handshake with") == 0;
}

struct shown
messages_fingerprint(const struct tls_cert *cert)
{
	struct shown text = { "SHA256:" };
	size_t n = strlen(text.s);

	for (size_t i = 0; i < TLS_SHA256; i++, n += 2)
		(void)snprintf(text.s + n, sizeof(text.s) - n, "%02x",
		    cert->sha256[i]);
	return text;
}

/* A personality that has no warnings prints this at -v. */
void
messages_loose_key(const struct plan *p, const char *path)
{
	if (p->messages->warn != NULL || p->verbose > 0)
		diag_plain("%s: other users can read the key file %s "
		    "(chmod go= %s)", messages_name(p), path, path);
}

/* ---- Failures and losses ------------------------------------------------ */

int
messages_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_error(e);
	return 1;
}

void
messages_failure(const struct error *e, uint64_t lost)
{
	if (lost == 0)
		diag_error(e);
	else
		diag_warnx("%s%s%s failed: %s (%" PRIu64 " byte%s lost)",
		    e->op, e->object[0] != '\0' ? " " : "", e->object,
		    error_reason(e), lost, lost == 1 ? "" : "s");
}

void
messages_losses(const struct plan *p, uint64_t out, uint64_t in)
{
	const char *name = messages_name(p);

	if (out != 0)
		diag_plain("%s: %" PRIu64 " byte%s of the input not sent",
		    name, out, out == 1 ? "" : "s");
	if (in != 0)
		diag_plain("%s: %" PRIu64 " received byte%s not written",
		    name, in, in == 1 ? "" : "s");
}

void
messages_dropped(const struct plan *p, const char *peer, uint64_t lost)
{
	diag_plain("%s: %s is too slow and was dropped (%" PRIu64
	    " byte%s lost)", messages_name(p), peer, lost,
	    lost == 1 ? "" : "s");
}

void
messages_forwarded(const struct plan *p, const char *client,
    const char *target)
{
	if (p->verbose > 0)
		diag_warnx("%s is connected to %s", client, target);
}

void
messages_forward_secured(const struct plan *p, const char *target,
    const struct tls_facts *f)
{
	if (p->verbose > 0)
		diag_warnx("%s with %s, cipher %s%s%s", f->version, target,
		    f->cipher, f->alpn[0] != '\0' ? ", ALPN " : "", f->alpn);
}

void
messages_forward_insecure(const char *target)
{
	diag_warnx("%s is not verified: could be anyone (--tls-insecure)",
	    target);
}

int
messages_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	(void)local;
	if (p->verbose > 0)
		diag_warnx("refused %s %u", messages_addr(p, peer).s,
		    addr_port(peer));
	return 1;
}

int
messages_total(const struct outcome *o)
{
	if (o->cause != SESSION_TOTAL)
		return 0;
	diag_warnx("the time limit ended the session");
	return 1;
}

void
messages_trying_again(const struct plan *p, int64_t pause, int left)
{
	double secs = (double)pause / (double)NSEC_PER_SEC;

	if (p->verbose == 0)
		return;
	if (left < 0)
		diag_warnx("trying again in %g s", secs);
	else
		diag_warnx("trying again in %g s, %d %s left", secs, left,
		    left == 1 ? "try" : "tries");
}

/* where: the option, or the file and line, that has the fault. */
static void
messages_access_error(const char *where, const struct access_error *s)
{
	static const char *const texts[] = {
		[ACCESS_EMPTY] = "there is no address",
		[ACCESS_WORD] = "not an address, a prefix or a name",
		[ACCESS_SHORT] = "not four decimal numbers",
		[ACCESS_MASK] = "prefix length invalid",
	};
	const char *colon = *s->word != '\0' ? ": " : "";

	if (s->fault == ACCESS_FILE || s->fault == ACCESS_NAME)
		diag_warnx("%s: %s %s failed: %s", where, s->err.op,
		    s->fault == ACCESS_NAME ? s->word : s->rule->spec,
		    error_reason(&s->err));
	else if (s->fault == ACCESS_BITS)
		diag_warnx("%s: prefix length above %u%s%s", where, s->most,
		    colon, s->word);
	else
		diag_warnx("%s: %s%s%s", where, texts[s->fault], colon,
		    s->word);
}

int
messages_access_failed(const struct plan *p, const struct access_error *s)
{
	const char *deny = s->rule->deny ? "deny" : "allow";
	struct shown where;

	(void)p;
	if (!s->rule->file || s->fault == ACCESS_FILE)
		(void)snprintf(where.s, sizeof(where.s), "--%s%s", deny,
		    s->rule->file ? "file" : "");
	else
		(void)snprintf(where.s, sizeof(where.s), "--%sfile: %s line %u",
		    deny, s->rule->spec, s->line);
	messages_access_error(where.s, s);
	return 1;
}

/* ---- The messages of OpenBSD's nc --------------------------------------- */

void
messages_bsd_connected(const struct plan *p, const struct target *t)
{
	const struct target met = messages_met(p, t);
	const char *service = NULL;

	if (p->verbose == 0 || messages_is_unix(t->addr))
		return;
	if (!plan_has_ports(p)) {
		diag_plain("Connection to %s [%s] succeeded!",
		    messages_target(t).s, plan_proto(p));
		return;
	}
	if (p->family != FAMILY_VSOCK && !p->numeric && !p->numeric_service)
		service = messages_service(p, t->port);
	diag_plain("Connection to %s %u port [%s/%s] succeeded!",
	    messages_target(&met).s, messages_target_port(t), plan_proto(p),
	    service != NULL ? service : "*");
}

/* Raw sockets have no port. */
static struct shown
messages_bsd_port(const struct plan *p, const struct addr *a)
{
	struct shown text = { "" };

	if (plan_has_ports(p))
		(void)snprintf(text.s, sizeof(text.s), " %u", addr_port(a));
	return text;
}

void
messages_bsd_listening(const struct plan *p, const struct addr *a)
{
	bool at_unix = messages_is_unix(a), dgram = p->type == TYPE_DGRAM;

	if (p->verbose == 0)
		return;
	if (dgram || at_unix)
		diag_plain("Bound on %s%s", messages_addr(p, a).s,
		    at_unix ? "" : messages_bsd_port(p, a).s);
	if (!dgram)
		diag_plain("Listening on %s%s", messages_addr(p, a).s,
		    at_unix ? "" : messages_bsd_port(p, a).s);
}

/* The client of a Unix socket is unnamed as a rule: the listener is shown. */
void
messages_bsd_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->verbose == 0)
		return;
	if (messages_is_unix(local))
		diag_plain("Connection received on %s", messages_host(local).s);
	else
		diag_plain("Connection received on %s%s",
		    messages_addr(p, peer).s, messages_bsd_port(p, peer).s);
}

/* ---- Options that every personality reports alike ----------------------- */

void
messages_multipath(const struct plan *p, bool really)
{
	if (p->verbose > 0)
		diag_plain(really ? "The connection is multipath TCP" :
		    "The connection is plain TCP: the peer has no multipath");
}

void
messages_seed(const struct plan *p, uint64_t seed)
{
	if (p->verbose > 0)
		diag_warnx("these faults can be repeated with "
		    "--fault-seed %" PRIu64,
		    seed);
}

void
messages_urgent(unsigned char byte)
{
	if (isprint(byte))
		diag_warnx("urgent data: 0x%02x '%c'", byte, byte);
	else
		diag_warnx("urgent data: 0x%02x", byte);
}

int
messages_deadline(const struct plan *p, const struct error *e)
{
	double secs = (double)p->deadline / (double)NSEC_PER_SEC;

	if (messages_is_bad(e))
		diag_warnx("the deadline of %g s has passed (%s %s failed: %s)",
		    secs, e->op, e->object, error_reason(e));
	else if (e->op != NULL)		/* a proxy's reason, which was long */
		diag_warnx("the deadline of %g s has passed (%s %s failed)",
		    secs, e->op, e->object);
	else
		diag_warnx("the deadline of %g s has passed", secs);
	return 1;
}

void
messages_command_stopped(int signo, bool wants_terminal)
{
	if (wants_terminal)
		diag_warnx("the command is stopped: it uses the terminal, "
		    "which another job has");
	else
		diag_warnx("the command is stopped by signal %d", signo);
}

void
messages_worker_ended(int number, int wait_status, unsigned left)
{
	char how[64];

	if (WIFSIGNALED(wait_status))
		(void)snprintf(how, sizeof(how), "was killed by signal %d",
		    WTERMSIG(wait_status));
	else
		(void)snprintf(how, sizeof(how), "exited with status %d",
		    WEXITSTATUS(wait_status));
	diag_warnx("worker %d %s; %u go%s on", number, how, left,
	    left == 1 ? "es" : "");
}

int
outcome_status(const struct outcome *o)
{
	bool failed = messages_is_bad(&o->near_read) ||
	    messages_is_bad(&o->near_write) || messages_is_bad(&o->far_read) ||
	    messages_is_bad(&o->far_write);

	if (o->status != 0)
		return o->status;
	return failed || o->lost_out != 0 || o->lost_in != 0 || o->silent ||
	    o->unread || o->cause == SESSION_INTERRUPTED ||
	    o->cause == SESSION_TOTAL;
}

/* ---- The line of --stats: words of KEY=VALUE without blanks in them ----- */

static const char *
messages_stats_end(const struct outcome *o)
{
	static const char *const causes[] = {
		[SESSION_GOING] = "eof", [SESSION_EOF] = "eof",
		[SESSION_LINGER] = "quit",
		[SESSION_IDLE] = "idle", [SESSION_TOTAL] = "time",
		[SESSION_LIMIT] = "reads", [SESSION_RESET] = "reset",
		[SESSION_INTERRUPTED] = "signal"
	};

	if (messages_is_bad(&o->near_read) || messages_is_bad(&o->near_write) ||
	    messages_is_bad(&o->far_read) || messages_is_bad(&o->far_write))
		return "failed";
	return causes[o->cause];
}

/* The path of a Unix socket may contain any byte. */
static const char *
messages_stats_peer(const struct addr *a, char *buf, size_t size)
{
	char clean[4 * ADDR_HOST_MAX + 1];

	(void)strvis(clean, messages_host(a).s, VIS_WHITE);
	if (a->len == 0 || *clean == '\0')
		(void)snprintf(buf, size, "-");
	else if (addr_family(a) == AF_UNIX)
		(void)snprintf(buf, size, "%s", clean);
	else
		(void)snprintf(buf, size, addr_family(a) == AF_INET6 ?
		    "[%s]:%u" : "%s:%u", clean, addr_port(a));
	return buf;
}

/* Returns bytes per second; 0 if no time has passed. */
static uint64_t
messages_stats_rate(uint64_t bytes, int64_t elapsed)
{
	return elapsed <= 0 ? 0 : (uint64_t)((double)bytes *
	    (double)NSEC_PER_SEC / (double)elapsed);
}

void
messages_stats(const struct addr *peer, unsigned number,
    const struct outcome *o)
{
	char text[4 * ADDR_HOST_MAX + 32], dropped[80] = "", kernel[40] = "";

	if (o->dropped_out + o->dropped_in > 0)
		(void)snprintf(dropped, sizeof(dropped), " dropped_sent=%"
		    PRIu64 " dropped_received=%" PRIu64, o->dropped_out,
		    o->dropped_in);
	if (o->drops.n > 0)
		(void)snprintf(kernel, sizeof(kernel), " kernel_drops=%" PRIu64,
		    o->drops.n);
	diag_plain("stats connection=%u peer=%s seconds=%.6f sent=%" PRIu64
	    " received=%" PRIu64 " lost_sent=%" PRIu64 " lost_received=%"
	    PRIu64 "%s%s sent_rate=%" PRIu64 " received_rate=%" PRIu64
	    " end=%s", number, messages_stats_peer(peer, text, sizeof(text)),
	    (double)o->elapsed / (double)NSEC_PER_SEC, o->sent, o->received,
	    o->lost_out, o->lost_in, dropped, kernel,
	    messages_stats_rate(o->sent, o->elapsed),
	    messages_stats_rate(o->received, o->elapsed),
	    messages_stats_end(o));
}

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/reason.h"
#include "message/messages_util.h"

bool
messages_is_unix(const struct addr *a)
{
	return a != NULL && addr_family(a) == AF_UNIX;
}

/* The first name on a line of the hosts file, if it is this host's line. */
static const char *
messages_hosts_line(char *line, const char *host)
{
	char *word, *name;

	line[strcspn(line, "#\r\n")] = '\0';
	word = strtok_r(line, " \t", &name);
	if (word == NULL || strcmp(word, host) != 0)
		return NULL;
	return strtok_r(NULL, " \t", &name);
}

const char *
messages_hosts_name(const struct addr *a, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX], *line = NULL;
	const char *name = NULL;
	size_t room = 0;
	FILE *fp;

	addr_host(a, host, sizeof(host));
	fp = fopen("/etc/hosts", "re");
	if (fp == NULL)
		return NULL;
	while (name == NULL && getline(&line, &room, fp) != -1)
		name = messages_hosts_line(line, host);
	if (name != NULL) {
		snprintf(buf, size, "%s", name);
		name = buf;
	}
	free(line);
	fclose(fp);
	return name;
}

const char *
messages_addr(const struct plan *p, const struct addr *a, char *buf,
    size_t size)
{
	if (!p->numeric && !messages_is_unix(a) &&
	    messages_hosts_name(a, buf, size) != NULL)
		return buf;
	return addr_host(a, buf, size);
}

const char *
messages_service(const struct plan *p, unsigned port)
{
	struct servent *sv;

	sv = getservbyport(htons((uint16_t)port),
	    p->type == TYPE_DGRAM ? "udp" : "tcp");
	return sv != NULL ? sv->s_name : NULL;
}

const char *
messages_target(const struct target *t, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX];

	if (t->addr == NULL) {
		snprintf(buf, size, "%s",
		    t->host != NULL ? t->host : "any address");
		return buf;
	}
	addr_host(t->addr, host, sizeof(host));
	if (t->host == NULL || strcmp(t->host, host) == 0)
		snprintf(buf, size, "%s", host);
	else
		snprintf(buf, size, "%s (%s)", t->host, host);
	return buf;
}

/* OpenBSD's nc has looked nothing up with -n, and shows what it was given. */
static const char *
messages_bsd_target(const struct plan *p, const struct target *t, char *buf,
    size_t size)
{
	if (p->compat == COMPAT_OPENBSD && p->numeric && t->host != NULL)
		return t->host;
	return messages_target(t, buf, size);
}

const char *
messages_port(const struct plan *p, unsigned port, char buf[ADDR_PORT_MAX])
{
	*buf = '\0';
	if (plan_has_ports(p))
		snprintf(buf, ADDR_PORT_MAX, " %u", port);
	return buf;
}

unsigned
messages_target_port(const struct target *t)
{
	return t->addr != NULL && t->port == 0 ? addr_port(t->addr) : t->port;
}

const char *
messages_path(const struct target *t, char *buf, size_t size)
{
	if (t->host != NULL)
		return t->host;
	return t->addr != NULL ? addr_host(t->addr, buf, size) : "";
}

void
messages_failure(const struct error *e, uint64_t lost)
{
	if (lost == 0) {
		diag_error(e);
		return;
	}
	diag_warnx("%s%s%s failed: %s (%" PRIu64 " byte%s lost)", e->op,
	    e->object[0] != '\0' ? " " : "", e->object, error_reason(e),
	    lost, lost == 1 ? "" : "s");
}

void
messages_losses(const char *name, uint64_t out, uint64_t in)
{
	if (out != 0)
		diag_plain("%s: %" PRIu64 " byte%s of the input not sent",
		    name, out, out == 1 ? "" : "s");
	if (in != 0)
		diag_plain("%s: %" PRIu64 " received byte%s not written",
		    name, in, in == 1 ? "" : "s");
}

/* What is wrong, behind "--deny" or the place in a file. */
static void
messages_say_access_error(const char *where, const struct access_error *s)
{
	char word[sizeof(s->word) + 2];
	static const char *const texts[] = {
		[ACCESS_EMPTY] = "there is no address",
		[ACCESS_WORD] = "not an address, a prefix or a name",
		[ACCESS_SHORT] = "not four decimal numbers",
		[ACCESS_MASK] = "prefix length invalid",
	};

	snprintf(word, sizeof(word), "%s%s", *s->word != '\0' ? ": " : "",
	    s->word);
	if (s->fault == ACCESS_FILE || s->fault == ACCESS_NAME)
		diag_warnx("%s: %s %s failed: %s", where, s->err.op,
		    s->fault == ACCESS_NAME ? s->word : s->rule->spec,
		    error_reason(&s->err));
	else if (s->fault == ACCESS_BITS)
		diag_warnx("%s: prefix length above %u%s", where, s->most,
		    word);
	else
		diag_warnx("%s: %s%s", where, texts[s->fault], word);
}

int
messages_access_failed(const struct plan *p, const struct access_error *s)
{
	char where[MESSAGES_TEXT_MAX];
	const char *deny = s->rule->deny ? "deny" : "allow";

	if (!s->rule->file || s->fault == ACCESS_FILE)
		snprintf(where, sizeof(where), "--%s%s", deny,
		    s->rule->file ? "file" : "");
	else
		snprintf(where, sizeof(where), "--%sfile: %s line %u", deny,
		    s->rule->spec, s->line);
	messages_say_access_error(where, s);
	return p->messages->usage_status;
}

void
messages_too_slow(const char *name, const char *peer, uint64_t lost)
{
	diag_plain("%s: %s is too slow and was dropped (%" PRIu64
	    " byte%s lost)", name, peer, lost, lost == 1 ? "" : "s");
}

void
messages_dropped(const struct plan *p, const char *peer, uint64_t lost)
{
	(void)p;
	messages_too_slow(diag_name(), peer, lost);
}

void
messages_multipath(const struct plan *p, bool really)
{
	if (p->verbose > 0)
		diag_plain(really ? "The connection is multipath TCP" :
		    "The connection is plain TCP: the peer has no multipath");
}

/* Always said: it was asked for. */
void
messages_urgent(const struct plan *p, unsigned char byte)
{
	(void)p;
	if (isprint(byte))
		diag_warnx("urgent data: 0x%02x '%c'", byte, byte);
	else
		diag_warnx("urgent data: 0x%02x", byte);
}

void
messages_bsd_connected(const struct plan *p, const struct target *t)
{
	struct target met = messages_met(p, t);
	char text[MESSAGES_TEXT_MAX];
	const char *service = NULL;
	unsigned port = messages_target_port(t);

	if (p->verbose == 0 || messages_is_unix(t->addr))
		return;
	if (!plan_has_ports(p)) {
		diag_plain("Connection to %s [%s] succeeded!",
		    messages_target(t, text, sizeof(text)), plan_proto(p));
		return;
	}
	if (p->family != FAMILY_VSOCK && !p->numeric && !p->numeric_service)
		service = messages_service(p, t->port);
	diag_plain("Connection to %s %u port [%s/%s] succeeded!",
	    messages_bsd_target(p, &met, text, sizeof(text)), port,
	    plan_proto(p), service != NULL ? service : "*");
}

/*
 * A time that the user set runs out while the system is still trying, and
 * that is the reason this tool has always given.
 */
void
messages_bsd_not_connected(const struct plan *p, const struct target *t,
    int errnum)
{
	struct target to = messages_dialled(p, t);
	char text[MESSAGES_TEXT_MAX];
	bool late = errnum == ETIMEDOUT && t->timeout >= 0;

	if (p->verbose == 0)
		return;
	diag_warnx("connect to %s port %u (%s) %s: %s",
	    messages_bsd_target(p, &to, text, sizeof(text)),
	    messages_target_port(&to), plan_proto(p), late ? "timed out" :
	    "failed", reason_text(late ? EINPROGRESS : errnum));
}

void
messages_bsd_listening(const struct plan *p, const struct addr *a)
{
	char host[ADDR_HOST_MAX], port[ADDR_PORT_MAX];
	bool dgram = p->type == TYPE_DGRAM;

	if (p->verbose == 0)
		return;
	messages_addr(p, a, host, sizeof(host));
	if (!messages_is_unix(a)) {
		diag_plain("%s on %s%s", dgram ? "Bound" : "Listening",
		    host, messages_port(p, addr_port(a), port));
		return;
	}
	diag_plain("Bound on %s", host);
	if (!dgram)
		diag_plain("Listening on %s", host);
}

/* A client of a Unix socket has no name as a rule: the socket's is told. */
void
messages_bsd_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	char host[ADDR_HOST_MAX], port[ADDR_PORT_MAX];

	if (p->verbose == 0)
		return;
	if (messages_is_unix(local))
		diag_plain("Connection received on %s",
		    addr_host(local, host, sizeof(host)));
	else
		diag_plain("Connection received on %s%s",
		    messages_addr(p, peer, host, sizeof(host)),
		    messages_port(p, addr_port(peer), port));
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

int
messages_deadline(const struct plan *p, const struct error *e)
{
	double secs = (double)p->deadline / (double)NSEC_PER_SEC;

	if (messages_bad(e))
		diag_warnx("the deadline of %g s has passed (%s %s failed: %s)",
		    secs, e->op, e->object, error_reason(e));
	else if (e->op != NULL)		/* what a proxy said: it was long */
		diag_warnx("the deadline of %g s has passed (%s %s failed)",
		    secs, e->op, e->object);
	else
		diag_warnx("the deadline of %g s has passed", secs);
	return 1;
}

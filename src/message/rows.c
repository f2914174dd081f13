#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message/rows.h"

/* From an event to its lines: the facts, the rows that fit, their text. */

#define TEXT_MAX	2048

static const struct target	no_target = { .timeout = -1 };
static const struct error	no_error = { .op = "" };

bool
messages_is_bad(const struct error *e)
{
	return e->num != 0 || e->gai != 0;
}

/* ---- Facts --------------------------------------------------------------- */

#define FACT(name, holds)	((holds) ? IF(name) : 0)

static uint64_t
messages_plan_facts(const struct plan *p, enum message_event event)
{
	bool range = p->nports > 0 && p->ports[0].lo != p->ports[0].hi;
	bool chats = p->near == PLAN_CHAT || (event == EVENT_LISTENING &&
	    p->near == PLAN_HUB && p->hub == HUB_TALK);

	return FACT(DGRAM, p->type == TYPE_DGRAM) |
	    FACT(NUMERIC, p->numeric) | FACT(LISTEN, p->mode == PLAN_LISTEN) |
	    FACT(SCAN, p->mode == PLAN_SCAN) |
	    FACT(PROXY, p->proxy.kind != PROXY_NONE) |
	    FACT(PORTS, plan_has_ports(p)) | FACT(TLS, p->tls.on) |
	    FACT(ONE_PORT, p->nports == 1 && !range) |
	    FACT(SEVERAL, p->proxy.kind == PROXY_NONE && range) |
	    FACT(CHATS, chats) | FACT(MUTE_CHAT, chats && p->verbose == 0 &&
	    !diag_is_redirected() && !isatty(STDERR_FILENO)) |
	    /* With TLS, ncat's -z is a connection without streams. */
	    FACT(QUIET, p->verbose == 0 && (p->mode == PLAN_SCAN ||
	    (p->mode == PLAN_CONNECT && p->no_stdin && p->no_stdout))) |
	    FACT(V1, p->verbose > 0) | FACT(V2, p->verbose > 1) |
	    FACT(LOUD, p->verbose > 0 || p->mode != PLAN_SCAN) |
	    FACT(WARNS_LIMIT, p->serve.warns_limit) |
	    FACT(KEEP_OPEN, p->keep_open) |
	    FACT(NO_LOGIN, p->proxy.login.user == NULL) |
	    FACT(INSECURE, p->tls.verify == TLS_VERIFY_NONE && !p->tls.words &&
	    p->tls.npins == 0 && p->chat.expect == NULL) |
	    FACT(TLS_SERVER, plan_is_tls_server(p));
}

static uint64_t
messages_error_facts(const struct say *s)
{
	static const struct {
		const char	*op;
		uint64_t	 fact;
	} ops[] = {
		{ "set", IF(CALL) | IF(SET) }, { "read", IF(CALL) | IF(READ) },
		{ "join", IF(CALL) }, { "bind", IF(BIND) },
		{ "socket", IF(SOCKET) }, { "route", IF(ROUTE) },
		{ "TLS handshake with", IF(HANDSHAKE) }
	};
	const struct error *e = s->e;
	const struct tls_distrust *d = e->distrust;
	uint64_t op = 0;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(e->op, ops[i].op) == 0)
			op = ops[i].fact;
	return op | FACT(OBJECT, e->object[0] != '\0') |
	    FACT(OPTION, messages_option(e->object) != NULL) |
	    FACT(ROUTE_OPTION, strcmp(e->object, "IP_OPTIONS") == 0) |
	    FACT(FAILED, s->num != 0) | FACT(LATE, s->num == ETIMEDOUT) |
	    FACT(TIMED, s->num == ETIMEDOUT && s->t->timeout >= 0) |
	    FACT(REFUSED, s->num == ECONNREFUSED) |
	    FACT(IN_USE, s->num == EADDRINUSE) |
	    FACT(OTHER_FAMILY, s->num == EAFNOSUPPORT) |
	    FACT(DISTRUST, d != NULL && !d->wrong_name) |
	    FACT(WRONG_NAME, d != NULL && d->wrong_name) |
	    FACT(OTHER_NAME, d != NULL && d->name[0] != '\0');
}

/* A proxy that reached the target has no fault. */
static uint64_t
messages_proxy_facts(const struct say *s, uint64_t facts)
{
	const struct proxy_error *x = &s->e->proxy;
	const char *host = s->t->host;
	struct in6_addr in6;
	bool fault = x->fault != PROXY_FINE;
	bool agreed = (facts & IF(PROXY)) && !fault &&
	    (s->e == &no_error || (facts & IF(HANDSHAKE)));
	enum proxy_kind kind = fault ? x->kind : s->p->proxy.kind;

	return FACT(FAULT, fault) | FACT(IO, x->fault == PROXY_READ ||
	    x->fault == PROXY_WRITE || x->fault == PROXY_LATE) |
	    FACT(CLOSED, s->num == 0 && x->fault != PROXY_LATE) |
	    FACT(WANT, x->want != 0) | FACT(SOCKS4, kind == PROXY_SOCKS4) |
	    FACT(SOCKS5, kind == PROXY_SOCKS5) |
	    FACT(HTTP, kind == PROXY_HTTP) |
	    /* The proxy works, and refuses the request. */
	    FACT(SAYS_NO, x->fault == PROXY_REFUSED ||
	    (x->fault == PROXY_STATUS && x->code != 0)) |
	    FACT(THERE, agreed || fault) | FACT(AGREED, agreed) |
	    /* The proxy was asked to look up the host's name. */
	    FACT(ASKS_NAME, (agreed || (fault && x->step >= PROXY_REQUEST)) &&
	    s->p->proxy.dns == DNS_REMOTE && host != NULL &&
	    inet_pton(AF_INET6, host, &in6) != 1 &&
	    inet_pton(AF_INET, host, &in6) != 1);
}

static uint64_t
messages_event_facts(const struct say *s)
{
	const struct plan *p = s->p;
	const struct report *r = s->r;
	int loud = p->mode == PLAN_SCAN;

	return FACT(UNIX, p->family == FAMILY_UNIX ||
	    messages_is_unix(s->t->addr) || messages_is_unix(r->peer)) |
	    FACT(LOCAL_UNIX, messages_is_unix(r->local)) |
	    FACT(ANONYMOUS, messages_is_unix(r->local) && (s->peer.len == 0 ||
	    messages_host(&s->peer).s[0] == '\0')) |
	    FACT(ANY, s->local.len != 0 && addr_is_any(&s->local)) |
	    FACT(NO_ADDR, s->t->addr == NULL) |
	    FACT(LAST, r->last || (r->scan != NULL && r->scan->last_open)) |
	    FACT(LOUDER, p->verbose > loud || (r->last && p->verbose == loud)) |
	    FACT(PASSIVE, r->passive) |
	    FACT(PROXY_TARGET, messages_is_proxy_target(p, r->host)) |
	    FACT(HOST, r->host != NULL) |
	    FACT(ONE, r->n == 1 || (r->drops != NULL && r->drops->n == 1)) |
	    FACT(TIMED, r->policy != NULL && r->policy->null_wait > 0) |
	    FACT(PLAIN, r->access != NULL && r->access->plain) |
	    FACT(FILE, r->access != NULL && r->access->rule->file) |
	    FACT(CERT, r->tls != NULL && r->tls->has_cert) |
	    FACT(DISTRUST, r->tls != NULL && r->tls->distrust != NULL &&
	    !r->tls->distrust->wrong_name);
}

static struct say
messages_say(const struct plan *p, const struct report *r)
{
	struct say s = { .p = p, .r = r, .event = r->event,
	    .t = r->target != NULL ? r->target :
	    r->scan != NULL ? &r->scan->broken_at : &no_target,
	    .e = r->error != NULL ? r->error : &no_error,
	    .peer.len = 0, .local.len = 0 };

	s.num = r->error != NULL ? r->error->num :
	    r->scan != NULL ? r->scan->broken_num : r->errnum;
	s.code = r->event == EVENT_RESOLVE_FAILED ? (unsigned)-s.e->gai :
	    r->access != NULL ? r->access->fault :
	    r->scan == NULL ? s.e->proxy.fault :
	    r->scan->open > 0 ? SCAN_OPEN : r->scan->silent > 0 ? SCAN_SILENT :
	    r->scan->broken > 0 && r->scan->refused == 0 ? SCAN_BROKEN :
	    SCAN_CLOSED;
	if (r->peer != NULL)
		s.peer = *r->peer;
	if (r->local != NULL)
		s.local = *r->local;
	if (p->messages->unmaps && r->peer != NULL)
		addr_unmap(&s.peer);
	s.facts = messages_plan_facts(p, s.event) | messages_error_facts(&s);
	s.facts |= messages_proxy_facts(&s, s.facts) |
	    messages_event_facts(&s);
	return s;
}

/* ---- Rows ---------------------------------------------------------------- */

/* Returns the first row of the event that fits, from this row on; or NULL. */
static const struct message *
messages_find(const struct say *s, const struct message *m,
    const struct message *end)
{
	for (; m < end; m++)
		if (m->event == s->event &&
		    (m->code == 0 || m->code == s->code) &&
		    (s->facts & m->when) == m->when &&
		    (s->facts & m->unless) == 0)
			return m;
	return NULL;
}

/*
 * Returns the first row that fits, of the personality's rows or else of the
 * shared ones, and the end of these rows; or NULL.
 */
static const struct message *
messages_first(const struct say *s, const struct message **end)
{
	const struct messages *own = s->p->messages;
	const struct message *m;

	*end = own->rows + own->nrows;
	if ((m = messages_find(s, own->rows, *end)) != NULL)
		return m;
	*end = messages_shared + messages_nshared;
	return messages_find(s, messages_shared, *end);
}

/* Returns the text of the rows that are a part of others; NULL: no such. */
static const char *
messages_part(struct say *part, const char *name)
{
	static const struct {
		char		 name[12];
		enum message_event	 event;
	} parts[] = {
		{ "far", EVENT_FAR }, { "met", EVENT_MET },
		{ "hint", EVENT_HINT }, { "proxywhy", EVENT_WHY },
		{ "socks", EVENT_SOCKS }, { "accesstail", EVENT_ACCESS_TAIL }
	};
	const struct message *m, *end;
	size_t i = 0;

	while (strcmp(parts[i].name, name) != 0)
		if (++i == sizeof(parts) / sizeof(parts[0]))
			return NULL;
	if (parts[i].event == EVENT_HINT)
		part->code = messages_hint(part);
	else if (parts[i].event == EVENT_SOCKS)
		part->code = part->e->proxy.code;
	part->event = parts[i].event;
	m = messages_first(part, &end);
	return m != NULL ? m->text : "";
}

/* Writes a line, which ends with '\n' or NUL; returns the character there. */
static const char *
messages_fill(const struct say *s, const char *text, char *line, size_t size)
{
	char name[16];
	const char *value;
	struct shown buf;
	struct say part;
	size_t n = 0, len;

	while (*text != '\0' && *text != '\n') {
		if (*text != '{') {
			if (n + 1 < size)
				line[n++] = *text;
			text++;
			continue;
		}
		len = strcspn(++text, "}");
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, text);
		text += len + 1;
		line[n] = '\0';
		part = *s;
		if ((value = messages_part(&part, name)) != NULL) {
			(void)messages_fill(&part, value, buf.s,
			    sizeof(buf.s));
			value = buf.s;
		} else if ((value = messages_value(s, name, &buf)) == NULL)
			value = "{?}";
		(void)strlcat(line, value, size);
		n = strlen(line);
	}
	line[n] = '\0';
	return text;
}

/* Prints the lines of a text: each is filled in on its own. */
static void
messages_print(const struct say *s, const char *text)
{
	const struct messages *own = s->p->messages;
	char line[TEXT_MAX];
	bool plain;

	for (; *text != '\0'; text += *text == '\n') {
		plain = own->bare || *text == '~';
		text = messages_fill(s, text + (*text == '~'), line,
		    sizeof(line));
		if (plain)
			diag_plain("%s", line);
		else if (own->name != NULL)
			diag_plain("%s: %s", own->name, line);
		else
			diag_warnx("%s", line);
	}
}

static int
messages_report_rows(const struct say *s)
{
	const struct message *end, *m = messages_first(s, &end);

	for (; m != NULL; m = messages_find(s, m + 1, end)) {
		if (s->p->verbose >= (int)m->level)
			messages_print(s, m->text);
		if (!m->more && m->status != 0)
			return m->status != STATUS_OK ? m->status : 0;
		if (!m->more)
			break;
	}
	return s->event < EVENT_CONNECTED;
}

int
messages_report(const struct plan *p, const struct report *r)
{
	const struct messages *own = p->messages;
	struct say s;

	if (own->report != NULL)
		return own->report(p, r);
	s = messages_say(p, r);
	if (r->event == EVENT_PROBED && (own->probes_connect || r->open ||
	    (r->errnum == 0 && own->silence_is_open))) {
		s.event = EVENT_CONNECTED;
		(void)messages_report_rows(&s);
		if (!own->probes_connect)
			return 0;
		s.event = EVENT_PROBED;
	}
	return messages_report_rows(&s);
}

int
messages_failed(const struct plan *p, const struct error *e)
{
	return REPORT(p, EVENT_FAILED, .error = e);
}

void
messages_warn(const struct plan *p, const struct error *e)
{
	if (p->messages->warns)
		(void)messages_failed(p, e);
}

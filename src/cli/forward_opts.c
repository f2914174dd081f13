#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "cli/subjects.h"

/* The option --forward: its targets, and these in words. */

/* ---- Targets ------------------------------------------------------------ */

static int
forward_opts_bad(const struct parse *p, const char *word)
{
	return refuse(p, "--forward: not a target (host:port, :port, "
	    "tcp:host:port, tls:host:port, udp:host:port, unix:path, "
	    "vsock:CID:port): %s",
	    *word == '\0' ? "''" : word);
}

static int
forward_opts_cut_vsock(const struct parse *p, const char *arg,
    struct forward_target *t)
{
	char		*port = strchr(t->cut, ':');
	struct addr	 a;

	if (port == NULL)
		return forward_opts_bad(p, arg);
	*port++ = '\0';
	t->host = t->cut;
	t->port = port;
	return *t->host != '\0' && addr_vsock(&a, t->host, port) == 0 ? 0 :
	    forward_opts_bad(p, arg);
}

/* "host:port", "[v6]:port" and ":port". */
static int
forward_opts_cut_inet(const struct parse *p, const char *arg,
    struct forward_target *t)
{
	char		*host, *port;
	const char	*why;

	if (strstr(arg, "://") != NULL ||
	    !address_cut(t->cut, &host, &port) || port == NULL ||
	    (*host == '\0' && host != t->cut))
		return forward_opts_bad(p, arg);
	t->host = *host != '\0' ? host : "localhost";
	why = port_value(p->plan, port, 1, &t->number);
	return why == NULL ? 0 : refuse(p, "--forward: port number %s: %s",
	    why, arg);
}

/* The kinds of targets, by the word before the colon. */
static const struct {
	const char		*word;
	enum plan_family	 family;
	bool			 tls, dgram;
} forward_opts_kinds[] = {
	{ "unix:", FAMILY_UNIX, false, false },
	{ "vsock:", FAMILY_VSOCK, false, false },
	{ "tcp:", FAMILY_ANY, false, false },
	{ "tls:", FAMILY_ANY, true, false },
	{ "udp:", FAMILY_ANY, false, true },
	{ "", FAMILY_ANY, false, false }	/* see seal_targets */
};

int
set_forward(struct parse *p, const char *arg)
{
	struct plan_forward	*f = &p->plan->forward;
	struct forward_target	*t = reallocarray(f->targets, f->n + 1,
				    sizeof(*t));
	size_t			 i = 0, len;

	if (t == NULL)
		return refuse_memory(p);
	f->targets = t;
	t += f->n;
	while (len = strlen(forward_opts_kinds[i].word),
	    strncmp(arg, forward_opts_kinds[i].word, len) != 0)
		i++;
	*t = (struct forward_target){ .tls = forward_opts_kinds[i].tls,
	    .dgram = forward_opts_kinds[i].dgram,
	    .family = forward_opts_kinds[i].family, .plain = len == 0,
	    .cut = strdup(arg + len) };
	if (t->cut == NULL)
		return refuse_memory(p);
	f->n++;
	p->plan->near = PLAN_FORWARD;
	p->seen[ACT_FORWARD_TLS] |= t->tls;
	if (t->family == FAMILY_VSOCK)
		return forward_opts_cut_vsock(p, arg, t);
	if (t->family == FAMILY_ANY)
		return forward_opts_cut_inet(p, arg, t);
	t->host = t->cut;
	return *t->host != '\0' ? 0 : forward_opts_bad(p, arg);
}

int
set_forward_source(struct parse *p, const char *arg)
{
	struct addr	a;

	p->plan->forward.source = arg;
	return addr_numeric(&a, arg, AF_UNSPEC) ? 0 :
	    refuse(p, "--forward-source: not an address: %s", arg);
}

/* ---- Sealing ------------------------------------------------------------ */

/*
 * Frames are for the stream between a stream and datagrams. Nothing can stand
 * before the first datagram.
 */
int
forward_check(const struct parse *p)
{
	const struct plan		*plan = p->plan;
	const struct plan_forward	*f = &plan->forward;
	bool				 dgram = plan->type == TYPE_DGRAM;

	for (size_t i = 0; i < f->n; i++) {
		if (f->targets[i].dgram && (plan->proxyp.send != 0 ||
		    plan->proxy.word != NULL))
			return refuse(p, "no proxy support for UDP targets");
		if (plan->frame.how != FRAME_NONE &&
		    plan->near == PLAN_FORWARD && f->targets[i].dgram == dgram)
			return refuse(p, "--forward with --framing is between "
			    "a stream and datagrams: -u and a target of TCP, "
			    "or no -u and udp:host:port");
	}
	return 0;
}

/*
 * Before all else: without -l, standard input goes to the host, and copies to
 * the targets. A plain target gets datagrams if that is what is forwarded,
 * unless frames ask for a stream.
 */
void
seal_targets(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_forward	*f = &plan->forward;

	if (plan->mode == PLAN_CONNECT && f->all)
		plan->near = PLAN_STDIO;
	for (size_t i = 0; i < f->n; i++)
		f->targets[i].dgram |= f->targets[i].plain &&
		    plan->type == TYPE_DGRAM && plan->frame.how == FRAME_NONE;
}

/* With a tls: target, the other options of TLS are for connecting to it. */
int
seal_forward(struct parse *p)
{
	struct plan_forward	*f = &p->plan->forward;
	struct tls_options	*tls = &p->plan->tls, *own = &f->listen_tls;
	const struct { const char **to, *given; } fields[] = {
		{ &tls->cert, own->cert }, { &tls->key, own->key },
		{ &tls->client_ca, own->client_ca }, { &tls->crl, own->crl },
		{ &tls->alpn, own->alpn }, { &tls->ciphers, own->ciphers }
	};
	char			 buf[OPTION_TEXT_MAX];

	if (p->seen[ACT_FORWARD_TLS]) {
		f->tls = *tls;
		f->tls.on = true;
		*tls = p->dialect->defaults->tls;
		tls->on = p->seen[ACT_TLS];
	}
	for (enum act a = ACT_LISTEN_TLS_CERT; a <= ACT_LISTEN_TLS_MIN; a++)
		if (p->seen[a] && !tls->on)
			return refuse(p, "%s is for TLS with clients: add "
			    "--tls",
			    act_text(p->dialect->table, a, true, buf));
	/* --listen-tls-... take the place of the options without listen. */
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].given != NULL)
			*fields[i].to = fields[i].given;
	if (own->min != 0)
		tls->min = own->min;
	if (own->npins > 0) {
		free(tls->pins);
		tls->pins = own->pins;
		tls->npins = own->npins;
		own->pins = NULL;
		own->npins = 0;
	}
	return 0;
}

/* ---- In words ----------------------------------------------------------- */

static void
explain_targets(const struct plan_forward *f, bool copies)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct forward_target	*t = &f->targets[i];

		printf("%s (%s) %s", copies || (f->all && i > 0) ?
		    "copy: connect" : i == 0 ? "target: connect" :
		    "target: or else connect",
		    t->tls ? "tls" : t->family == FAMILY_UNIX ? "unix" :
		    t->family == FAMILY_VSOCK ? "vsock" :
		    t->dgram ? "udp" : "tcp", t->host);
		if (t->port != NULL)
			printf(" port %s", t->port);
		else if (t->family == FAMILY_ANY)
			printf(" port %u", t->number);
		putchar('\n');
	}
}

/* The targets that get what is sent to the peer, too. */
void
explain_copies(const struct plan *plan)
{
	if (plan->forward.all && plan->near != PLAN_FORWARD)
		explain_targets(&plan->forward, true);
}

void
explain_forward(const struct plan *plan)
{
	const struct plan_forward	*f = &plan->forward;

	explain_targets(f, false);
	if (plan->frame.how != FRAME_NONE)
		printf("messages: (%s) on the stream, each in a datagram of "
		    "its own\n", framing_name(plan->frame.how));
	if (f->source != NULL)
		printf("from: %s\n", f->source);
	if (plan->proxy.kind != PROXY_NONE)
		explain_proxy(&plan->proxy);
	puts(plan->type == TYPE_DGRAM ?
	    "relay: a session for each sender of datagrams, with answers" :
	    "relay: bytes and ends cross in both directions; a failure of one "
	    "side resets the other");
}

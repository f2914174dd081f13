#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/target.h"
#include "cli/subjects.h"

/* The options of the proxy server. */

#define ALL_KINDS \
	(1u << PROXY_HTTP | 1u << PROXY_SOCKS4 | 1u << PROXY_SOCKS5)

static const struct {
	const char	*word;
	enum proxy_kind	 kind;
} proxy_server_kinds[] = {
	{ "http", PROXY_HTTP }, { "socks4", PROXY_SOCKS4 },
	{ "socks4a", PROXY_SOCKS4 }, { "socks5", PROXY_SOCKS5 }
};

#define KINDS	(sizeof(proxy_server_kinds) / sizeof(proxy_server_kinds[0]))

/* ---- Setters ------------------------------------------------------------ */

int
set_serve_proxy(struct parse *p, const char *arg)
{
	struct plan_proxy_server	*s = &p->plan->proxy_server;
	size_t				 i, len;

	p->plan->near = PLAN_PROXY_SERVER;
	if (arg == NULL) {
		s->kinds = ALL_KINDS;
		return 0;
	}
	for (;; arg++) {
		len = strcspn(arg, ",");
		for (i = 0; i < KINDS; i++)
			if (strlen(proxy_server_kinds[i].word) == len &&
			    strncmp(arg, proxy_server_kinds[i].word, len) == 0)
				break;
		if (i == KINDS)
			return refuse(p, "--serve-proxy: not http, socks4 or "
			    "socks5: %.*s", (int)len, len == 0 ? "''" : arg);
		s->kinds |= 1u << proxy_server_kinds[i].kind;
		arg += len;
		if (*arg == '\0')
			return 0;
	}
}

/* Adds a rule; its word belongs to the plan. */
static int
proxy_server_add_rule(struct parse *p, char *word)
{
	struct plan_proxy_server	*s = &p->plan->proxy_server;
	struct target_rule		*v;
	const char			*why;
	char				 shown[64];

	v = reallocarray(s->targets, s->ntargets + 1, sizeof(*v));
	if (v == NULL)
		return refuse_memory(p);
	s->targets = v;
	v += s->ntargets;
	*v = (struct target_rule){ .deny = p->row->act == ACT_DENY_TARGET };
	(void)snprintf(shown, sizeof(shown), "%s", word);
	if ((why = target_rule_read(v, word)) != NULL)
		return refuse(p, "--%s: %s: %s", p->row->name, why,
		    *shown == '\0' ? "''" : shown);
	s->ntargets++;
	return 0;
}

int
set_target(struct parse *p, const char *arg)
{
	struct plan_proxy_server	*s = &p->plan->proxy_server;
	char	**cut = reallocarray(s->cut, s->ncut + 1, sizeof(*cut));
	char	*rest, *word;
	int	 rc = 0;

	if (cut == NULL)
		return refuse_memory(p);
	s->cut = cut;
	if ((rest = s->cut[s->ncut] = strdup(arg)) == NULL)
		return refuse_memory(p);
	s->ncut++;
	while (rc == 0 && (word = strsep(&rest, ",")) != NULL)
		rc = proxy_server_add_rule(p, word);
	return rc;
}

/* ---- Sealing ------------------------------------------------------------ */

int
seal_proxy_server(struct parse *p)
{
	struct plan			*plan = p->plan;
	struct plan_proxy_server	*s = &plan->proxy_server;

	if (plan->near != PLAN_PROXY_SERVER)
		return 0;
	s->login = plan->proxy.login;
	if (s->login.user != NULL && s->login.password == NULL) {
		if (!s->ncat)
			return refuse(p, "a proxy server needs a user and a "
			    "password: --proxy-auth user:password");
		s->login.password = "";
	}
	if (s->login.user != NULL && !s->ncat &&
	    proxy_login(PROXY_HTTP, &s->login) != PROXY_NAME_FINE)
		return refuse(p, "the user or password of --proxy-auth is too "
		    "long, or has a character that cannot be sent");
	/*
	 * A proxy that all the world may use is asked for: without an address,
	 * a list of clients or a password, only this host is served.
	 */
	if (!s->ncat && plan->local_host == NULL &&
	    plan->family != FAMILY_UNIX && plan->service.activated == 0 &&
	    plan->naccess == 0 && s->login.user == NULL)
		plan->local_host = plan->family == FAMILY_INET6 ? "::1" :
		    "127.0.0.1";
	return 0;
}

/* ---- In words ----------------------------------------------------------- */

static void
explain_targets(const struct plan_proxy_server *s, bool deny)
{
	bool	any = false;

	for (size_t i = 0; i < s->ntargets; i++) {
		const struct target_rule	*t = &s->targets[i];

		if (t->deny != deny)
			continue;
		printf("%s%s", any ? ", " : deny ? "targets denied: " :
		    "targets allowed: ",
		    strcmp(t->host, "::/0") == 0 ? "*" : t->host);
		if (t->lo != 1 || t->hi != UINT16_MAX)
			printf(" port %u", t->lo);
		if (t->lo != t->hi && (t->lo != 1 || t->hi != UINT16_MAX))
			printf("-%u", t->hi);
		any = true;
	}
	if (any)
		puts(deny ? "" : ", and no others");
}

void
explain_proxy_server(const struct plan *plan)
{
	const struct plan_proxy_server	*s = &plan->proxy_server;
	const char			*comma = "";

	printf("near: a proxy server (");
	for (size_t i = 0; i < KINDS; i++) {
		enum proxy_kind	kind = proxy_server_kinds[i].kind;

		if (!(s->kinds & 1u << kind) || (i > 0 &&
		    kind == proxy_server_kinds[i - 1].kind))
			continue;
		printf("%s%s", comma, proxy_server_kinds[i].word);
		comma = ", ";
	}
	printf(") that connects each client to the target it names\n"
	    "clients: %s\n", s->login.user == NULL ? "need no password" :
	    s->kinds & 1u << PROXY_SOCKS4 ? "need the password of "
	    "--proxy-auth; SOCKS 4, which has none, is refused" :
	    "need the password of --proxy-auth");
	explain_targets(s, true);
	explain_targets(s, false);
	if (!s->ncat)
		puts("targets denied unless a rule names them: link-local "
		    "addresses, addresses where clouds hand out credentials, "
		    "and loopback if clients may come from elsewhere");
}

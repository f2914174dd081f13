#include <sys/stat.h>
#include <sys/time.h>
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/diag.h"
#include "base/secret.h"
#include "base/target.h"
#include "cli/subjects.h"
#include "message/messages.h"

/* The options of proxies, of the PROXY protocol, and of the proxy server. */

/* ---- Setters ----------------------------------------------------------- */

/* By default, OpenBSD's letter means SOCKS, ncat's name HTTP. */
int
set_proxy(struct parse *p, const char *arg)
{
	struct proxy_options	*proxy = &p->plan->proxy;

	proxy->word = arg;
	if (proxy->kind == PROXY_NONE)
		proxy->kind = p->by_letter ? PROXY_SOCKS5 : PROXY_HTTP;
	return 0;
}

/*
 * -X and --proxy-type. By the letter, SOCKS 4 has names looked up here; by
 * the name, the proxy looks them up, as with 4a.
 */
int
set_proxy_kind(struct parse *p, const char *arg)
{
	static const struct {
		const char	*word;
		enum proxy_kind	 kind;
		enum proxy_dns	 dns;
	} kinds[] = {
		{ "4", PROXY_SOCKS4, DNS_LOCAL },
		{ "4a", PROXY_SOCKS4, DNS_REMOTE },
		{ "5", PROXY_SOCKS5, DNS_REMOTE },
		{ "connect", PROXY_HTTP, DNS_REMOTE },
		{ "http", PROXY_HTTP, DNS_REMOTE },
		{ "socks4", PROXY_SOCKS4, DNS_REMOTE },
		{ "socks4a", PROXY_SOCKS4, DNS_REMOTE },
		{ "socks5", PROXY_SOCKS5, DNS_REMOTE }
	};
	const char *const	*words = actions[p->row->act].choices;
	bool			 letter = p->row->act == ACT_PROXY_PROTOCOL;
	size_t			 n = sizeof(kinds) / sizeof(kinds[0]), i;

	/* OpenBSD's words are taken in any case. */
	for (i = 0; i < n; i++)
		if ((letter ? strcasecmp : strcmp)(arg, kinds[i].word) == 0 &&
		    word_value(words, kinds[i].word) != -1)
			break;
	if (i == n)
		return letter && !p->dialect->strict ? refuse(p,
		    "unsupported proxy protocol") : refuse_choice(p, arg);
	p->plan->proxy.kind = kinds[i].kind;
	if (!p->seen[ACT_PROXY_DNS])
		p->plan->proxy.dns = kinds[i].dns;
	return 0;
}

int
proxy_take_login(struct parse *p, const char *text, size_t user)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	size_t			 size = strlen(text) + 1;
	char			*copy = secret_new(size);

	if (copy == NULL)
		return refuse_memory(p);
	memcpy(copy, text, size);
	secret_free(proxy->secret);
	proxy->secret = copy;
	proxy->login = (struct proxy_login){ .user = copy, .len = user,
	    .password = copy[user] == ':' ? copy + user + 1 : NULL };
	return 0;
}

/*
 * The user; or of --proxy-auth, user:password. Without the colon, the password
 * is asked for. Other users see argv, so the password is wiped there.
 */
int
set_proxy_login(struct parse *p, const char *arg)
{
	size_t	len = strcspn(arg, p->row->act == ACT_PROXY_USER ? "" : ":");
	int	rc = proxy_take_login(p, arg, len);

	if (arg[len] == ':')
		explicit_bzero((char *)(uintptr_t)arg + len + 1,
		    strlen(arg + len + 1));
	return rc;
}

static void
proxies_on_alarm(int signo)
{
	(void)signo;
}

/*
 * The deadline interrupts the wait for the writer of a FIFO: nsec from now, 0
 * for no more. Signals that end the program have their default actions yet.
 */
static void
proxies_set_alarm(int64_t nsec)
{
	struct sigaction act = { .sa_handler = nsec > 0 ? proxies_on_alarm :
	    SIG_DFL };
	int64_t usec = nsec > 0 ? nsec / 1000 + 1 : 0;
	/* Again and again: the first may precede the wait. */
	const struct itimerval when = {
		.it_interval.tv_usec = usec > 0 ? 100000 : 0,
		.it_value.tv_sec = (time_t)(usec / 1000000),
		.it_value.tv_usec = (suseconds_t)(usec % 1000000)
	};

	if (nsec > 0)
		(void)sigaction(SIGALRM, &act, NULL);
	(void)setitimer(ITIMER_REAL, &when, NULL);
	if (nsec == 0)
		(void)sigaction(SIGALRM, &act, NULL);
}

static int
proxies_read_login(struct parse *p, const char *path)
{
	char		 line[2 * PROXY_LOGIN_MAX + 4] = "";
	int64_t		 deadline = p->plan->deadline;
	struct stat	 st;
	FILE		*f;
	int		 rc = 0;

	if (deadline >= 0)
		proxies_set_alarm(deadline + 1);
	if ((f = fopen(path, "re")) == NULL)
		rc = errno;
	else {
		/* Without a buffer that would keep a copy. */
		(void)setvbuf(f, NULL, _IONBF, 0);
		if (fstat(fileno(f), &st) == -1 ||
		    (fgets(line, (int)sizeof(line), f) == NULL && ferror(f)))
			rc = errno;
		(void)fclose(f);
	}
	if (deadline >= 0)
		proxies_set_alarm(0);
	if (rc == EINTR)
		return messages_deadline(p->plan, &(struct error){ .num = 0 });
	if (rc != 0)
		return refuse(p, "read %s failed: %s", path,
		    reason_text(rc));
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		rc = refuse(p, "read %s failed: group or others may change it "
		    "(chmod go-w)", path);
	else if (line[strcspn(line, ":\r\n")] != ':')
		rc = refuse(p, "%s holds no user:password in its first line",
		    path);
	else {
		line[strcspn(line, "\r\n")] = '\0';
		rc = proxy_take_login(p, line, strcspn(line, ":"));
	}
	explicit_bzero(line, sizeof(line));
	return rc;
}

/* By the file, or $SOCKCAT_PROXY_AUTH, which leaves our environment then. */
int
seal_proxy_login(struct parse *p)
{
	const struct plan	*plan = p->plan;
	char			*auth = getenv("SOCKCAT_PROXY_AUTH");
	bool			 given = p->seen[ACT_PROXY_AUTH] ||
				    p->seen[ACT_PROXY_USER];
	int			 rc = 0;

	if (plan->service.native && auth != NULL) {
		if (!given && !p->seen[ACT_PROXY_AUTH_FILE] &&
		    *auth != '\0' && (plan->proxy.word != NULL ||
		    plan->near == PLAN_PROXY_SERVER))
			rc = proxy_take_login(p, auth, strcspn(auth, ":"));
		explicit_bzero(auth, strlen(auth));
		(void)unsetenv("SOCKCAT_PROXY_AUTH");
	}
	if (rc != 0 || !p->seen[ACT_PROXY_AUTH_FILE])
		return rc;
	return given ? refuse(p, "--proxy-auth-file has the user and the "
	    "password: it excludes -P and --proxy-auth") :
	    proxies_read_login(p, plan->proxy.login_file);
}

/* ---- The address ------------------------------------------------------- */

bool
proxy_is_inet6(const char *word)
{
	struct in6_addr	in6;

	return inet_pton(AF_INET6, word, &in6) == 1;
}

/*
 * Returns the colon before the port, or NULL. With several colons, ncat sees
 * no port; the others take the last colon, unless the word is an IPv6 address
 * and the text before that colon is none.
 */
static char *
proxies_find_colon(const struct parse *p, char *word)
{
	char	*colon = strrchr(word, ':');
	bool	 before;

	if (colon == NULL || strchr(word, ':') == colon)
		return colon;
	if (p->dialect->proxy_one_colon)
		return NULL;
	*colon = '\0';
	before = proxy_is_inet6(word);
	*colon = ':';
	return proxy_is_inet6(word) && !before ? NULL : colon;
}

static int
proxies_cut_address(struct parse *p)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	char			*word = strdup(proxy->word), *colon;
	char			*host = word, *port = NULL;

	if ((proxy->cut = word) == NULL)
		return refuse_memory(p);
	if (*word == '[') {
		if (!address_cut(word, &host, &port))
			return refuse_as(p, strchr(word, ']') == NULL ?
			    TEXT_PROXY_BRACKET : TEXT_PROXY_GARBAGE, word);
	} else if ((colon = proxies_find_colon(p, word)) != NULL) {
		*colon = '\0';
		port = colon + 1;
	}
	proxy->host = host;
	proxy->port = port != NULL ? port : "";
	if (p->dialect->strict && (*proxy->host == '\0' ||
	    strstr(proxy->word, "://") != NULL))
		return refuse(p, "not a proxy: %s (give host:port; with "
		    "--proxy-type=http for HTTP)", proxy->word);
	if (*proxy->port == '\0')
		proxy->port = proxy->kind == PROXY_HTTP ? "3128" : "1080";
	return 0;
}

/* ---- Sealing ----------------------------------------------------------- */

/* SOCKS 4 has room for IPv4 alone; a name has no control characters. */
static int
proxies_check_host(const struct parse *p, const char *host)
{
	const struct proxy_options	*proxy = &p->plan->proxy;
	enum proxy_name			 name = proxy_name(host);

	if (proxy->kind == PROXY_SOCKS4 && proxy_is_inet6(host) &&
	    (p->dialect->strict || proxy->dns != DNS_LOCAL))
		return refuse(p, "SOCKS 4 knows no IPv6 address: %s", host);
	if (proxy->dns == DNS_LOCAL || proxy->dns == DNS_NONE ||
	    name == PROXY_NAME_FINE)
		return 0;
	return refuse_as(p, name != PROXY_NAME_LONG ? TEXT_HOST_INVALID :
	    proxy->kind == PROXY_HTTP ? TEXT_HOST_LONG_HTTP :
	    TEXT_HOST_LONG_SOCKS, host);
}

static int
proxies_seal_login(struct parse *p)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	enum proxy_name		 name;

	if ((!p->seen[ACT_PROXY_USER] && !p->seen[ACT_PROXY_AUTH]) ||
	    proxy->login.password != NULL)
		proxy->asks = false;
	/* SOCKS 4 has no password: user:password is the user. */
	if (proxy->kind == PROXY_SOCKS4 && proxy->login.password != NULL) {
		proxy->login.len += 1 + strlen(proxy->login.password);
		proxy->login.password = NULL;
	}
	name = proxy_login(proxy->kind, &proxy->login);
	return name == PROXY_NAME_FINE ? 0 :
	    refuse(p, "the proxy's user or password %s%s",
	    name == PROXY_NAME_LONG ? "is too long" :
	    "has a character that cannot be", p->dialect->stop);
}

int
seal_proxy(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct proxy_options	*proxy = &plan->proxy;
	const struct forward_target *t = plan->forward.targets;
	const char		*proto = plan_proto(plan), *why;
	uint16_t		 port;
	int			 rc;

	if (proxy->word == NULL) {
		memset(proxy, 0, sizeof(*proxy));
		return 0;
	}
	if (plan->near != PLAN_FORWARD && strcmp(proto, "tcp") != 0 &&
	    strcmp(proto, "mptcp") != 0)
		return refuse(p, "a proxy carries only TCP%s",
		    p->dialect->stop);
	if ((rc = proxies_cut_address(p)) != 0)
		return rc;
	if ((why = port_value(plan, proxy->port, 0, &port)) != NULL &&
	    (rc = refuse_as(p, TEXT_PROXY_PORT, why, proxy->port)) != 0)
		return rc;
	if ((rc = proxies_seal_login(p)) != 0)
		return rc;
	if (plan->near != PLAN_FORWARD)
		rc = proxies_check_host(p, plan->host);
	else
		proxy->asks = false;	/* a server asks no person */
	for (size_t i = 0; plan->near == PLAN_FORWARD && rc == 0 &&
	    i < plan->forward.n; i++)
		rc = t[i].family == FAMILY_ANY ?
		    proxies_check_host(p, t[i].host) :
		    refuse(p, "a proxy carries only TCP: %s", t[i].host);
	/* The default limit of connecting does not limit the proxy. */
	proxy->timeout = p->dialect->defaults->connect_timeout < 0 ||
	    p->seen[ACT_CONNECT_TIMEOUT] ? plan->connect_timeout : -1;
	return rc;
}

/* ---- In words ---------------------------------------------------------- */

void
explain_proxy(const struct proxy_options *p)
{
	static const char	*const who[] = {
		[DNS_REMOTE] = "it looks up the host",
		[DNS_LOCAL] = "the host is looked up here",
		[DNS_BOTH] = "the host is looked up here, or else by it",
		[DNS_NONE] = "the host is a number"
	};

	printf("proxy: %s at %s port %s; %s", proxy_kind_name(p->kind),
	    p->host, p->port, who[p->dns]);
	if (p->login.user != NULL)
		printf("; user %.*s%s", (int)p->login.len, p->login.user,
		    p->login.password != NULL ? " with a password" :
		    p->asks ? "; the password is asked for" : "");
	putchar('\n');
}

/* ---- The PROXY protocol ------------------------------------------------ */

/* A listener alone makes no connections. */
int
seal_proxyp(struct parse *p)
{
	const struct plan	*plan = p->plan;

	return plan->proxyp.send == 0 || plan->mode != PLAN_LISTEN ||
	    plan_dials_for_clients(plan) ? 0 :
	    refuse(p, "--send-proxy with -l is for the targets of --forward "
	    "and --serve-proxy");
}

void
explain_proxyp(const struct plan *plan)
{
	if (plan->proxyp.send != 0)
		printf("PROXY protocol: a header of version %d tells %s\n",
		    plan->proxyp.send, plan->subject == PLAN_LISTEN ?
		    "the target the client's address" :
		    "the peer the addresses of this connection");
}

/* ---- The proxy server --------------------------------------------------- */

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

int
set_serve_proxy(struct parse *p, const char *arg)
{
	struct plan_proxy_server	*s = &p->plan->proxy_server;
	size_t				 i, len;

	p->plan->near = PLAN_PROXY_SERVER;
	if (arg == NULL)
		s->kinds = ALL_KINDS;
	for (; arg != NULL; arg = arg[len] == ',' ? arg + len + 1 : NULL) {
		len = strcspn(arg, ",");
		for (i = 0; i < KINDS; i++)
			if (strlen(proxy_server_kinds[i].word) == len &&
			    strncmp(arg, proxy_server_kinds[i].word, len) == 0)
				break;
		if (i == KINDS)
			return refuse(p, "--serve-proxy: not http, socks4 or "
			    "socks5: %.*s", len == 0 ? 2 : (int)len,
			    len == 0 ? "''" : arg);
		s->kinds |= 1u << proxy_server_kinds[i].kind;
	}
	return 0;
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

static void
proxy_server_explain_targets(const struct plan_proxy_server *s, bool deny)
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

	printf("local: a proxy server (");
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
	proxy_server_explain_targets(s, true);
	proxy_server_explain_targets(s, false);
	if (!s->ncat)
		puts("targets denied unless a rule names them: link-local "
		    "addresses, addresses where clouds hand out credentials, "
		    "and loopback if clients may come from elsewhere");
}

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/diag.h"
#include "cli/option.h"

/*
 * The options of proxies, and what follows from all of them together.
 */

/* ---- Setters ----------------------------------------------------------- */

/* OpenBSD's letter means SOCKS where nothing else is said, ncat's name HTTP. */
int
set_proxy(struct parse *p, const struct action *a, const char *arg)
{
	struct proxy_options	*proxy = &p->plan->proxy;

	(void)a;
	proxy->word = arg;
	if (proxy->kind == PROXY_NONE)
		proxy->kind = p->by_letter ? PROXY_SOCKS5 : PROXY_HTTP;
	return 0;
}

static void
proxying_set_kind(struct parse *p, enum proxy_kind kind, enum proxy_dns dns)
{
	p->plan->proxy.kind = kind;
	if (!p->seen[ACT_PROXY_DNS])
		p->plan->proxy.dns = dns;
}

/* -X */
int
set_proxy_protocol(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	if (strcmp(arg, "4") == 0)
		proxying_set_kind(p, PROXY_SOCKS4, DNS_LOCAL);
	else if (strcasecmp(arg, "4a") == 0)
		proxying_set_kind(p, PROXY_SOCKS4, DNS_REMOTE);
	else if (strcmp(arg, "5") == 0)
		proxying_set_kind(p, PROXY_SOCKS5, DNS_REMOTE);
	else if (strcasecmp(arg, "connect") == 0)
		proxying_set_kind(p, PROXY_HTTP, DNS_REMOTE);
	else
		return refuse(p, "unsupported proxy protocol");
	return 0;
}

int
set_proxy_type(struct parse *p, const struct action *a, const char *arg)
{
	bool	ncat = p->plan->compat == COMPAT_NCAT;

	(void)a;
	if (strcmp(arg, "http") == 0)
		proxying_set_kind(p, PROXY_HTTP, DNS_REMOTE);
	else if (strcmp(arg, "socks4") == 0 ||
	    (!ncat && strcmp(arg, "socks4a") == 0))
		proxying_set_kind(p, PROXY_SOCKS4, DNS_REMOTE);
	else if (strcmp(arg, "socks5") == 0)
		proxying_set_kind(p, PROXY_SOCKS5, DNS_REMOTE);
	else
		return ncat ? refuse(p, "Invalid proxy type \"%s\".", arg) :
		    refuse_choice(p, arg);
	return 0;
}

int
set_proxy_user(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	p->plan->proxy.login = (struct proxy_login){ .user = arg,
	    .len = strlen(arg) };
	p->plan->proxy.asks = true;
	return 0;
}

/* user:password; without the colon, the password is asked for. */
int
set_proxy_auth(struct parse *p, const struct action *a, const char *arg)
{
	size_t	len = strcspn(arg, ":");

	(void)a;
	p->plan->proxy.login = (struct proxy_login){ .user = arg, .len = len,
	    .password = arg[len] == ':' ? arg + len + 1 : NULL };
	p->plan->proxy.asks = arg[len] != ':' &&
	    p->plan->compat != COMPAT_NCAT;
	return 0;
}

int
set_proxy_dns(struct parse *p, const struct action *a, const char *arg)
{
	int	i = choice(p, arg);

	(void)a;
	if (i == -1)
		return p->plan->compat == COMPAT_NCAT ?
		    refuse(p, "Invalid proxy DNS type.") :
		    refuse_choice(p, arg);
	p->plan->proxy.dns = (enum proxy_dns)i;
	return 0;
}

/* ---- The address ------------------------------------------------------- */

static bool
proxying_is_inet6(const char *word)
{
	struct in6_addr	in6;

	return inet_pton(AF_INET6, word, &in6) == 1;
}

/*
 * The colon before the port, or NULL. An IPv6 address without brackets has
 * none in ncat; in the others the last one is it, where what stands before
 * it makes sense.
 */
static char *
proxying_find_colon(const struct parse *p, char *word)
{
	char	*colon = strrchr(word, ':');
	bool	 whole = proxying_is_inet6(word), before;

	if (colon == NULL)
		return NULL;
	if (p->plan->compat == COMPAT_NCAT)
		return strchr(word, ':') == colon ? colon : NULL;
	*colon = '\0';
	before = proxying_is_inet6(word);
	*colon = ':';
	return whole && !before ? NULL : colon;
}

/* The bracket that ends an IPv6 address. */
static int
proxying_find_bracket(const struct parse *p, char *word, char **end)
{
	bool	ncat = p->plan->compat == COMPAT_NCAT;

	*end = strchr(word, ']');
	if (*end == NULL || ((*end)[1] != '\0' && (*end)[1] != ':'))
		return ncat ? refuse(p, "Invalid proxy IPv6 address \"%s\".",
		    word) : refuse(p, *end == NULL ?
		    "missing closing bracket in proxy" :
		    "garbage proxy port delimiter");
	return 0;
}

static int
proxying_cut_address(struct parse *p)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	char			*word, *end;
	int			 rc;

	if ((word = proxy->cut = strdup(proxy->word)) == NULL)
		return refuse(p, "out of memory");
	proxy->host = word;
	proxy->port = "";
	if (*word == '[') {
		if ((rc = proxying_find_bracket(p, word, &end)) != 0)
			return rc;
		proxy->host = word + 1;
		if (end[1] == ':')
			proxy->port = end + 2;
		*end = '\0';
	} else if ((end = proxying_find_colon(p, word)) != NULL) {
		proxy->port = end + 1;
		*end = '\0';
	}
	if (p->plan->compat == COMPAT_NATIVE && (*proxy->host == '\0' ||
	    strstr(proxy->word, "://") != NULL))
		return refuse(p, "a proxy is a host and a port: %s",
		    proxy->word);
	if (*proxy->port == '\0')
		proxy->port = proxy->kind == PROXY_HTTP ? "3128" : "1080";
	return 0;
}

/* A port that cannot be is the resolver's to say, as for OpenBSD's nc. */
static int
proxying_check_port(const struct parse *p)
{
	const char	*word = p->plan->proxy.port, *why;
	uint16_t	 port;

	if (p->plan->compat == COMPAT_OPENBSD ||
	    (why = port_value(p->plan, word, 0, &port)) == NULL)
		return 0;
	return p->plan->compat == COMPAT_NCAT ?
	    refuse(p, "Invalid proxy port number \"%s\".", word) :
	    refuse(p, "proxy port number %s: %s", why, word);
}

/* ---- What it is asked -------------------------------------------------- */

static int
proxying_refuse_name(const struct parse *p, bool too_long)
{
	const struct plan	*plan = p->plan;

	if (plan->compat == COMPAT_OPENBSD && !too_long)
		return refuse(p, "Invalid hostname");
	if (plan->compat == COMPAT_OPENBSD)
		return refuse(p, plan->proxy.kind == PROXY_HTTP ?
		    "hostname too long" : "host name too long for SOCKS5");
	if (plan->compat == COMPAT_NCAT)
		return refuse(p, "%s for a proxy: \"%s\".", too_long ?
		    "Hostname too long" : "Invalid hostname", plan->host);
	return refuse(p, "a proxy cannot be asked for a host %s: %s",
	    too_long ? "with a name that long" : "of this name", plan->host);
}

/* SOCKS 4 has room for IPv4 alone; of names, nothing may break out. */
static int
proxying_check_host(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	const struct proxy_options	*proxy = &plan->proxy;
	enum proxy_name		 name;

	if (proxy->kind == PROXY_SOCKS4 && proxying_is_inet6(plan->host) &&
	    (plan->compat != COMPAT_OPENBSD || proxy->dns != DNS_LOCAL)) {
		if (plan->compat != COMPAT_NCAT)
			return refuse(p, "SOCKS 4 knows no IPv6 address: %s",
			    plan->host);
		diag_plain("Ncat: Error: IPv6 addresses are not supported "
		    "with Socks4.");
		return 1;
	}
	if (proxy->dns == DNS_LOCAL || proxy->dns == DNS_NONE)
		return 0;
	name = proxy_name(plan->host);
	return name == PROXY_NAME_FINE ? 0 :
	    proxying_refuse_name(p, name == PROXY_NAME_LONG);
}

/* OpenBSD's -P is for HTTP alone; ncat's user needs no password there. */
static int
proxying_seal_login(struct parse *p)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	const char		*auth;
	enum proxy_name		 name;

	/* Others see what is on a command line; scripts of ncat's know that. */
	if (p->plan->compat == COMPAT_NCAT && !p->seen[ACT_PROXY_AUTH] &&
	    (auth = getenv("NCAT_PROXY_AUTH")) != NULL && *auth != '\0')
		(void)set_proxy_auth(p, NULL, auth);
	if (p->plan->compat == COMPAT_OPENBSD && p->seen[ACT_PROXY_USER] &&
	    !p->seen[ACT_PROXY_AUTH] && proxy->kind != PROXY_HTTP)
		proxy->login.user = NULL;
	if (p->plan->compat == COMPAT_NCAT && proxy->kind == PROXY_HTTP &&
	    proxy->login.user != NULL && proxy->login.password == NULL) {
		proxy->login.password = "";
		proxy->login.bare = true;
	}
	/* All of it is the user there. */
	if (proxy->kind == PROXY_SOCKS4 && proxy->login.password != NULL) {
		proxy->login.len += 1 + strlen(proxy->login.password);
		proxy->login.password = NULL;
	}
	name = proxy_login(proxy->kind, &proxy->login);
	if (name == PROXY_NAME_FINE)
		return 0;
	return refuse(p, "the proxy's user or password %s%s",
	    name == PROXY_NAME_LONG ? "is too long" :
	    "has a character that cannot be",
	    *p->who->tail != '\0' ? "." : "");
}

static bool
proxying_is_tcp(const struct plan *plan)
{
	const char	*proto = plan_proto(plan);

	return strcmp(proto, "tcp") == 0 || strcmp(proto, "mptcp") == 0;
}

int
seal_proxying(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct proxy_options	*proxy = &plan->proxy;
	int			 rc;

	if (proxy->word == NULL) {
		memset(proxy, 0, sizeof(*proxy));
		return 0;
	}
	if (!proxying_is_tcp(plan))
		return refuse(p, "a proxy is for TCP alone%s", p->who->tail[0]
		    != '\0' ? "." : "");
	if ((rc = proxying_cut_address(p)) != 0 ||
	    (rc = proxying_check_port(p)) != 0 ||
	    (rc = proxying_seal_login(p)) != 0 ||
	    (rc = proxying_check_host(p)) != 0)
		return rc;
	proxy->any_2xx = plan->compat == COMPAT_NATIVE;
	/* Nobody who said nothing expects ten seconds to be all there is. */
	proxy->timeout = plan->compat == COMPAT_NCAT &&
	    !p->seen[ACT_CONNECT_TIMEOUT] ? -1 : plan->connect_timeout;
	return 0;
}

/* Whom it is that we ask to connect. */
void
explain_proxy(const struct plan *plan)
{
	static const char	*const who[] = {
		[DNS_REMOTE] = "it looks up the host",
		[DNS_LOCAL] = "the host is looked up here",
		[DNS_BOTH] = "the host is looked up here, or else by it",
		[DNS_NONE] = "the host is a number"
	};
	const struct proxy_options	*p = &plan->proxy;

	if (p->kind == PROXY_NONE)
		return;
	printf("proxy: %s at %s port %s; %s", proxy_kind_name(p->kind),
	    p->host, p->port, who[p->dns]);
	if (p->login.user != NULL)
		printf("; user %.*s%s", (int)p->login.len, p->login.user,
		    p->login.password != NULL ? " with a password" :
		    p->asks ? ", who is asked for a password" : "");
	putchar('\n');
}

#include <sys/stat.h>
#include <sys/time.h>
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/reason.h"
#include "base/secret.h"
#include "cli/subjects.h"
#include "message/messages.h"

/* The options of proxies, and of the PROXY protocol. */

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
		return letter ? refuse(p, "unsupported proxy protocol") :
		    refuse_choice(p, arg);
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

/* Reads the first line of a file; -1 with errno. */
static int
proxies_read_line(const char *path, char *line, size_t size, struct stat *st)
{
	FILE	*f = fopen(path, "re");
	int	 num;

	if (f == NULL)
		return -1;
	/* Without a buffer that would keep a copy. */
	(void)setvbuf(f, NULL, _IONBF, 0);
	num = fstat(fileno(f), st) == -1 ||
	    (fgets(line, (int)size, f) == NULL && ferror(f)) ? errno : 0;
	(void)fclose(f);
	errno = num;
	return num == 0 ? 0 : -1;
}

static int
proxies_read_login(struct parse *p, const char *path)
{
	char		 line[2 * PROXY_LOGIN_MAX + 4] = "";
	int64_t		 deadline = p->plan->deadline;
	struct stat	 st;
	int		 rc;

	if (deadline >= 0)
		proxies_set_alarm(deadline + 1);
	rc = proxies_read_line(path, line, sizeof(line), &st) == -1 ? errno : 0;
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

/* $SOCKCAT_PROXY_AUTH, which is then removed from our environment. */
static int
proxies_take_variable(struct parse *p)
{
	char	*auth = getenv("SOCKCAT_PROXY_AUTH");
	int	 rc = 0;

	if (auth == NULL)
		return 0;
	if (!p->seen[ACT_PROXY_AUTH] && !p->seen[ACT_PROXY_USER] &&
	    !p->seen[ACT_PROXY_AUTH_FILE] && *auth != '\0' &&
	    (p->plan->proxy.word != NULL ||
	    p->plan->near == PLAN_PROXY_SERVER))
		rc = proxy_take_login(p, auth, strcspn(auth, ":"));
	explicit_bzero(auth, strlen(auth));
	(void)unsetenv("SOCKCAT_PROXY_AUTH");
	return rc;
}

int
seal_proxy_login(struct parse *p)
{
	if (p->plan->service.native && proxies_take_variable(p) != 0)
		return 1;
	if (!p->seen[ACT_PROXY_AUTH_FILE])
		return 0;
	if (p->seen[ACT_PROXY_AUTH] || p->seen[ACT_PROXY_USER])
		return refuse(p, "--proxy-auth-file has the user and the "
		    "password: it excludes -P and --proxy-auth");
	return proxies_read_login(p, p->plan->proxy.login_file);
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
	char			*word, *end;

	if ((word = proxy->cut = strdup(proxy->word)) == NULL)
		return refuse_memory(p);
	proxy->host = word;
	proxy->port = "";
	if (*word == '[') {
		if ((end = strchr(word, ']')) == NULL)
			return refuse_as(p, TEXT_PROXY_BRACKET, word);
		if (end[1] != '\0' && end[1] != ':')
			return refuse_as(p, TEXT_PROXY_GARBAGE, word);
		proxy->host = word + 1;
		if (end[1] == ':')
			proxy->port = end + 2;
	} else if ((end = proxies_find_colon(p, word)) != NULL)
		proxy->port = end + 1;
	if (end != NULL)
		*end = '\0';
	if (p->dialect->strict && (*proxy->host == '\0' ||
	    strstr(proxy->word, "://") != NULL))
		return refuse(p, "a proxy is a host and a port: %s",
		    proxy->word);
	if (*proxy->port == '\0')
		proxy->port = proxy->kind == PROXY_HTTP ? "3128" : "1080";
	return 0;
}

/* ---- Sealing ----------------------------------------------------------- */

/* SOCKS 4 has room for IPv4 alone; a name has no control characters. */
int
proxy_check_host(const struct parse *p, const char *host)
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

/* Of the peer, or of each target. */
static int
proxies_check_hosts(const struct parse *p)
{
	const struct plan_forward	*f = &p->plan->forward;
	int				 rc = 0;

	if (p->plan->near != PLAN_FORWARD)
		return proxy_check_host(p, p->plan->host);
	for (size_t i = 0; rc == 0 && i < f->n; i++)
		rc = f->targets[i].family != FAMILY_ANY ?
		    refuse(p, "a proxy carries only TCP: %s",
		    f->targets[i].host) :
		    proxy_check_host(p, f->targets[i].host);
	return rc;
}

int
seal_proxy(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct proxy_options	*proxy = &plan->proxy;
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
	if ((rc = proxies_seal_login(p)) != 0 ||
	    (rc = proxies_check_hosts(p)) != 0)
		return rc;
	/* A server asks no person. */
	if (plan->near == PLAN_FORWARD)
		proxy->asks = false;
	/* The default limit of connecting does not limit the proxy. */
	proxy->timeout = p->dialect->defaults->connect_timeout < 0 ||
	    p->seen[ACT_CONNECT_TIMEOUT] ? plan->connect_timeout : -1;
	return 0;
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

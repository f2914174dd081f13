#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cli/option.h"

/*
 * What the words behind the options mean: host and ports. Each personality
 * has its own order and its own complaints.
 */

/* Where a chat waits, if nothing else is said. */
#define CHAT_PORT	10000
#define CHAT_PORT_TEXT	"10000"

static int
operands_out_of_memory(const struct parse *p)
{
	diag_warnx("out of memory");
	return p->who->usage_status;
}

/* Room for that many words of ports. */
int
ports_make(struct parse *p, int n)
{
	if (n == 0)
		return 0;
	p->plan->ports = calloc((size_t)n, sizeof(p->plan->ports[0]));
	return p->plan->ports == NULL ? operands_out_of_memory(p) : 0;
}

void
ports_add(struct parse *p, uint16_t lo, uint16_t hi, const char *word)
{
	struct port_range	*ports = &p->plan->ports[p->plan->nports++];

	ports->lo = lo < hi ? lo : hi;
	ports->hi = lo < hi ? hi : lo;
	ports->word = word;
}

/* A path stands where it is connected to, and where it is listened on. */
void
path_set(struct parse *p, const char *path)
{
	p->plan->host = path;
	if (p->plan->mode == PLAN_LISTEN)
		p->plan->local_host = path;
}

/* ---- OpenBSD's and ours ------------------------------------------------ */

static int
operands_bad_port(const struct parse *p, const char *why, const char *word)
{
	bool	empty = *word == '\0' && p->plan->compat == COMPAT_NATIVE;

	return refuse(p, "port number %s: %s", why, empty ? "''" : word);
}

/* One word: a port, a service, or lo-hi. */
static int
operands_read_ports(struct parse *p, char *word)
{
	const char	*why, *at = word, *rest;
	char		 text[16];
	uint16_t	 lo, hi;
	size_t		 n;

	why = port_value(p->plan, word, 1, &lo);
	hi = lo;
	if (why != NULL && isdigit((unsigned char)*word) &&
	    (rest = strchr(word, '-')) != NULL) {
		at = rest + 1;
		why = port_value(p->plan, at, 1, &hi);
		n = (size_t)(rest - word);
		if (why == NULL && n < sizeof(text)) {
			memcpy(text, word, n);
			text[n] = '\0';
			why = port_value(p->plan, text, 1, &lo);
			at = why != NULL ? word : at;
		}
	}
	/* Half a range says nothing by itself. */
	if (why != NULL && *at == '\0' && p->plan->compat == COMPAT_NATIVE)
		at = word;
	if (why != NULL)
		return operands_bad_port(p, why, at);
	ports_add(p, lo, hi, word);
	return 0;
}

static int
operands_read_port_list(struct parse *p, char **words, int n)
{
	int	rc;

	if ((rc = ports_make(p, n)) != 0)
		return rc;
	for (int i = 0; i < n; i++)
		if ((rc = operands_read_ports(p, words[i])) != 0)
			return rc;
	return 0;
}

/*
 * Where to listen. A port from the command line is checked here, but stays
 * the word that it is: looking up a service is the resolver's.
 */
static int
operands_check_local_port(const struct parse *p, bool words_too)
{
	const char	*why, *word = p->plan->local_port;
	uint16_t	 port;

	if (word == NULL)
		return 0;
	why = port_value(p->plan, word, 0, &port);
	if (why == NULL || (!words_too && strcmp(why, "invalid") == 0))
		return 0;
	return operands_bad_port(p, why, word);
}

static int
operands_openbsd_unix(struct parse *p)
{
	bool	listening = p->plan->mode == PLAN_LISTEN;

	if (p->nwords > 1)
		return refuse(p, "cannot use port with -U");
	if (p->seen[ACT_SOURCE_PORT])
		return usage(p);
	if (p->nwords == 1 && listening && p->seen[ACT_SOURCE])
		return usage(p);
	if (p->nwords == 1)
		path_set(p, p->words[0]);
	else if (listening && p->seen[ACT_SOURCE])
		path_set(p, p->plan->local_host);
	else
		return listening ? refuse(p, "missing socket pathname") :
		    usage(p);
	return 0;
}

static int
operands_openbsd_listen(struct parse *p)
{
	if (p->seen[ACT_SOURCE_PORT])
		return p->nwords == 0 ? operands_check_local_port(p, false) :
		    usage(p);
	if (p->nwords == 0)
		return refuse(p, "missing port number");
	if (p->nwords > 2 || p->seen[ACT_SOURCE])
		return usage(p);
	if (p->nwords == 2)
		p->plan->local_host = p->words[0];
	p->plan->local_port = p->words[p->nwords - 1];
	return operands_check_local_port(p, false);
}

/* Of what is no host and port; false: these are. */
static bool
other_operands(struct parse *p, int *rc)
{
	if (service_operands(p, rc))
		return true;
	if (p->plan->device != NULL)
		*rc = operands_device(p);
	else if (has_own_operands(p->plan))
		*rc = operands_kind(p);
	else
		return false;
	return true;
}

int
operands_openbsd(struct parse *p)
{
	int	rc;

	if (other_operands(p, &rc))
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return operands_openbsd_unix(p);
	if (p->plan->mode == PLAN_LISTEN)
		return operands_openbsd_listen(p);
	if (p->nwords == 0)
		return usage(p);
	if (p->nwords == 1)
		return refuse(p, "missing port number");
	p->plan->host = p->words[0];
	if ((rc = operands_check_local_port(p, false)) != 0)
		return rc;
	return operands_read_port_list(p, p->words + 1, p->nwords - 1);
}

/*
 * Cut "[v6]:port", "[v6]" or "host:port" in two; *port is NULL when there
 * is none, and *host is the word itself when there is nothing to cut.
 */
static int
operands_cut_word(struct parse *p, char *word, char **host, char **port)
{
	char	*colon, *end;

	*host = word;
	*port = NULL;
	if (*word == '\0')
		return refuse(p, "an empty word is no address and no port");
	if (strstr(word, "://") != NULL)
		return refuse(p, "a host and a port are wanted, no URL: %s",
		    word);
	if (*word != '[' && ((colon = strchr(word, ':')) == NULL ||
	    strchr(colon + 1, ':') != NULL || colon == word))
		return 0;
	if ((p->plan->cut = strdup(word)) == NULL)
		return operands_out_of_memory(p);
	end = strchr(p->plan->cut, *word == '[' ? ']' : ':');
	if (end == NULL || (*end == ']' && end[1] != '\0' && end[1] != ':'))
		return refuse(p, "not an address: %s", word);
	*host = p->plan->cut + (*word == '[');
	if (*end == ':')
		*port = end + 1;
	else if (end[1] == ':')
		*port = end + 2;
	*end = '\0';
	if (**host == '\0')
		return refuse(p, "not an address: %s", word);
	return 0;
}

static int
operands_native_unix(struct parse *p)
{
	bool	listening = p->plan->mode == PLAN_LISTEN;

	if (p->seen[ACT_SOURCE_PORT])
		return refuse(p, "-p has no meaning with -U");
	if (p->nwords > 1)
		return refuse(p, "one path is enough: %s", p->words[1]);
	if (p->nwords == 1)
		path_set(p, p->words[0]);
	else if (listening && p->seen[ACT_SOURCE])
		path_set(p, p->plan->local_host);
	if (p->plan->host == NULL || *p->plan->host == '\0')
		return refuse(p, "missing path of the Unix socket");
	return 0;
}

bool
is_digits(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

static int
operands_native_listen(struct parse *p)
{
	char	*host = NULL, *port = NULL;
	int	 rc, n = p->nwords;

	if (n > 0 && (rc = operands_cut_word(p, p->words[0], &host,
	    &port)) != 0)
		return rc;
	if (n == 2 && port == NULL)
		port = p->words[1];
	else if (n == 1 && port == NULL && (!p->seen[ACT_SOURCE_PORT] ||
	    is_digits(host))) {
		port = host;
		host = NULL;
	} else if (n > 1)
		return refuse(p, "one port to listen on is enough: %s",
		    p->words[n - 1]);
	if (port != NULL && p->seen[ACT_SOURCE_PORT])
		return refuse(p, "two ports to listen on: %s and %s",
		    p->plan->local_port, port);
	if (host != NULL && p->seen[ACT_SOURCE])
		return refuse(p, "two addresses to listen on: %s and %s",
		    p->plan->local_host, host);
	if (port != NULL)
		p->plan->local_port = port;
	if (host != NULL)
		p->plan->local_host = host;
	if (p->plan->local_port == NULL && p->plan->near == PLAN_CHAT)
		p->plan->local_port = CHAT_PORT_TEXT;
	if (p->plan->local_port == NULL)
		return refuse(p, "missing port number");
	return operands_check_local_port(p, true);
}

int
operands_native(struct parse *p)
{
	char	*host, *port;
	int	 rc;

	if (other_operands(p, &rc))
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return operands_native_unix(p);
	if (p->plan->mode == PLAN_LISTEN)
		return operands_native_listen(p);
	if (p->nwords == 0)
		return refuse(p, "missing host and port");
	if ((rc = operands_cut_word(p, p->words[0], &host, &port)) != 0 ||
	    (rc = operands_check_local_port(p, true)) != 0)
		return rc;
	p->plan->host = host;
	if (p->nwords > 1 && port != NULL)
		return refuse(p, "two ports: %s and %s", port, p->words[1]);
	if (p->nwords > 2 && p->plan->near == PLAN_CHAT)
		return refuse(p, "one port to chat on is enough: %s",
		    p->words[2]);
	if (port != NULL)
		return operands_read_port_list(p, &port, 1);
	if (p->nwords == 1 && p->plan->near == PLAN_CHAT) {
		if ((rc = ports_make(p, 1)) == 0)
			ports_add(p, CHAT_PORT, CHAT_PORT, CHAT_PORT_TEXT);
		return rc;
	}
	if (p->nwords == 1)
		return refuse(p, "missing port number");
	return operands_read_port_list(p, p->words + 1, p->nwords - 1);
}

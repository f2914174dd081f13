#include <string.h>

#include "cli/option.h"

/*
 * Hosts and ports as ncat takes them: one port, and never a service.
 */

#define NCAT_PORT	"31337"

static int
ncat_operands_too_many_ports(const struct parse *p, const char *first, int from)
{
	char	list[256] = "";

	if (first != NULL)
		strlcat(list, first, sizeof(list));
	for (int i = from; i < p->nwords; i++) {
		if (*list != '\0')
			strlcat(list, " ", sizeof(list));
		strlcat(list, p->words[i], sizeof(list));
	}
	return refuse(p, "Got more than one port specification: %s.", list);
}

static int
ncat_source_port(const struct parse *p)
{
	const char	*why;
	uint16_t	 port;

	if (!p->seen[ACT_SOURCE_PORT])
		return 0;
	why = port_value(p->plan, p->plan->local_port, 0, &port);
	if (why == NULL)
		return 0;
	return strcmp(why, "invalid") == 0 ?
	    refuse(p, "Invalid source port number \"%s\".",
	    p->plan->local_port) :
	    refuse(p, "Invalid source port %s.", p->plan->local_port);
}

static int
ncat_port(struct parse *p, const char *word, uint16_t *port)
{
	return port_value(p->plan, word, 0, port) == NULL ? 0 :
	    refuse(p, "Invalid port number \"%s\".", word);
}

static int
ncat_unix(struct parse *p)
{
	uint16_t	port;
	int		rc;

	if (p->nwords == 0)
		return refuse(p, "You have to specify path to a socket to "
		    "%s.", p->plan->mode == PLAN_LISTEN ?
		    "listen on" : "connect to");
	if (p->nwords > 2)
		return ncat_operands_too_many_ports(p, NULL, 1);
	if (p->nwords == 2) {
		rc = ncat_port(p, p->words[1], &port);
		return rc != 0 ? rc : ncat_operands_too_many_ports(p, NULL, 1);
	}
	path_set(p, p->words[0]);
	return 0;
}

/* A word of digits is the port, any other the address. */
static int
ncat_listen(struct parse *p)
{
	const char	*word = NULL;
	uint16_t	 port;
	int		 n = p->nwords, rc;
	bool		 lone;

	lone = n == 1 && is_digits(p->words[0]);
	if (n > 2 || (p->seen[ACT_SOURCE_PORT] && (lone || n == 2)))
		return ncat_operands_too_many_ports(p, p->plan->local_port,
		    is_digits(p->words[0]) ? 0 : 1);
	if (lone || n == 2)
		word = p->words[n - 1];
	if (n > 0 && !lone)
		p->plan->local_host = p->words[0];
	if (word != NULL && (rc = ncat_port(p, word, &port)) != 0)
		return rc;
	if (word != NULL)
		p->plan->local_port = word;
	else if (p->plan->local_port == NULL)
		p->plan->local_port = NCAT_PORT;
	return 0;
}

int
operands_ncat(struct parse *p)
{
	const char	*word;
	uint16_t	 port;
	int		 rc;

	if (has_own_operands(p->plan))
		return operands_kind(p);
	if ((rc = ncat_source_port(p)) != 0)
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return ncat_unix(p);
	if (p->plan->mode == PLAN_LISTEN)
		return ncat_listen(p);
	if (p->nwords == 0)
		return refuse(p, "You must specify a host to connect to.");
	if (p->nwords > 2)
		return ncat_operands_too_many_ports(p, NULL, 1);
	p->plan->host = p->words[0];
	word = p->nwords == 2 ? p->words[1] : NCAT_PORT;
	if ((rc = ncat_port(p, word, &port)) != 0 ||
	    (rc = ports_make(p, 1)) != 0)
		return rc;
	ports_add(p, port, port, word);
	return 0;
}

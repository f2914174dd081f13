#include <string.h>

#include "cli/option.h"

/*
 * Hosts and ports as the traditional netcat takes them: behind -l they say
 * who may come in.
 */

/* One port, with "\-" for a hyphen in a name. */
static int
traditional_port(struct parse *p, const char *word, size_t len,
    uint16_t *port)
{
	char	text[64];
	size_t	n = 0;

	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\' && i + 1 < len)
			i++;
		if (n < sizeof(text) - 1)
			text[n++] = word[i];
	}
	text[n] = '\0';
	if (port_value(p->plan, text, 1, port) != NULL)
		return refuse(p, "invalid port %s", text);
	return 0;
}

/* The hyphen between two ports; NULL when there is one port alone. */
static const char *
traditional_hyphen(const char *word)
{
	for (; *word != '\0' && *word != '-'; word++)
		if (*word == '\\' && word[1] != '\0')
			word++;
	return *word == '-' ? word : NULL;
}

/*
 * lo-hi; a range that runs downwards is its first port alone. The second is
 * the one that is blamed first.
 */
static int
traditional_ports(struct parse *p, char *word)
{
	const char	*hyphen = traditional_hyphen(word);
	uint16_t	 lo, hi;
	size_t		 len;
	int		 rc;

	if (port_value(p->plan, word, 1, &lo) == NULL) {
		ports_add(p, lo, lo, word);
		return 0;
	}
	len = hyphen != NULL ? (size_t)(hyphen - word) : strlen(word);
	if (hyphen != NULL && (rc = traditional_port(p, hyphen + 1,
	    strlen(hyphen + 1), &hi)) != 0)
		return rc;
	if ((rc = traditional_port(p, word, len, &lo)) != 0)
		return rc;
	if (hyphen == NULL || hi < lo)
		hi = lo;
	ports_add(p, lo, hi, word);
	return 0;
}

static int
traditional_local_port(struct parse *p)
{
	uint16_t	port;

	if (p->plan->local_port == NULL)
		p->plan->any_port = p->plan->mode == PLAN_LISTEN;
	else if (port_value(p->plan, p->plan->local_port, 1, &port) != NULL)
		return refuse(p, "invalid local port %s",
		    p->plan->local_port);
	return 0;
}

int
operands_traditional(struct parse *p)
{
	bool	listening = p->plan->mode == PLAN_LISTEN;
	int	rc;

	if ((rc = traditional_local_port(p)) != 0)
		return rc;
	if (p->nwords == 0)
		return listening ? 0 : refuse(p, "no destination");
	if (p->nwords == 1 && !listening)
		return refuse(p, "no port[s] to connect to");
	p->plan->host = p->words[0];
	p->plan->peer_filter = listening;
	if ((rc = ports_make(p, p->nwords - 1)) != 0)
		return rc;
	for (int i = 1; i < p->nwords; i++)
		if ((rc = traditional_ports(p, p->words[i])) != 0)
			return rc;
	return 0;
}

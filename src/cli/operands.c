#include <sys/socket.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"

/*
 * The words after the options: host and ports, as far as the dialects agree.
 */

int
ports_make(struct parse *p, int n)
{
	p->plan->ports = calloc((size_t)n, sizeof(p->plan->ports[0]));
	return p->plan->ports == NULL && n > 0 ? refuse_memory(p) : 0;
}

void
ports_add(struct parse *p, uint16_t lo, uint16_t hi, const char *word)
{
	p->plan->ports[p->plan->nports++] = (struct port_range){
		lo < hi ? lo : hi, lo < hi ? hi : lo, word
	};
}

void
path_set(struct parse *p, const char *path)
{
	p->plan->host = path;
	if (p->plan->mode == PLAN_LISTEN)
		p->plan->local_host = path;
}

bool
is_digits(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

static int
operands_bad_port(const struct parse *p, const char *why, const char *word)
{
	return refuse(p, "port number %s: %s", why,
	    *word == '\0' && p->dialect->strict ? "''" : word);
}

/* A word: a port, a service, or lo-hi. */
static int
operands_read_ports(struct parse *p, char *word)
{
	const char	*why, *at = word;
	char		*rest;
	uint16_t	 lo, hi;

	why = port_value(p->plan, word, 1, &lo);
	hi = lo;
	if (why != NULL && isdigit((unsigned char)*word) &&
	    (rest = strchr(word, '-')) != NULL) {
		at = rest + 1;
		why = port_value(p->plan, at, 1, &hi);
		if (why == NULL) {
			*rest = '\0';
			why = port_value(p->plan, word, 1, &lo);
			*rest = '-';
			at = word;
		}
	}
	/* Of half a range, the whole word is shown. */
	if (why != NULL && *at == '\0' && p->dialect->strict)
		at = word;
	if (why != NULL)
		return operands_bad_port(p, why, at);
	ports_add(p, lo, hi, word);
	return 0;
}

int
ports_read(struct parse *p, char **words, int n)
{
	int	rc = ports_make(p, n);

	for (int i = 0; rc == 0 && i < n; i++)
		rc = operands_read_ports(p, words[i]);
	return rc;
}

int
check_local_port(const struct parse *p)
{
	const char	*why, *word = p->plan->local_port;
	uint16_t	 port;

	if (word == NULL)
		return 0;
	why = port_value(p->plan, word, 0, &port);
	return why == NULL ||
	    (!p->dialect->strict && strcmp(why, "invalid") == 0) ? 0 :
	    operands_bad_port(p, why, word);
}

/* -f takes the place of the operands. */
static int
operands_device(struct parse *p)
{
	p->plan->host = p->plan->device;
	if (*p->plan->device == '\0')
		return refuse(p, "-f: there is no file without a name");
	return p->nwords == 0 ? 0 :
	    refuse(p, "cannot use a host with -f: %s", p->words[0]);
}

bool
operands_other(struct parse *p, int *rc)
{
	if (p->dialect->rules && operands_given(p, rc))
		return true;
	if (p->plan->device != NULL)
		*rc = operands_device(p);
	else if (p->plan->family == FAMILY_VSOCK ||
	    p->plan->socket.type == SOCK_RAW)
		*rc = operands_socket(p);
	else
		return false;
	return true;
}

#include <sys/socket.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "cli/subjects.h"

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

/* ---- Of other sockets ---------------------------------------------------- */

static int
operands_check_vsock(const struct parse *p, const char *cid, const char *port)
{
	struct addr	a;

	if (cid != NULL && addr_vsock(&a, cid, NULL) == -1)
		return refuse_as(p, TEXT_CID, cid);
	return port == NULL || addr_vsock(&a, NULL, port) != -1 ? 0 :
	    refuse_as(p, TEXT_PORT, port);
}

/* The port stays a word: its 32 bits exceed struct port_range. */
static int
operands_vsock(struct parse *p)
{
	struct plan	*plan = p->plan;
	bool		 listens = plan->mode == PLAN_LISTEN;
	int		 n = p->nwords, rc;
	const char	*cid = n > listens ? p->words[0] : plan->local_host;
	const char	*port = n > !listens ? p->words[n - 1] :
			    listens && plan->local_port != NULL ?
			    plan->local_port : p->dialect->port;

	if (n == 0 && !listens)
		return refuse_as(p, TEXT_NO_DESTINATION);
	if (n > 2 || (listens && ((n > 0 && p->seen[ACT_SOURCE_PORT]) ||
	    (n > 1 && p->seen[ACT_SOURCE]))))
		return refuse(p, "only one port allowed%s: %s", listens ?
		    " with -l" : "", p->words[listens ? n - 1 : 2]);
	if (port == NULL)
		return refuse(p, "missing port number");
	if ((rc = operands_check_vsock(p, cid, port)) != 0)
		return rc;
	if (listens) {
		plan->local_host = cid;
		plan->local_port = port;
		return 0;
	}
	if ((rc = operands_check_vsock(p, plan->local_host,
	    plan->local_port)) != 0 || (rc = ports_make(p, 1)) != 0)
		return rc;
	plan->host = cid;
	ports_add(p, 0, 0, port);
	return 0;
}

/* A raw socket has no ports. */
static int
operands_raw(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (p->seen[ACT_SOURCE_PORT])
		return refuse(p, "-p has no meaning with --raw");
	if (p->nwords > 1)
		return refuse(p, "--raw takes a host and no port: %s",
		    p->words[1]);
	if (p->nwords == 0)
		return plan->mode == PLAN_LISTEN ? 0 :
		    refuse(p, "missing host");
	if (plan->mode == PLAN_LISTEN && plan->local_host != NULL)
		return refuse(p, "two addresses to listen on: %s and %s",
		    plan->local_host, p->words[0]);
	*(plan->mode == PLAN_LISTEN ? &plan->local_host : &plan->host) =
	    p->words[0];
	return 0;
}

bool
operands_other(struct parse *p, int *rc)
{
	if (p->dialect->rules && operands_given(p, rc))
		return true;
	/* -f takes the place of the operands. */
	if ((p->plan->host = p->plan->device) != NULL)
		*rc = *p->plan->device == '\0' ?
		    refuse(p, "-f: empty file name") : p->nwords == 0 ? 0 :
		    refuse(p, "cannot use a host with -f: %s", p->words[0]);
	else if (p->plan->family == FAMILY_VSOCK)
		*rc = operands_vsock(p);
	else if (p->plan->socket.type == SOCK_RAW)
		*rc = operands_raw(p);
	else
		return false;
	return true;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "cli/option.h"

/* The option --forward: its targets, and these in words. */

/* ---- Targets ------------------------------------------------------------ */

static int
forward_opts_bad(const struct parse *p, const char *word)
{
	return refuse(p, "--forward: not a target (host:port, :port, "
	    "unix:path, vsock:CID:port): %s", *word == '\0' ? "''" : word);
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
	char		*end = strrchr(t->cut, ':');
	const char	*why;

	t->host = t->cut;
	if (end == NULL || strstr(arg, "://") != NULL)
		return forward_opts_bad(p, arg);
	if (*t->cut == '[') {
		if (end == t->cut || end[-1] != ']')
			return forward_opts_bad(p, arg);
		end[-1] = '\0';
		t->host = t->cut + 1;
	} else if (strchr(t->cut, ':') != end)
		return forward_opts_bad(p, arg);
	*end = '\0';
	if (*t->host == '\0' && *t->cut == '[')
		return forward_opts_bad(p, arg);
	if (*t->host == '\0')
		t->host = "localhost";
	why = port_value(p->plan, end + 1, 1, &t->number);
	return why == NULL ? 0 : refuse(p, "--forward: port number %s: %s",
	    why, arg);
}

int
set_forward(struct parse *p, const char *arg)
{
	struct plan_forward	*f = &p->plan->forward;
	struct forward_target	*t = reallocarray(f->targets, f->n + 1,
				    sizeof(*t));
	bool			 unix_path = strncmp(arg, "unix:", 5) == 0;
	bool			 vsock = strncmp(arg, "vsock:", 6) == 0;

	if (t == NULL)
		return refuse_memory(p);
	f->targets = t;
	t += f->n;
	*t = (struct forward_target){ .family = unix_path ? FAMILY_UNIX :
	    vsock ? FAMILY_VSOCK : FAMILY_ANY };
	t->cut = strdup(unix_path ? arg + 5 : vsock ? arg + 6 : arg);
	if (t->cut == NULL)
		return refuse_memory(p);
	f->n++;
	p->plan->near = PLAN_FORWARD;
	if (vsock)
		return forward_opts_cut_vsock(p, arg, t);
	if (!unix_path)
		return forward_opts_cut_inet(p, arg, t);
	t->host = t->cut;
	return *t->host != '\0' ? 0 : forward_opts_bad(p, arg);
}

void
forward_free(struct plan_forward *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->targets[i].cut);
	free(f->targets);
}

/* ---- In words ----------------------------------------------------------- */

void
explain_forward(const struct plan *plan)
{
	const struct plan_forward	*f = &plan->forward;

	for (size_t i = 0; i < f->n; i++) {
		const struct forward_target	*t = &f->targets[i];

		printf("near: %sconnect (%s) %s", i == 0 ? "" : "or else ",
		    t->family == FAMILY_UNIX ? "unix" :
		    t->family == FAMILY_VSOCK ? "vsock" : "tcp", t->host);
		if (t->port != NULL)
			printf(" port %s\n", t->port);
		else if (t->family == FAMILY_ANY)
			printf(" port %u\n", t->number);
		else
			putchar('\n');
	}
	puts("relay: bytes and ends cross in both directions; a failure of "
	    "one side resets the other");
}

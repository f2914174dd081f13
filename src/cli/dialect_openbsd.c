#include <unistd.h>

#include "base/num.h"
#include "cli/parse.h"
#include "message/messages.h"

/*
 * The dialect of OpenBSD's netcat as Debian builds it: nc, netcat,
 * nc.openbsd.
 */

static const struct plan	defaults = {
	.compat = COMPAT_OPENBSD,
	.wildcard = WILDCARD_INET, .show_mapped = true,
	.repeat_addrs = true, .keep_socket_file = true,
	.signal_keeps_socket = true,
	.connect_timeout = -1, .accept_timeout = -1, .deadline = -1,
	.race_delay = -1,
	.end = {
		END_DEFAULTS, .near_eof = NEAR_KEEP, .far_eof = FAR_WAIT,
		.far_limit = FAR_LIMITS(0, FAR_PAUSE, NSEC_PER_SEC / 4),
		.refusal_ends = true
	},
	.proxy = { .asks = true },
	/* Without -v, nc -z sends no datagrams and reports every port as
	 * open; nc ignores -i with -z, contrary to its manual. */
	.scan = { .byte = 'X', .unasked = true },
	.block = 16384,
	.exec = { .how = EXEC_WORDS, .hints_lines = true },
	.taps = { .must_keep = true, .mode = 0664 },
	.service = { .peer_out = STDOUT_FILENO },
	.sock = { SOCK_DEFAULTS, .reuseport = true, .shuts_dgrams = true,
	    .replaces_empty = true },
	.tolerant = true
};

static const char	*const texts[TEXT_COUNT] = {
	/* The resolver refuses a bad port. */
	[TEXT_PROXY_PORT] = "",
	[TEXT_HOST_INVALID] = "Invalid hostname",
	[TEXT_HOST_LONG_HTTP] = "hostname too long",
	[TEXT_HOST_LONG_SOCKS] = "host name too long for SOCKS5"
};

static const struct pair	pairs[] = {
	{ ACT_PROXY, true, IS(SOURCE),
	    "no proxy support for local source address" },
	{ ACT_PASS_FD, true, IS(UNIX), "cannot use -F and -U" }
};

/* Whole seconds after a letter; sockcat's long options take units. */
static const char *
openbsd_time(const struct parse *p, const char *word, int64_t *nsec)
{
	const char	*why;
	long long	 n;

	if (!p->by_letter)
		return num_time(word, nsec);
	if ((why = num_int(word, 0, actions[p->row->act].max, &n)) == NULL)
		*nsec = n * NSEC_PER_SEC;
	return why;
}

static int
openbsd_bad_value(const struct parse *p, const char *why, const char *word)
{
	return p->row->flags & OPT_IS ?
	    refuse(p, "%s is %s", p->row->noun, why) :
	    refuse(p, "%s %s: %s", p->row->noun, why, word);
}

/* Scripts tell the netcats apart by the words of the first line. */
static FILE *
openbsd_help(const struct option_table *t)
{
	fprintf(stderr, "OpenBSD netcat (Debian patchlevel 1.219-1), "
	    "as spoken by sockcat %s\n", plan_version_text());
	usage_lines(stderr, t);
	fputs("\tCommand Summary:\n", stderr);
	help_classic_rows(stderr, t, "\t\t", 16);
	fputs("\tA port is a number, a service or one of the ranges: lo-hi\n"
	    "\tLong options: nc --compat=native --help all\n", stderr);
	return stderr;
}

static int
openbsd_unix(struct parse *p)
{
	bool	listening = p->plan->mode == PLAN_LISTEN;

	if (p->nwords > 1)
		return refuse(p, "cannot use port with -U");
	if (p->seen[ACT_SOURCE_PORT] ||
	    (p->nwords == 1 && listening && p->seen[ACT_SOURCE]))
		return refuse_with_usage(p);
	if (p->nwords == 1)
		path_set(p, p->words[0]);
	else if (listening && p->seen[ACT_SOURCE])
		path_set(p, p->plan->local_host);
	else
		return listening ? refuse(p, "missing socket pathname") :
		    refuse_with_usage(p);
	return 0;
}

static int
openbsd_listen(struct parse *p)
{
	if (p->seen[ACT_SOURCE_PORT])
		return p->nwords == 0 ? check_local_port(p) :
		    refuse_with_usage(p);
	if (p->nwords == 0)
		return refuse(p, "missing port number");
	if (p->nwords > 2 || p->seen[ACT_SOURCE])
		return refuse_with_usage(p);
	if (p->nwords == 2)
		p->plan->local_host = p->words[0];
	p->plan->local_port = p->words[p->nwords - 1];
	return check_local_port(p);
}

static int
openbsd_operands(struct parse *p)
{
	int	rc;

	if (operands_other(p, &rc))
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return openbsd_unix(p);
	if (p->plan->mode == PLAN_LISTEN)
		return openbsd_listen(p);
	if (p->nwords == 0)
		return refuse_with_usage(p);
	if (p->nwords == 1)
		return refuse(p, "missing port number");
	p->plan->host = p->words[0];
	rc = check_local_port(p);
	return rc != 0 ? rc : ports_read(p, p->words + 1, p->nwords - 1);
}

/* -P is for HTTP alone. */
static int
openbsd_seal(struct parse *p)
{
	if (p->seen[ACT_PROXY_USER] && !p->seen[ACT_PROXY_AUTH] &&
	    p->plan->proxy.kind != PROXY_HTTP)
		p->plan->proxy.login.user = NULL;
	return 0;
}

const struct dialect	dialect_openbsd = {
	.name = "openbsd",
	.called = (const char *const []){ "nc", "netcat", "nc.openbsd", NULL },
	.table = &table_native,
	.defaults = &defaults, .messages = &messages_openbsd,
	.texts = texts, .pairs = pairs,
	.npairs = sizeof(pairs) / sizeof(pairs[0]),
	.usage_status = 1, .tail = "", .stop = "", .rules = true,
	.time = openbsd_time, .bad_value = openbsd_bad_value,
	.operands = openbsd_operands,
	.seal = openbsd_seal, .help = openbsd_help
};

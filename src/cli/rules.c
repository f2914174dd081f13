#include <string.h>

#include "cli/parse.h"

/*
 * Options that exclude or need others. The columns of the actions have the
 * rules, and messages are made from the names of the two options. A pair, here
 * or in the file of a dialect, is an exception: the text of a copied tool, or
 * a reason.
 */

#define COUNT(array)	(sizeof(array) / sizeof(array[0]))

/* Of the native dialect and of OpenBSD's. */
static const struct pair	common[] = {
	{ ACT_PROXY, true, IS(DCCP), "no proxy support for DCCP mode" },
	{ ACT_PROXY, true, IS(UDP), "no proxy support for UDP mode" },
	{ ACT_PROXY, true, IS(LISTEN), "no proxy support for listen" },
	{ ACT_PROXY, true, IS(UNIX), "no proxy support for unix sockets" },
	{ ACT_DGRAM, true, IS(FRAMING), ": a message is a datagram" },
	{ ACT_DGRAM, false, IS(UDP), NULL },
	{ ACT_ACCESS, false, IS(LISTEN),
	    "must use -l with --allow and --deny" },
	{ ACT_BACKLOG, true, IS(UDP), ": datagrams are not accepted" },
	{ ACT_RECONNECT, true, IS(LISTEN), ": use -k" },
	{ ACT_WAIT_FOR, true, COMMAND, ": run it afterwards" },
	{ ACT_TCP_INFO, true, IS(UDP),
	    "--tcp-info is about TCP: cannot use -u" },
	{ ACT_TCP_INFO, true, IS(UNIX),
	    "--tcp-info is about TCP: cannot use -U" },
};

/* A room is open for many without -k, and a script is a command. */
static uint64_t
rules_traits(const struct parse *p)
{
	uint64_t	traits = 0;

	for (size_t a = 0; a < ACT_COUNT; a++)
		if (p->seen[a])
			traits |= actions[a].is;
	if (traits & (IS(BROKER) | IS(TALK)))
		traits |= IS(KEEP_OPEN);
	if (traits & IS(LUA))
		traits |= IS(EXEC);
	return traits;
}

/* The first other option that was given and has such a trait; or ACT_NONE. */
static enum act
rules_find(const struct parse *p, enum act one, uint64_t traits)
{
	for (enum act a = 0; a < ACT_COUNT; a++)
		if (a != one && p->seen[a] && (actions[a].is & traits))
			return a;
	return ACT_NONE;
}

static int
rules_refuse_both(const struct parse *p, enum act one, enum act other,
    const char *reason)
{
	char	a[OPTION_TEXT_MAX], b[OPTION_TEXT_MAX];

	return refuse(p, "cannot use %s and %s%s",
	    act_text(p->dialect->table, one, false, a),
	    act_text(p->dialect->table, other, false, b), reason);
}

bool
rules_needs_text(const struct option_table *t, uint64_t needs, bool by_name,
    char *buf, size_t size)
{
	char	text[ACT_COUNT][OPTION_TEXT_MAX];
	size_t	n = 0;

	for (enum act a = 0; a < ACT_COUNT; a++)
		if ((actions[a].is & needs) &&
		    act_text(t, a, by_name, text[n]) != NULL)
			n++;
	*buf = '\0';
	/* -k is of no use alone. */
	for (size_t i = 0; i < n; i++)
		words_add(buf, size, i + 1 < n ? ", " : " or ",
		    strcmp(text[i], "-k") == 0 ? "-l -k" : text[i]);
	return n > 0;
}

/* "must use -e or -c with -E" */
static int
rules_refuse_alone(const struct parse *p, enum act one, uint64_t needs)
{
	char		 list[128], buf[OPTION_TEXT_MAX];
	const char	*name = act_text(p->dialect->table, one, false, buf);

	rules_needs_text(p->dialect->table, needs, name[1] == '-', list,
	    sizeof(list));
	return refuse(p, "must use %s with %s", list, name);
}

/*
 * Returns the traits that exclude an option here. With --forward, options of
 * connecting are about the targets; with a tls: target, the options of
 * TLS are a client's.
 */
static uint64_t
rules_excluding(const struct parse *p, enum act act, uint64_t traits)
{
	if (p->seen[ACT_FORWARD] &&
	    (act == ACT_PROXY || act == ACT_CONNECT_TIMEOUT))
		traits &= ~(IS(LISTEN) | IS(UNIX));
	/* Copies of what a client sends: the client has all its options. */
	if (p->seen[ACT_FORWARD_ALL] && !p->seen[ACT_LISTEN] &&
	    act == ACT_FORWARD)
		traits &= ~(IS(RECV_ONLY) | IS(SEND_ONLY) | IS(HALF_CLOSE) |
		    IS(NO_SHUTDOWN) | IS(URGENT) | IS(TELNET) |
		    IS(FRAME_FORM) | IS(INPUT));
	if (p->seen[ACT_SERVE_PROXY] && act == ACT_CONNECT_TIMEOUT)
		traits &= ~IS(LISTEN);
	if (p->seen[ACT_FORWARD_TLS] && actions[act].part_of == IS(TLS))
		traits &= ~IS(SERVER);
	return traits;
}

static int
rules_check_pairs(const struct parse *p, const struct pair *pair, size_t n)
{
	uint64_t	traits = rules_traits(p);

	for (; n > 0; n--, pair++) {
		enum act	other;

		if (!p->seen[pair->one])
			continue;
		other = rules_find(p, pair->one, rules_excluding(p, pair->one,
		    pair->other));
		if (pair->with ? other == ACT_NONE :
		    (traits & pair->other) != 0)
			continue;
		if (pair->text == NULL)
			return rules_refuse_alone(p, pair->one, pair->other);
		return *pair->text == ':' ? rules_refuse_both(p, pair->one,
		    other, pair->text) : refuse(p, "%s", pair->text);
	}
	return 0;
}

/* The copied tools accept some options that a column refuses. */
static uint64_t
rules_obeyed(const struct parse *p, enum act act, uint64_t traits)
{
	return p->dialect->strict ? traits : traits & ~actions[act].lax;
}

/*
 * Contradictions first; then parts without their whole; then needs, of which
 * a need that several options meet is checked after the operands.
 */
static int
rules_check_columns(const struct parse *p, bool operands_read)
{
	uint64_t	traits = rules_traits(p), needs;
	enum act	other;

	for (enum act a = 0; a < ACT_COUNT; a++)
		if (p->seen[a] && (other = rules_find(p, a, rules_excluding(p,
		    a, rules_obeyed(p, a, actions[a].never)))) != ACT_NONE)
			return rules_refuse_both(p, a, other, "");
	for (enum act a = 0; a < ACT_COUNT; a++)
		if (p->seen[a] && (actions[a].part_of & ~traits) != 0)
			return rules_refuse_alone(p, a, actions[a].part_of);
	for (enum act a = 0; a < ACT_COUNT; a++) {
		needs = actions[a].needs;
		if (p->seen[a] && rules_obeyed(p, a, needs) != 0 &&
		    (traits & needs) == 0 &&
		    (operands_read || (needs & (needs - 1)) == 0))
			return rules_refuse_alone(p, a, needs);
	}
	return 0;
}

int
check_rules(const struct parse *p, bool operands_read)
{
	const struct dialect	*d = p->dialect;
	int			 rc;

	if ((rc = rules_check_pairs(p, d->pairs, d->npairs)) != 0 ||
	    (d->rules && ((rc = rules_check_pairs(p, common,
	    COUNT(common))) != 0 ||
	    (rc = rules_check_columns(p, operands_read)) != 0)))
		return rc;
	return operands_read && d->check != NULL ? d->check(p) : 0;
}

static bool
rules_forbids(enum act one, enum act other)
{
	uint64_t	never = actions[one].never;

	for (size_t i = 0; i < COUNT(common); i++)
		if (common[i].one == one && common[i].with)
			never |= common[i].other;
	return (never & actions[other].is) != 0;
}

bool
rules_exclude(enum act a, enum act b)
{
	return a != b && (rules_forbids(a, b) || rules_forbids(b, a));
}

#include <sys/socket.h>

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/secret.h"
#include "cli/parse.h"

/* From argv to a sealed plan: dialect, options, operands, rules, sealing. */

/* The lowest value that getopt_long returns for a long option. */
#define LONG_BASE	256

/* Whether argv has --name or --name=word, without abbreviation. */
static bool
parse_is_written(const char *name, char **argv)
{
	size_t	len = strlen(name);

	for (; *argv != NULL; argv++)
		if (strncmp(*argv, "--", 2) == 0 &&
		    strncmp(*argv + 2, name, len) == 0 &&
		    ((*argv)[2 + len] == '\0' || (*argv)[2 + len] == '='))
			return true;
	return false;
}

/*
 * The rows in getopt_long's form. Two names of equal value are the same to
 * getopt_long, so their common beginning abbreviates the first.
 */
static void
parse_make_getopt(const struct parse *p, char **argv, char *letters,
    struct option *longs)
{
	const struct option_table	*t = p->dialect->table;
	bool				 names = false;

	/* Without long options on the line, their names are not collected. */
	for (char **word = argv; *word != NULL; word++)
		names |= strncmp(*word, "--", 2) == 0 && (*word)[2] != '\0';
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];
		bool	 one = p->dialect->abbreviates && row->letter == 0;

		if (row->letter != 0) {
			*letters++ = row->letter;
			if (*row->arg != '\0')
				*letters++ = ':';
		}
		if (names && *row->name != '\0' &&
		    ((p->dialect->abbreviates && !(row->flags & OPT_WHOLE)) ||
		    parse_is_written(row->name, argv)))
			*longs++ = (struct option){ row->name,
			    *row->arg == '\0' ? no_argument :
			    row->flags & OPT_MAYBE ? optional_argument :
			    required_argument, NULL,
			    one ? LONG_BASE : LONG_BASE + 1 + (int)i };
	}
	*letters = '\0';
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

/*
 * The word of argv after this one; NULL: none. argv[optind] may be another
 * word, for getopt_long moves operands in its copy of argv.
 */
static const char *
parse_word_after(const struct parse *p, const char *word)
{
	char	**next = p->argv;

	while (*next != NULL && *next != word)
		next++;
	return *next == NULL ? NULL : next[1];
}

/* Applies the row; word: the last word of argv that was read. */
static int
parse_apply(struct parse *p, const char *arg, const char *word)
{
	enum act		 act = p->row->act;
	const struct action	*a = &actions[act];
	const char		*next = parse_word_after(p, word);

	/* "--sum md5" would have a host of that name. */
	if (arg == NULL && (p->row->flags & OPT_MAYBE) && a->choices != NULL &&
	    next != NULL && word_value(a->choices, next) != -1)
		return refuse(p, "--%s %s: write --%s=%s", p->row->name, next,
		    p->row->name, next);
	p->seen[act] = true;
	/*
	 * An empty word is a variable that was not set, and never a name. --tag
	 * may be empty, and the others have messages of their own.
	 */
	if (p->dialect->strict && arg != NULL && *arg == '\0' &&
	    act != ACT_TAG && act != ACT_EXEC && act != ACT_SH_EXEC &&
	    act != ACT_ALLOW && act != ACT_DENY)
		return p->dialect->bad_value(p, "empty", "''");
	return a->set != NULL ? a->set(p, arg) : set_field(p, arg);
}

/* Help, version and the like act where they stand. */
static bool
parse_ends(const struct plan *plan)
{
	return plan->mode >= PLAN_HELP;
}

static int
parse_read_options(struct parse *p, int argc, char **argv)
{
	struct option	longs[ROWS_MAX + 1];
	char		letters[2 * ROWS_MAX + 2];
	const char	*topic;
	int		ch, rc, i = 0;

	letters[0] = ':';
	parse_make_getopt(p, argv, letters + p->dialect->own_getopt, longs);
	optind = 0;	/* from the start */
	opterr = !p->dialect->own_getopt;
	while ((ch = getopt_long(argc, argv, letters, longs, &i)) != -1) {
		p->by_letter = ch < LONG_BASE;
		if (p->by_letter)
			p->row = row_of_letter(p->dialect->table, ch);
		else
			for (p->row = p->dialect->table->rows;
			    p->row->name != longs[i].name;)
				p->row++;
		if (p->row == NULL)
			return refuse_option(p, ch, argv[optind - 1]);
		if ((rc = parse_apply(p, optarg, argv[optind - 1])) != 0)
			return rc;
		/* The topic is the next word; "-hv" has no topic. */
		if (p->row->act == ACT_HELP) {
			topic = p->dialect->help != NULL ? NULL :
			    parse_word_after(p, argv[optind - 1]);
			return topic == NULL ? 0 : help_set_topic(p, topic);
		}
		if (parse_ends(p->plan))
			return 0;
	}
	if (p->seen[ACT_LISTEN])
		p->plan->mode = PLAN_LISTEN;
	else if (p->seen[ACT_WAIT_FOR])
		p->plan->mode = PLAN_WAIT;
	else if (p->seen[ACT_SCAN])
		p->plan->mode = PLAN_SCAN;
	else if (p->seen[ACT_INETD] || p->seen[ACT_PEER_FD])
		p->plan->mode = PLAN_INHERIT;
	p->words = argv + optind;
	p->nwords = argc - optind;
	return 0;
}

static int
parse_read_line(struct parse *p, int argc, char **argv)
{
	int	rc;

	if ((rc = parse_read_options(p, argc, argv)) != 0 ||
	    parse_ends(p->plan))
		return rc;
	if (p->dialect->complete != NULL &&
	    (rc = p->dialect->complete(p)) != 0)
		return rc;
	/* The copied tools check conflicts last. */
	if (p->dialect->strict && (rc = check_rules(p, false)) != 0)
		return rc;
	if ((rc = p->dialect->operands(p)) != 0 ||
	    (rc = check_rules(p, true)) != 0)
		return rc;
	return plan_seal(p);
}

int
plan_parse(struct plan *plan, int argc, char **argv)
{
	char		 none[] = "sockcat";
	struct parse	 p = { .plan = plan, .argv = argv };
	char		*called = argc > 0 ? argv[0] : none, **copy;
	int		 rc;

	memset(plan, 0, sizeof(*plan));
	if (strrchr(called, '/') != NULL)
		called = strrchr(called, '/') + 1;
	diag_init(called, 0);
	if ((p.dialect = dialect_choose(argc, argv)) == NULL)
		return 1;
	*plan = *p.dialect->defaults;
	plan->messages = p.dialect->messages;
	plan->progname = p.dialect->progname != NULL ?
	    p.dialect->progname : called;
	diag_init(plan->progname, 0);

	/* getopt_long puts argv[0] in messages, and moves the rest. */
	if ((copy = calloc((size_t)argc + 2, sizeof(*copy))) == NULL)
		return refuse_memory(&p);
	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	copy[0] = called;
	rc = parse_read_line(&p, argc > 0 ? argc : 1, copy);
	free(copy);
	diag_init(plan->progname, p.dialect->traces ? plan->verbose : 0);
	if (rc != 0)
		plan_free(plan);
	return rc;
}

/*
 * Options out of a command line, as getopt_long(3) of glibc finds them, and
 * with its words for what it does not like; other C libraries have words of
 * their own, and scripts and people know these. A long name may be shortened
 * as long as it is one option's (OPT_WHOLE: never); options may stand behind
 * operands, unless POSIXLY_CORRECT is in the environment. Every value is one
 * that must be there.
 */
#ifndef PLAN_ARGV_H
#define PLAN_ARGV_H

#include <stdbool.h>

struct option_table;
struct option_row;

enum argv_found {
	ARGV_OPTION,		/* row, value and by_letter tell which */
	ARGV_END,		/* argv[1] up to argv[n - 1] are operands */
	ARGV_BAD		/* and the user has been told */
};

struct argv_scan {
	char			 **argv;
	int			   argc;
	const struct option_table *table;
	bool			   in_order;	/* POSIXLY_CORRECT */
	bool			   lumps;	/* see argv_begin */
	int			   at;		/* the next word */
	int			   n;		/* operands, and argv[0] */
	char			  *letters;	/* more of them in this word */
	const struct option_row	  *row;
	char			  *value;	/* NULL: it takes none */
	bool			   by_letter;
};

/*
 * Begin. lumps: of several options without a letter, of which all take a value
 * or none does, what their names begin with means the first, as in ncat, to
 * whose getopt_long they are one and the same. What argv[0] says begins the
 * words for the user; the order of the rest changes, for operands move to the
 * front. argv ends with a NULL.
 */
void	argv_begin(struct argv_scan *, const struct option_table *, bool lumps,
	    int argc, char **argv);
enum argv_found	argv_next(struct argv_scan *);

#endif

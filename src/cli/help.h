/* The help, and the version. Used inside cli/ only. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/option.h"

/* help.c: the copied tools. */
void	usage_lines(FILE *, const struct option_table *);
/* Where the rows of a copied tool begin, and where their texts do. */
struct help_shape {
	const char	*gap;
	int		 column;	/* after the gap */
};
void	help_classic_rows(FILE *, const struct option_table *,
	    const struct help_shape *);
void	help_wide_rows(const struct option_table *);
/* "-x, --name <arg>": how a wide row begins. */
#define HELP_LEFT_MAX	64
const char	*help_left(const struct option_row *, char buf[HELP_LEFT_MAX]);

/*
 * help_native.c: one screen, or the help on a topic, which is the word after
 * --help: a category, an option or "all". help_set_topic returns 0, or refuses
 * an unknown topic.
 */
int	help_set_topic(struct parse *, const char *word);
extern const struct category_row {
	const char	*name;		/* NULL: no category */
	const char	*title;
} categories[CATEGORY_COUNT];

/* version.c */
const char	*plan_version_text(void);

#endif

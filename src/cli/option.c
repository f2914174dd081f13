#include <stdio.h>
#include <string.h>

#include "cli/option.h"

/*
 * Looking into a table of options.
 */

const struct option_row *
row_of_letter(const struct option_table *t, int letter)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].letter != 0 && t->rows[i].letter == letter)
			return &t->rows[i];
	return NULL;
}

const struct option_row *
next_letter(const struct option_table *t, const struct option_row *row)
{
	static const char	 order[] = "0123456789AaBbCcDdEeFfGgHhIiJjKk"
				    "LlMmNnOoPpQqRrSsTtUuVvWwXxYyZz";
	const char		*at = order;

	if (row != NULL)
		at = strchr(order, row->letter) + 1;
	for (; *at != '\0'; at++)
		if ((row = row_of_letter(t, *at)) != NULL)
			return row;
	return NULL;
}

bool
row_is_later(const struct option_row *row)
{
	const struct action	*a = &actions[row->act];

	return a->set == NULL || a->later;
}

bool
row_has_name(const struct option_row *row)
{
	return row->name != NULL && (row->letter == 0 ||
	    row->name[1] != '\0');
}

const char *
option_text(const struct option_row *row, bool letter,
    char buf[OPTION_TEXT_MAX])
{
	if (letter)
		snprintf(buf, OPTION_TEXT_MAX, "-%c", row->letter);
	else
		snprintf(buf, OPTION_TEXT_MAX, "--%s", row->name);
	return buf;
}

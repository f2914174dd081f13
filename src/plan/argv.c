#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "plan/argv.h"
#include "plan/option.h"

void
argv_begin(struct argv_scan *s, const struct option_table *table, bool lumps,
    int argc, char **argv)
{
	*s = (struct argv_scan){ .argv = argv, .argc = argc, .table = table,
	    .in_order = getenv("POSIXLY_CORRECT") != NULL, .lumps = lumps,
	    .at = 1, .n = 1 };
}

static char *
next_word(struct argv_scan *s)
{
	return s->at < s->argc ? s->argv[s->at++] : NULL;
}

static enum argv_found
take_letter(struct argv_scan *s)
{
	char c = *s->letters++;

	s->by_letter = true;
	s->value = NULL;
	s->row = row_of_letter(s->table, c);
	if (s->row == NULL) {
		diag_plain("%s: invalid option -- '%c'", s->argv[0], c);
		return ARGV_BAD;
	}
	if (s->row->arg == NULL)
		return ARGV_OPTION;
	s->value = *s->letters != '\0' ? s->letters : next_word(s);
	s->letters = NULL;
	if (s->value != NULL)
		return ARGV_OPTION;
	diag_plain("%s: option requires an argument -- '%c'", s->argv[0], c);
	return ARGV_BAD;
}

static bool
begins(const struct option_row *row, const char *word, size_t len)
{
	return row->name != NULL && strncmp(row->name, word, len) == 0;
}

/* Are these one and the same to whoever wrote the beginning of both? */
static bool
are_one(const struct argv_scan *s, const struct option_row *a,
    const struct option_row *b)
{
	return a == b || (s->lumps && a->letter == 0 && b->letter == 0 &&
	    (a->arg == NULL) == (b->arg == NULL));
}

/* The one that has this name, or the first that may begin so. */
static const struct option_row *
find_name(const struct argv_scan *s, const char *word, size_t len,
    bool *is_clear)
{
	const struct option_row *row, *found = NULL;
	size_t i;

	*is_clear = true;
	for (i = 0; i < s->table->n; i++) {
		row = &s->table->rows[i];
		if (!begins(row, word, len))
			continue;
		if (row->name[len] == '\0') {
			*is_clear = true;
			return row;
		}
		if (row->flags & OPT_WHOLE)
			continue;
		if (found == NULL)
			found = row;
		else if (!are_one(s, found, row))
			*is_clear = false;
	}
	return found;
}

static void
say_ambiguous(const struct argv_scan *s, const char *word, size_t len)
{
	const struct option_row *row;
	char line[2048];
	size_t i, n;

	n = (size_t)snprintf(line, sizeof(line), "%s: option '--%s' is "
	    "ambiguous; possibilities:", s->argv[0], word);
	for (i = 0; i < s->table->n && n < sizeof(line); i++) {
		row = &s->table->rows[i];
		if (begins(row, word, len) && !(row->flags & OPT_WHOLE) &&
		    (row == s->row || !are_one(s, s->row, row)))
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    " '--%s'", row->name);
	}
	diag_plain("%s", line);
}

static enum argv_found
take_name(struct argv_scan *s, char *word)
{
	size_t len = strcspn(word, "=");
	bool glued = word[len] == '=', is_clear;

	s->by_letter = false;
	s->row = find_name(s, word, len, &is_clear);
	if (!is_clear) {
		say_ambiguous(s, word, len);
		return ARGV_BAD;
	}
	if (s->row == NULL) {
		diag_plain("%s: unrecognized option '--%s'", s->argv[0], word);
		return ARGV_BAD;
	}
	if (glued && s->row->arg == NULL) {
		diag_plain("%s: option '--%s' doesn't allow an argument",
		    s->argv[0], s->row->name);
		return ARGV_BAD;
	}
	s->value = NULL;
	if (s->row->arg != NULL)
		s->value = glued ? word + len + 1 : next_word(s);
	if (s->value == NULL && s->row->arg != NULL) {
		diag_plain("%s: option '--%s' requires an argument",
		    s->argv[0], s->row->name);
		return ARGV_BAD;
	}
	return ARGV_OPTION;
}

/* What is left are operands; those before it stand in front already. */
static enum argv_found
end(struct argv_scan *s)
{
	char *word;

	while ((word = next_word(s)) != NULL)
		s->argv[s->n++] = word;
	s->argv[s->n] = NULL;
	return ARGV_END;
}

enum argv_found
argv_next(struct argv_scan *s)
{
	char *word;

	if (s->letters != NULL && *s->letters != '\0')
		return take_letter(s);
	while ((word = next_word(s)) != NULL) {
		if (strcmp(word, "--") == 0)
			return end(s);
		if (word[0] == '-' && word[1] == '-')
			return take_name(s, word + 2);
		if (word[0] == '-' && word[1] != '\0') {
			s->letters = word + 1;
			return take_letter(s);
		}
		s->argv[s->n++] = word;
		if (s->in_order)
			break;
	}
	return end(s);
}

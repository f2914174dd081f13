/*
 * Reads the tables of tests/compat, which tests/compat/README describes, into
 * rows.
 */
#ifndef COMPAT_TABLE_H
#define COMPAT_TABLE_H

#include <ctype.h>
#include <stdbool.h>

#include "lib/tool.h"

enum { PEERS_MAX = 4, TEXTS_MAX = 8 };

/* What is seen of a run; each is compared by itself. */
enum field { F_STATUS, F_TIME, F_STDOUT, F_STDERR, F_PEER, F_COUNT };
static const char *const field_names[] = {
	[F_STATUS] = "status", [F_TIME] = "time", [F_STDOUT] = "stdout",
	[F_STDERR] = "stderr", [F_PEER] = "peer"
};

/* The kind of a peer, of those in compat_run.h, and its words. */
struct peer_row {
	const char	*kind, *words;
};

struct row {
	const char	*name;
	const char	*values;	/* "for": NULL once expanded */
	const char	*run, *needs;
	const char	*input;		/* NULL: /dev/null */
	bool		 hold;		/* it stays open behind that */
	struct peer_row	 peers[PEERS_MAX];
	int		 npeers;
	long		 limit;		/* ms */
	const char	*key;		/* of the wanted difference, or NULL */
	bool		 may_differ[F_COUNT];
	const char	*ours[TEXTS_MAX], *theirs[TEXTS_MAX];
	int		 nours, ntheirs;
};

struct table {
	struct row	*rows;
	size_t		 n;
};

static inline char *
copy_text(const char *text, size_t len)
{
	char *s = strndup(text, len);

	if (s == NULL)
		tool_fail("compat: no memory");
	return s;
}

/* Replaces each @ of text by the value. */
static inline const char *
put_value(const char *text, const char *value)
{
	size_t len = 0, room;
	char *out;

	if (text == NULL)
		return NULL;
	room = strlen(text) + 1;
	for (const char *s = text; *s != '\0'; s++)
		room += *s == '@' ? strlen(value) : 0;
	if ((out = malloc(room)) == NULL)
		tool_fail("compat: no memory");
	for (; *text != '\0'; text++) {
		if (*text != '@') {
			out[len++] = *text;
			continue;
		}
		memcpy(out + len, value, strlen(value));
		len += strlen(value);
	}
	out[len] = '\0';
	return out;
}

/* Returns the next value of a list; a value in quotes may have blanks. */
static inline char *
next_value(const char **at)
{
	const char *s = *at;
	size_t len;
	char quote;

	while (isspace((unsigned char)*s))
		s++;
	if (*s == '\0')
		return NULL;
	quote = *s == '\'' || *s == '"' ? *s++ : '\0';
	len = quote == '\0' ? strcspn(s, " \t") :
	    strcspn(s, quote == '"' ? "\"" : "'");
	*at = s + len + (quote != '\0' && s[len] != '\0');
	return copy_text(s, len);
}

static inline struct row *
add_row(struct table *t, const struct row *row)
{
	struct row *rows;

	rows = realloc(t->rows, (t->n + 1) * sizeof(*rows));
	if (rows == NULL)
		tool_fail("compat: no memory");
	t->rows = rows;
	t->rows[t->n] = *row;
	return &t->rows[t->n++];
}

/* Adds one row for each value of "for". */
static inline void
expand_row(struct table *out, const struct row *row)
{
	const char *at = row->values;
	char *value, *name;
	struct row *r;

	if (at == NULL) {
		add_row(out, row);
		return;
	}
	while ((value = next_value(&at)) != NULL) {
		r = add_row(out, row);
		if (asprintf(&name, "%s: %s", row->name, value) == -1)
			tool_fail("compat: no memory");
		r->name = name;
		r->run = put_value(row->run, value);
		r->input = put_value(row->input, value);
		for (int i = 0; i < r->nours; i++)
			r->ours[i] = put_value(row->ours[i], value);
		for (int i = 0; i < r->ntheirs; i++)
			r->theirs[i] = put_value(row->theirs[i], value);
		for (int i = 0; i < r->npeers; i++)
			r->peers[i].words = put_value(row->peers[i].words,
			    value);
	}
}

/* "KEY FIELD ..." */
static inline void
set_differs(struct row *r, const char *text)
{
	const char *at = text;
	char *word;
	int i;

	r->key = next_value(&at);
	while ((word = next_value(&at)) != NULL) {
		for (i = 0; i < F_COUNT; i++)
			if (strcmp(word, field_names[i]) == 0)
				break;
		if (i == F_COUNT)
			tool_fail("compat: %s: what is %s?", r->name, word);
		r->may_differ[i] = true;
	}
}

static inline void
add_text(const char *texts[], int *n, const char *text)
{
	if (*n == TEXTS_MAX)
		tool_fail("compat: too many texts: %s", text);
	texts[(*n)++] = text;
}

static inline void
set_key(struct row *r, const char *key, const char *text)
{
	if (strcmp(key, "for") == 0)
		r->values = text;
	else if (strcmp(key, "run") == 0)
		r->run = text;
	else if (strcmp(key, "needs") == 0)
		r->needs = text;
	else if (strcmp(key, "stdin") == 0)
		r->input = text;
	else if (strcmp(key, "hold") == 0) {
		r->input = text;
		r->hold = true;
	} else if (strcmp(key, "limit") == 0)
		r->limit = tool_number(text);
	else if (strcmp(key, "differs") == 0)
		set_differs(r, text);
	else if (strcmp(key, "ours") == 0)
		add_text(r->ours, &r->nours, text);
	else if (strcmp(key, "theirs") == 0)
		add_text(r->theirs, &r->ntheirs, text);
	else if (r->npeers < PEERS_MAX)
		r->peers[r->npeers++] = (struct peer_row){ key, text };
	else
		tool_fail("compat: too many peers: %s", r->name);
}

/* Reads a line, and the lines after it that begin with two tabs. */
static inline char *
read_line(FILE *f)
{
	static char line[1024];
	char *text = NULL, *joined;
	int c;

	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (asprintf(&joined, "%s%s%s", text != NULL ? text : "",
		    text != NULL ? " " : "",
		    line) == -1)
			tool_fail("compat: no memory");
		free(text);
		text = joined;
		if ((c = getc(f)) != '\t')
			break;
		if ((c = getc(f)) != '\t') {
			ungetc(c, f);
			c = '\t';
			break;
		}
	}
	if (text != NULL && c != EOF)
		ungetc(c, f);
	return text;
}

static inline void
read_table(struct table *out, const char *path)
{
	struct table t = { NULL, 0 };
	FILE *f = fopen(path, "re");
	char *line, *tab;

	if (f == NULL)
		tool_fail("compat: %s: %s", path, strerror(errno));
	while ((line = read_line(f)) != NULL) {
		if (*line == '\0' || *line == '#')
			continue;
		if (*line != '\t') {
			add_row(&t, &(struct row){ .name = line,
			    .limit = 4000 });
			continue;
		}
		if ((tab = strchr(line + 1, '\t')) != NULL)
			*tab++ = '\0';
		if (t.n == 0)
			tool_fail("compat: %s: no row before %s", path, line);
		set_key(&t.rows[t.n - 1], line + 1, tab != NULL ? tab : "");
	}
	fclose(f);
	for (size_t i = 0; i < t.n; i++) {
		if (t.rows[i].run == NULL)
			tool_fail("compat: nothing to run: %s",
			    t.rows[i].name);
		expand_row(out, &t.rows[i]);
	}
}

#endif

/*
 * Lines that a person types.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mode/chat_lines.h"

#define NAME_SHOWN	64

struct commands {
	struct filter	 filter;
	struct filter_ops ops;		/* bounds depend on next's */
	struct filter	*next;
	char		 name[NAME_SHOWN];
	bool		(*command)(void *, const char *);
	void		*arg;
	char		 line[COMMAND_MAX + 1];	/* held: may be a command */
	size_t		 n;
	bool		 passing;	/* the rest of a line that is text */
};

static void
pass(struct commands *c, const void *text, size_t n, bool last,
    struct ring *out)
{
	if (c->next != NULL)
		c->next->ops->push(c->next, text, n, last, out);
	else if (n > 0)
		ring_append(out, text, n);
}

static bool
may_be_command(const struct commands *c)
{
	static const char quit[] = "/quit\n";

	if (c->line[0] == ':')
		return c->n < 2 || c->line[1] != ':';
	return c->n < sizeof(quit) && strncmp(c->line, quit, c->n) == 0;
}

/* It is text: what was held goes on, less the colon that quotes another. */
static void
release(struct commands *c, struct ring *out)
{
	bool quoted = c->n > 1 && c->line[0] == ':' && c->line[1] == ':';

	pass(c, c->line + quoted, c->n - quoted, false, out);
	c->n = 0;
}

/* A whole line is held, without its LF. */
static void
obey(struct commands *c, struct ring *out)
{
	char said[NAME_SHOWN + 8];

	c->line[c->n] = '\0';
	if (strncmp(c->line, ":me ", 4) == 0) {
		(void)snprintf(said, sizeof(said), "* %s ", c->name);
		pass(c, said, strlen(said), false, out);
		pass(c, c->line + 4, c->n - 4, false, out);
		pass(c, "\n", 1, false, out);
	} else if (!c->command(c->arg, c->line)) {
		release(c, out);
		pass(c, "\n", 1, false, out);
	}
	c->n = 0;
}

static void
take(struct commands *c, char byte, struct ring *out)
{
	if (byte == '\n') {
		if (c->n > 0)
			obey(c, out);
		else
			pass(c, "\n", 1, false, out);
		c->passing = false;
		return;
	}
	c->line[c->n++] = byte;
	if (c->n < COMMAND_MAX && may_be_command(c))
		return;
	release(c, out);
	c->passing = true;
}

static void
commands_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct commands *c = (struct commands *)f;
	const unsigned char *lf;
	size_t run;

	while (n > 0) {
		if (!c->passing) {
			take(c, (char)*in++, out);
			n--;
			continue;
		}
		lf = memchr(in, '\n', n);
		run = lf != NULL ? (size_t)(lf - in) : n;
		pass(c, in, run, false, out);
		in += run;
		n -= run;
		if (lf != NULL) {
			take(c, '\n', out);
			in++;
			n--;
		}
	}
	if (!last)
		return;
	if (c->n > 0)
		obey(c, out);
	pass(c, NULL, 0, true, out);
}

static void
commands_free(struct filter *f)
{
	filter_free(((struct commands *)f)->next);
	free(f);
}

struct filter *
filter_commands(struct filter *next, const char *name,
    bool (*command)(void *, const char *), void *arg)
{
	struct commands *c = calloc(1, sizeof(*c));
	size_t growth = next != NULL ? next->ops->growth : 1;
	size_t tail = next != NULL ? next->ops->tail : 0;

	if (c == NULL) {
		filter_free(next);
		return NULL;
	}
	/* What is held comes with any byte; ":me x" gives a name for five. */
	c->ops = (struct filter_ops){ .name = "commands",
	    .growth = growth * (NAME_SHOWN + 8) / 5 + 1,
	    .tail = growth * (COMMAND_MAX + NAME_SHOWN + 8) + tail,
	    .push = commands_push, .free = commands_free };
	c->filter.ops = &c->ops;
	c->next = next;
	(void)strlcpy(c->name, name, sizeof(c->name));
	c->command = command;
	c->arg = arg;
	return &c->filter;
}

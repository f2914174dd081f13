/*
 * Lines that a person types, some of which are commands.
 *
 * Law: a line that begins with one colon, or is "/quit", is never sent; one
 * that begins with two colons is, without the first of them; ":me TEXT" is
 * sent as "* NAME TEXT". The result does not depend on where the bytes are
 * split.
 */
#ifndef MODE_CHAT_LINES_H
#define MODE_CHAT_LINES_H

#include "filter/filter.h"

/* What a line may be, to be a command; longer ones are text. */
#define COMMAND_MAX	256

/*
 * What is not a command goes on to next, which is owned and may be NULL.
 * command() is told of a line without its LF; false: it is text after all.
 * NULL: out of memory; next is freed.
 */
struct filter	*filter_commands(struct filter *next, const char *name,
		    bool (*command)(void *arg, const char *line), void *arg);

#endif

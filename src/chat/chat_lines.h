/*
 * Lines that a person types, some of which are commands.
 *
 * Law: a line that begins with one colon is never sent, nor are "/quit" and
 * "/help"; one that begins with two colons is sent without the first of them;
 * ":me TEXT" and "/me TEXT" are sent as "* NAME TEXT". The result does not
 * depend on where the bytes are split.
 */
#ifndef CHAT_CHAT_LINES_H
#define CHAT_CHAT_LINES_H

#include "filter/filter.h"

/* What a line that is no command of ours is for. */
enum commands_mode {
	COMMANDS_PEER,		/* as above */
	COMMANDS_ROOM,		/* a room has commands of its own: both colons
				   are sent */
	COMMANDS_SECRET		/* so is ":me TEXT", as it is */
};

/* What a line may be, to be a command; longer ones are text. */
#define COMMAND_MAX	256
/* The most bytes of a name that ":me" sends. */
#define COMMAND_NAME_MAX	64

/*
 * What is not a command goes on to next, which is owned and may be NULL.
 * command() is told of a line without its LF; false: it is text after all.
 * The name is the caller's, and may change. NULL: out of memory; next is freed.
 */
struct filter	*filter_commands(struct filter *next, const char *name,
		    bool (*command)(void *arg, const char *line), void *arg);
/* List the commands and the keys; edits: those of the line editor. */
void		 commands_help(bool edits);
/* From the next line on. */
void		 commands_mode(struct filter *, enum commands_mode);

#endif

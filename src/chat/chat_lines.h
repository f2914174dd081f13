/*
 * Lines that are judged by their beginning, and the lines typed by a person,
 * some of which are commands.
 *
 * Law: a line that begins with one colon is never sent, nor are "/quit" and
 * "/help"; a line that begins with two colons is sent without the first colon;
 * ":me TEXT" and "/me TEXT" are sent as "* NAME TEXT". The result does not
 * depend on where the bytes are split.
 */
#ifndef CHAT_CHAT_LINES_H
#define CHAT_CHAT_LINES_H

#include "filter/filter.h"

/* Bytes of a beginning that can be judged. */
#define LINE_START_MAX	256

/* What becomes of the held beginning of a line. */
struct verdict {
	bool	wait;		/* more of the line is needed */
	bool	again;		/* a prompt: judge the next bytes */
	size_t	drop;		/* bytes not to be passed on */
};

/* The head of a filter that holds the beginning of each line. */
struct line_filter {
	struct filter_before	 before;
	/*
	 * Judges start, which ends in a NUL. whole: no byte follows, or no
	 * more can be held; the line must not wait.
	 */
	struct verdict		 (*judge)(struct line_filter *, bool whole,
				    struct ring *out);
	size_t			 max, n;	/* bytes of start, with a LF */
	char			 start[LINE_START_MAX + 1];
	bool			 within;	/* the line has been judged */
};

/* As filter_ops.push. */
void		 chat_lines_push(struct filter *, const unsigned char *,
		    size_t n, bool last, struct ring *out);

/* How a line is sent, if it is no command of the chat. */
enum commands_mode {
	COMMANDS_PEER,		/* as above */
	COMMANDS_ROOM,		/* to a room, with both colons */
	COMMANDS_SECRET		/* likewise, ":me TEXT" too */
};

/* The longest command; longer lines are text. */
#define COMMAND_MAX	LINE_START_MAX
/* The most bytes of a name sent by ":me". */
#define COMMAND_NAME_MAX	64

/*
 * Passes other lines than commands to next, as filter_before. command() gets
 * a line without its LF, and returns false if the line is text. The caller
 * keeps the name, and may change the name.
 */
struct filter	*filter_commands(struct filter *next, const char *name,
		    bool (*command)(void *arg, const char *line), void *arg);
/* Lists the commands and the keys; edits: those of the line editor. */
void		 commands_help(bool edits);
/* Sets the mode from the next line on. */
void		 commands_mode(struct filter *, enum commands_mode);

#endif

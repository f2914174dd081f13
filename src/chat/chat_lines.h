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
#include "plan/plan.h"

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

/* ---- Names -------------------------------------------------------------- */

/*
 * How two people who chat learn each other's names.
 *
 * The line "* this is NAME" sends a name, and a person at any other program
 * can read it. Unasked, a chat sends its name only to another chat of sockcat
 * with a person at it: one that calls marks its packets (CHAT_TOS), one that is
 * called and sees the mark sends its name first, and who gets a name answers
 * with the own name.
 *
 * A peer's line ":q", ":quit" or "/quit" says that the peer leaves.
 *
 * Laws: nothing is added to what a person types, and no byte is sent to another
 * program. A name is one word of letters and digits, so it cannot be read as an
 * announcement. An obeyed line is not shown. The result does not depend
 * on where the bytes are split.
 */

/* Room for a name and its NUL, and the longest name in characters. */
#define CHAT_NAME_MAX	64
#define CHAT_NAME_CHARS	24

struct chat_names {
	/* The peer's name, from its next line on. */
	void		(*learned)(void *arg, const char *name);
	/* Sends chat_names_line() to the peer, in a later turn. */
	void		(*tell)(void *arg);
	/* The peer leaves; whole false: if no more of the line comes. */
	void		(*quits)(void *arg, bool whole);
	void		*arg;
	bool		 heard;		/* names are taken, and not text */
	char		 own[CHAT_NAME_MAX];
	bool		 is_chat;	/* the peer has the mark of a chat */
	bool		 told;		/* we have sent our name, or shall */
	bool		 off;		/* the peer is a room of many */
	bool		 quitting;	/* the begun line is, so far, ":q" */
};

/* Returns the plan's name or the user's, unchanged, not inert. */
const char	*chat_own_name(const struct plan *);
/* Sets our name, made of any text. */
void	chat_names_own(struct chat_names *, const char *text);
/* Whether the sender of this line, without its LF, leaves. */
bool	chat_names_is_quit(const char *line);
/* Whether this name may be sent and taken. */
bool	chat_names_fit(const char *name);
/* Fills buf with the line for our name, with its LF. */
void	chat_names_line(const struct chat_names *, char *buf, size_t size);

/* There is a new peer; is_chat: it has the mark of a chat. */
void	chat_names_meet(struct chat_names *, bool is_chat);

/* For the peer's bytes, not inert yet; as filter_before. */
struct filter	*filter_names(struct chat_names *, struct filter *next);

#endif

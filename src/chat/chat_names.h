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
#ifndef CHAT_CHAT_NAMES_H
#define CHAT_CHAT_NAMES_H

#include "filter/filter.h"
#include "plan/plan.h"

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

/*
 * How two people who chat learn each other's names.
 *
 * The line "* this is NAME" tells a name; it reads the same to a person at any
 * other program. A chat tells its name by itself only to a peer that is a
 * chat of sockcat, too, and finds that out by a mark: the first line of
 * several words that it sends after it has heard the peer ends in a blank,
 * which nobody sees.
 *
 * Laws: nothing else is added to what a person types; a peer that is not ours
 * gets at most that blank, and none before it has spoken, nor after a
 * question that waits on its line, nor in an answer of one word. A name is
 * one word of letters and digits, so that it cannot be read as an
 * announcement, and never our own. The result does not depend on where the
 * bytes are split.
 */
#ifndef CHAT_CHAT_NAMES_H
#define CHAT_CHAT_NAMES_H

#include "filter/filter.h"

/* Room for a name and its NUL, and the longest name in characters. */
#define CHAT_NAME_MAX	64
#define CHAT_NAME_CHARS	24
/* Longer lines are neither marked nor looked at. */
#define CHAT_LINE_MAX	256

struct chat_names {
	/* The peer is called so from its next line on. */
	void		(*learned)(void *arg, const char *name);
	/* Say chat_names_line() to the peer, in a later turn. */
	void		(*tell)(void *arg);
	void		*arg;
	char		 own[CHAT_NAME_MAX];
	char		 marked[CHAT_LINE_MAX];	/* our line with the mark */
	size_t		 nmarked;	/* its length; 0: none was sent yet */
	bool		 heard;		/* a line of the peer */
	bool		 open;		/* ... and its next one has begun */
	bool		 spoken;	/* a line of ours was sent */
	bool		 told;		/* our name, or it is to be told */
	bool		 off;		/* the peer is a room of many */
};

/* Set our name, made of any text. */
void	chat_names_own(struct chat_names *, const char *text);
/* Whether this is a name that may be told and taken. */
bool	chat_names_fit(const char *name);
/* The line that tells our name, with its LF. */
void	chat_names_line(const struct chat_names *, char *buf, size_t size);

/*
 * What the peer says, before next makes it inert; what we say. They own next,
 * which may be NULL. NULL: out of memory; next is freed.
 */
struct filter	*filter_names_heard(struct chat_names *, struct filter *next);
struct filter	*filter_names_said(struct chat_names *, struct filter *next);

#endif

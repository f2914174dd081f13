/*
 * How two people who chat learn each other's names.
 *
 * The line "* this is NAME" sends a name, and a person at any other program
 * can read it. A chat sends its name by itself only to another chat of
 * sockcat, recognized by a mark: the first line of several words that a chat
 * sends after a line of the peer ends in a blank, which is not seen.
 *
 * Laws: nothing else is added to what a person types. Another program gets at
 * most that blank, and not before its first line, nor after a question that
 * waits for an answer on its line, nor in an answer of one word. A name is one
 * word of letters and digits, so it cannot be read as an announcement, and
 * is never our own. The result does not depend on where the bytes are split.
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
	/* The peer's name, from its next line on. */
	void		(*learned)(void *arg, const char *name);
	/* Sends chat_names_line() to the peer, in a later turn. */
	void		(*tell)(void *arg);
	void		*arg;
	char		 own[CHAT_NAME_MAX];
	char		 marked[CHAT_LINE_MAX];	/* our line with the mark */
	size_t		 nmarked;	/* bytes of that; 0: none was sent */
	bool		 heard;		/* the peer has sent a line */
	bool		 open;		/* ... and has begun the next line */
	bool		 spoken;	/* we have sent a line */
	bool		 told;		/* we have sent our name, or shall */
	bool		 off;		/* the peer is a room of many */
};

/* Sets our name, made of any text. */
void	chat_names_own(struct chat_names *, const char *text);
/* Whether this name may be sent and taken. */
bool	chat_names_fit(const char *name);
/* Fills buf with the line that sends our name, with its LF. */
void	chat_names_line(const struct chat_names *, char *buf, size_t size);

/* For the peer's bytes, not inert yet, or (own) our bytes; as filter_before. */
struct filter	*filter_names(struct chat_names *, struct filter *next,
		    bool own);

#endif

/*
 * The words by which our chat knows our room. They are lines like any other,
 * so a client of another kind sees nothing odd.
 */
#ifndef CHAT_TALK_WORDS_H
#define CHAT_TALK_WORDS_H

/* The first line that a client gets: one of these two. */
#define TALK_ASKS	"* this room asks for a password"
#define TALK_WELCOME	"* welcome, you are "	/* its name, and ... */
#define TALK_HERE	"; here "
/* Without a LF. */
#define TALK_PROMPT	"password: "

#endif

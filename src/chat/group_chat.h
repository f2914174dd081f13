/*
 * A group chat: a room of lines, names and announcements.
 *
 * Laws: a client's text is made inert once, and each line follows "<NAME> ";
 * only the room's own lines begin with "* "; so no client can send in the name
 * of another, or of the room. A client that has not given the password gets
 * nothing of the room but the question, and is not heard.
 */
#ifndef CHAT_GROUP_CHAT_H
#define CHAT_GROUP_CHAT_H

#include "chat/room.h"

/* The texts by which our chat recognizes our room (chat_room.c). */
/* The first line for a client: either of these two. */
#define ROOM_ASKS		"* this room asks for a password"
#define ROOM_WELCOME	"* welcome, you are "	/* its name, and ... */
#define ROOM_HERE		"; present: "
#define ROOM_ALONE		"; you are alone here"
/* Without a LF. */
#define ROOM_PROMPT	"password: "

/* Most bytes of one read, and the longest line that is kept whole. */
#define GROUP_CHAT_READ		((size_t)2 << 10)
#define GROUP_CHAT_LINE		((size_t)64 << 10)
/* Wrong passwords of one client. */
#define GROUP_CHAT_TRIES	3
/* Lines of one sender go together, up to so many bytes. */
#define GROUP_CHAT_RECORD	(GROUP_CHAT_LINE + 256)

/* Opens the operator's console, as near_ops.open. */
int		 group_chat_open_operator(struct run *);

/* ---- group_chat_door.c -------------------------------------------------- */

/* Reads the password's file: 0, or the exit status after a message. */
int		 group_chat_read_password(struct room *);
/* Asks for the password; before: a line before the question. */
void		 group_chat_ask(struct member *, const char *before);
/*
 * Returns how many of these n bytes were for the password; *right becomes true
 * if it was right: the member is to be admitted.
 */
size_t		 group_chat_take_password(struct member *,
		    const unsigned char *, size_t n, bool *right);
/* Judges the member's password. Returns whether it is right. */
bool		 group_chat_judge(struct member *);
/*
 * The same, or if the member's address has sent wrong passwords, later: until
 * then the member is not read. If the turn comes too late, the member has to
 * leave.
 */
bool		 group_chat_judge_in_turn(struct member *);

/*
 * Slows down guessing a password: after each wrong one the address has to wait
 * longer until the next is judged, also over new connections.
 *
 * Laws: the table has a fixed size; addresses are found by a seeded hash, and
 * those that share a place share its pause, so that many addresses gain
 * nothing by pushing others out; guesses of one address are judged one after
 * the other, however many connections send them; nothing here waits.
 */
struct password_guard;

/* The caller frees the guard (free(3)). NULL: no memory. */
struct password_guard	*password_guard_new(void);
/*
 * Returns when a guess from this address may be judged, now at the earliest.
 * If that is not after latest, the next guess has to wait for longer. Times
 * are of CLOCK_MONOTONIC, in ns. Of IPv6 the first 64 bits count; all Unix
 * peers are one.
 */
int64_t	password_guard_turn(struct password_guard *, const struct addr *,
	    int64_t now, int64_t latest);
/* The guess was wrong. */
void	password_guard_wrong(struct password_guard *, const struct addr *,
	    int64_t now);

/* ---- group_chat_names.c ------------------------------------------------- */

/* Whether the plan's room has an operator at a terminal. */
bool		 group_chat_is_attended(const struct plan *);
/* Before any member comes. */
void		 group_chat_open_names(struct room *);
/*
 * Returns why the member cannot have this name, or NULL. The name is inert.
 * No name may be the name of another member, a name given by the room, or
 * look like such a name; name_look.h defines the comparison.
 */
const char	*group_chat_name_fault(const struct member *, const char *name);
/* Calls the member by the next number. */
void		 group_chat_number(struct member *);
/*
 * Calls the member so; group_chat_name_fault found no fault. False: out of
 * memory.
 */
bool		 group_chat_name(struct member *, const char *name);
/* Frees the name; for a member that is disposed of. */
void		 group_chat_forget_name(struct member *);
/*
 * Makes the operator's name: the plan's, or at a terminal the user's, or
 * "operator".
 */
void		 group_chat_own_name(const struct plan *,
		    char name[MEMBER_NAME_MAX]);
/* Whether an operator speaks for the room. */
bool		 group_chat_has_operator(const struct room *);
/*
 * Sends the names: "* BEFORE operator, user1, Eva", at most this many, without
 * that of the member but. The operator gets the addresses too.
 */
void		 group_chat_list(struct room *, struct hub_member *to,
		    const char *before, const struct member *but,
		    unsigned most);

#endif

/*
 * A room: many clients, each of which gets the bytes of the others, and the
 * standard streams as one more member, always there.
 *
 * Laws: a client's failure ends that client alone; a leaving client gets
 * the bytes due, for a bounded time; only a signal or the operator
 * ends the room, and the end of the standard streams does not. The kind of the
 * room decides how bytes become records.
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "base/buf.h"
#include "chat/name_look.h"
#include "hub/hub.h"
#include "serve/conn.h"

/* Bytes of a member, or of the operator: a line without its end. */
struct line_buf {
	struct filter	*clean;		/* makes them inert; NULL: between two
					   lines, the room's filter serves */
	struct buf	 text;
	bool		 long_line;	/* its begin was passed on */
	bool		 paused;	/* a LF as the next byte adds no line */
};

/* The time to give the password. */
#define ROOM_DOOR_TIME	(10 * NSEC_PER_SEC)
/* Bytes of the longest password. */
#define PASSWORD_MAX	255
/* 24 characters of up to 4 bytes, and a NUL. */
#define MEMBER_NAME_MAX	97

/* The longest given name, "user4294967295", with its NUL. */
#define MEMBER_GIVEN_MAX	16

/* Lists of a room's names, by either hash. */
#define ROOM_NAMES	256

/* A name chosen by a member. */
struct member_name {
	TAILQ_ENTRY(member_name) same, alike;	/* the room's, by look */
	struct member		*of;
	struct name_look	 look;
	char			 text[];
};

TAILQ_HEAD(member_names, member_name);

/* A client of a room. */
struct member {
	struct conn		 conn;
	TAILQ_ENTRY(member)	 link;
	struct room		*room;
	struct hub_member	 hub;
	union {
		struct sockaddr		sa;
		struct sockaddr_in	in;
		struct sockaddr_in6	in6;
	}			 peer;		/* see member_peer() */
	socklen_t		 peer_len;
	bool			 in;		/* sends and gets lines */
	int64_t			 line_begun;	/* and not ended; 0: no line */
	/* Of a group chat: */
	char			 given[MEMBER_GIVEN_MAX];
	struct member_name	*chosen;	/* owned; NULL: as given */
	struct line_buf		 lines;
	bool			 announced;	/* to the others */
	bool			 kicked;
	unsigned		 tries;		/* wrong passwords */
	bool			 overlong;	/* the password being typed */
	int64_t			 judge_at;	/* when to judge the password;
						   0: not typed yet */
	struct buf		 after;		/* came after that password */
	int64_t			 refused_until;	/* no guess is judged earlier;
						   0: not refused */
};

/* Operations may be NULL where a comment says so. */
struct room_kind {
	size_t	read, burst, record;	/* as in hub_options */
	size_t	scratch;		/* size of the room's scratch ring */
	bool	waits;			/* input waits for a member */
	bool	listening_is_idle;	/* a listening member is */
	bool	reports_end;		/* in the room: not to be repeated */
	/* As room_open and room_close; NULL: nothing to do. */
	int	(*open)(struct room *);
	void	(*close)(struct room *);
	/* A client has come; room_admit admits the client. */
	void	(*arrived)(struct member *);
	/* The member (NULL: the standard input) has sent this; n 0: its end. */
	void	(*received)(struct room *, struct member *,
		    const unsigned char *, size_t n);
	/* A line has begun, and its end does not come; NULL: no lines. */
	void	(*paused)(struct member *);
	/* The time of judge_at has come. */
	void	(*judge)(struct member *);
	/* The member leaves, by its conn's cause. NULL, or its last text. */
	const char *(*leaving)(struct member *, char *buf, size_t size);
	/* The member is disposed of. NULL: nothing to do. */
	void	(*gone)(struct member *);
	/* Standard output missed n bytes, which was reported. NULL: nothing. */
	void	(*operator_missed)(struct room *, uint64_t n);
};

extern const struct room_kind	room_broker, room_ncat, room_group_chat;

struct room {
	struct run		*run;
	struct server		*server;
	const struct room_kind	*kind;
	struct hub		 hub;
	struct hub_member	 near;		/* the standard streams */
	TAILQ_HEAD(, member)	 members;
	bool			 ending;
	struct timer		 timer;		/* the drain time of the end */
	struct task		 review;
	unsigned		 nin;		/* members with .in */
	unsigned		 numbered;	/* names given so far */
	struct member_names	 same[ROOM_NAMES], alike[ROOM_NAMES];
	struct filter		*up;		/* of the input; NULL: none */
	struct ring		 scratch;	/* a filter's output */
	/* Of a group chat: */
	char			 operator[MEMBER_NAME_MAX];
	struct name_look	 operator_look;
	bool			 operator_is_numbered;	/* may be "user7" */
	struct line_buf		 lines;		/* the operator's */
	struct filter		*clean;		/* for a line that begins; NULL:
						   in use, or not made yet */
	unsigned char		*password;	/* PASSWORD_MAX + 1 bytes, with
						   zeros; NULL: none */
	size_t			 password_len;	/* 0: none is asked for */
	struct password_guard	*guard;		/* NULL: no password */
	struct transcript	*log;		/* NULL: none */
	char			*out;		/* lines of one sender */
	size_t			 nout;
	bool			 told_empty;	/* that the room is empty */
};

/* Before anything listens. 0, or the exit status after a message. */
int		 room_open(struct room *, struct run *);
/* Its server is made: begins to read the standard input. */
void		 room_start(struct room *, struct server *);
/* All clients are gone. */
void		 room_close(struct room *);
/* Announces the end of the room (struct room *) to all members; ends it. */
void		 room_end(void *room);
/* Starts a member; conn_start.common is the room. */
struct conn	*conn_member(const struct conn_start *, int *status);

/* ---- For the kinds of rooms --------------------------------------------- */

static inline const char *
member_called(const struct member *m)
{
	return m->chosen != NULL ? m->chosen->text : m->given;
}
/* Fills *to with the client's address, without the path of a Unix socket. */
const struct addr *member_peer(const struct member *, struct addr *to);
/* The member is in from now on. */
void		 room_admit(struct member *);
/*
 * Sends to all members but from; NULL: a message of the room, to all. later:
 * the message may come a little later, as with hub_announce().
 */
void		 room_broadcast(struct room *, struct hub_member *from,
		    const void *, size_t n, bool later);
/* Reports the loss of n bytes, by errno. */
void		 room_report_loss(struct room *, size_t n);

#endif

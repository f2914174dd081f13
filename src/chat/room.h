/*
 * A room: many clients, each of whom hears the others, and the standard
 * streams as one more that is always there.
 *
 * Laws: what fails for one client ends that client alone; whoever leaves
 * gets what was on its way to it, for a bounded time; the room lives until
 * a signal or its operator ends it, whatever becomes of the standard
 * streams. What kind of room it is decides what is made of the bytes.
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/name_look.h"
#include "chat/password.h"
#include "hub/hub.h"
#include "net/linger.h"
#include "serve/conn.h"

struct guest;
struct room;
struct server;
struct transcript;

/* How a client left. */
enum parting {
	PART_NOT_YET,
	PART_LEFT,		/* by itself */
	PART_IDLE,
	PART_SLOW,		/* it did not take what it was sent */
	PART_TIME,		/* its session was long enough */
	PART_CLOSED,		/* the room was closed */
	PART_REFUSED		/* it was never in */
};

/* Bytes of a client, or of the input, that are not a line yet. */
struct speech {
	struct filter	*clean;
	char		*line;
	size_t		 len, cap;
	bool		 long_line;	/* its begin was passed on */
	bool		 paused;	/* a pause ended the last line: a LF
					   that comes next adds none */
};

/* 24 characters of up to 4 bytes. */
#define GUEST_NAME_MAX	97

struct guest {
	struct conn		 conn;
	TAILQ_ENTRY(guest)	 link;
	struct room		*room;
	struct hub_member	 member;
	struct endpoint		 ep;
	struct addr		 peer;
	struct lingering	 linger;
	struct timer		 timer;
	struct task		 review;
	bool			 in;		/* it hears, and is heard */
	bool			 lingering;
	enum parting		 part;
	int			 read_errno, write_errno;
	uint64_t		 unacked;
	int64_t			 started, leave_at;	/* 0: not set */
	int64_t			 line_begun;	/* and not ended; 0: none is */
	unsigned		 number;
	/* Of a talk */
	char			 name[GUEST_NAME_MAX];
	struct name_look	 look;		/* all 0: a given name */
	struct speech		 speech;
	unsigned		 tries;		/* wrong passwords */
	bool			 overlong;
};

struct room_kind {
	size_t	read, burst, record;	/* as in hub_options */
	bool	waits;			/* input waits for somebody to hear */
	bool	only_speech;		/* to listen is to be silent */
	bool	tells_end;		/* it words a client's end itself */
	/* A client has come; room_let_in lets it hear. */
	void	(*came)(struct guest *);
	void	(*said)(struct guest *, const unsigned char *, size_t n);
	/* A line has begun, and its end does not come; NULL: no matter. */
	void	(*paused)(struct guest *);
	/* It leaves, for the reason in part; its last words of ours. */
	const char *(*leaves)(struct guest *, char *buf, size_t size);
	/* The standard input gave this; n 0: its end. */
	void	(*operator_said)(struct room *, const unsigned char *,
		    size_t n);
	/* Standard output missed so much. */
	void	(*operator_missed)(struct room *, uint64_t n);
	void	(*free_guest)(struct guest *);
};

extern const struct room_kind	room_broker, room_ncat, room_talk;

struct room {
	struct run		*run;
	struct server		*server;
	const struct room_kind	*kind;
	struct hub		 hub;
	struct hub_member	 near;		/* the standard streams */
	TAILQ_HEAD(guests, guest) guests;
	bool			 ending;
	struct timer		 timer;		/* of the end */
	struct task		 review;
	unsigned		 numbered;	/* that were in, so far */
	struct filter		*up;		/* of the input; or NULL */
	struct ring		 scratch;	/* what a filter made */
	/* Of a talk */
	char			 operator[GUEST_NAME_MAX];
	struct name_look	 operator_look;
	struct speech		 speech;
	struct password		 password;
	struct transcript	*log;
	char			*lines;		/* of one that speaks */
	size_t			 nlines;
	bool			 told_empty;
};

/* Before anything listens. 0, or the exit status after the words. */
int		 room_open(struct room *, struct run *);
/* Its server is made: read the standard input. */
void		 room_start(struct room *, struct server *);
/* The clients are gone. */
void		 room_close(struct room *);
/* No more: all are told, and it is over. */
void		 room_end(struct room *);
/* A client; conn_start.common is the room. */
struct conn	*conn_guest(const struct conn_start *, int *status);

/* For the kinds of rooms. */
/* It hears from now on, and counts as being in. */
void		 room_let_in(struct guest *);
/* It leaves; the rest is done by itself. */
void		 room_part(struct guest *, enum parting);
/* Add to what all but from hear. */
void		 room_say(struct room *, struct hub_member *from,
		    const void *, size_t n);

/* So many bytes of what was said cannot be passed on: errno. Told. */
void		 room_lost(struct room *, size_t n);

/* talk.c: what it needs beside; 0, or the exit status after the words. */
int		 talk_open(struct room *);
void		 talk_close(struct room *);

#endif

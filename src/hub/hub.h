/*
 * A hub: the bytes of its members are added once to a bounded ring of records,
 * from which each member takes the records of the others at its own pace.
 *
 * A member is an endpoint's halves: from the read half its bytes come, and to
 * the write half go the bytes for it. The hub reads and writes both, and holds
 * nothing that is not in the ring, so a member costs no flow. Where the bytes
 * of all members go to one endpoint, and those of that endpoint to the members,
 * the hub has a port (hub_port.h).
 *
 * Laws: memory grows with the members by texts for single members, not by
 * records. A message costs each member one write. A sender is read no faster
 * than the slowest listener, which may be the sender, takes the records. A
 * listener that took no half of the ring in HUB_GRACE is not waited for any
 * more, and falls off the tail. The last member that listens to others is
 * always waited for. Our own records wait for no listener. One turn reads a
 * bounded amount, and members that send take turns. For each member: due =
 * written + lost.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include <sys/queue.h>
#include <stdint.h>

#include "hub/fanout.h"
#include "endpoint/endpoint.h"

#define HUB_RING	((size_t)1 << 20)
#define HUB_GRACE	((int64_t)500000000)	/* ns */
/*
 * Announcements wait this long for each listening member (ns), if these are
 * not few: so giving them takes a bounded part of the time.
 */
#define HUB_ANNOUNCE	((int64_t)100000)
#define HUB_FEW		50
/* The most pieces of a write to a member. */
#define HUB_LEND	512
/* The longest text before a line. */
#define HUB_STAMP_MAX	32

/* Which members get the bytes written to a hub's port (hub_port.h). */
enum hub_to { HUB_TO_ALL, HUB_TO_FIRST, HUB_TO_LAST };

enum hub_hearing {
	HUB_APART,		/* gets only texts for this member */
	HUB_HEARS,		/* gets the records of the others too */
	HUB_LEAVES,		/* gets the bytes due; then output is shut */
	HUB_DEAF		/* gets nothing: its output is over */
};

TAILQ_HEAD(hub_members, hub_member);

struct hub_member {
	TAILQ_ENTRY(hub_member) link, turn, due_link;
	struct hub_members *queue;	/* the hub's turns or held; NULL */
	struct hub	*hub;		/* NULL: the member has left */
	/* Set by the owner: */
	struct half	*in, *out;	/* of its socket; NULL: none */
	unsigned	 id;		/* from 1; the sender of a record */
	bool		 waits;		/* is read only while others hear */
	bool		 rests;		/* is not read; hub_wake when over */
	bool		 stays;		/* goes on when it falls off (missed());
					   is the last waited for if alone */
	bool		 no_end;	/* its output is not shut at the end */
	/* Fills the stamp before each line to the member; NULL: no stamp. */
	void		(*stamp)(char buf[HUB_STAMP_MAX]);
	/* The member has sent n bytes; the owner makes records of them. */
	void		(*received)(struct hub_member *, const unsigned char *,
			    size_t n);
	/* The member sends no more: its end (num 0), or an errno. */
	void		(*input_ended)(struct hub_member *, int num);
	/*
	 * The member gets no more: its output was shut (num 0), failed
	 * (errno), or the member fell off the ring (ENOBUFS).
	 */
	void		(*output_ended)(struct hub_member *, int num);
	/* The member missed n bytes and goes on; with stays alone. */
	void		(*missed)(struct hub_member *, uint64_t n);
	void		*arg;
	/* Kept by the hub: */
	struct fanout_reader reader;
	char		*text;		/* for this member; NULL: none */
	size_t		 text_at, text_len;
	char		*bye;		/* the last such text; NULL: none */
	char		 stamp_text[HUB_STAMP_MAX];
	size_t		 stamp_at, stamp_len;
	size_t		 lent;		/* bytes of records that the layer below
					   counts on, as it has not taken all;
					   no text comes before their end */
	enum hub_hearing hearing : 8;
	bool		 mute;		/* is read no more */
	bool		 was_held;	/* since the last read */
	bool		 mid;		/* within a stamped line */
	bool		 is_due;	/* in the hub's due */
	uint64_t	 due;		/* of HUB_LEAVES: bytes to go */
	int64_t		 behind_since;	/* by half the ring; ns; 0: not so */
	int64_t		 read_at, written_at;	/* the last time; ns */
	uint64_t	 read, written, lost;	/* bytes; without texts */
};

struct hub_options {
	size_t		 ring;
	size_t		 read;		/* most bytes of one read */
	size_t		 burst;		/* most that these add to the ring */
	size_t		 record;	/* the longest of these records */
};

struct hub {
	struct loop	*loop;
	struct hub_options opt;
	struct fanout	 ring;
	struct hub_members members;
	struct hub_members turns;	/* wait to be read */
	struct hub_members held;	/* wait for room in the ring */
	struct hub_members due;		/* have something to get, alone */
	unsigned	 ndue;
	unsigned	 n;		/* members of HUB_HEARS without stays */
	unsigned char	*mem;		/* for a read; NULL: not needed now */
	bool		 dirty;		/* all members have something to get */
	bool		 serving;	/* within hub_serve */
	/* Of a port; 0 and NULL: a room's hub, which reads by itself. */
	enum hub_to	 to;
	bool		 ended;		/* no record follows */
	bool		 wider;		/* room for records may have grown */
	/* Members that are ready wait in turns, or the hub is wider. */
	void		(*wake)(struct hub *);
	/* Whether to shut the member now, at the end; false: hub_wake later. */
	bool		(*may_end)(struct hub_member *);
	struct task	 again;
	struct timer	 timer;		/* a listener's HUB_GRACE is over */
	struct timer	 late;		/* announcements are given to all */
	uint64_t	 given;		/* place in the ring at the last time
					   all were given the records */
};

void	hub_init(struct hub *, struct loop *, const struct hub_options *);
/* All members must have left. */
void	hub_free(struct hub *);

/*
 * Adds a member; the owner has set its part, the rest is 0. The member is read,
 * and gets only texts for this member. The owner calls hub_wake when a half is
 * ready.
 */
void	hub_add(struct hub *, struct hub_member *);
/* The member gets all records added from now on. */
void	hub_join(struct hub_member *);
/* A half of the member is ready: the notify() of its endpoint. */
void	hub_wake(void *member);
/* Adds a record for all but from (NULL: for all). False: out of memory. */
bool	hub_broadcast(struct hub *, struct hub_member *from, const void *,
	    size_t n);
/*
 * The same for what may come a little later: where many hear, they get several
 * announcements together, or with the next record. Announcements for all, and
 * those from members without a place in the ring, become a single record.
 */
bool	hub_announce(struct hub *, struct hub_member *from, const void *,
	    size_t n);
/* Gives the announcements without a further delay. */
void	hub_flush(struct hub *);
/* Gives a text to one member, between two records. */
void	hub_send(struct hub_member *, const char *, size_t n);
/* Whether such a text is not all taken; until then the member is not read. */
static inline bool
hub_has_text(const struct hub_member *m)
{
	return m->text_at < m->text_len;
}
/*
 * Reads no more from the member, gives it nothing new, and shuts its output
 * when the member has taken the bytes due, and then bye (NULL: no such text).
 */
void	hub_finish(struct hub_member *, const char *bye);
/* Sets bye after hub_finish, when the others have been told. */
void	hub_part(struct hub_member *, const char *bye);
/* Reads no more from the member. */
void	hub_silence(struct hub_member *);
/* Removes the member at once, without output_ended(). */
void	hub_remove(struct hub_member *);
/* Whether the member has taken all that is due. */
bool	hub_has_all(const struct hub_member *);

/* ---- hub.c, for the other files ----------------------------------------- */

/* The only member to get the bytes written to the port; or NULL. */
struct hub_member *hub_chosen(const struct hub *);
/* Gives all members what is due, at once. */
void	hub_push_all(struct hub *);
/* The same for one member; shuts its output if the hub has ended. */
void	hub_push(struct hub_member *);
/* As hub_finish, but the member is read further. */
void	hub_finish_output(struct hub_member *);
/* Gives the member nothing more; what is due is lost. */
void	hub_cut_output(struct hub_member *);
/* The same, and calls output_ended(). */
void	hub_end_output(struct hub_member *, int num);
/* Gives the member a turn to be read, even if its half is not ready. */
void	hub_enqueue(struct hub_member *);
void	hub_unqueue(struct hub_member *);
/* The halves of the member are new: sets their wants(), as hub_add does. */
void	hub_watch(struct hub_member *);
/* Has hub_serve run before the next wait. */
void	hub_serve_later(struct hub *);

/* ---- hub_records.c, for hub.c ------------------------------------------- */

/* Whether the member may send; if not, the hub's timer may be set. */
bool	hub_has_room(struct hub *, const struct hub_member *from);
/* Notes since when the member is behind, after bytes were given. */
void	hub_note_pace(struct hub_member *);
/* Bytes of records due to the member. */
uint64_t hub_missing(const struct hub_member *);
/*
 * Lends what is missing, which is not 0: records, or the rest of a line with
 * its stamp. Returns the number of pieces. The next call has those of the bytes
 * in front that were not taken, for a layer may have made use of them.
 */
int	 hub_lend_records(struct hub_member *, struct iovec iov[HUB_LEND]);
/* n of the bytes lent were taken. */
void	 hub_took_records(struct hub_member *, size_t n);
/*
 * By errno, a datagram was refused: a member that stays loses the datagram,
 * and gets the next. False: the member's output is over.
 */
bool	 hub_skip_datagram(struct hub_member *, const struct iovec *, int);

#endif

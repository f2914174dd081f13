/*
 * A room: what its members say is added once to one bounded ring of records,
 * from which each of them takes what the others said, at its own pace.
 *
 * Laws: memory grows with the members by what is told to one alone, not by
 * what all hear. Whoever speaks is read no faster than the slowest listener,
 * be that itself, takes it, but for one that took no half of the ring in
 * HUB_GRACE: it holds up nobody any more, and falls off the tail. The last
 * one that listens to others is always waited for. Words of ours wait for
 * nobody. One turn reads a bounded amount, and members that speak take turns.
 * Due = written + lost, for each member.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include <sys/queue.h>
#include <stdint.h>

#include "base/fanout.h"
#include "endpoint/endpoint.h"

#define HUB_RING	((size_t)1 << 20)
#define HUB_GRACE	((int64_t)500000000)
/* The longest text before a line. */
#define HUB_STAMP_MAX	32

struct hub;

struct hub_member {
	TAILQ_ENTRY(hub_member) link, turn;
	struct hub	*of;		/* NULL: it has left */
	/* Its owner's: */
	struct half	*in, *out;	/* NULL: it says, or hears, nothing */
	unsigned	 id;		/* from 1; says who said a record */
	bool		 waits;		/* is not read while nobody hears */
	bool		 stays;		/* it is not dropped when it falls off
					   (fell tells), and is waited for as
					   the last one only if it is alone */
	/* Fills what stands before each line that it hears; NULL: nothing. */
	void		(*stamp)(char buf[HUB_STAMP_MAX]);
	/* It said something; the owner makes records of that. */
	void		(*said)(struct hub_member *, const unsigned char *,
			    size_t n);
	/* It will say no more (num 0: its end). */
	void		(*ended)(struct hub_member *, int num);
	/* It hears no more: it failed, fell off (ENOBUFS), or (0) was
	 * finished. It has left when it says no more either. */
	void		(*deaf)(struct hub_member *, int num);
	/* It missed so many bytes, and hears on; with stays alone. */
	void		(*fell)(struct hub_member *, uint64_t n);
	void		*arg;
	/* Kept here: */
	struct fanout_reader reader;
	char		*text;		/* for it alone */
	size_t		 text_at, text_len;
	char		*bye;		/* ... as the last word */
	char		 stamp_text[HUB_STAMP_MAX];
	size_t		 stamp_at, stamp_len;
	bool		 queued, held;	/* waits to be read; for room */
	bool		 waited;	/* had to, so let them catch up */
	bool		 in_over, out_over, finishing;
	bool		 mid;		/* in the middle of a record, or of a
					   stamped line */
	uint64_t	 due;		/* of a finishing one: still to go */
	uint64_t	 own, heard;	/* bytes since it joined */
	int64_t		 behind;	/* by half the ring, since then; 0 */
	int64_t		 spoke, took;	/* when it did, last */
	uint64_t	 read, written, lost;
};

struct hub_options {
	size_t		 ring;
	size_t		 read;		/* the most of one read */
	size_t		 burst;		/* ... and what that may add */
	size_t		 record;	/* the longest of these records */
};

TAILQ_HEAD(hub_members, hub_member);

struct hub {
	struct loop	*loop;
	struct hub_options opt;
	struct fanout	 ring;
	struct hub_members members, turns, waiting;
	unsigned	 n;		/* that hear the room, and will */
	unsigned char	*mem;		/* of a read */
	bool		 dirty;		/* something was added */
	bool		 serving;	/* turns are taken just now */
	struct task	 again;
	struct timer	 timer;		/* until somebody is waited for */
};

void	hub_init(struct hub *, struct loop *, const struct hub_options *);
/* All have left. */
void	hub_free(struct hub *);

/*
 * One more, whose owner's part is filled and the rest is 0: it is read from,
 * but hears nothing but what it is told alone. When a half is ready, its
 * owner is to call hub_wake.
 */
void	hub_add(struct hub *, struct hub_member *);
/* It hears all that is said from now on. */
void	hub_join(struct hub_member *);
void	hub_wake(struct hub_member *);
/*
 * Add a record, for all but the one that said it (NULL: it is ours). False:
 * no memory, and it is lost for all.
 */
bool	hub_say(struct hub *, struct hub_member *from, const void *, size_t n);
/* A text for one alone; it goes between two records. */
void	hub_tell(struct hub_member *, const char *, size_t n);
/* Is it still to take such a text? Nothing is read from it meanwhile. */
bool	hub_is_told(const struct hub_member *);
/*
 * It is read no more, and hears nothing new; when it has what it was to get,
 * and bye (may be NULL), it is shut.
 */
void	hub_finish(struct hub_member *, const char *bye);
/* Read it no more. */
void	hub_silence(struct hub_member *);
/* It leaves at once; deaf() is not called. */
void	hub_remove(struct hub_member *);
/* Has it heard all that it was to hear? */
bool	hub_has_all(const struct hub_member *);

#endif

/*
 * A hub with a port: an endpoint on the other side of all members, which come
 * and go meanwhile. Its read half gives the bytes of the members; its write
 * half passes bytes to the oldest member, to the newest, or to all of them, to
 * each from the time when the member was added.
 *
 * By line, the lines of a member are kept together: bytes are passed on up
 * to the last LF, and the half line after that waits in a buffer of the
 * member, until the rest of the line has come, the member has ended or was
 * silent for too long (its hold), or HUB_LINE bytes are held; then the bytes
 * go on without the rest of their line. If another member
 * follows an unfinished line (a piece, or a last line without LF), a LF is
 * put between them; no other byte is changed, and a single member passes
 * through unchanged. By chunk, the bytes of a read are passed on at once.
 *
 * Laws: a member is read only if the reader of the port has room; ready members
 * take turns, each up to the end of the bytes in its top layer (a
 * message kept there until complete); an idle member costs no buffer,
 * and none costs more than HUB_LINE; a half line holds up no other member.
 * Bytes for the members wait while there is no member. The oldest or newest
 * member gets them at its own speed. All members get them at the speed of the
 * fastest: a member that lags by more than the ring is dropped (ENOBUFS) and
 * holds up no other. Bytes due to a leaving member are counted as
 * lost for this member.
 */
#ifndef HUB_HUB_PORT_H
#define HUB_HUB_PORT_H

#include "base/stamp.h"
#include "hub/hub.h"

/* The longest line kept whole. */
#define HUB_LINE	((size_t)64 << 10)

enum hub_by { HUB_BY_LINE, HUB_BY_CHUNK };

/*
 * A member of a port. The caller sets tag, tag_len and hold; of m in, out,
 * no_end, arg, and the functions input_ended() and output_ended(). The first is
 * called when all bytes have been passed on, from a read of the port.
 */
struct hub_source {
	struct hub_member m;
	const char	*tag;		/* before each line; or NULL */
	size_t		 tag_len;
	int64_t		 hold;		/* ns that half a line waits for its
					   rest; 0: forever; -1: not at all */
	int64_t		 half_since;	/* date; 0: no half line waits */
	size_t		 put;		/* of stamp and tag: bytes passed on */
	struct timespec	 begun;		/* the next line's first byte came */
	struct timespec	 came;		/* the last read */
	unsigned char	*mem;
	size_t		 cap, used;	/* of mem, in bytes */
	size_t		 at, pass;	/* passed on, and to be passed on */
	bool		 open;		/* has not left the port's read half */
	bool		 fresh;		/* the next byte begins a line */
	bool		 finishing;	/* read only bytes held by the layer */
	int		 num;		/* errno of the read; 0: EOF */
	uint64_t	 lost;		/* bytes read and not passed on */
};

struct hub_port {
	struct layer	 in, out;	/* the halves of ep */
	struct endpoint	*ep;
	struct hub	 hub;
	unsigned	 halves;	/* not closed yet */
	enum hub_by	 by;
	bool		 complete;	/* no member will be added */
	unsigned	 nopen;		/* open members */
	struct stamped	*stamps;	/* counts: the time stands before each
					   line, and before its tag; or NULL */
	struct stamp	 stamp;
	struct hub_source *cur;		/* has the turn; or NULL */
	struct hub_source *last;	/* of the last byte; or NULL */
	bool		 midline;	/* the last byte was not a LF */
	unsigned char	*spare;		/* a buffer for the next member; NULL
					   while idle */
	uint64_t	 lost_in;	/* bytes held by members at the close */
	uint64_t	 lost_out;	/* due to members at the close */
	uint64_t	 tagged;	/* bytes of tags, and LFs before them */
	struct timer	 release;	/* of the first half line */
};

/* Becomes the read half of ep, which has none. */
void	hub_port_init(struct hub_port *, struct endpoint *ep, enum hub_by,
	    const char *name);
/* ... and its write half, which gives the bytes to these members. */
void	hub_port_init_out(struct hub_port *, enum hub_to, const char *name);
/*
 * Adds a member. The notify of the member's endpoint calls hub_wake if a half
 * is ready.
 */
void	hub_port_add(struct hub_port *, struct hub_source *);
/* Gives the member no new bytes; shuts the member after the bytes due. */
void	hub_port_finish(struct hub_source *);
/* Removes the member at once; bytes held, and bytes due, are lost. */
void	hub_port_remove(struct hub_source *);

/* Reads no more from a member, which ends when its bytes are passed on. */
void	hub_merge_finish(struct hub_source *);
/* Takes the member out of the read half; bytes held are lost. */
void	hub_merge_drop(struct hub_source *);
/* The end of the last member is the end of the port from now on. */
void	hub_merge_complete(struct hub_port *);
/* Whether the half is a port that puts the time before each line. */
bool	hub_merge_stamps(const struct half *);
/*
 * How many of the bytes read from the half are tags, and LFs that
 * end the lines of other members; 0: the half is no port.
 */
uint64_t hub_merge_tagged(const struct half *);
/* Bytes read from members and not passed on. */
uint64_t hub_merge_held(const struct hub_port *);

#endif

/*
 * A read half that is fed by many others, which come and go meanwhile.
 *
 * By line, the lines of a source are kept together: bytes are passed on up
 * to the last LF, and the half line after that waits in a buffer of the
 * source, until the rest of the line has come, the source has ended, or
 * GATHER_LINE bytes are held, which then go on in pieces. If another source
 * follows an unfinished line (a piece, or a last line without LF), a LF is
 * put between them; no other byte is changed, and a single source passes
 * through unchanged. By chunk, the bytes of a read are passed on at once.
 *
 * Laws: a source is read only if the sink has room; ready sources take turns,
 * each up to the end of the bytes that its top layer holds (a message that
 * was kept there until complete); an idle source costs no buffer, and
 * none costs more than GATHER_LINE; a half line holds up no other source.
 */
#ifndef ENDPOINT_GATHER_H
#define ENDPOINT_GATHER_H

#include <sys/queue.h>
#include <stdint.h>

#include "base/stamp.h"
#include "endpoint/endpoint.h"

/* The longest line that is kept whole. */
#define GATHER_LINE	((size_t)64 << 10)

enum gather_by { GATHER_LINES, GATHER_CHUNKS };

struct gather;

struct gather_source {
	TAILQ_ENTRY(gather_source) link, turn;
	struct gather	*of;		/* NULL: the source has left */
	struct half	*from;
	const char	*tag;		/* before each line; or NULL */
	size_t		 tag_len;
	size_t		 put;		/* of stamp and tag: bytes passed on */
	struct timespec	 begun;		/* the next line's first byte came */
	struct timespec	 came;		/* the last read */
	unsigned char	*mem;
	size_t		 cap, used;	/* of mem, in bytes */
	size_t		 at, pass;	/* passed on, and to be passed on */
	bool		 queued;	/* in gather.turns */
	bool		 fresh;		/* the next byte begins a line */
	bool		 eof;
	bool		 finishing;	/* read only bytes held by the layer */
	int		 num;		/* errno of the read; 0: EOF */
	int64_t		 active;	/* date of the last byte, ns */
	uint64_t	 read, lost;	/* bytes, without tags */
	/*
	 * The source has ended (num 0) or failed, all bytes are passed on, and
	 * the source is removed. Called from a read of the gather.
	 */
	void		(*ended)(void *arg, struct gather_source *, int num);
	void		*arg;
};

struct gather {
	struct layer	 layer;
	struct endpoint	*ep;		/* the gather is its read half */
	enum gather_by	 by;
	bool		 complete;	/* no source will be added */
	struct stamped	*stamps;	/* counts: the time stands before each
					   line, and before its tag; or NULL */
	struct stamp	 stamp;
	TAILQ_HEAD(, gather_source) sources, turns;
	struct gather_source *cur;	/* has the turn; or NULL */
	struct gather_source *last;	/* of the last byte; or NULL */
	bool		 midline;	/* the last byte was not a LF */
	unsigned char	*spare;		/* a buffer for the next source; NULL
					   while idle */
	uint64_t	 lost;		/* bytes held by sources at the close */
	uint64_t	 tagged;	/* bytes of tags, and LFs before them */
	struct task	 again;
};

/* Becomes the read half of ep, which has none. */
void	gather_init(struct gather *, struct endpoint *ep, enum gather_by,
	    const char *name);
/*
 * Adds a source: from, tag, ended and arg are set by the caller, the rest is
 * 0. The notify of the source's endpoint calls gather_wake if from is ready.
 */
void	gather_add(struct gather *, struct gather_source *);
void	gather_wake(struct gather_source *);
/* Reads no more from a source, which ends when its bytes are passed on. */
void	gather_finish(struct gather_source *);
/* Removes a source at once; bytes held are lost. */
void	gather_remove(struct gather_source *);
/* The end of the last source is the end of the gather from now on. */
void	gather_complete(struct gather *);
/* Whether the half is a gather that puts the time before each line. */
bool	gather_stamps(const struct half *);
/*
 * How many of the bytes that were read from the half are tags, and LFs that
 * end the lines of other sources; 0: the half is no gather.
 */
uint64_t gather_tagged(const struct half *);
/* Bytes read from sources and not passed on. */
uint64_t gather_held(const struct gather *);

#endif

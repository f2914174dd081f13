/*
 * A read half that is fed by many others, which come and go while it lives.
 *
 * By line, the lines of one source are kept together: what it gave is passed
 * on up to its last LF, and the half line behind that waits in a buffer of
 * the source's own, until the rest of the line has come, the source has
 * ended, or GATHER_LINE bytes are held, which then go on in pieces. Where
 * another source follows on an unfinished line (a piece, or a last line
 * without LF), a LF is put between them; nothing else is ever changed, and
 * a single source passes through as it is. By chunk, what was read is passed
 * on at once.
 *
 * Laws: nothing is read from a source but when the sink has room; sources
 * that have something take turns, each up to the end of what a layer of its
 * own holds (a message that was kept there until it was whole); one that has
 * nothing costs no buffer, and none costs more than GATHER_LINE; a half line
 * holds up nobody.
 */
#ifndef ENDPOINT_GATHER_H
#define ENDPOINT_GATHER_H

#include <sys/queue.h>
#include <stdint.h>

#include "endpoint/endpoint.h"

/* The longest line that is kept whole. */
#define GATHER_LINE	((size_t)64 << 10)

enum gather_by { GATHER_LINES, GATHER_CHUNKS };

struct gather;

struct gather_source {
	TAILQ_ENTRY(gather_source) link, turn;
	struct gather	*of;		/* NULL: it has left */
	struct half	*from;
	const char	*tag;		/* before each of its lines; or NULL */
	size_t		 tag_len, tag_at;
	unsigned char	*mem;
	size_t		 cap, at, pass, used;	/* pass on up to pass */
	bool		 queued;	/* waits for its turn */
	bool		 fresh;		/* its next byte begins a line */
	bool		 eof;
	bool		 finishing;	/* only what its layer holds */
	int		 num;		/* of the read that failed */
	int64_t		 active;	/* when it gave something last */
	uint64_t	 read, lost;	/* bytes, without tags */
	/*
	 * It has ended (num 0) or failed, and all that it gave is passed on;
	 * called from within a read of the gather. It has left by then.
	 */
	void		(*ended)(void *arg, struct gather_source *, int num);
	void		*arg;
};

struct gather {
	struct layer	 layer;
	struct endpoint	*ep;		/* whose read half it is */
	enum gather_by	 by;
	bool		 complete;	/* no source will come any more */
	TAILQ_HEAD(, gather_source) sources, turns;
	struct gather_source *cur;	/* has more to pass on */
	struct gather_source *last;	/* gave the last byte */
	bool		 midline;	/* ... which was not a LF */
	unsigned char	*buf_cache;		/* a buffer,
	    while there is work */
	uint64_t	 lost;		/* held by sources as it was closed */
	struct task	 again;
};

/* It becomes the read half of ep, which has none. It never fails. */
void	gather_init(struct gather *, struct endpoint *ep, enum gather_by,
	    const char *name);
/*
 * A source: from, tag, ended and arg are set by the caller, the rest is 0.
 * When from is ready, its owner's notify is to call gather_wake.
 */
void	gather_add(struct gather *, struct gather_source *);
void	gather_wake(struct gather_source *);
/* Read no more from it; what is held is passed on, then it has ended. */
void	gather_finish(struct gather_source *);
/* It leaves at once; what is held is lost. */
void	gather_remove(struct gather_source *);
/* The end of the last source is the end of all. */
void	gather_complete(struct gather *);
/* Bytes read from sources and not passed on. */
uint64_t gather_held(const struct gather *);

#endif

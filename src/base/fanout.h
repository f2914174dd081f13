/*
 * One bounded ring of records for many readers. What is added is kept once;
 * each reader goes through it at its own pace.
 *
 * Laws: adding never waits: where there is no room the oldest records go,
 * and a reader that still needed them falls off, which it is told by its
 * next call. Memory does not grow with the readers; it comes with the first
 * record and goes when every reader has everything.
 */
#ifndef BASE_FANOUT_H
#define BASE_FANOUT_H

#include <sys/queue.h>
#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf_cache.h"

struct fanout;

struct fanout_reader {
	LIST_ENTRY(fanout_reader) link;
	struct fanout	*of;		/* NULL: has not joined */
	uint64_t	 at;		/* where the next record begins */
	size_t		 left;		/* of the one before that */
	uint64_t	 since, taken;	/* bytes: as it joined, from then on */
	unsigned	 self;
	bool		 sated;		/* gets nothing new */
};

struct fanout {
	unsigned char	*mem;		/* NULL: nobody needs anything */
	struct buf_cache *buf_cache;	/* where mem goes; set by the owner, or
					   NULL */
	size_t		 cap;
	/* Places, counted from the first byte of all; a record's header too. */
	uint64_t	 base;		/* what stands at mem[0] */
	uint64_t	 oldest, next;
	uint64_t	 lead;		/* the foremost reader */
	uint64_t	 bytes;		/* added so far, without headers */
	size_t		 behind;	/* readers that have not got all */
	LIST_HEAD(, fanout_reader) readers;
};

/* What a record takes beside its bytes. */
#define FANOUT_HEAD	8

void	fanout_init(struct fanout *, size_t cap);
/* Its readers have left. */
void	fanout_free(struct fanout *);

/*
 * From now on it gets everything, but not the records that are added from
 * self (0: all of them).
 */
void	fanout_join(struct fanout *, struct fanout_reader *, unsigned self);
void	fanout_leave(struct fanout_reader *);

/* Is there a reader that gets what is added now? */
bool	fanout_is_heard(const struct fanout *);
/* The longest record that it can hold. */
size_t	fanout_most(const struct fanout *);
/*
 * How long a record may be that leaves the foremost reader in the newer
 * half of the ring: whoever may wait does not run ahead of that. 0, too,
 * while nobody would get it.
 */
size_t	fanout_room(const struct fanout *);
/*
 * Add n bytes of these as one record. With no reader they are forgotten at
 * once. -1 with EMSGSIZE or ENOMEM.
 */
int	fanout_add(struct fanout *, unsigned from, const struct iovec *, int,
	    size_t n);

/*
 * What this reader is to get next: the rest of one record, as at most two
 * pieces. 0: it has got everything; -1: it fell off.
 */
int	fanout_data(struct fanout_reader *, struct iovec iov[2]);
void	fanout_take(struct fanout_reader *, size_t n);
/* Has it everything? */
bool	fanout_has_all(const struct fanout_reader *);
/* Bytes that it did not get, also those that have gone. */
uint64_t fanout_missing(const struct fanout_reader *);

#endif

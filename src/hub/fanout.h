/*
 * One bounded ring of records for many readers. A record is kept once; each
 * reader goes through the ring at its own pace.
 *
 * Laws: adding never waits: if there is no room, the oldest records are
 * dropped, and a reader that still needed them falls off, which its next call
 * reports. Memory does not grow with the readers; the ring is allocated for
 * the first record and freed when every reader has everything.
 */
#ifndef HUB_FANOUT_H
#define HUB_FANOUT_H

#include <sys/queue.h>
#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct fanout_reader {
	TAILQ_ENTRY(fanout_reader) link;
	struct fanout	*of;		/* NULL: has not joined, or has left */
	uint64_t	 at;		/* place of the next record */
	size_t		 left;		/* bytes of the record before */
	size_t		 skips;		/* the first bytes of the next record,
					   which were staged before the reader
					   joined */
	uint64_t	 since;		/* fanout.bytes at fanout_join */
	uint64_t	 taken;		/* bytes since then, and all of self */
	unsigned	 self;		/* skips the records of this sender */
	bool		 sated;		/* gets nothing new; set by the owner */
};

struct fanout {
	unsigned char	*mem;		/* NULL: no reader needs anything */
	struct buf_cache *buf_cache;	/* for mem; set by the owner, or NULL */
	size_t		 cap;		/* bytes of mem */
	/* Places: bytes since fanout_init, headers included. */
	uint64_t	 base;		/* of mem[0] */
	uint64_t	 oldest, next;
	uint64_t	 bytes;		/* added so far, without headers */
	size_t		 staged;	/* bytes of the record after next, which
					   is not added yet; 0: there is none */
	size_t		 n;		/* readers */
	size_t		 behind;	/* ... without all records */
	TAILQ_HEAD(, fanout_reader) readers;
};

/* Bytes of a record beside its data. */
#define FANOUT_HEAD	8

void	fanout_init(struct fanout *, size_t cap);
/* All readers must have left. */
void	fanout_free(struct fanout *);

/* The reader gets all later records but those of the sender self (0: all). */
void	fanout_join(struct fanout *, struct fanout_reader *, unsigned self);
void	fanout_leave(struct fanout_reader *);

/* The longest record. */
size_t	fanout_most(const struct fanout *);
/*
 * The longest record that leaves the foremost reader in the newer half of the
 * ring: a writer that can wait adds no more. 0 also if every reader is sated.
 */
size_t	fanout_room(const struct fanout *);
/*
 * Adds n bytes of the pieces as one record; without readers they are dropped.
 * The reader from does not get the record; NULL, or a former reader: all
 * get it. Returns -1 with EMSGSIZE or ENOMEM.
 */
int	fanout_add(struct fanout *, struct fanout_reader *from,
	    const struct iovec *, int, size_t n);

/*
 * Stages n bytes: the bytes staged one after the other become a single record,
 * for all readers, at fanout_seal or before the next record. A reader does not
 * get the bytes that were staged before it joined. Returns as fanout_add.
 */
int	fanout_stage(struct fanout *, const void *, size_t n);
void	fanout_seal(struct fanout *);
/* The staged bytes for the reader. */
size_t	fanout_staged(const struct fanout_reader *);

/*
 * The rest of the next record of the reader, as at most two pieces.
 * Returns their number; 0: the reader has everything; -1: the reader fell off.
 */
int	fanout_data(struct fanout_reader *, struct iovec iov[2]);
/*
 * The same with the records after it, as far as these find room in max pieces,
 * of which two are for the first record.
 */
int	fanout_data_many(struct fanout_reader *, struct iovec *, int max);
/* n of these bytes were taken. */
void	fanout_take(struct fanout_reader *, size_t n);
/*
 * No reader has more bytes of the ring, with headers, yet to take; found
 * without a look at the readers.
 */
uint64_t fanout_span(const struct fanout *);
/* The same for one reader, which has not fallen off. */
uint64_t fanout_lag(const struct fanout_reader *);
bool	fanout_has_all(const struct fanout_reader *);
/* Bytes not taken by the reader, dropped but not staged bytes included. */
uint64_t fanout_missing(const struct fanout_reader *);

#endif

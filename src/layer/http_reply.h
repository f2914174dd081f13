/*
 * The text of an HTTP reply: where its header and its body end, and what the
 * header says. Pure.
 *
 * Law: measuring never counts a byte that is not of the reply, and reads
 * none beyond those that it was given.
 */
#ifndef LAYER_HTTP_REPLY_H
#define LAYER_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A chunk that says to be larger is just too large. */
#define HTTP_CHUNK_MAX	((uint64_t)1 << 20)

/* How far a part of the reply has come. Zeroed, it is at a header's start. */
struct http_meter {
	size_t		line;	/* bytes of the line that is read */
	uint64_t	left;	/* bytes of the body, or chunk */
	int		part;	/* of a chunk */
};

/* *n of these bytes belong to that part; true: which is then whole. */
bool	http_measure_head(struct http_meter *, const char *, size_t,
	    size_t *n);
bool	http_measure_length(struct http_meter *, size_t, size_t *n);
bool	http_measure_chunks(struct http_meter *, const char *, size_t,
	    size_t *n);

/* Of a header that ends with a NUL. 0: that is no status line. */
int	http_status(const char *head);
/*
 * The next header of this name, from *at on: its value, and where that ends;
 * NULL when there is none.
 */
const char	*http_header(const char **at, const char *name,
		    const char **end);
/* Is this one of the words, with commas between them, of such a header? */
bool	http_has_word(const char *head, const char *name, const char *word);
/* Does the connection outlive this reply? */
bool	http_stays_open(const char *head);

#endif

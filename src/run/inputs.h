/*
 * Standard input and the files of --input as the read half of the near
 * endpoint; and the tags before the lines of several sources. Lines are kept
 * whole if their rest comes within 100 ms, but the bytes of a device go on as
 * they come. The half ends when all inputs have ended.
 *
 * Laws: opening an input never waits. A FIFO without a writer has not ended:
 * the last writer's close is the end. A tag contains no byte that a peer
 * chooses freely: unprintable bytes of a Unix socket's path become '?'.
 */
#ifndef RUN_INPUTS_H
#define RUN_INPUTS_H

#include "hub/hub_port.h"
#include "plan/plan.h"

struct input;

struct inputs {
	struct hub_port	 port;
	struct input	*v;		/* owned */
	size_t		 n;
	struct error	 err;		/* the first read that failed */
};

/* The source of lines: a peer, or an input. */
struct tag {
	const struct addr	*peer;		/* NULL: an input */
	const char		*input;		/* the name; NULL: a peer */
	unsigned		 number;
};

/* Opens all inputs; returns NULL, with the error, if any fails. */
struct inputs	*inputs_open(const struct plan *, struct endpoint *near,
		    struct error *);
void		 inputs_free(struct inputs *);

/*
 * Returns the tag in this format, to be freed, or NULL with errno. %a is the
 * peer's address, %p the peer's port, %f the input's name, %n the number of
 * the source, %% a percent sign.
 */
char		*tag_text(const char *format, const struct tag *, size_t *len);

#endif

/*
 * What console.c and console_open.c share: nobody else reads this.
 */
#ifndef CONSOLE_CONSOLE_STATE_H
#define CONSOLE_CONSOLE_STATE_H

#include <locale.h>

#include "console/screen.h"
#include "console/tty.h"
#include "endpoint/endpoint.h"

struct console {
	struct layer	 layer;		/* first: both halves point to it */
	struct endpoint	*ep;
	struct loop	*loop;
	struct fd	 in;
	struct tty	 tty;
	struct watch	 in_watch, out_watch;
	struct timer	 pause, lookout;
	struct task	 draw;
	locale_t	 locale;
	struct editor	*editor;
	struct screen	 screen;
	struct buf	 lines;		/* finished, for the read half */
	bool		 cursor;	/* it can be moved */
	bool		 apart;		/* there is no write half */
	bool		 ended;		/* the input */
	bool		 background;	/* another job has the terminal */
	bool		 full;		/* the write half waits for room */
	bool		 secret;	/* what is typed is not to be seen */
	bool		 shutting;	/* ... or until all is written */
	bool		 news;		/* for whoever is notified */
	int		 read_errno;
	int64_t		 patience;	/* until when a line may not end and
					   not be shown; 0: none has begun */
};

/* Around everything that asks for the width of a character. */
static inline locale_t
console_enter(const struct console *c)
{
	return c->locale != (locale_t)0 ? uselocale(c->locale) : (locale_t)0;
}

static inline void
console_leave(locale_t was)
{
	if (was != (locale_t)0)
		(void)uselocale(was);
}

/* The modes that the terminal is to have; it is ours. */
void	console_set_modes(struct console *);
/* Show what is new at the end of this turn. */
void	console_redraw(struct console *);
/* All but the terminal and its editor; from now on it is read. */
int	console_start(struct console *);
void	console_free(struct console *);

#endif

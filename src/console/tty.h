/*
 * A terminal: modes, size, and whether another job is in the foreground.
 *
 * Laws: the modes found are restored on every way out, also when the
 * program crashes. No call waits for output to drain. A terminal that another
 * job has in the foreground is left alone.
 */
#ifndef CONSOLE_TTY_H
#define CONSOLE_TTY_H

#include <stdbool.h>
#include <termios.h>

#include "io/fd.h"

struct tty {
	int		 fd;		/* not owned */
	int		 marks;		/* descriptor to ask for marks around a
					   paste, not owned; -1: do not ask */
	bool		 changed;	/* the modes are our own */
	bool		 guarded;	/* fatal signals are caught */
	struct termios	 found;		/* the modes before our own */
};

/* Changes nothing. Returns -1 with errno if fd is not a terminal. */
int	tty_open(struct tty *, int fd);
/*
 * Opens standard input and output, or with apart standard input and any
 * descriptor of the same terminal that can be written to. Returns -1 with
 * errno; in and out are to be closed in any case.
 */
int	tty_open_standard(struct tty *, struct fd *in, struct fd *out,
	    bool apart);
/* Whether TERM names a terminal that understands ANSI X3.64. */
bool	tty_moves_cursor(void);

/*
 * Each key at once, without echo; signals, ^S and ^Q stay. The modes before
 * are remembered, unless they are our own already. If asked by marks, the
 * terminal marks each paste (xterm's mode 2004) until tty_restore.
 */
void	tty_raw(struct tty *);
/* With tty_raw: whether the interrupt key is a signal, or a byte as others. */
void	tty_interrupts(const struct tty *, bool signal);
/* Line mode, with an echo of Enter alone. */
void	tty_silent(struct tty *);
/* All bytes as they are, both ways; speed and parity stay. */
void	tty_line(struct tty *);
void	tty_restore(struct tty *);

/* Whether this job is in the foreground, or the terminal has no jobs. */
bool	tty_is_ours(const struct tty *);
/* In characters; 80 by 24 if the terminal does not know. */
void	tty_size(const struct tty *, unsigned *cols, unsigned *rows);

#endif

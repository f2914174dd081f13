/*
 * A terminal's modes and size, and whether it is ours at the moment.
 *
 * Laws: what was found is restored on every way out, also when the program
 * crashes; nothing here waits for output to drain; a terminal that another
 * job has in the foreground is left alone.
 */
#ifndef CONSOLE_TTY_H
#define CONSOLE_TTY_H

#include <stdbool.h>
#include <termios.h>

struct tty {
	int		 fd;		/* not owned */
	bool		 raw;
	bool		 guarded;	/* against crashes */
	struct termios	 found;		/* as of the last time we took it */
};

/* -1 with errno: not a terminal. Changes nothing. */
int	tty_open(struct tty *, int fd);
/*
 * Every key at once, no echo; signals, ^S and ^Q stay as they are. What
 * stood before is remembered, unless it is in raw mode already, where a
 * shell may have changed that behind our back.
 */
void	tty_raw(struct tty *);
/* The terminal's own line mode without its echo, but for that of Enter. */
void	tty_silent(struct tty *);
/* What was typed and has not been read is dropped. */
void	tty_drop_typed(struct tty *);
/*
 * Every byte as it is, both ways, with no key that means anything. What the
 * line itself is set to (its speed, its parity) stays.
 */
void	tty_line(struct tty *);
void	tty_restore(struct tty *);
/* What was written and has not come out yet is not to come out at all. */
void	tty_drop(int fd);
/* No other job has it. */
bool	tty_is_ours(const struct tty *);
/* 80 by 24 where the terminal does not know. */
void	tty_size(const struct tty *, unsigned *cols, unsigned *rows);

/* Restore whichever is in raw mode. Safe in a signal handler. */
void	tty_rescue(void);

#endif

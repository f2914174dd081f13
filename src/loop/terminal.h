/*
 * The controlling terminal of this program, which a command gets that uses it.
 *
 * Laws: the terminal is lent only while this program's job is in the
 * foreground; it comes back with the modes that it had; nothing is taken from
 * a shell that has taken the terminal meanwhile. SIGTTOU is blocked as long as
 * the terminal is lent: this program is then a background job, whose messages
 * are still shown.
 */
#ifndef LOOP_TERMINAL_H
#define LOOP_TERMINAL_H

#include <sys/types.h>
#include <signal.h>
#include <stdbool.h>
#include <termios.h>

struct terminal {
	int		 fd;		/* -1: there is no terminal */
	pid_t		 job;		/* this program's process group, as its
					   shell knows it */
	pid_t		 lent;		/* the group that has the terminal; 0:
					   none */
	struct termios	 modes;		/* ... before it was lent */
	sigset_t	 mask;		/* likewise */
};

void	terminal_open(struct terminal *);
/* The terminal must have been taken back. */
void	terminal_close(struct terminal *);
/* Whether this program's job is in the foreground. */
bool	terminal_is_ours(const struct terminal *);
/*
 * Puts a group of this session into the foreground. Returns false if neither
 * this program's job nor that group is there now.
 */
bool	terminal_lend(struct terminal *, pid_t group);
/*
 * Ends the loan, and puts this program's job into the foreground again, unless
 * another group is there that has no process with this mark (loop/strays.h).
 */
void	terminal_take(struct terminal *, const char *mark);

#endif

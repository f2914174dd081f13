/*
 * The terminal of whoever chats, as a near endpoint. Its read half gives
 * finished lines, each with its LF; its write half shows text, line by line,
 * above the line that is being typed.
 *
 * Laws: nothing here blocks: a terminal that is stopped (^S) holds back the
 * screen alone; what is typed is never lost and never torn on the screen;
 * the terminal's modes are those that were found, on every way out; flags
 * of inherited descriptors stay as they are. What is written here is inert
 * already: printable UTF-8, tab, LF, and SGR sequences that are our own.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "endpoint/endpoint.h"

struct console_options {
	bool		 controlling;	/* the controlling terminal, instead of
					   standard input and output */
	bool		 colour;	/* may be used: console_colour_ok */
	/*
	 * Text goes elsewhere: there is no write half, and the terminal that
	 * is standard input shows announcements alone, edits lines by itself
	 * and gets no prompt, for others may write to it.
	 */
	bool		 apart;
	bool		 timestamps;	/* before each line that was typed */
	const char	*prompt;	/* copied; NULL: none */
};

/*
 * Take the terminal. It is read from now on, flow or not: in.ready becomes
 * true, and notify is called, when a line is finished or the input has ended
 * (^D on an empty line, or a hangup). Some KiB of finished lines wait for the
 * flow; the rest of a paste waits in the terminal. -1 and err filled when
 * there is no terminal. endpoint_close gives it back.
 *
 * SIGTSTP, SIGCONT and SIGWINCH are taken from the loop. ^C stays a signal.
 */
int	endpoint_console(struct endpoint *, struct loop *,
	    const struct console_options *, struct error *);

/* What follows, up to console_type, does nothing once that is closed. */

/* What stands before the line being typed, from now on. Copied. */
void	console_prompt(struct endpoint *, const char *);
/*
 * What is typed from now on is neither shown nor remembered (true), or is
 * again; a line that has not been finished by then is dropped.
 */
void	console_secret(struct endpoint *, bool);
/*
 * An announcement of ours, behind "* " in the first column. Nothing that is
 * written to the write half can begin there but what begins a line of it:
 * rows after the first, and what follows a pause within a line, are indented.
 * The line is inert, and without LF.
 */
void	console_say(struct endpoint *, const char *line);
/*
 * The read half gives this line, with its LF, as if it had been typed, but it
 * is not shown. Whoever is to be notified is, at the end of this turn.
 */
void	console_type(struct endpoint *, const char *line);
/* Whether the line editor has keys of its own (libedit's). */
bool	console_edits(const struct endpoint *);
/* Before there is a flow: what it will read, and whether that is all. */
size_t	console_waiting(const struct endpoint *, const char **lines);
bool	console_ended(const struct endpoint *);
void	console_bell(struct endpoint *);
/* Bytes that the terminal has not taken yet. */
size_t	console_unwritten(const struct endpoint *);

/* NO_COLOR is not set, and TERM names more than a dumb terminal. */
bool	console_colour_ok(void);

/*
 * The terminal's modes as they were found, if they are not. Safe in a signal
 * handler: for whoever is about to die of one. (endpoint_close, exit(3) and
 * signals that nobody catches see to it by themselves.)
 */
void	console_restore(void);

#endif

/*
 * The terminal of a person who chats, as a near endpoint. Its read half gives
 * finished lines, each with its LF; its write half shows text, line by line,
 * above the typed line.
 *
 * Laws: nothing here blocks: a terminal that is stopped (^S) holds back the
 * screen alone. Typed text is never lost and never torn on the screen. The
 * terminal's modes are restored on every way out. The flags of inherited
 * descriptors never change. Text that is written here is inert already:
 * printable UTF-8, tab, LF, and SGR sequences of our own.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "endpoint/endpoint.h"

struct console_options {
	bool		 colour;	/* SGR sequences: console_colour_ok */
	/*
	 * Text is written elsewhere: there is no write half. The terminal,
	 * which is standard input, shows announcements only. Other programs
	 * may write there, so no prompt is shown, and the kernel edits lines.
	 */
	bool		 apart;
	bool		 labels;	/* colours "<name>" or "[name]" at the
					   beginning of a line, or after a time;
					   needs colour */
	bool		 timestamps;	/* the time before each finished line */
	/*
	 * An unfinished line of the write half becomes the prompt after a
	 * pause: "login: ". What follows a typed line begins a row.
	 */
	bool		 peer_prompts;
	const char	*prompt;	/* copied; NULL: none */
};

/*
 * Takes the terminal at standard input and output, which endpoint_close gives
 * back. Keys are read from now on, with or without a flow: in.ready becomes
 * true, and notify() is called, when a line is finished or the input has ended
 * (^D on an empty line, or a hangup). At most some KiB of finished lines wait
 * for the flow; the rest of a paste waits in the terminal. Takes SIGTSTP,
 * SIGCONT and SIGWINCH from the loop; ^C stays a signal. Messages of the
 * program are shown by console_say. Returns -1 with err if there is no
 * terminal.
 */
int	endpoint_console(struct endpoint *, struct loop *,
	    const struct console_options *, struct error *);

/* The calls below do nothing once the endpoint is closed. */

/* Changes the text before the typed line. Copied. */
void	console_prompt(struct endpoint *, const char *);
/* As editor_ops.secret. */
void	console_secret(struct endpoint *, bool);
/*
 * Shows an announcement of the program: "* " in the first column, and a line
 * that is inert and without LF. No text of the write half can look like an
 * announcement: only the beginning of a line stands in the first column; other
 * rows, and the rest of a line after a pause, are indented, but for the rows of
 * a URL without the characters *<>[].
 */
void	console_say(void *endpoint, const char *line);
/*
 * Makes the read half give this line, with its LF, like a typed line that is
 * not shown. notify() is called at the end of this turn.
 */
void	console_type(struct endpoint *, const char *line);
void	console_bell(struct endpoint *);
/* Whether the line editor has keys of its own (libedit). */
bool	console_edits(const struct endpoint *);
/* Returns how many finished lines have not been read by a flow yet. */
size_t	console_waiting(const struct endpoint *);

/* Whether NO_COLOR is unset, and TERM names more than a dumb terminal. */
bool	console_colour_ok(void);

#endif

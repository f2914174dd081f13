/*
 * Opening a console: which terminal, which editor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "console/console.h"
#include "console/console_state.h"

/* A description of our own, so that O_NONBLOCK is nobody else's. */
static int
console_open_controlling(struct fd *fd, int mode)
{
	int num = open("/dev/tty", mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (num == -1)
		return -1;
	fd_own(fd, num, FD_TTY);
	return 0;
}

/* For announcements: standard input may be open for reading alone. */
static int
console_open_apart(struct fd *out)
{
	if (fd_inherit(out, STDIN_FILENO, O_WRONLY) == 0)
		return 0;
	if (isatty(STDERR_FILENO) &&
	    fd_inherit(out, STDERR_FILENO, O_WRONLY) == 0)
		return 0;
	return console_open_controlling(out, O_WRONLY);
}

static int
console_open_terminal(struct console *c, const struct console_options *opt)
{
	struct fd *out = &c->screen.out;

	if (opt->controlling)
		return console_open_controlling(&c->in, O_RDONLY) == -1 ||
		    console_open_controlling(out, O_WRONLY) == -1 ? -1 :
		    tty_open(&c->tty, c->in.num);
	if (fd_inherit(&c->in, STDIN_FILENO, O_RDONLY) == -1 ||
	    (opt->apart ? console_open_apart(out) :
	    fd_inherit(out, STDOUT_FILENO, O_WRONLY)) == -1)
		return -1;
	errno = ENOTTY;
	return c->in.kind != FD_TTY || out->kind != FD_TTY ? -1 :
	    tty_open(&c->tty, c->in.num);
}

static bool
console_can_move_cursor(void)
{
	const char *term = getenv("TERM");

	return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0 &&
	    strcmp(term, "unknown") != 0;
}

static int
console_open_editor(struct console *c, const struct console_options *opt)
{
	const struct editor_ops *ops = editor_libedit();
	struct editor_setup set = { .lines = &c->lines,
	    .screen = &c->screen.buf, .prompt = opt->prompt,
	    .cursor = c->cursor, .colour = opt->colour,
	    .timestamps = opt->timestamps,
	    .erase = c->tty.found.c_cc[VERASE],
	    .eof = c->tty.found.c_cc[VEOF] };
	locale_t was = console_enter(c);

	tty_size(&c->tty, &set.cols, &set.rows);
	if (ops != NULL && c->cursor)
		c->editor = ops->open(&set);
	if (c->editor == NULL)
		c->editor = editor_plain()->open(&set);
	console_leave(was);
	c->screen.editor = c->editor;
	return c->editor == NULL ? -1 : 0;
}

static int
open_console(struct console *c, const struct console_options *opt)
{
	c->apart = opt->apart;
	c->cursor = console_can_move_cursor() && !opt->apart;
	c->screen.colour = opt->colour && c->cursor;
	c->screen.scroll.screen = &c->screen.buf;
	c->locale = text_locale();
	if (console_open_terminal(c, opt) == -1 ||
	    console_open_editor(c, opt) == -1)
		return -1;
	return console_start(c);
}

int
endpoint_console(struct endpoint *ep, struct loop *loop,
    const struct console_options *opt, struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));

	endpoint_init(ep, loop);
	if (c != NULL) {
		c->ep = ep;
		c->loop = loop;
		c->in.num = c->screen.out.num = -1;
		c->in_watch.fd = c->out_watch.fd = -1;
		if (open_console(c, opt) == 0)
			return 0;
	}
	error_set(err, errno, "open", "the terminal");
	if (c != NULL) {
		console_free(c);
	}
	return -1;
}

bool
console_colour_ok(void)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && console_can_move_cursor();
}

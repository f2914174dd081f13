#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/num.h"
#include "base/text.h"
#include "console/console.h"
#include "console/screen.h"
#include "console/tty.h"

/* Bytes waiting for the screen before the write half is full. */
#define SCREEN_MOST	((size_t)64 << 10)
/* Bytes of finished lines waiting before no more keys are read. */
#define LINES_MOST	((size_t)4 << 10)
/*
 * How often a job in the background checks whether the terminal is back:
 * the shell sends no signal when a running job moves to the foreground.
 */
#define LOOKOUT		(1000 * NSEC_PER_MSEC)

enum console_input {
	INPUT_OURS,		/* keys are read */
	INPUT_BACKGROUND,	/* another job has the terminal */
	INPUT_ENDED
};

enum console_output {
	OUTPUT_OPEN,
	OUTPUT_FULL,		/* write() waits for room */
	OUTPUT_SHUTTING		/* shut() waits until all is written */
};

struct console {
	struct layer	 layer;		/* first: both halves point here */
	struct endpoint	*ep;
	struct loop	*loop;
	struct fd	 in;
	struct tty	 tty;
	struct watch	 in_watch, out_watch;
	struct timer	 pause, lookout;
	struct task	 draw;
	struct editor	*editor;
	struct screen	 screen;
	struct buf	 lines;		/* finished lines for the read half */
	bool		 cursor;	/* the terminal can move its cursor */
	bool		 apart;		/* there is no write half */
	bool		 secret;	/* typed text is not shown */
	bool		 asks;		/* editor.asks, as the modes have it */
	bool		 news;		/* notify() is due */
	enum console_input input;
	enum console_output output;
	int		 read_errno;	/* of INPUT_ENDED; 0: end of file */
	int64_t		 deadline;	/* to show a line without LF; 0: none */
};

/* ---- The screen --------------------------------------------------------- */

/* Draws at the end of this turn, below all other text. */
static void
console_redraw(struct console *c)
{
	loop_post(c->loop, &c->draw);
}

static void
console_on_draw(void *arg)
{
	struct console *c = arg;
	size_t unwritten;

	screen_flush(&c->screen, c->input == INPUT_OURS);
	unwritten = c->screen.buf.used;
	if (c->screen.error != 0 && !c->apart && half_break(&c->ep->out))
		c->ep->out.ready = c->news = true;
	if ((c->output == OUTPUT_FULL && unwritten <= SCREEN_MOST / 2) ||
	    (c->output == OUTPUT_SHUTTING && unwritten == 0)) {
		c->output = OUTPUT_OPEN;
		c->ep->out.ready = c->news = true;
	}
	loop_touch(c->loop, &c->out_watch);
	/* Here, and not where news is set: never within a step of a flow. */
	if (c->news && c->ep->notify != NULL)
		c->ep->notify(c->ep->user);
	c->news = false;
}

static void
console_on_pause(void *arg)
{
	struct console *c = arg;

	screen_pause(&c->screen);
	c->deadline = 0;
	console_redraw(c);
}

static void
console_measure(struct console *c)
{
	unsigned cols, rows;

	tty_size(&c->tty, &cols, &rows);
	c->screen.scroll.cols = c->cursor ? cols : 0;
	if (c->editor->ops->resize != NULL)
		c->editor->ops->resize(c->editor, cols, rows);
	console_redraw(c);
}

/* ---- The terminal's owner ----------------------------------------------- */

static void
console_end_input(struct console *c, int num)
{
	c->input = INPUT_ENDED;
	c->ep->in.ready = c->news = true;
	c->read_errno = num;
	c->editor->ops->hide(c->editor);
	screen_settle(&c->screen);
	timer_clear(c->loop, &c->lookout);
	tty_restore(&c->tty);
	console_redraw(c);
}

static void
console_go_background(struct console *c)
{
	c->input = INPUT_BACKGROUND;
	/* Changes nothing on the terminal: the other job has set its modes. */
	tty_restore(&c->tty);
	c->editor->ops->forget(c->editor);
	timer_set(c->loop, &c->lookout, loop_now(c->loop) + LOOKOUT);
	loop_touch(c->loop, &c->in_watch);
}

static void
console_set_modes(struct console *c)
{
	if (c->editor->ops->raw)
		tty_raw(&c->tty);
	else if (c->secret)
		tty_silent(&c->tty);
	c->asks = false;
}

/* While the editor asks, the interrupt key is an answer, and no signal. */
static void
console_follow_question(struct console *c)
{
	if (c->asks == c->editor->asks || c->input != INPUT_OURS)
		return;
	c->asks = c->editor->asks;
	tty_interrupts(&c->tty, !c->asks);
}

/* If this job has the terminal, sets the modes and reads; else waits. */
static void
console_look(struct console *c)
{
	if (c->input == INPUT_ENDED)
		return;
	if (!tty_is_ours(&c->tty)) {
		console_go_background(c);
		return;
	}
	c->input = INPUT_OURS;
	timer_clear(c->loop, &c->lookout);
	console_set_modes(c);
	console_follow_question(c);
	loop_touch(c->loop, &c->in_watch);
	console_measure(c);
}

static void
console_on_lookout(void *arg)
{
	struct console *c = arg;

	console_look(c);
}

static void	console_on_signal(void *, int);

static const int console_signals[] = { SIGTSTP, SIGCONT, SIGWINCH };

/* An ignored signal stays so: a shell without job control set it. */
static void
console_take_signals(struct console *c)
{
	struct sigaction was;

	for (size_t i = 0; i < sizeof(console_signals) / sizeof(int); i++)
		if (sigaction(console_signals[i], NULL, &was) == -1 ||
		    was.sa_handler != SIG_IGN)
			(void)loop_signal(c->loop, console_signals[i],
			    console_on_signal, c);
}

static void
console_leave_signals(struct console *c)
{
	for (size_t i = 0; i < sizeof(console_signals) / sizeof(int); i++)
		(void)loop_signal(c->loop, console_signals[i], NULL, NULL);
}

static void
console_on_signal(void *arg, int signo)
{
	struct console *c = arg;

	if (signo == SIGWINCH)
		console_measure(c);
	else if (signo == SIGTSTP) {
		/* Restores the terminal, then stops by the default action. */
		c->editor->ops->hide(c->editor);
		screen_flush(&c->screen, false);
		tty_restore(&c->tty);
		console_leave_signals(c);
		(void)raise(SIGTSTP);
		/* The process runs again; SIGCONT itself need not be seen. */
		console_take_signals(c);
	} else
		c->editor->ops->forget(c->editor);
	if (signo != SIGWINCH)
		console_look(c);
}

/* ---- Keys --------------------------------------------------------------- */

static void
console_on_typed(void *arg, unsigned what)
{
	struct console *c = arg;
	unsigned char bytes[4096];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	enum io io = IO_AGAIN;
	size_t n = 0, lines = c->lines.used;

	(void)what;
	if (tty_is_ours(&c->tty))
		io = fd_read(&c->in, &iov, 1, &n);
	/* The typed line is drawn at once, and needs a row of its own. */
	if (io == IO_OK)
		scroll_interrupt(&c->screen.scroll);
	/* Asked twice: a read in the background looks like a hangup. */
	if (!tty_is_ours(&c->tty) && io != IO_OK)
		console_go_background(c);
	else if (io == IO_OK && c->editor->ops->feed(c->editor, bytes, n))
		console_end_input(c, 0);
	else if (io == IO_EOF || io == IO_FAIL) {
		if (c->editor->ops->end != NULL)
			c->editor->ops->end(c->editor);
		console_end_input(c, io == IO_FAIL ? errno : 0);
	}
	console_follow_question(c);
	if (c->lines.used > lines)
		screen_typed(&c->screen);
	if (c->lines.used > 0 || c->lines.failed)
		c->ep->in.ready = c->news = true;
	console_redraw(c);
}

static void
console_on_room(void *arg, unsigned what)
{
	(void)what;
	console_on_draw(arg);
}

static unsigned
console_want_in(void *arg)
{
	const struct console *c = arg;

	return c->input == INPUT_OURS && c->lines.used <= LINES_MOST ?
	    LOOP_IN : 0;
}

static unsigned
console_want_out(void *arg)
{
	const struct console *c = arg;

	return c->screen.buf.used > 0 ? LOOP_OUT : 0;
}

/* ---- The layer ---------------------------------------------------------- */

static struct console *
console_self(const struct layer *l)
{
	return (struct console *)(size_t)l;
}

static enum io
console_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct console *c = console_self(l);

	*n = 0;
	for (int i = 0; i < cnt && c->lines.used > 0; i++) {
		size_t part = iov[i].iov_len < c->lines.used ?
		    iov[i].iov_len : c->lines.used;

		memcpy(iov[i].iov_base, buf_data(&c->lines), part);
		buf_take(&c->lines, part);
		*n += part;
	}
	loop_touch(c->loop, &c->in_watch);
	if (*n > 0)
		return IO_OK;
	errno = c->lines.failed ? ENOMEM : c->read_errno;
	if (c->lines.failed || c->read_errno != 0)
		return IO_FAIL;
	return c->input == INPUT_ENDED ? IO_EOF : IO_AGAIN;
}

static enum io
console_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct console *c = console_self(l);
	struct screen *s = &c->screen;
	int64_t now = loop_now(c->loop);

	*n = 0;
	for (int i = 0; i < cnt && c->output != OUTPUT_FULL && s->error == 0;
	    i++) {
		size_t part = s->buf.used < SCREEN_MOST ?
		    SCREEN_MOST - s->buf.used : 0;

		if (part < iov[i].iov_len)
			c->output = OUTPUT_FULL;
		else
			part = iov[i].iov_len;
		screen_text(s, iov[i].iov_base, part);
		*n += part;
	}
	if (!screen_is_torn(s)) {
		c->deadline = 0;
		timer_clear(c->loop, &c->pause);
	} else {
		if (c->deadline == 0)
			c->deadline = now + TEXT_PATIENCE;
		timer_set(c->loop, &c->pause, timer_earlier(now + TEXT_PAUSE,
		    c->deadline));
	}
	console_redraw(c);
	errno = s->error;
	if (*n == 0 && s->error != 0)
		return IO_FAIL;
	return *n > 0 ? IO_OK : IO_AGAIN;
}

/* The terminal stays open for announcements. */
static enum io
console_shut(struct layer *l)
{
	struct console *c = console_self(l);

	screen_settle(&c->screen);
	timer_clear(c->loop, &c->pause);
	console_on_pause(c);
	errno = c->screen.error;
	if (errno != 0)
		return IO_FAIL;
	if (c->screen.buf.used > 0)
		c->output = OUTPUT_SHUTTING;
	return c->screen.buf.used > 0 ? IO_AGAIN : IO_OK;
}

static size_t
console_pending(const struct layer *l)
{
	const struct console *c = console_self(l);

	return c->lines.used +
	    (c->input == INPUT_ENDED && c->ep->in.state != HALF_ENDED);
}

/* Readiness comes from the editor and the buffer, not from a descriptor. */
static unsigned
console_want(const struct layer *l, unsigned wish)
{
	(void)l;
	(void)wish;
	return 0;
}

static struct fd *
console_fd(struct layer *l)
{
	return &console_self(l)->in;
}

static void
console_free(struct console *c)
{
	if (c->editor != NULL)
		c->editor->ops->close(c->editor);
	screen_free(&c->screen);
	loop_unwatch(c->loop, &c->in_watch);
	loop_unwatch(c->loop, &c->out_watch);
	fd_close(&c->in);
	buf_free(&c->lines);
	free(c);
}

static void
console_close(struct layer *l)
{
	struct console *c = console_self(l);
	struct screen *s = &c->screen;

	diag_redirect(NULL, NULL);
	screen_settle(s);
	screen_pause(s);
	c->editor->ops->leave(c->editor);
	screen_flush(s, false);
	/*
	 * Drops the bytes not taken by the terminal; the next writer
	 * gets a row of its own, and no half of an escape sequence.
	 */
	if (s->buf.used > 0 && tty_is_ours(&c->tty)) {
		(void)tcflush(s->out.num, TCOFLUSH);
		buf_take(&s->buf, s->buf.used);
		buf_str(&s->buf, c->cursor ? "\033[m\r\n" : "\r\n");
		screen_flush(s, false);
	}
	tty_restore(&c->tty);
	console_leave_signals(c);
	timer_clear(c->loop, &c->pause);
	timer_clear(c->loop, &c->lookout);
	loop_unpost(c->loop, &c->draw);
	console_free(c);
}

static const struct layer_ops console_ops = {
	.read = console_read,
	.write = console_write,
	.shut = console_shut,
	.pending = console_pending,
	.want = console_want,
	.fd = console_fd,
	.close = console_close
};

/* ---- Opening ------------------------------------------------------------ */

static int
console_watch(struct console *c, struct watch *w, int fd,
    unsigned (*want)(void *), void (*ready)(void *, unsigned))
{
	*w = (struct watch){ .fd = fd, .want = want, .ready = ready,
	    .arg = c };
	if (loop_watch(c->loop, w) == 0)
		return 0;
	w->fd = -1;
	return -1;
}

static int
console_open_editor(struct console *c, const struct console_options *opt)
{
	struct editor_setup set = { .lines = &c->lines,
	    .screen = &c->screen.buf, .prompt = opt->prompt,
	    .cursor = c->cursor, .colour = opt->colour,
	    .timestamps = opt->timestamps,
	    .erase = c->tty.found.c_cc[VERASE],
	    .interrupt = c->tty.found.c_cc[VINTR],
	    .eof = c->tty.found.c_cc[VEOF] };

	tty_size(&c->tty, &set.cols, &set.rows);
	if (c->cursor)
		c->editor = editor_open_libedit(&set);
	if (c->editor == NULL && (c->editor = editor_open_plain(&set)) == NULL)
		return -1;
	c->screen.editor = c->editor;
	if (c->editor->ops->raw)
		c->tty.marks = c->screen.out.num;
	return 0;
}

/* Reads and draws from now on; terminal and editor are open. */
static int
console_start(struct console *c)
{
	struct endpoint *ep = c->ep;

	if (console_watch(c, &c->in_watch, c->in.num, console_want_in,
	    console_on_typed) == -1 ||
	    console_watch(c, &c->out_watch, c->screen.out.num, console_want_out,
	    console_on_room) == -1)
		return -1;
	c->layer.ops = &console_ops;
	c->draw = (struct task){ .run = console_on_draw, .arg = c };
	c->pause = (struct timer){ .fire = console_on_pause, .arg = c };
	c->lookout = (struct timer){ .fire = console_on_lookout, .arg = c };
	ep->in = (struct half){ .top = &c->layer, .fd = &c->in,
	    .name = "the terminal", .owner = ep };
	if (!c->apart) {
		ep->out = ep->in;
		ep->out.fd = &c->screen.out;
		ep->out.ready = true;
	}
	console_take_signals(c);
	console_on_lookout(c);
	return 0;
}

int
endpoint_console(struct endpoint *ep, struct loop *loop,
    const struct console_options *opt, struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));

	endpoint_init(ep, loop);
	if (c == NULL) {
		error_set(err, errno, "open", "the terminal");
		return -1;
	}
	c->ep = ep;
	c->loop = loop;
	c->in.num = c->screen.out.num = -1;
	c->in_watch.fd = c->out_watch.fd = -1;
	c->apart = opt->apart;
	c->cursor = tty_moves_cursor() && !opt->apart;
	c->screen.scroll.screen = &c->screen.buf;
	c->screen.colour = opt->colour && c->cursor;
	c->screen.scroll.labels = c->screen.colour && opt->labels;
	c->screen.peer_prompts = opt->peer_prompts && c->cursor;
	if (tty_open_standard(&c->tty, &c->in, &c->screen.out,
	    c->apart) == 0 && console_open_editor(c, opt) == 0 &&
	    console_start(c) == 0) {
		diag_redirect(console_say, ep);
		return 0;
	}
	error_set(err, errno, "open", "the terminal");
	console_free(c);
	return -1;
}

bool
console_colour_ok(void)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && tty_moves_cursor();
}

/* ---- Calls of the console's owner --------------------------------------- */

/* Returns NULL when the endpoint is closed. */
static struct console *
console_of(const struct endpoint *ep)
{
	return (struct console *)ep->in.top;
}

void
console_prompt(struct endpoint *ep, const char *prompt)
{
	struct console *c = console_of(ep);

	if (c == NULL)
		return;
	c->editor->ops->prompt(c->editor, prompt);
	console_redraw(c);
}

void
console_secret(struct endpoint *ep, bool on)
{
	struct console *c = console_of(ep);

	if (c == NULL || c->secret == on)
		return;
	c->secret = on;
	c->editor->ops->secret(c->editor, on);
	console_follow_question(c);
	console_redraw(c);
	if (c->editor->ops->raw || c->input == INPUT_ENDED ||
	    !tty_is_ours(&c->tty))
		return;
	/* In line mode the kernel echoes, and holds the begun line. */
	if (!on) {
		(void)tcflush(c->tty.fd, TCIFLUSH);
		tty_restore(&c->tty);
	}
	console_set_modes(c);
}

void
console_say(void *ep, const char *line)
{
	struct console *c = console_of(ep);

	if (c == NULL)
		return;
	screen_say(&c->screen, line);
	console_redraw(c);
}

void
console_type(struct endpoint *ep, const char *line)
{
	struct console *c = console_of(ep);

	if (c == NULL || c->input == INPUT_ENDED)
		return;
	buf_str(&c->lines, line);
	ep->in.ready = c->news = true;
	console_redraw(c);
}

bool
console_edits(const struct endpoint *ep)
{
	return console_of(ep) != NULL && console_of(ep)->editor->ops->raw;
}

size_t
console_waiting(const struct endpoint *ep)
{
	const struct console *c = console_of(ep);
	size_t n = 0;

	for (size_t i = 0; c != NULL && i < c->lines.used; i++)
		n += buf_data(&c->lines)[i] == '\n';
	return n;
}

void
console_bell(struct endpoint *ep)
{
	if (console_of(ep) == NULL)
		return;
	buf_str(&console_of(ep)->screen.buf, "\a");
	console_redraw(console_of(ep));
}

/*
 * The terminal as an endpoint: what is typed goes through an editor to the
 * read half, what is written scrolls by above it.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "console/console.h"
#include "console/console_state.h"

/* What the screen may be behind before the flow has to wait. */
#define SCREEN_MOST	((size_t)64 << 10)
/* What the input may be ahead of the flow, and one read. */
#define LINES_MOST	((size_t)4 << 10)
/* Nobody tells a job that runs that it was brought to the foreground. */
#define LOOKOUT		(1000 * NSEC_PER_MSEC)

static struct console *
console_self(const struct layer *l)
{
	return (struct console *)(size_t)l;
}

/* Not from within a step of the flows. */
static void
console_tell(struct console *c)
{
	if (!c->news)
		return;
	c->news = false;
	if (c->ep->notify != NULL)
		c->ep->notify(c->ep->user);
}

/* The last work of a turn: what is typed comes below all the rest. */
static void
console_on_draw(void *arg)
{
	struct console *c = arg;
	locale_t was = console_enter(c);
	size_t behind;

	screen_flush(&c->screen, !c->background && !c->ended);
	console_leave(was);
	behind = c->screen.buf.used;
	if (c->screen.error != 0 && !c->apart && !c->ep->out.broken)
		c->ep->out.broken = c->ep->out.ready = c->news = true;
	if ((c->full && behind <= SCREEN_MOST / 2) ||
	    (c->shutting && behind == 0)) {
		c->full = c->shutting = false;
		c->ep->out.ready = c->news = true;
	}
	loop_touch(c->loop, &c->out_watch);
	console_tell(c);
}

void
console_redraw(struct console *c)
{
	loop_post(c->loop, &c->draw);
}

static void
console_on_pause(void *arg)
{
	struct console *c = arg;
	locale_t was = console_enter(c);

	screen_pause(&c->screen);
	console_leave(was);
	c->patience = 0;
	console_redraw(c);
}

static void
console_await_pause(struct console *c)
{
	int64_t now = loop_now(c->loop);

	if (!screen_is_torn(&c->screen)) {
		c->patience = 0;
		timer_clear(c->loop, &c->pause);
		return;
	}
	if (c->patience == 0)
		c->patience = now + TEXT_PATIENCE;
	timer_set(c->loop, &c->pause, timer_earlier(now + TEXT_PAUSE,
	    c->patience));
}

static void
console_input_ended(struct console *c, int num)
{
	c->ended = c->ep->in.ready = c->news = true;
	c->read_errno = num;
	c->editor->ops->hide(c->editor);
	timer_clear(c->loop, &c->lookout);
	tty_restore(&c->tty);
	console_redraw(c);
}

static void
console_go_background(struct console *c)
{
	c->background = true;
	/* Not ours to be changed: whoever has it has set it. */
	tty_restore(&c->tty);
	c->editor->ops->forget(c->editor);
	timer_set(c->loop, &c->lookout, loop_now(c->loop) + LOOKOUT);
	loop_touch(c->loop, &c->in_watch);
}

static void
console_measure(struct console *c)
{
	unsigned cols, rows;

	tty_size(&c->tty, &cols, &rows);
	c->screen.scroll.cols = c->cursor ? cols : 0;
	c->editor->ops->resize(c->editor, cols, rows);
	console_redraw(c);
}

/* The terminal may be ours again, or not any more. */
static void
console_wake(struct console *c)
{
	if (c->ended)
		return;
	if (!tty_is_ours(&c->tty)) {
		console_go_background(c);
		return;
	}
	c->background = false;
	timer_clear(c->loop, &c->lookout);
	console_set_modes(c);
	loop_touch(c->loop, &c->in_watch);
	console_measure(c);
}

static void
console_on_lookout(void *arg)
{
	struct console *c = arg;
	locale_t was = console_enter(c);

	console_wake(c);
	console_leave(was);
}

static void
console_on_winch(void *arg, int signo)
{
	struct console *c = arg;
	locale_t was = console_enter(c);

	(void)signo;
	console_measure(c);
	console_leave(was);
}

static void
console_on_cont(void *arg, int signo)
{
	struct console *c = arg;
	locale_t was = console_enter(c);

	(void)signo;
	c->editor->ops->forget(c->editor);
	console_wake(c);
	console_leave(was);
}

static void	console_on_stop(void *, int);

/* Whoever started us may want it ignored: a shell without job control. */
static void
console_take_signal(struct console *c, int signo, void (*fn)(void *, int))
{
	struct sigaction was;

	if (sigaction(signo, NULL, &was) == -1 || was.sa_handler != SIG_IGN)
		(void)loop_signal(c->loop, signo, fn, c);
}

static void
console_take_job_signals(struct console *c)
{
	console_take_signal(c, SIGTSTP, console_on_stop);
	console_take_signal(c, SIGCONT, console_on_cont);
}

/* ^Z: stop as everybody does, but leave the terminal as it was found. */
static void
console_on_stop(void *arg, int signo)
{
	struct console *c = arg;
	locale_t was = console_enter(c);

	c->editor->ops->hide(c->editor);
	screen_flush(&c->screen, false);
	tty_restore(&c->tty);
	(void)loop_signal(c->loop, SIGTSTP, NULL, NULL);
	(void)loop_signal(c->loop, SIGCONT, NULL, NULL);
	(void)raise(signo);
	/* Somebody has woken us up, which we need not be told. */
	console_take_job_signals(c);
	console_wake(c);
	console_leave(was);
}

static void
console_on_typed(void *arg, unsigned what)
{
	struct console *c = arg;
	unsigned char bytes[4096];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	locale_t was = console_enter(c);
	enum io io = IO_AGAIN;
	size_t n = 0;

	(void)what;
	if (tty_is_ours(&c->tty))
		io = fd_read(&c->in, &iov, 1, &n);
	/* Whoever types is to see it, and on a row of its own. */
	if (io == IO_OK)
		scroll_interrupt(&c->screen.scroll);
	/* Asked twice: a read in the background looks like a hangup. */
	if (!tty_is_ours(&c->tty) && io != IO_OK)
		console_go_background(c);
	else if (io == IO_OK && c->editor->ops->feed(c->editor, bytes, n))
		console_input_ended(c, 0);
	else if (io == IO_EOF || io == IO_FAIL) {
		c->editor->ops->end(c->editor);
		console_input_ended(c, io == IO_FAIL ? errno : 0);
	}
	if (c->lines.used > 0 || c->lines.failed)
		c->ep->in.ready = c->news = true;
	console_redraw(c);
	console_leave(was);
}

static void
console_on_room(void *arg, unsigned what)
{
	(void)what;
	console_on_draw(arg);
}

/* Lines that nobody reads: what follows waits in the terminal. */
static unsigned
console_want_in(void *arg)
{
	const struct console *c = arg;

	return c->ended || c->background || c->lines.used > LINES_MOST ? 0 :
	    LOOP_IN;
}

static unsigned
console_want_out(void *arg)
{
	const struct console *c = arg;

	return c->screen.buf.used > 0 ? LOOP_OUT : 0;
}

static enum io
console_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct console *c = console_self(l);
	size_t part;
	int i;

	*n = 0;
	for (i = 0; i < cnt && c->lines.used > 0; i++) {
		part = iov[i].iov_len < c->lines.used ? iov[i].iov_len :
		    c->lines.used;
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
	return c->ended ? IO_EOF : IO_AGAIN;
}

static enum io
console_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct console *c = console_self(l);
	struct screen *s = &c->screen;
	locale_t was = console_enter(c);
	size_t part;
	int i;

	*n = 0;
	for (i = 0; i < cnt && !c->full && s->error == 0; i++) {
		part = s->buf.used < SCREEN_MOST ?
		    SCREEN_MOST - s->buf.used : 0;
		c->full = part < iov[i].iov_len;
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		screen_text(s, iov[i].iov_base, part);
		*n += part;
	}
	console_leave(was);
	console_await_pause(c);
	console_redraw(c);
	errno = s->error;
	if (*n == 0 && s->error != 0)
		return IO_FAIL;
	return *n > 0 ? IO_OK : IO_AGAIN;
}

/* The terminal stays open, for announcements; but all is to be seen on it. */
static enum io
console_shut(struct layer *l)
{
	struct console *c = console_self(l);

	timer_clear(c->loop, &c->pause);
	console_on_pause(c);
	errno = c->screen.error;
	if (errno != 0)
		return IO_FAIL;
	c->shutting = c->screen.buf.used > 0;
	return c->shutting ? IO_AGAIN : IO_OK;
}

static size_t
console_pending(const struct layer *l)
{
	const struct console *c = console_self(l);

	return c->lines.used + (c->ended && !c->ep->in.ended);
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

/*
 * More than the terminal takes, and nobody waits for it any more: whoever
 * writes next is to find a row of its own, and no half of a sequence.
 */
static void
console_cut_short(struct console *c)
{
	struct screen *s = &c->screen;

	if (s->buf.used == 0 || !tty_is_ours(&c->tty))
		return;
	tty_drop(s->out.num);
	buf_take(&s->buf, s->buf.used);
	buf_str(&s->buf, c->cursor ? "\033[m\r\n" : "\r\n");
	screen_flush(s, false);
}

static void
console_give_back(struct console *c)
{
	locale_t was = console_enter(c);

	screen_pause(&c->screen);
	c->editor->ops->leave(c->editor);
	screen_flush(&c->screen, false);
	console_cut_short(c);
	tty_restore(&c->tty);
	console_leave(was);
}

void
console_free(struct console *c)
{
	if (c->editor != NULL)
		c->editor->ops->close(c->editor);
	screen_free(&c->screen);
	loop_unwatch(c->loop, &c->in_watch);
	loop_unwatch(c->loop, &c->out_watch);
	fd_close(&c->in);
	buf_free(&c->lines);
	if (c->locale != (locale_t)0)
		freelocale(c->locale);
	free(c);
}

static void
console_close(struct layer *l)
{
	static const int signals[] = { SIGTSTP, SIGCONT, SIGWINCH };
	struct console *c = console_self(l);
	size_t i;

	console_give_back(c);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)loop_signal(c->loop, signals[i], NULL, NULL);
	timer_clear(c->loop, &c->pause);
	timer_clear(c->loop, &c->lookout);
	loop_unpost(c->loop, &c->draw);
	console_free(c);
}

static const struct layer_ops console_ops = {
	.name = "console",
	.read = console_read,
	.write = console_write,
	.shut = console_shut,
	.pending = console_pending,
	.want = console_want,
	.fd = console_fd,
	.close = console_close
};

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

int
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
	console_take_job_signals(c);
	console_take_signal(c, SIGWINCH, console_on_winch);
	console_on_lookout(c);
	return 0;
}

/*
 * What others want of a console, beside its two halves.
 */
#include "console/console.h"
#include "console/console_state.h"

/* NULL: it is closed. */
static struct console *
console_of(const struct endpoint *ep)
{
	return (struct console *)ep->in.top;
}

void
console_prompt(struct endpoint *ep, const char *prompt)
{
	struct console *c = console_of(ep);
	locale_t was;

	if (c == NULL)
		return;
	was = console_enter(c);
	c->editor->ops->prompt(c->editor, prompt);
	console_leave(was);
	console_redraw(c);
}

void
console_set_modes(struct console *c)
{
	if (c->editor->ops->raw)
		tty_raw(&c->tty);
	else if (c->secret)
		tty_silent(&c->tty);
}

/* Where the kernel edits, it has the echo, and the line that was begun. */
static void
console_change_echo(struct console *c)
{
	if (c->editor->ops->raw || c->ended || !tty_is_ours(&c->tty))
		return;
	if (!c->secret) {
		tty_drop_typed(&c->tty);
		tty_restore(&c->tty);
	}
	console_set_modes(c);
}

void
console_secret(struct endpoint *ep, bool on)
{
	struct console *c = console_of(ep);
	locale_t was;

	if (c == NULL || c->secret == on)
		return;
	was = console_enter(c);
	c->secret = on;
	c->editor->ops->secret(c->editor, on);
	console_leave(was);
	console_change_echo(c);
	console_redraw(c);
}

void
console_say(struct endpoint *ep, const char *line)
{
	struct console *c = console_of(ep);
	locale_t was;

	if (c == NULL)
		return;
	was = console_enter(c);
	screen_say(&c->screen, line);
	console_leave(was);
	console_redraw(c);
}

void
console_type(struct endpoint *ep, const char *line)
{
	struct console *c = console_of(ep);

	if (c == NULL || c->ended)
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
console_waiting(const struct endpoint *ep, const char **lines)
{
	*lines = NULL;
	if (console_of(ep) == NULL)
		return 0;
	*lines = buf_data(&console_of(ep)->lines);
	return console_of(ep)->lines.used;
}

bool
console_ended(const struct endpoint *ep)
{
	return console_of(ep)->ended;
}

void
console_bell(struct endpoint *ep)
{
	if (console_of(ep) == NULL)
		return;
	buf_str(&console_of(ep)->screen.buf, "\a");
	console_redraw(console_of(ep));
}

size_t
console_unwritten(const struct endpoint *ep)
{
	return console_of(ep)->screen.buf.used;
}

void
console_restore(void)
{
	tty_rescue();
}

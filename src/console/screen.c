#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "console/screen.h"

/* Bytes on the screen from which announcements are dropped. */
#define SAY_MOST	((size_t)256 << 10)
/* Bytes of a line that are shown without waiting for its end. */
#define LINE_MOST	((size_t)16 << 10)

void
screen_free(struct screen *s)
{
	fd_close(&s->out);
	buf_free(&s->buf);
	buf_free(&s->held);
}

static void
screen_failed(struct screen *s, int num)
{
	s->error = num;
	buf_take(&s->buf, s->buf.used);
}

static void
screen_send(struct screen *s)
{
	enum io io = IO_OK;
	struct iovec iov;
	size_t n;

	while (s->buf.used > 0 && io == IO_OK) {
		iov.iov_base = s->buf.mem + s->buf.head;
		iov.iov_len = s->buf.used;
		io = fd_write(&s->out, &iov, 1, &n);
		if (io == IO_OK)
			buf_take(&s->buf, n);
	}
	if (io == IO_FAIL)
		screen_failed(s, errno);
	if (s->buf.failed || s->held.failed)
		screen_failed(s, ENOMEM);
}

static void
screen_show(struct screen *s, const char *text, size_t n)
{
	if (n == 0)
		return;
	s->editor->ops->hide(s->editor);
	scroll_text(&s->scroll, text, n);
}

static void
screen_show_held(struct screen *s, bool ended)
{
	size_t n = ended ? s->held.used :
	    scroll_whole(buf_data(&s->held), s->held.used);

	screen_show(s, buf_data(&s->held), n);
	buf_take(&s->held, n);
}

/* Returns the length of the text up to and with this LF. */
static size_t
screen_through(const char *text, const char *lf)
{
	return lf == NULL ? 0 : (size_t)(lf - text) + 1;
}

void
screen_text(struct screen *s, const char *text, size_t n)
{
	size_t whole;

	/* The held text may end in half of a character. */
	if (s->held.used > 0) {
		whole = screen_through(text, memchr(text, '\n', n));
		buf_add(&s->held, text, whole);
		if (whole > 0)
			screen_show_held(s, true);
		text += whole;
		n -= whole;
	}
	whole = screen_through(text, memrchr(text, '\n', n));
	screen_show(s, text, whole);
	buf_add(&s->held, text + whole, n - whole);
	if (s->held.used > LINE_MOST)
		screen_show_held(s, false);
}

bool
screen_is_torn(const struct screen *s)
{
	return s->held.used > 0 || s->scroll.open;
}

void
screen_pause(struct screen *s)
{
	screen_show_held(s, false);
	scroll_interrupt(&s->scroll);
}

static void
screen_announce(struct screen *s, const char *line)
{
	bool interrupted;

	s->editor->ops->hide(s->editor);
	scroll_interrupt(&s->scroll);
	interrupted = s->scroll.interrupted;
	s->scroll.interrupted = false;
	if (s->colour)
		buf_str(&s->buf, "\033[33m");
	scroll_text(&s->scroll, "* ", 2);
	scroll_text(&s->scroll, line, strcspn(line, "\n"));
	if (s->colour)
		buf_str(&s->buf, "\033[m");
	scroll_text(&s->scroll, "\n", 1);
	s->scroll.interrupted = interrupted;
}

void
screen_say(struct screen *s, const char *line)
{
	if (s->buf.used > SAY_MOST)
		s->dropped++;
	else
		screen_announce(s, line);
}

static void
screen_say_dropped(struct screen *s)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%u more announcements",
	    s->dropped);
	s->dropped = 0;
	screen_announce(s, line);
}

void
screen_flush(struct screen *s, bool typed)
{
	screen_send(s);
	if (s->buf.used == 0 && s->dropped > 0)
		screen_say_dropped(s);
	if (typed && s->buf.used == 0 && !s->scroll.open && s->error == 0)
		s->editor->ops->show(s->editor);
	screen_send(s);
}

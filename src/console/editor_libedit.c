/*
 * libedit as an engine: keys, words, the kill buffer and the history are
 * libedit's; typed.c draws.
 *
 * libedit's own drawing is not used: libedit writes with blocking stdio, counts
 * combining characters as columns, and has no call for the news that another
 * program has written. libedit does not get our terminal, because libedit waits
 * for output to drain (TCSADRAIN) and drops typed keys (TCSAFLUSH), but a
 * pseudo terminal of its own, which is never read.
 *
 * libedit reads from its terminal if less than a whole key is pushed. So only
 * whole keys are pushed, and no keys that ask for more.
 */
#include <sys/ioctl.h>
#include <fcntl.h>
#include <histedit.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/library.h"
#include "base/text.h"
#include "console/editor.h"
#include "console/keys.h"
#include "console/typed.h"

#define HISTORY		500
/* Characters; a longer line was pasted, and is not worth remembering. */
#define REMEMBERED	4096
/* Characters inserted at once. */
#define RUN		512
/* Bytes on a stopped screen from which finished lines are not drawn. */
#define ECHO_MOST	((size_t)256 << 10)

#define LIBEDIT(X) X(el_end) X(el_init_fd) X(el_reset) X(el_wgets) \
	X(el_winsertstr) X(el_wline) X(el_wpush) X(el_wset) X(history_w) \
	X(history_wend) X(history_winit)

struct libedit {
	LIBEDIT(LIBRARY_POINTER)
};

struct editline {
	struct editor		 editor;
	struct editor_setup	 set;
	struct keys		 keys;
	struct typed		 typed;
	struct libedit		 lib;
	EditLine		*el;
	HistoryW		*history;
	FILE			*null;
	int			 pty[2];
	wchar_t			 run[RUN + 1];
	size_t			 nrun;
	size_t			 added;		/* characters since show() */
	bool			 redraw;	/* more has changed */
	bool			 secret;	/* text is not drawn */
};

static struct editline *
libedit_self(struct editor *e)
{
	return (struct editline *)e;
}

static struct typed_line
libedit_line(const struct editline *e)
{
	const LineInfoW *li = e->lib.el_wline(e->el);

	return (struct typed_line){ .text = li->buffer,
	    .len = (size_t)(li->lastchar - li->buffer),
	    .cursor = (size_t)(li->cursor - li->buffer) };
}

/* Returns the line to draw: a secret is empty. */
static struct typed_line
libedit_drawn(const struct editline *e)
{
	static const wchar_t nothing[1];

	return e->secret ? (struct typed_line){ .text = nothing } :
	    libedit_line(e);
}

/* Inserts the characters of run. */
static void
libedit_settle(struct editline *e)
{
	struct typed_line l = libedit_line(e);

	if (e->nrun == 0)
		return;
	e->run[e->nrun] = L'\0';
	if (e->lib.el_winsertstr(e->el, e->run) == -1)
		e->set.lines->failed = true;
	if (l.cursor == l.len)
		e->added += e->nrun;
	else
		e->redraw = true;
	e->nrun = 0;
}

static void
libedit_edit(struct editline *e, const wchar_t *seq)
{
	int n;

	e->lib.el_wpush(e->el, seq);
	(void)e->lib.el_wgets(e->el, &n);
	e->redraw = true;
}

/* Whether the character before the cursor is one with the character before. */
static bool
libedit_joins(const struct typed_line *l)
{
	const wchar_t *end = l->text + l->cursor;
	size_t flags = 0;	/* letters of flags, of which two are one */

	if (l->cursor < 2)
		return false;
	while (flags < l->cursor && end[-1 - (ptrdiff_t)flags] >= 0x1f1e6 &&
	    end[-1 - (ptrdiff_t)flags] <= 0x1f1ff)
		flags++;
	return text_width(end[-1]) == 0 || end[-2] == 0x200d ||
	    (end[-1] >= 0x1f3fb && end[-1] <= 0x1f3ff) ||
	    (flags > 0 && flags % 2 == 0);
}

/* Backspace: erases a letter with its marks, or an emoji of several parts. */
static void
libedit_erase(struct editline *e, const wchar_t *seq)
{
	struct typed_line l;
	bool more;

	do {
		l = libedit_line(e);
		more = libedit_joins(&l);
		libedit_edit(e, seq);
	} while (more);
}

static void
libedit_start_line(struct editline *e)
{
	e->lib.el_reset(e->el);
	e->added = 0;
	e->redraw = true;
}

static void
libedit_finish(struct editline *e)
{
	struct typed_line l = libedit_line(e), d = libedit_drawn(e);
	HistEventW ev;
	wchar_t *copy;

	if (e->set.screen->used < ECHO_MOST)
		typed_finish(&e->typed, &d);
	else
		typed_hide(&e->typed);
	text_put(e->set.lines, l.text, l.len);
	buf_add(e->set.lines, "\n", 1);
	if (!e->secret && l.len > 0 && l.len <= REMEMBERED &&
	    (copy = calloc(l.len + 1, sizeof(*copy))) != NULL) {
		(void)wmemcpy(copy, l.text, l.len);
		(void)e->lib.history_w(e->history, &ev, H_ENTER, copy);
		free(copy);
	}
	libedit_start_line(e);
}

/* Returns true at the end of the input. */
static bool
libedit_strike(struct editline *e, const struct key *key)
{
	struct typed_line l;

	if (key->what == KEY_TEXT) {
		e->run[e->nrun++] = key->c;
		if (e->nrun == RUN)
			libedit_settle(e);
		return false;
	}
	libedit_settle(e);
	l = libedit_line(e);
	switch (key->what) {
	case KEY_END:
		if (l.len == 0)
			return true;
		/* FALLTHROUGH */
	case KEY_DELETE:
		if (l.cursor < l.len)
			libedit_edit(e, L"\004");
		break;
	case KEY_EDIT:
		/* Other keys would copy a secret, or add text to a secret. */
		if (e->secret && wcscmp(key->seq, L"\025") == 0)
			libedit_start_line(e);
		else if (wcscmp(key->seq, L"\010") == 0 ||
		    wcscmp(key->seq, L"\177") == 0)
			libedit_erase(e, key->seq);
		else if (!e->secret)
			libedit_edit(e, key->seq);
		break;
	case KEY_ENTER:
		libedit_finish(e);
		break;
	case KEY_CLEAR:
		typed_hide(&e->typed);
		buf_str(e->set.screen, "\033[H\033[2J");
		break;
	case KEY_TEXT:
		break;
	}
	return false;
}

static bool
libedit_feed(struct editor *ed, const unsigned char *bytes, size_t n)
{
	struct editline *e = libedit_self(ed);
	struct key keys[KEYS_MOST];

	for (size_t i = 0; i < n; i++) {
		size_t nkeys = keys_byte(&e->keys, bytes[i], keys);

		for (size_t j = 0; j < nkeys; j++)
			if (libedit_strike(e, &keys[j]))
				return true;
	}
	libedit_settle(e);
	return false;
}

static void
libedit_show(struct editor *ed)
{
	struct editline *e = libedit_self(ed);
	struct typed_line l = libedit_drawn(e);

	if (e->redraw || !e->typed.shown)
		typed_draw(&e->typed, &l);
	else if (e->added > 0 && !e->secret)
		typed_append(&e->typed, &l, e->added);
	e->added = 0;
	e->redraw = false;
}

static void
libedit_hide(struct editor *ed)
{
	typed_hide(&libedit_self(ed)->typed);
}

static void
libedit_forget(struct editor *ed)
{
	typed_forget(&libedit_self(ed)->typed);
}

static void
libedit_leave(struct editor *ed)
{
	struct editline *e = libedit_self(ed);
	struct typed_line l = libedit_drawn(e);

	if (e->typed.shown && l.len > 0)
		typed_finish(&e->typed, &l);
	else
		typed_hide(&e->typed);
}

static void
libedit_resize(struct editor *ed, unsigned cols, unsigned rows)
{
	struct editline *e = libedit_self(ed);
	struct typed_line l = libedit_drawn(e);

	typed_resize(&e->typed, &l, cols, rows);
	e->redraw = true;
}

static void
libedit_prompt(struct editor *ed, const char *prompt)
{
	struct editline *e = libedit_self(ed);

	/* Before the change: the old prompt gives the number of rows. */
	typed_hide(&e->typed);
	typed_prompt(&e->typed, prompt);
}

static void
libedit_secret(struct editor *ed, bool on)
{
	struct editline *e = libedit_self(ed);

	if (e->secret == on)
		return;
	typed_hide(&e->typed);
	e->secret = on;
	e->nrun = 0;
	if (!on)
		libedit_start_line(e);
}

static void
libedit_close(struct editor *ed)
{
	struct editline *e = libedit_self(ed);

	if (e->el != NULL)
		e->lib.el_end(e->el);
	if (e->history != NULL)
		e->lib.history_wend(e->history);
	if (e->null != NULL)
		(void)fclose(e->null);
	if (e->pty[0] != -1)
		(void)close(e->pty[0]);
	if (e->pty[1] != -1)
		(void)close(e->pty[1]);
	typed_free(&e->typed);
	free(e);
}

static bool
libedit_open_pty(int pty[2])
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char name[128];

	pty[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty[0] == -1 || grantpt(pty[0]) == -1 || unlockpt(pty[0]) == -1 ||
	    ptsname_r(pty[0], name, sizeof(name)) != 0)
		return false;
	(void)ioctl(pty[0], TIOCSWINSZ, &size);
	pty[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return pty[1] != -1;
}

static bool
libedit_open(struct editline *e)
{
	/* These keys must not depend on the user's stty(1) or terminal. */
	static const wchar_t *const keys[][2] = {
		{ L"^A", L"ed-move-to-beg" }, { L"^B", L"ed-prev-char" },
		{ L"^D", L"em-delete-or-list" }, { L"^E", L"ed-move-to-end" },
		{ L"^F", L"ed-next-char" }, { L"^H", L"em-delete-prev-char" },
		{ L"^K", L"ed-kill-line" }, { L"^N", L"ed-next-history" },
		{ L"^P", L"ed-prev-history" },
		{ L"^T", L"ed-transpose-chars" },
		{ L"^U", L"em-kill-line" }, { L"^W", L"ed-delete-prev-word" },
		{ L"^Y", L"em-yank" }, { L"^?", L"em-delete-prev-char" },
		{ L"^X^X", L"em-exchange-mark" }
	};
	HistEventW ev;
	int fd;

	if (!library_open(LIBEDIT_SONAME, LIBEDIT(LIBRARY_NAME), &e->lib,
	    NULL) || !libedit_open_pty(e->pty) ||
	    (e->null = fopen("/dev/null", "r+e")) == NULL ||
	    (e->history = e->lib.history_winit()) == NULL)
		return false;
	fd = e->pty[1];
	e->el = e->lib.el_init_fd("sockcat", e->null, e->null, e->null, fd, fd,
	    fd);
	if (e->el == NULL)
		return false;
	(void)e->lib.history_w(e->history, &ev, H_SETSIZE, HISTORY);
	(void)e->lib.history_w(e->history, &ev, H_SETUNIQUE, 1);
	(void)e->lib.el_wset(e->el, EL_HIST, e->lib.history_w, e->history);
	(void)e->lib.el_wset(e->el, EL_TERMINAL, "dumb");
	(void)e->lib.el_wset(e->el, EL_EDITOR, L"emacs");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)e->lib.el_wset(e->el, EL_BIND, keys[i][0], keys[i][1],
		    NULL);
	return e->lib.el_wset(e->el, EL_UNBUFFERED, 1) == 0;
}

static const struct editor_ops editline_ops = {
	.raw = true,
	.prompt = libedit_prompt,
	.secret = libedit_secret,
	.feed = libedit_feed,
	.show = libedit_show,
	.hide = libedit_hide,
	.forget = libedit_forget,
	.leave = libedit_leave,
	.resize = libedit_resize,
	.close = libedit_close
};

/* No end(): unfinished text is not a line, as Enter was not pressed. */
struct editor *
editor_open_libedit(const struct editor_setup *set)
{
	struct editline *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->editor.ops = &editline_ops;
	e->set = *set;
	e->pty[0] = e->pty[1] = -1;
	e->keys.erase = set->erase;
	e->keys.eof = set->eof;
	typed_init(&e->typed, set->screen, set->cols, set->rows);
	e->typed.colour = set->colour;
	e->typed.timestamps = set->timestamps;
	if (libedit_open(e)) {
		typed_prompt(&e->typed, set->prompt);
		return &e->editor;
	}
	libedit_close(&e->editor);
	return NULL;
}

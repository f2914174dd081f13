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
#include <string.h>
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

/* Characters to search for. */
#define SEARCH_MOST	128

#define LIBEDIT(X) X(el_end) X(el_init_fd) X(el_reset) X(el_wgets) \
	X(el_winsertstr) X(el_wline) X(el_wpush) X(el_wset) X(history_w) \
	X(history_wend) X(history_winit)

struct libedit {
	LIBEDIT(LIBRARY_POINTER)
};

/* An incremental search; meanwhile the line of libedit stays as it was. */
struct search {
	bool		 on;
	bool		 taken;		/* by ESC, or a question dropped: the
					   key of this ESC moves no history */
	wchar_t		 text[SEARCH_MOST + 1];
	size_t		 len;
	size_t		 nth;		/* of the match; 0: the latest line */
	const wchar_t	*match;		/* owned by the history; NULL: none */
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
	struct paste		 paste;
	bool			 paste_asks;	/* the paste waits for y */
	struct search		 search;
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

/* Returns the line to draw; that of a secret or of a question is empty. */
static struct typed_line
libedit_drawn(const struct editline *e)
{
	static const wchar_t nothing[1];

	if (e->search.on && e->search.match != NULL)
		return (struct typed_line){ .text = e->search.match,
		    .len = wcslen(e->search.match),
		    .cursor = wcslen(e->search.match) };
	return e->secret || e->editor.asks ?
	    (struct typed_line){ .text = nothing } : libedit_line(e);
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
libedit_insert(struct editline *e, wchar_t c)
{
	e->run[e->nrun++] = c;
	if (e->nrun == RUN)
		libedit_settle(e);
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

static bool
libedit_is_erase(const struct key *key)
{
	return key->what == KEY_EDIT && (wcscmp(key->seq, L"\010") == 0 ||
	    wcscmp(key->seq, L"\177") == 0);
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

/* Sets the prompt, which show() draws, to that of the state. */
static void
libedit_ask(struct editline *e, const char *question)
{
	typed_ask(&e->typed, question);
	e->editor.asks = question != NULL;
	e->redraw = true;
}

/* ---- A paste ------------------------------------------------------------ */

static void
libedit_drop_paste(struct editline *e)
{
	paste_drop(&e->paste);
	e->paste_asks = false;
	libedit_ask(e, NULL);
}

/* Inserts the characters, and sends each line that the paste has ended. */
static void
libedit_send_paste(struct editline *e)
{
	wchar_t c;

	libedit_ask(e, NULL);
	while (paste_next(&e->paste, &c))
		if (c != L'\n')
			libedit_insert(e, c);
		else {
			libedit_settle(e);
			libedit_finish(e);
		}
	libedit_settle(e);
	libedit_drop_paste(e);
}

static void
libedit_end_paste(struct editline *e)
{
	char question[PASTE_QUESTION];

	if (e->paste.text.failed)
		e->set.lines->failed = true;
	e->paste_asks = paste_end(&e->paste, question);
	if (e->paste_asks)
		libedit_ask(e, question);
	else
		libedit_send_paste(e);
}

/* ---- The search through the history -------------------------------------- */

/* Draws the text to search for, and the match behind it. */
static void
libedit_search_show(struct editline *e)
{
	struct buf b = { 0 };

	buf_str(&b, "(search) '");
	text_put(&b, e->search.text, e->search.len);
	buf_add(&b, "': ", 4);
	if (!b.failed)
		libedit_ask(e, buf_data(&b));
	buf_free(&b);
}

/* Finds the latest line, from the nth on, that has the text in it. */
static bool
libedit_search_find(struct editline *e, size_t nth)
{
	struct search *s = &e->search;
	HistEventW ev;
	int more = e->lib.history_w(e->history, &ev, H_FIRST);

	for (size_t i = 0; more != -1; i++) {
		if (i >= nth && s->len > 0 && wcsstr(ev.str, s->text) != NULL) {
			s->nth = i;
			s->match = ev.str;
			return true;
		}
		more = e->lib.history_w(e->history, &ev, H_NEXT);
	}
	buf_str(e->set.screen, "\a");
	return false;
}

/* Ends the search. take: the match becomes the typed line, if there is one. */
static void
libedit_search_end(struct editline *e, bool take)
{
	const wchar_t *match = take ? e->search.match : NULL;

	e->search = (struct search){ 0 };
	libedit_ask(e, NULL);
	if (match == NULL)
		return;
	libedit_start_line(e);
	for (; *match != L'\0'; match++)
		libedit_insert(e, *match);
	libedit_settle(e);
}

/*
 * Returns true if the key was for the search; false: the search has ended, and
 * the key works on the line.
 */
static bool
libedit_search_strike(struct editline *e, const struct key *key)
{
	struct search *s = &e->search;
	bool found;

	if (key->what == KEY_SEARCH) {
		if (s->match != NULL)
			(void)libedit_search_find(e, s->nth + 1);
		e->redraw = true;
		return true;
	}
	if (key->what == KEY_TEXT || libedit_is_erase(key)) {
		if (key->what != KEY_TEXT) {
			s->len -= s->len > 0;
			s->nth = 0;
		} else if (s->len < SEARCH_MOST)
			s->text[s->len++] = key->c;
		s->text[s->len] = L'\0';
		s->match = NULL;
		if (s->len > 0)
			(void)libedit_search_find(e, s->nth);
		libedit_search_show(e);
		return true;
	}
	found = s->match != NULL;
	libedit_search_end(e, key->what != KEY_CANCEL);
	/* Without a match, Enter does not send the line typed before. */
	return key->what == KEY_CANCEL || (key->what == KEY_ENTER && !found);
}

/* ---- Keys ---------------------------------------------------------------- */

/* Whether the key was for a paste, a question or a search. */
static bool
libedit_takes(struct editline *e, const struct key *key)
{
	bool vertical = key->what == KEY_EDIT && (*key->seq == L'\020' ||
	    *key->seq == L'\016');
	bool taken = e->search.taken;

	e->search.taken = false;
	if (key->what == KEY_PASTE_BEGIN) {
		libedit_settle(e);
		libedit_drop_paste(e);
		e->paste.open = true;
	} else if (key->what == KEY_PASTE_END)
		libedit_end_paste(e);
	else if (e->paste.open)
		paste_add(&e->paste, key->what == KEY_ENTER ? L'\n' : key->c);
	else if (e->paste_asks && key->what == KEY_TEXT &&
	    (key->c == L'y' || key->c == L'Y'))
		libedit_send_paste(e);
	else if (e->paste_asks)
		libedit_drop_paste(e);
	else if (e->search.on)
		return libedit_search_strike(e, key) || vertical;
	else
		return taken && vertical;
	return true;
}

/* Returns true at the end of the input. */
static bool
libedit_strike(struct editline *e, const struct key *key)
{
	struct typed_line l;

	if (libedit_takes(e, key))
		return false;
	if (key->what == KEY_TEXT) {
		libedit_insert(e, key->c);
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
		else if (libedit_is_erase(key))
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
	case KEY_SEARCH:
		if (e->secret)
			break;
		e->search.on = true;
		libedit_search_show(e);
		break;
	case KEY_TEXT:
	case KEY_CANCEL:
	case KEY_PASTE_BEGIN:
	case KEY_PASTE_END:
		break;
	}
	return false;
}

static bool
libedit_feed(struct editor *ed, const unsigned char *bytes, size_t n)
{
	struct editline *e = libedit_self(ed);
	struct key keys[KEYS_MOST];
	bool ended = false;

	if (paste_is_stale(&e->paste)) {
		keys_end_paste(&e->keys);
		libedit_end_paste(e);
	}
	for (size_t i = 0; i < n && !ended; i++) {
		size_t nkeys;

		/*
		 * ESC ends a question or a search at once, before the rest of
		 * a sequence: the key of a lone ESC comes with the next byte.
		 */
		if (bytes[i] == '\033' && !e->paste.open) {
			bool asked = e->editor.asks;

			if (e->search.on)
				libedit_search_end(e, true);
			else if (e->paste_asks)
				libedit_drop_paste(e);
			e->search.taken = asked;
		}
		nkeys = keys_byte(&e->keys, bytes[i], keys);
		for (size_t j = 0; j < nkeys && !ended; j++)
			ended = libedit_strike(e, &keys[j]);
	}
	libedit_settle(e);
	return ended;
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
	struct typed_line l;

	libedit_drop_paste(e);
	libedit_search_end(e, false);
	l = libedit_drawn(e);
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
	libedit_drop_paste(e);
	libedit_search_end(e, false);
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
	buf_free(&e->paste.text);
	free(e);
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
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	HistEventW ev;
	char name[128];
	int fd;

	if (!LIBRARY_OPEN(&e->lib, LIBEDIT, LIBEDIT_SONAME) ||
	    (e->null = fopen("/dev/null", "r+e")) == NULL ||
	    (e->history = e->lib.history_winit()) == NULL)
		return false;
	e->pty[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (e->pty[0] == -1 || grantpt(e->pty[0]) == -1 ||
	    unlockpt(e->pty[0]) == -1 ||
	    ptsname_r(e->pty[0], name, sizeof(name)) != 0)
		return false;
	(void)ioctl(e->pty[0], TIOCSWINSZ, &size);
	fd = e->pty[1] = open(name,
	    O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return false;
	/* libedit asks the thread's locale for widths and for words. */
	text_use_utf8();
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
	e->keys.interrupt = set->interrupt;
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

/*
 * A console between a keyboard, a terminal and a conversation that a fuzz
 * target holds in its hands, with what should come of it.
 */
#ifndef FUZZ_TTY_RIG_H
#define FUZZ_TTY_RIG_H

#include <sys/ioctl.h>
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/library.h"
#include "chat/chat_lines.h"
#include "console/console.c"
#include "filter/sanitize.h"
#include "page.h"

#define RING_MOST	((size_t)1 << 19)

/* Bytes in order, some of which have been dealt with. */
struct bytes {
	char	b[(size_t)1 << 19];
	size_t	n, done;
};

/* Lines as the editor had them when they were finished, each with its LF. */
struct entered {
	uint32_t	c[(size_t)1 << 19];
	size_t		n, done;
};

static struct glass	glass;
static struct page	page;
static struct typist	typist, foreseen;
static struct entered	entered;

static struct {
	struct loop	*loop;
	struct endpoint	 ep;
	struct console	*c;
	int		 keyboard[2], wire[2], pty[2];
	struct filter	*inert, *commands;
	struct ring	 heard, sent;
	struct bytes	 typed, lines;	/* lines: as they are to be read */
	uint32_t	 prompt[32];
	size_t		 prompt_len, said, heard_all, moved;
	bool		 frozen, deaf, hung, ended, colour, timestamps;
} rig;

/*
 * No terminal is known: libedit has one that nobody looks at, and what the
 * system's library reads about it would never be given back.
 */
int	tgetent(char *, const char *);

int
tgetent(char *buf, const char *name)
{
	(void)buf;
	(void)name;
	return 0;
}

/* The editor's functions, where those of this file come first. */
bool
library_open(const char *soname, const char *names, void *table)
{
	void **to = table;

	(void)soname;
	for (; *names != '\0'; names += strlen(names) + 1)
		FUZZ_CHECK((*to++ = dlsym(RTLD_DEFAULT, names)) != NULL);
	return true;
}

/*
 * The console calls this function once for each line that is finished. The line
 * is still there, character by character: the bytes that are sent do not tell
 * whether they were typed as a character or one by one, which looks different.
 */
void
el_reset(EditLine *el)
{
	const LineInfoW *li = el_wline(el);
	void (*real)(EditLine *);
	const wchar_t *c;

	FUZZ_CHECK(entered.n + (size_t)(li->lastchar - li->buffer) <
	    sizeof(entered.c) / sizeof(entered.c[0]));
	for (c = li->buffer; c < li->lastchar; c++)
		entered.c[entered.n++] = (uint32_t)*c;
	entered.c[entered.n++] = '\n';
	*(void **)&real = dlsym(RTLD_NEXT, "el_reset");
	FUZZ_CHECK(real != NULL);
	real(el);
}

/* The time of day stands still, so that a stamp can be foretold. */
struct tm *
localtime_r(const time_t *now, struct tm *tm)
{
	static const time_t none;

	(void)now;
	return gmtime_r(&none, tm);
}

static locale_t
enter_utf8(void)
{
	text_use_utf8();
	return uselocale((locale_t)0);
}

static void
begin_line(void *arg, char buf[SANITIZE_PREFIX_MAX])
{
	(void)arg;
	(void)snprintf(buf, SANITIZE_PREFIX_MAX, rig.colour ?
	    "\033[36m<p>\033[0m " : "<p> ");
}

static bool
on_command(void *arg, const char *line)
{
	(void)arg;
	return line[0] == ':' || strcmp(line, "/quit") == 0;
}

static void
resize(unsigned cols, unsigned rows)
{
	struct winsize size = { .ws_col = (unsigned short)cols,
	    .ws_row = (unsigned short)rows };

	if (ioctl(rig.pty[0], TIOCSWINSZ, &size) == -1)
		err(1, "TIOCSWINSZ");
}

static void
open_pty(void)
{
	char name[128];

	rig.pty[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (rig.pty[0] == -1 || grantpt(rig.pty[0]) == -1 ||
	    unlockpt(rig.pty[0]) == -1 ||
	    ptsname_r(rig.pty[0], name, sizeof(name)) != 0)
		err(1, "pseudo terminal");
	rig.pty[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (rig.pty[1] == -1 || (rig.loop = loop_new()) == NULL)
		err(1, "%s", name);
	/* It goes on when a console has ended. */
	loop_hold(rig.loop, 1);
}

/* As endpoint_console does it; keys and screen are pipes that we hold. */
static void
open_console(unsigned char erase, unsigned char eof)
{
	struct console *c = calloc(1, sizeof(*c));
	struct editor_setup set = { .lines = &c->lines,
	    .screen = &c->screen.buf, .prompt = "first> ", .cursor = true,
	    .colour = rig.colour, .timestamps = rig.timestamps,
	    .erase = erase, .eof = eof, .cols = glass.cols,
	    .rows = glass.rows };

	if (pipe2(rig.keyboard, O_NONBLOCK | O_CLOEXEC) == -1 ||
	    pipe2(rig.wire, O_NONBLOCK | O_CLOEXEC) == -1 ||
	    fcntl(rig.wire[1], F_SETPIPE_SZ, 4096) == -1)
		err(1, "pipe");
	if ((rig.c = c) == NULL)
		err(1, "console");
	endpoint_init(&rig.ep, rig.loop);
	c->ep = &rig.ep;
	c->loop = rig.loop;
	c->in_watch.fd = c->out_watch.fd = -1;
	c->screen.scroll.screen = &c->screen.buf;
	c->cursor = true;
	c->screen.colour = rig.colour;
	fd_own(&c->in, rig.keyboard[0], FD_PIPE);
	fd_own(&c->screen.out, rig.wire[1], FD_PIPE);
	if (tty_open(&c->tty, rig.pty[1]) == -1)
		err(1, "tty_open");
	c->tty.guarded = true;
	c->editor = c->screen.editor = editor_open_libedit(&set);
	if (c->editor == NULL || console_start(c) == -1)
		err(1, "console");
}

static void
open_rig(unsigned kind, unsigned cols, unsigned rows)
{
	static const unsigned char keys[][2] = { { 0x7f, 4 }, { '\b', 4 },
		{ '#', 26 }, { 0x7f, 26 } };
	const unsigned char *key = keys[kind % 4];
	const struct sanitize_options inert = { .prefix = begin_line,
	    .finish_line = true };
	locale_t was = enter_utf8();

	if (rig.loop == NULL)
		open_pty();
	rig.colour = (kind & 4) != 0;
	rig.timestamps = (kind & 8) != 0;
	rig.typed.n = rig.typed.done = rig.lines.n = rig.lines.done = 0;
	entered.n = entered.done = 0;
	rig.said = rig.heard_all = rig.moved = 0;
	rig.frozen = rig.deaf = rig.hung = rig.ended = false;
	glass_init(&glass, cols, rows);
	page_init(&page, cols);
	typist_init(&typist, key[0], key[1]);
	typist_init(&foreseen, key[0], key[1]);
	resize(cols, rows);
	open_console(key[0], key[1]);
	ring_init(&rig.heard, RING_MOST);
	ring_init(&rig.sent, RING_MOST);
	rig.inert = filter_sanitize(&inert);
	rig.commands = filter_commands(NULL, "me", on_command, NULL);
	if (rig.inert == NULL || rig.commands == NULL)
		err(1, "filters");
	uselocale(was);
}

static void
set_prompt(const char *text)
{
	size_t n = strlen(text);
	int len;

	for (rig.prompt_len = 0; n > 0; text += len, n -= (size_t)len) {
		len = utf8_first((const unsigned char *)text, n,
		    &rig.prompt[rig.prompt_len]);
		if (len <= 0) {
			rig.prompt[rig.prompt_len] = TYPIST_RAW +
			    (unsigned char)*text;
			len = 1;
		}
		rig.prompt_len++;
	}
}

/* The prompt and what is typed behind it. */
static size_t
whole_line(uint32_t *out)
{
	memcpy(out, rig.prompt, rig.prompt_len * sizeof(*out));
	memcpy(out + rig.prompt_len, typist.line, typist.len * sizeof(*out));
	return rig.prompt_len + typist.len;
}

/* Characters of the time before a finished line, if it gets one. */
static size_t
rig_stamp(uint32_t *out)
{
	char text[16];
	time_t now = time(NULL);
	struct tm tm;
	size_t i, n;

	if (!rig.timestamps)
		return 0;
	FUZZ_CHECK(localtime_r(&now, &tm) != NULL);
	n = strftime(text, sizeof(text), "%H:%M:%S ", &tm);
	for (i = 0; i < n; i++)
		out[i] = (unsigned char)text[i];
	return n;
}

static void
show_typed(void)
{
	static uint32_t all[TYPIST_MOST + 64];
	size_t stamp = rig_stamp(all);

	page_typed(&page, all, stamp + whole_line(all + stamp),
	    stamp + rig.prompt_len);
}

static size_t
encode(uint32_t c, char out[8])
{
	locale_t was = enter_utf8();
	mbstate_t state = { 0 };
	size_t n = 1;

	if (c >= TYPIST_RAW && c <= TYPIST_RAW + 0xff)
		out[0] = (char)(unsigned char)(c - TYPIST_RAW);
	else
		n = wcrtomb(out, (wchar_t)c, &state);
	uselocale(was);
	FUZZ_CHECK(n <= 4);
	return n;
}

/* What the editor has made of a line, which may be more than the keys tell. */
static void
learn_line(void)
{
	const uint32_t *s = entered.c + entered.done;
	size_t n = 0;

	FUZZ_CHECK(entered.done < entered.n);
	while (s[n] != '\n')
		n++;
	entered.done += n + 1;
	if (!typist.unknown)
		return;
	FUZZ_CHECK(n <= TYPIST_MOST);
	memcpy(typist.line, s, n * sizeof(*s));
	typist.len = n;
}

/* A line was sent, and stands behind those that wait to be read. */
static void
line_entered(void)
{
	const char *s = buf_data(&rig.c->lines), *lf;
	size_t n = rig.c->lines.used, i, len,
	    known = rig.lines.n - rig.lines.done;
	char bytes[8];

	FUZZ_CHECK(n > known);
	s += known;
	FUZZ_CHECK((lf = memchr(s, '\n', n - known)) != NULL);
	n = (size_t)(lf - s);
	memcpy(rig.lines.b + rig.lines.n, s, n + 1);
	rig.lines.n += n + 1;
	learn_line();
	for (i = 0; i < typist.len; i++, s += len, n -= len) {
		len = encode(typist.line[i], bytes);
		FUZZ_CHECK(len <= n && memcmp(s, bytes, len) == 0);
	}
	FUZZ_CHECK(n == 0);
	show_typed();
	typist.len = typist.cursor = 0;
	typist.unknown = false;
}

/* Keys that have been read by now. */
static void
follow_keys(void)
{
	size_t end;
	int left;

	if (ioctl(rig.keyboard[0], FIONREAD, &left) == -1)
		err(1, "FIONREAD");
	end = rig.typed.n - (size_t)left;
	rig.moved += end - rig.typed.done;
	if (end > rig.typed.done)
		page_interrupt(&page);
	for (; rig.typed.done < end && !rig.ended; rig.typed.done++)
		switch (typist_byte(&typist,
		    (unsigned char)rig.typed.b[rig.typed.done])) {
		case TYPIST_ENTER:
			line_entered();
			break;
		case TYPIST_END:
			rig.ended = true;
			break;
		case TYPIST_NOTHING:
		case TYPIST_CLEAR:
			break;
		}
	rig.typed.done = end;
	rig.ended |= rig.hung && left == 0 && (rig.c->input == INPUT_ENDED);
	FUZZ_CHECK(rig.c->lines.used == rig.lines.n - rig.lines.done);
	FUZZ_CHECK((rig.c->input == INPUT_ENDED) == rig.ended);
	FUZZ_CHECK(entered.done == entered.n);
	entered.n = entered.done = 0;
}

static void
read_lines(void)
{
	char buf[512];
	const struct iovec iov = { buf, sizeof(buf) };
	size_t n;
	enum io io = IO_OK;

	while (!rig.deaf && rig.ep.in.ready && io == IO_OK) {
		io = half_read(&rig.ep.in, &iov, 1, &n);
		FUZZ_CHECK(io != IO_FAIL);
		FUZZ_CHECK(io != IO_EOF || rig.ended);
		FUZZ_CHECK(n <= rig.lines.n - rig.lines.done &&
		    memcmp(buf, rig.lines.b + rig.lines.done, n) == 0);
		rig.lines.done += n;
		rig.moved += n;
		rig.commands->ops->push(rig.commands,
		    (const unsigned char *)buf, n, io == IO_EOF, &rig.sent);
		if (io == IO_EOF)
			rig.ep.in.ready = false;
	}
}

static void
follow_text(const struct iovec *iov, int cnt, size_t n)
{
	size_t part;
	int i;

	for (i = 0; i < cnt && n > 0; i++, n -= part) {
		part = iov[i].iov_len < n ? iov[i].iov_len : n;
		page_text(&page, iov[i].iov_base, part);
	}
}

/* The pause after which a line is shown that has not ended is our own. */
static void
write_heard(void)
{
	struct iovec iov[2];
	size_t n;
	int cnt;

	while (rig.ep.out.ready && ring_used(&rig.heard) > 0) {
		cnt = ring_data(&rig.heard, iov, RING_MOST);
		if (half_write(&rig.ep.out, iov, cnt, &n) != IO_OK)
			return;
		follow_text(iov, cnt, n);
		ring_take(&rig.heard, n);
		rig.moved += n;
		FUZZ_CHECK(timer_is_set(&rig.c->pause) ==
		    page_is_torn(&page));
		timer_clear(rig.loop, &rig.c->pause);
	}
}

static void
look(void)
{
	unsigned char buf[4096];
	ssize_t i, n;

	while (!rig.frozen &&
	    (n = read(rig.wire[0], buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			glass_byte(&glass, buf[i]);
		rig.moved += (size_t)n;
	}
}

/* Until nothing moves any more. */
static void
settle(void)
{
	size_t turns = 0, moved = 0;
	unsigned idle = 0;
	locale_t was;

	while (idle < 2) {
		FUZZ_CHECK(++turns < 20000);
		loop_turn(rig.loop, 0);
		was = enter_utf8();
		follow_keys();
		read_lines();
		write_heard();
		look();
		uselocale(was);
		idle = rig.moved == moved ? idle + 1 : 0;
		moved = rig.moved;
	}
}

static void
close_rig(void)
{
	filter_free(rig.inert);
	filter_free(rig.commands);
	ring_free(&rig.heard);
	ring_free(&rig.sent);
	if (!rig.hung)
		(void)close(rig.keyboard[1]);
	(void)close(rig.wire[0]);
}

#endif

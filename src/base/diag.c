#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"

#define TRACE_LEVEL	3
#define CUT_MARK	"..."
/* Bytes; less than PIPE_BUF, so that lines of other writers do not mix in. */
#define LINE_MAX_BYTES	2048

static struct {
	const char	*name;
	int		 level;
	void		(*to)(void *, const char *);	/* NULL: stderr */
	void		*arg;
	void		(*around)(void *, bool);	/* or NULL */
	void		*around_arg;
	bool		 never_waits;
	bool		 deaf;		/* standard error was closed */
	bool		 lost;		/* the last message */
	const char	*sandbox_off;	/* how to turn it off; NULL: it is */
	char		 refused[256];	/* perhaps by the sandbox; or "" */
	bool		 refusal_told;
} diag = { .name = "sockcat" };

void
diag_init(const char *progname, int level)
{
	diag.name = progname;
	diag.level = level;
}

const char *
diag_name(void)
{
	return diag.name;
}

void
diag_redirect(void (*fn)(void *, const char *), void *arg)
{
	diag.to = fn;
	diag.arg = arg;
}

void
diag_around(void (*fn)(void *, bool), void *arg)
{
	diag.around = fn;
	diag.around_arg = arg;
}

void
diag_never_wait(void)
{
	diag.never_waits = true;
}

bool
diag_was_lost(void)
{
	return diag.lost || (diag.to == NULL && diag.deaf);
}

void
diag_no_stderr(void)
{
	diag.deaf = true;
}

bool
diag_is_redirected(void)
{
	return diag.to != NULL;
}

bool
diag_tracing(void)
{
	return diag.level >= TRACE_LEVEL;
}

/* Writes a byte as text that no terminal obeys. Returns the length. */
static size_t
diag_put_byte(char out[TEXT_OCTAL], unsigned char c)
{
	static const char controls[] = "\n\r\b\a\v\t\f", letters[] = "nrbavtf";
	const char *at = strchr(controls, c);

	out[0] = '\\';
	if (c >= ' ' && c <= '~')
		out[0] = (char)c;
	else if (at != NULL)
		out[1] = letters[at - controls];
	else {
		text_octal(out, c);
		return TEXT_OCTAL;
	}
	return at != NULL ? 2 : 1;
}

/*
 * Writes the first character of a text as text that no terminal obeys: of UTF-8
 * for a console, otherwise of ASCII. Returns the length; *taken: that of the
 * character.
 */
static size_t
diag_put_char(char out[TEXT_OCTAL], const char *raw, size_t *taken,
    bool utf8)
{
	wchar_t c;

	*taken = 1;
	if (!utf8 || (unsigned char)*raw < 0x80 ||
	    (*taken = text_decode(raw, strlen(raw), &c)) <= 1 ||
	    !text_is_printable(c)) {
		*taken = 1;
		return diag_put_byte(out, (unsigned char)*raw);
	}
	memcpy(out, raw, *taken);
	return *taken;
}

/*
 * Makes names, paths and text from peers inert, since a terminal obeys control
 * characters. A text that does not fit is cut after a whole escape, and the
 * cut is marked. Returns the length.
 */
static size_t
diag_make_inert(char *out, size_t size, const char *raw, bool utf8)
{
	char one[TEXT_OCTAL];
	size_t n = 0, len, taken;

	for (; *raw != '\0'; raw += taken) {
		len = diag_put_char(one, raw, &taken, utf8);
		if (n + len + sizeof(CUT_MARK) > size) {
			memcpy(out + n, CUT_MARK, sizeof(CUT_MARK) - 1);
			return n + sizeof(CUT_MARK) - 1;
		}
		memcpy(out + n, one, len);
		n += len;
	}
	return n;
}

static void
diag_room(bool after)
{
	if (diag.around != NULL)
		diag.around(diag.around_arg, after);
}

/*
 * One write(2); returns its result. A pipe is writable when a page is free, so
 * a line fits.
 */
static ssize_t
diag_write(const char *line, size_t len)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n = -1;

	while ((!diag.never_waits || poll(&p, 1, 0) == 1) &&
	    (n = write(STDERR_FILENO, line, len)) == -1 && errno == EINTR)
		continue;
	return n;
}

void
diag_confined(const char *off)
{
	diag.sandbox_off = off;
}

/* There is no place to report a failure. */
static void
diag_say(const char *name, const char *fmt, va_list ap)
{
	char raw[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	size_t n = 0;
	int saved = errno;

	if (name != NULL && diag.to == NULL) {
		snprintf(raw, sizeof(raw), "%.200s: ", name);
		n = diag_make_inert(line, sizeof(line) - 1, raw, false);
	}
	errno = saved;			/* for %m */
	vsnprintf(raw, sizeof(raw), fmt, ap);
	diag.lost = false;
	n += diag_make_inert(line + n, sizeof(line) - 1 - n, raw,
	    diag.to != NULL);
	if (diag.to != NULL) {
		line[n] = '\0';
		diag.to(diag.arg, line);
	} else {
		line[n++] = '\n';
		diag_room(false);
		diag.lost = diag_write(line, n) != (ssize_t)n;
		diag_room(true);
	}
	errno = saved;
}

/* Once: what is refused once is refused each time. */
static void
diag_explain_refusal(void)
{
	if (diag.refused[0] == '\0' || diag.refusal_told)
		return;
	diag.refusal_told = true;
	diag_warnx("the sandbox may have refused to %s: %s turns it off",
	    diag.refused, diag.sandbox_off);
}

void
diag_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_say(diag.name, fmt, ap);
	va_end(ap);
	diag_explain_refusal();
}

void
diag_plain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_say(NULL, fmt, ap);
	va_end(ap);
	diag_explain_refusal();
}

void
diag_line(const char *text)
{
	int saved = errno;
	struct buf line = { .used = 0 };
	ssize_t n = 0;

	diag.lost = false;
	if (diag.to != NULL && isatty(STDERR_FILENO)) {
		diag.to(diag.arg, text);
		return;
	}
	buf_str(&line, text);
	buf_str(&line, "\n");
	diag_room(false);
	while (!line.failed && line.used > 0 && n != -1)
		if ((n = diag_write(buf_data(&line), line.used)) > 0)
			buf_take(&line, (size_t)n);
	diag_room(true);
	diag.lost = line.failed || line.used > 0;
	buf_free(&line);
	errno = saved;
}

void
diag_trace(const char *fmt, ...)
{
	va_list ap;

	if (!diag_tracing())
		return;
	va_start(ap, fmt);
	diag_say(diag.name, fmt, ap);
	va_end(ap);
}

void
diag_error(const struct error *e)
{
	bool hint = e->hint != NULL;

	diag_warnx("%s%s%s failed: %s%s%s%s", e->op,
	    e->object[0] != '\0' ? " " : "", e->object, error_reason(e),
	    hint ? " (" : "", hint ? e->hint : "", hint ? ")" : "");
}

/*
 * Whether a sandbox may be the reason. Reads and writes are never refused: of
 * those, a packet filter of the system is.
 */
static bool
diag_may_be_refusal(const struct error *e)
{
	static const char *const never[] = { "accept", "copy to", "read",
		"read from", "send to", "watch", "write to" };

	if (e->num != EPERM && e->num != EACCES)
		return false;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strcmp(e->op, never[i]) == 0)
			return false;
	return true;
}

void
error_set(struct error *e, int num, const char *op, const char *fmt, ...)
{
	va_list ap;

	*e = (struct error){ .op = op, .num = num };
	va_start(ap, fmt);
	vsnprintf(e->object, sizeof(e->object), fmt, ap);
	va_end(ap);
	if (diag.sandbox_off != NULL && diag.refused[0] == '\0' &&
	    diag_may_be_refusal(e))
		(void)snprintf(diag.refused, sizeof(diag.refused), "%s%s%s", op,
		    e->object[0] != '\0' ? " " : "", e->object);
}

const char *
error_reason(const struct error *e)
{
	if (e->why[0] != '\0')
		return e->why;
	if (e->gai != 0 && e->gai != EAI_SYSTEM)
		return reason_text(e->gai);
	return reason_text(e->num);
}

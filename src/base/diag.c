#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* Says which strnvis(3) is meant, which is not used. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "base/diag.h"
#include "base/reason.h"

#define TRACE_LEVEL	3
#define CUT_MARK	"..."

/* Less than PIPE_BUF: write(2) does not mix it with lines of others. */
#define LINE_MAX_BYTES	2048

static struct {
	const char	*name;
	int		 level;
	void		(*to)(void *, const char *);
	void		*arg;
	bool		 hurried;	/* do not wait for standard error */
} diag = { "sockcat", 0, NULL, NULL, false };

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
diag_never_wait(void)
{
	diag.hurried = true;
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

/* Writes a byte as text without control characters. */
static size_t
diag_inert_byte(char out[8], unsigned char c, unsigned char next)
{
	if (c >= ' ' && c <= '~') {
		out[0] = (char)c;
		return 1;
	}
	return (size_t)(vis(out, c, VIS_CSTYLE | VIS_OCTAL | VIS_TAB | VIS_NL,
	    next) - out);
}

/*
 * Messages contain names, paths and texts of peers, and a terminal obeys
 * control characters. A text that does not fit is cut after a whole byte's
 * text, and marked.
 */
static size_t
diag_make_inert(char *out, size_t size, const char *raw)
{
	char one[8];
	size_t n = 0, len;

	for (; *raw != '\0'; raw++) {
		len = diag_inert_byte(one, (unsigned char)raw[0],
		    (unsigned char)raw[1]);
		if (n + len + sizeof(CUT_MARK) > size) {
			memcpy(out + n, CUT_MARK, sizeof(CUT_MARK) - 1);
			return n + sizeof(CUT_MARK) - 1;
		}
		memcpy(out + n, one, len);
		n += len;
	}
	return n;
}

/* A pipe is writable if a page is free: a line fits. */
static bool
diag_takes_line(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

/* An error of write(2) has no place where it could be reported. */
static void
diag_say(const char *name, const char *fmt, va_list ap)
{
	char raw[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	size_t n = 0;
	int saved = errno;

	if (name != NULL && diag.to == NULL) {
		snprintf(raw, sizeof(raw), "%.200s: ", name);
		n = diag_make_inert(line, sizeof(line) - 1, raw);
	}
	errno = saved;			/* for %m */
	vsnprintf(raw, sizeof(raw), fmt, ap);
	n += diag_make_inert(line + n, sizeof(line) - 1 - n, raw);
	if (diag.to != NULL) {
		line[n] = '\0';
		diag.to(diag.arg, line);
		errno = saved;
		return;
	}
	line[n++] = '\n';
	while ((!diag.hurried || diag_takes_line()) &&
	    write(STDERR_FILENO, line, n) == -1 && errno == EINTR)
		continue;
	errno = saved;
}

void
diag_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_say(diag.name, fmt, ap);
	va_end(ap);
}

void
diag_plain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_say(NULL, fmt, ap);
	va_end(ap);
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

void
error_set(struct error *e, int num, const char *op, const char *fmt, ...)
{
	va_list ap;

	e->op = op;
	e->num = num;
	e->gai = 0;
	e->why[0] = '\0';
	e->hint = NULL;
	e->proxy = (struct proxy_error){ .fault = PROXY_FINE };
	va_start(ap, fmt);
	vsnprintf(e->object, sizeof(e->object), fmt, ap);
	va_end(ap);
}

const char *
error_reason(const struct error *e)
{
	if (e->why[0] != '\0')
		return e->why;
	if (e->gai != 0 && e->gai != EAI_SYSTEM)
		return reason_resolver(e->gai);
	return reason_text(e->num);
}

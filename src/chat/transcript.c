/*
 * The transcript of a chat.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stamp.h"
#include "chat/transcript.h"
#include "filter/sanitize.h"
#include "io/fd.h"
#include "message/messages.h"

/* Bytes made inert, and then written, at a time. */
#define PIECE	256

/* The prefix of a speaker's lines, and their filter. */
struct transcript_side {
	char			 name[64];
	enum line_of		 line;
	struct filter		*clean;
};

struct transcript {
	const struct plan	*plan;
	int			 fd;		/* -1: given up */
	struct transcript_side	 side[2];	/* by enum speaker */
	struct ring		 ring;		/* inert, to be written */
};

void
transcript_prefix(char *buf, size_t size, enum line_of line, const char *when,
    const char *name)
{
	static const char *const formats[] = { [LINE_OF_PEER] = "%s<%s> ",
	    [LINE_OF_ROOM] = "%s[%s] ", [LINE_OF_MEMBER] = "%s" };

	(void)snprintf(buf, size, formats[line], when, name);
}

/* "2026-11-21 10:32:01 <eva> " */
static void
transcript_begin_line(void *arg, char buf[SANITIZE_PREFIX_MAX])
{
	const struct transcript_side *s = arg;
	char when[32];

	stamp_now(when, sizeof(when), "%Y-%m-%d %H:%M:%S ");
	transcript_prefix(buf, SANITIZE_PREFIX_MAX, s->line, when, s->name);
}

void
transcript_name(struct transcript *t, enum speaker who, const char *name)
{
	if (t != NULL)
		(void)strlcpy(t->side[who].name, name,
		    sizeof(t->side[who].name));
}

static bool
transcript_open_side(struct transcript *t, enum speaker who, const char *name)
{
	struct transcript_side *s = &t->side[who];
	const struct sanitize_options opt = { .prefix = transcript_begin_line,
	    .arg = s, .finish_line = true };

	transcript_name(t, who, name);
	s->clean = filter_sanitize(&opt);
	return s->clean != NULL;
}

int
transcript_open(struct transcript **t, const struct plan *plan,
    const char *me, struct error *err)
{
	struct transcript *new;

	if (plan->chat.log == NULL)
		return 0;
	if ((new = calloc(1, sizeof(*new))) != NULL) {
		new->plan = plan;
		ring_init(&new->ring, PIECE * 128 + 256);
		new->fd = fd_create(plan->chat.log, O_WRONLY | O_APPEND, 0600);
		if (new->fd != -1 &&
		    transcript_open_side(new, SPEAKER_ME, me) &&
		    transcript_open_side(new, SPEAKER_PEER, "peer")) {
			*t = new;
			return 0;
		}
		transcript_close(new);
	}
	error_set(err, errno, "write to", "%s", plan->chat.log);
	return -1;
}

void
transcript_line_of(struct transcript *t, enum line_of line)
{
	if (t != NULL)
		t->side[SPEAKER_PEER].line = line;
}

static void
transcript_give_up(struct transcript *t)
{
	struct error err;

	error_set(&err, errno, "write to", "%s", t->plan->chat.log);
	(void)messages_failed(t->plan, &err);
	(void)close(t->fd);
	t->fd = -1;
}

bool
transcript_failed(const struct transcript *t)
{
	return t != NULL && t->fd == -1;
}

static void
transcript_flush(struct transcript *t)
{
	struct iovec iov[2];
	int cnt;

	while ((cnt = ring_data(&t->ring, iov, SIZE_MAX)) > 0) {
		ssize_t n = writev(t->fd, iov, cnt);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			transcript_give_up(t);
			return;
		}
		ring_take(&t->ring, (size_t)n);
	}
	ring_release(&t->ring);
}

void
transcript_add(struct transcript *t, enum speaker who,
    const unsigned char *in, size_t n, bool last)
{
	struct iovec iov[2];

	while (t != NULL && t->fd != -1 && (n > 0 || last)) {
		struct filter *clean = t->side[who].clean;
		size_t piece = n < PIECE ? n : PIECE;

		/* The ring's memory comes with this. */
		if (ring_space(&t->ring, iov, 1) == -1) {
			transcript_give_up(t);
			return;
		}
		clean->ops->push(clean, in, piece, last && piece == n,
		    &t->ring);
		in = in != NULL ? in + piece : NULL;
		n -= piece;
		last = last && n > 0;
		transcript_flush(t);
	}
}

void
transcript_mark(struct transcript *t, const char *fmt, ...)
{
	char when[32], text[256], line[300];
	va_list ap;

	if (t == NULL || t->fd == -1)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	stamp_now(when, sizeof(when), "%Y-%m-%d %H:%M:%S");
	(void)snprintf(line, sizeof(line), "%s * %s\n", when, text);
	if (write(t->fd, line, strlen(line)) == -1)
		transcript_give_up(t);
}

void
transcript_close(struct transcript *t)
{
	int num = errno;

	if (t == NULL)
		return;
	filter_free(t->side[SPEAKER_ME].clean);
	filter_free(t->side[SPEAKER_PEER].clean);
	ring_free(&t->ring);
	if (t->fd != -1)
		(void)close(t->fd);
	free(t);
	errno = num;
}

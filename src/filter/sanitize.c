#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "filter/sanitize.h"

#define SHOWN_MAX	(TEXT_CHAR_MAX * TEXT_OCTAL)
/* The most marks and joiners that are drawn onto a single character. */
#define MARKS_MAX	8
#define ZERO_WIDTH_JOINER	0x200d

/*
 * The character before, with the marks on it. A joiner makes one character of
 * its two neighbours, which goes on then.
 */
struct sanitize_marks {
	unsigned		n;
	bool			joined;		/* a joiner was the last */
};

struct sanitize {
	struct filter		filter;
	struct filter_ops	ops;		/* with room for a prefix */
	struct sanitize_options	opt;
	char			held[TEXT_CHAR_MAX];	/* of a character */
	size_t			nheld;
	struct sanitize_marks	marks;
	bool			after_cr;	/* CR is held: LF may follow */
	bool			in_line;
};

/* Whether a character is shown unchanged: printable, and few marks on it. */
static bool
sanitize_passes(struct sanitize_marks *m, wchar_t c)
{
	bool joined = m->joined;

	m->joined = false;
	if (!text_is_printable(c))
		return false;
	if (text_width(c) != 0) {
		if (!joined)
			m->n = 0;
		return true;
	}
	if (m->n == MARKS_MAX)
		return false;
	m->n++;
	m->joined = c == ZERO_WIDTH_JOINER;
	return true;
}

/* Writes a character of len bytes in inert form. Returns the length. */
static size_t
sanitize_render(struct sanitize_marks *m, wchar_t c, const char *bytes,
    size_t len, char out[SHOWN_MAX])
{
	if (sanitize_passes(m, c)) {
		memcpy(out, bytes, len);
		return len;
	}
	for (size_t i = 0; i < len; i++)
		text_octal(out + i * TEXT_OCTAL, (unsigned char)bytes[i]);
	return len * TEXT_OCTAL;
}

static void
sanitize_begin_line(struct sanitize *s, struct ring *out)
{
	char prefix[SANITIZE_PREFIX_MAX] = "";

	if (s->opt.prefix != NULL && !s->in_line) {
		s->opt.prefix(s->opt.arg, prefix);
		ring_append(out, prefix, strlen(prefix));
	}
	s->in_line = true;
}

static void
sanitize_show(struct sanitize *s, const void *text, size_t n, struct ring *out)
{
	if (n == 0)
		return;
	sanitize_begin_line(s, out);
	ring_append(out, text, n);
}

static void
sanitize_end_line(struct sanitize *s, struct ring *out)
{
	sanitize_begin_line(s, out);
	ring_append(out, "\n", 1);
	s->in_line = false;
	s->marks = (struct sanitize_marks){ .n = 0 };
}

/*
 * Shows the characters that are held; at the end of the input (last) also
 * an incomplete character, byte by byte.
 */
static void
sanitize_settle(struct sanitize *s, bool last, struct ring *out)
{
	char text[SHOWN_MAX];
	size_t len;
	wchar_t c;

	while (s->nheld > 0) {
		len = text_decode(s->held, s->nheld, &c);
		if (len == 0 && !last)
			return;
		if (len == 0)
			len = 1;
		sanitize_show(s, text,
		    sanitize_render(&s->marks, c, s->held, len, text), out);
		s->nheld -= len;
		memmove(s->held, s->held + len, s->nheld);
	}
}

static void
sanitize_take(struct sanitize *s, unsigned char c, struct ring *out)
{
	if (s->after_cr && c != '\n')
		sanitize_show(s, "\\015", TEXT_OCTAL, out);
	s->after_cr = c == '\r';
	if (c < 0x80) {
		sanitize_settle(s, true, out);
		s->marks = (struct sanitize_marks){ .n = 0 };
	}
	if (c == '\n')
		sanitize_end_line(s, out);
	else if (c == '\t' || (c >= ' ' && c < 0x7f))
		sanitize_show(s, &c, 1, out);
	else if (c != '\r') {
		s->held[s->nheld++] = (char)c;
		sanitize_settle(s, false, out);
	}
}

static void
sanitize_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct sanitize *s = (struct sanitize *)f;

	for (size_t i = 0; i < n; i++)
		sanitize_take(s, in[i], out);
	if (!last)
		return;
	sanitize_settle(s, true, out);
	if (s->after_cr)
		sanitize_show(s, "\\015", TEXT_OCTAL, out);
	s->after_cr = false;
	if (s->in_line && s->opt.finish_line)
		sanitize_end_line(s, out);
}

struct filter *
filter_sanitize(const struct sanitize_options *opt)
{
	const size_t prefix = opt->prefix != NULL ? SANITIZE_PREFIX_MAX : 0;
	struct sanitize *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	/* One byte may show that three held bytes are no character. */
	s->ops = (struct filter_ops){ .growth = SHOWN_MAX + prefix,
	    .tail = SHOWN_MAX + 1 + prefix, .push = sanitize_push };
	s->filter.ops = &s->ops;
	s->opt = *opt;
	text_use_utf8();		/* before a sandbox */
	return &s->filter;
}

bool
sanitize_is_idle(const struct filter *f)
{
	const struct sanitize *s = (const struct sanitize *)f;

	return !s->in_line && !s->after_cr && s->nheld == 0 &&
	    s->marks.n == 0 && !s->marks.joined;
}

char *
sanitize_text(const char *src, char *dst, size_t size)
{
	char text[SHOWN_MAX];
	struct sanitize_marks marks = { .n = 0 };
	size_t len, n, used = 0;
	wchar_t c;

	for (; *src != '\0'; src += len, used += n) {
		if ((len = text_decode(src, strnlen(src, TEXT_CHAR_MAX),
		    &c)) == 0)
			len = 1;
		n = sanitize_render(&marks, c, src, len, text);
		if (used + n >= size)
			break;
		memcpy(dst + used, text, n);
	}
	if (size > 0)
		dst[used] = '\0';
	return dst;
}

/*
 * Text from a peer, made inert.
 */
#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
/* Says which strnvis(3) is meant, of which none is used here. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>
#include <wctype.h>

#include "base/text.h"
#include "filter/sanitize.h"

#define SEQUENCE_MAX	4	/* bytes of a character */
#define ESCAPED_MAX	4	/* bytes of an escaped byte: \ooo */

/* One character that is being put together. */
struct utf8 {
	unsigned char	byte[SEQUENCE_MAX];
	size_t		n, len;		/* so far, and to be */
};

struct sanitize {
	struct filter		filter;
	struct sanitize_options	opt;
	struct utf8		held;
	locale_t		all;		/* of all characters */
	bool			after_cr;	/* it may belong to a LF */
	bool			in_line;
};

/*
 * They show nothing, or move what stands around them: Unicode's general
 * category Cf and its separators of lines, without the two joiners.
 */
static const struct { uint32_t lo, hi; } unseen[] = {
	{ 0x00ad, 0x00ad }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x08e2, 0x08e2 },
	{ 0x180e, 0x180e }, { 0x200b, 0x200b }, { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

locale_t
sanitize_locale(void)
{
	/* The user's own may know nothing but ASCII. */
	return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

bool
sanitize_is_printable(uint32_t c, locale_t all)
{
	size_t i;

	if (c < 0x7f)
		return c >= ' ';
	if (c < 0xa0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return false;
	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c >= unseen[i].lo && c <= unseen[i].hi)
			return false;
	return all == (locale_t)0 || iswprint_l((wint_t)c, all);
}

/* May this byte follow? What is overlong or too large is found here. */
static bool
sanitize_may_follow(const struct utf8 *u, unsigned char c)
{
	unsigned char lo = 0x80, hi = 0xbf;

	if (u->n == 1) {
		switch (u->byte[0]) {
		case 0xe0:
			lo = 0xa0;
			break;
		case 0xed:
			hi = 0x9f;
			break;
		case 0xf0:
			lo = 0x90;
			break;
		case 0xf4:
			hi = 0x8f;
			break;
		}
	}
	return c >= lo && c <= hi;
}

static uint32_t
sanitize_codepoint(const struct utf8 *u)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = u->byte[0] & first[u->len];
	size_t i;

	for (i = 1; i < u->len; i++)
		c = c << 6 | (u->byte[i] & 0x3f);
	return c;
}

static size_t
sanitize_escape(const unsigned char *in, size_t n, char *out)
{
	char *end = out;
	size_t i;

	for (i = 0; i < n; i++)
		end = vis(end, in[i], VIS_OCTAL | VIS_WHITE | VIS_GLOB, 0);
	return (size_t)(end - out);
}

/* What has been put together, as it may be shown; its length. */
static size_t
sanitize_render(struct utf8 *u, locale_t all,
    char out[SEQUENCE_MAX * ESCAPED_MAX + 1])
{
	size_t n = u->n;

	u->n = 0;
	if (n < u->len || !sanitize_is_printable(sanitize_codepoint(u), all))
		return sanitize_escape(u->byte, n, out);
	memcpy(out, u->byte, n);
	return n;
}

static void
sanitize_begin_line(struct sanitize *s, struct ring *out)
{
	char prefix[SANITIZE_PREFIX_MAX];

	if (s->in_line)
		return;
	s->in_line = true;
	if (s->opt.prefix == NULL)
		return;
	prefix[0] = '\0';
	s->opt.prefix(s->opt.arg, prefix);
	ring_append(out, (const unsigned char *)prefix, strlen(prefix));
}

static void
sanitize_show(struct sanitize *s, const void *text, size_t n, struct ring *out)
{
	if (n == 0)
		return;
	sanitize_begin_line(s, out);
	ring_append(out, text, n);
}

/* The character that was begun will not be finished. */
static void
sanitize_flush(struct sanitize *s, struct ring *out)
{
	char text[SEQUENCE_MAX * ESCAPED_MAX + 1];

	if (s->after_cr) {
		s->after_cr = false;
		sanitize_show(s, text,
		    sanitize_escape((const unsigned char *)"\r", 1, text), out);
	}
	if (s->held.n > 0)
		sanitize_show(s, text, sanitize_render(&s->held, s->all, text),
		    out);
}

static void
sanitize_end_line(struct sanitize *s, struct ring *out)
{
	sanitize_begin_line(s, out);
	ring_append(out, (const unsigned char *)"\n", 1);
	s->in_line = false;
}

/* The first byte of a character, or one that is none. */
static void
sanitize_begin(struct sanitize *s, unsigned char c, struct ring *out)
{
	char text[ESCAPED_MAX + 1];

	if (c == '\n')
		sanitize_end_line(s, out);
	else if (c == '\r')
		s->after_cr = true;
	else if (c == '\t' || (c >= ' ' && c < 0x7f))
		sanitize_show(s, &c, 1, out);
	else if (text_length(c) > 1)
		s->held = (struct utf8){ .byte = { c }, .n = 1,
		    .len = text_length(c) };
	else
		sanitize_show(s, text, sanitize_escape(&c, 1, text), out);
}

static void
sanitize_take(struct sanitize *s, unsigned char c, struct ring *out)
{
	struct utf8 *u = &s->held;

	if (s->after_cr && c == '\n')
		s->after_cr = false;
	if (u->n > 0 && sanitize_may_follow(u, c)) {
		u->byte[u->n++] = c;
		if (u->n == u->len)
			sanitize_flush(s, out);
		return;
	}
	sanitize_flush(s, out);
	sanitize_begin(s, c, out);
}

static void
sanitize_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct sanitize *s = (struct sanitize *)f;
	size_t i;

	for (i = 0; i < n; i++)
		sanitize_take(s, in[i], out);
	if (!last)
		return;
	sanitize_flush(s, out);
	if (s->in_line && s->opt.finish_line)
		sanitize_end_line(s, out);
}

static void
sanitize_free(struct filter *f)
{
	struct sanitize *s = (struct sanitize *)f;

	if (s->all != (locale_t)0)
		freelocale(s->all);
	free(s);
}

static const struct filter_ops plain_ops = {
	.name = "sanitize",
	/* A byte may be the one that shows that three before it are none. */
	.growth = SEQUENCE_MAX * ESCAPED_MAX,
	.tail = SEQUENCE_MAX * ESCAPED_MAX + 1,
	.push = sanitize_push,
	.free = sanitize_free
};

static const struct filter_ops prefix_ops = {
	.name = "sanitize",
	.growth = SEQUENCE_MAX * ESCAPED_MAX + SANITIZE_PREFIX_MAX,
	.tail = SEQUENCE_MAX * ESCAPED_MAX + 1 + SANITIZE_PREFIX_MAX,
	.push = sanitize_push,
	.free = sanitize_free
};

struct filter *
filter_sanitize(const struct sanitize_options *opt)
{
	struct sanitize *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->filter.ops = opt->prefix != NULL ? &prefix_ops : &plain_ops;
	s->opt = *opt;
	s->all = sanitize_locale();
	return &s->filter;
}

/* Append what fits as a whole. */
static bool
sanitize_put(char *dst, size_t size, size_t *used, const char *text, size_t n)
{
	if (*used + n >= size)
		return false;
	memcpy(dst + *used, text, n);
	*used += n;
	dst[*used] = '\0';
	return true;
}

char *
sanitize_text(const char *src, char *dst, size_t size)
{
	char text[SEQUENCE_MAX * ESCAPED_MAX + 1];
	locale_t all = sanitize_locale();
	struct utf8 u;
	size_t used = 0;

	if (size > 0)
		dst[0] = '\0';
	while (*src != '\0') {
		u = (struct utf8){ .byte = { (unsigned char)*src++ }, .n = 1 };
		u.len = text_length(u.byte[0]);
		while (u.n < u.len &&
		    sanitize_may_follow(&u, (unsigned char)*src))
			u.byte[u.n++] = (unsigned char)*src++;
		if (u.len == 0)
			u.len = SEQUENCE_MAX + 1;	/* never whole */
		if (!sanitize_put(dst, size,
		    &used, text, sanitize_render(&u, all, text)))
			break;
	}
	if (all != (locale_t)0)
		freelocale(all);
	return dst;
}

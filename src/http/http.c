#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "http/http.h"

/* ---- Texts -------------------------------------------------------------- */

bool
http_text_is(const struct http_text *t, const char *word)
{
	return strlen(word) == t->len && strncasecmp(t->at, word, t->len) == 0;
}

struct http_text
http_text_cut(struct http_text *t, char c)
{
	const char *end = memchr(t->at, c, t->len);
	struct http_text part = { t->at,
	    end == NULL ? t->len : (size_t)(end - t->at) };
	size_t gone = part.len + (end != NULL);

	t->at += gone;
	t->len -= gone;
	return part;
}

bool
http_is_token(const struct http_text *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (!isalnum((unsigned char)t->at[i]) && (t->at[i] == '\0' ||
		    strchr("!#$%&'*+-.^_`|~", t->at[i]) == NULL))
			return false;
	return t->len > 0;
}

static bool
http_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
http_text_trim(struct http_text *t)
{
	while (t->len > 0 && http_is_blank(t->at[0])) {
		t->at++;
		t->len--;
	}
	while (t->len > 0 && http_is_blank(t->at[t->len - 1]))
		t->len--;
}

bool
http_word_next(struct http_text *list, struct http_text *word)
{
	while (list->len > 0) {
		*word = http_text_cut(list, ',');
		http_text_trim(word);
		if (word->len > 0)
			return true;
	}
	return false;
}

/* Returns the value at *at, as http_param_next() does; NULL: no memory. */
static char *
http_param_value(const char **at, const char *end)
{
	const char *s = *at;
	bool quoted = s < end && *s == '"';
	char *text, *to;

	for (s += quoted; s < end; s++) {
		if (quoted ? *s == '"' : *s == ',' || http_is_blank(*s))
			break;
		s += quoted && *s == '\\' && s + 1 < end;
	}
	if ((text = to = malloc((size_t)(s - *at) + 1)) == NULL)
		return NULL;
	for (const char *from = *at + quoted; from < s; from++) {
		from += quoted && *from == '\\' && from + 1 < s;
		if ((unsigned char)*from >= ' ' && *from != 0x7f)
			*to++ = *from;
	}
	*to = '\0';
	*at = s + (quoted && s < end);
	return text;
}

bool
http_param_next(struct http_text *list, struct http_text *name, char **value)
{
	const char *at = list->at, *end = at + list->len;

	while (at < end && (*at == ',' || http_is_blank(*at)))
		at++;
	*list = (struct http_text){ at, (size_t)(end - at) };
	while (at < end && *at != '=' && *at != ',' && !http_is_blank(*at))
		at++;
	*name = (struct http_text){ list->at, (size_t)(at - list->at) };
	while (at < end && http_is_blank(*at))
		at++;
	if (at == end || *at++ != '=' || !http_is_token(name))
		return false;
	while (at < end && http_is_blank(*at))
		at++;
	if ((*value = http_param_value(&at, end)) == NULL)
		return false;
	*list = (struct http_text){ at, (size_t)(end - at) };
	return true;
}

bool
http_length(const struct http_text *t, uint64_t *length)
{
	char digits[19 + 1];
	long long n;

	if (t->len == 0 || t->len >= sizeof(digits))
		return false;
	for (size_t i = 0; i < t->len; i++)
		if (!isdigit((unsigned char)t->at[i]))
			return false;
	memcpy(digits, t->at, t->len);
	digits[t->len] = '\0';
	if (num_int(digits, 0, INT64_MAX, &n) != NULL)
		return false;
	*length = (uint64_t)n;
	return true;
}

/* ---- Headers ------------------------------------------------------------ */

size_t
http_head_end(const char *s, size_t n, size_t *seen)
{
	/* The end has up to three bytes: LF CR LF. */
	size_t i = *seen < 3 ? 0 : *seen - 3;
	const char *lf;

	*seen = n;
	while ((lf = memchr(s + i, '\n', n - i)) != NULL) {
		i = (size_t)(lf - s) + 1;
		if (i < n && s[i] == '\n')
			return i + 1;
		if (i + 1 < n && s[i] == '\r' && s[i + 1] == '\n')
			return i + 2;
	}
	return 0;
}

/* Cuts a line off, without its end. False: it has a NUL, or a CR inside. */
static bool
http_line_next(struct http_text *t, struct http_text *line)
{
	*line = http_text_cut(t, '\n');
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return memchr(line->at, '\r', line->len) == NULL &&
	    memchr(line->at, '\0', line->len) == NULL;
}

bool
http_head_open(char *head, size_t n, struct http_text *line,
    struct http_text *fields)
{
	char *s, *end, *lf, *from, *to;
	bool good;

	*fields = (struct http_text){ head, n };
	good = http_line_next(fields, line);
	if (fields->len > 0)	/* the LF of the empty line */
		fields->len--;
	if (fields->len > 0 && fields->at[fields->len - 1] == '\r')
		fields->len--;
	s = head + (fields->at - head);
	end = s + fields->len;
	for (; (lf = memchr(s, '\n', (size_t)(end - s))) != NULL; s = to) {
		from = lf - (lf > s && lf[-1] == '\r');
		for (to = lf + 1; to < end && http_is_blank(*to); to++)
			;
		if (to == lf + 1)
			continue;
		while (from > s && http_is_blank(from[-1]))
			from--;
		memset(from, ' ', (size_t)(to - from));
	}
	return good;
}

bool
http_field_next(struct http_text *fields, struct http_field *f)
{
	if (fields->len == 0 || !http_line_next(fields, &f->value) ||
	    memchr(f->value.at, ':', f->value.len) == NULL)
		return false;
	f->name = http_text_cut(&f->value, ':');
	http_text_trim(&f->value);
	return http_is_token(&f->name);
}

bool
http_is_version(const struct http_text *t, unsigned *minor)
{
	if (t->len != 8 || memcmp(t->at, "HTTP/1.", 7) != 0 ||
	    !isdigit((unsigned char)t->at[7]))
		return false;
	*minor = t->at[7] != '0';
	return true;
}

/* ---- Answers ------------------------------------------------------------ */

static void
http_reply_line(struct http_reply *r)
{
	struct http_text version;
	const char *s;

	r->status = r->line;
	version = http_text_cut(&r->status, ' ');
	s = r->status.at;
	if (http_is_version(&version, &r->minor) && r->status.len >= 3 &&
	    isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1]) &&
	    isdigit((unsigned char)s[2]) &&
	    (r->status.len == 3 || !isdigit((unsigned char)s[3])))
		r->code = (unsigned)((s[0] - '0') * 100 + (s[1] - '0') * 10 +
		    s[2] - '0');
}

/*
 * If the fields contradict each other, the end of the connection is the end of
 * the body.
 */
bool
http_reply_parse(struct http_reply *r, char *header, size_t n, bool head)
{
	struct http_text rest, coding;
	struct http_field f;
	unsigned told = 0;
	bool good;

	memset(r, 0, sizeof(*r));
	good = http_head_open(header, n, &r->line, &r->fields);
	http_reply_line(r);
	for (rest = r->fields; rest.len > 0;) {
		if (!http_field_next(&rest, &f)) {
			good = false;
			continue;
		}
		if (http_text_is(&f.name, "Content-Length")) {
			told++;
			r->ends = http_length(&f.value, &r->length);
			r->body = HTTP_BODY_LENGTH;
		} else if (http_text_is(&f.name, "Transfer-Encoding")) {
			told++;
			while (http_word_next(&f.value, &coding))
				r->ends = http_text_is(&coding, "chunked");
			r->body = HTTP_BODY_CHUNKED;
		}
	}
	r->ends &= told < 2;
	if (head || r->code == 204 || r->code == 304) {
		r->ends = true;
		r->body = HTTP_BODY_NONE;
	}
	return good && r->code > 0;
}

/* ---- Bodies (RFC 9112, sections 6 and 7.1) ------------------------------ */

/* The longest line of a size with its extensions, and the longest trailer. */
#define CHUNK_LINE_MAX	4096
#define CHUNK_TRAILER_MAX	HTTP_HEAD_MAX
/* Digits of a size; more might not fit. */
#define CHUNK_DIGITS	15

/*
 *	SIZE -digits-> EXTENSION or LF -> DATA -> DATA_CR -> DATA_LF -> SIZE
 *	size 0: LF -> TRAILER -lines-> TRAILER_LF ... an empty line: done
 */
enum chunk_state {
	CHUNK_SIZE,		/* before and among the digits */
	CHUNK_EXTENSION,	/* up to the CR */
	CHUNK_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,		/* up to the CR of a line */
	CHUNK_TRAILER_LF
};

void
http_body_init(struct http_body *b, enum http_body_kind kind, uint64_t length)
{
	*b = (struct http_body){ .kind = kind, .left = length,
	    .state = CHUNK_SIZE };
	b->done = b->kind == HTTP_BODY_NONE ||
	    (b->kind == HTTP_BODY_LENGTH && b->left == 0);
}

static enum chunk_state
chunk_size(struct http_body *b, char c)
{
	const char digit[] = { c, '\0' };

	if (isxdigit((unsigned char)c)) {
		b->bad = b->line > CHUNK_DIGITS;
		b->left = b->left << 4 | strtoul(digit, NULL, 16);
		return CHUNK_SIZE;
	}
	b->bad = b->line == 1;
	if (c == '\r')
		return CHUNK_LF;
	b->bad |= c != ';' && !http_is_blank(c);
	return CHUNK_EXTENSION;
}

/* Takes a byte that is neither data nor a digit. */
static enum chunk_state
chunk_byte(struct http_body *b, char c)
{
	switch ((enum chunk_state)b->state) {
	case CHUNK_SIZE:
		return chunk_size(b, c);
	case CHUNK_EXTENSION:
		b->bad = c == '\n' || c == '\0' || b->line > CHUNK_LINE_MAX;
		return c == '\r' ? CHUNK_LF : CHUNK_EXTENSION;
	case CHUNK_LF:
		b->bad = c != '\n';
		b->line = 0;
		return b->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
	case CHUNK_DATA_CR:
		b->bad = c != '\r';
		return CHUNK_DATA_LF;
	case CHUNK_DATA_LF:
		b->bad = c != '\n';
		b->line = 0;
		return CHUNK_SIZE;
	case CHUNK_TRAILER:
		b->bad = c == '\n' || c == '\0' ||
		    ++b->trailer > CHUNK_TRAILER_MAX;
		return c == '\r' ? CHUNK_TRAILER_LF : CHUNK_TRAILER;
	default:	/* CHUNK_TRAILER_LF */
		b->bad = c != '\n';
		/* The line was a CR and this LF alone. */
		b->done = !b->bad && b->line == 2;
		b->line = 0;
		return CHUNK_TRAILER;
	}
}

size_t
http_body_take(struct http_body *b, const char *s, size_t n)
{
	size_t i = 0, some;

	while (i < n && !b->done && !b->bad) {
		if (b->kind != HTTP_BODY_LENGTH && b->state != CHUNK_DATA) {
			b->line++;
			b->state = (uint8_t)chunk_byte(b, s[i]);
			i += !b->bad;
			continue;
		}
		some = n - i < b->left ? n - i : (size_t)b->left;
		i += some;
		if ((b->left -= some) > 0)
			continue;
		b->done = b->kind == HTTP_BODY_LENGTH;
		b->state = CHUNK_DATA_CR;
	}
	return i;
}

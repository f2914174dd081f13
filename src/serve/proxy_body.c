/* Where the body of a request ends (RFC 9112, sections 6 and 7.1). */
#include <string.h>

#include "serve/proxy_http.h"

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

static int
chunk_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum chunk_state
chunk_size(struct http_body *b, char c)
{
	int digit = chunk_digit(c);

	if (digit >= 0) {
		b->bad = b->line > CHUNK_DIGITS;
		b->left = b->left << 4 | (unsigned)digit;
		return CHUNK_SIZE;
	}
	b->bad = b->line == 1;
	if (c == '\r')
		return CHUNK_LF;
	b->bad |= c != ';' && c != ' ' && c != '\t';
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

static size_t
chunk_data(struct http_body *b, size_t n)
{
	if (n > b->left)
		n = (size_t)b->left;
	b->left -= n;
	if (b->left == 0)
		b->state = CHUNK_DATA_CR;
	return n;
}

size_t
http_body_take(struct http_body *b, const char *s, size_t n)
{
	size_t i = 0;

	if (b->done || b->bad)
		return 0;
	if (b->kind == HTTP_BODY_LENGTH) {
		i = n < b->left ? n : (size_t)b->left;
		b->left -= i;
		b->done = b->left == 0;
		return i;
	}
	while (i < n && !b->done && !b->bad) {
		if (b->state == CHUNK_DATA) {
			i += chunk_data(b, n - i);
			continue;
		}
		b->line++;
		b->state = (uint8_t)chunk_byte(b, s[i]);
		i += !b->bad;
	}
	return i;
}

/*
 * Messages of HTTP, for the side that asks a proxy and for the proxy server
 * (RFC 9110, RFC 9112): the lines, fields and words of a header, the first line
 * of an answer, and where a body ends. Pure: no descriptor, no clock.
 *
 * Laws: folded lines are unfolded before anything else looks at them; no line
 * has a NUL or a bare CR; the cost of a header is linear in its length.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest header of a request or an answer, its empty line included. */
#define HTTP_HEAD_MAX	65536

/* Bytes of a header, which holds them. */
struct http_text {
	const char	*at;
	size_t		 len;
};

/* Compares without regard to case. */
bool	http_text_is(const struct http_text *, const char *word);
/* Cuts the text up to the first c off, and c; or all of the text. */
struct http_text http_text_cut(struct http_text *, char c);
/* Whether the text is a token (RFC 9110, section 5.6.2). */
bool	http_is_token(const struct http_text *);
/* Cuts the next word of a list with commas off; false: there is none. */
bool	http_word_next(struct http_text *list, struct http_text *word);
/*
 * Cuts name=value off a list of parameters. The value, without its quotes and
 * backslashes and without control characters, is the caller's to free. False:
 * the list begins with the word that is no parameter, or is empty.
 */
bool	http_param_next(struct http_text *list, struct http_text *name,
	    char **value);
/* Reads a decimal number below 2^63. */
bool	http_length(const struct http_text *, uint64_t *);

/* ---- Headers ------------------------------------------------------------ */

struct http_field {
	struct http_text	name, value;
};

/*
 * Returns the length of the header at the front of n bytes, its empty line
 * included; 0: the end has not come. *seen: bytes searched before, 0 at first.
 */
size_t	http_head_end(const char *, size_t n, size_t *seen);
/*
 * Cuts the first line of a header off, and unfolds the fields after that: each
 * end of line before a space or tab, and the tabs beside it, become spaces (RFC
 * 9112, section 5.2). False: the first line has a NUL, or a CR before its end.
 */
bool	http_head_open(char *head, size_t n, struct http_text *line,
	    struct http_text *fields);
/*
 * Cuts a line off; false: the line is not a field. fields->len is 0 after the
 * last line.
 */
bool	http_field_next(struct http_text *fields, struct http_field *);
/* "HTTP/1.x"; minor: 0 or 1. */
bool	http_is_version(const struct http_text *, unsigned *minor);

/* ---- Answers ------------------------------------------------------------ */

/* How a body ends. */
enum http_body_kind {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH,
	HTTP_BODY_CHUNKED
};

struct http_reply {
	struct http_text	 line;		/* "HTTP/1.1 200 OK" */
	struct http_text	 status;	/* "200 OK" */
	struct http_text	 fields;
	unsigned		 minor;		/* of the version: 0 or 1 */
	unsigned		 code;		/* 0: this is not HTTP */
	bool			 ends;	/* the end of the body is known: */
	enum http_body_kind	 body;
	uint64_t		 length;
};

/*
 * Parses a whole header, in which folded lines become lines; head: the answer
 * is to HEAD, and has no body. False: this is not HTTP, or a line is no field.
 */
bool	http_reply_parse(struct http_reply *, char *, size_t n, bool head);

/* ---- Bodies ------------------------------------------------------------- */

/* The state of a body between two pieces; all zero: no body. */
struct http_body {
	enum http_body_kind	 kind;
	uint64_t		 left;		/* of the length or the chunk */
	unsigned		 line;		/* bytes of this line */
	unsigned		 trailer;	/* bytes of the trailer */
	uint8_t			 state;		/* of chunks: see the source */
	bool			 done;		/* all of it has come */
	bool			 bad;		/* cannot be understood */
};

void	http_body_init(struct http_body *, enum http_body_kind,
	    uint64_t length);
/*
 * Returns how many of the next n bytes belong to the body. Less than n: the
 * body is done, or bad.
 */
size_t	http_body_take(struct http_body *, const char *, size_t n);

#endif

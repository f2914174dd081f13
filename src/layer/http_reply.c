#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "layer/http_reply.h"

#define DIGITS	"0123456789"

int
http_status(const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || line[7] == '\0' ||
	    line[8] != ' ' || strspn(line + 9, DIGITS) != 3)
		return 0;
	return (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
}

const char *
http_header(const char **at, const char *name, const char **end)
{
	const char *line = *at, *value;
	size_t len = strlen(name);

	for (; *line != '\0'; line = *at) {
		*end = line + strcspn(line, "\r\n");
		*at = *end + strspn(*end, "\r\n");
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		value = line + len + 1;
		return value + strspn(value, " \t");
	}
	return NULL;
}

bool
http_has_word(const char *head, const char *name, const char *word)
{
	const char *at = head, *s, *end;
	size_t len, want = strlen(word);

	while ((s = http_header(&at, name, &end)) != NULL)
		for (; s < end; s += len + strspn(s + len, ", \t")) {
			len = strcspn(s, ", \t\r\n");
			if (len == want && strncasecmp(s, word, len) == 0)
				return true;
		}
	return false;
}

bool
http_stays_open(const char *head)
{
	static const char *const names[] = { "connection",
	    "proxy-connection" };
	bool open = head[7] != '0';
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (http_has_word(head, names[i], "close"))
			return false;
		open = open || http_has_word(head, names[i], "keep-alive");
	}
	return open;
}

bool
http_measure_head(struct http_meter *m, const char *s, size_t size, size_t *n)
{
	for (*n = 0; *n < size;) {
		char c = s[(*n)++];

		if (c != '\n')
			m->line += c != '\r';
		else if (m->line == 0)
			return true;
		else
			m->line = 0;
	}
	return false;
}

bool
http_measure_length(struct http_meter *m, size_t size, size_t *n)
{
	*n = size < m->left ? size : (size_t)m->left;
	m->left -= *n;
	return m->left == 0;
}

/* The parts of a chunk, and the lines behind the last one. */
enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

static int
http_reply_hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, tolower((unsigned char)c));

	return at != NULL ? (int)(at - digits) : -1;
}

/* One byte of a chunk's edges; true: the last one of all. */
static bool
http_reply_chunk_byte(struct http_meter *m, char c)
{
	int digit = http_reply_hex_value(c);

	if (m->part == CHUNK_SIZE && digit != -1) {
		if (m->left < HTTP_CHUNK_MAX)
			m->left = m->left * 16 + (unsigned)digit;
	} else if (c == '\n' && m->part <= CHUNK_EXTENSION) {
		m->part = m->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
		m->line = 0;
	} else if (m->part == CHUNK_SIZE)
		m->part = CHUNK_EXTENSION;
	else if (c == '\n' && m->part == CHUNK_END)
		m->part = CHUNK_SIZE;
	else if (c == '\n' && m->part == CHUNK_TRAILER) {
		if (m->line == 0)
			return true;
		m->line = 0;
	} else
		m->line += c != '\r';
	return false;
}

bool
http_measure_chunks(struct http_meter *m, const char *s, size_t size, size_t *n)
{
	size_t some;

	for (*n = 0; *n < size;) {
		if (m->part != CHUNK_DATA) {
			if (http_reply_chunk_byte(m, s[(*n)++]))
				return true;
			continue;
		}
		some = size - *n < m->left ? size - *n : (size_t)m->left;
		*n += some;
		m->left -= some;
		if (m->left == 0)
			m->part = CHUNK_END;
	}
	return false;
}

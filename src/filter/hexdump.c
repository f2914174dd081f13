/*
 * Rows of hex dumps.
 */
#include <inttypes.h>
#include <stdio.h>

#include "filter/hexdump.h"

static char *
hexdump_put_byte(char *at, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*at++ = digits[byte >> 4];
	*at++ = digits[byte & 0xf];
	*at++ = ' ';
	return at;
}

static char *
hexdump_put_blanks(char *at, size_t n)
{
	while (n-- > 0)
		*at++ = ' ';
	return at;
}

/* What can be seen; a blank is seen from lowest ' ' on, not from '!'. */
static char *
hexdump_put_text(char *at, const unsigned char *bytes, size_t n, char lowest)
{
	size_t i;

	for (i = 0; i < n; i++)
		*at++ = bytes[i] >= lowest && bytes[i] < 0x7f ?
		    (char)bytes[i] : '.';
	return at;
}

size_t
hexdump_row(char row[HEXDUMP_MAX], bool sent, uint64_t place,
    const unsigned char *bytes, size_t n)
{
	char *at = row;
	size_t i;

	at += snprintf(row, 32, "%c %08" PRIx64 " ", sent ? '>' : '<', place);
	for (i = 0; i < n; i++)
		at = hexdump_put_byte(at, bytes[i]);
	at = hexdump_put_blanks(at, 3 * (HEXDUMP_ROW - n));
	*at++ = '#';
	*at++ = ' ';
	at = hexdump_put_text(at, bytes, n, ' ');
	*at++ = '\n';
	*at = '\0';
	return (size_t)(at - row);
}

size_t
hexdump_bare_row(char row[HEXDUMP_MAX], uint64_t place,
    const unsigned char *bytes, size_t n)
{
	char *at = row;
	size_t i;

	at += snprintf(row, 32, "%04" PRIx64 "   ", place);
	for (i = 0; i < HEXDUMP_ROW; i++) {
		at = i < n ? hexdump_put_byte(at, bytes[i]) :
		    hexdump_put_blanks(at, 3);
		if (i == HEXDUMP_ROW / 2 - 1)
			*at++ = ' ';
	}
	*at++ = ' ';
	at = hexdump_put_text(at, bytes, n, '!');
	at = hexdump_put_blanks(at, HEXDUMP_ROW - n);
	*at++ = '\n';
	*at = '\0';
	return (size_t)(at - row);
}

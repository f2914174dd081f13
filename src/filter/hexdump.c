#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "filter/hexdump.h"

/* Writes two digits and a blank per byte, and blanks for missing bytes. */
static char *
hexdump_put_digits(char *at, const unsigned char *bytes, size_t n, size_t row)
{
	static const char digits[] = "0123456789abcdef";

	(void)memset(at, ' ', 3 * row);
	for (size_t i = 0; i < n && i < row; i++) {
		at[3 * i] = digits[bytes[i] >> 4];
		at[3 * i + 1] = digits[bytes[i] & 0xf];
	}
	return at + 3 * row;
}

/* lowest: the first visible character, ' ' or '!'. */
static char *
hexdump_put_text(char *at, const unsigned char *bytes, size_t n, char lowest)
{
	for (size_t i = 0; i < n; i++)
		*at++ = bytes[i] >= lowest && bytes[i] < 0x7f ?
		    (char)bytes[i] : '.';
	return at;
}

static size_t
hexdump_end(char *row, char *at)
{
	*at++ = '\n';
	*at = '\0';
	return (size_t)(at - row);
}

size_t
hexdump_row(char row[HEXDUMP_MAX], bool sent, uint64_t place,
    const unsigned char *bytes, size_t n)
{
	char *at = row;

	at += snprintf(row, 32, "%c %08" PRIx64 " ", sent ? '>' : '<', place);
	at = hexdump_put_digits(at, bytes, n, HEXDUMP_ROW);
	*at++ = '#';
	*at++ = ' ';
	return hexdump_end(row, hexdump_put_text(at, bytes, n, ' '));
}

size_t
hexdump_bare_row(char row[HEXDUMP_MAX], uint64_t place,
    const unsigned char *bytes, size_t n)
{
	const size_t half = HEXDUMP_ROW / 2;
	char *at = row;

	at += snprintf(row, 32, "%04" PRIx64 "   ", place);
	at = hexdump_put_digits(at, bytes, n, half);
	*at++ = ' ';
	at = hexdump_put_digits(at, n > half ? bytes + half : NULL,
	    n > half ? n - half : 0, half);
	*at++ = ' ';
	at = hexdump_put_text(at, bytes, n, '!');
	(void)memset(at, ' ', HEXDUMP_ROW - n);
	return hexdump_end(row, at + HEXDUMP_ROW - n);
}

#include <string.h>

#include "filter/hexdump.h"

static const char hexdump_digits[] = "0123456789abcdef";

/* Writes a number in hexadecimal, of so many digits at least. */
static char *
hexdump_put_place(char *at, uint64_t place, unsigned digits)
{
	while (digits < 16 && place >> 4 * digits != 0)
		digits++;
	for (unsigned i = digits; i-- > 0; place >>= 4)
		at[i] = hexdump_digits[place & 0xf];
	return at + digits;
}

/* Writes two digits and a blank per byte, and blanks for missing bytes. */
static char *
hexdump_put_digits(char *at, const unsigned char *bytes, size_t n, size_t row)
{
	(void)memset(at, ' ', 3 * row);
	for (size_t i = 0; i < n && i < row; i++) {
		at[3 * i] = hexdump_digits[bytes[i] >> 4];
		at[3 * i + 1] = hexdump_digits[bytes[i] & 0xf];
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

	*at++ = sent ? '>' : '<';
	*at++ = ' ';
	at = hexdump_put_place(at, place, 8);
	*at++ = ' ';
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

	at = hexdump_put_place(at, place, 4);
	(void)memset(at, ' ', 3);
	at += 3;
	at = hexdump_put_digits(at, bytes, n, half);
	*at++ = ' ';
	at = hexdump_put_digits(at, n > half ? bytes + half : NULL,
	    n > half ? n - half : 0, half);
	*at++ = ' ';
	at = hexdump_put_text(at, bytes, n, '!');
	(void)memset(at, ' ', HEXDUMP_ROW - n);
	return hexdump_end(row, at + HEXDUMP_ROW - n);
}

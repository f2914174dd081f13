/* Characters: UTF-8, and the columns that they take on a terminal. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "base/buf.h"

/* A byte of UTF-8 that is no part of a character, as a character of its own. */
#define TEXT_RAW	0xdc00
#define TEXT_RAW_LAST	0xdcff
/* Bytes of a character, and of an escaped byte: \\ooo. */
#define TEXT_CHAR_MAX	4
#define TEXT_OCTAL	4

/*
 * Some peers never end a line: in a chat or a room, text without LF counts as
 * a line after a pause of TEXT_PAUSE, and in any case after TEXT_PATIENCE.
 * In nanoseconds.
 */
#define TEXT_PAUSE	((int64_t)200 * 1000000)
#define TEXT_PATIENCE	((int64_t)1000 * 1000000)

/*
 * Decodes the first character of n > 0 bytes. Returns its length in bytes; a
 * byte that is no part of a character gives TEXT_RAW plus the byte, length 1.
 * Returns 0 if all n bytes are the beginning of a character.
 */
size_t	text_decode(const void *, size_t n, wchar_t *);
/* Returns n without the bytes of an unfinished character at the end. */
size_t	text_whole(const char *, size_t n);
/* Writes UTF-8; TEXT_RAW plus a byte becomes that byte. Returns the length. */
size_t	text_encode(wchar_t, char out[TEXT_CHAR_MAX]);
void	text_put(struct buf *, const wchar_t *, size_t n);
/* Writes a byte as a backslash and three octal digits. */
void	text_octal(char out[TEXT_OCTAL], unsigned char);

/*
 * Makes the locale of this thread, uselocale(3), one of UTF-8, whatever the
 * locale of the program; or that of C, if the system has none. The first call
 * opens files, which a sandbox would refuse. The functions below call it.
 */
void	text_use_utf8(void);
/*
 * Whether a character of a peer may be shown unchanged: if it has a width and
 * does not change the direction of text.
 */
bool	text_is_printable(wchar_t);
/* A letter or digit, which is printable. */
bool	text_is_letter(wchar_t);
/*
 * Returns the columns of a character: 0 if it is drawn onto the character
 * before it, -1 if it is not printable.
 */
int	text_width(wchar_t);

#endif

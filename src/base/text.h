/* Characters: UTF-8, and the columns that they take on a terminal. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <locale.h>
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
 * Whether a character of a peer may be shown unchanged, by text_locale(): if it
 * has a width and does not change the direction of text.
 */
bool	text_is_printable(uint32_t codepoint, locale_t);
/*
 * Whether a printable character is drawn onto the character before it, such as
 * a combining accent or a joiner.
 */
bool	text_has_no_width(uint32_t codepoint, locale_t);
/*
 * Returns the columns of a character, or -1 if the character is not printable.
 * The thread's locale must be text_locale().
 */
int	text_width(wchar_t);

/*
 * Returns a locale of UTF-8 for uselocale(3) and freelocale(3), whatever the
 * locale of the program; 0 if the system has none.
 */
locale_t text_locale(void);

#endif

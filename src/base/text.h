/*
 * Characters: UTF-8 as the terminal speaks it, and how wide they are on it.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "base/buf.h"

/*
 * A byte that is no part of a character, as a character of its own, so that
 * nothing typed is lost: text_encode makes that byte of it again.
 */
#define TEXT_RAW	0xdc00
#define TEXT_RAW_LAST	0xdcff

/*
 * Some peers never end a line: in a chat, and in a room, what has begun counts
 * as a line after a pause of the first length, and in any case after the
 * second. In nanoseconds.
 */
#define TEXT_PAUSE	((int64_t)200 * 1000000)
#define TEXT_PATIENCE	((int64_t)1000 * 1000000)

/* Bytes of a character by its first; 0: none begins like this. */
size_t	text_length(unsigned char first);
/*
 * The first character of n > 0 bytes: how many it takes; 0: more bytes are
 * needed to tell.
 */
size_t	text_decode(const void *, size_t n, wchar_t *);
/* Of n bytes, those that are whole characters. */
size_t	text_whole(const char *, size_t n);
/* Its bytes: at most 4. */
size_t	text_encode(wchar_t, char out[4]);
void	text_put(struct buf *, const wchar_t *, size_t n);

/*
 * Columns of a character; -1 when it cannot be printed as it is. Wants the
 * thread to be in text_locale.
 */
int	text_width(wchar_t);

/*
 * A locale of UTF-8, whatever that of the program: for uselocale(3), to be
 * freed with freelocale(3). 0: there is none.
 */
locale_t text_locale(void);

#endif

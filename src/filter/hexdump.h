/*
 * Rows of hex dumps, as two netcats write them. A row has at most 16 bytes,
 * and begins where a piece of the traffic does, so that a row that is not full
 * shows the end of a piece.
 */
#ifndef FILTER_HEXDUMP_H
#define FILTER_HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEXDUMP_ROW	16
/* Bytes of any row, with LF and NUL. */
#define HEXDUMP_MAX	112

/*
 * netcat-traditional's row: "> 00000010 61 62 ... # ab". place counts the bytes
 * of this direction before the row. Returns the length.
 */
size_t	hexdump_row(char row[HEXDUMP_MAX], bool sent, uint64_t place,
	    const unsigned char *, size_t n);
/*
 * ncat's row: "0010   61 62 ...  ab". place counts the bytes of this piece
 * before the row. Returns the length.
 */
size_t	hexdump_bare_row(char row[HEXDUMP_MAX], uint64_t place,
	    const unsigned char *, size_t n);

#endif

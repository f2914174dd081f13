/*
 * Rows of hex dumps, as two netcats write them. A row has at most 16 bytes,
 * and begins where a piece of the traffic does: rows that are not full show
 * where one ended.
 */
#ifndef FILTER_HEXDUMP_H
#define FILTER_HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEXDUMP_ROW	16
/* Room for any row, its LF and a NUL. */
#define HEXDUMP_MAX	112

/*
 * Netcat-traditional's: "> 00000010 61 62 ... # ab", with the place in the
 * traffic of that direction. The length of the row.
 */
size_t	hexdump_row(char row[HEXDUMP_MAX], bool sent, uint64_t place,
	    const unsigned char *, size_t n);
/* Ncat's: "0010   61 62 ...  ab", with the place in the piece. */
size_t	hexdump_bare_row(char row[HEXDUMP_MAX], uint64_t place,
	    const unsigned char *, size_t n);

#endif

/*
 * The texts of error numbers, the same with every C library: scripts look for
 * "Address already in use" and similar texts of glibc.
 */
#ifndef BASE_REASON_H
#define BASE_REASON_H

/*
 * As strerror(3), of errno, or gai_strerror(3), of EAI_*, which are negative.
 * Static, or valid until the next call.
 */
const char	*reason_text(int);

#endif

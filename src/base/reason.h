/*
 * Why a call failed, in words that are the same whichever C library this was
 * built with: scripts look for "Address already in use" and its kind, which
 * are the words of glibc, with which the netcats that they know were built.
 */
#ifndef BASE_REASON_H
#define BASE_REASON_H

/* As strerror(3), of errno. Static, or valid until the next call. */
const char	*reason_text(int errnum);
/* As gai_strerror(3), of EAI_*. */
const char	*reason_resolver(int code);

#endif

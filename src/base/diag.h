/*
 * Messages to the user: one line, one write(2), on standard error, after the
 * program's name. Only main, the modes and the messages write them; the rooms
 * below return a struct error.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/proxy.h"

struct tls_distrust;

/* Filled in where a call fails; made a message in a single place. */
struct error {
	const char	*op;		/* static: "connect to", "write to" */
	char		 object[192];	/* "192.0.2.1 port 80 (tcp)" */
	int		 num;		/* errno; 0: no error */
	int		 gai;		/* EAI_*; 0: see num */
	char		 why[192];	/* reason instead of num; or "" */
	struct proxy_error proxy;	/* of a proxy; fault PROXY_FINE: none */
	/* Of a TLS handshake; owned by its context; NULL: other reasons. */
	const struct tls_distrust *distrust;
	const char	*hint;		/* static: advice; NULL: none */
	/* The process that has an address in use; "" if it is not known. */
	char		 holder[48];
};

/*
 * Fills an error, without why, proxy, distrust, hint and holder. The object is
 * formatted as by printf(3), and cut to fit.
 */
void	error_set(struct error *, int num, const char *op, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));
/* Returns the reason as text. */
const char	*error_reason(const struct error *);
/*
 * As strerror(3), of errno, or gai_strerror(3), of EAI_*, which are negative,
 * the same with every C library: scripts look for texts of glibc. Static, or
 * valid until the next call.
 */
const char	*reason_text(int);

/* The classes of errno, of which all rooms ask this table. */
enum {
	/* ICMP reports on an earlier datagram: the socket is sound. */
	ERRCLASS_REPORT = 1 << 0,
	/* The peer of a datagram socket has closed or reconnected. */
	ERRCLASS_RESET = 1 << 1,
	/* The path of a Unix socket was removed. */
	ERRCLASS_GONE = 1 << 2,
	/* The connection died before accept(2) returned the socket. */
	ERRCLASS_ACCEPT = 1 << 3,
	/* A resource is short, and may become available again. */
	ERRCLASS_SHORT = 1 << 4
};

/* True if errno is of any of these classes. */
bool	errclass_is(int num, unsigned classes);

/*
 * A sandbox is on: the first error from now on that may come from it is
 * explained in a line of its own, after the next message. off: how to run
 * without the sandbox, static.
 */
void	diag_confined(const char *off);

/* level: number of -v. The name is not copied. */
void	diag_init(const char *progname, int level);
const char	*diag_name(void);
/*
 * Gives messages to fn, without the program's name and the LF, while another
 * part of the program writes on the terminal: of UTF-8, and as inert as on
 * standard error, where all is ASCII. NULL: standard error again.
 */
void	diag_redirect(void (*fn)(void *arg, const char *text), void *arg);
bool	diag_is_redirected(void);

/*
 * Calls fn before and after each message on standard error, so that a part of
 * the program that draws there can make room. NULL: no more.
 */
void	diag_around(void (*fn)(void *arg, bool after), void *arg);

/* Standard error was closed when the program began. */
void	diag_no_stderr(void);
/* Whether the last message could not be written whole. */
bool	diag_was_lost(void);

/*
 * Drops each line that standard error does not take at once. For a program
 * that has to end in time.
 */
void	diag_never_wait(void);

/* "NAME: message" */
void	diag_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "NAME: OP OBJECT failed: REASON (HINT)" */
void	diag_error(const struct error *);
/* "message" */
void	diag_plain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * An inert line, written as it is, however long. On
 * standard error even while messages go elsewhere, unless that is a terminal.
 */
void	diag_line(const char *);
/* "NAME: message", from -vvv on. */
void	diag_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool	diag_tracing(void);

#endif

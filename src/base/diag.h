/*
 * Messages to the user: one line, one write(2), on standard error, behind
 * the program's name. Only main, the modes and the voices speak; everything
 * below them returns a struct error.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/proxy.h"

/* What failed, on what, and why; made where it happened, worded once. */
struct error {
	const char	*op;		/* static: "connect to", "write to" */
	char		 object[192];	/* "192.0.2.1 port 80 (tcp)" */
	int		 num;		/* errno; 0: no error */
	int		 gai;		/* EAI_*, or 0 when errno tells */
	char		 why[192];	/* a reason beyond errno; or "" */
	struct proxy_error proxy;	/* of a proxy; fault PROXY_FINE: none */
	const char	*hint;		/* static: what may help; NULL: none */
};

/* Fill an error. The object is formatted as by snprintf(3), cut to fit. */
void	error_set(struct error *, int num, const char *op, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));
/* The reason alone, in words. */
const char	*error_reason(const struct error *);

/* Name and level come first. The name must outlive the program. */
void	diag_init(const char *progname, int level);
const char	*diag_name(void);
/*
 * Messages go to fn from now on, without the program's name and the newline:
 * somebody else writes on the terminal too. NULL: to standard error again.
 */
void	diag_redirect(void (*fn)(void *arg, const char *text), void *arg);
bool	diag_is_redirected(void);

/*
 * From now on nobody waits for standard error: a line that it does not take
 * at once is dropped. For a program that has to end in time.
 */
void	diag_never_wait(void);

/* "NAME: message" */
void	diag_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "NAME: OP OBJECT failed: REASON (HINT)" */
void	diag_error(const struct error *);
/* The message alone, for tools that print no name; adds the newline. */
void	diag_plain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As diag_warnx, only from -vvv on. */
void	diag_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool	diag_tracing(void);

#endif

/*
 * Messages to the user: one line, one write(2), on standard error, after the
 * program's name. main, modes and message/ print; everything below them
 * returns a struct error.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/proxy.h"

/* A failed operation, filled where it failed, and worded in message/. */
struct error {
	const char	*op;		/* static: "connect to", "write to" */
	char		 object[192];	/* "192.0.2.1 port 80 (tcp)" */
	int		 num;		/* errno; 0: no error */
	int		 gai;		/* EAI_*; 0: num is the reason */
	char		 why[192];	/* a reason beyond errno; or "" */
	struct proxy_error proxy;	/* fault PROXY_FINE: none */
	const char	*hint;		/* static: what may help; NULL: none */
};

/* Fills an error. The object is formatted as by snprintf(3), and cut. */
void	error_set(struct error *, int num, const char *op, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));
/* Returns the text of the reason. */
const char	*error_reason(const struct error *);

/* Sets the name, which is not copied, and the level of -v. */
void	diag_init(const char *progname, int level);
const char	*diag_name(void);
/*
 * Messages go to fn, without the program's name and the newline, because a
 * console draws on the terminal. NULL: to standard error again.
 */
void	diag_redirect(void (*fn)(void *arg, const char *text), void *arg);
bool	diag_is_redirected(void);

/*
 * From now on a line that standard error does not take at once is dropped:
 * the program has to end in time.
 */
void	diag_never_wait(void);

/* "NAME: message" */
void	diag_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "NAME: OP OBJECT failed: REASON (HINT)" */
void	diag_error(const struct error *);
/* The message without a name. */
void	diag_plain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As diag_warnx, only from -vvv on. */
void	diag_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool	diag_tracing(void);

#endif

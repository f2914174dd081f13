/*
 * A password from a file.
 *
 * Law: how long a comparison takes does not depend on the password.
 */
#ifndef CHAT_PASSWORD_H
#define CHAT_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/* The longest one. */
#define PASSWORD_MAX	255

struct password {
	unsigned char	text[PASSWORD_MAX + 1];	/* and zeros */
	size_t		len;		/* 0: none */
};

/*
 * The first line of the file, without its end. NULL, or what is wrong: errno
 * tells where that is "".
 */
const char	*password_read(struct password *, const char *path);
bool		 password_is(const struct password *, const void *,
		    size_t len);
void		 password_forget(struct password *);

#endif

/*
 * A password from a file.
 *
 * Law: how long a comparison takes does not depend on the password.
 */
#ifndef CHAT_PASSWORD_H
#define CHAT_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest password. */
#define PASSWORD_MAX	255

struct password {
	unsigned char	text[PASSWORD_MAX + 1];	/* filled up with zeros */
	size_t		len;		/* 0: none */
};

/*
 * Reads the first line of the file, without its LF or CR LF. Returns NULL, or
 * what is wrong; "": errno says it.
 */
const char	*password_read(struct password *, const char *path);
bool		 password_is(const struct password *, const void *,
		    size_t len);
void		 password_forget(struct password *);

#endif

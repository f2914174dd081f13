/*
 * The messages of SOCKS as a server reads and writes them: version 4 and 4a,
 * version 5 (RFC 1928) with user and password (RFC 1929). Pure.
 *
 * Law: no message is longer than its texts of SOCKS_NAME_MAX bytes allow.
 */
#ifndef SERVE_PROXY_SOCKS_H
#define SERVE_PROXY_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"

/* The longest user, password or host. */
#define SOCKS_NAME_MAX	255

enum socks_command { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_UDP = 3 };

/* The replies of SOCKS 5 (RFC 1928, section 6). */
enum socks_reply {
	SOCKS_GRANTED = 0,
	SOCKS_FAILED = 1,
	SOCKS_DENIED = 2,
	SOCKS_NET_UNREACHABLE = 3,
	SOCKS_HOST_UNREACHABLE = 4,
	SOCKS_REFUSED = 5,
	SOCKS_NO_COMMAND = 7,
	SOCKS_NO_ADDRESS_TYPE = 8
};

enum socks_method {
	SOCKS_OPEN = 0, SOCKS_PASSWORD = 2, SOCKS_NO_METHOD = 0xff
};

/* The outcome of reading a message: bytes, or one of these. */
#define SOCKS_MORE	0	/* the message has not ended */
#define SOCKS_BAD	(-1)	/* not a message of this version */

struct socks_request {
	unsigned	command;
	char		host[SOCKS_NAME_MAX + 1];	/* name or number */
	unsigned	port;
	bool		no_type;	/* an unknown type of address */
};

/* Version 4 and 4a, from the first byte. */
int	socks4_request(struct socks_request *, const unsigned char *,
	    size_t n);
/* 0x5a or 0x5b. */
void	socks4_reply(struct buf *, bool granted);

/* The methods that a client offers; *method: the one to take. */
int	socks5_greeting(const unsigned char *, size_t n, bool password,
	    enum socks_method *method);
/* The user and the password, which have no NUL at the end. */
struct socks_login {
	const unsigned char	*user, *password;
	size_t			 user_len, password_len;
};
int	socks5_login(struct socks_login *, const unsigned char *, size_t n);
int	socks5_request(struct socks_request *, const unsigned char *,
	    size_t n);
/* bound: the address of the connection; NULL: not known. */
void	socks5_reply(struct buf *, enum socks_reply, const struct addr *bound);

/*
 * The header of a datagram (RFC 1928, section 7). Returns its length;
 * SOCKS_BAD: drop the datagram, as those that are fragments.
 */
int	socks5_datagram(struct socks_request *, const unsigned char *,
	    size_t n);
void	socks5_datagram_head(struct buf *, const struct addr *from);

#endif

/*
 * Proxies: their kinds, options, requests and faults. The plan holds the
 * options, layers do the handshake, messages word the faults.
 *
 * Law: nothing here touches the network or keeps a secret.
 */
#ifndef BASE_PROXY_H
#define BASE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proxy_kind { PROXY_NONE, PROXY_SOCKS4, PROXY_SOCKS5, PROXY_HTTP };

/* The step of the handshake that failed. */
enum proxy_step { PROXY_GREETING, PROXY_LOGIN, PROXY_REQUEST, PROXY_REST };

enum proxy_fault {
	PROXY_FINE,
	PROXY_READ,		/* errno 0: the proxy has closed */
	PROXY_WRITE,
	PROXY_LATE,		/* no answer within the time */
	PROXY_VERSION,		/* another version: code */
	PROXY_NO_METHOD,	/* no offered login is accepted */
	PROXY_ODD_METHOD,	/* a login is wanted that was not offered */
	PROXY_REFUSED,		/* SOCKS: code is the reason */
	PROXY_ADDRESS,		/* SOCKS: unknown type of address: code */
	PROXY_STATUS,		/* HTTP: code; why is the status line */
	PROXY_LONG,		/* HTTP: the header does not end */
	PROXY_NO_SCHEME,	/* HTTP: no known kind of login */
	PROXY_DENIED,		/* wrong user or password */
	PROXY_PASSWORD,		/* a password is wanted, and there is none */
	PROXY_TRIES,		/* too many wrong passwords */
	PROXY_AGAIN		/* ask once more over a new connection */
};

/* A failure with a proxy; PROXY_FINE: there is none. */
struct proxy_error {
	enum proxy_fault	 fault;
	enum proxy_kind		 kind;
	enum proxy_step		 step;
	unsigned		 code;
	unsigned		 got, want;	/* bytes of a message */
};

/* A user and password. */
struct proxy_login {
	const char	*user;		/* not NUL-terminated; NULL: no login */
	size_t		 len;		/* of user */
	const char	*password;	/* NULL: not known */
	bool		 bare;		/* Basic sends the user alone, without
					   a colon */
};

/* Which side looks up the name of the host that a proxy is to connect to. */
enum proxy_dns {
	DNS_REMOTE,		/* the proxy */
	DNS_LOCAL,		/* this program */
	DNS_BOTH,		/* this program, or else the proxy */
	DNS_NONE		/* neither: the host is a number */
};

/* -x, --proxy and the options that go with them. */
struct proxy_options {
	enum proxy_kind		 kind;	/* PROXY_NONE: connect directly */
	const char		*word;	/* the argument as written */
	const char		*host;
	const char		*port;	/* a service or number */
	struct proxy_login	 login;
	const char		*login_file;	/* has the login; or NULL */
	char			*secret;	/* owned: memory of the login */
	bool			 asks;	/* for the password, if not given and
					   the proxy wants a password */
	enum proxy_dns		 dns;
	bool			 any_2xx; /* HTTP: each 2xx status is a yes */
	int64_t			 timeout; /* ns, from the start of connecting
					     to the proxy's yes; -1: none */
	char			*cut;	/* owned: the word, cut in two */
};

struct addr;

/* A request to a proxy of any kind; must outlive the layer. */
struct proxy_request {
	enum proxy_kind		 kind;
	const char		*host;
	const struct addr	*addr;	/* of the host; NULL: by name */
	unsigned		 port;
	bool			 any_2xx; /* HTTP: each 2xx status is a yes */
	const struct proxy_login *login;
};

/* The longest name, user or password that SOCKS can carry. */
#define PROXY_NAME_MAX	255
/* The longest user or password for HTTP. */
#define PROXY_LOGIN_MAX	1023

enum proxy_name { PROXY_NAME_FINE, PROXY_NAME_LONG, PROXY_NAME_BAD };

/* Checks a host that the proxy is to look up. */
enum proxy_name	 proxy_name(const char *host);
/* Checks whether a proxy of this kind can be sent this login. */
enum proxy_name	 proxy_login(enum proxy_kind, const struct proxy_login *);
/* "SOCKS 5" */
const char	*proxy_kind_name(enum proxy_kind);

#endif

/*
 * What is known of proxies everywhere: their kinds, what is asked of one,
 * and what can go wrong with it. The plan says which, layers talk to it,
 * voices word what became of it.
 *
 * Law: nothing here touches the network, and no secret is kept here.
 */
#ifndef BASE_PROXY_H
#define BASE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proxy_kind { PROXY_NONE, PROXY_SOCKS4, PROXY_SOCKS5, PROXY_HTTP };

/* What was being said when it went wrong. */
enum proxy_step { PROXY_GREETING, PROXY_LOGIN, PROXY_REQUEST, PROXY_REST };

enum proxy_fault {
	PROXY_FINE,
	PROXY_READ,		/* errno; or, with none, it has closed */
	PROXY_WRITE,
	PROXY_LATE,		/* no answer within the time */
	PROXY_VERSION,		/* it speaks another version */
	PROXY_NO_METHOD,	/* it takes no login that was offered */
	PROXY_ODD_METHOD,	/* it wants one that was not offered */
	PROXY_REFUSED,		/* SOCKS: code tells why */
	PROXY_ADDRESS,		/* SOCKS: no such type of address: code */
	PROXY_STATUS,		/* HTTP: code; the line is the reason */
	PROXY_LONG,		/* HTTP: the header does not end */
	PROXY_NO_SCHEME,	/* HTTP: no login of a kind that is known */
	PROXY_DENIED,		/* wrong user or password */
	PROXY_PASSWORD,		/* it wants a password, and there is none */
	PROXY_TRIES,		/* too many wrong ones */
	PROXY_AGAIN		/* ask once more over a new connection */
};

/* What went wrong; PROXY_FINE: nothing that is about a proxy. */
struct proxy_error {
	enum proxy_fault	 fault;
	enum proxy_kind		 kind;
	enum proxy_step		 step;
	unsigned		 code;
	unsigned		 got, want;	/* bytes of a message */
};

/* Who asks. */
struct proxy_login {
	const char	*user;		/* NULL: nobody in particular */
	size_t		 len;		/* of it */
	const char	*password;	/* NULL: none is known */
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
	const char		*word;	/* as the user wrote it */
	const char		*host;
	const char		*port;	/* a service or number */
	struct proxy_login	 login;
	bool			 asks;	/* for the password, if there is none
					   and the proxy wants it */
	enum proxy_dns		 dns;
	bool			 any_2xx; /* HTTP: each 2xx status is a yes */
	int64_t			 timeout; /* ns, from the start of connecting
					     to the proxy's yes; -1: none */
	char			*cut;	/* owned: the word, cut in two */
};

/* The longest name, user or password that SOCKS can carry. */
#define PROXY_NAME_MAX	255
/* ... and of a user or password for HTTP. */
#define PROXY_LOGIN_MAX	1023

/* How a name that the proxy shall look up can be wrong. */
enum proxy_name { PROXY_NAME_FINE, PROXY_NAME_LONG, PROXY_NAME_BAD };

/* Can this host be asked for by name? */
enum proxy_name	 proxy_name(const char *host);
/* Can this user, and this password, be sent? */
enum proxy_name	 proxy_login(enum proxy_kind, const struct proxy_login *);
/* "SOCKS 5" */
const char	*proxy_kind_name(enum proxy_kind);

#endif

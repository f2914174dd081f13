/*
 * The texts of a personality: rows, of which the first that fits an event is
 * printed. Used inside message/ only.
 *
 * Law: a message never waits for the network. Names of addresses come from
 * the hosts file or not at all, names of ports from the services file.
 */
#ifndef MESSAGE_ROWS_H
#define MESSAGE_ROWS_H

#include "message/messages.h"
#include "plan/plan.h"

/* Facts about an event, by which rows are chosen. */
enum fact {
	/* The plan. */
	FACT_DGRAM, FACT_NUMERIC, FACT_LISTEN, FACT_SCAN, FACT_PROXY,
	FACT_PORTS, FACT_TLS, FACT_ONE_PORT, FACT_SEVERAL, FACT_CHATS,
	FACT_MUTE_CHAT,		/* without -v, and no person sees messages */
	FACT_QUIET,		/* -z without -v */
	FACT_V1, FACT_V2,	/* -v, -vv */
	FACT_LOUD,		/* -v, or no scan */
	FACT_LOUDER,		/* -v, or the last address; with -z, -vv, or
				   -v and the last address */
	FACT_WARNS_LIMIT, FACT_KEEP_OPEN,
	/* The call that failed, and the reason. */
	FACT_CALL,		/* set, read or join */
	FACT_SET, FACT_READ, FACT_BIND, FACT_SOCKET, FACT_ROUTE,
	FACT_HANDSHAKE, FACT_OBJECT, FACT_OPTION, FACT_ROUTE_OPTION,
	FACT_FAILED, FACT_LATE, FACT_TIMED, FACT_REFUSED, FACT_IN_USE,
	FACT_OTHER_FAMILY, FACT_DISTRUST, FACT_WRONG_NAME, FACT_OTHER_NAME,
	/* The proxy. */
	FACT_FAULT, FACT_IO, FACT_CLOSED, FACT_WANT, FACT_SOCKS4, FACT_SOCKS5,
	FACT_HTTP, FACT_SAYS_NO, FACT_NO_LOGIN, FACT_THERE, FACT_AGREED,
	FACT_ASKS_NAME, FACT_PROXY_TARGET,
	/* The event. */
	FACT_UNIX, FACT_LOCAL_UNIX, FACT_ANONYMOUS, FACT_ANY, FACT_NO_ADDR,
	FACT_LAST, FACT_PASSIVE, FACT_HOST, FACT_ONE, FACT_FILE,
	FACT_PLAIN, FACT_CERT, FACT_INSECURE, FACT_TLS_SERVER,
	FACT_COUNT
};
_Static_assert(FACT_COUNT <= 64, "facts");

#define IF(name)	(UINT64_C(1) << FACT_##name)
#define ON(name)	.event = EVENT_##name

/* The program does not fail by the event. */
#define STATUS_OK	(-1)

/*
 * A row has no pointers, which each start would have to relocate. In a text,
 * {PLACE} stands for a value; a line after ~ lacks the program's name.
 */
struct message {
	uint64_t	 when, unless;	/* facts that must hold, or must not */
	enum message_event	 event : 8;
	unsigned	 code : 8;	/* of the fault; 0: any */
	unsigned	 level : 4;	/* the number of -v, to be printed */
	unsigned	 more : 1;	/* 1: rows after this may fit, too */
	int		 status : 8;	/* 0: 1 of an event that fails */
	char		 text[152];
};

#define ROWS(array)	.rows = (array), \
			.nrows = sizeof(array) / sizeof((array)[0])

#define WHAT_FAILED	"{what} failed: {why}{advice}"

/* Where a personality has no row of an event, these are looked at. */
extern const struct message	messages_shared[];
extern const size_t		messages_nshared;

/* Advice after a reason: the code of rows of EVENT_HINT. */
enum hint {
	HINT_NONE, HINT_NUMERIC, HINT_NUMBERS, HINT_PATH, HINT_ABSTRACT,
	HINT_PORT, HINT_BROADCAST, HINT_TLS, HINT_HOLDER, HINT_BUFFER
};

/* The code of rows of EVENT_SCANNED: the best of the ports. */
enum scan_code {
	SCAN_OPEN = 1, SCAN_SILENT, SCAN_BROKEN, SCAN_CLOSED
};

/* An event while it is reported; t and e are never NULL. */
struct say {
	const struct plan	*p;
	const struct report	*r;
	enum message_event		 event;
	unsigned		 code;	/* that the code of a row must be */
	const struct target	*t;
	const struct error	*e;
	int			 num;	/* errno of the failure; 0: none */
	uint64_t		 facts;
	struct addr		 peer, local;
};

/*
 * A part of a message, returned by value: the text of messages_host(a).s is
 * valid until the end of the statement (C11 6.2.4). Longer texts are cut.
 */
struct shown {
	char	s[512];
};

/* Returns the number of an address, or the path of a Unix socket. */
struct shown	messages_host(const struct addr *);
/* Returns the name in the hosts file; otherwise, the given text. */
struct shown	messages_hosts_name(const struct addr *, const char *otherwise);
bool		messages_is_unix(const struct addr *);
/* Returns whether the host is the target that the proxy connects to. */
bool		messages_is_proxy_target(const struct plan *, const char *host);
/* Returns how OpenBSD's nc words setting the option; NULL: not at all. */
const char	*messages_option(const char *name);
/* Returns whether an operation failed. */
bool		messages_is_bad(const struct error *);

/* Returns the value of a place; NULL: no such place, or no value. */
const char	*messages_value(const struct say *, const char *place,
		    struct shown *buf);
/* Returns the advice about a failure. */
enum hint	messages_hint(const struct say *);

/* Prints the error with "(N bytes lost)", if any were. */
void	messages_failure(const struct error *, uint64_t lost);
/* Prints how many bytes were lost without an error. */
void	messages_losses(const struct plan *, uint64_t out, uint64_t in);
/* Prints that the time limit ended the session, if so; returns 1 then. */
int	messages_total(const struct outcome *);

#endif

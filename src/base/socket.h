/*
 * Options of sockets and rules for peers. The plan embeds these structs, and
 * net/ obeys them; net/ does not know the plan.
 */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"

/* The argument of socket(2) that makes a peer's socket, beside the family. */
struct socket_kind {
	int		 type;		/* SOCK_* */
	int		 protocol;	/* 0: the type's default */
	const char	*name;		/* in messages: "tcp", "unix" */
	bool		 has_ports;	/* addresses have a port */
};

/* How many datagrams the kernel has dropped before they could be read. */
struct dgram_drops {
	uint64_t	 n;
	bool		 at_least;	/* joined datagrams (fd_join) are
					   counted as one */
};

/* The addresses that a wildcard of family AF_UNSPEC becomes. */
enum resolve_wildcard {
	WILDCARD_INET6,		/* :: alone, which serves both families */
	WILDCARD_INET,		/* 0.0.0.0 alone */
	WILDCARD_BOTH		/* :: first, then 0.0.0.0 */
};

/* The type of a socket option's value. */
enum sockopt_kind {
	SOCKOPT_FLAG,		/* 0, 1, off, on; no value: on */
	SOCKOPT_NUMBER,
	SOCKOPT_BIG_ENDIAN,	/* a number in network order */
	SOCKOPT_SECONDS,	/* a time, in whole seconds */
	SOCKOPT_MSECS,		/* a time, in milliseconds */
	SOCKOPT_LINGER,		/* seconds, as a struct linger; or off */
	SOCKOPT_TEXT
};

enum sockopt_when {
	SOCKOPT_ANY,		/* connecting and listening sockets; accepted
				   sockets inherit the option */
	SOCKOPT_LISTENER	/* listeners alone */
};

/* The sockets that have the option. */
enum sockopt_of {
	SOCKOPT_ALL, SOCKOPT_INET, SOCKOPT_IP, SOCKOPT_IPV6, SOCKOPT_TCP,
	SOCKOPT_DCCP
};

/*
 * The type of service of a chat that calls, by which a chat that is called
 * knows it: a codepoint for local use (RFC 2474 section 6, pool 2), which
 * routers may clear, and no other program is known to use.
 */
#define CHAT_TOS	(0x13 << 2)

/* A socket option that users may name. */
/* Without pointers, so that no start has to relocate the rows. */
struct sockopt_row {
	char			 name[32];	/* "TCP_NODELAY" */
	int			 level, num;	/* of setsockopt(2) */
	enum sockopt_kind	 kind;
	long long		 min, max;	/* of text: the length */
	enum sockopt_of		 of;
	enum sockopt_when	 when;
	char			 help[48];
};

/* An argument of --sockopt. */
struct sockopt_value {
	const struct sockopt_row *row;
	int			 value;	/* -1 of SO_LINGER: off */
	const char		*text;	/* as the user wrote the value */
};

/* A multicast group that a socket hears: [SOURCE@]GROUP[%IF]. */
struct mcast_join {
	struct addr	 group, source;	/* source.len 0: any source */
	const char	*interface;	/* name, number or address; NULL: that
					   of mcast_options */
	const char	*word;		/* the argument as written */
};

enum mcast_loop { MCAST_LOOP_OFF, MCAST_LOOP_ON, MCAST_LOOP_LEAVE };

/* Options of multicast. */
struct mcast_options {
	struct mcast_join *joins;	/* owned by the plan: --join */
	size_t		 njoins;
	int		 ttl;		/* -1: leave */
	enum mcast_loop	 loop;		/* whether this host hears, too */
	const char	*interface;	/* by which to send, and to join; NULL:
					   that of the route to the group */
};

/* Of sockopt_set's keepalive: the system's times, as a rule two hours. */
#define KEEPALIVE_BY_SYSTEM	(-1)
#define KEEPALIVE_DEFAULT	60
/* The largest value of TCP_KEEPIDLE. */
#define KEEPALIVE_MAX		32767

/* Options of all sockets to peers. */
struct sockopt_set {
	bool	debug;			/* -D: SO_DEBUG */
	bool	broadcast;		/* -b */
	int	keepalive;		/* s of silence before the first probe
					   of TCP; 0: none; KEEPALIVE_* */
	bool	keepalive_given;	/* by the user */
	bool	gives_up;		/* the time of all probes also limits
					   what is not acknowledged */
	int	rcvbuf, sndbuf;		/* -I, -O: bytes; 0: leave */
	int	tos;			/* -T: 0 to 255; -1: leave */
	int	ttl, min_ttl;		/* -M, -m: -1: leave */
	int	backlog;		/* of listen(2); -1: SOMAXCONN */
	bool	md5;			/* -S: RFC 2385; asks for the secret */
	bool	oob_inline;		/* urgent data stays in the stream */
	bool	reuseport;		/* of listeners */
	bool	shuts_dgrams;		/* datagrams: the end of sending is a
					   shutdown(2), too */
	bool	replaces_empty;		/* Unix: an empty file at the path is
					   removed */
	struct sockopt_value *named;	/* owned by the plan: --sockopt */
	size_t	nnamed;
	struct mcast_options mcast;
};

/* An argument that names a port or a range of ports. */
struct port_range {
	uint16_t	 lo, hi;	/* lo <= hi */
	const char	*word;		/* the argument as written */
};

/* --allow, --deny and their files; a peer must pass all of them. */
struct access_rule {
	bool		 deny;
	bool		 file;		/* spec names a file of specs */
	const char	*spec;
};

/* --allow-target, --deny-target: where clients of a proxy server may go. */
struct target_rule {
	bool		 deny;
	const char	*host;		/* a name, an address, a network */
	uint16_t	 lo, hi;	/* ports: lo <= hi */
};

enum access_fault {
	ACCESS_FINE,
	ACCESS_FILE,		/* the file cannot be read: err */
	ACCESS_NAME,		/* the name cannot be looked up: err */
	ACCESS_EMPTY,		/* there is no word */
	ACCESS_WORD,		/* neither an address nor a name */
	ACCESS_SHORT,		/* 10.0.0, or octal: ambiguous */
	ACCESS_MASK,		/* no number after the slash */
	ACCESS_BITS,		/* too large a number after the slash */
	ACCESS_SYSTEM		/* no memory, and similar: err */
};

/* Why the access rules cannot be used. */
struct access_error {
	enum access_fault	 fault;
	const struct access_rule *rule;	/* NULL: traditional's operand */
	unsigned		 line;	/* of the file */
	char			 word[256]; /* "10.0.0.0/40" */
	unsigned		 most;	/* ACCESS_BITS: the largest number */
	bool			 plain;	/* of an address, not of a name or
					   a range */
	struct error		 err;
};

/*
 * With fewer places than these, clients of a server take turns as they come and
 * go: silence alone makes none give way. See door/places.h.
 */
#define PLACES_FEW	8

#endif

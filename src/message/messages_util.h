/*
 * Functions that several tables of messages share: texts for addresses, hosts
 * and services, and the events that several personalities report alike.
 *
 * Law: a message never waits for the network. Names of addresses come from
 * the hosts file or not at all, names of ports from the services file.
 */
#ifndef MESSAGE_MESSAGES_UTIL_H
#define MESSAGE_MESSAGES_UTIL_H

#include "message/messages.h"
#include "plan/plan.h"

/*
 * A part of a message, returned by value: the text of messages_host(a).s is
 * valid until the end of the statement (C11 6.2.4). Longer texts are cut.
 */
struct shown {
	char	s[512];
};

/* Codes of SOCKS 5 (RFC 1928 section 6) and 4 that have a text. */
#define SOCKS5_CODES	9
#define SOCKS4_CODES	4

bool	messages_is_unix(const struct addr *);
/* Returns whether an operation failed. */
bool	messages_is_bad(const struct error *);

/* Returns the address; an IPv4-mapped address as IPv4. */
struct addr	messages_unmapped(const struct addr *);
/* Returns the number of an address, or the path of a Unix socket. */
struct shown	messages_host(const struct addr *);
/* Returns the name in the hosts file; otherwise, the given text. */
struct shown	messages_hosts_name(const struct addr *, const char *otherwise);
/* Returns the host as given, and the host's address if that differs. */
struct shown	messages_target(const struct target *);
/* Returns the path of the Unix socket. */
struct shown	messages_path(const struct target *);
/* Returns the port of a target; those of vsock have 32 bits. */
unsigned	messages_target_port(const struct target *);
/* Returns the name of the service of a port; NULL: none. */
const char	*messages_service(const struct plan *, unsigned port);

/* Returns whether the host is the target that the proxy connects to. */
bool		messages_is_proxy_target(const struct plan *, const char *host);
/* Returns the host to connect to: the proxy, if the plan has one. */
struct target	messages_dialled(const struct plan *, const struct target *);
/* Returns the target; with a proxy, the target's address is not known. */
struct target	messages_met(const struct plan *, const struct target *);
/* Returns the text of a SOCKS code; NULL: the code is not known. */
const char	*messages_socks(const struct proxy_error *,
		    const char *const five[SOCKS5_CODES],
		    const char *const four[SOCKS4_CODES]);

/* Returns whether the error is that of a TLS handshake. */
bool		messages_is_handshake(const struct error *);
/* Returns "SHA256:" and the hexadecimal fingerprint, as --tls-pin takes it. */
struct shown	messages_fingerprint(const struct tls_cert *);

/* Prints "NAME: OP OBJECT failed: REASON" and returns 1. */
int	messages_failed(const struct plan *, const struct error *);
/* Prints the same with "(N bytes lost)", if any were. */
void	messages_failure(const struct error *, uint64_t lost);
/* Prints how many bytes were lost without an error. */
void	messages_losses(const struct plan *, uint64_t out, uint64_t in);
/* Prints, at -v, that a client is not admitted; returns 1. */
int	messages_refused(const struct plan *, const struct addr *peer,
	    const struct addr *local);
/* Prints, at -v, the pause before the next try. */
void	messages_trying_again(const struct plan *, int64_t pause, int left);
/* Prints which rule cannot be used, and why; returns 1. */
int	messages_access_failed(const struct plan *,
	    const struct access_error *);
/* Prints that the time limit ended the session, if so; returns 1 then. */
int	messages_total(const struct outcome *);

/* The messages of OpenBSD's nc at -v. */
void	messages_bsd_connected(const struct plan *, const struct target *);
void	messages_bsd_listening(const struct plan *, const struct addr *);
void	messages_bsd_accepted(const struct plan *, const struct addr *peer,
	    const struct addr *local);

#endif

/*
 * What the tables of messages share: names of addresses and services as they
 * show them, and the events that the native messages word as nc.openbsd does.
 *
 * Law: a message never waits for the network. Names of addresses come from
 * the hosts file or not at all, names of ports from the services file.
 */
#ifndef MESSAGE_MESSAGES_UTIL_H
#define MESSAGE_MESSAGES_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "message/messages.h"
#include "plan/plan.h"

/* Room for "HOST (ADDRESS)"; longer hosts are cut. */
#define MESSAGES_TEXT_MAX	512

bool	messages_is_unix(const struct addr *);
/* The hosts file's name for an address; NULL when it has none. */
const char	*messages_hosts_name(const struct addr *, char *buf, size_t);
/* That name, unless -n forbids it, else the number or the path. */
const char	*messages_addr(const struct plan *, const struct addr *,
		    char *buf, size_t);
/* The name of a port; NULL when it has none. */
const char	*messages_service(const struct plan *, unsigned port);
/* The host as it was given, and its address where that differs. */
const char	*messages_target(const struct target *, char *buf, size_t);
/* " 80", or "" where there are no ports. */
const char	*messages_port(const struct plan *, unsigned port,
		    char buf[ADDR_PORT_MAX]);
/* The port of a target, which may have more bits than those of a scan. */
unsigned	 messages_target_port(const struct target *);
/* The path of a Unix socket. */
const char	*messages_path(const struct target *, char *buf, size_t);

/* "OP OBJECT failed: REASON (N bytes lost)" behind the name. */
void	messages_failure(const struct error *, uint64_t lost);
/* Bytes that were lost without an error; nothing if there were none. */
void	messages_losses(const char *name, uint64_t out, uint64_t in);
/* A peer that was too slow. */
void	messages_too_slow(const char *name, const char *peer, uint64_t lost);
void	messages_dropped(const struct plan *, const char *peer, uint64_t lost);
/* Whether this error happened at all. */
static inline bool
messages_bad(const struct error *e)
{
	return e->num != 0 || e->gai != 0;
}

/*
 * What went wrong with a proxy (voice_proxy.c); one line each. Of a name
 * that was looked up: is it that of the host behind it?
 */
bool	messages_is_proxy_target(const struct plan *, const char *host);
/* Where the dialling went: to the proxy, if there is one. */
struct target	messages_dialled(const struct plan *, const struct target *);
/* Who is there: of a host behind a proxy, no address is known. */
struct target	messages_met(const struct plan *, const struct target *);
/* It works, and says no to what was asked. */
bool	messages_is_refusal(const struct error *);
void	messages_native_proxy(const struct plan *, const struct target *,
	    const struct error *);
void	messages_openbsd_proxy(const struct error *, bool last);
void	messages_ncat_proxy(const struct plan *, const struct target *,
	    const struct error *);
void	messages_ncat_met(const struct plan *, const struct target *);

/*
 * The words of a chat: always said where a person sees them, otherwise at
 * -v.
 */
void	messages_chat_listening(const struct plan *, const struct addr *);
void	messages_chat_connected(const struct plan *, const struct target *);
void	messages_chat_accepted(const struct plan *, const struct addr *peer);
void	messages_chat_turned_away(const struct plan *, unsigned n);
void	messages_chat_left(const struct plan *, const char *peer);
/* Trying again, at -v; and the end of all time. */
void	messages_trying_again(const struct plan *, int64_t pause, int left);
int	messages_deadline(const struct plan *, const struct error *);
/* One line for a rule that is of no use. */
int	messages_access_failed(const struct plan *,
    const struct access_error *);

/* What some kinds of connections have beside. */
void	messages_multipath(const struct plan *, bool really);
void	messages_urgent(const struct plan *, unsigned char byte);

/* The words of OpenBSD's nc at -v; what the verbosity allows. */
void	messages_bsd_connected(const struct plan *, const struct target *);
void	messages_bsd_not_connected(const struct plan *, const struct target *,
	    int errnum);
void	messages_bsd_listening(const struct plan *, const struct addr *);
void	messages_bsd_accepted(const struct plan *, const struct addr *peer,
	    const struct addr *local);

#endif

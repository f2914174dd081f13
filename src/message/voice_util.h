/*
 * What the voices share: names of addresses and services as messages show
 * them, and the events that the native voice words as OpenBSD's nc does.
 *
 * Law: a message never waits for the network. Names of addresses come from
 * the hosts file or not at all, names of ports from the services file.
 */
#ifndef MESSAGE_VOICE_UTIL_H
#define MESSAGE_VOICE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "message/voice.h"
#include "plan/plan.h"

/* Room for "HOST (ADDRESS)"; longer hosts are cut. */
#define VOICE_TEXT_MAX	512

bool	voice_is_unix(const struct addr *);
/* The hosts file's name for an address; NULL when it has none. */
const char	*voice_hosts_name(const struct addr *, char *buf, size_t);
/* That name, unless -n forbids it, else the number or the path. */
const char	*voice_addr(const struct plan *, const struct addr *,
		    char *buf, size_t);
/* The name of a port; NULL when it has none. */
const char	*voice_service(const struct plan *, unsigned port);
/* The host as it was given, and its address where that differs. */
const char	*voice_target(const struct target *, char *buf, size_t);
/* " 80", or "" where there are no ports. */
const char	*voice_port(const struct plan *, unsigned port,
		    char buf[ADDR_PORT_MAX]);
/* The port of a target, which may have more bits than those of a scan. */
unsigned	 voice_target_port(const struct target *);
/* The path of a Unix socket. */
const char	*voice_path(const struct target *, char *buf, size_t);

/* "OP OBJECT failed: REASON (N bytes lost)" behind the name. */
void	voice_failure(const struct error *, uint64_t lost);
/* Bytes that were lost without an error; nothing if there were none. */
void	voice_losses(const char *name, uint64_t out, uint64_t in);
/* A peer that was too slow. */
void	voice_too_slow(const char *name, const char *peer, uint64_t lost);
void	voice_dropped(const struct plan *, const char *peer, uint64_t lost);
/* Whether this error happened at all. */
static inline bool
voice_bad(const struct error *e)
{
	return e->num != 0 || e->gai != 0;
}

/*
 * What went wrong with a proxy (voice_proxy.c); one line each. Of a name
 * that was looked up: is it that of the host behind it?
 */
bool	voice_is_goal(const struct plan *, const char *host);
/* Where the dialling went: to the proxy, if there is one. */
struct target	voice_dialled(const struct plan *, const struct target *);
/* Who is there: of a host behind a proxy, no address is known. */
struct target	voice_met(const struct plan *, const struct target *);
/* It works, and says no to what was asked. */
bool	voice_is_refusal(const struct error *);
void	voice_native_proxy(const struct plan *, const struct target *,
	    const struct error *);
void	voice_openbsd_proxy(const struct error *, bool last);
void	voice_ncat_proxy(const struct plan *, const struct target *,
	    const struct error *);
void	voice_ncat_met(const struct plan *, const struct target *);

/*
 * The words of a chat: always said where a person sees them, otherwise at
 * -v.
 */
void	voice_chat_listening(const struct plan *, const struct addr *);
void	voice_chat_connected(const struct plan *, const struct target *);
void	voice_chat_accepted(const struct plan *, const struct addr *peer);
void	voice_chat_turned_away(const struct plan *, unsigned n);
void	voice_chat_left(const struct plan *, const char *peer);
/* Trying again, at -v; and the end of all time. */
void	voice_trying_again(const struct plan *, int64_t pause, int left);
int	voice_deadline(const struct plan *, const struct error *);
/* One line for a rule that is of no use. */
int	voice_access_failed(const struct plan *, const struct access_slip *);

/* What is peculiar to some kinds of connections. */
void	voice_multipath(const struct plan *, bool really);
void	voice_urgent(const struct plan *, unsigned char byte);

/* The words of OpenBSD's nc at -v; what the verbosity allows. */
void	voice_bsd_connected(const struct plan *, const struct target *);
void	voice_bsd_not_connected(const struct plan *, const struct target *,
	    int errnum);
void	voice_bsd_listening(const struct plan *, const struct addr *);
void	voice_bsd_accepted(const struct plan *, const struct addr *peer,
	    const struct addr *local);

#endif

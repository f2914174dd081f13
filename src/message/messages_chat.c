#include <sys/types.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message/messages_util.h"

/*
 * The words of a chat, for two people one of whom reads them to the other.
 */

#define LIST_MAX	400

static bool
chat_words_tells(const struct plan *p)
{
	return p->verbose > 0 || diag_is_redirected() ||
	    isatty(STDERR_FILENO);
}

/* An address that somebody elsewhere can reach us at. */
static bool
chat_words_is_worth_telling(const struct plan *p, const struct ifaddrs *i,
    struct addr *a)
{
	int	family = i->ifa_addr == NULL ? 0 : i->ifa_addr->sa_family;
	size_t	len = family == AF_INET ? sizeof(a->u.in) :
	    sizeof(a->u.in6);

	if ((family != AF_INET && family != AF_INET6) ||
	    (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP) ||
	    (family == AF_INET6 && p->family == FAMILY_INET) ||
	    (family == AF_INET && p->family == FAMILY_INET6))
		return false;
	a->len = (socklen_t)len;
	memcpy(&a->u, i->ifa_addr, len);
	return true;
}

/* All of this machine's, with commas; "" when there is none. */
static void
chat_words_list_own(const struct plan *p, char list[LIST_MAX])
{
	struct ifaddrs	*all, *i;
	struct addr	 a;
	char		 host[ADDR_HOST_MAX];

	list[0] = '\0';
	if (getifaddrs(&all) == -1)
		return;
	for (i = all; i != NULL; i = i->ifa_next) {
		if (!chat_words_is_worth_telling(p, i, &a))
			continue;
		if (list[0] != '\0')
			(void)strlcat(list, ", ", LIST_MAX);
		(void)strlcat(list, addr_host(&a, host, sizeof(host)),
		    LIST_MAX);
	}
	freeifaddrs(all);
}

static bool
chat_words_is_any(const struct addr *a)
{
	return addr_family(a) == AF_INET ?
	    a->u.in.sin_addr.s_addr == htonl(INADDR_ANY) :
	    addr_family(a) == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr);
}

static const char *
chat_words_what(const struct plan *p)
{
	return p->near == PLAN_HUB ? "a room is open" :
	    "waiting for one peer";
}

void
messages_chat_listening(const struct plan *p, const struct addr *a)
{
	char	host[ADDR_HOST_MAX], own[LIST_MAX];

	if (!chat_words_tells(p))
		return;
	if (messages_is_unix(a)) {
		diag_warnx("%s at %s", chat_words_what(p),
		    addr_host(a, host, sizeof(host)));
		return;
	}
	if (!chat_words_is_any(a)) {
		diag_warnx("%s at %s port %u (%s)", chat_words_what(p),
		    addr_host(a, host, sizeof(host)), addr_port(a),
		    plan_proto(p));
		return;
	}
	diag_warnx("%s on port %u (%s)", chat_words_what(p), addr_port(a),
	    plan_proto(p));
	chat_words_list_own(p, own);
	if (own[0] != '\0')
		diag_warnx("this machine's addresses: %s", own);
	else
		diag_warnx("this machine has no address that others can "
		    "reach");
}

void
messages_chat_connected(const struct plan *p, const struct target *t)
{
	struct target	met = messages_met(p, t);
	char		text[MESSAGES_TEXT_MAX];

	if (!chat_words_tells(p))
		return;
	if (messages_is_unix(t->addr))
		diag_warnx("connected to %s",
		    messages_path(t, text, sizeof(text)));
	else
		diag_warnx("%s %s port %u (%s)", p->type == TYPE_DGRAM ?
		    "talking to" : "connected to",
		    messages_target(&met, text, sizeof(text)), t->port,
		    plan_proto(p));
}

void
messages_chat_accepted(const struct plan *p, const struct addr *peer)
{
	char	host[ADDR_HOST_MAX];

	if (!chat_words_tells(p))
		return;
	if (messages_is_unix(peer))
		diag_warnx("a peer is here");
	else
		diag_warnx("%s is here, from port %u",
		    addr_host(peer, host, sizeof(host)), addr_port(peer));
}

void
messages_chat_turned_away(const struct plan *p, unsigned n)
{
	if (chat_words_tells(p))
		diag_warnx("%u other%s wanted in and %s turned away", n,
		    n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

void
messages_chat_left(const struct plan *p, const char *peer)
{
	if (chat_words_tells(p))
		diag_warnx("%s has left", peer);
}

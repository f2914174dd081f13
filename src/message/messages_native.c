/*
 * The messages of sockcat itself. Successes are worded as by OpenBSD's nc,
 * because scripts match its lines, and are printed at -v only. A failure is
 * a single line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "base/diag.h"
#include "message/rows.h"

/* The exit status when datagrams were neither answered nor refused. */
#define NO_ANSWER	2

#define TARGET_FAILED	"connect to {far} failed: {sys}{hint}"

static const struct message native_rows[] = {
	{ ON(RESOLVE_FAILED),
	    .text = "look up {toproxy}{lookedup} failed: {why}{hint}" },

	/*
	 * The addresses before the last are shown at -v only. To a scan, a
	 * closed port is a result and no failure.
	 */
	{ ON(CONNECT_FAILED), .when = IF(FAULT) | IF(SAYS_NO),
	    .unless = IF(LOUD) },
	{ ON(CONNECT_FAILED), .when = IF(FAULT),
	    .text = "connect to {host} port {port} ({proto}) through {addr} "
	    "port {addrport} failed: {proxywhy}" },
	{ ON(CONNECT_FAILED), .when = IF(HANDSHAKE), .unless = IF(LOUD) },
	{ ON(CONNECT_FAILED), .when = IF(HANDSHAKE),
	    .text = "{op} {met} failed: {why}{hint}" },
	{ ON(CONNECT_FAILED), .when = IF(BIND),
	    .text = "{what} failed: {why}{hint}" },
	{ ON(CONNECT_FAILED), .when = IF(CALL), .text = WHAT_FAILED },
	{ ON(CONNECT_FAILED), .when = IF(LOUDER),
	    .text = "connect to {far} failed: {why}{hint}" },
	{ ON(CONNECT_FAILED) },

	{ ON(PROBED), .level = 1, .when = IF(FAILED), .text = TARGET_FAILED },
	{ ON(PROBED), .level = 1,
	    .text = "no answer from {dialled} port {port} ({proto})" },
	/* If no port could be asked, a status of 1 would mean closed. */
	{ ON(SCANNED), .code = SCAN_OPEN, .status = STATUS_OK },
	{ ON(SCANNED), .code = SCAN_SILENT, .when = IF(DGRAM),
	    .status = NO_ANSWER },
	{ ON(SCANNED), .code = SCAN_BROKEN, .unless = IF(V1),
	    .text = TARGET_FAILED },

	{ ON(LISTEN_FAILED), .when = IF(CALL), .text = WHAT_FAILED },
	{ ON(LISTEN_FAILED), .text = "listen on {far} failed: {why}{hint}" },

	/* Chats. */
	{ ON(LISTENING), .when = IF(CHATS) | IF(MUTE_CHAT) },
	{ ON(LISTENING), .when = IF(CHATS) | IF(LOCAL_UNIX),
	    .text = "{opens} at {local}" },
	{ ON(LISTENING), .when = IF(CHATS), .unless = IF(ANY),
	    .text = "{opens} at {local} port {lnum} ({proto})" },
	{ ON(LISTENING), .when = IF(CHATS),
	    .text = "{opens} on port {lnum} ({proto})\n{own}" },
	{ ON(CONNECTED), .when = IF(CHATS) | IF(MUTE_CHAT) },
	{ ON(CONNECTED), .when = IF(CHATS) | IF(UNIX),
	    .text = "connected to {path}" },
	{ ON(CONNECTED), .when = IF(CHATS) | IF(DGRAM),
	    .text = "talking to {reached} port {port} ({proto})" },
	{ ON(CONNECTED), .when = IF(CHATS),
	    .text = "connected to {reached} port {port} ({proto})" },
	{ ON(ACCEPTED), .when = IF(CHATS) | IF(MUTE_CHAT) },
	{ ON(ACCEPTED), .when = IF(CHATS) | IF(UNIX),
	    .text = "a peer is here" },
	{ ON(ACCEPTED), .when = IF(CHATS),
	    .text = "{peer} is here, from port {peerport}" },
	{ ON(TURNED_AWAY), .when = IF(MUTE_CHAT) },
	{ ON(TURNED_AWAY), .when = IF(ONE),
	    .text = "{n} other caller was turned away" },
	{ ON(TURNED_AWAY),
	    .text = "{n} other callers were turned away" },
	{ ON(LEFT), .unless = IF(MUTE_CHAT), .text = "{text} has left" },

	{ ON(RULED), .level = 2, .text = "the peer has ended; {rule}" },
	/* /dev/null on a terminal looks like a program that hangs. */
	{ ON(LOOKS), .level = 1, .when = IF(TIMED),
	    .text = "nothing to send: leave after {nullwait} s without data "
	    "from the peer, or when it ends (-w waits longer)" },
	{ ON(LOOKS), .level = 1,
	    .text = "nothing to send: leave when the peer ends" },
	{ ON(OVERRAN), .when = IF(ONE),
	    .text = "{drops} datagram was dropped by the kernel before it "
	    "could be read{hint}" },
	{ ON(OVERRAN),
	    .text = "{drops} datagrams were dropped by the kernel before they "
	    "could be read{hint}" },

	/* The peer, or what is called so, in a failure. */
	{ ON(FAR), .when = IF(UNIX), .text = "{path}" },
	{ ON(FAR), .unless = IF(PORTS), .text = "{dialled} ({proto})" },
	{ ON(FAR), .text = "{proxy}{dialled} port {dport} ({proto})" },

	{ ON(HINT), .code = HINT_NUMERIC,
	    .text = " (-n: numeric addresses only)" },
	{ ON(HINT), .code = HINT_NUMBERS,
	    .text = " (-l takes one port; the first of two numbers is an "
	    "address)" },
	{ ON(HINT), .code = HINT_PATH,
	    .text = " (a Unix socket's path has at most 107 bytes)" },
	{ ON(HINT), .code = HINT_ABSTRACT,
	    .text = " (a Unix socket's path has at most 108 bytes)" },
	{ ON(HINT), .code = HINT_PORT,
	    .text = " (a port below 1024 needs root or CAP_NET_BIND_SERVICE)" },
	{ ON(HINT), .code = HINT_BROADCAST,
	    .text = " (a broadcast address needs -b)" },
	{ ON(HINT), .code = HINT_TLS,
	    .text = " (is the peer a TLS server?)" },
	{ ON(HINT), .code = HINT_HOLDER, .text = " (by {holder})" },
	{ ON(HINT), .code = HINT_BUFFER, .text = " (a larger -I may help)" },

	/* Why a proxy does not connect. */
	{ ON(WHY), .when = IF(IO) | IF(CLOSED),
	    .text = "it closed the connection" },
	{ ON(WHY), .code = PROXY_READ, .text = "{sys}" },
	{ ON(WHY), .code = PROXY_WRITE, .text = "{sys}" },
	{ ON(WHY), .code = PROXY_VERSION,
	    .text = "it does not speak SOCKS {socksv}" },
	{ ON(WHY), .code = PROXY_NO_METHOD, .unless = IF(NO_LOGIN),
	    .text = "it takes no password" },
	{ ON(WHY), .code = PROXY_NO_METHOD,
	    .text = "it asks for a user name (-P, --proxy-auth)" },
	{ ON(WHY), .code = PROXY_ODD_METHOD, .when = IF(NO_LOGIN),
	    .text = "it asks for a user name (-P, --proxy-auth)" },
	{ ON(WHY), .code = PROXY_NO_SCHEME, .when = IF(NO_LOGIN),
	    .text = "it asks for a user name (-P, --proxy-auth)" },
	{ ON(WHY), .code = PROXY_ODD_METHOD,
	    .text = "it asks for an unknown kind of login" },
	{ ON(WHY), .code = PROXY_NO_SCHEME,
	    .text = "it asks for an unknown kind of login" },
	{ ON(WHY), .code = PROXY_REFUSED, .text = "{socks}" },
	{ ON(WHY), .code = PROXY_ADDRESS,
	    .text = "its reply has an address of no known type" },
	{ ON(WHY), .code = PROXY_STATUS, .unless = IF(SAYS_NO),
	    .text = "its reply is not HTTP{nohttp}" },
	{ ON(WHY), .code = PROXY_LONG,
	    .text = "the header of its reply does not end" },
	{ ON(WHY), .code = PROXY_DENIED, .text = "wrong user or password" },
	{ ON(WHY), .code = PROXY_PASSWORD,
	    .text = "it asks for a password (-P, --proxy-auth)" },
	{ ON(WHY), .code = PROXY_TRIES, .text = "too many wrong passwords" },
	/* The proxy's own text, or the system's. */
	{ ON(WHY), .text = "{why}" },

	/* RFC 1928 section 6, and the codes of SOCKS 4 from 91 on. */
	{ ON(SOCKS), .code = 1, .text = "it has failed" },
	{ ON(SOCKS), .code = 2, .text = "not allowed by its rules" },
	{ ON(SOCKS), .code = 3, .text = "network unreachable" },
	{ ON(SOCKS), .code = 4, .text = "host unreachable" },
	{ ON(SOCKS), .code = 5, .text = "connection refused" },
	{ ON(SOCKS), .code = 6, .text = "time to live expired" },
	{ ON(SOCKS), .code = 7, .text = "it does not know the command" },
	{ ON(SOCKS), .code = 8,
	    .text = "it does not know this type of address" },
	{ ON(SOCKS), .code = 91, .text = "refused or failed" },
	{ ON(SOCKS), .code = 92, .text = "it cannot ask identd here" },
	{ ON(SOCKS), .code = 93, .text = "identd here says another user" },
	{ ON(SOCKS), .text = "refused, for an unknown reason" }
};

/* ---- The end of a session ----------------------------------------------- */

/* ETIMEDOUT is no message of the peer: our system has given the peer up. */
static void
native_far_failure(const struct error *e, uint64_t lost)
{
	struct error told = *e;

	if (e->num == ETIMEDOUT && e->why[0] == '\0')
		(void)snprintf(told.why, sizeof(told.why),
		    "%s: the peer no longer answers", reason_text(e->num));
	messages_failure(&told, lost);
}

static void
native_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_is_bad(&o->near_read);
	bool bad_write = messages_is_bad(&o->near_write);

	if (bad_read && !o->near_warned)
		diag_error(&o->near_read);
	/* A reader that has what it wanted: a shell tells of no SIGPIPE. */
	if (bad_write && o->reader_left && p->verbose == 0)
		return;
	if (bad_write)
		messages_failure(&o->near_write, o->lost_in);
	else
		messages_losses(p, 0, o->lost_in);
}

static int
native_ended(const struct plan *p, const struct outcome *o)
{
	if (o->cause != SESSION_INTERRUPTED) {
		native_near_end(p, o);
		/* A reset fails both directions: a single line is printed. */
		if (messages_is_bad(&o->far_read) && !o->warned)
			native_far_failure(&o->far_read, o->lost_out);
		else if (messages_is_bad(&o->far_write))
			native_far_failure(&o->far_write, o->lost_out);
		else
			messages_losses(p, o->lost_out, 0);
	}
	if (o->silent)
		diag_warnx("nothing was exchanged: the peer has ended, and "
		    "standard input gave no data in time (-w waits longer)");
	if (o->unread)
		diag_warnx("left 'stdin' unread (the peer has gone)");
	(void)messages_total(o);
	if (p->verbose > 0 && o->dropped_out + o->dropped_in > 0)
		diag_warnx("dropped by request: %" PRIu64 " bytes to the peer, "
		    "%" PRIu64 " bytes from it", o->dropped_out,
		    o->dropped_in);
	if (p->verbose > 1)
		diag_warnx("sent %" PRIu64 ", received %" PRIu64
		    " bytes in %.3f seconds", o->sent, o->received,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return outcome_status(o);
}

const struct messages messages_native = {
	ROWS(native_rows), .temp_prefix = "sockcat",
	.tells_before_tls = true, .unmaps = true, .warns = true,
	.ended = native_ended
};

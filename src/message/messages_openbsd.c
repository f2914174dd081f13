/*
 * The messages of OpenBSD's nc, as Debian builds it: nothing about the
 * network without -v, and a line for each address with -v.
 */
#include <errno.h>
#include <netdb.h>

#include "message/rows.h"

#define LOOKUP_FAILED	"getaddrinfo for host \"{name}\" port "
/* A failed call before the socket is used, of whatever event. */
#define PREPARING(what) \
	{ ON(what), .when = IF(SET) | IF(OPTION), .text = "{option}{why}" }, \
	{ ON(what), .when = IF(SET), .text = WHAT_FAILED }, \
	{ ON(what), .when = IF(READ), .text = "Unable to read {object}" }
/*
 * If the time of -w has passed, the system is still trying: the tool prints
 * EINPROGRESS.
 */
#define NOT_CONNECTED(what) \
	{ ON(what), .when = IF(UNIX), .text = "{path}: {sys}" }, \
	{ ON(what), .level = 1, .when = IF(TIMED), \
	    .text = "connect to {dialled} port {dport} ({proto}) timed out: " \
	    "Operation now in progress" }, \
	{ ON(what), .level = 1, \
	    .text = "connect to {dialled} port {dport} ({proto}) failed: " \
	    "{sys}" }

static const struct message openbsd_rows[] = {
	{ ON(RESOLVE_FAILED), .when = IF(PROXY_TARGET),
	    .text = "getaddrinfo(\"{name}\", \"{lookup}\"): {why}" },
	{ ON(RESOLVE_FAILED), .when = IF(UNIX) | IF(HOST),
	    .unless = IF(PASSIVE), .text = "{name}: {why}" },
	{ ON(RESOLVE_FAILED), .when = IF(UNIX), .text = "{why}" },
	{ ON(RESOLVE_FAILED), .when = IF(PASSIVE),
	    .text = "getaddrinfo: {why}" },
	{ ON(RESOLVE_FAILED), .unless = IF(HOST),
	    .text = "getaddrinfo: {why}" },
	/* Of several ports, the tool looks up the first. */
	{ ON(RESOLVE_FAILED), .when = IF(SEVERAL),
	    .text = LOOKUP_FAILED "{first}: {why}" },
	{ ON(RESOLVE_FAILED), .text = LOOKUP_FAILED "{lookup}: {why}" },

	{ ON(CONNECT_FAILED), .when = IF(IO) | IF(HTTP),
	    .text = "proxy {rw}: {io}" },
	{ ON(CONNECT_FAILED), .when = IF(IO), .unless = IF(WANT),
	    .text = "read failed: {io}" },
	{ ON(CONNECT_FAILED), .when = IF(IO),
	    .text = "{rw} failed ({got}/{want}): {io}" },
	{ ON(CONNECT_FAILED), .code = PROXY_VERSION,
	    .text = "connection failed, not a SOCKSv{socksv} server" },
	{ ON(CONNECT_FAILED), .code = PROXY_REFUSED,
	    .text = "connection failed, SOCKSv{socksv} error: {socks}" },
	{ ON(CONNECT_FAILED), .code = PROXY_ADDRESS,
	    .text = "connection failed, unsupported address type" },
	{ ON(CONNECT_FAILED), .code = PROXY_LONG,
	    .text = "proxy read too long" },
	{ ON(CONNECT_FAILED), .code = PROXY_PASSWORD,
	    .text = "Unable to read proxy passphrase" },
	{ ON(CONNECT_FAILED), .code = PROXY_TRIES,
	    .text = "Too many authentication failures" },
	{ ON(CONNECT_FAILED), .when = IF(FAULT), .unless = IF(LAST),
	    .text = "~Proxy authentication failed" },
	{ ON(CONNECT_FAILED), .when = IF(FAULT) | IF(HTTP),
	    .text = "Proxy error: \"{line}\"" },
	{ ON(CONNECT_FAILED), .when = IF(FAULT),
	    .text = "authentication method negotiation failed" },
	{ ON(CONNECT_FAILED), .when = IF(BIND) | IF(OTHER_FAMILY),
	    .text = "getaddrinfo: Address family for hostname not supported" },
	{ ON(CONNECT_FAILED), .when = IF(BIND), .text = "bind failed: {sys}" },
	PREPARING(CONNECT_FAILED), NOT_CONNECTED(CONNECT_FAILED),

	/* Of datagram ports, a closed one is passed over. */
	{ ON(PROBED), .when = IF(DGRAM), .unless = IF(UNIX) },
	NOT_CONNECTED(PROBED),
	/* Of datagram ports, the last decides. */
	{ ON(SCANNED), .when = IF(DGRAM) | IF(LAST), .status = STATUS_OK },
	{ ON(SCANNED), .when = IF(DGRAM) },
	{ ON(SCANNED), .code = SCAN_OPEN, .status = STATUS_OK },

	PREPARING(LISTEN_FAILED),
	/* Of a failed bind(2), the errno is shown, not sockcat's reason. */
	{ ON(LISTEN_FAILED), .when = IF(BIND), .text = "{sys}" },
	{ ON(LISTEN_FAILED), .text = "{why}" },
	/* A receiver of datagrams from everybody names no sender. */
	{ ON(ACCEPTED), .when = IF(DGRAM) | IF(KEEP_OPEN) },
	{ ON(ACCEPT_TIMEOUT), .text = "no connection: {why}" },
	{ ON(PASS_FAILED), .text = "sendmsg: {why}" },
	{ ON(TAP_FAILED), .when = IF(OBJECT), .text = "{object}: {why}" },
	{ ON(TAP_FAILED), .text = "{op}: {why}" },
	{ ON(FAILED), .when = IF(OBJECT), .text = "{object}: {why}" },
	{ ON(FAILED), .text = "{op}: {why}" },

	{ ON(SOCKS), .code = 1, .text = "General SOCKS server failure" },
	{ ON(SOCKS), .code = 2, .text = "Connection not allowed by ruleset" },
	{ ON(SOCKS), .code = 3, .text = "Network unreachable" },
	{ ON(SOCKS), .code = 4, .text = "Host unreachable" },
	{ ON(SOCKS), .code = 5, .text = "Connection refused" },
	{ ON(SOCKS), .code = 6, .text = "TTL expired" },
	{ ON(SOCKS), .code = 7, .text = "Command not supported" },
	{ ON(SOCKS), .code = 8, .text = "Address type not supported" },
	{ ON(SOCKS), .code = 91, .text = "Request rejected or failed" },
	{ ON(SOCKS), .code = 92,
	    .text = "SOCKS server cannot connect to identd on the client" },
	{ ON(SOCKS), .code = 93,
	    .text = "Client program and identd report different user-ids" },
	{ ON(SOCKS), .text = "Unknown error" }
};

/* An error of the peer is no failure; bytes lost without an error are. */
static int
openbsd_ended(const struct plan *p, const struct outcome *o)
{
	bool far_bad = messages_is_bad(&o->far_read) ||
	    messages_is_bad(&o->far_write);
	bool near_bad = messages_is_bad(&o->near_write);
	/* Standard output as a closed pipe is a plain end. */
	int status = near_bad ? o->near_write.num != EPIPE : o->lost_in != 0;

	if (o->cause == SESSION_INTERRUPTED)
		return 1;
	if (near_bad && status != 0)
		messages_failure(&o->near_write, o->lost_in);
	else if (!near_bad)
		messages_losses(p, 0, o->lost_in);
	if (messages_is_bad(&o->near_read)) {
		diag_error(&o->near_read);
		status = 1;
	}
	/* The peer's bytes had a fault: a framed message, for example. */
	if (o->far_read.why[0] != '\0') {
		messages_failure(&o->far_read, o->lost_out);
		status = 1;
	}
	/* --reconnect is sockcat's own, and reports losses as sockcat does. */
	if (o->lost_out != 0 && (p->retry.reconnect || !far_bad)) {
		messages_losses(p, o->lost_out, 0);
		status = 1;
	}
	return messages_total(o) | status;
}

const struct messages messages_openbsd = {
	ROWS(openbsd_rows), .temp_prefix = "nc", .temp_dir = "/tmp",
	.silence_is_open = true, .shows_given = true,
	.ended = openbsd_ended
};

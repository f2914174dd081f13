/*
 * The messages of Nmap's ncat, version 7.93: every line begins with "Ncat: ",
 * a line after which the program ends at once ends with "QUITTING.", and
 * status 2 means that the fault is on this side.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>

#include "base/num.h"
#include "base/diag.h"
#include "message/rows.h"

#define NETWORK_FAULT	1
#define LOCAL_FAULT	2

#define FAILED_TEXT	"{what}: {why}. QUITTING."
#define LOOKUP_FAILED(what) \
	"Could not resolve " what " \"{name}\": {why}. QUITTING."
#define SHA1		"SHA-1 fingerprint: {sha1}"
/* Also where nothing is verified. */
#define DISTRUST \
	"Subject: {badsubject}\nIssuer: {badissuer}\n" \
	"SHA-1 fingerprint: {badsha1}\n" \
	"Certificate verification failed ({badwhy})."
#define FROM		"Connection from {plainpeer}."
/* A proxy is there; ncat prints these before the reply. */
#define PROXY_STEPS(what) \
	{ ON(what), .level = 1, .more = 1, .when = IF(THERE), \
	    .unless = IF(HTTP), \
	    .text = "Connected to proxy {addr}:{addrport}" }, \
	{ ON(what), .level = 1, .more = 1, .when = IF(ASKS_NAME), \
	    .text = "Host {host} will be resolved by the proxy." }, \
	{ ON(what), .level = 1, .more = 1, .when = IF(AGREED) | IF(SOCKS5), \
	    .text = "connection succeeded." }
#define ADMITTED(what) \
	{ ON(what), .level = 1, .more = 1, \
	    .when = IF(ANONYMOUS) | IF(LOCAL_UNIX), \
	    .text = "Connection from a client on Unix domain socket." }, \
	{ ON(what), .level = 1, .more = 1, \
	    .when = IF(LOCAL_UNIX), .unless = IF(ANONYMOUS), .text = FROM }, \
	{ ON(what), .level = 1, .more = 1, \
	    .unless = IF(LOCAL_UNIX) | IF(DGRAM), \
	    .text = FROM "\nConnection from {peeraddr}." }

static const struct message ncat_rows[] = {
	/* Scripts look for the first three words. */
	{ ON(BEGIN), .level = 1, .more = 1,
	    .text = "Version 7.93 (as spoken by sockcat)" },
	{ ON(BEGIN), .when = IF(WARNS_LIMIT),
	    .text = "Warning: Maximum connections ignored, since it does not "
	    "take effect without -k or --broker." },

	{ ON(RESOLVE_FAILED), .when = IF(ROUTE), .status = LOCAL_FAULT,
	    .text = "Sorry, could not resolve source route hop \"{name}\": "
	    "{why}. QUITTING." },
	{ ON(RESOLVE_FAILED), .when = IF(PASSIVE), .unless = IF(LISTEN),
	    .status = LOCAL_FAULT, .text = LOOKUP_FAILED("source address") },
	{ ON(RESOLVE_FAILED), .when = IF(PASSIVE), .status = LOCAL_FAULT,
	    .text = LOOKUP_FAILED("hostname") },
	{ ON(RESOLVE_FAILED), .unless = IF(PROXY), .status = LOCAL_FAULT,
	    .text = LOOKUP_FAILED("hostname") },
	{ ON(RESOLVE_FAILED), .when = IF(PROXY_TARGET),
	    .text = "Error: Failed to resolve host {name} locally." },
	{ ON(RESOLVE_FAILED),
	    .text = "Could not resolve proxy \"{name}\": {why}." },

	{ ON(CONNECT_FAILED), .when = IF(SET), .status = LOCAL_FAULT,
	    .text = FAILED_TEXT },
	/* The original connects from another address, without a message. */
	{ ON(CONNECT_FAILED), .when = IF(BIND), .status = LOCAL_FAULT,
	    .text = "bind to {localhost}:{localport}: {why}. QUITTING." },
	PROXY_STEPS(CONNECT_FAILED),
	{ ON(CONNECT_FAILED), .code = PROXY_WRITE,
	    .text = "Error sending proxy request: {sys}." },
	{ ON(CONNECT_FAILED), .code = PROXY_READ, .when = IF(SOCKS5),
	    .text = "Error: malformed {step} response from proxy." },
	{ ON(CONNECT_FAILED), .code = PROXY_READ, .when = IF(HTTP),
	    .text = "Error reading proxy response Status-Line." },
	{ ON(CONNECT_FAILED), .code = PROXY_READ,
	    .text = "Error: short response from proxy." },
	{ ON(CONNECT_FAILED), .code = PROXY_LATE, .text = "TIMEOUT." },
	{ ON(CONNECT_FAILED), .code = PROXY_VERSION,
	    .text = "Error: wrong SOCKS version in {step} response." },
	{ ON(CONNECT_FAILED), .code = PROXY_NO_METHOD,
	    .text = "Error: no acceptable authentication method proposed." },
	{ ON(CONNECT_FAILED), .code = PROXY_ODD_METHOD,
	    .text = "Error: proxy selected invalid authentication method." },
	{ ON(CONNECT_FAILED), .code = PROXY_REFUSED, .when = IF(SOCKS4),
	    .text = "Proxy connection failed." },
	{ ON(CONNECT_FAILED), .code = PROXY_REFUSED,
	    .text = "Error: {socks}." },
	{ ON(CONNECT_FAILED), .code = PROXY_ADDRESS,
	    .text = "Error: invalid proxy bind address type." },
	{ ON(CONNECT_FAILED), .code = PROXY_LONG,
	    .text = "Error: proxy response header too long." },
	{ ON(CONNECT_FAILED), .code = PROXY_NO_SCHEME, .status = LOCAL_FAULT,
	    .text = "Unknown authentication type. QUITTING." },
	{ ON(CONNECT_FAILED), .when = IF(FAULT) | IF(HTTP),
	    .text = "Proxy returned status code {status}." },
	{ ON(CONNECT_FAILED), .code = PROXY_PASSWORD,
	    .text = "Error: invalid username:password combo." },
	{ ON(CONNECT_FAILED), .when = IF(FAULT),
	    .text = "Error: authentication failed." },
	{ ON(CONNECT_FAILED), .level = 1, .more = 1,
	    .when = IF(WRONG_NAME) | IF(OTHER_NAME),
	    .text = "Certificate verification error: Connected to "
	    "\"{tlsname}\", but certificate is for \"{badname}\"." },
	{ ON(CONNECT_FAILED), .when = IF(WRONG_NAME), .status = LOCAL_FAULT,
	    .text = "Certificate verification error. QUITTING." },
	{ ON(CONNECT_FAILED), .level = 1, .more = 1, .when = IF(DISTRUST),
	    .text = DISTRUST },
	{ ON(CONNECT_FAILED), .when = IF(QUIET) },
	{ ON(CONNECT_FAILED), .when = IF(HANDSHAKE) | IF(LATE),
	    .text = "TIMEOUT." },
	{ ON(CONNECT_FAILED), .when = IF(HANDSHAKE),
	    .text = "Input/output error." },
	{ ON(CONNECT_FAILED), .when = IF(LAST) | IF(PROXY),
	    .text = "Proxy connection failed: {why}." },
	{ ON(CONNECT_FAILED), .when = IF(LAST) | IF(LATE),
	    .text = "TIMEOUT." },
	{ ON(CONNECT_FAILED), .when = IF(LAST), .text = "{sys}." },
	{ ON(CONNECT_FAILED), .level = 1, .when = IF(LATE),
	    .text = "Connection to {plainaddr} failed: TIMEOUT.\n"
	    "Trying next address..." },
	{ ON(CONNECT_FAILED), .level = 1,
	    .text = "Connection to {plainaddr} failed: {why}.\n"
	    "Trying next address..." },

	PROXY_STEPS(CONNECTED),
	{ ON(CONNECTED), .level = 1,
	    .unless = IF(PROXY) | IF(NO_ADDR) | IF(TLS),
	    .text = "Connected to {address}." },
	{ ON(CONNECTED) },
	{ ON(PROBED), .level = 1, .when = IF(FAILED) | IF(LATE),
	    .text = "TIMEOUT." },
	{ ON(PROBED), .level = 1, .when = IF(FAILED), .text = "{sys}." },
	{ ON(PROBED), .level = 1, .when = IF(DGRAM),
	    .text = "UDP packet sent successfully" },
	{ ON(PROBED) },
	{ ON(SCANNED), .unless = IF(LAST) },
	{ ON(SCANNED), .level = 1, .when = IF(DGRAM), .status = STATUS_OK,
	    .text = "1 bytes sent, 0 bytes received in {elapsed} seconds." },
	{ ON(SCANNED), .level = 1, .status = STATUS_OK,
	    .text = "0 bytes sent, 0 bytes received in {elapsed} seconds." },

	{ ON(LISTEN_FAILED), .when = IF(SET), .status = LOCAL_FAULT,
	    .text = FAILED_TEXT },
	{ ON(LISTEN_FAILED), .when = IF(SOCKET), .status = LOCAL_FAULT,
	    .text = "Unable to open any listening sockets. QUITTING." },
	{ ON(LISTEN_FAILED), .when = IF(BIND), .status = LOCAL_FAULT,
	    .text = "bind to {address}: {sys}. QUITTING." },
	{ ON(LISTEN_FAILED), .status = LOCAL_FAULT,
	    .text = "bind to {address}: {why}. QUITTING." },
	{ ON(LISTENING), .level = 1, .text = "Listening on {localaddr}" },
	ADMITTED(ACCEPTED),
	{ ON(ACCEPTED), .level = 1, .when = IF(DGRAM), .unless = IF(LOCAL_UNIX),
	    .text = FROM },
	{ ON(ACCEPTED) },
	{ ON(REFUSED), .level = 1, .when = IF(DGRAM),
	    .text = "New connection denied: not allowed" },
	ADMITTED(REFUSED),
	{ ON(REFUSED), .level = 1,
	    .text = "New connection denied: not allowed" },
	{ ON(FULL), .level = 1,
	    .text = "New connection denied: connection limit reached "
	    "({places})" },
	{ ON(ACCEPT_TIMEOUT), .status = LOCAL_FAULT,
	    .text = "TIMEOUT. QUITTING." },

	{ ON(ACCESS_FAILED), .code = ACCESS_FILE, .status = LOCAL_FAULT,
	    .text = "can't open {spec}: {why}. QUITTING." },
	{ ON(ACCESS_FAILED), .code = ACCESS_MASK, .status = LOCAL_FAULT,
	    .text = "Error parsing netmask in \"{word}\".\n{accesstail}" },
	{ ON(ACCESS_FAILED), .code = ACCESS_BITS, .when = IF(PLAIN),
	    .status = LOCAL_FAULT,
	    .text = "Illegal netmask in \"{word}\". Must be smaller than "
	    "address bit length.\n{accesstail}" },
	{ ON(ACCESS_FAILED), .code = ACCESS_BITS, .status = LOCAL_FAULT,
	    .text = "Illegal netmask in \"{word}\". Must be between 0 and "
	    "{most}.\n{accesstail}" },
	{ ON(ACCESS_FAILED), .code = ACCESS_NAME, .status = LOCAL_FAULT,
	    .text = "Error resolving name \"{looked}\": {why}\n{accesstail}" },
	{ ON(ACCESS_FAILED), .status = LOCAL_FAULT,
	    .text = "Error resolving name \"{looked}\": Name or service not "
	    "known\n{accesstail}" },
	{ ON(ACCESS_TAIL), .when = IF(FILE),
	    .text = "error in hosts file {spec}. QUITTING." },
	/* The original names the first word, whichever has the fault. */
	{ ON(ACCESS_TAIL),
	    .text = "error in host specification \"{firstspec}\". QUITTING." },

	/* A server prints nothing. */
	{ ON(SECURED), .when = IF(LISTEN) },
	{ ON(SECURED), .level = 1, .more = 1, .when = IF(DISTRUST),
	    .text = DISTRUST },
	{ ON(SECURED), .level = 1,
	    .text = "SSL connection to {tlshost}:{port}.{org}\n" SHA1 },
	{ ON(NOT_SECURED), .level = 1,
	    .text = "Failed SSL connection from {plainpeer}: {why}" },
	{ ON(MADE_CERT), .level = 1,
	    .text = "Generating a temporary 2048-bit RSA key. Use --ssl-key "
	    "and --ssl-cert to use a permanent one.\n" SHA1 },

	/* The original's child prints this, and the exit status is 0. */
	{ ON(EXEC_FAILED), .status = STATUS_OK, .text = "~exec: {sys}" },
	/* The original prints nothing, and goes on. */
	{ ON(TAP_FAILED), .status = LOCAL_FAULT,
	    .text = "{op} {object}: {why}." },
	{ ON(FAILED), .status = LOCAL_FAULT, .text = FAILED_TEXT },
	{ ON(TRYING_AGAIN) },

	{ ON(SOCKS), .code = 1, .text = "general SOCKS server failure" },
	{ ON(SOCKS), .code = 2, .text = "connection not allowed by ruleset" },
	{ ON(SOCKS), .code = 3, .text = "Network unreachable" },
	{ ON(SOCKS), .code = 4, .text = "Host unreachable" },
	{ ON(SOCKS), .code = 5, .text = "Connection refused" },
	{ ON(SOCKS), .code = 6, .text = "TTL expired" },
	{ ON(SOCKS), .code = 7, .text = "Command not supported" },
	{ ON(SOCKS), .code = 8, .text = "Address type not supported" },
	{ ON(SOCKS), .text = "unassigned value in the reply" }
};

static int
ncat_near_end(const struct plan *p, const struct outcome *o)
{
	int status = 0;

	if (messages_is_bad(&o->near_read)) {
		diag_plain("Ncat: %s.", error_reason(&o->near_read));
		status = NETWORK_FAULT;
	}
	if (messages_is_bad(&o->near_write)) {
		diag_plain("write: %s", error_reason(&o->near_write));
		status = LOCAL_FAULT;
	} else if (o->lost_in != 0) {
		messages_losses(p, 0, o->lost_in);
		status = LOCAL_FAULT;
	}
	return status;
}

/* A listener prints no failure of a client, but a refused datagram. */
static int
ncat_far_end(const struct plan *p, const struct outcome *o)
{
	const struct error *e = messages_is_bad(&o->far_read) ? &o->far_read :
	    &o->far_write;

	if (messages_is_bad(e)) {
		if (p->mode != PLAN_LISTEN || e->num == ECONNREFUSED)
			diag_plain("Ncat: %s.", p->tls.on && e->num == EPROTO ?
			    reason_text(EIO) : error_reason(e));
		return NETWORK_FAULT;
	}
	messages_losses(p, o->lost_out, 0);
	return o->lost_out != 0 ? NETWORK_FAULT : 0;
}

static int
ncat_ended(const struct plan *p, const struct outcome *o)
{
	bool listens = p->mode == PLAN_LISTEN;
	int far, status;

	if (o->cause == SESSION_INTERRUPTED)
		return NETWORK_FAULT;
	status = ncat_near_end(p, o);
	far = ncat_far_end(p, o);
	if (status == 0)
		status = far;
	if (o->cause == SESSION_IDLE && status == 0) {
		diag_plain("Ncat: Idle timeout expired (%" PRId64 " ms).%s",
		    o->idle / NSEC_PER_MSEC, listens ? " QUITTING." : "");
		return listens ? LOCAL_FAULT : NETWORK_FAULT;
	}
	if (o->cause == SESSION_TOTAL) {
		diag_plain("Ncat: TIMEOUT.");
		return status != 0 ? status : NETWORK_FAULT;
	}
	if (status == 0 && p->verbose > 0 && !listens && p->near != PLAN_EXEC)
		diag_plain("Ncat: %" PRIu64 " bytes sent, %" PRIu64
		    " bytes received in %.2f seconds.", o->sent, o->received,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return status;
}

const struct messages messages_ncat = {
	ROWS(ncat_rows), .name = "Ncat", .temp_prefix = "nc",
	.probes_connect = true, .ended = ncat_ended
};

/*
 * The messages of the traditional netcat: a host is "NAME [ADDRESS] PORT
 * (SERVICE)", a reason follows " : ", and -vv adds the counts of bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>

#include "message/rows.h"

#define TARGET		"{hostname} [{addr}] {port} ({known})"
#define NOT_CONNECTED	TARGET " : {why}"
#define NO_BYTES	" sent 0, rcvd 0"

static const struct message traditional_rows[] = {
	{ ON(RESOLVE_FAILED), .unless = IF(HOST),
	    .text = "invalid port {portword}" },
	{ ON(RESOLVE_FAILED), .code = -EAI_SERVICE,
	    .text = "invalid port {portword}" },
	{ ON(RESOLVE_FAILED), .when = IF(NUMERIC),
	    .text = "Can't parse {name} as an IP address" },
	{ ON(RESOLVE_FAILED), .code = -EAI_AGAIN,
	    .text = "{name}: forward host lookup failed: "
	    "Host name lookup failure" },
	{ ON(RESOLVE_FAILED), .code = -EAI_FAIL,
	    .text = "{name}: forward host lookup failed: "
	    "Unknown server error" },
	{ ON(RESOLVE_FAILED), .code = -EAI_MEMORY,
	    .text = "{name}: forward host lookup failed: {why}" },
	{ ON(RESOLVE_FAILED), .when = IF(FAILED),
	    .text = "{name}: forward host lookup failed: {why}" },
	/* Also an address of the other family. */
	{ ON(RESOLVE_FAILED),
	    .text = "{name}: forward host lookup failed: Unknown host" },

	{ ON(CONNECT_FAILED), .when = IF(ROUTE_OPTION),
	    .text = "srcrt setsockopt fuxored : {why}" },
	{ ON(CONNECT_FAILED), .when = IF(SET),
	    .text = "{what} failed : {why}" },
	/* Of an address in use, which has been retried, no reason is given. */
	{ ON(CONNECT_FAILED), .when = IF(BIND) | IF(IN_USE),
	    .text = "Can't grab {localhost}:{localport} with bind" },
	{ ON(CONNECT_FAILED), .when = IF(BIND),
	    .text = "Can't grab {localhost}:{localport} with bind : {why}" },
	/* The original connects to one address, with a line for each port. */
	{ ON(CONNECT_FAILED), .when = IF(SCAN), .unless = IF(V1) },
	{ ON(CONNECT_FAILED), .when = IF(SCAN), .unless = IF(LAST) },
	/* Failures of a single port are always printed, of several at -v. */
	{ ON(CONNECT_FAILED), .when = IF(ONE_PORT) | IF(LAST) | IF(V2),
	    .unless = IF(SCAN), .text = NOT_CONNECTED "\n" NO_BYTES },
	{ ON(CONNECT_FAILED), .when = IF(ONE_PORT) | IF(LAST),
	    .text = NOT_CONNECTED },
	{ ON(CONNECT_FAILED), .more = 1, .when = IF(V2),
	    .text = NOT_CONNECTED },
	{ ON(CONNECT_FAILED), .more = 1, .when = IF(V1),
	    .unless = IF(V2) | IF(REFUSED), .text = NOT_CONNECTED },
	{ ON(CONNECT_FAILED), .when = IF(ONE_PORT) },
	{ ON(CONNECT_FAILED), .status = STATUS_OK },

	{ ON(CONNECTED), .level = 1, .text = TARGET " open" },
	{ ON(PROBED), .level = 1, .when = IF(ONE_PORT), .text = NOT_CONNECTED },
	{ ON(PROBED), .level = 2, .when = IF(REFUSED), .text = NOT_CONNECTED },
	{ ON(PROBED), .level = 1, .text = NOT_CONNECTED },
	/* A scan of several ports succeeds, also if no port is open. */
	{ ON(SCANNED), .level = 2, .when = IF(ONE_PORT), .unless = IF(LAST),
	    .text = NO_BYTES },
	{ ON(SCANNED), .level = 2, .status = STATUS_OK, .text = NO_BYTES },
	{ ON(NONE_REACHED), .level = 2, .unless = IF(ONE_PORT),
	    .text = NO_BYTES },

	{ ON(LISTEN_FAILED), .when = IF(SET),
	    .text = "{what} failed : {why}" },
	{ ON(LISTEN_FAILED), .when = IF(IN_USE),
	    .text = "Can't grab {bound}:{port} with bind" },
	{ ON(LISTEN_FAILED),
	    .text = "Can't grab {bound}:{port} with bind : {why}" },
	{ ON(BUSY), .level = 1,
	    .text = "retrying local {addr}:{addrport} : {why}" },
	{ ON(LISTENING), .level = 1, .when = IF(ANY),
	    .text = "listening on [any] {lnum} ..." },
	{ ON(LISTENING), .level = 1,
	    .text = "listening on [{local}] {lnum} ..." },
	{ ON(ACCEPTED), .level = 1,
	    .text = "connect to [{local}] from {knownpeer} [{peer}] "
	    "{peerport}" },
	{ ON(REFUSED),
	    .text = "invalid connection to [{local}] from {knownpeer} [{peer}] "
	    "{peerport}" },
	{ ON(ACCEPT_TIMEOUT), .text = "no connection : {why}" },
	{ ON(EXEC_FAILED), .text = "exec {object} failed : {sys}" },
	{ ON(TAP_FAILED), .text = "{what} failed : {why}" },
	{ ON(FAILED), .text = "{what} failed : {why}" },
	{ ON(TRYING_AGAIN) }
};

static int
traditional_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_is_bad(&o->near_read);
	bool bad_write = messages_is_bad(&o->near_write);

	if (bad_read)
		(void)messages_failed(p, &o->near_read);
	if (!bad_write)
		messages_losses(p, 0, o->lost_in);
	else if (p->verbose > 0 || o->near_write.num != EPIPE)
		diag_plain("too many output retries : %s",
		    error_reason(&o->near_write));
	return bad_read || bad_write || o->lost_in != 0;
}

static int
traditional_ended(const struct plan *p, const struct outcome *o)
{
	/* A reset is a plain end; a failed write fails without a message. */
	bool bad_write = messages_is_bad(&o->far_write);
	int status = 1;

	if (o->cause != SESSION_INTERRUPTED) {
		status = traditional_near_end(p, o);
		if (!bad_write && !messages_is_bad(&o->far_read))
			messages_losses(p, o->lost_out, 0);
		status |= bad_write || o->lost_out != 0;
	}
	if (o->cause == SESSION_TOTAL) {
		diag_plain("time limit reached");
		status = 1;
	}
	if (p->verbose > 1)
		diag_plain(" sent %" PRIu64 ", rcvd %" PRIu64, o->sent,
		    o->received);
	return status;
}

const struct messages messages_traditional = {
	ROWS(traditional_rows), .bare = true, .temp_prefix = "nc",
	.interrupt_status = 1, .tells_busy = true, .silence_is_open = true,
	.ended = traditional_ended
};

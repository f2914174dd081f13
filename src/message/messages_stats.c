/*
 * The line of --stats. It is for programs, and so the same in every
 * personality: words of KEY=VALUE without blanks in them.
 */
/* Says which strnvis(3) is meant, of which none is used here. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "message/messages_util.h"

static const char *
stats_end_of(const struct outcome *o)
{
	static const char *const causes[] = {
		[OUTCOME_EOF] = "eof", [OUTCOME_LINGER] = "quit",
		[OUTCOME_IDLE] = "idle", [OUTCOME_TOTAL] = "time",
		[OUTCOME_LIMIT] = "reads", [OUTCOME_SIGNAL] = "signal"
	};

	if (messages_bad(&o->near_read) || messages_bad(&o->near_write) ||
	    messages_bad(&o->far_read) || messages_bad(&o->far_write))
		return "failed";
	return causes[o->cause];
}

/* A path may have anything in it. */
static const char *
stats_peer_text(const struct addr *a, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX], clean[4 * ADDR_HOST_MAX + 1];

	(void)addr_host(a, host, sizeof(host));
	(void)strvis(clean, host, VIS_WHITE);
	if (a->len == 0 || *clean == '\0')
		(void)snprintf(buf, size, "-");
	else if (addr_family(a) == AF_UNIX)
		(void)snprintf(buf, size, "%s", clean);
	else
		(void)snprintf(buf, size, addr_family(a) == AF_INET6 ?
		    "[%s]:%u" : "%s:%u", clean, addr_port(a));
	return buf;
}

/* Bytes a second; what took no time has no rate. */
static uint64_t
stats_rate(uint64_t bytes, int64_t elapsed)
{
	return elapsed <= 0 ? 0 : (uint64_t)((double)bytes *
	    (double)NSEC_PER_SEC / (double)elapsed);
}

void
messages_stats(const struct plan *p, const struct addr *peer, unsigned number,
    const struct outcome *o)
{
	char text[4 * ADDR_HOST_MAX + 32];

	(void)p;
	diag_plain("stats connection=%u peer=%s seconds=%.6f sent=%" PRIu64
	    " received=%" PRIu64 " lost_sent=%" PRIu64 " lost_received=%"
	    PRIu64 " sent_rate=%" PRIu64 " received_rate=%" PRIu64
	    " end=%s", number, stats_peer_text(peer, text, sizeof(text)),
	    (double)o->elapsed / (double)NSEC_PER_SEC, o->sent, o->received,
	    o->lost_out, o->lost_in, stats_rate(o->sent, o->elapsed),
	    stats_rate(o->received, o->elapsed), stats_end_of(o));
}

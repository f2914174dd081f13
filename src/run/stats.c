#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
/* Declares which strnvis(3) is meant, which is not used. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/num.h"
#include "base/text.h"
#include "layer/tls.h"
#include "run/stats.h"

const char *
stats_end(const struct outcome *o)
{
	static const char *const causes[] = {
		[SESSION_LINGER] = "eof",
		[SESSION_IDLE] = "timeout", [SESSION_TOTAL] = "timeout",
		[SESSION_LIMIT] = "limit", [SESSION_RESET] = "reset",
		[SESSION_INTERRUPTED] = "signal"
	};
	const struct error *far = o->far_read.num != 0 || o->far_read.gai != 0 ?
	    &o->far_read : &o->far_write;

	if (o->cause != SESSION_GOING && o->cause != SESSION_EOF)
		return causes[o->cause];
	if (far->num == ECONNRESET || far->num == EPIPE)
		return "reset";
	if (far->num == ETIMEDOUT)
		return "timeout";
	return o->failed || outcome_any_failed(o) ? "error" : "eof";
}

bool
stats_side(const struct addr *a, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX];

	if (a->len == 0 || *addr_host(a, host, sizeof(host)) == '\0')
		return false;
	if (addr_family(a) == AF_UNIX)
		(void)snprintf(buf, size, "%s", host);
	else
		(void)snprintf(buf, size, addr_family(a) == AF_INET6 ?
		    "[%s]:%u" : "%s:%u", host, addr_port(a));
	return true;
}

/* The name of a member, after a comma unless it is the first of its object. */
static void
stats_put_key(struct buf *to, const char *key)
{
	if (to->used > 0 && buf_data(to)[to->used - 1] != '{')
		buf_str(to, ",");
	buf_fmt(to, "\"%s\":", key);
}

/*
 * A member of an object. Its text may have any bytes: one that is no part of a
 * character, and DEL, become U+FFFD. NULL: the value is null.
 */
static void
stats_put_text(struct buf *to, const char *key, const char *bytes)
{
	const char *end = bytes == NULL ? NULL : bytes + strlen(bytes);
	wchar_t c;
	size_t len;

	stats_put_key(to, key);
	buf_str(to, bytes == NULL ? "null" : "\"");
	for (; bytes != end; bytes += len) {
		len = text_decode(bytes, (size_t)(end - bytes), &c);
		if (len == 0 || (c >= TEXT_RAW && c <= TEXT_RAW_LAST) ||
		    c == 0x7f) {
			len = len > 0 ? len : 1;
			c = 0xfffd;
		}
		if (c == '"' || c == '\\')
			buf_fmt(to, "\\%c", (char)c);
		else if (c >= ' ' && c < 0x7f)
			buf_add(to, bytes, 1);
		else if (c < 0x10000)
			buf_fmt(to, "\\u%04x", (unsigned)c);
		else	/* RFC 8259 section 7: two halves of UTF-16 */
			buf_fmt(to, "\\u%04x\\u%04x",
			    0xd7c0 + ((unsigned)c >> 10),
			    0xdc00 + ((unsigned)c & 0x3ff));
	}
	if (end != NULL)
		buf_str(to, "\"");
}

static void
stats_put_text_or_null(struct buf *to, const char *key, const char *bytes)
{
	stats_put_text(to, key, *bytes != '\0' ? bytes : NULL);
}

static void
stats_put_int(struct buf *to, const char *key, int64_t n)
{
	stats_put_key(to, key);
	buf_fmt(to, "%" PRId64, n);
}

static void
stats_put_bool(struct buf *to, const char *key, bool is)
{
	stats_put_key(to, key);
	buf_str(to, is ? "true" : "false");
}

static void
stats_put_side(struct buf *to, const char *key, const struct addr *a)
{
	char text[ADDR_HOST_MAX + ADDR_PORT_MAX];

	stats_put_text(to, key, stats_side(a, text, sizeof(text)) ? text :
	    NULL);
}

static void
stats_put_tcp(struct buf *to, const struct fd_metrics *f)
{
	stats_put_key(to, "tcp_info");
	buf_str(to, "{");
	stats_put_text(to, "state", f->state);
	for (int i = 0; i < FD_METRICS; i++)
		if (f->value[i] == -1)
			stats_put_text(to, fd_metrics_name(i), NULL);
		else
			stats_put_int(to, fd_metrics_name(i), f->value[i]);
	buf_str(to, "}");
}

static void
stats_put_tls(struct buf *to, const struct tls_facts *f)
{
	char date[sizeof(f->cert.not_after)], hex[2 * TLS_SHA256 + 1];

	stats_put_key(to, "tls");
	buf_str(to, "{");
	stats_put_text(to, "version", f->version);
	stats_put_text(to, "cipher", f->cipher);
	stats_put_text_or_null(to, "alpn", f->alpn);
	stats_put_bool(to, "verified", f->verified);
	stats_put_bool(to, "pinned", f->pinned);
	if (!f->has_cert) {
		stats_put_text(to, "certificate", NULL);
		buf_str(to, "}");
		return;
	}
	stats_put_key(to, "certificate");
	buf_str(to, "{");
	stats_put_text(to, "subject", f->cert.subject);
	stats_put_text(to, "issuer", f->cert.issuer);
	/* "2027-01-31 12:00:00 UTC" becomes a time of RFC 3339. */
	(void)strlcpy(date, f->cert.not_after, sizeof(date));
	if (strlen(date) == sizeof("2027-01-31 12:00:00 UTC") - 1) {
		date[10] = 'T';
		(void)strlcpy(date + 19, "Z", sizeof(date) - 19);
	}
	stats_put_text_or_null(to, "not_after", date);
	tls_hex(f->cert.sha256, sizeof(f->cert.sha256), hex);
	stats_put_text(to, "sha256", hex);
	buf_str(to, "}}");
}

/* Prints an object of JSON. */
static void
stats_print_json(const struct stats *s, const struct outcome *o, int status)
{
	struct buf line = { .used = 0 }, *to = &line;
	int64_t us = o->elapsed / 1000;
	char date[32] = "", text[64];
	struct tm tm;

	buf_str(to, "{");
	stats_put_int(to, "connection", s->number);
	stats_put_side(to, "local", &s->local);
	stats_put_side(to, "remote", &s->peer);
	stats_put_text(to, "protocol", s->protocol);
	/* RFC 3339, in UTC */
	if (gmtime_r(&s->started.tv_sec, &tm) != NULL)
		(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text, sizeof(text), "%s.%06ldZ", date,
	    s->started.tv_nsec / 1000);
	stats_put_text(to, "started", text);
	stats_put_key(to, "seconds");
	buf_fmt(to, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
	stats_put_int(to, "bytes_sent", (int64_t)o->sent);
	stats_put_int(to, "bytes_received", (int64_t)o->received);
	stats_put_int(to, "bytes_lost", (int64_t)(o->lost_out + o->lost_in));
	if (o->dropped_out + o->dropped_in > 0)
		stats_put_int(to, "bytes_dropped",
		    (int64_t)(o->dropped_out + o->dropped_in));
	if (o->drops.n > 0)
		stats_put_int(to, "kernel_drops", (int64_t)o->drops.n);
	stats_put_text(to, "end", stats_end(o));
	stats_put_int(to, "status", status);
	if (s->has_tcp)
		stats_put_tcp(to, &s->tcp);
	if (s->tls != NULL)
		stats_put_tls(to, s->tls);
	buf_add(to, "}", sizeof("}"));
	if (!line.failed)
		diag_line(buf_data(to));
	else
		diag_warnx("print the statistics failed: %s",
		    reason_text(ENOMEM));
	buf_free(to);
}

/* Returns bytes per second; 0 if no time has passed. */
static uint64_t
stats_rate(uint64_t bytes, int64_t elapsed)
{
	return elapsed <= 0 ? 0 : (uint64_t)((double)bytes *
	    (double)NSEC_PER_SEC / (double)elapsed);
}

/* Prints words without blanks in them. */
static void
stats_print_words(const struct stats *s, const struct outcome *o)
{
	static const char *const ends[] = {
		[SESSION_GOING] = "eof", [SESSION_EOF] = "eof",
		[SESSION_LINGER] = "quit",
		[SESSION_IDLE] = "idle", [SESSION_TOTAL] = "time",
		[SESSION_LIMIT] = "reads", [SESSION_RESET] = "reset",
		[SESSION_INTERRUPTED] = "signal"
	};
	char side[ADDR_HOST_MAX + ADDR_PORT_MAX], peer[4 * sizeof(side)] = "-";
	char dropped[80] = "", kernel[40] = "";
	locale_t was;

	/* The path of a Unix socket may contain any byte. */
	if (stats_side(&s->peer, side, sizeof(side))) {
		/* A chat has a locale of UTF-8; this text is ASCII. */
		was = uselocale(LC_GLOBAL_LOCALE);
		(void)strvis(peer, side, VIS_WHITE);
		(void)uselocale(was);
	}
	if (o->dropped_out + o->dropped_in > 0)
		(void)snprintf(dropped, sizeof(dropped), " dropped_sent=%"
		    PRIu64 " dropped_received=%" PRIu64, o->dropped_out,
		    o->dropped_in);
	if (o->drops.n > 0)
		(void)snprintf(kernel, sizeof(kernel), " kernel_drops=%" PRIu64,
		    o->drops.n);
	diag_plain("stats connection=%u peer=%s seconds=%.6f sent=%" PRIu64
	    " received=%" PRIu64 " lost_sent=%" PRIu64 " lost_received=%"
	    PRIu64 "%s%s sent_rate=%" PRIu64 " received_rate=%" PRIu64
	    " end=%s", s->number, peer,
	    (double)o->elapsed / (double)NSEC_PER_SEC, o->sent, o->received,
	    o->lost_out, o->lost_in, dropped, kernel,
	    stats_rate(o->sent, o->elapsed),
	    stats_rate(o->received, o->elapsed),
	    outcome_any_failed(o) ? "failed" : ends[o->cause]);
}

void
stats_print(const struct stats *s, const struct outcome *o, int status,
    bool json)
{
	if (json)
		stats_print_json(s, o, status);
	else
		stats_print_words(s, o);
}

/*
 * The object of --stats=json, by jansson.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/num.h"
#include "base/text.h"
#include "layer/tls.h"
#include "run/stats.h"

/* Digits that microseconds of some years need. */
#define STATS_DIGITS	15

const bool stats_has_json = true;

/*
 * A string of any bytes. A byte that is no part of a character, and DEL, which
 * JSON does not escape, become U+FFFD.
 */
static json_t *
stats_text(const char *bytes)
{
	struct buf text = { .used = 0 };
	json_t *value = NULL;
	size_t len;
	wchar_t c;

	for (; *bytes != '\0'; bytes += len) {
		len = text_decode(bytes, strlen(bytes), &c);
		if (len == 0 || (c >= TEXT_RAW && c <= TEXT_RAW_LAST) ||
		    c == 0x7f)
			buf_str(&text, "\xef\xbf\xbd");
		else
			buf_add(&text, bytes, len);
		if (len == 0)
			len = 1;
	}
	if (!text.failed)
		value = json_stringn(text.used > 0 ? buf_data(&text) : "",
		    text.used);
	buf_free(&text);
	return value;
}

static json_t *
stats_text_or_null(const char *bytes)
{
	return *bytes != '\0' ? stats_text(bytes) : json_null();
}

/* json_object_set_new takes the value, and fails if that is NULL. */
static void
stats_put(json_t *to, bool *ok, const char *key, json_t *value)
{
	if (json_object_set_new(to, key, value) == -1)
		*ok = false;
}

static void
stats_put_count(json_t *to, bool *ok, const char *key, uint64_t n)
{
	stats_put(to, ok, key, json_integer((json_int_t)n));
}

static void
stats_put_side(json_t *to, bool *ok, const char *key, const struct addr *a)
{
	char text[ADDR_HOST_MAX + ADDR_PORT_MAX];

	stats_put(to, ok, key, stats_side(a, text, sizeof(text)) ?
	    stats_text(text) : json_null());
}

/* RFC 3339, in UTC. */
static void
stats_put_time(json_t *to, bool *ok, const char *key, const struct timespec *at)
{
	char date[32], text[64];
	struct tm tm;

	if (gmtime_r(&at->tv_sec, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		*ok = false;
		return;
	}
	(void)snprintf(text, sizeof(text), "%s.%06ldZ", date,
	    at->tv_nsec / 1000);
	stats_put(to, ok, key, json_string(text));
}

/* Returns an object for stats_put: NULL if a part failed. */
static json_t *
stats_done(json_t *o, bool ok)
{
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
stats_tcp(const struct fd_metrics *f)
{
	json_t *o = json_object();
	bool ok = o != NULL;

	stats_put(o, &ok, "state", json_string(f->state));
	for (int i = 0; i < FD_METRICS; i++)
		stats_put(o, &ok, fd_metrics_name(i), f->value[i] == -1 ?
		    json_null() : json_integer(f->value[i]));
	return stats_done(o, ok);
}

/* "2027-01-31 12:00:00 UTC" becomes a time of RFC 3339. */
static json_t *
stats_not_after(const char *text)
{
	char date[sizeof(((struct tls_cert *)NULL)->not_after)];

	(void)snprintf(date, sizeof(date), "%s", text);
	if (strlen(date) == sizeof("2027-01-31 12:00:00 UTC") - 1) {
		date[10] = 'T';
		(void)strlcpy(date + 19, "Z", sizeof(date) - 19);
	}
	return stats_text_or_null(date);
}

static json_t *
stats_certificate(const struct tls_cert *c)
{
	char hex[2 * TLS_SHA256 + 1];
	json_t *o = json_object();
	bool ok = o != NULL;

	tls_hex(c->sha256, sizeof(c->sha256), hex);
	stats_put(o, &ok, "subject", stats_text(c->subject));
	stats_put(o, &ok, "issuer", stats_text(c->issuer));
	stats_put(o, &ok, "not_after", stats_not_after(c->not_after));
	stats_put(o, &ok, "sha256", json_string(hex));
	return stats_done(o, ok);
}

static json_t *
stats_tls(const struct tls_facts *f)
{
	json_t *o = json_object();
	bool ok = o != NULL;

	stats_put(o, &ok, "version", json_string(f->version));
	stats_put(o, &ok, "cipher", json_string(f->cipher));
	stats_put(o, &ok, "alpn", stats_text_or_null(f->alpn));
	stats_put(o, &ok, "verified", json_boolean(f->verified));
	stats_put(o, &ok, "pinned", json_boolean(f->pinned));
	stats_put(o, &ok, "certificate", f->has_cert ?
	    stats_certificate(&f->cert) : json_null());
	return stats_done(o, ok);
}

static void
stats_put_bytes(json_t *to, bool *ok, const struct outcome *o)
{
	stats_put_count(to, ok, "bytes_sent", o->sent);
	stats_put_count(to, ok, "bytes_received", o->received);
	stats_put_count(to, ok, "bytes_lost", o->lost_out + o->lost_in);
	if (o->dropped_out + o->dropped_in > 0)
		stats_put_count(to, ok, "bytes_dropped",
		    o->dropped_out + o->dropped_in);
	if (o->drops.n > 0)
		stats_put_count(to, ok, "kernel_drops", o->drops.n);
}

void
stats_json_prepare(void)
{
	/* Its seed is from /dev/urandom. */
	json_object_seed(0);
}

char *
stats_json(const struct stats *s)
{
	const struct stats_facts *f = s->facts;
	json_t *o = json_object();
	bool ok = o != NULL;
	char *text = NULL;

	stats_put_count(o, &ok, "connection", s->number);
	stats_put_side(o, &ok, "local", &f->local);
	stats_put_side(o, &ok, "remote", s->peer);
	stats_put(o, &ok, "protocol", json_string(s->protocol));
	stats_put_time(o, &ok, "started", &f->started);
	stats_put(o, &ok, "seconds", json_real((double)(s->outcome->elapsed /
	    1000) / 1e6));
	stats_put_bytes(o, &ok, s->outcome);
	stats_put(o, &ok, "end", json_string(stats_end(s->outcome)));
	stats_put(o, &ok, "status", json_integer(s->status));
	if (f->has_tcp)
		stats_put(o, &ok, "tcp_info", stats_tcp(&f->tcp));
	if (f->has_tls)
		stats_put(o, &ok, "tls", stats_tls(&f->tls));
	if (ok)
		text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII |
		    JSON_REAL_PRECISION(STATS_DIGITS));
	json_decref(o);
	return text;
}

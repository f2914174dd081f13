/*
 * The object of --stats=json, by jansson.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/library.h"
#include "base/num.h"
#include "base/text.h"
#include "layer/tls.h"
#include "run/stats.h"

/* Digits that microseconds of some years need. */
#define STATS_DIGITS	15

#define JANSSON(X) X(json_delete) X(json_dumps) X(json_false) \
	X(json_integer) X(json_null) X(json_object) X(json_object_seed) \
	X(json_object_set_new) X(json_real) X(json_string) X(json_stringn) \
	X(json_true)

struct jansson {
	JANSSON(LIBRARY_POINTER)
};

int
stats_json_open(struct error *err)
{
	struct jansson j;
	const char *why;

	if (library_open(JANSSON_SONAME, JANSSON(LIBRARY_NAME), &j, &why))
		return 0;
	error_set(err, ENOSYS, "use", "--stats=json");
	(void)strlcpy(err->why, why, sizeof(err->why));
	return -1;
}

/*
 * A string of any bytes. A byte that is no part of a character, and DEL, which
 * JSON does not escape, become U+FFFD.
 */
static json_t *
stats_text(const struct jansson *j, const char *bytes)
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
		value = j->json_stringn(text.used > 0 ?
		    buf_data(&text) : "", text.used);
	buf_free(&text);
	return value;
}

static json_t *
stats_text_or_null(const struct jansson *j, const char *bytes)
{
	return *bytes != '\0' ? stats_text(j, bytes) : j->json_null();
}

/* json_object_set_new takes the value, and fails if that is NULL. */
static void
stats_put(const struct jansson *j, json_t *to, bool *ok, const char *key,
    json_t *value)
{
	if (j->json_object_set_new(to, key, value) == -1)
		*ok = false;
}

static void
stats_put_count(const struct jansson *j, json_t *to, bool *ok, const char *key,
    uint64_t n)
{
	stats_put(j, to, ok, key, j->json_integer((json_int_t)n));
}

static void
stats_put_side(const struct jansson *j, json_t *to, bool *ok, const char *key,
    const struct addr *a)
{
	char text[ADDR_HOST_MAX + ADDR_PORT_MAX];

	stats_put(j, to, ok, key, stats_side(a, text, sizeof(text)) ?
	    stats_text(j, text) : j->json_null());
}

/* RFC 3339, in UTC. */
static void
stats_put_time(const struct jansson *j, json_t *to, bool *ok, const char *key,
    const struct timespec *at)
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
	stats_put(j, to, ok, key, j->json_string(text));
}

/* Frees an object that nobody else has: json_decref calls by name. */
static void
stats_drop(const struct jansson *j, json_t *o)
{
	if (o != NULL)
		j->json_delete(o);
}

/* Returns an object for stats_put: NULL if a part failed. */
static json_t *
stats_done(const struct jansson *j, json_t *o, bool ok)
{
	if (ok)
		return o;
	stats_drop(j, o);
	return NULL;
}

static json_t *
stats_tcp(const struct jansson *j, const struct fd_metrics *f)
{
	json_t *o = j->json_object();
	bool ok = o != NULL;

	stats_put(j, o, &ok, "state", j->json_string(f->state));
	for (int i = 0; i < FD_METRICS; i++)
		stats_put(j, o, &ok, fd_metrics_name(i), f->value[i] == -1 ?
		    j->json_null() : j->json_integer(f->value[i]));
	return stats_done(j, o, ok);
}

/* "2027-01-31 12:00:00 UTC" becomes a time of RFC 3339. */
static json_t *
stats_not_after(const struct jansson *j, const char *text)
{
	char date[sizeof(((struct tls_cert *)NULL)->not_after)];

	(void)snprintf(date, sizeof(date), "%s", text);
	if (strlen(date) == sizeof("2027-01-31 12:00:00 UTC") - 1) {
		date[10] = 'T';
		(void)strlcpy(date + 19, "Z", sizeof(date) - 19);
	}
	return stats_text_or_null(j, date);
}

static json_t *
stats_certificate(const struct jansson *j, const struct tls_cert *c)
{
	char hex[2 * TLS_SHA256 + 1];
	json_t *o = j->json_object();
	bool ok = o != NULL;

	tls_hex(c->sha256, sizeof(c->sha256), hex);
	stats_put(j, o, &ok, "subject", stats_text(j, c->subject));
	stats_put(j, o, &ok, "issuer", stats_text(j, c->issuer));
	stats_put(j, o, &ok, "not_after", stats_not_after(j, c->not_after));
	stats_put(j, o, &ok, "sha256", j->json_string(hex));
	return stats_done(j, o, ok);
}

static json_t *
stats_tls(const struct jansson *j, const struct tls_facts *f)
{
	json_t *o = j->json_object();
	bool ok = o != NULL;

	stats_put(j, o, &ok, "version", j->json_string(f->version));
	stats_put(j, o, &ok, "cipher", j->json_string(f->cipher));
	stats_put(j, o, &ok, "alpn", stats_text_or_null(j, f->alpn));
	stats_put(j, o, &ok, "verified", f->verified ? j->json_true() :
	    j->json_false());
	stats_put(j, o, &ok, "pinned", f->pinned ? j->json_true() :
	    j->json_false());
	stats_put(j, o, &ok, "certificate", f->has_cert ?
	    stats_certificate(j, &f->cert) : j->json_null());
	return stats_done(j, o, ok);
}

static void
stats_put_bytes(const struct jansson *j, json_t *to, bool *ok,
    const struct outcome *o)
{
	stats_put_count(j, to, ok, "bytes_sent", o->sent);
	stats_put_count(j, to, ok, "bytes_received", o->received);
	stats_put_count(j, to, ok, "bytes_lost", o->lost_out + o->lost_in);
	if (o->dropped_out + o->dropped_in > 0)
		stats_put_count(j, to, ok, "bytes_dropped",
		    o->dropped_out + o->dropped_in);
	if (o->drops.n > 0)
		stats_put_count(j, to, ok, "kernel_drops", o->drops.n);
}

void
stats_json_prepare(void)
{
	struct jansson j;

	/* Its seed is from /dev/urandom. */
	if (library_open(JANSSON_SONAME, JANSSON(LIBRARY_NAME), &j, NULL))
		j.json_object_seed(0);
}

char *
stats_json(const struct stats *s)
{
	const struct stats_facts *f = s->facts;
	struct jansson loaded, *j = &loaded;
	char *text = NULL;
	json_t *o;
	bool ok;

	if (!library_open(JANSSON_SONAME, JANSSON(LIBRARY_NAME), j, NULL))
		return NULL;
	o = j->json_object();
	ok = o != NULL;

	stats_put_count(j, o, &ok, "connection", s->number);
	stats_put_side(j, o, &ok, "local", &f->local);
	stats_put_side(j, o, &ok, "remote", s->peer);
	stats_put(j, o, &ok, "protocol", j->json_string(s->protocol));
	stats_put_time(j, o, &ok, "started", &f->started);
	stats_put(j, o, &ok, "seconds", j->json_real(
	    (double)(s->outcome->elapsed / 1000) / 1e6));
	stats_put_bytes(j, o, &ok, s->outcome);
	stats_put(j, o, &ok, "end", j->json_string(stats_end(s->outcome)));
	stats_put(j, o, &ok, "status", j->json_integer(s->status));
	if (f->has_tcp)
		stats_put(j, o, &ok, "tcp_info", stats_tcp(j, &f->tcp));
	if (f->has_tls)
		stats_put(j, o, &ok, "tls", stats_tls(j, &f->tls));
	if (ok)
		text = j->json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII |
		    JSON_REAL_PRECISION(STATS_DIGITS));
	stats_drop(j, o);
	return text;
}

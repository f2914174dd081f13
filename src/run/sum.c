#include <sys/types.h>
#include <errno.h>
#include <md5.h>
#include <pthread.h>
#include <sha2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "run/sum.h"

/* From here on a thread of its own makes the digests of a direction. */
#define THREAD_FROM	((uint64_t)256 << 10)
/* Bytes that may wait for the thread; a power of two. */
#define ROOM		((size_t)1 << 20)
/* The thread takes so many bytes at once: to wake a thread costs time, too. */
#define PIECE		(ROOM / 4)

/* ---- A digest ----------------------------------------------------------- */

struct stream_digest {
	enum sum_kind		 kind;
	struct tls_digest	*tls;	/* NULL: one of these */
	union {
		struct crc32c	 crc32c;
		SHA2_CTX	 sha256;
		MD5_CTX		 md5;
	};
};

static const struct {
	const char	*option;
	const char	*name;		/* OpenSSL's; NULL: not by OpenSSL */
} digest_kinds[] = {
	[SUM_SHA256] = { "--sum=sha256", "SHA256" },
	[SUM_SHA1] = { "--sum=sha1", "SHA1" },
	[SUM_MD5] = { "--sum=md5", "MD5" },
	[SUM_CRC32C] = { "--sum=crc32c", NULL },
	[SUM_BLAKE2B] = { "--sum=blake2b", "BLAKE2b512" }
};

struct stream_digest *
digest_new(enum sum_kind kind, struct error *err)
{
	struct stream_digest *d = calloc(1, sizeof(*d));
	char why[sizeof(err->why)];

	if (d == NULL) {
		error_set(err, errno, "use", "%s", digest_kinds[kind].option);
		return NULL;
	}
	d->kind = kind;
	if (digest_kinds[kind].name != NULL)
		d->tls = tls_digest_new(digest_kinds[kind].name, err);
	if (d->tls != NULL)
		return d;
	switch (kind) {
	case SUM_CRC32C:
		crc32c_init(&d->crc32c);
		return d;
	case SUM_SHA256:
		SHA256Init(&d->sha256);
		return d;
	case SUM_MD5:
		MD5Init(&d->md5);
		return d;
	default:
		free(d);
	}
	(void)strlcpy(why, err->why, sizeof(why));
	error_set(err, err->num, "use", "%s, which needs OpenSSL,",
	    digest_kinds[kind].option);
	(void)strlcpy(err->why, why, sizeof(err->why));
	return NULL;
}

void
digest_update(struct stream_digest *d, const void *bytes, size_t n)
{
	if (d->tls != NULL)
		tls_digest_update(d->tls, bytes, n);
	else if (d->kind == SUM_CRC32C)
		crc32c_update(&d->crc32c, bytes, n);
	else if (d->kind == SUM_SHA256)
		SHA256Update(&d->sha256, bytes, n);
	else
		MD5Update(&d->md5, bytes, n);
}

const char *
digest_end(struct stream_digest *d, char text[DIGEST_TEXT_MAX])
{
	unsigned char bytes[TLS_DIGEST_MAX];

	if (d->tls != NULL)
		tls_hex(bytes, tls_digest_end(d->tls, bytes), text);
	else if (d->kind == SUM_CRC32C)
		(void)snprintf(text, DIGEST_TEXT_MAX, "%08x",
		    crc32c_value(&d->crc32c));
	else if (d->kind == SUM_SHA256)
		(void)SHA256End(&d->sha256, text);
	else
		(void)MD5End(&d->md5, text);
	free(d);
	return text;
}

/* ---- The digests of a direction ----------------------------------------- */

/*
 * The digests of a direction. Up to THREAD_FROM bytes they are made at once.
 * The thread owns the digests from its start to its end; the loop waits for the
 * thread only while ROOM bytes wait. A checksum costs less than a thread.
 */
struct sum {
	struct stream_digest	*digests[SUM_KINDS];	/* NULL: not wanted */
	uint64_t		 bytes;
	bool			 alone;		/* there will be no thread */
	unsigned char		*room;		/* NULL: there is no thread */
	pthread_t		 thread;
	pthread_mutex_t		 lock;		/* of these: */
	pthread_cond_t		 changed;
	uint64_t		 put, taken;	/* bytes, into the room and
						   out */
	bool			 over;		/* no more bytes come */
};

/* Of a session: sent, received. */
struct sums {
	struct sum	 ways[2];
};

static void
sum_make(struct sum *s, const void *bytes, size_t n)
{
	for (unsigned i = 0; i < SUM_KINDS; i++)
		if (s->digests[i] != NULL)
			digest_update(s->digests[i], bytes, n);
}

static void *
sum_run(void *arg)
{
	struct sum *s = arg;
	size_t at, n;

	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		while (s->put - s->taken < PIECE && !s->over)
			(void)pthread_cond_wait(&s->changed, &s->lock);
		if (s->put == s->taken)
			break;
		at = s->taken % ROOM;
		n = s->put - s->taken;
		/* A piece never crosses the end of the room. */
		if (n > PIECE)
			n = PIECE;
		(void)pthread_mutex_unlock(&s->lock);
		sum_make(s, s->room + at, n);
		(void)pthread_mutex_lock(&s->lock);
		if (s->put - s->taken == ROOM)
			(void)pthread_cond_signal(&s->changed);
		s->taken += n;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* False: the loop makes the digests, for want of memory or by choice. */
static bool
sum_start_thread(struct sum *s)
{
	sigset_t all, old;
	int num;

	if (s->room != NULL || s->alone)
		return !s->alone;
	s->alone = true;
	if ((s->room = malloc(ROOM)) == NULL)
		return false;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->changed, NULL);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	num = pthread_create(&s->thread, NULL, sum_run, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->alone = num != 0;
	if (num == 0)
		return true;
	free(s->room);
	s->room = NULL;
	return false;
}

/* Gives the bytes to the thread, and waits while there is no room. */
static void
sum_hand_over(struct sum *s, const unsigned char *bytes, size_t n)
{
	size_t part;

	for (; n > 0; bytes += part, n -= part) {
		(void)pthread_mutex_lock(&s->lock);
		while (s->put - s->taken == ROOM)
			(void)pthread_cond_wait(&s->changed, &s->lock);
		part = ROOM - (size_t)(s->put - s->taken);
		(void)pthread_mutex_unlock(&s->lock);
		if (part > ROOM - s->put % ROOM)
			part = ROOM - s->put % ROOM;
		if (part > n)
			part = n;
		memcpy(s->room + s->put % ROOM, bytes, part);
		(void)pthread_mutex_lock(&s->lock);
		s->put += part;
		if (s->put - s->taken >= PIECE &&
		    s->put - s->taken < PIECE + part)
			(void)pthread_cond_signal(&s->changed);
		(void)pthread_mutex_unlock(&s->lock);
	}
}

static void
sum_end_thread(struct sum *s)
{
	if (s->room == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->over = true;
	(void)pthread_cond_signal(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->changed);
	free(s->room);
	s->room = NULL;
}

static void
sum_on_fed(void *arg, const unsigned char *bytes, size_t n)
{
	struct sum *s = arg;

	s->bytes += n;
	if (s->bytes > THREAD_FROM && sum_start_thread(s))
		sum_hand_over(s, bytes, n);
	else
		sum_make(s, bytes, n);
}

static void
sum_on_taken(void *arg, const struct ring *ring, size_t n)
{
	struct iovec iov[2];
	int cnt = ring_data(ring, iov, n);

	for (int i = 0; i < cnt; i++)
		sum_on_fed(arg, iov[i].iov_base, iov[i].iov_len);
}

/* ---- A session ---------------------------------------------------------- */

static void
sums_free(struct sums *s)
{
	char text[DIGEST_TEXT_MAX];

	for (struct sum *way = s->ways; way < s->ways + 2; way++) {
		sum_end_thread(way);
		for (unsigned i = 0; i < SUM_KINDS; i++)
			if (way->digests[i] != NULL)
				(void)digest_end(way->digests[i], text);
	}
	free(s);
}

/* NULL with the error. */
static struct sums *
sums_new(unsigned kinds, struct error *err)
{
	struct sums *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		error_set(err, errno, "prepare", "digests");
		return NULL;
	}
	for (unsigned i = 0; i < 2 * SUM_KINDS; i++) {
		struct sum *way = &s->ways[i % 2];

		way->alone = kinds == 1U << SUM_CRC32C;
		if ((kinds & 1U << i / 2) != 0 &&
		    (way->digests[i / 2] = digest_new(i / 2, err)) == NULL) {
			sums_free(s);
			return NULL;
		}
	}
	return s;
}

int
sums_open(struct run *r, struct error *err)
{
	unsigned kinds = r->plan->sums;

	return kinds == 0 || (r->sums = sums_new(kinds, err)) != NULL ? 0 : -1;
}

bool
sums_start(struct run *r, struct flow_options *up)
{
	struct error err;

	if (r->plan->sums == 0)
		return true;
	if (r->sums == NULL &&
	    (r->sums = sums_new(r->plan->sums, &err)) == NULL)
		return false;
	up->watcher = &r->sums->ways[0];
	if (up->filter != NULL)
		up->fed = sum_on_fed;
	else
		up->took = sum_on_taken;
	return true;
}

void
sums_received(struct run *r, const void *bytes, size_t n)
{
	if (r->sums != NULL)
		sum_on_fed(&r->sums->ways[1], bytes, n);
}

/*
 * Returns whether bytes are missing at the end of a direction, or may be: if
 * the flow has not ended by itself, and the session has failed or was broken
 * off.
 */
static bool
sums_is_cut(const struct run *r, const struct flow *f, const struct outcome *o)
{
	return f->write_errno != 0 ||
	    (f->cause != FLOW_EOF && f->cause != FLOW_LIMIT &&
	    (outcome_any_failed(o) || r->deadline.passed ||
	    o->cause == SESSION_TOTAL || o->cause == SESSION_INTERRUPTED ||
	    o->cause == SESSION_RESET ||
	    (o->cause == SESSION_IDLE && plan_has_connections(r->plan))));
}

void
sums_report(struct run *r, const struct session *session,
    const struct outcome *outcome)
{
	static const char *const names[] = { "sent", "received" };
	const struct plan *plan = r->plan;
	struct sums *s = r->sums;
	struct outcome o = *outcome;
	char text[DIGEST_TEXT_MAX];
	bool cut[2];

	if (s == NULL)
		return;
	/* Of clients that share the session. */
	if (r->add_losses != NULL)
		r->add_losses(r->arg, &o);
	cut[0] = o.lost_out > 0 || sums_is_cut(r, &session->up, &o);
	/* A reset that a write has met is an end for the next read. */
	cut[1] = o.lost_in > 0 || o.far_write.num != 0 ||
	    sums_is_cut(r, &session->down, &o);
	for (unsigned i = 0; i < 2 * SUM_KINDS; i++) {
		struct sum *way = &s->ways[i % 2];

		sum_end_thread(way);
		if (way->digests[i / 2] == NULL || (i % 2 == 0 ?
		    plan->no_stdin && plan->ninputs == 0 : plan->no_stdout))
			continue;
		diag_plain("%s  %s%s", digest_end(way->digests[i / 2], text),
		    names[i % 2], cut[i % 2] ? " (incomplete)" : "");
		way->digests[i / 2] = NULL;
		r->incomplete |= diag_was_lost();
	}
	sums_free(s);
	r->sums = NULL;
}

void
sums_close(struct run *r)
{
	if (r->sums != NULL)
		sums_free(r->sums);
	r->sums = NULL;
}

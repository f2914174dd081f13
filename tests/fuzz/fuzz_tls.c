/*
 * TLS and DTLS over a transport that the input commands: it gives and takes
 * few bytes at a time or none, and bytes are flipped, cut, lost, repeated and
 * reordered, in the handshake or after it. The oracle: what an end reads is a
 * prefix of what the other has written (of datagrams: each is one of those,
 * and comes once); without damage all of it, and then the end; a call never
 * turns in circles, and what has failed stays so. Both ends may demand a
 * certificate of the other by a pin: an end with a wrong pin never opens.
 *
 * The keys come from a generator that begins anew with each input.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "fuzz.h"
#include "layer/tls_impl.h"

#define CHUNKS		128
#define CHUNK		((size_t)70 << 10)
#define DGRAMS		64
#define COMMANDS	300

struct chunk {
	unsigned char	*bytes;
	size_t		 at, len;
};

struct way {
	struct chunk	 chunks[CHUNKS];
	unsigned	 n;
	bool		 damaged, ended;
	int		 num;		/* errno of reads after the bytes */
	/* Of the plaintext. */
	size_t		 sent, got;
	size_t		 sizes[DGRAMS];	/* of datagrams */
	unsigned	 dgrams;
	bool		 seen[DGRAMS];
	bool		 shut, eof;
};

struct end {
	struct layer	 bottom;
	struct layer	*top;
	struct way	*in, *out;
	size_t		 read_max, write_max;
	unsigned	 waits;		/* calls that give AGAIN */
	unsigned	 refused;	/* calls in this operation that moved
					   nothing */
	bool		 open, failed;
};

/* Whom the ends trust: anybody, each other, or one of them a stranger. */
enum trust { ANYBODY, EACH_OTHER, CLIENT_ERRS, SERVER_ERRS, TRUSTS };

static enum trust	trust;
static bool		dgram;
static struct way	ways[2];
static struct end	ends[2];
static uint32_t		seed;
static size_t		moved;		/* calls that moved bytes */

/* ---- A generator in the place of randomness ------------------------------ */

static int
plain_bytes(unsigned char *buf, int n)
{
	for (int i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		buf[i] = (unsigned char)(seed >> 24);
	}
	return 1;
}

static int
plain_status(void)
{
	return 1;
}

static const RAND_METHOD plain = { .bytes = plain_bytes,
    .pseudorand = plain_bytes, .status = plain_status };

/* ---- The transport ------------------------------------------------------- */

static void
way_drop(struct way *w, unsigned i)
{
	free(w->chunks[i].bytes);
	memmove(w->chunks + i, w->chunks + i + 1,
	    (w->n - i - 1) * sizeof(w->chunks[0]));
	w->n--;
}

static void
way_add(struct way *w, const void *bytes, size_t len)
{
	struct chunk *c = &w->chunks[w->n++];

	c->bytes = malloc(len > 0 ? len : 1);
	FUZZ_CHECK(c->bytes != NULL);
	memcpy(c->bytes, bytes, len);
	c->at = 0;
	c->len = len;
}

static bool
end_refuses(struct end *e)
{
	if (e->waits == 0)
		return false;
	e->waits--;
	e->refused++;
	return true;
}

static enum io
end_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = (struct end *)l;
	struct way *w = e->in;
	size_t max = iov->iov_len;

	FUZZ_CHECK(cnt == 1);
	*n = 0;
	if (end_refuses(e))
		return IO_AGAIN;
	if (w->n == 0) {
		e->refused++;
		errno = w->num;
		return w->num != 0 ? IO_FAIL : w->ended ? IO_EOF : IO_AGAIN;
	}
	if (!dgram && e->read_max > 0 && max > e->read_max)
		max = e->read_max;
	*n = w->chunks[0].len - w->chunks[0].at;
	if (*n < max)
		max = *n;
	memcpy(iov->iov_base, w->chunks[0].bytes + w->chunks[0].at, max);
	w->chunks[0].at += max;
	moved++;
	if (dgram || w->chunks[0].at == w->chunks[0].len)
		way_drop(w, 0);
	if (!dgram)
		*n = max;
	return IO_OK;
}

static enum io
end_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = (struct end *)l;
	size_t max = iov->iov_len;

	FUZZ_CHECK(cnt == 1);
	*n = 0;
	if (e->out->n == CHUNKS) {
		e->refused++;
		return IO_AGAIN;
	}
	if (end_refuses(e))
		return IO_AGAIN;
	if (!dgram && e->write_max > 0 && max > e->write_max)
		max = e->write_max;
	if (max > CHUNK)
		max = CHUNK;
	way_add(e->out, iov->iov_base, max);
	moved++;
	*n = max;
	return IO_OK;
}

static void
end_close(struct layer *l)
{
	(void)l;
}

/* ---- Damage -------------------------------------------------------------- */

static void
damage(struct tape *t, struct way *w, unsigned how)
{
	size_t i = tape_upto(t, CHUNKS - 1), at = tape_upto(t, 65535);
	struct chunk *c, other;

	if (w->n == 0)
		return;
	w->damaged = true;
	i %= w->n;
	c = &w->chunks[i];
	switch (how) {
	case 0:
		if (c->len > c->at)
			c->bytes[c->at + at % (c->len - c->at)] ^=
			    (unsigned char)(1 + tape_upto(t, 254));
		break;
	case 1:
		c->len = c->at + at % (c->len - c->at + 1);
		break;
	case 2:
		way_drop(w, (unsigned)i);
		break;
	case 3:
		if (w->n < CHUNKS)
			way_add(w, c->bytes + c->at, c->len - c->at);
		break;
	default:
		other = w->chunks[at % w->n];
		w->chunks[at % w->n] = *c;
		*c = other;
	}
	/* An empty piece would look like an end. */
	for (i = w->n; !dgram && i-- > 0;)
		if (w->chunks[i].at == w->chunks[i].len)
			way_drop(w, (unsigned)i);
}

/* ---- Operations ---------------------------------------------------------- */

static unsigned char
pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 256 * 13);
}

static unsigned char	bytes[CHUNK];

static size_t
end_promised(const struct end *e)
{
	return ((const struct tls_layer *)e->top)->promised;
}

static void
end_fails(struct end *e)
{
	size_t n;
	struct iovec iov = { bytes, 1 };

	e->failed = true;
	if (dgram || ((struct tls_layer *)e->top)->state != TLS_FAILED)
		return;
	FUZZ_CHECK(e->top->ops->read(e->top, &iov, 1, &n) == IO_FAIL);
	FUZZ_CHECK(e->top->ops->write(e->top, &iov, 1, &n) == IO_FAIL);
	FUZZ_CHECK(layer_shut(e->top) != IO_AGAIN);
	FUZZ_CHECK(layer_pending(e->top) == 0);
}

static void
end_shake(struct end *e)
{
	enum io io = layer_handshake(&e->top);

	FUZZ_CHECK(io != IO_EOF);
	FUZZ_CHECK(e->refused <= 4);
	FUZZ_CHECK(io != IO_OK || trust <= EACH_OTHER ||
	    e != &ends[trust - CLIENT_ERRS]);
	e->open = io == IO_OK;
	if (io == IO_FAIL)
		end_fails(e);
}

static void
end_put_dgram(struct end *e, size_t size)
{
	struct way *w = e->out;
	struct iovec iov = { bytes, 0 };
	size_t n;
	enum io io;

	if (w->shut || w->dgrams == DGRAMS || w->n + 2 > CHUNKS)
		return;
	size = size % 3000 + 1;
	bytes[0] = (unsigned char)w->dgrams;
	for (size_t i = 1; i < size; i++)
		bytes[i] = pattern(w->dgrams * 37 + i);
	iov.iov_len = size;
	io = e->top->ops->write(e->top, &iov, 1, &n);
	if (io == IO_OK) {
		FUZZ_CHECK(n == size);
		w->sizes[w->dgrams++] = size;
	} else if (io != IO_AGAIN)
		end_fails(e);
}

static void
end_put(struct end *e, size_t size)
{
	struct way *w = e->out;
	struct iovec iov[2];
	size_t n, first = size / 3;
	enum io io;

	if (w->shut || w->n + 2 > CHUNKS || size == 0)
		return;
	for (size_t i = 0; i < size; i++)
		bytes[i] = pattern(w->sent + i);
	iov[0] = (struct iovec){ bytes, first };
	iov[1] = (struct iovec){ bytes + first, size - first };
	io = e->top->ops->write(e->top, iov, 2, &n);
	FUZZ_CHECK(e->refused <= 4 && n <= size);
	FUZZ_CHECK(io != IO_OK || n > 0);
	w->sent += n;
	if (io == IO_FAIL || io == IO_EOF)
		end_fails(e);
}

static void
end_check_dgram(struct way *w, size_t n, size_t size)
{
	unsigned i = bytes[0];

	FUZZ_CHECK(n > 0 && i < w->dgrams && !w->seen[i] && w->sizes[i] == n);
	w->seen[i] = true;
	for (size_t at = 1; at < n && at < size; at++)
		FUZZ_CHECK(bytes[at] == pattern(i * 37 + at));
}

static void
end_get(struct end *e, size_t size)
{
	struct way *w = e->in;
	struct iovec iov = { bytes, size + 1 };
	size_t n;
	enum io io = e->top->ops->read(e->top, &iov, 1, &n);

	FUZZ_CHECK(e->refused <= 4);
	FUZZ_CHECK(!w->eof || io == IO_EOF || io == IO_FAIL);
	switch (io) {
	case IO_OK:
		if (dgram) {
			end_check_dgram(w, n, iov.iov_len);
			return;
		}
		FUZZ_CHECK(n > 0 && n <= iov.iov_len);
		for (size_t i = 0; i < n; i++)
			FUZZ_CHECK(bytes[i] == pattern(w->got + i));
		w->got += n;
		/* The writer reports bytes when all their records are out. */
		FUZZ_CHECK(w->got <= w->sent + end_promised(&ends[e == ends]));
		return;
	case IO_AGAIN:
		FUZZ_CHECK(layer_pending(e->top) == 0);
		return;
	case IO_EOF:
		/* Nobody can make an end. */
		FUZZ_CHECK(dgram || w->shut || w->ended);
		FUZZ_CHECK(dgram || !w->shut || w->got == w->sent);
		w->eof = true;
		return;
	case IO_FAIL:
		end_fails(e);
	}
}

static void
end_shut(struct end *e)
{
	if (end_promised(e) > 0)
		return;
	/* The peer may hear of it before this end knows. */
	e->out->shut = true;
	(void)layer_shut(e->top);
	FUZZ_CHECK(e->refused <= 4);
}

static void
command(struct tape *t)
{
	unsigned c = tape_byte(t);
	struct end *e = &ends[c & 1];

	c = c / 2 % 16;
	e->refused = 0;
	if (c >= 12)
		damage(t, e->in, c - 12);
	else if (c == 11)
		damage(t, e->in, 4);
	else if (c == 10) {
		if (tape_byte(t) % 4 == 0)
			e->in->num = ECONNRESET;
		e->in->ended = e->in->damaged = true;
	} else if (c == 9)
		e->read_max = tape_upto(t, 255);
	else if (c == 8)
		e->write_max = tape_upto(t, 255);
	else if (c == 7)
		e->waits = tape_byte(t) % 8;
	else if (e->failed)
		return;
	else if (!e->open)
		end_shake(e);
	else if (c == 6)
		end_shut(e);
	else if (c >= 4 && dgram)
		end_put_dgram(e, tape_upto(t, 65535));
	else if (c >= 4)
		end_put(e, tape_upto(t, 65535));
	else
		end_get(e, tape_upto(t, 65535));
}

static size_t
progress(void)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		n += ways[i].sent + ways[i].got + ways[i].eof + ends[i].open +
		    ends[i].failed + moved;
	return n;
}

/* Both ends go on in fair weather, until nothing moves. */
static void
finish(void)
{
	size_t before = 0, now;
	int still = 0;
	struct end *e;

	for (int i = 0; still < 8; i++) {
		FUZZ_CHECK(i < 20000);
		now = progress();
		still = now == before ? still + 1 : 0;
		before = now;
		e = &ends[i % 2];
		e->waits = e->refused = 0;
		e->read_max = e->write_max = 0;
		if (e->failed)
			continue;
		if (!e->open) {
			end_shake(e);
			continue;
		}
		if (end_promised(e) > 0)
			end_put(e, CHUNK);
		else
			end_shut(e);
		e->refused = 0;
		if (!e->in->eof)
			end_get(e, 65535);
	}
}

static void
check_all_came(void)
{
	if (trust > EACH_OTHER) {
		FUZZ_CHECK(ways[0].got == 0 && ways[1].got == 0);
		FUZZ_CHECK(!ways[0].eof && !ways[1].eof);
		return;
	}
	for (int i = 0; i < 2; i++) {
		if (ways[0].damaged || ways[1].damaged)
			return;
		FUZZ_CHECK(!ends[i].failed && ends[i].open);
		FUZZ_CHECK(ways[i].got == ways[i].sent && ways[i].eof);
		for (unsigned k = 0; k < ways[i].dgrams; k++)
			FUZZ_CHECK(ways[i].seen[k]);
	}
}

/* ---- The target ---------------------------------------------------------- */

/* Makes the key of a role, once, and the pin that fits. */
static const char *
key_of(enum tls_role role, struct tls_pin *pin)
{
	static char *keys[2];
	static struct tls_pin pins[2];
	struct tls_options opt = { .on = true, .verify = TLS_VERIFY_NONE };
	struct tls_context *ctx;
	struct tls_cert cert;
	struct error err;
	bool made;

	if (keys[role] == NULL) {
		opt.pem = keys[role] = tls_make_key(&err);
		FUZZ_CHECK(opt.pem != NULL);
		ctx = tls_context_new(&opt, role, false, &err);
		FUZZ_CHECK(ctx != NULL && tls_context_cert(ctx, &cert, &made));
		memcpy(pins[role].sha256, cert.sha256, TLS_SHA256);
		tls_context_free(ctx);
	}
	*pin = pins[role];
	return keys[role];
}

static struct tls_context *
context(enum tls_role role, bool newest)
{
	struct tls_options opt = { .on = true, .verify = TLS_VERIFY_NONE,
	    .min = newest ? 13 : 12, .ciphers = dgram || newest ? NULL :
	    "ECDHE-ECDSA-AES128-GCM-SHA256" };
	struct tls_pin own, other;
	struct tls_context *ctx;
	struct error err;

	if (trust != ANYBODY) {
		opt.verify = TLS_VERIFY_PEER;
		opt.pem = key_of(role, &own);
		(void)key_of(1 - role, &other);
		other.sha256[0] ^= trust == CLIENT_ERRS + role;
		opt.pins = &other;
		opt.npins = 1;
	}
	ctx = tls_context_new(&opt, role, dgram, &err);
	FUZZ_CHECK(ctx != NULL);
	if (!dgram && !newest)
		FUZZ_CHECK(SSL_CTX_set_max_proto_version(ctx->ssl,
		    TLS1_2_VERSION) == 1);
	return ctx;
}

/* Of three versions and each trust, for both roles; kept for all inputs. */
static struct tls_context *
kept(enum tls_role role, unsigned version)
{
	static struct tls_context *contexts[2][3][TRUSTS];
	struct tls_context **ctx = &contexts[role][version][trust];

	if (*ctx == NULL)
		*ctx = context(role, version == 0);
	return *ctx;
}

static void
open_end(struct end *e, enum tls_role role, unsigned version)
{
	static const struct layer_ops ops = { .read = end_read,
	    .write = end_write, .close = end_close };

	*e = (struct end){ .bottom.ops = &ops, .in = &ways[role],
	    .out = &ways[1 - role],
	    .top = layer_tls(kept(role, version), "example.org") };
	FUZZ_CHECK(e->top != NULL);
	e->top->below = &e->bottom;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape tape = tape_of(data, size);
	unsigned first = tape_byte(&tape), version = first % 3;

	RAND_set_rand_method(&plain);
	seed = 1;
	dgram = version == 2;
	trust = (enum trust)(first / 3 % TRUSTS);
	memset(ways, 0, sizeof(ways));
	open_end(&ends[0], TLS_CLIENT, version);
	open_end(&ends[1], TLS_SERVER, version);
	for (int i = 0; i < COMMANDS && !tape_over(&tape); i++)
		command(&tape);
	finish();
	check_all_came();
	/* To close may write, too. */
	layer_close(ends[0].top);
	layer_close(ends[1].top);
	for (int i = 0; i < 2; i++)
		while (ways[i].n > 0)
			way_drop(&ways[i], ways[i].n - 1);
	return 0;
}

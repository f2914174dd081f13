/* TLS as a layer, over transports in memory. */
#include <fcntl.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "layer/tls_impl.h"
#include "tls_rig.h"

#define BULK	200000

static char	 path[256];

static unsigned char
pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 256 * 13 + i / 65536);
}

static SSL *
ssl_of(const struct rig_end *e)
{
	return ((struct tls_layer *)e->top)->ssl;
}

/* ---- A transfer --------------------------------------------------------- */

/* One end: what it has sent and got. */
struct party {
	struct rig_end	*end;
	size_t		 size;		/* to send */
	size_t		 piece;		/* at most, in a call */
	size_t		 buffer;	/* of reads */
	size_t		 sent, got;
	bool		 shut, eof, failed;
	int		 num;
	unsigned	 turns;
};

static unsigned char	bulk[BULK * 4], sink[BULK];

/* Two pieces, as a ring gives them. */
static void
party_send(struct party *p)
{
	size_t left = p->size - p->sent, n, first;
	struct iovec iov[2];
	enum io io;

	if (left > p->piece)
		left = p->piece;
	if (left == 0) {
		if ((io = layer_shut(p->end->top)) != IO_AGAIN)
			p->shut = true;
		p->failed |= io == IO_FAIL;
		return;
	}
	first = left / 3;
	iov[0] = (struct iovec){ bulk + p->sent, first };
	iov[1] = (struct iovec){ bulk + p->sent + first, left - first };
	io = p->end->top->ops->write(p->end->top, iov, 2, &n);
	if (io == IO_OK) {
		CHECK(n > 0 && n <= left);
		p->sent += n;
	} else if (io != IO_AGAIN) {
		p->failed = true;
		p->num = errno;
	}
}

static void
party_get(struct party *p)
{
	size_t n;
	enum io io = rig_get(p->end, sink, p->buffer, &n);

	if (io == IO_OK) {
		CHECK(memcmp(sink, bulk + p->got, n) == 0);
		p->got += n;
	} else if (io == IO_EOF)
		p->eof = true;
	else if (io == IO_FAIL) {
		p->failed = true;
		p->num = errno;
	}
}

static void
transfer(struct party *a, struct party *b)
{
	struct party *p;

	for (size_t i = 0; i < sizeof(bulk); i++)
		bulk[i] = pattern(i);
	for (unsigned i = 0;; i++) {
		CHECK(i < 2000000);
		if (unit_bad)
			return;
		p = i % 2 == 0 ? a : b;
		p->turns++;
		if (!p->shut && !p->failed)
			party_send(p);
		if (!p->eof && !p->failed)
			party_get(p);
		if ((a->eof || a->failed) && (b->eof || b->failed) &&
		    (a->shut || a->failed) && (b->shut || b->failed))
			return;
	}
}

struct weather {
	const char	*name;
	size_t		 size, read_max, write_max, room, piece, buffer;
	unsigned	 again;
	int		 version;	/* 0: the best */
};

static void
transfer_in(const struct weather *w)
{
	struct party c = { .end = &rig.client, .size = w->size,
	    .piece = w->piece, .buffer = w->buffer };
	struct party s = c;

	rig_init();
	if (w->version == 12)
		rig.client_opt.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
	s.end = &rig.server;
	CHECK(rig_open(NULL));
	if (w->version == 12)
		SSL_set_max_proto_version(ssl_of(&rig.client), TLS1_2_VERSION);
	rig.client.read_max = rig.server.read_max = w->read_max;
	rig.client.write_max = rig.server.write_max = w->write_max;
	rig.client.again = rig.server.again = w->again;
	CHECK_INT(rig_handshake(NULL), IO_OK);
	rig.up.room = rig.down.room = w->room;
	transfer(&c, &s);
	CHECK_INT(c.got, w->size);
	CHECK_INT(s.got, w->size);
	CHECK_INT(c.sent, w->size);
	CHECK(!c.failed && !s.failed);
	if (unit_bad)
		printf("it was: %s\n", w->name);
	rig_close();
}

TEST(every_transport_carries_the_same_bytes)
{
	static const struct weather all[] = {
		{ "fair", 4 * BULK, 0, 0, 0, BULK, BULK, 0, 0 },
		{ "TLS 1.2", 4 * BULK, 0, 0, 0, BULK, BULK, 0, 12 },
		{ "one byte", 3000, 1, 1, 0, 1000, 5000, 0, 0 },
		{ "one byte and waits", 3000, 1, 1, 0, 700, 33, 2, 0 },
		{ "one byte, TLS 1.2", 3000, 1, 1, 0, 700, 33, 3, 12 },
		{ "a small room", BULK, 0, 0, 1000, BULK, BULK, 0, 0 },
		{ "a room of one byte", 2000, 0, 0, 1, 2000, 100, 0, 0 },
		{ "short counts", BULK, 999, 1234, 0, 70000, 4096, 3, 0 },
		{ "small writes", BULK, 0, 0, 50000, 10, 4096, 0, 0 },
		{ "small reads", BULK, 0, 0, 50000, BULK, 7, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		transfer_in(&all[i]);
}

/* ---- Handshakes --------------------------------------------------------- */

TEST(both_ends_agree)
{
	struct tls_facts facts;
	struct tls_cert cert;
	bool made;
	enum io s;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(&s), IO_OK);
	CHECK_INT(s, IO_OK);
	(void)layer_facts(rig.client.top, &facts);
	CHECK_STR(facts.version, "TLSv1.3");
	CHECK(facts.has_cert && !facts.verified && facts.cert.self_signed);
	CHECK_STR(facts.cert.subject, "CN=localhost");
	CHECK(tls_context_cert(rig.server_ctx, &cert, &made) && made);
	CHECK(memcmp(cert.sha256, facts.cert.sha256, TLS_SHA256) == 0);
	(void)layer_facts(rig.server.top, &facts);
	CHECK(!facts.has_cert);
	CHECK_INT(layer_tls_date(rig.client.top), -1);
	rig_close();
}

TEST(each_direction_ends_by_itself)
{
	char buf[64];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.client, "hello", 5, &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(layer_shut(rig.client.top), IO_OK);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK(memcmp(buf, "hello", 5) == 0);
	CHECK(layer_pending(rig.server.top) > 0);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_EOF);
	CHECK_INT(layer_pending(rig.server.top), 0);
	CHECK_INT(rig_put(&rig.server, "answer", 6, &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 6);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(layer_shut(rig.server.top), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_EOF);
	rig_close();
}

/* What the peer never acknowledges is told from the user's bytes. */
TEST(a_close_notify_counts_once_it_is_out)
{
	size_t n, before;

	for (int i = 0; i < 2; i++) {
		rig_init();
		CHECK(rig_open(NULL));
		CHECK_INT(rig_handshake(NULL), IO_OK);
		CHECK_INT(rig_put(&rig.client, "last", 4, &n), IO_OK);
		CHECK_INT(layer_closing(rig.client.top), 0);
		before = rig.up.len;
		rig.up.write_num = i == 0 ? 0 : EPIPE;
		CHECK_INT(layer_shut(rig.client.top), i == 0 ? IO_OK : IO_FAIL);
		CHECK(i == 1 || rig.up.len > before);
		CHECK_INT(layer_closing(rig.client.top), rig.up.len - before);
		rig_close();
	}
}

/* Cuts what comes from the server after so many bytes. */
static enum io
handshake_cut_at(size_t cut)
{
	enum io c = IO_AGAIN, s = IO_AGAIN;
	size_t before = 0;

	for (int i = 0; i < 10 && c == IO_AGAIN; i++) {
		if ((c = layer_handshake(&rig.client.top)) == IO_FAIL)
			break;
		if (s == IO_AGAIN)
			s = layer_handshake(&rig.server.top);
		if (rig.down.len + before > cut && !rig.down.ended) {
			rig.down.len = cut - before;
			rig.down.ended = true;
		}
	}
	return c;
}

TEST(an_end_in_the_handshake_is_a_failure_wherever_it_comes)
{
	size_t whole;
	enum io io;

	rig_init();
	CHECK(rig_open(NULL));
	(void)layer_handshake(&rig.client.top);
	(void)layer_handshake(&rig.server.top);
	whole = rig.down.len;
	rig_close();
	for (size_t cut = 0; cut < whole; cut += 1 + cut / 16) {
		rig_init();
		CHECK(rig_open(NULL));
		io = handshake_cut_at(cut);
		if (io == IO_OK) {
			/* The certificate's signature has another length. */
			rig_close();
			continue;
		}
		CHECK_INT(io, IO_FAIL);
		CHECK_INT(errno, ECONNRESET);
		CHECK_STR(layer_fault(rig.client.top), "the peer closed the "
		    "connection during the TLS handshake");
		CHECK_INT(layer_shut(rig.client.top), IO_OK);
		rig_close();
	}
}

TEST(a_reset_keeps_its_errno)
{
	char buf[8];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	rig.down.num = ECONNRESET;
	CHECK_INT(layer_handshake(&rig.client.top), IO_FAIL);
	CHECK_INT(errno, ECONNRESET);
	CHECK(layer_fault(rig.client.top) == NULL);
	rig_close();

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.server, "last", 4, &n), IO_OK);
	rig.down.num = ECONNRESET;
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_FAIL);
	CHECK_INT(errno, ECONNRESET);
	CHECK(layer_fault(rig.client.top) == NULL);
	rig_close();
}

TEST(a_peer_without_TLS_is_named)
{
	static const char banner[] = "SSH-2.0-OpenSSH_9.2p1\r\n";
	static const char get[] = "GET / HTTP/1.0\r\n\r\n";

	rig_init();
	CHECK(rig_open(NULL));
	memcpy(rig.down.bytes, banner, sizeof(banner) - 1);
	rig.down.len = sizeof(banner) - 1;
	CHECK_INT(layer_handshake(&rig.client.top), IO_FAIL);
	CHECK_STR(layer_fault(rig.client.top), "the peer does not speak TLS "
	    "here");
	memcpy(rig.up.bytes, get, sizeof(get) - 1);
	rig.up.len = sizeof(get) - 1;
	rig.up.at = 0;
	CHECK_INT(layer_handshake(&rig.server.top), IO_FAIL);
	CHECK_STR(layer_fault(rig.server.top), "the peer speaks HTTP without "
	    "TLS");
	rig_close();
}

/* ---- The end ------------------------------------------------------------ */

TEST(a_truncation_is_no_end_wherever_it_comes)
{
	char text[100], buf[200];
	size_t n, got, cut, whole = 1;
	enum io io;

	memset(text, 'x', sizeof(text));
	for (cut = 0; cut <= whole; cut += 3) {
		rig_init();
		CHECK(rig_open(NULL));
		CHECK_INT(rig_handshake(NULL), IO_OK);
		(void)rig_get(&rig.client, buf, sizeof(buf), &n);
		rig.down.at = rig.down.len = 0;
		CHECK_INT(rig_put(&rig.server, text, 50, &n), IO_OK);
		got = rig.down.len;
		CHECK_INT(rig_put(&rig.server, text + 50, 50, &n), IO_OK);
		whole = rig.down.len;
		CHECK_INT(layer_shut(rig.server.top), IO_OK);
		rig.down.len = cut < whole ? cut : whole;
		rig.down.ended = true;
		n = 0;
		io = rig_get(&rig.client, buf, sizeof(buf), &n);
		if (rig.down.len >= got) {
			CHECK_INT(io, IO_OK);
			CHECK_INT(n, rig.down.len >= whole ? 100 : 50);
			CHECK(layer_pending(rig.client.top) > 0 ||
			    rig.down.at == rig.down.len);
			io = rig_get(&rig.client, buf, sizeof(buf), &n);
		}
		CHECK_INT(io, IO_FAIL);
		CHECK_INT(errno, EPROTO);
		CHECK_STR(layer_fault(rig.client.top), "the peer closed the "
		    "connection without ending TLS (data may be missing)");
		CHECK_INT(layer_pending(rig.client.top), 0);
		/* The other direction goes on. */
		CHECK_INT(rig_put(&rig.client, text, 10, &n), IO_OK);
		CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_OK);
		CHECK_INT(n, 10);
		CHECK_INT(layer_shut(rig.client.top), IO_OK);
		rig_close();
	}
}

TEST(a_lenient_end_takes_a_bare_FIN)
{
	char buf[64];
	size_t n;

	rig_init();
	rig.client_opt.lenient = true;
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.server, "hello", 5, &n), IO_OK);
	rig.down.ended = true;
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_EOF);
	rig_close();

	/* But not in the middle of a record. */
	rig_init();
	rig.client_opt.lenient = true;
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.server, "hello", 5, &n), IO_OK);
	rig.down.len -= 3;
	rig.down.ended = true;
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_FAIL);
	CHECK_INT(errno, EPROTO);
	rig_close();
}

TEST(a_damaged_record_is_a_failure)
{
	char buf[64];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)rig_get(&rig.client, buf, sizeof(buf), &n);
	CHECK_INT(rig_put(&rig.server, "first", 5, &n), IO_OK);
	CHECK_INT(rig_put(&rig.server, "second", 6, &n), IO_OK);
	rig.down.bytes[rig.down.len - 4] ^= 1;
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK(layer_pending(rig.client.top) > 0);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_FAIL);
	CHECK_INT(errno, EPROTO);
	CHECK_STR(layer_fault(rig.client.top), "a record was damaged on its "
	    "way");
	CHECK_INT(layer_pending(rig.client.top), 0);
	CHECK_INT(rig_put(&rig.client, "x", 1, &n), IO_FAIL);
	CHECK_INT(layer_shut(rig.client.top), IO_OK);
	/* The other end hears why. */
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_FAIL);
	CHECK_STR(layer_fault(rig.server.top), "the peer sent a TLS alert: "
	    "bad record mac");
	rig_close();
}

/* ---- Readiness ---------------------------------------------------------- */

TEST(half_a_record_is_not_pending)
{
	char buf[64];
	size_t n, whole;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(layer_pending(rig.client.top), 0);
	CHECK_INT(rig_put(&rig.server, "hello", 5, &n), IO_OK);
	whole = rig.down.len;
	rig.down.len -= 7;
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(layer_pending(rig.client.top), 0);
	rig.down.len = whole;
	CHECK_INT(rig_get(&rig.client, buf, 3, &n), IO_OK);
	CHECK_INT(n, 3);
	CHECK_INT(layer_pending(rig.client.top), 2);
	CHECK_INT(rig_get(&rig.client, buf, 2, &n), IO_OK);
	CHECK_INT(n, 2);
	CHECK_INT(layer_pending(rig.client.top), 0);
	rig_close();
}

TEST(records_that_were_read_ahead_are_pending)
{
	char buf[64];
	size_t n;
	unsigned reads;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.server, "first", 5, &n), IO_OK);
	CHECK_INT(rig_put(&rig.server, "second", 6, &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, 5, &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK(layer_pending(rig.client.top) > 0);
	reads = rig.client.reads;
	CHECK_INT(rig_get(&rig.client, buf, 6, &n), IO_OK);
	CHECK_INT(n, 6);
	CHECK_INT(rig.client.reads, reads);
	CHECK_INT(layer_pending(rig.client.top), 0);
	rig_close();
}

TEST(several_records_go_out_by_one_write)
{
	unsigned writes;
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	writes = rig.client.writes;
	CHECK_INT(rig_put(&rig.client, bulk, 65536, &n), IO_OK);
	CHECK_INT(n, 65536);
	CHECK_INT(rig.client.writes, writes + 1);
	CHECK(rig.up.len - rig.up.at > 65536);
	rig_close();
}

TEST(bytes_are_reported_once_they_are_out)
{
	char buf[2000];
	size_t n;
	enum io io;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	rig.up.at = rig.up.len = 0;
	rig.up.room = 100;
	CHECK_INT(rig_put(&rig.client, bulk, 1000, &n), IO_AGAIN);
	CHECK_INT(n, 0);
	CHECK_INT(layer_want(rig.client.top, LOOP_OUT), LOOP_OUT);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_AGAIN);
	rig.up.room = 0;
	/* Fewer bytes than before: no byte is reported that was not given. */
	CHECK_INT(rig_put(&rig.client, bulk, 400, &n), IO_OK);
	CHECK_INT(n, 400);
	CHECK_INT(rig_put(&rig.client, bulk + 400, 700, &n), IO_OK);
	CHECK_INT(n, 700);
	io = rig_get(&rig.server, buf, sizeof(buf), &n);
	CHECK_INT(io, IO_OK);
	CHECK_INT(n, 1100);
	CHECK(memcmp(buf, bulk, 1100) == 0);
	rig_close();
}

/* An end whose peer has no room says so to the other direction's wish. */
TEST(an_answer_of_a_read_waits_for_room)
{
	char buf[64];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)rig_get(&rig.client, buf, sizeof(buf), &n);
	CHECK_INT(SSL_key_update(ssl_of(&rig.server),
	    SSL_KEY_UPDATE_REQUESTED), 1);
	CHECK_INT(rig_put(&rig.server, "new key", 7, &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 7);
	/* The answer leaves with the next bytes, or before them. */
	rig.up.at = rig.up.len = 0;
	rig.up.room = 1;
	CHECK_INT(rig_put(&rig.client, "more", 4, &n), IO_AGAIN);
	CHECK_INT(layer_want(rig.client.top, LOOP_IN), LOOP_IN | LOOP_OUT);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	rig.up.room = 0;
	CHECK_INT(rig_put(&rig.client, "more", 4, &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK_INT(layer_want(rig.client.top, LOOP_IN), LOOP_IN);
	rig_close();
}

/* Each end asks for new keys again and again. */
TEST(new_keys_do_not_disturb_a_transfer)
{
	struct party c = { .end = &rig.client, .size = BULK, .piece = 5000,
	    .buffer = 3000 };
	struct party s = c;

	rig_init();
	s.end = &rig.server;
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	rig.up.room = rig.down.room = 3000;
	for (size_t size = 0; size <= BULK; size += 10000) {
		for (int i = 0; i < 1000 && (c.sent < size || s.sent < size);
		    i++) {
			if (c.sent < size)
				party_send(&c);
			party_get(&s);
			if (s.sent < size)
				party_send(&s);
			party_get(&c);
		}
		CHECK_INT(SSL_key_update(ssl_of(&rig.server),
		    SSL_KEY_UPDATE_REQUESTED), 1);
		CHECK_INT(SSL_key_update(ssl_of(&rig.client), size % 20000 ?
		    SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED),
		    1);
	}
	transfer(&c, &s);
	CHECK_INT(c.got, BULK);
	CHECK_INT(s.got, BULK);
	CHECK(!c.failed && !s.failed);
	rig_close();
}

TEST(a_client_of_TLS_12_lets_its_server_begin_anew)
{
	char buf[64];
	size_t n;
	enum io io = IO_AGAIN;

	rig_init();
	CHECK(rig_open(NULL));
	SSL_set_max_proto_version(ssl_of(&rig.client), TLS1_2_VERSION);
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)SSL_clear_options(ssl_of(&rig.server), SSL_OP_NO_RENEGOTIATION);
	CHECK_INT(SSL_renegotiate(ssl_of(&rig.server)), 1);
	(void)SSL_do_handshake(ssl_of(&rig.server));
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(rig_put(&rig.client, "hello", 5, &n), IO_AGAIN);
	CHECK_INT(layer_want(rig.client.top, LOOP_OUT), LOOP_IN);
	for (int i = 0; i < 10 && io == IO_AGAIN; i++) {
		CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n),
		    IO_AGAIN);
		io = rig_put(&rig.client, "hello", 5, &n);
	}
	CHECK_INT(io, IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(layer_want(rig.client.top, LOOP_OUT), LOOP_OUT);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	rig_close();
}

/* ---- Who the peer is ---------------------------------------------------- */

/* A server with a lasting certificate, which is also written to a file. */
static char *
server_with_key(void)
{
	struct error err;
	char *pem = tls_make_key(&err);
	int fd;

	rig.server_opt.pem = pem;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd != -1 && pem != NULL &&
	    write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem));
	(void)close(fd);
	rig.client_opt.verify = TLS_VERIFY_PEER;
	return pem;
}

/* The client's fault; NULL: it has agreed. */
static const char *
refusal(const char *name, const char *ca, const struct tls_pin *pin)
{
	static char why[400];
	struct tls_facts facts;
	enum io io, s;

	rig.client_opt.ca = ca;
	rig.client_opt.pins = (struct tls_pin *)(uintptr_t)pin;
	rig.client_opt.npins = pin != NULL ? 1 : 0;
	rig_end_init(&rig.client, &rig.down, &rig.up);
	rig_end_init(&rig.server, &rig.up, &rig.down);
	memset(&rig.up, 0, sizeof(rig.up));
	memset(&rig.down, 0, sizeof(rig.down));
	CHECK(rig_open(name));
	io = rig_handshake(&s);
	if (io == IO_FAIL)
		(void)snprintf(why, sizeof(why), "%s",
		    layer_fault(rig.client.top));
	else {
		(void)layer_facts(rig.client.top, &facts);
		CHECK(facts.verified == (pin == NULL || ca != NULL));
		CHECK(facts.pinned == (pin != NULL));
	}
	rig_close();
	return io == IO_FAIL ? why : NULL;
}

TEST(a_client_verifies_chain_and_name)
{
	char *pem;

	rig_init();
	pem = server_with_key();
	CHECK_STR(refusal("example.org", NULL, NULL), "certificate verify "
	    "failed for example.org: the certificate is self-signed and not "
	    "trusted here (see --tls-ca and --tls-pin)");
	CHECK_STR(refusal("example.org", path, NULL), "certificate verify "
	    "failed for example.org: the certificate is for sockcat");
	CHECK_STR(refusal("127.0.0.1", path, NULL), "certificate verify "
	    "failed for 127.0.0.1: the certificate is for sockcat");
	CHECK_STR(refusal(NULL, path, NULL), "certificate verify failed: no "
	    "name was given to verify");
	CHECK(refusal("sockcat", path, NULL) == NULL);
	CHECK(refusal("SOCKCAT.", path, NULL) == NULL);
	free(pem);
}

TEST(a_pin_stands_in_the_place_of_chain_and_name)
{
	struct tls_pin pin, wrong = { .sha256 = { 1 } };
	struct tls_cert cert;
	const char *why;
	bool made;
	char *pem;

	rig_init();
	pem = server_with_key();
	CHECK(rig_open(NULL));
	CHECK(tls_context_cert(rig.server_ctx, &cert, &made) && !made);
	memcpy(pin.sha256, cert.sha256, sizeof(pin.sha256));
	rig_close();
	CHECK(refusal("example.org", NULL, &pin) == NULL);
	CHECK(refusal(NULL, NULL, &pin) == NULL);
	CHECK(refusal(NULL, path, &pin) == NULL);
	CHECK(refusal("sockcat", path, &pin) == NULL);
	CHECK(refusal("example.org", path, &pin) != NULL);
	why = refusal("sockcat", path, &wrong);
	CHECK(why != NULL && strstr(why, " is not the pinned one") != NULL);
	CHECK(refusal(NULL, NULL, &wrong) != NULL);
	rig.client_opt.verify = TLS_VERIFY_NONE;
	CHECK(refusal(NULL, NULL, &wrong) != NULL);
	free(pem);
}

/* The server's fault; "": it has agreed. */
static const char *
server_refusal(const char *client_pem, const char *ca,
    const struct tls_pin *pin)
{
	static char why[400];
	enum io s = IO_OK;

	rig_init();
	rig.client_opt.pem = client_pem;
	rig.server_opt.client_ca = ca;
	rig.server_opt.pins = (struct tls_pin *)(uintptr_t)pin;
	rig.server_opt.npins = pin != NULL ? 1 : 0;
	CHECK(rig_open(NULL));
	(void)rig_handshake(&s);
	(void)snprintf(why, sizeof(why), "%s", s == IO_FAIL ?
	    layer_fault(rig.server.top) : "");
	rig_close();
	return why;
}

TEST(a_server_lets_in_whom_it_knows)
{
	struct tls_pin pin = { .sha256 = { 1 } };
	struct error err;
	char *mine, *other;

	rig_init();
	mine = server_with_key();
	other = tls_make_key(&err);
	CHECK_STR(server_refusal(NULL, path, NULL), "the peer showed no "
	    "certificate");
	CHECK_STR(server_refusal(mine, path, NULL), "");
	CHECK(strstr(server_refusal(other, path, NULL),
	    "certificate verify failed: ") != NULL);
	CHECK_STR(server_refusal(NULL, NULL, &pin), "the peer showed no "
	    "certificate");
	CHECK(strstr(server_refusal(mine, NULL, &pin), "is not the pinned") !=
	    NULL);
	free(mine);
	free(other);
}

TEST(a_server_may_ask_and_go_on_without)
{
	struct tls_facts facts;
	char *pem;

	rig_init();
	pem = server_with_key();
	rig.client_opt.verify = TLS_VERIFY_NONE;
	rig.client_opt.pem = pem;
	rig.server_opt.asks_cert = true;
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)layer_facts(rig.server.top, &facts);
	CHECK(facts.has_cert && !facts.verified);
	CHECK_STR(facts.cert.subject, "CN=sockcat");
	CHECK_STR(facts.cert.not_after, "9999-12-31 23:59:59 UTC");
	rig_close();
	free(pem);
}

/* ---- Options ------------------------------------------------------------ */

TEST(ALPN_is_the_servers_choice)
{
	struct tls_facts facts;
	enum io s;

	rig_init();
	rig.client_opt.alpn = "http/1.1,h2,imap";
	rig.server_opt.alpn = "h2,http/1.1";
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)layer_facts(rig.client.top, &facts);
	CHECK_STR(facts.alpn, "h2");
	(void)layer_facts(rig.server.top, &facts);
	CHECK_STR(facts.alpn, "h2");
	rig_close();
	rig_init();
	rig.client_opt.alpn = "imap";
	rig.server_opt.alpn = "h2";
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(&s), IO_FAIL);
	CHECK_STR(layer_fault(rig.client.top), "the peer sent a TLS alert: "
	    "no application protocol");
	CHECK_INT(s, IO_FAIL);
	CHECK_STR(layer_fault(rig.server.top), "the peer offers no ALPN "
	    "protocol that is allowed here");
	rig_close();
}

TEST(one_list_has_all_ciphers)
{
	struct tls_facts facts;
	struct error err;

	rig_init();
	rig.client_opt.ciphers = "TLS_CHACHA20_POLY1305_SHA256:"
	    "ECDHE-ECDSA-AES256-GCM-SHA384";
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	(void)layer_facts(rig.client.top, &facts);
	CHECK_STR(facts.cipher, "TLS_CHACHA20_POLY1305_SHA256");
	rig_close();
	rig.client_opt.ciphers = "HIGH:!aNULL:ECDHE-NO-SUCH";
	CHECK(tls_context_new(&rig.client_opt, TLS_CLIENT, false, &err) ==
	    NULL);
	CHECK_STR(err.object, "cipher ECDHE-NO-SUCH");
	CHECK_STR(err.why, "no cipher has this name");
	rig.client_opt.ciphers = "TLS_AES_512_GCM_SHA384";
	CHECK(tls_context_new(&rig.client_opt, TLS_CLIENT, false, &err) ==
	    NULL);
	CHECK_STR(err.object, "cipher TLS_AES_512_GCM_SHA384");
}

TEST(files_that_do_not_serve_are_named)
{
	struct tls_options opt = { .on = true, .cert = "/nowhere/cert.pem" };
	struct error err;
	char other[300], *pem;

	CHECK(tls_context_new(&opt, TLS_SERVER, false, &err) == NULL);
	CHECK_STR(err.object, "certificate /nowhere/cert.pem");
	CHECK_INT(err.num, ENOENT);
	CHECK_STR(err.why, "");
	opt.cert = "/dev/null";
	CHECK(tls_context_new(&opt, TLS_SERVER, false, &err) == NULL);
	CHECK_STR(err.why, "the file has no certificate in PEM form");
	opt = (struct tls_options){ .on = true, .ca = "/nowhere" };
	CHECK(tls_context_new(&opt, TLS_CLIENT, false, &err) == NULL);
	CHECK_INT(err.num, ENOENT);
	/* The key of another certificate. */
	rig_init();
	pem = server_with_key();
	free(pem);
	(void)snprintf(other, sizeof(other), "%s", path);
	(void)snprintf(path, sizeof(path), "%.250s.2", other);
	pem = server_with_key();
	free(pem);
	opt = (struct tls_options){ .on = true, .cert = other, .key = path };
	CHECK(tls_context_new(&opt, TLS_SERVER, false, &err) == NULL);
	CHECK_STR(err.why, "the key does not belong to the certificate");
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%.250s", other);
	opt = (struct tls_options){ .on = true, .min = 13 };
	CHECK(tls_context_new(&opt, TLS_CLIENT, true, &err) == NULL);
}

TEST(a_context_may_go_before_its_layers)
{
	char buf[64];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	tls_context_free(rig.client_ctx);
	tls_context_free(rig.server_ctx);
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.server, "hello", 5, &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	layer_close(rig.client.top);
	layer_close(rig.server.top);
}

TEST(a_name_that_cannot_be_sent_is_refused)
{
	struct tls_options opt = { .on = true };
	struct tls_context *ctx;
	struct error err;
	char name[4096];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ctx = tls_context_new(&opt, TLS_CLIENT, false, &err);
	CHECK(ctx != NULL && layer_tls(ctx, name) == NULL);
	CHECK_INT(errno, ENAMETOOLONG);
	tls_context_free(ctx);
}

BEFORE
{
	const char *dir = getenv("TEST_TMPDIR");

	(void)snprintf(path, sizeof(path), "%s/tls.pem",
	    dir != NULL ? dir : "/tmp");
}

AFTER
{
	(void)unlink(path);
}

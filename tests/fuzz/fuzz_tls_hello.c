/*
 * Datagrams of strangers to a listening socket of DTLS: bytes of the input, and
 * ClientHellos of real clients that are changed, cut, or sent from another
 * address. The oracle: only a cookie that was given to this very address opens
 * the door; an answer is a HelloVerifyRequest that is not longer than the
 * question; what was sent before does no harm to an honest client.
 *
 * The keys and the secret come from a generator that begins with a hash of the
 * input, so that no input can know a cookie.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <sys/un.h>
#include <netinet/in.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "fuzz.h"
#include "layer/tls_impl.h"

#define SENDERS		4
#define LONGEST		2048
#define COMMANDS	64
#define HELLO_VERIFY	3	/* the type of the message, RFC 6347 */

struct dgram {
	unsigned char	bytes[LONGEST];
	size_t		len;
};

struct sender {
	struct sockaddr_storage	 from;
	socklen_t		 fromlen;
	struct dgram		 first, second;	/* without and with cookie */
};

static SSL_CTX			*server_ctx, *client_ctx;
static struct tls_hello_state	*state;
static struct sender		 senders[SENDERS];
static uint32_t			 seed;

static int
hello_bytes(unsigned char *buf, int n)
{
	for (int i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		buf[i] = (unsigned char)(seed >> 24);
	}
	return 1;
}

static int
hello_status(void)
{
	return 1;
}

static const RAND_METHOD hello_random = { .bytes = hello_bytes,
    .pseudorand = hello_bytes, .status = hello_status };

static void
hello_seed(const uint8_t *data, size_t size)
{
	seed = 2166136261;
	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 16777619;
}

/* Two of IPv4 that differ in the port alone, one of IPv6, one of Unix. */
static void
hello_address(struct sender *s, unsigned i)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)(1000 + i)),
	    .sin_addr.s_addr = htonl(0x7f000001) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(1000), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX,
	    .sun_path = "/tmp/peer" };

	memset(&s->from, 0, sizeof(s->from));
	s->fromlen = i < 2 ? sizeof(in) : i == 2 ? sizeof(in6) : sizeof(un);
	memcpy(&s->from, i < 2 ? (void *)&in : i == 2 ? (void *)&in6 :
	    (void *)&un, s->fromlen);
}

static enum tls_hello
hello_look(const struct sender *s, const struct dgram *d,
    unsigned char answer[TLS_ANSWER_MAX], size_t *n)
{
	enum tls_hello hello;
	SSL *ssl;

	hello = tls_hello_look(state, d->bytes, d->len,
	    (const struct sockaddr *)&s->from, s->fromlen, answer, n, &ssl);
	FUZZ_CHECK((hello == TLS_HELLO_VERIFIED) == (ssl != NULL));
	FUZZ_CHECK((hello == TLS_HELLO_ANSWER) == (*n > 0));
	if (hello == TLS_HELLO_ANSWER)
		FUZZ_CHECK(*n > 13 && *n <= d->len && *n <= TLS_ANSWER_MAX &&
		    answer[0] == SSL3_RT_HANDSHAKE &&
		    answer[13] == HELLO_VERIFY);
	FUZZ_CHECK(ERR_peek_error() == 0);
	SSL_free(ssl);
	return hello;
}

/* The client's next datagram. */
static void
hello_speak(SSL *client, struct dgram *d)
{
	int n;

	(void)SSL_do_handshake(client);
	ERR_clear_error();
	n = BIO_read(SSL_get_wbio(client), d->bytes, LONGEST);
	FUZZ_CHECK(n > 0);
	d->len = (size_t)n;
}

/* An honest client, whose datagrams are kept. */
static void
hello_meet(struct sender *s)
{
	unsigned char answer[TLS_ANSWER_MAX];
	SSL *client = SSL_new(client_ctx);
	size_t n;

	FUZZ_CHECK(client != NULL);
	SSL_set_bio(client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_options(client, SSL_OP_NO_QUERY_MTU);
	(void)SSL_set_mtu(client, 1400);
	SSL_set_connect_state(client);
	hello_speak(client, &s->first);
	FUZZ_CHECK(hello_look(s, &s->first, answer, &n) == TLS_HELLO_ANSWER);
	(void)BIO_write(SSL_get_rbio(client), answer, (int)n);
	hello_speak(client, &s->second);
	SSL_free(client);
}

static void
hello_begin(void)
{
	if (server_ctx == NULL) {
		server_ctx = SSL_CTX_new(DTLS_server_method());
		client_ctx = SSL_CTX_new(DTLS_client_method());
	}
	RAND_set_rand_method(&hello_random);
	FUZZ_CHECK(server_ctx != NULL && client_ctx != NULL);
	state = tls_hello_new(server_ctx);
	FUZZ_CHECK(state != NULL);
	for (unsigned i = 0; i < SENDERS; i++) {
		hello_address(&senders[i], i);
		hello_meet(&senders[i]);
	}
}

static void
hello_change(struct tape *t, struct dgram *d)
{
	for (unsigned n = tape_byte(t) % 8; n > 0; n--)
		d->bytes[tape_upto(t, d->len - 1)] ^=
		    (unsigned char)tape_byte(t);
	if (tape_byte(t) % 4 == 3)
		d->len = tape_upto(t, d->len);
	else if (tape_byte(t) % 4 == 3)
		for (unsigned n = tape_byte(t); n > 0; n--)
			d->bytes[d->len++] = (unsigned char)tape_byte(t);
}

static void
hello_command(struct tape *t)
{
	unsigned char answer[TLS_ANSWER_MAX];
	unsigned c = tape_byte(t), i = c % SENDERS;
	const struct sender *s = &senders[i];
	struct dgram d = { .len = 0 };
	enum tls_hello hello;
	size_t n;

	switch (c / SENDERS % 4) {
	case 0:
		for (n = tape_upto(t, LONGEST); d.len < n; d.len++)
			d.bytes[d.len] = (unsigned char)tape_byte(t);
		break;
	case 1:
		d = s->first;
		hello_change(t, &d);
		break;
	case 2:
		d = s->second;
		hello_change(t, &d);
		break;
	case 3:
		/* A cookie that was stolen. */
		d = senders[(i + 1 + c / 16 % 3) % SENDERS].second;
		hello_change(t, &d);
		break;
	}
	hello = hello_look(s, &d, answer, &n);
	FUZZ_CHECK(hello != TLS_HELLO_VERIFIED || c / SENDERS % 4 == 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	unsigned char answer[TLS_ANSWER_MAX];
	size_t n;

	hello_seed(data, size);
	hello_begin();
	for (int i = 0; i < COMMANDS && !tape_over(&t); i++)
		hello_command(&t);
	for (unsigned i = 0; i < SENDERS; i++)
		FUZZ_CHECK(hello_look(&senders[i], &senders[i].second, answer,
		    &n) == TLS_HELLO_VERIFIED);
	tls_hello_free(state);
	return 0;
}

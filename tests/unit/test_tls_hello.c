/*
 * The cookie exchange: a client of OpenSSL's own, with BIOs in memory, sends
 * datagrams to the listening side.
 */
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"
#include "unit.h"

#define LONGEST	4096

static SSL_CTX			*server_ctx, *client_ctx;
static struct tls_hello_state	*state;
static SSL			*client, *server;
static struct sockaddr_in	from;
static unsigned char		dgram[LONGEST], answer[TLS_ANSWER_MAX];
static size_t			dgram_len, answer_len;

static SSL_CTX *
make_server(void)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	if (ctx == NULL || key == NULL || cert == NULL)
		abort();
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	(void)X509_set_pubkey(cert, key);
	(void)X509_sign(cert, key, EVP_sha256());
	(void)SSL_CTX_use_certificate(ctx, cert);
	(void)SSL_CTX_use_PrivateKey(ctx, key);
	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

static void
begin(void)
{
	server_ctx = make_server();
	client_ctx = SSL_CTX_new(DTLS_client_method());
	state = tls_hello_new(server_ctx);
	client = SSL_new(client_ctx);
	if (client_ctx == NULL || state == NULL || client == NULL)
		abort();
	SSL_set_bio(client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_options(client, SSL_OP_NO_QUERY_MTU);
	(void)SSL_set_mtu(client, 1400);
	SSL_set_connect_state(client);
	from = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons(1234), .sin_addr.s_addr = htonl(0x7f000001) };
	server = NULL;
}

static void
end(void)
{
	SSL_free(client);
	SSL_free(server);
	tls_hello_free(state);
	SSL_CTX_free(client_ctx);
	SSL_CTX_free(server_ctx);
	CHECK_INT(ERR_peek_error(), 0);
}

/* The client's next flight, which is a single datagram. */
static void
client_speaks(void)
{
	int n;

	(void)SSL_do_handshake(client);
	ERR_clear_error();
	n = BIO_read(SSL_get_wbio(client), dgram, sizeof(dgram));
	dgram_len = n > 0 ? (size_t)n : 0;
}

static enum tls_hello
look(void)
{
	return tls_hello_look(state, dgram, dgram_len,
	    (const struct sockaddr *)&from, sizeof(from), answer, &answer_len,
	    &server);
}

/* The client gets the cookie, and shows it in its next datagram. */
static void
client_shows_cookie(void)
{
	client_speaks();
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	CHECK(server == NULL);
	(void)BIO_write(SSL_get_rbio(client), answer, (int)answer_len);
	client_speaks();
	CHECK(dgram_len > 0);
}

TEST(a_first_datagram_gets_a_shorter_answer)
{
	begin();
	client_speaks();
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	CHECK(answer_len > 0 && answer_len < dgram_len);
	/* A HelloVerifyRequest in a record of the handshake. */
	CHECK_INT(answer[0], 22);
	CHECK_INT(answer[13], 3);
	CHECK(server == NULL);
	end();
}

TEST(no_more_is_kept_for_many_senders)
{
	unsigned char first[TLS_ANSWER_MAX];
	size_t first_len;

	begin();
	client_speaks();
	(void)look();
	memcpy(first, answer, answer_len);
	first_len = answer_len;
	for (unsigned i = 0; i < 2000; i++) {
		from.sin_port = htons((uint16_t)(2000 + i));
		CHECK_INT(look(), TLS_HELLO_ANSWER);
		CHECK(answer_len == first_len &&
		    memcmp(answer, first, first_len) != 0);
	}
	from.sin_port = htons(1234);
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	CHECK(memcmp(answer, first, first_len) == 0);
	end();
}

TEST(the_cookie_verifies_its_sender)
{
	begin();
	client_shows_cookie();
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	CHECK(server != NULL);
	CHECK_INT(answer_len, 0);
	end();
}

TEST(the_cookie_of_another_sender_is_asked_for_again)
{
	begin();
	client_shows_cookie();
	from.sin_port = htons(1235);
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	from.sin_port = htons(1234);
	from.sin_addr.s_addr = htonl(0x7f000002);
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	from.sin_addr.s_addr = htonl(0x7f000001);
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	end();
}

TEST(the_cookie_of_another_run_is_asked_for_again)
{
	begin();
	client_shows_cookie();
	tls_hello_free(state);
	state = tls_hello_new(server_ctx);
	CHECK_INT(look(), TLS_HELLO_ANSWER);
	end();
}

TEST(a_changed_cookie_is_asked_for_again)
{
	size_t at;

	begin();
	client_shows_cookie();
	/* Two headers, version, random, an empty session, and a length. */
	at = 13 + 12 + 2 + 32 + 1 + 1;
	CHECK_INT(dgram[at - 1], 32);
	for (size_t i = 0; i < 32; i++) {
		dgram[at + i] ^= 1;
		CHECK_INT(look(), TLS_HELLO_ANSWER);
		dgram[at + i] ^= 1;
	}
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	end();
}

TEST(the_handshake_goes_on)
{
	unsigned char text[16];

	begin();
	client_shows_cookie();
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_options(server, SSL_OP_NO_QUERY_MTU);
	(void)SSL_set_mtu(server, 1400);
	for (int i = 0; i < 8 && !SSL_is_init_finished(client); i++) {
		(void)SSL_do_handshake(server);
		dgram_len = (size_t)BIO_read(SSL_get_wbio(server), dgram,
		    sizeof(dgram));
		(void)BIO_write(SSL_get_rbio(client), dgram, (int)dgram_len);
		client_speaks();
		if (dgram_len > 0)
			(void)BIO_write(SSL_get_rbio(server), dgram,
			    (int)dgram_len);
	}
	CHECK(SSL_is_init_finished(client) && SSL_is_init_finished(server));
	CHECK_INT(SSL_write(client, "hello", 5), 5);
	dgram_len = (size_t)BIO_read(SSL_get_wbio(client), dgram,
	    sizeof(dgram));
	(void)BIO_write(SSL_get_rbio(server), dgram, (int)dgram_len);
	CHECK_INT(SSL_read(server, text, sizeof(text)), 5);
	ERR_clear_error();
	end();
}

TEST(the_next_client_is_served_too)
{
	begin();
	for (int i = 0; i < 3; i++) {
		client_shows_cookie();
		CHECK_INT(look(), TLS_HELLO_VERIFIED);
		SSL_free(server);
		SSL_free(client);
		client = SSL_new(client_ctx);
		SSL_set_bio(client, BIO_new(BIO_s_mem()),
		    BIO_new(BIO_s_mem()));
		SSL_set_options(client, SSL_OP_NO_QUERY_MTU);
		(void)SSL_set_mtu(client, 1400);
		SSL_set_connect_state(client);
		from.sin_port = htons((uint16_t)(5000 + i));
	}
	server = NULL;
	end();
}

TEST(a_datagram_that_is_no_hello_is_dropped)
{
	size_t whole;

	begin();
	dgram_len = 0;
	CHECK_INT(look(), TLS_HELLO_DROP);
	memset(dgram, 0, sizeof(dgram));
	dgram_len = sizeof(dgram);
	CHECK_INT(look(), TLS_HELLO_DROP);
	memcpy(dgram, "GET / HTTP/1.0\r\n\r\n", 18);
	dgram_len = 18;
	CHECK_INT(look(), TLS_HELLO_DROP);
	CHECK_INT(answer_len, 0);
	client_shows_cookie();
	whole = dgram_len;
	for (dgram_len = 1; dgram_len < whole; dgram_len++)
		CHECK(look() != TLS_HELLO_VERIFIED);
	dgram_len = whole;
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	end();
}

/* Every byte of a good datagram is changed; no answer is longer. */
TEST(no_answer_is_longer_than_its_datagram)
{
	begin();
	client_shows_cookie();
	for (size_t i = 0; i < dgram_len; i++) {
		dgram[i] ^= 0xff;
		(void)look();
		CHECK(answer_len <= dgram_len);
		SSL_free(server);
		server = NULL;
		dgram[i] ^= 0xff;
	}
	CHECK_INT(look(), TLS_HELLO_VERIFIED);
	end();
}

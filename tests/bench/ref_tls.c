/*
 * The limit with TLS: OpenSSL alone, on a blocking socket.
 *
 *	ref_tls send PORT CERT		connect; stdin in records of 16 KiB
 *	ref_tls recv PORT CERT		accept one client; to stdout
 *	ref_tls sink PORT CERT		each client after the last; to stdout
 *	ref_tls hold PORT CERT		each client's first byte back; all stay
 *
 * CERT has a server's key and certificate; a client trusts the certificate. No
 * options, no messages, one thing at a time; and nothing but TLS 1.3 with
 * TLS_AES_256_GCM_SHA384.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define RECORD	16384
#define CIPHER	"TLS_AES_256_GCM_SHA384"

static char	buf[RECORD];

static SSL_CTX *
context(bool server, const char *cert)
{
	SSL_CTX	*ctx;

	ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (ctx == NULL)
		errx(1, "SSL_CTX_new");
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	if (!server) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		if (SSL_CTX_load_verify_file(ctx, cert) != 1)
			errx(1, "%s", cert);
	} else if (SSL_CTX_use_PrivateKey_file(ctx, cert, SSL_FILETYPE_PEM) !=
	    1 || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		errx(1, "%s", cert);
	return ctx;
}

static int
tcp_socket(const char *port, bool server)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1;

	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sin.sin_port = htons((uint16_t)atoi(port));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	/* A server's: inherited by those that it accepts. */
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (server ? bind(s, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(s, SOMAXCONN) == -1 :
	    connect(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "port %s", port);
	return s;
}

static SSL *
session(SSL_CTX *ctx, int s)
{
	SSL	*ssl = SSL_new(ctx);

	if (ssl == NULL || SSL_set_fd(ssl, s) != 1)
		errx(1, "SSL_new");
	return ssl;
}

static void
shake_hands(SSL *ssl, bool server)
{
	if ((server ? SSL_accept(ssl) : SSL_connect(ssl)) != 1)
		errx(1, "the handshake failed");
	if (strcmp(SSL_get_cipher_name(ssl), CIPHER) != 0)
		errx(1, "cipher %s", SSL_get_cipher_name(ssl));
}

static SSL *
admit(SSL_CTX *ctx, int listener)
{
	int	s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	SSL	*ssl;

	if (s == -1)
		err(1, "accept");
	ssl = session(ctx, s);
	shake_hands(ssl, true);
	return ssl;
}

static void
part(SSL *ssl)
{
	int	s = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(s);
}

/* To stdout, up to the peer's close_notify. */
static void
receive(SSL *ssl)
{
	int	n;

	while ((n = SSL_read(ssl, buf, sizeof buf)) > 0)
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			err(1, "write");
	if (SSL_get_error(ssl, n) != SSL_ERROR_ZERO_RETURN)
		errx(1, "SSL_read");
}

static void
deliver(SSL_CTX *ctx, const char *port)
{
	SSL	*ssl = session(ctx, tcp_socket(port, false));
	ssize_t	n;

	shake_hands(ssl, false);
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0)
		if (SSL_write(ssl, buf, (int)n) != n)
			errx(1, "SSL_write");
	/* The server's tickets are read, or closing would reset. */
	SSL_shutdown(ssl);
	while (SSL_read(ssl, buf, sizeof buf) > 0)
		continue;
	part(ssl);
}

static void
serve(SSL_CTX *ctx, const char *port, const char *work)
{
	int	listener = tcp_socket(port, true);
	SSL	*ssl;

	do {
		ssl = admit(ctx, listener);
		if (strcmp(work, "hold") != 0) {
			receive(ssl);
			part(ssl);
		} else if (SSL_read(ssl, buf, 1) != 1 ||
		    SSL_write(ssl, buf, 1) != 1)
			errx(1, "no first byte");
	} while (strcmp(work, "recv") != 0);
}

int
main(int argc, char *argv[])
{
	bool	server;
	SSL_CTX	*ctx;

	if (argc != 4)
		errx(2, "usage: ref_tls send|recv|sink|hold port cert");
	signal(SIGPIPE, SIG_IGN);
	server = strcmp(argv[1], "send") != 0;
	ctx = context(server, argv[3]);
	fcntl(server ? STDOUT_FILENO : STDIN_FILENO, F_SETPIPE_SZ, 1 << 20);
	if (server)
		serve(ctx, argv[2], argv[1]);
	else
		deliver(ctx, argv[2]);
	return 0;
}

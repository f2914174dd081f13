/*
 * The other end of TLS, the same for all programs:
 *
 *	tls_clients [-p] [-j CLIENTS] [-n COUNT] [-t SECONDS] -c CERT
 *	    sinks|hold SERVER ...
 *	tls_clients ... starts CLIENT ...
 *
 * SERVER or CLIENT is started; "{port}" in an argument becomes a free TCP port.
 * CERT has a server's key and certificate. Every handshake is a full one.
 *
 *	sinks	COUNT connections, by CLIENTS at once: handshake, 16 bytes,
 *		close_notify, and the server's end
 *	hold	COUNT connections, each idle after one byte to the server and
 *		back: what memory do they cost?
 *	starts	COUNT times: from the client's start until the byte that waits
 *		in its stdin has come out of TLS
 *
 * A server's stdin is a pipe in which nothing ever comes, and the server is
 * told to end. With -p all of it shares one processor. After SECONDS (60)
 * everything is killed. Says in one line of key=value how it went and what it
 * cost; exit status 1 if a byte was wrong or missing, or if the connection was
 * not TLS 1.3 with the cipher TLS_AES_256_GCM_SHA384.
 */
#include <inttypes.h>

#include <openssl/ssl.h>

#include "many.h"

#define CIPHER	"TLS_AES_256_GCM_SHA384"

static SSL_CTX	*ctx;

static void
context(bool server, const char *cert)
{
	ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (ctx == NULL)
		errx(2, "SSL_CTX_new");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (!server)
		return;
	if (SSL_CTX_use_PrivateKey_file(ctx, cert, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		errx(2, "%s", cert);
}

static SSL *
session(int s, bool server)
{
	SSL	*ssl = SSL_new(ctx);

	if (ssl == NULL || SSL_set_fd(ssl, s) != 1)
		errx(2, "SSL_new");
	if ((server ? SSL_accept(ssl) : SSL_connect(ssl)) != 1)
		errx(1, "the handshake failed");
	if (SSL_version(ssl) != TLS1_3_VERSION ||
	    strcmp(SSL_get_cipher_name(ssl), CIPHER) != 0)
		errx(1, "%s with %s", SSL_get_version(ssl),
		    SSL_get_cipher_name(ssl));
	if (SSL_session_reused(ssl))
		errx(1, "a session was resumed");
	return ssl;
}

/* ---- sinks -------------------------------------------------------------- */

static void
one_sink(const struct job *job, uint64_t number)
{
	char	message[MESSAGE] = "0123456789abcde\n", rest[4096];
	int	s = call(job);
	SSL	*ssl = session(s, false);

	(void)number;
	if (SSL_write(ssl, message, sizeof message) != (int)sizeof message)
		errx(1, "SSL_write");
	SSL_shutdown(ssl);
	shutdown(s, SHUT_WR);
	/* The server's tickets and its end, as it likes. */
	while (recv(s, rest, sizeof rest, 0) > 0)
		continue;
	SSL_free(ssl);
	close(s);
}

/* ---- hold --------------------------------------------------------------- */

static void
one_hold(const struct job *job, uint64_t number)
{
	SSL	*ssl = session(call(job), false);
	char	c;

	(void)number;
	if (SSL_write(ssl, "x", 1) != 1 || SSL_read(ssl, &c, 1) != 1 ||
	    c != 'x')
		errx(1, "the byte did not come back");
}

/* ---- starts ------------------------------------------------------------- */

static int
listen_on(unsigned port)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1;

	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(s, 16) == -1)
		err(2, "listen");
	return s;
}

/* Returns the ns from the start to the byte. */
static int64_t
one_start(struct job *job, int listener, int null)
{
	int64_t	came;
	int	in[2], s;
	char	c;
	SSL	*ssl;

	if (pipe2(in, O_CLOEXEC) == -1 || write(in[1], "x", 1) != 1)
		err(2, "pipe");
	start(&job->server, job->argv, in[0], null);
	close(in[0]);
	if ((s = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
		err(1, "accept");
	ssl = session(s, true);
	if (SSL_read(ssl, &c, 1) != 1 || c != 'x')
		errx(1, "the byte did not come");
	came = clock_ns();
	close(in[1]);
	SSL_shutdown(ssl);
	shutdown(s, SHUT_WR);
	while (recv(s, &c, 1, 0) > 0)
		continue;
	SSL_free(ssl);
	close(s);
	finish(&job->server);
	return came - job->server.began;
}

static int
starts(struct job *job)
{
	int		listener = listen_on(job->port), status = 0;
	int		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	uint64_t	i;
	double		ns = 0, used = 0;

	for (i = 0; i < job->count; i++) {
		ns += (double)one_start(job, listener, null);
		used += cpu(&job->server);
		if (job->server.status != 0)
			status = job->server.status;
	}
	printf("seconds=%.6f per_s=%.1f us=%.3f cpu_us=%.3f rss=%ld\n",
	    ns / 1e9, (double)job->count * 1e9 / ns,
	    ns / 1e3 / (double)job->count, used * 1e6 / (double)job->count,
	    job->server.ru.ru_maxrss);
	if (status != 0)
		warnx("wait status of the client: 0x%x", status);
	return status != 0;
}

/* ---- The server --------------------------------------------------------- */

static int
with_server(struct job *job,
    void (*work)(struct job *, void (*)(const struct job *, uint64_t)),
    void (*one)(const struct job *, uint64_t))
{
	int	silent[2];

	if (pipe2(silent, O_CLOEXEC) == -1)
		err(2, "pipe");
	server_start(job, silent[0]);
	server_descriptors();
	work(job, one);
	server_end(job);
	printf("%s cpu_us=%.3f rss=%ld\n", job->text,
	    cpu(&job->server) * 1e6 / (double)job->count,
	    job->server.ru.ru_maxrss);
	return 0;
}

static const char *
options(struct job *job, int argc, char **argv)
{
	const char	*cert = NULL;
	unsigned	 seconds = 60;
	int		 ch;

	while ((ch = getopt(argc, argv, "+c:j:n:pt:")) != -1)
		switch (ch) {
		case 'c':
			cert = optarg;
			break;
		case 'j':
			job->clients = (unsigned)atoi(optarg);
			break;
		case 'n':
			job->count = strtoull(optarg, NULL, 10);
			break;
		case 'p':
			server_pin(0);
			job->pinned = true;
			break;
		case 't':
			seconds = (unsigned)atoi(optarg);
			break;
		default:
			exit(2);
		}
	/* The default action ends us, and that ends everybody. */
	alarm(seconds);
	return cert;
}

int
main(int argc, char *argv[])
{
	struct job	 job = { .count = 1, .clients = 1, .keeps = true };
	const char	*cert = options(&job, argc, argv), *work;

	if (argc - optind < 2 || cert == NULL || job.count == 0 ||
	    job.clients == 0)
		errx(2, "usage: tls_clients [-p] [-j clients] [-n count] "
		    "[-t seconds] -c cert work program ...");
	signal(SIGPIPE, SIG_IGN);
	work = argv[optind];
	server_name(&job, argv + optind + 1);
	context(strcmp(work, "starts") == 0, cert);
	if (strcmp(work, "sinks") == 0)
		return with_server(&job, many, one_sink);
	if (strcmp(work, "hold") == 0)
		return with_server(&job, hold_many, one_hold);
	if (strcmp(work, "starts") == 0)
		return starts(&job);
	errx(2, "no such work: %s", work);
}

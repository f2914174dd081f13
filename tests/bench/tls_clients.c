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

#include "memory.h"
#include "server.h"

#define CIPHER	"TLS_AES_256_GCM_SHA384"

static SSL_CTX *
context(bool server, const char *cert)
{
	SSL_CTX	*ctx;

	ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (ctx == NULL)
		errx(2, "SSL_CTX_new");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (!server)
		return ctx;
	if (SSL_CTX_use_PrivateKey_file(ctx, cert, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		errx(2, "%s", cert);
	return ctx;
}

static SSL *
session(SSL_CTX *ctx, int s, bool server)
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
one_sink(const struct job *job, SSL_CTX *ctx)
{
	char	message[MESSAGE] = "0123456789abcde\n", rest[4096];
	int	s = call(job);
	SSL	*ssl = session(ctx, s, false);

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

static void __attribute__((noreturn))
caller(const struct job *job, SSL_CTX *ctx, unsigned me, int gate)
{
	uint64_t	i;
	char		c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &c, 1) == -1)
		err(1, "gate");
	for (i = me; i < job->count; i += job->clients)
		one_sink(job, ctx);
	exit(0);
}

static void
sinks(struct job *job, SSL_CTX *ctx)
{
	int64_t		began;
	unsigned	i;
	double		ns;
	int		gate[2], status, bad = 0;

	one_sink(job, ctx);
	if (pipe2(gate, O_CLOEXEC) == -1)
		err(2, "pipe");
	for (i = 0; i < job->clients; i++)
		if (fork() == 0) {
			close(gate[1]);
			caller(job, ctx, i, gate[0]);
		}
	began = clock_ns();
	close(gate[1]);
	for (i = 0; i < job->clients; i++)
		if (wait(&status) == job->server.pid || status != 0)
			bad++;
	if (bad > 0)
		errx(1, "%d clients failed", bad);
	ns = (double)(clock_ns() - began);
	snprintf(job->text, sizeof job->text, "seconds=%.6f per_s=%.1f "
	    "us=%.3f", ns / 1e9, (double)job->count * 1e9 / ns,
	    ns / 1e3 / (double)job->count);
}

/* ---- hold --------------------------------------------------------------- */

static void
hold(struct job *job, SSL_CTX *ctx)
{
	uint64_t	i;
	double		before = 0, kib;
	unsigned	p0 = 0, p1;
	char		c;
	SSL		*ssl;

	for (i = 0; i <= job->count; i++) {
		ssl = session(ctx, call(job), false);
		if (SSL_write(ssl, "x", 1) != 1 || SSL_read(ssl, &c, 1) != 1 ||
		    c != 'x')
			errx(1, "the byte did not come back");
		/* The first connection has what all of them share. */
		if (i == 0)
			before = memory(&job->server, &p0);
	}
	kib = memory(&job->server, &p1) - before;
	if (kib < 4)
		kib = 4;
	kib /= (double)job->count;
	snprintf(job->text, sizeof job->text, "per_mib=%.4f kib=%.4f "
	    "processes=%.3f", 1024 / kib, kib, (double)(p1 - p0) /
	    (double)job->count);
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
one_start(struct job *job, SSL_CTX *ctx, int listener, int null)
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
	ssl = session(ctx, s, true);
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
starts(struct job *job, SSL_CTX *ctx)
{
	int		listener = listen_on(job->port), status = 0;
	int		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	uint64_t	i;
	double		ns = 0, used = 0;

	for (i = 0; i < job->count; i++) {
		ns += (double)one_start(job, ctx, listener, null);
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
with_server(struct job *job, SSL_CTX *ctx,
    void (*work)(struct job *, SSL_CTX *))
{
	int	silent[2];

	if (pipe2(silent, O_CLOEXEC) == -1)
		err(2, "pipe");
	server_start(job, silent[0]);
	server_descriptors();
	work(job, ctx);
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
	if (strcmp(work, "sinks") == 0)
		return with_server(&job, context(false, cert), sinks);
	if (strcmp(work, "hold") == 0)
		return with_server(&job, context(false, cert), hold);
	if (strcmp(work, "starts") == 0)
		return starts(&job, context(true, cert));
	errx(2, "no such work: %s", work);
}

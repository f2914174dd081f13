/*
 * A proxy for tests: serves one client after the other, and accepts or refuses
 * in the way that its words say. For any host it connects to the requested port
 * on loopback, and to nothing else.
 *
 *	proxy PORTFILE KIND [WORD...]
 *
 * KIND is socks4, socks5 or http. The client's request is printed, one line
 * for each part: "ask 127.0.0.1 80", "name h 80",
 * "user joe", "password pw", "authorization Basic ...". Words:
 *	named		SOCKS 5: the reply has a name and no address
 *	split		sends each byte of a reply by itself
 *	drip:MS		... with a pause before each
 *	refuse:N	refuses with this code
 *	status:LINE	the status line in HTTP
 *	raw:TEXT	sends this (\xHH, \r, \n, \0) instead of a reply
 *	glue:TEXT	sends this together with the acceptance
 *	flood		sends a header, or an address, without end
 *	leave		closes instead of a reply
 *	login:USER:PASS	requires this login; "login:" accepts none
 *	digest:ALG	by Digest: MD5, SHA-256, or "" for MD5 unsaid; the
 *			response is not checked, just that there is one
 *	keep		a 407 keeps the connection
 *	chunked		a 407 has a body in chunks
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "lib/tool.h"

#define DEADLINE	30	/* seconds; a test tool never stays */

static struct {
	const char	*kind, *status, *raw, *glue, *login, *digest;
	bool		 named, split, flood, leave, keep, chunked;
	int		 drip, refuse;
} how = { .refuse = -1 };

/* ---- The client -------------------------------------------------------- */

/* Returns false if the client has closed. */
static bool
get(int fd, void *buf, size_t len)
{
	char *at = buf;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n)
		if ((n = recv(fd, at, len, 0)) <= 0)
			return false;
	return true;
}

static bool
give(int fd, const void *buf, size_t len)
{
	const char *at = buf;
	size_t piece = how.split || how.drip > 0 ? 1 : len;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n) {
		if (how.drip > 0)
			nap_ms(how.drip);
		n = send(fd, at, piece < len ? piece : len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool
give_text(int fd, const char *text)
{
	return give(fd, text, strlen(text));
}

/* Reads up to a NUL, or an empty line. */
static bool
get_text(int fd, char *buf, size_t size, bool lines)
{
	size_t n;

	for (n = 0; n + 1 < size; n++) {
		if (!get(fd, buf + n, 1))
			return false;
		buf[n + 1] = '\0';
		if (lines ? n >= 3 && strcmp(buf + n - 3, "\r\n\r\n") == 0 :
		    buf[n] == '\0')
			return true;
	}
	return false;
}

static size_t
unescape(const char *s, char *to)
{
	char *at = to, hex[3] = "";

	for (; *s != '\0'; s++) {
		if (*s != '\\') {
			*at++ = *s;
			continue;
		}
		switch (*++s) {
		case 'r':
			*at++ = '\r';
			break;
		case 'n':
			*at++ = '\n';
			break;
		case '0':
			*at++ = '\0';
			break;
		case 'x':
			memcpy(hex, s + 1, 2);
			*at++ = (char)strtol(hex, NULL, 16);
			s += 2;
			break;
		default:
			*at++ = *s;
		}
	}
	return (size_t)(at - to);
}

/* ---- The target -------------------------------------------------------- */

static int
dial(unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(s, (struct sockaddr *)&in, sizeof(in)) == 0)
		return s;
	close(s);
	return -1;
}

/* Passes one block, or the end, on. Returns false at the end. */
static bool
pass(int from, int to)
{
	char buf[16384];
	ssize_t n = recv(from, buf, sizeof(buf), 0);
	ssize_t at = 0, some;

	for (; at < n; at += some)
		if ((some = send(to, buf + at, (size_t)(n - at),
		    MSG_NOSIGNAL)) <= 0)
			return false;
	if (n <= 0)
		shutdown(to, SHUT_WR);
	return n > 0;
}

static void
relay(int a, int b)
{
	struct pollfd p[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };

	while (p[0].fd != -1 || p[1].fd != -1) {
		if (poll(p, 2, -1) == -1)
			return;
		if (p[0].revents != 0 && !pass(a, b))
			p[0].fd = -1;
		if (p[1].revents != 0 && !pass(b, a))
			p[1].fd = -1;
	}
}

/* ---- Replies ----------------------------------------------------------- */

static void
note_target(const char *word, const char *host, unsigned port)
{
	printf("%s %s %u\n", word, host, port);
	fflush(stdout);
}

/* Sends what replaces a reply; returns false if nothing does. */
static bool
misbehave(int c)
{
	char text[4096];

	if (how.leave)
		return true;
	if (how.raw == NULL)
		return false;
	(void)give(c, text, unescape(how.raw, text));
	/* Until the client gives up. */
	while (recv(c, text, sizeof(text), 0) > 0)
		continue;
	return true;
}

/* Accepts, with the text of glue:, and then connects to the target. */
static void
accept_it(int c, const void *reply, size_t len, unsigned port)
{
	char text[8192];
	int t = dial(port);

	memcpy(text, reply, len);
	if (how.glue != NULL)
		len += unescape(how.glue, text + len);
	if (give(c, text, len) && t != -1)
		relay(c, t);
	if (t != -1)
		close(t);
}

static void
serve_socks4(int c)
{
	unsigned char head[8];
	unsigned char reply[8] = { 0, 90, 0, 0, 0, 0, 0, 0 };
	char user[512], host[512];
	unsigned port;

	if (!get(c, head, 8) || head[0] != 4 || head[1] != 1 ||
	    !get_text(c, user, sizeof(user), false))
		return;
	port = (unsigned)head[2] << 8 | head[3];
	printf("user %s\n", user);
	if (head[4] == 0 && head[5] == 0 && head[6] == 0) {
		if (!get_text(c, host, sizeof(host), false))
			return;
		note_target("name", host, port);
	} else
		note_target("ask", inet_ntop(AF_INET, head + 4, host,
		    sizeof(host)), port);
	if (misbehave(c))
		return;
	if (how.refuse < 0) {
		accept_it(c, reply, sizeof(reply), port);
		return;
	}
	reply[1] = (unsigned char)how.refuse;
	(void)give(c, reply, sizeof(reply));
}

static bool
get_login(int c)
{
	unsigned char len[2], reply[2] = { 1, 0 };
	char user[256] = "", password[256] = "", both[600];

	if (!get(c, len, 2) || !get(c, user, len[1]) || !get(c, len, 1) ||
	    !get(c, password, len[0]))
		return false;
	printf("user %s\npassword %s\n", user, password);
	snprintf(both, sizeof(both), "%s:%s", user, password);
	reply[1] = strcmp(both, how.login) != 0;
	return give(c, reply, 2) && reply[1] == 0;
}

/* Agrees on a method; returns false if there is none. */
static bool
greet(int c)
{
	unsigned char head[2], methods[256], reply[2] = { 5, 0 };

	if (!get(c, head, 2) || head[0] != 5 || !get(c, methods, head[1]))
		return false;
	if (how.login != NULL)
		reply[1] = memchr(methods, 2, head[1]) != NULL ? 2 : 0xff;
	return give(c, reply, 2) && reply[1] != 0xff &&
	    (how.login == NULL || get_login(c));
}

/* Prints the host and port of the request. */
static bool
get_request(int c, char *host, size_t size, unsigned *port)
{
	unsigned char head[4], len = 16, bytes[256] = "", p[2];

	if (!get(c, head, 4) || (head[3] == 3 && !get(c, &len, 1)) ||
	    !get(c, bytes, head[3] == 1 ? 4 : len) || !get(c, p, 2))
		return false;
	*port = (unsigned)p[0] << 8 | p[1];
	if (head[3] == 3)
		snprintf(host, size, "%s", (char *)bytes);
	else
		inet_ntop(head[3] == 1 ? AF_INET : AF_INET6, bytes, host,
		    (socklen_t)size);
	note_target(head[3] == 3 ? "name" : "ask", host, *port);
	return true;
}

static void
serve_socks5(int c)
{
	static const unsigned char yes[] = "\5\0\0\1\1\2\3\4\0\120";
	static const unsigned char named[] = "\5\0\0\3\5there\0\120";
	unsigned char no[10] = { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	char host[300];
	unsigned port;

	if (!greet(c) || !get_request(c, host, sizeof(host), &port) ||
	    misbehave(c))
		return;
	if (how.refuse < 0) {
		if (how.named)
			accept_it(c, named, sizeof(named) - 1, port);
		else
			accept_it(c, yes, sizeof(yes) - 1, port);
		return;
	}
	no[1] = (unsigned char)how.refuse;
	(void)give(c, no, sizeof(no));
}

/* ---- HTTP -------------------------------------------------------------- */

static bool
say_who(int c)
{
	char text[1024], auth[256] = "Basic realm=\"x\"";

	if (how.digest != NULL)
		snprintf(auth, sizeof(auth), "Digest realm=\"x\", nonce=\"n\", "
		    "qop=\"auth\"%s%s", *how.digest != '\0' ? ", algorithm=" :
		    "", how.digest);
	snprintf(text, sizeof(text), "HTTP/1.1 407 Who asks\r\n"
	    "Proxy-Authenticate: %s\r\n%s\r\n%s", auth,
	    !how.keep ? "Connection: close\r\n" : how.chunked ?
	    "Transfer-Encoding: chunked\r\n" : "Content-Length: 5\r\n",
	    !how.keep ? "no body has an end" : how.chunked ?
	    "3\r\nwho\r\n2;x\r\n??\r\n0\r\n\r\n" : "who??");
	return give_text(c, text) && how.keep;
}

static void
flood(int c)
{
	char text[4096];

	memset(text, 'x', sizeof(text));
	(void)give_text(c, "HTTP/1.0 200 ok\r\nX: ");
	while (give(c, text, sizeof(text)))
		continue;
}

/* Replies to a request that has its login; returns true if another follows. */
static bool
answer_http(int c)
{
	static const char yes[] = "HTTP/1.0 200 Connection made\r\n"
	    "A: b\r\n\r\n";
	char head[8192], text[512];
	char *colon, *end, *auth;

	if (!get_text(c, head, sizeof(head), true) ||
	    strncmp(head, "CONNECT ", 8) != 0 ||
	    (end = strstr(head, " HTTP/1.")) == NULL)
		return false;
	if ((auth = strstr(head, "Proxy-Authorization: ")) != NULL)
		printf("authorization %.*s\n", (int)strcspn(auth + 21, "\r"),
		    auth + 21);
	*end = '\0';
	colon = strrchr(head, ':');
	*colon = '\0';
	note_target("name", head + 8, (unsigned)tool_number(colon + 1));
	if (misbehave(c))
		return false;
	if (how.flood)
		flood(c);
	else if (how.login != NULL && (auth == NULL || *how.login == '\0'))
		return say_who(c);
	else if (how.status != NULL) {
		snprintf(text, sizeof(text), "%s\r\n\r\n", how.status);
		(void)give_text(c, text);
	} else
		accept_it(c, yes, sizeof(yes) - 1,
		    (unsigned)tool_number(colon + 1));
	return false;
}

static void
serve_client(int c)
{
	int one = 1;

	setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (strcmp(how.kind, "socks4") == 0)
		serve_socks4(c);
	else if (strcmp(how.kind, "socks5") == 0)
		serve_socks5(c);
	else
		while (answer_http(c))
			continue;
	fflush(stdout);
	close(c);
}

/* ---- The program ------------------------------------------------------- */

static void
take_word(const char *word)
{
	static const struct {
		const char	*name;
		const char	**text;
	} texts[] = { { "status:", &how.status }, { "raw:", &how.raw },
	    { "glue:", &how.glue }, { "login:", &how.login },
	    { "digest:", &how.digest } };
	static const struct {
		const char	*name;
		bool		*flag;
	} flags[] = { { "named", &how.named }, { "split", &how.split },
	    { "flood", &how.flood },
	    { "leave", &how.leave }, { "keep", &how.keep },
	    { "chunked", &how.chunked } };
	const char *rest;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if ((rest = tool_after(word, texts[i].name)) != NULL) {
			*texts[i].text = rest;
			return;
		}
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].name) == 0) {
			*flags[i].flag = true;
			return;
		}
	if ((rest = tool_after(word, "drip:")) != NULL)
		how.drip = (int)tool_number(rest);
	else if ((rest = tool_after(word, "refuse:")) != NULL)
		how.refuse = (int)tool_number(rest);
	else
		tool_fail("proxy: no such word: %s", word);
}

static int
serve(const char *portfile)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char temp[4096];
	FILE *f;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(s, (struct sockaddr *)&in, sizeof(in)) == -1 ||
	    listen(s, 16) == -1 ||
	    getsockname(s, (struct sockaddr *)&in, &len) == -1)
		tool_fail("proxy: listen: %s", strerror(errno));
	snprintf(temp, sizeof(temp), "%s.new", portfile);
	if ((f = fopen(temp, "w")) == NULL)
		tool_fail("proxy: %s: %s", temp, strerror(errno));
	fprintf(f, "%u\n", ntohs(in.sin_port));
	fclose(f);
	rename(temp, portfile);
	return s;
}

int
main(int argc, char **argv)
{
	int c, i, s;

	if (argc < 3)
		tool_fail("usage: proxy PORTFILE KIND [WORD...]");
	how.kind = argv[2];
	for (i = 3; i < argc; i++)
		take_word(argv[i]);
	signal(SIGPIPE, SIG_IGN);
	alarm(DEADLINE);
	s = serve(argv[1]);
	while ((c = accept4(s, NULL, NULL, SOCK_CLOEXEC)) != -1)
		serve_client(c);
	return 0;
}

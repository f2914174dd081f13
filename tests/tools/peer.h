/*
 * The sockets of the scripted peer, reading and writing before its deadline,
 * and the text of its words.
 */
#ifndef PEER_H
#define PEER_H

#include <sys/socket.h>
#include <sys/un.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/port.h"
#include "lib/tool.h"

struct peer {
	int			 listener, fd, rcvbuf;
	const char		*from;	/* NULL: as the kernel likes */
	int64_t			 deadline;
	char			 word[128];	/* for complaints */
	bool			 dgram;
	struct sockaddr_storage	 to;	/* sender of the last datagram */
	socklen_t		 tolen;	/* 0: the socket is connected */
	char			*got;
	size_t			 len, room;
};

static inline void
await(struct peer *p, int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = p->deadline - clock_ms();
		n = left > 0 ? poll(&pfd, 1, (int)left) : 0;
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		tool_fail("peer: too late for %s", p->word);
	if (n == -1)
		tool_fail("peer: %s: poll: %s", p->word, strerror(errno));
}

static inline void
gather(struct peer *p, const char *buf, size_t n)
{
	if (p->len + n > p->room) {
		p->room = (p->len + n) * 2;
		if ((p->got = realloc(p->got, p->room)) == NULL)
			tool_fail("peer: no memory");
	}
	memcpy(p->got + p->len, buf, n);
	p->len += n;
}

/* Reads once; returns the count, 0 at the end, -1 at a reset. */
static inline ssize_t
take(struct peer *p, size_t max)
{
	static char buf[65536];
	ssize_t n;

	await(p, p->fd, POLLIN);
	if (p->dgram) {
		p->tolen = sizeof(p->to);
		n = recvfrom(p->fd, buf, sizeof(buf), 0,
		    (struct sockaddr *)&p->to, &p->tolen);
	} else
		n = recv(p->fd, buf, max < sizeof(buf) ? max : sizeof(buf), 0);
	if (n == -1 && errno != ECONNRESET)
		tool_fail("peer: %s: %s", p->word, strerror(errno));
	if (n > 0)
		gather(p, buf, (size_t)n);
	return n;
}

static inline void
give(struct peer *p, const char *buf, size_t len)
{
	ssize_t n;

	do {
		await(p, p->fd, POLLOUT);
		n = sendto(p->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT,
		    p->tolen > 0 ? (struct sockaddr *)&p->to : NULL, p->tolen);
		if (n == -1 && errno == EAGAIN)
			continue;
		if (n == -1)
			tool_fail("peer: %s: %s", p->word, strerror(errno));
		buf += n;
		len -= (size_t)n;
	} while (len > 0);
}

static inline int
hexdigit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c != '\0' ? strchr(digits, c) : NULL;
	if (at == NULL)
		tool_fail("peer: bad \\x");
	return (int)(at - digits);
}

/* Resolves the escapes of text into buf; returns the length. */
static inline size_t
unescape(const char *text, char *buf)
{
	static const char from[] = "nrt0\\", to[] = "\n\r\t\0\\";
	const char *at;
	size_t len = 0;

	while (*text != '\0') {
		if (*text != '\\') {
			buf[len++] = *text++;
			continue;
		}
		text++;
		if (*text == 'x') {
			buf[len++] = (char)(hexdigit(text[1]) * 16 +
			    hexdigit(text[2]));
			text += 3;
			continue;
		}
		if (*text == '\0' || (at = strchr(from, *text)) == NULL)
			tool_fail("peer: bad escape");
		buf[len++] = to[at - from];
		text++;
	}
	return len;
}

static inline char
pattern(size_t i)
{
	return (char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

/* Writes the file whole or not at all: a test waits for its name. */
static inline void
publish(const char *path, const void *data, size_t len)
{
	char tmp[4096];
	FILE *f;

	snprintf(tmp, sizeof(tmp), "%s.part", path);
	if ((f = fopen(tmp, "w")) == NULL ||
	    fwrite(data, 1, len, f) != len || fclose(f) != 0 ||
	    rename(tmp, path) == -1)
		tool_fail("peer: %s: %s", path, strerror(errno));
}

/* Fills in the loopback address of a family; port 0 is any. */
static inline socklen_t
loopback(struct sockaddr_storage *ss, int family, const char *port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	uint16_t n = htons((uint16_t)tool_number(port));

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in->sin_port = n;
		return sizeof(*in);
	}
	in6->sin6_addr = in6addr_loopback;
	in6->sin6_port = n;
	return sizeof(*in6);
}

static inline socklen_t
unixaddr(struct sockaddr_storage *ss, const char *path)
{
	struct sockaddr_un *un = (struct sockaddr_un *)ss;
	size_t len = strlen(path);

	if (len >= sizeof(un->sun_path))
		tool_fail("peer: path too long");
	memset(ss, 0, sizeof(*ss));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len);
	if (path[0] == '@') {
		un->sun_path[0] = '\0';
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    len);
	}
	return sizeof(*un);
}

static inline int
make_socket(struct peer *p, int family, int type)
{
	int fd, on = 1;

	fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		tool_fail("peer: %s: %s", p->word, strerror(errno));
	if (family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (p->rcvbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &p->rcvbuf,
		    sizeof(p->rcvbuf));
	return fd;
}

static inline unsigned
port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	getsockname(fd, (struct sockaddr *)&ss, &len);
	return ntohs(ss.ss_family == AF_INET ?
	    ((struct sockaddr_in *)&ss)->sin_port :
	    ((struct sockaddr_in6 *)&ss)->sin6_port);
}

static inline void
announce(int fd, const char *path)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u\n", port_of(fd));

	publish(path, text, (size_t)n);
}

static inline int
bind_server(struct peer *p, int family, int type, const char *arg,
    const char *port)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd = make_socket(p, family, type);

	len = family == AF_UNIX ? unixaddr(&ss, arg) :
	    loopback(&ss, family, port);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 1) == -1))
		tool_fail("peer: %s: %s", p->word, strerror(errno));
	p->dgram = type == SOCK_DGRAM;
	if (p->dgram)
		p->fd = fd;
	else
		p->listener = fd;
	return fd;
}

static inline void
open_server(struct peer *p, int family, int type, const char *arg)
{
	int fd = bind_server(p, family, type, arg, "0"), named;

	/* The kernel may choose a port that a service is named after. */
	while (family != AF_UNIX && port_is_named((unsigned)port_of(fd))) {
		named = fd;
		fd = bind_server(p, family, type, arg, "0");
		close(named);
	}
	if (family != AF_UNIX)
		announce(fd, arg);
}

/* Binds to a port that the caller chose. */
static inline void
open_at(struct peer *p, int family, int type, const char *port)
{
	bind_server(p, family, type, NULL, port);
}

/* Binds a client to this address of the family. */
static inline void
come_from(const struct peer *p, int fd, int family)
{
	struct sockaddr_storage ss;
	socklen_t len = loopback(&ss, family, "0");

	if (inet_pton(family, p->from, family == AF_INET ?
	    (void *)&((struct sockaddr_in *)&ss)->sin_addr :
	    (void *)&((struct sockaddr_in6 *)&ss)->sin6_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&ss, len) == -1)
		tool_fail("peer: from %s: %s", p->from, strerror(errno));
}

static inline void
open_client(struct peer *p, int family, int type, const char *arg)
{
	struct sockaddr_storage ss;
	socklen_t len;

	/* A bound datagram socket may be given its peer afterwards. */
	if (p->fd == -1 || type == SOCK_STREAM) {
		p->fd = make_socket(p, family, type);
		if (p->from != NULL && family != AF_UNIX)
			come_from(p, p->fd, family);
	}
	p->dgram = type == SOCK_DGRAM;
	p->tolen = 0;
	len = family == AF_UNIX ? unixaddr(&ss, arg) :
	    loopback(&ss, family, arg);
	if (connect(p->fd, (struct sockaddr *)&ss, len) == -1)
		tool_fail("peer: %s: %s", p->word, strerror(errno));
}

#endif

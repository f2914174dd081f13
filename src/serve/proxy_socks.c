#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "serve/proxy_socks.h"

enum socks_type { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

static unsigned
socks_port(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* A name without NUL and without bytes that no resolver takes. */
static bool
socks_take_name(struct socks_request *r, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] == 0x7f)
			return false;
	if (n == 0 || n > SOCKS_NAME_MAX)
		return false;
	memcpy(r->host, s, n);
	r->host[n] = '\0';
	return true;
}

/* ---- Version 4 ---------------------------------------------------------- */

/* Length of a text with its NUL, at most SOCKS_NAME_MAX + 1; or an outcome. */
static int
socks4_text(const unsigned char *s, size_t n)
{
	size_t most = n > SOCKS_NAME_MAX + 1 ? SOCKS_NAME_MAX + 1 : n;
	const unsigned char *end = memchr(s, '\0', most);

	if (end != NULL)
		return (int)(end - s) + 1;
	return n > SOCKS_NAME_MAX ? SOCKS_BAD : SOCKS_MORE;
}

int
socks4_request(struct socks_request *r, const unsigned char *s, size_t n)
{
	int user, name;

	if (n > 0 && s[0] != 4)
		return SOCKS_BAD;
	if (n < 8)
		return SOCKS_MORE;
	*r = (struct socks_request){ .command = s[1],
	    .port = socks_port(s + 2) };
	(void)inet_ntop(AF_INET, s + 4, r->host, sizeof(r->host));
	if ((user = socks4_text(s + 8, n - 8)) <= 0)
		return user;
	/* 4a: 0.0.0.x with x not 0 says that a name follows. */
	if (s[4] != 0 || s[5] != 0 || s[6] != 0 || s[7] == 0)
		return 8 + user;
	s += 8 + user;
	n -= 8 + (size_t)user;
	if ((name = socks4_text(s, n)) <= 0)
		return name;
	if (!socks_take_name(r, s, (size_t)name - 1))
		return SOCKS_BAD;
	return 8 + user + name;
}

void
socks4_reply(struct buf *out, bool granted)
{
	const unsigned char reply[8] = { 0, granted ? 0x5a : 0x5b };

	buf_add(out, reply, sizeof(reply));
}

/* ---- Version 5 ---------------------------------------------------------- */

int
socks5_greeting(const unsigned char *s, size_t n, bool password,
    enum socks_method *method)
{
	enum socks_method want = password ? SOCKS_PASSWORD : SOCKS_OPEN;

	if (n > 0 && s[0] != 5)
		return SOCKS_BAD;
	if (n < 2 || n < 2 + (size_t)s[1])
		return SOCKS_MORE;
	*method = s[1] > 0 && memchr(s + 2, (int)want, s[1]) != NULL ? want :
	    SOCKS_NO_METHOD;
	return 2 + s[1];
}

int
socks5_login(struct socks_login *l, const unsigned char *s, size_t n)
{
	if (n > 0 && s[0] != 1)
		return SOCKS_BAD;
	if (n < 2 || n < 3 + (size_t)s[1])
		return SOCKS_MORE;
	l->user = s + 2;
	l->user_len = s[1];
	l->password = s + 3 + s[1];
	l->password_len = s[2 + s[1]];
	if (n < 3 + l->user_len + l->password_len)
		return SOCKS_MORE;
	return (int)(3 + l->user_len + l->password_len);
}

/* Reads type, address and port; the length, or an outcome. */
static int
socks5_address(struct socks_request *r, const unsigned char *s, size_t n)
{
	size_t len;

	if (n < 2)
		return SOCKS_MORE;
	len = s[0] == SOCKS_IPV4 ? 4 : s[0] == SOCKS_IPV6 ? 16 :
	    1 + (size_t)s[1];
	r->no_type = s[0] != SOCKS_IPV4 && s[0] != SOCKS_IPV6 &&
	    s[0] != SOCKS_NAME;
	if (r->no_type)
		return 1;
	if (n < 1 + len + 2)
		return SOCKS_MORE;
	r->port = socks_port(s + 1 + len);
	if (s[0] == SOCKS_NAME) {
		if (!socks_take_name(r, s + 2, s[1]))
			return SOCKS_BAD;
	} else
		(void)inet_ntop(s[0] == SOCKS_IPV4 ? AF_INET : AF_INET6, s + 1,
		    r->host, sizeof(r->host));
	return (int)(1 + len + 2);
}

int
socks5_request(struct socks_request *r, const unsigned char *s, size_t n)
{
	int len;

	*r = (struct socks_request){ .command = n > 1 ? s[1] : 0 };
	if (n > 0 && s[0] != 5)
		return SOCKS_BAD;
	if (n < 4)
		return SOCKS_MORE;
	len = socks5_address(r, s + 3, n - 3);
	return len <= 0 ? len : 3 + len;
}

static void
socks5_put_address(struct buf *out, const struct addr *addr)
{
	unsigned char b[1 + 16 + 2] = { SOCKS_IPV4 };
	unsigned port = addr != NULL ? addr_port(addr) : 0;
	size_t len = 4;

	if (addr != NULL && addr_family(addr) == AF_INET)
		memcpy(b + 1, &addr->u.in.sin_addr, 4);
	else if (addr != NULL && addr_family(addr) == AF_INET6) {
		b[0] = SOCKS_IPV6;
		len = 16;
		memcpy(b + 1, &addr->u.in6.sin6_addr, 16);
	}
	b[1 + len] = (unsigned char)(port >> 8);
	b[2 + len] = (unsigned char)port;
	buf_add(out, b, 3 + len);
}

void
socks5_reply(struct buf *out, enum socks_reply reply,
    const struct addr *bound)
{
	const unsigned char head[3] = { 5, (unsigned char)reply, 0 };

	buf_add(out, head, sizeof(head));
	socks5_put_address(out, bound);
}

int
socks5_datagram(struct socks_request *r, const unsigned char *s, size_t n)
{
	int len;

	*r = (struct socks_request){ .command = SOCKS_UDP };
	/* Two reserved bytes, which old clients fill; then the fragment. */
	if (n < 4 || s[2] != 0)
		return SOCKS_BAD;
	len = socks5_address(r, s + 3, n - 3);
	return len <= 0 || r->no_type ? SOCKS_BAD : 3 + len;
}

void
socks5_datagram_head(struct buf *out, const struct addr *from)
{
	const unsigned char head[3] = { 0 };

	buf_add(out, head, sizeof(head));
	socks5_put_address(out, from);
}

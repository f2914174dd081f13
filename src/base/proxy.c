#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/proxy.h"

/* These characters could end a line of HTTP, or an address. */
static bool
proxy_is_bad(const char *s, size_t len, const char *more)
{
	for (; len > 0; s++, len--)
		if ((unsigned char)*s < ' ' || *s == 0x7f ||
		    strchr(more, *s) != NULL)
			return true;
	return false;
}

/* A host with colons must be an IPv6 address, perhaps with a zone. */
static bool
proxy_has_port(const char *host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	size_t len = strcspn(host, "%");

	if (strchr(host, ':') == NULL)
		return false;
	if (len >= sizeof(text))
		return true;
	memcpy(text, host, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &in6) != 1;
}

enum proxy_name
proxy_name(const char *host)
{
	size_t len = strlen(host);

	if (len > PROXY_NAME_MAX)
		return PROXY_NAME_LONG;
	return len == 0 || proxy_is_bad(host, len, " []") ||
	    proxy_has_port(host) ? PROXY_NAME_BAD : PROXY_NAME_FINE;
}

enum proxy_name
proxy_login(enum proxy_kind kind, const struct proxy_login *l)
{
	size_t max = kind == PROXY_HTTP ? PROXY_LOGIN_MAX : PROXY_NAME_MAX;
	size_t len = l->password != NULL ? strlen(l->password) : 0;

	if (l->user == NULL)
		return PROXY_NAME_FINE;
	if (l->len > max || len > max)
		return PROXY_NAME_LONG;
	if (proxy_is_bad(l->user, l->len, "") ||
	    (len > 0 && proxy_is_bad(l->password, len, "")))
		return PROXY_NAME_BAD;
	return PROXY_NAME_FINE;
}

const char *
proxy_kind_name(enum proxy_kind kind)
{
	static const char *const names[] = {
		[PROXY_NONE] = "none", [PROXY_SOCKS4] = "SOCKS 4",
		[PROXY_SOCKS5] = "SOCKS 5", [PROXY_HTTP] = "HTTP"
	};

	return names[kind];
}

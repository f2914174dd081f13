/* What each personality says of a proxy. */
#include "messages_fixture.h"

static struct plan	p;
static struct addr	a;
static struct target	t;

static void
use(struct plan plan, enum proxy_kind kind)
{
	p = plan;
	p.host = "w.test";
	p.proxy.kind = kind;
	p.proxy.host = "proxy.test";
	p.proxy.port = "7";
	a = at("192.0.2.1", 7);
	t = (struct target){ .host = p.host, .port = PORT, .addr = &a,
	    .timeout = -1 };
}

static const char *line = "";	/* by a proxy that speaks no HTTP */

static void
says(enum proxy_fault fault, enum proxy_step step, unsigned code, int num,
    bool last, int status, const char *text)
{
	struct error e;

	error_set(&e, num, "connect through", "x");
	e.proxy = (struct proxy_error){ .fault = fault, .kind = p.proxy.kind,
	    .step = step, .code = code, .got = 1, .want = 2 };
	if (p.proxy.kind == PROXY_HTTP)
		strlcpy(e.why, code != 0 ? "HTTP/1.0 403 No" : line,
		    sizeof(e.why));
	REPORT_ENDS(status, text, EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = last);
}

#define NATIVE_SAYS(fault, code, num, text)				\
	says(fault, PROXY_REQUEST, code, num, true, 1,			\
	    "sockcat: connect to w.test port 47001 (tcp) through "	\
	    "192.0.2.1 port 7 failed: " text "\n")

TEST(ours_is_one_line_with_the_reason)
{
	use(NATIVE(0), PROXY_SOCKS5);
	NATIVE_SAYS(PROXY_REFUSED, 5, 0, "connection refused");
	NATIVE_SAYS(PROXY_REFUSED, 99, 0,
	    "refused, for an unknown reason");
	NATIVE_SAYS(PROXY_READ, 0, 0, "it closed the connection");
	NATIVE_SAYS(PROXY_READ, 0, ECONNRESET, "Connection reset by peer");
	NATIVE_SAYS(PROXY_LATE, 0, ETIMEDOUT, "Connection timed out");
	NATIVE_SAYS(PROXY_VERSION, 4, 0, "it does not speak SOCKS 5");
	NATIVE_SAYS(PROXY_ODD_METHOD, 2, 0,
	    "it asks for a user name (-P, --proxy-auth)");
	NATIVE_SAYS(PROXY_DENIED, 1, 0, "wrong user or password");
	use(NATIVE(0), PROXY_SOCKS4);
	NATIVE_SAYS(PROXY_REFUSED, 93, 0, "identd here says another user");
	NATIVE_SAYS(PROXY_REFUSED, 89, 0,
	    "refused, for an unknown reason");
	use(NATIVE(0), PROXY_HTTP);
	NATIVE_SAYS(PROXY_STATUS, 403, 0, "HTTP/1.0 403 No");
	NATIVE_SAYS(PROXY_STATUS, 0, 0, "its reply is not HTTP");
	line = "\033]0;SSH-2";
	NATIVE_SAYS(PROXY_STATUS, 0, 0,
	    "its reply is not HTTP: \\033]0;SSH-2");
	line = "123456789 123456789 123456789 123456789 123456789 "
	    "123456789 123456789";
	NATIVE_SAYS(PROXY_STATUS, 0, 0, "its reply is not HTTP: 123456789 "
	    "123456789 123456789 123456789 123456789 123456789 ...");
	line = "";
	NATIVE_SAYS(PROXY_LONG, 0, 0, "the header of its reply does not end");
}

TEST(OpenBSDs_words_are_its_own)
{
	use(OPENBSD(0), PROXY_SOCKS5);
	says(PROXY_REFUSED, PROXY_REQUEST, 2, 0, true, 1, "nc: connection "
	    "failed, SOCKSv5 error: Connection not allowed by ruleset\n");
	says(PROXY_REFUSED, PROXY_REQUEST, 9, 0, true, 1,
	    "nc: connection failed, SOCKSv5 error: Unknown error\n");
	says(PROXY_READ, PROXY_GREETING, 0, 0, true, 1,
	    "nc: read failed (1/3): Broken pipe\n");
	says(PROXY_READ, PROXY_REQUEST, 0, ECONNRESET, true, 1,
	    "nc: read failed (1/2): Connection reset by peer\n");
	says(PROXY_ADDRESS, PROXY_REQUEST, 5, 0, true, 1,
	    "nc: connection failed, unsupported address type\n");
	says(PROXY_NO_METHOD, PROXY_GREETING, 0, 0, true, 1,
	    "nc: authentication method negotiation failed\n");
	use(OPENBSD(0), PROXY_SOCKS4);
	says(PROXY_REFUSED, PROXY_REQUEST, 91, 0, true, 1, "nc: connection "
	    "failed, SOCKSv4 error: Request rejected or failed\n");
	use(OPENBSD(0), PROXY_HTTP);
	says(PROXY_STATUS, PROXY_REQUEST, 403, 0, true, 1,
	    "nc: Proxy error: \"HTTP/1.0 403 No\"\n");
	says(PROXY_DENIED, PROXY_REQUEST, 407, 0, false, 1,
	    "Proxy authentication failed\n");
	says(PROXY_TRIES, PROXY_REQUEST, 0, 0, true, 1,
	    "nc: Too many authentication failures\n");
	says(PROXY_PASSWORD, PROXY_REQUEST, 0, 0, true, 1,
	    "nc: Unable to read proxy passphrase\n");
}

TEST(ncats_words_are_its_own)
{
	use(NCAT(0), PROXY_SOCKS5);
	says(PROXY_REFUSED, PROXY_REQUEST, 1, 0, true, 1,
	    "Ncat: Error: general SOCKS server failure.\n");
	says(PROXY_REFUSED, PROXY_REQUEST, 9, 0, true, 1,
	    "Ncat: Error: unassigned value in the reply.\n");
	says(PROXY_VERSION, PROXY_GREETING, 4, 0, true, 1,
	    "Ncat: Error: wrong SOCKS version in connect response.\n");
	says(PROXY_READ, PROXY_REQUEST, 0, 0, true, 1,
	    "Ncat: Error: malformed request response from proxy.\n");
	says(PROXY_DENIED, PROXY_LOGIN, 1, 0, true, 1,
	    "Ncat: Error: authentication failed.\n");
	use(NCAT(0), PROXY_SOCKS4);
	says(PROXY_REFUSED, PROXY_REQUEST, 91, 0, true, 1,
	    "Ncat: Proxy connection failed.\n");
	use(NCAT(1), PROXY_HTTP);
	says(PROXY_STATUS, PROXY_REQUEST, 403, 0, true, 1,
	    "Ncat: Host w.test will be resolved by the proxy.\n"
	    "Ncat: Proxy returned status code 403.\n");
	p.verbose = 0;
	says(PROXY_STATUS, PROXY_REQUEST, 0, 0, true, 1,
	    "Ncat: Proxy returned status code -1.\n");
	says(PROXY_NO_SCHEME, PROXY_REQUEST, 407, 0, true, 2,
	    "Ncat: Unknown authentication type. QUITTING.\n");
}

TEST(a_proxy_that_is_not_there_is_named)
{
	struct error e;

	error_set(&e, ECONNREFUSED, "connect to", "x");
	use(NATIVE(0), PROXY_SOCKS5);
	REPORT_ENDS(1, "sockcat: connect to proxy proxy.test port 7 (tcp) "
	    "failed: Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	use(OPENBSD(0), PROXY_SOCKS5);
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	use(OPENBSD(1), PROXY_SOCKS5);
	REPORT_ENDS(1, "nc: connect to proxy.test port 7 (tcp) failed: "
	    "Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	use(NCAT(0), PROXY_SOCKS5);
	REPORT_ENDS(1, "Ncat: Proxy connection failed: Connection refused.\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
}

TEST(names_that_nobody_knows_are_told_apart)
{
	struct error e;

	error_set(&e, 0, "look up", "x");
	e.gai = EAI_NONAME;
	use(OPENBSD(0), PROXY_SOCKS4);
	REPORT_ENDS(1, "nc: getaddrinfo(\"w.test\", \"80\"): Name or service "
	    "not known\n", EVENT_RESOLVE_FAILED, .host = p.host, .port = "80",
	    .error = &e);
	REPORT_ENDS(1, "nc: getaddrinfo for host \"proxy.test\" port 7: Name "
	    "or service not known\n", EVENT_RESOLVE_FAILED,
	    .host = p.proxy.host, .port = "7", .error = &e);
	use(NCAT(0), PROXY_SOCKS4);
	REPORT_ENDS(1, "Ncat: Error: Failed to resolve host w.test locally.\n",
	    EVENT_RESOLVE_FAILED, .host = p.host, .port = "80", .error = &e);
	REPORT_ENDS(1, "Ncat: Could not resolve proxy \"proxy.test\": Name or "
	    "service not known.\n", EVENT_RESOLVE_FAILED, .host = p.proxy.host,
	    .port = "7", .error = &e);
}

TEST(who_is_reached_has_no_address)
{
	use(NATIVE(1), PROXY_SOCKS5);
	REPORTS("Connection to w.test 47001 port [tcp/*] succeeded!\n",
	    EVENT_CONNECTED, .target = &t);
	use(OPENBSD(1), PROXY_HTTP);
	REPORTS("Connection to w.test 47001 port [tcp/*] succeeded!\n",
	    EVENT_PROBED, .target = &t, .open = true);
	use(NCAT(1), PROXY_SOCKS5);
	REPORTS("Ncat: Connected to proxy 192.0.2.1:7\nNcat: Host w.test will "
	    "be resolved by the proxy.\nNcat: connection succeeded.\n",
	    EVENT_CONNECTED, .target = &t);
}

#include "unit.h"

#include "plan_util.h"

static struct plan	plan;

static bool
good(const char *line)
{
	plan_free(&plan);
	if (plan_of(&plan, line) == 0)
		return true;
	printf("%s: %s", line, plan_said);
	unit_bad = true;
	return false;
}

static void
is_at(const char *line, const char *host, const char *port)
{
	if (!good(line))
		return;
	CHECK_STR(plan.proxy.host, host);
	CHECK_STR(plan.proxy.port, port);
}

static void
refuses(const char *line, int status, const char *text)
{
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, line), status);
	CHECK_STR(plan_said, text);
}

TEST(an_address_is_cut_where_each_tool_cuts_it)
{
	is_at("nc -x a h 1", "a", "1080");
	is_at("nc -x a -X connect h 1", "a", "3128");
	is_at("nc -X connect -x a: h 1", "a", "3128");
	is_at("nc -x a:http h 1", "a", "http");
	is_at("nc -x [::1] h 1", "::1", "1080");
	is_at("nc -x [::1]:7 h 1", "::1", "7");
	is_at("nc -x ::1 h 1", "::1", "1080");
	is_at("nc -x ::1:7 h 1", "::1", "7");
	is_at("nc -x fe80::1 h 1", "fe80::1", "1080");
	is_at("sockcat --proxy a h 1", "a", "3128");
	is_at("sockcat --proxy a --proxy-type socks4 h 1", "a", "1080");
	is_at("sockcat -x [::1]:7 h 1", "::1", "7");
	is_at("ncat --proxy a:7 h 1", "a", "7");
	is_at("ncat --proxy ::1 h 1", "::1", "3128");
	is_at("ncat --proxy ::1:7 h 1", "::1:7", "3128");
	is_at("ncat --proxy [::1]:7 h 1", "::1", "7");
}

TEST(what_is_spoken_and_who_looks_up_follow_from_each_other)
{
	static const struct {
		const char	*line;
		enum proxy_kind	 kind;
		enum proxy_dns	 dns;
	} t[] = {
		{ "nc -x a h 1", PROXY_SOCKS5, DNS_REMOTE },
		{ "nc -x a -X 5 h 1", PROXY_SOCKS5, DNS_REMOTE },
		{ "nc -x a -X 4 h 1", PROXY_SOCKS4, DNS_LOCAL },
		{ "nc -X CONNECT -x a h 1", PROXY_HTTP, DNS_REMOTE },
		{ "nc -X 4 h 1", PROXY_NONE, DNS_REMOTE },
		{ "sockcat -x a -X 4A h 1", PROXY_SOCKS4, DNS_REMOTE },
		{ "nc -x a -X 4A h 1", PROXY_SOCKS4, DNS_REMOTE },
		{ "nc -x a -X 4a h 1", PROXY_SOCKS4, DNS_REMOTE },
		{ "sockcat -x a -X 4 --proxy-dns remote h 1", PROXY_SOCKS4,
		    DNS_REMOTE },
		{ "sockcat -x a --proxy-dns none -X 4 1.1 1", PROXY_SOCKS4,
		    DNS_NONE },
		{ "sockcat --proxy a h 1", PROXY_HTTP, DNS_REMOTE },
		{ "sockcat --proxy a -X 5 h 1", PROXY_SOCKS5, DNS_REMOTE },
		{ "ncat --proxy a h 1", PROXY_HTTP, DNS_REMOTE },
		{ "ncat --proxy a --proxy-type socks4 h 1", PROXY_SOCKS4,
		    DNS_REMOTE },
		{ "ncat --proxy a --proxy-dns both h 1", PROXY_HTTP,
		    DNS_BOTH },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_INT(plan.proxy.kind, t[i].kind);
		CHECK_INT(plan.proxy.dns, t[i].dns);
	}
}

static void
is_login(const char *line, const char *user, const char *password, bool asks)
{
	const struct proxy_login *l = &plan.proxy.login;
	char text[64] = "";

	if (!good(line))
		return;
	CHECK_INT(plan.proxy.asks, asks);
	CHECK((l->user == NULL) == (user == NULL));
	if (user == NULL || l->user == NULL)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)l->len, l->user);
	CHECK_STR(text, user);
	CHECK_STR(l->password, password);
}

TEST(who_asks_is_what_each_tool_understands)
{
	is_login("nc -x a -X connect -P joe h 1", "joe", NULL, true);
	is_login("nc -x a -P joe h 1", NULL, NULL, true);
	is_login("sockcat -x a -P joe h 1", "joe", NULL, true);
	is_login("sockcat -x a --proxy-auth joe h 1", "joe", NULL, true);
	is_login("nc -x a --proxy-auth joe:p:w h 1", "joe", "p:w", false);
	is_login("ncat --proxy a --proxy-auth joe:pw h 1", "joe", "pw", false);
	is_login("ncat --proxy a --proxy-auth joe h 1", "joe", "", false);
	is_login("ncat --proxy a --proxy-type socks4 --proxy-auth joe:x h 1",
	    "joe:x", NULL, false);
	setenv("NCAT_PROXY_AUTH", "ann:pw", 1);
	is_login("ncat --proxy a h 1", "ann", "pw", false);
	is_login("ncat --proxy a --proxy-auth joe:pw h 1", "joe", "pw", false);
	is_login("sockcat --proxy a h 1", NULL, NULL, false);
	is_login("nc -x a h 1", NULL, NULL, false);
	setenv("NCAT_PROXY_AUTH", "", 1);
	is_login("ncat --proxy a h 1", NULL, NULL, false);
	unsetenv("NCAT_PROXY_AUTH");
}

TEST(only_a_limit_that_was_asked_for_counts_for_the_answer)
{
	if (good("nc -w 3 -x a h 1"))
		CHECK_INT(plan.proxy.timeout, 3000000000LL);
	if (good("nc -x a h 1"))
		CHECK_INT(plan.proxy.timeout, -1);
	if (good("ncat --proxy a h 1"))
		CHECK_INT(plan.proxy.timeout, -1);
	if (good("ncat -w 3 --proxy a h 1"))
		CHECK_INT(plan.proxy.timeout, 3000000000LL);
}

TEST(what_makes_no_sense_is_refused_in_one_line)
{
	char line[512];

	refuses("nc -x [::1 h 1", 1,
	    "nc: missing closing bracket in proxy\n");
	refuses("nc -x [::1]x h 1", 1,
	    "nc: garbage proxy port delimiter\n");
	refuses("nc -x a -X 6 h 1", 1, "nc: unsupported proxy protocol\n");
	refuses("nc -x a -s ::1 h 1", 1,
	    "nc: no proxy support for local source address\n");
	refuses("nc -x a -X connect h] 1", 1, "nc: Invalid hostname\n");
	refuses("sockcat -x a:99999 h 1", 1,
	    "sockcat: proxy port number too large: 99999\n");
	refuses("sockcat -x a:no-such h 1", 1,
	    "sockcat: proxy port number invalid: no-such\n");
	refuses("sockcat -X 5 h 1", 1, "sockcat: must use -x with -X\n");
	refuses("sockcat -P joe h 1", 1, "sockcat: must use -x with -P\n");
	refuses("sockcat -X 4 -x a ::1 1", 1,
	    "sockcat: SOCKS 4 knows no IPv6 address: ::1\n");
	refuses("sockcat -x a h] 1", 1, "sockcat: a proxy cannot be asked "
	    "for a host of this name: h]\n");
	refuses("sockcat --proxy a --proxy-type x h 1", 1, "sockcat: "
	    "--proxy-type must be http, socks4, socks4a or socks5: x\n");
	refuses("sockcat --proxy a --proxy-dns x h 1", 1, "sockcat: "
	    "--proxy-dns must be remote, local, both or none: x\n");
	refuses("sockcat -x a -U p", 1,
	    "sockcat: no proxy support for unix sockets\n");
	refuses("sockcat --proxy-auth j\x01:x -x a h 1", 1, "sockcat: the "
	    "proxy's user or password has a character that cannot be\n");
	snprintf(line, sizeof(line), "sockcat -x a %0300d 1", 0);
	CHECK_INT(plan_of(&plan, line), 1);
	CHECK(strstr(plan_said, "with a name that long") != NULL);
	snprintf(line, sizeof(line), "nc -x a %0300d 1", 0);
	refuses(line, 1, "nc: host name too long for SOCKS5\n");
	snprintf(line, sizeof(line), "sockcat -x a --proxy-auth x:%0300d h 1",
	    0);
	refuses(line, 1, "sockcat: the proxy's user or password is too "
	    "long\n");
}

TEST(ncat_has_its_words)
{
	refuses("ncat --proxy a --proxy-type SOCKS5 h 1", 2,
	    "Ncat: Invalid proxy type \"SOCKS5\". QUITTING.\n");
	refuses("ncat --proxy-dns x h 1", 2,
	    "Ncat: Invalid proxy DNS type. QUITTING.\n");
	refuses("ncat --proxy [::1 h 1", 2,
	    "Ncat: Invalid proxy IPv6 address \"[::1\". QUITTING.\n");
	refuses("ncat --proxy a:x h 1", 2,
	    "Ncat: Invalid proxy port number \"x\". QUITTING.\n");
	refuses("ncat --proxy a --proxy-auth j\x01 h 1", 2, "Ncat: the "
	    "proxy's user or password has a character that cannot be. "
	    "QUITTING.\n");
	refuses("ncat --proxy-type http h 1", 2, "Ncat: Proxy type "
	    "(--proxy-type) specified without proxy address (--proxy). "
	    "QUITTING.\n");
	refuses("ncat --proxy a -l", 2,
	    "Ncat: Invalid option combination: --proxy and -l. QUITTING.\n");
	refuses("ncat --proxy a -U p", 2, "Ncat: Proxy option not supported "
	    "when using Unix domain sockets. QUITTING.\n");
	refuses("ncat --proxy a --proxy-type socks4 ::1 1", 1,
	    "Ncat: Error: IPv6 addresses are not supported with Socks4.\n");
	CHECK(good("ncat --proxy-auth joe h 1"));
	CHECK_INT(plan.proxy.kind, PROXY_NONE);
	CHECK(plan.proxy.login.user == NULL);
}

TEST(a_proxy_is_explained_without_the_password)
{
	const char *text = plan_explained("sockcat --explain -X connect "
	    "-x p:7 --proxy-auth joe:secret h 1");

	CHECK(strstr(text, "\nproxy: HTTP at p port 7; it looks up the host; "
	    "user joe with a password\n") != NULL);
	CHECK(strstr(text, "secret") == NULL);
	text = plan_explained("nc --explain -X 4 -x [::1] h 1");
	CHECK(strstr(text, "\nproxy: SOCKS 4 at ::1 port 1080; the host is "
	    "looked up here\n") != NULL);
	text = plan_explained("nc --explain h 1");
	CHECK(strstr(text, "proxy") == NULL);
}

AFTER
{
	plan_free(&plan);
}

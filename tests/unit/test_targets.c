/*
 * Where the clients of a proxy server may go.
 */
#include "net.h"
#include "reach/targets.h"

static struct targets	*targets;
static char		 words[8][64];
static struct target_rule rules[8];
static size_t		 nrules;
static bool		 is_done, failed;

static void
on_done(void *arg, const struct error *err)
{
	(void)arg;
	is_done = true;
	failed = err != NULL;
}

static void
rule(bool deny, const char *word)
{
	snprintf(words[nrules], sizeof(words[0]), "%s", word);
	rules[nrules].deny = deny;
	CHECK(target_rule_read(&rules[nrules], words[nrules]) == NULL);
	nrules++;
}

static void
judge_at(const char *listens, unsigned port, bool open)
{
	const struct targets_options opt = { .rules = rules, .n = nrules,
	    .open = open };
	struct addr a = addr_of(listens, port);

	is_done = failed = false;
	targets = targets_start(loop, &opt, on_done, NULL);
	loop_run(loop);
	CHECK(is_done);
	CHECK(!failed);
	targets_listen_on(targets, &a);
}

static void
judge_end(void)
{
	targets_free(targets);
	nrules = 0;
}

static bool
allows(const char *host, unsigned port)
{
	struct addr a = addr_of(host, port);

	targets_normalize(&a);
	return targets_allow(targets, &a);
}

static bool
is_own(const char *host, unsigned port)
{
	struct addr a = addr_of(host, port);

	targets_normalize(&a);
	return targets_are_own(targets, &a);
}

#define YES(host, port)	CHECK(allows(host, port))
#define NO(host, port)	CHECK(!allows(host, port))

TEST(without_rules_the_credentials_of_clouds_are_denied)
{
	judge_at("127.0.0.1", 3128, false);
	YES("192.0.2.1", 80);
	YES("127.0.0.1", 80);
	YES("::1", 80);
	NO("169.254.169.254", 80);
	NO("::ffff:169.254.169.254", 80);
	NO("169.254.1.1", 80);
	NO("fe80::1", 80);
	NO("fd00:ec2::254", 80);
	YES("fd00:ec2::253", 80);
	NO("fd20:ce::254", 80);
	NO("fd00:42::42", 80);
	NO("168.63.129.16", 80);
	NO("::ffff:168.63.129.16", 80);
	YES("168.63.129.17", 80);
	NO("192.0.0.192", 80);
	YES("192.0.0.193", 80);
	NO("100.100.100.200", 80);
	YES("100.100.100.201", 80);
	judge_end();
}

TEST(a_proxy_beyond_loopback_denies_loopback)
{
	judge_at("0.0.0.0", 3128, false);
	NO("127.0.0.1", 80);
	NO("127.9.9.9", 80);
	NO("::1", 80);
	NO("::ffff:127.0.0.1", 80);
	NO("0.0.0.0", 80);
	NO("0.0.0.7", 80);
	NO("::", 80);
	NO("::ffff:0.0.0.0", 80);
	YES("192.0.2.1", 80);
	judge_end();
	rule(false, "127.0.0.1:80-81");
	judge_at("::", 3128, false);
	YES("127.0.0.1", 80);
	YES("0.0.0.0", 81);
	NO("127.0.0.1", 82);
	NO("127.0.0.2", 80);
	judge_end();
}

TEST(a_proxy_never_connects_to_itself)
{
	rule(false, "127.0.0.0/8");
	rule(false, "::1");
	judge_at("127.0.0.1", 3128, false);
	NO("127.0.0.1", 3128);
	NO("::ffff:127.0.0.1", 3128);
	NO("0.0.0.0", 3128);
	YES("127.0.0.1", 3129);
	YES("127.0.0.2", 3128);
	YES("::1", 3128);
	judge_end();
	rule(false, "127.0.0.0/8");
	rule(false, "192.0.2.1");
	rule(false, "::1");
	judge_at("::", 3128, false);
	NO("127.0.0.1", 3128);
	NO("127.0.0.2", 3128);
	NO("::1", 3128);
	NO("::", 3128);
	YES("192.0.2.1", 3128);
	judge_end();
	/* ncat's proxy asks who it is, and may go there. */
	judge_at("127.0.0.1", 3128, true);
	YES("127.0.0.1", 3128);
	CHECK(is_own("127.0.0.1", 3128));
	CHECK(is_own("0.0.0.0", 3128));
	CHECK(!is_own("127.0.0.1", 3129));
	judge_end();
}

TEST(a_rule_that_denies_wins)
{
	rule(false, "10.0.0.0/8");
	rule(true, "10.1.0.0/16:22");
	rule(true, "[2001:db8::]:1-9");
	judge_at("127.0.0.1", 3128, false);
	YES("10.1.2.3", 23);
	NO("10.1.2.3", 22);
	YES("10.2.2.3", 22);
	NO("11.0.0.1", 22);
	judge_end();
	rule(true, "10.1.0.0/16:22");
	judge_at("127.0.0.1", 3128, false);
	NO("10.1.2.3", 22);
	YES("11.0.0.1", 22);
	judge_end();
}

/* A rule for everything is not a rule for the networks denied by default. */
TEST(a_large_network_does_not_open_what_is_denied_by_default)
{
	rule(false, "*");
	rule(false, "0.0.0.0/0");
	rule(false, "*.*.*.*");
	judge_at("127.0.0.1", 3128, false);
	YES("192.0.2.1", 1);
	NO("169.254.169.254", 80);
	NO("fe80::1", 80);
	judge_end();
	rule(false, "169.254.169.254");
	judge_at("127.0.0.1", 3128, false);
	YES("169.254.169.254", 80);
	NO("169.254.169.253", 80);
	NO("192.0.2.1", 1);
	judge_end();
	rule(false, "169.254.0.0/16");
	rule(true, "169.254.169.254");
	judge_at("127.0.0.1", 3128, false);
	NO("169.254.169.254", 80);
	YES("169.254.169.253", 80);
	judge_end();
}

TEST(a_name_is_looked_up)
{
	struct addr a;

	if (!addr_numeric(&a, "127.0.0.1", AF_INET))
		SKIP("no IPv4");
	rule(false, "localhost:99");
	judge_at("192.0.2.1", 3128, false);
	YES("127.0.0.1", 99);
	NO("127.0.0.1", 98);
	NO("192.0.2.2", 99);
	judge_end();
}

TEST(a_name_without_an_address_is_an_error)
{
	static const char *const bad[] = { "no.such.name.invalid",
	    "10.0.0.0/33", "a b", "10.0.0:80", "1.2.3.4.5" };
	struct targets_options opt = { .rules = rules, .n = 1 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rule(false, bad[i]);
		is_done = failed = false;
		targets = targets_start(loop, &opt, on_done, NULL);
		loop_run(loop);
		CHECK(is_done);
		CHECK(failed);
		judge_end();
	}
}

TEST(what_is_no_rule_is_refused)
{
	static const char *const bad[] = { "", ":80", "[::1", "[::1]x", "[]",
	    "h:", "h:0", "h:65536", "h:9-1", "h:1-", "h:-9", "h:http",
	    "*:1-99999" };
	struct target_rule r;
	char word[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(word, sizeof(word), "%s", bad[i]);
		CHECK(target_rule_read(&r, word) != NULL);
	}
	snprintf(word, sizeof(word), "2001:db8::1");
	CHECK(target_rule_read(&r, word) == NULL);
	CHECK_STR(r.host, "2001:db8::1");
	CHECK_INT(r.hi, 65535);
	snprintf(word, sizeof(word), "[fd00::/8]:1-2");
	CHECK(target_rule_read(&r, word) == NULL);
	CHECK_STR(r.host, "fd00::/8");
	CHECK_INT(r.hi, 2);
}

BEFORE
{
	loop = loop_new();
}

AFTER
{
	loop_free(loop);
}

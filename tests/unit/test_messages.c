/* The messages and statuses of sockcat and of OpenBSD's nc. */
#include "message/rows.h"
#include "messages_fixture.h"

TEST(OpenBSDs_nc_tells_a_connection_at_v)
{
	struct plan p = OPENBSD(0);
	struct addr a = at("192.0.2.1", PORT), s = at("192.0.2.1", 80);
	struct target t = to("192.0.2.1", &a), u = to("w.test", &s);

	REPORTS("", EVENT_CONNECTED, .target = &t);
	p = OPENBSD(1);
	REPORTS("Connection to 192.0.2.1 47001 port [tcp/*] succeeded!\n",
	    EVENT_CONNECTED, .target = &t);
	REPORTS("Connection to 192.0.2.1 47001 port [tcp/*] succeeded!\n",
	    EVENT_PROBED, .target = &t, .open = true);
	REPORTS("Connection to w.test 80 port [tcp/*] succeeded!\n",
	    EVENT_CONNECTED, .target = &u);
	p.numeric = false;
	if (getservbyport(htons(80), "tcp") == NULL)
		SKIP("no services file");
	REPORTS("Connection to w.test (192.0.2.1) 80 port [tcp/http] "
	    "succeeded!\n", EVENT_CONNECTED, .target = &u);
	p.type = TYPE_DGRAM;
	REPORTS("Connection to 192.0.2.1 47001 port [udp/*] succeeded!\n",
	    EVENT_CONNECTED, .target = &t);
}

TEST(OpenBSDs_nc_fails_in_silence_without_v)
{
	struct plan p = OPENBSD(0);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("192.0.2.1", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct error late = because(ETIMEDOUT, "connect to", "x");
	struct error bind = because(EADDRNOTAVAIL, "bind", "x");

	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	REPORT_ENDS(1, "nc: bind failed: Cannot assign requested address\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &bind, .last = true);
	p = OPENBSD(1);
	REPORT_ENDS(1, "nc: connect to 192.0.2.1 port 47001 (tcp) failed: "
	    "Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e);
	REPORT_ENDS(1, "nc: connect to 192.0.2.1 port 47001 (tcp) failed: "
	    "Connection timed out\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &late, .last = true);
	t.timeout = 1000000000;
	REPORT_ENDS(1, "nc: connect to 192.0.2.1 port 47001 (tcp) timed out: "
	    "Operation now in progress\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &late, .last = true);
	p.type = TYPE_DGRAM;
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
}

TEST(OpenBSDs_nc_always_tells_lookups_and_paths_that_fail)
{
	struct plan p = OPENBSD(0);
	struct addr a = at("/run/x", 0), b = at("192.0.2.1", PORT);
	struct target t = to("/run/x", &a), u = to(NULL, &b);
	struct error e = because(ENOENT, "connect to", "x"), g = unknown();
	struct error in_use = because(EADDRINUSE, "bind", "x");

	REPORT_ENDS(1, "nc: getaddrinfo for host \"no.such.nx\" port 80: Name "
	    "or service not known\n", EVENT_RESOLVE_FAILED,
	    .host = "no.such.nx", .port = "80", .error = &g);
	REPORT_ENDS(1, "nc: getaddrinfo: Name or service not known\n",
	    EVENT_RESOLVE_FAILED, .host = "no.such.nx", .port = "80",
	    .error = &g, .passive = true);
	REPORT_ENDS(1, "nc: Address already in use\n", EVENT_LISTEN_FAILED,
	    .target = &u, .error = &in_use);
	p.family = FAMILY_UNIX;
	REPORT_ENDS(1, "nc: /run/x: No such file or directory\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	REPORTS("nc: /run/x: No such file or directory\n", EVENT_PROBED,
	    .target = &t, .errnum = ENOENT);
	t.addr = NULL;
	e.num = ENAMETOOLONG;
	REPORT_ENDS(1, "nc: /run/x: File name too long\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
}

TEST(OpenBSDs_nc_tells_where_it_listens)
{
	struct plan p = OPENBSD(1);
	struct addr any = at("0.0.0.0", PORT), any6 = at("::", PORT);
	struct addr peer = at("192.0.2.9", 4000), sock = at("/run/x", 0);
	struct addr mapped = at("::ffff:192.0.2.9", 4000), none;

	REPORTS("Listening on 0.0.0.0 47001\n", EVENT_LISTENING, .local = &any);
	REPORTS("Listening on :: 47001\n", EVENT_LISTENING, .local = &any6);
	REPORTS("Connection received on 192.0.2.9 4000\n", EVENT_ACCEPTED,
	    .peer = &peer, .local = &any);
	REPORTS("Connection received on ::ffff:192.0.2.9 4000\n",
	    EVENT_ACCEPTED, .peer = &mapped, .local = &any6);
	REPORTS("Bound on /run/x\nListening on /run/x\n", EVENT_LISTENING,
	    .local = &sock);
	memset(&none, 0, sizeof(none));
	REPORTS("Connection received on /run/x\n", EVENT_ACCEPTED,
	    .peer = &none, .local = &sock);
	p.type = TYPE_DGRAM;
	REPORTS("Bound on 0.0.0.0 47001\n", EVENT_LISTENING, .local = &any);
	REPORTS("Bound on /run/x\n", EVENT_LISTENING, .local = &sock);
}

TEST(the_hosts_file_names_the_loopback)
{
	struct plan p = OPENBSD(1);
	struct addr a = at("127.0.0.1", 4000);

	if (strcmp(messages_hosts_name(&a, "").s, "localhost") != 0)
		SKIP("the hosts file has another name for 127.0.0.1");
	REPORTS("Connection received on 127.0.0.1 4000\n", EVENT_ACCEPTED,
	    .peer = &a, .local = &a);
	p.numeric = false;
	REPORTS("Connection received on localhost 4000\n", EVENT_ACCEPTED,
	    .peer = &a, .local = &a);
	p.messages = &messages_traditional;
	REPORTS("connect to [127.0.0.1] from localhost [127.0.0.1] 4000\n",
	    EVENT_ACCEPTED, .peer = &a, .local = &a);
}

TEST(OpenBSDs_nc_ends_well_unless_bytes_were_lost)
{
	struct plan p = OPENBSD(0);
	struct outcome o = clean_end();

	ENDS(messages_openbsd.ended(&p, &o), 0, "");
	o = reset_peer();
	ENDS(messages_openbsd.ended(&p, &o), 0, "");
	o = idle_end();
	ENDS(messages_openbsd.ended(&p, &o), 0, "");
	o.lost_out = 1;
	ENDS(messages_openbsd.ended(&p, &o), 1,
	    "nc: 1 byte of the input not sent\n");
	o = full_stdout(EPIPE);
	ENDS(messages_openbsd.ended(&p, &o), 0, "");
	o = full_stdout(ENOSPC);
	ENDS(messages_openbsd.ended(&p, &o), 1, "nc: write to standard "
	    "output failed: No space left on device (65536 bytes lost)\n");
	o = clean_end();
	o.near_read = because(EISDIR, "read from", "standard input");
	ENDS(messages_openbsd.ended(&p, &o), 1,
	    "nc: read from standard input failed: Is a directory\n");
}

TEST(sockcat_tells_each_failure_in_one_line)
{
	struct plan p = NATIVE(0);
	struct addr a = at("192.0.2.1", 80), b = at("192.0.2.1", PORT);
	struct target t = to("192.0.2.1", &a), u = to("w.test", &b);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct error g = unknown(), bind;

	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e);
	REPORT_ENDS(1, "sockcat: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	REPORT_ENDS(1, "sockcat: look up no.such.nx failed: Name or service "
	    "not known (-n: numeric addresses only)\n", EVENT_RESOLVE_FAILED,
	    .host = "no.such.nx", .port = "80", .error = &g);
	p.numeric = false;
	REPORT_ENDS(1, "sockcat: look up no.such.nx failed: Name or service "
	    "not known\n", EVENT_RESOLVE_FAILED, .host = "no.such.nx",
	    .port = "80", .error = &g);
	p.numeric = true;
	bind = because(EADDRINUSE, "bind", "x");
	REPORT_ENDS(1, "sockcat: listen on w.test (192.0.2.1) port 47001 (tcp) "
	    "failed: Address already in use\n", EVENT_LISTEN_FAILED,
	    .target = &u, .error = &bind);
	e = because(ENOENT, "run", "/nonexistent");
	ENDS(messages_failed(&p, &e), 1,
	    "sockcat: run /nonexistent failed: No such file or directory\n");
	p = NATIVE(1);
	REPORTS("sockcat: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Connection refused\n", EVENT_PROBED, .target = &t,
	    .errnum = ECONNREFUSED);
}

/* Of so many ports. */
static struct scan_outcome
scan_of(size_t open, size_t refused, size_t silent, size_t broken)
{
	return (struct scan_outcome){ .open = open, .refused = refused,
	    .silent = silent, .broken = broken };
}

TEST(sockcat_scans_in_silence_without_v)
{
	struct plan p = NATIVE(0);
	struct addr a = at("192.0.2.1", 80);
	struct target t = to("192.0.2.1", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct scan_outcome o = scan_of(0, 2, 1, 3);

	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
	o = scan_of(1, 2, 3, 4);
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
	/* Nobody could be asked. */
	o = scan_of(0, 0, 0, 2);
	o.broken_at = t;
	o.broken_num = ENETUNREACH;
	REPORT_ENDS(1, "sockcat: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Network is unreachable\n", EVENT_SCANNED, .scan = &o);
	p = NATIVE(1);
	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e);
	REPORT_ENDS(1, "sockcat: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
	p = NATIVE(2);
	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "sockcat: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Connection refused\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e);
}

TEST(to_sockcat_silence_is_no_answer)
{
	struct plan p = NATIVE(1);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("w.test", &a);
	struct scan_outcome o = scan_of(0, 1, 1, 0);

	p.mode = PLAN_SCAN;
	p.type = TYPE_DGRAM;
	REPORTS("sockcat: no answer from w.test (192.0.2.1) port 47001 (udp)\n",
	    EVENT_PROBED, .target = &t);
	REPORTS("Connection to w.test (192.0.2.1) 47001 port [udp/*] "
	    "succeeded!\n", EVENT_PROBED, .target = &t, .open = true);
	REPORT_ENDS(2, "", EVENT_SCANNED, .scan = &o);
	o = scan_of(1, 1, 1, 0);
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
	o = scan_of(0, 2, 0, 0);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
}

TEST(OpenBSDs_nc_is_content_with_one_open_port)
{
	struct plan p = OPENBSD(0);
	struct scan_outcome o = scan_of(1, 9, 0, 0);

	p.mode = PLAN_SCAN;
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
	o = scan_of(0, 9, 0, 9);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
	/* Of datagrams the last one counts. */
	p.type = TYPE_DGRAM;
	o = scan_of(3, 1, 0, 0);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
	o.last_open = true;
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
}

TEST(sockcat_shows_mapped_peers_as_IPv4)
{
	struct plan p = NATIVE(1);
	struct addr any = at("::", PORT), a = at("::ffff:192.0.2.9", 4000);

	REPORTS("Connection received on 192.0.2.9 4000\n", EVENT_ACCEPTED,
	    .peer = &a, .local = &any);
}

TEST(sockcat_ends_with_1_on_resets_and_losses)
{
	struct plan p = NATIVE(0);
	struct outcome o = clean_end();

	ENDS(messages_native.ended(&p, &o), 0, "");
	o = idle_end();
	ENDS(messages_native.ended(&p, &o), 0, "");
	o = full_stdout(EPIPE);
	ENDS(messages_native.ended(&p, &o), 1, "sockcat: write to "
	    "standard output failed: Broken pipe (65536 bytes lost)\n");
	o = reset_peer();
	ENDS(messages_native.ended(&p, &o), 1, "sockcat: read from "
	    "192.0.2.1 port 47001 (tcp) failed: Connection reset by peer\n");
	o.far_write = because(EPIPE, "write to", "it");
	ENDS(messages_native.ended(&p, &o), 1, "sockcat: read from "
	    "192.0.2.1 port 47001 (tcp) failed: Connection reset by peer\n");
	o.lost_out = 9;
	ENDS(messages_native.ended(&p, &o), 1, "sockcat: read from "
	    "192.0.2.1 port 47001 (tcp) failed: Connection reset by peer "
	    "(9 bytes lost)\n");
	o = clean_end();
	p = NATIVE(2);
	ENDS(messages_native.ended(&p, &o), 0, "sockcat: sent 3, "
	    "received 6 bytes in 0.100 seconds\n");
}

/* Whatever the personality, status 0 means that the near sink has it all. */
TEST(a_loss_is_never_success_in_any_personality)
{
	static const struct messages *const all[] = { &messages_native,
	    &messages_openbsd, &messages_traditional, &messages_ncat };
	struct plan p = NATIVE(0);
	struct outcome o;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		o = clean_end();
		o.lost_in = 1;
		hear();
		CHECK(all[i]->ended(&p, &o) != 0);
		CHECK(strstr(heard(), "1 received byte not written") != NULL);
		o = full_stdout(EIO);
		hear();
		CHECK(all[i]->ended(&p, &o) != 0);
		CHECK(strstr(heard(), "Input/output error") != NULL);
	}
}

/* Whoever is dropped loses something: that is told at any verbosity. */
TEST(a_peer_that_is_dropped_is_told_of)
{
	struct plan p = NATIVE(0);

	SAYS(messages_dropped(&p, "127.0.0.1 port 9 (tcp)", 1),
	    "sockcat: 127.0.0.1 port 9 (tcp) is too slow and was dropped "
	    "(1 byte lost)\n");
	p.messages = &messages_openbsd;
	SAYS(messages_dropped(&p, "a", 1),
	    "sockcat: a is too slow and was dropped (1 byte lost)\n");
	p.messages = &messages_traditional;
	SAYS(messages_dropped(&p, "a", 1),
	    "sockcat: a is too slow and was dropped (1 byte lost)\n");
	p.messages = &messages_ncat;
	SAYS(messages_dropped(&p, "127.0.0.1 port 9 (tcp)", 20),
	    "Ncat: 127.0.0.1 port 9 (tcp) is too slow and was dropped "
	    "(20 bytes lost)\n");
}

static void
blames(enum access_fault fault, const char *word, const char *text)
{
	static const struct access_rule deny = { .deny = true, .spec = "x" };
	struct plan p = NATIVE(0);
	struct access_error s = { .fault = fault, .rule = &deny, .most = 32 };

	(void)strlcpy(s.word, word, sizeof(s.word));
	s.err = unknown();
	REPORT_ENDS(1, text, EVENT_ACCESS_FAILED, .access = &s);
}

TEST(sockcat_blames_the_word_of_an_access_list_that_is_wrong)
{
	static const struct access_rule file = { false, true, "hosts" };
	struct access_error s = { .fault = ACCESS_SHORT, .rule = &file,
	    .line = 3, .word = "10.0.0" };
	struct plan p = NATIVE(0);

	blames(ACCESS_BITS, "1.2.3.4/40",
	    "sockcat: --deny: prefix length above 32: 1.2.3.4/40\n");
	blames(ACCESS_MASK, "1.2.3.4/x",
	    "sockcat: --deny: prefix length invalid: 1.2.3.4/x\n");
	blames(ACCESS_EMPTY, "", "sockcat: --deny: there is no address\n");
	blames(ACCESS_WORD, "*", "sockcat: --deny: not an address, a prefix "
	    "or a name: *\n");
	blames(ACCESS_NAME, "a.nx", "sockcat: --deny: look up a.nx failed: "
	    "Name or service not known\n");
	REPORT_ENDS(1, "sockcat: --allowfile: hosts line 3: not four decimal "
	    "numbers: 10.0.0\n", EVENT_ACCESS_FAILED, .access = &s);
	s.fault = ACCESS_FILE;
	s.err = because(ENOENT, "open", "hosts");
	REPORT_ENDS(1, "sockcat: --allowfile: open hosts failed: No such file "
	    "or directory\n", EVENT_ACCESS_FAILED, .access = &s);
}

/* Whether a place has a value in some event, or is a part of its own. */
static bool
is_known(const char *place)
{
	static const char *const parts[] = { "far", "met", "hint", "proxywhy",
	    "socks", "accesstail" };
	static const struct access_rule rule = { .spec = "x" };
	const struct access_error access = { .rule = &rule, .err.op = "" };
	const struct tls_distrust distrust = { .why = "" };
	const struct tls_facts tls = { .version = "", .cipher = "",
	    .distrust = &distrust };
	const struct end_policy policy = { .null_wait = 1 };
	const struct dgram_drops drops = { .n = 1 };
	const struct scan_outcome scan = { .open = 1 };
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("w.test", &a);
	struct error e = because(ENOENT, "open", "x");
	struct plan p = NATIVE(0);
	struct report r = { .target = &t, .error = &e, .access = &access,
	    .tls = &tls, .policy = &policy, .drops = &drops, .scan = &scan };
	const struct say s = { .p = &p, .r = &r, .t = &t, .e = &e, .peer = a,
	    .local = a };
	struct shown buf;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(place, parts[i]) == 0)
			return true;
	return messages_value(&s, place, &buf) != NULL;
}

static void
rows_know(const struct message *m, size_t n)
{
	char place[sizeof(m->text)];

	for (; n > 0; n--, m++)
		for (const char *s = strchr(m->text, '{'); s != NULL;
		    s = strchr(s, '{')) {
			size_t len = strcspn(++s, "}");

			(void)snprintf(place, sizeof(place), "%.*s", (int)len,
			    s);
			if (!is_known(place))
				CHECK_STR(place, "a place of a text");
		}
}

TEST(each_place_in_a_text_has_a_value)
{
	static const struct messages *const all[] = { &messages_native,
	    &messages_openbsd, &messages_traditional, &messages_ncat };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		rows_know(all[i]->rows, all[i]->nrows);
	rows_know(messages_shared, messages_nshared);
	CHECK(!is_known("no such place"));
}

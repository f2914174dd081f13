/* The words and statuses of the traditional netcat and of ncat. */
#include "messages_fixture.h"

TEST(the_traditional_netcat_tells_one_ports_failure)
{
	struct plan p = TRADITIONAL(0);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("192.0.2.1", &a), u = to("w.test", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");

	REPORT_ENDS(1, "(UNKNOWN) [192.0.2.1] 47001 (?) : Connection refused\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	REPORT_ENDS(1, "(UNKNOWN) [192.0.2.1] 47001 (?) : Connection refused\n",
	    EVENT_CONNECT_FAILED, .target = &u, .error = &e, .last = true);
	p.numeric = false;
	REPORT_ENDS(1, "w.test [192.0.2.1] 47001 (?) : Connection refused\n",
	    EVENT_CONNECT_FAILED, .target = &u, .error = &e, .last = true);
	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &u, .error = &e,
	    .last = true);
	p = TRADITIONAL(0);
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	p.nports = 2;
	REPORT_ENDS(0, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	p = TRADITIONAL(1);
	p.numeric = false;
	REPORTS("w.test [192.0.2.1] 47001 (?) open\n", EVENT_CONNECTED,
	    .target = &u);
	p = TRADITIONAL(1);
	p.nports = 2;
	SAYS(REPORT(&p, EVENT_NONE_REACHED), "");
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	REPORTS("(UNKNOWN) [192.0.2.1] 47001 (?) open\n", EVENT_PROBED,
	    .target = &t, .open = true);
	p = TRADITIONAL(2);
	REPORT_ENDS(1, "(UNKNOWN) [192.0.2.1] 47001 (?) : Connection refused\n "
	    "sent 0, rcvd 0\n", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	SAYS(REPORT(&p, EVENT_NONE_REACHED), "");
	p.nports = 2;
	SAYS(REPORT(&p, EVENT_NONE_REACHED), " sent 0, rcvd 0\n");
}

/* "1.2.3.4/40" and the like, of "--allow 1.2.3.4/40,x" or a file. */
static struct access_error
access_error(enum access_fault fault, const char *word, unsigned most,
    bool plain)
{
	static const struct access_rule rule = {
		.spec = "1.2.3.4/40,x"
	};
	struct access_error s = { .fault = fault, .rule = &rule, .line = 3,
	    .most = most, .plain = plain };

	(void)strlcpy(s.word, word, sizeof(s.word));
	s.err = unknown();
	return s;
}

#define IN_LIST	"Ncat: error in host specification \"1.2.3.4/40\". " \
		"QUITTING.\n"

TEST(ncat_blames_the_access_lists_as_it_does)
{
	static const struct access_rule file = { true, true, "hosts" };
	struct plan p = NCAT(0);
	struct access_error s;

	s = access_error(ACCESS_BITS, "1.2.3.4/40", 32, true);
	ENDS(messages_report(&p, &(struct report){ EVENT_ACCESS_FAILED,
	    .access = &s }), 2, "Ncat: Illegal netmask in "
	    "\"1.2.3.4/40\". Must be smaller than address bit length.\n"
	    IN_LIST);
	s = access_error(ACCESS_BITS, "localhost/33", 32, false);
	ENDS(messages_report(&p, &(struct report){ EVENT_ACCESS_FAILED,
	    .access = &s }), 2, "Ncat: Illegal netmask in "
	    "\"localhost/33\". Must be between 0 and 32.\n" IN_LIST);
	s = access_error(ACCESS_MASK, "1.2.3.4/x", 0, false);
	REPORT_ENDS(2,
	    "Ncat: Error parsing netmask in \"1.2.3.4/x\".\n" IN_LIST,
	    EVENT_ACCESS_FAILED, .access = &s);
	s = access_error(ACCESS_WORD, "*", 0, false);
	ENDS(messages_report(&p, &(struct report){ EVENT_ACCESS_FAILED,
	    .access = &s }), 2,
	    "Ncat: Error resolving name "
	    "\"*\": Name or service not known\n" IN_LIST);
	s = access_error(ACCESS_NAME, "a.nx/8", 0, false);
	s.rule = &file;
	REPORT_ENDS(2, "Ncat: Error resolving name \"a.nx\": Name or service "
	    "not known\nNcat: error in hosts file hosts. QUITTING.\n",
	    EVENT_ACCESS_FAILED, .access = &s);
	s.fault = ACCESS_FILE;
	s.err = because(ENOENT, "open", "hosts");
	REPORT_ENDS(2, "Ncat: can't open hosts: No such file or directory. "
	    "QUITTING.\n", EVENT_ACCESS_FAILED, .access = &s);
}

TEST(the_traditional_netcat_tells_where_it_listens)
{
	struct plan p = TRADITIONAL(1);
	struct addr any = at("0.0.0.0", PORT), a = at("192.0.2.1", PORT);
	struct addr peer = at("192.0.2.9", 4000);
	struct target t = to(NULL, &a);
	struct error e = because(EADDRINUSE, "bind", "x"), g = unknown();

	REPORTS("listening on [any] 47001 ...\n", EVENT_LISTENING,
	    .local = &any);
	REPORTS("listening on [192.0.2.1] 47001 ...\n", EVENT_LISTENING,
	    .local = &a);
	REPORTS("connect to [192.0.2.1] from (UNKNOWN) [192.0.2.9] 4000\n",
	    EVENT_ACCEPTED, .peer = &peer, .local = &a);
	REPORT_ENDS(1, "invalid connection to [192.0.2.1] from (UNKNOWN) "
	    "[192.0.2.9] 4000\n", EVENT_REFUSED, .peer = &peer, .local = &a);
	REPORT_ENDS(1, "Can't grab 192.0.2.1:47001 with bind\n",
	    EVENT_LISTEN_FAILED, .target = &t, .error = &e);
	e.num = EADDRNOTAVAIL;
	REPORT_ENDS(1, "Can't grab 192.0.2.1:47001 with bind : Cannot assign "
	    "requested address\n", EVENT_LISTEN_FAILED, .target = &t,
	    .error = &e);
	p.local_host = "192.0.2.7";
	REPORT_ENDS(1, "Can't grab 192.0.2.7:0 with bind : Cannot assign "
	    "requested address\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	e = because(ETIMEDOUT, "wait for", "a connection");
	REPORT_ENDS(1, "no connection : Connection timed out\n",
	    EVENT_ACCEPT_TIMEOUT, .error = &e);
	REPORT_ENDS(1, "Can't parse localhost as an IP address\n",
	    EVENT_RESOLVE_FAILED, .host = "localhost", .port = "80",
	    .error = &g);
	p.numeric = false;
	REPORT_ENDS(1, "no.such.nx: forward host lookup failed: Unknown host\n",
	    EVENT_RESOLVE_FAILED, .host = "no.such.nx", .port = "80",
	    .error = &g);
}

TEST(the_traditional_netcat_ends_well_on_a_reset)
{
	struct plan p = TRADITIONAL(0);
	struct outcome o = reset_peer();

	ENDS(messages_traditional.ended(&p, &o), 0, "");
	o.far_write = because(EPIPE, "write to", "it");
	ENDS(messages_traditional.ended(&p, &o), 1, "");
	o = full_stdout(ENOSPC);
	ENDS(messages_traditional.ended(&p, &o), 1,
	    "too many output retries : No space left on device\n");
	o = full_stdout(EPIPE);
	ENDS(messages_traditional.ended(&p, &o), 1, "");
	o = clean_end();
	p = TRADITIONAL(2);
	ENDS(messages_traditional.ended(&p, &o), 0,
	    " sent 3, rcvd 6\n");
}

TEST(the_traditional_netcat_scans_in_silence_without_v)
{
	struct plan p = TRADITIONAL(0);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("192.0.2.1", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct scan_outcome o = { .refused = 1 };

	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
	o.last_open = true;
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
	p = TRADITIONAL(2);
	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "(UNKNOWN) [192.0.2.1] 47001 (?) : Connection refused\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	o.last_open = false;
	p.nports = 2;
	REPORT_ENDS(0, " sent 0, rcvd 0\n", EVENT_SCANNED, .scan = &o);
}

TEST(ncat_asks_one_port)
{
	struct plan p = NCAT(0);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("w.test", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct scan_outcome o = { .elapsed = 2050000000, .last_open = true };

	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	REPORT_ENDS(0, "", EVENT_SCANNED, .scan = &o);
	p = NCAT(1);
	p.mode = PLAN_SCAN;
	p.type = TYPE_DGRAM;
	REPORT_ENDS(1, "Ncat: Connection refused.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	REPORTS("Ncat: Connected to 192.0.2.1:47001.\nNcat: Connection "
	    "refused.\n", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	REPORTS("Ncat: Connected to 192.0.2.1:47001.\nNcat: UDP packet sent "
	    "successfully\n", EVENT_PROBED, .target = &t);
	REPORT_ENDS(0, "Ncat: 1 bytes sent, 0 bytes received in 2.05 "
	    "seconds.\n", EVENT_SCANNED, .scan = &o);
	o.last_open = false;
	REPORT_ENDS(1, "", EVENT_SCANNED, .scan = &o);
}

TEST(ncat_tells_what_it_connects_to)
{
	struct plan p = NCAT(0);
	struct addr a = at("192.0.2.1", PORT);
	struct target t = to("w.test", &a);
	struct error e = because(ECONNREFUSED, "connect to", "x");
	struct error g = unknown();

	SAYS(REPORT(&p, EVENT_BEGIN), "");
	REPORT_ENDS(1, "Ncat: Connection refused.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	REPORTS("", EVENT_PROBED, .target = &t, .errnum = ECONNREFUSED);
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e);
	p.mode = PLAN_SCAN;
	REPORT_ENDS(1, "", EVENT_CONNECT_FAILED, .target = &t, .error = &e,
	    .last = true);
	REPORT_ENDS(2, "Ncat: Could not resolve hostname \"no.such.nx\": Name "
	    "or service not known. QUITTING.\n", EVENT_RESOLVE_FAILED,
	    .host = "no.such.nx", .port = "80", .error = &g);
	REPORT_ENDS(2, "Ncat: Could not resolve source address \"no.such.nx\": "
	    "Name or service not known. QUITTING.\n", EVENT_RESOLVE_FAILED,
	    .host = "no.such.nx", .port = "0", .error = &g, .passive = true);
	p = NCAT(1);
	hear();
	REPORT(&p, EVENT_BEGIN);
	CHECK(strncmp(heard(), "Ncat: Version 7.93 (", 20) == 0);
	REPORTS("Ncat: Connected to 192.0.2.1:47001.\n", EVENT_CONNECTED,
	    .target = &t);
	REPORT_ENDS(1, "Ncat: Connection to 192.0.2.1 failed: Connection "
	    "refused.\nNcat: Trying next address...\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e);
	e.num = ETIMEDOUT;
	REPORT_ENDS(1, "Ncat: TIMEOUT.\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
}

TEST(ncat_tells_where_it_listens)
{
	struct plan p = NCAT(1);
	struct addr any = at("::", PORT), a = at("192.0.2.1", PORT), none;
	struct addr peer = at("192.0.2.9", 4000), sock = at("/run/x", 0);
	struct target t = to(NULL, &a);
	struct error e = because(EADDRINUSE, "bind", "x");

	REPORTS("Ncat: Listening on :::47001\n", EVENT_LISTENING,
	    .local = &any);
	REPORTS("Ncat: Listening on /run/x\n", EVENT_LISTENING, .local = &sock);
	REPORTS("Ncat: Connection from 192.0.2.9.\nNcat: Connection from "
	    "192.0.2.9:4000.\n", EVENT_ACCEPTED, .peer = &peer, .local = &a);
	memset(&none, 0, sizeof(none));
	REPORTS("Ncat: Connection from a client on Unix domain socket.\n",
	    EVENT_ACCEPTED, .peer = &none, .local = &sock);
	REPORT_ENDS(2, "Ncat: bind to 192.0.2.1:47001: Address already in use. "
	    "QUITTING.\n", EVENT_LISTEN_FAILED, .target = &t, .error = &e);
}

TEST(ncats_end_tells_counts_and_timeouts)
{
	struct plan p = NCAT(1);
	struct outcome o = clean_end();

	ENDS(messages_ncat.ended(&p, &o), 0, "Ncat: 3 bytes sent, "
	    "6 bytes received in 0.10 seconds.\n");
	p.mode = PLAN_LISTEN;
	ENDS(messages_ncat.ended(&p, &o), 0, "");
	p.mode = PLAN_CONNECT;
	o = idle_end();
	ENDS(messages_ncat.ended(&p, &o), 1,
	    "Ncat: Idle timeout expired (1000 ms).\n");
	p.mode = PLAN_LISTEN;
	ENDS(messages_ncat.ended(&p, &o), 2,
	    "Ncat: Idle timeout expired (1000 ms). QUITTING.\n");
	p.mode = PLAN_CONNECT;
	o = reset_peer();
	ENDS(messages_ncat.ended(&p, &o), 1,
	    "Ncat: Connection reset by peer.\n");
	o = full_stdout(ENOSPC);
	ENDS(messages_ncat.ended(&p, &o), 2,
	    "write: No space left on device\n");
	o = clean_end();
	o.lost_out = 2;
	ENDS(messages_ncat.ended(&p, &o), 1,
	    "Ncat: 2 bytes of the input not sent\n");
}

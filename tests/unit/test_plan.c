#include "unit.h"

#include <netdb.h>

#include "base/num.h"
#include "cli/parse.h"
#include "plan_util.h"

#define S	NSEC_PER_SEC
#define MS	NSEC_PER_MSEC

static struct plan	plan;

/* The status of a line that is wrong. */
static int
wrong(const char *line)
{
	plan_free(&plan);
	return plan_of(&plan, line);
}

/* Parse, and fail the test with what was said when that fails. */
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

TEST(clusters_and_attached_values_are_read)
{
	if (!good("nc -lvnp 4000"))
		return;
	CHECK_INT(plan.mode, PLAN_LISTEN);
	CHECK_INT(plan.verbose, 1);
	CHECK(plan.numeric);
	CHECK_STR(plan.local_port, "4000");
	if (!good("nc -vzw1 h 20-25 80"))
		return;
	CHECK_INT(plan.mode, PLAN_SCAN);
	CHECK_INT(plan.connect_timeout, S);
	CHECK_INT(plan.end.idle, S);
	CHECK_INT(plan.nports, 2);
	CHECK_INT(plan.ports[0].lo, 20);
	CHECK_INT(plan.ports[0].hi, 25);
	CHECK_STR(plan.ports[0].word, "20-25");
	CHECK_INT(plan.ports[1].lo, 80);
	if (!good("sockcat -q0 h 1"))
		return;
	CHECK_INT(plan.end.near_eof, NEAR_HALF_CLOSE);
	CHECK_INT(plan.end.linger, -1);
}

TEST(options_may_follow_operands)
{
	if (!good("nc h 80 -w 1 -v"))
		return;
	CHECK_STR(plan.host, "h");
	CHECK_INT(plan.nports, 1);
	CHECK_INT(plan.connect_timeout, S);
	if (!good("ncat -- -h 80"))
		return;
	CHECK_STR(plan.host, "-h");
	setenv("POSIXLY_CORRECT", "1", 1);
	CHECK_INT(wrong("nc h -v"), 1);
	CHECK_STR(plan_said, "nc: port number invalid: -v\n");
	unsetenv("POSIXLY_CORRECT");
}

TEST(the_personality_comes_from_the_name_the_option_or_the_environment)
{
	static const struct {
		const char	*line;
		enum compat	 compat;
		const char	*progname;
	} t[] = {
		{ "sockcat h 1", COMPAT_NATIVE, "sockcat" },
		{ "./sockcat h 1", COMPAT_NATIVE, "sockcat" },
		{ "anything h 1", COMPAT_NATIVE, "anything" },
		{ "nc h 1", COMPAT_OPENBSD, "nc" },
		{ "/bin/netcat h 1", COMPAT_OPENBSD, "netcat" },
		{ "nc.openbsd h 1", COMPAT_OPENBSD, "nc.openbsd" },
		{ "nc.traditional h 1", COMPAT_TRADITIONAL,
		    "nc.traditional" },
		{ "netcat-traditional h 1", COMPAT_TRADITIONAL,
		    "netcat-traditional" },
		{ "ncat h 1", COMPAT_NCAT, "Ncat" },
		{ "sockcat h 1 --compat=ncat", COMPAT_NCAT, "Ncat" },
		{ "sockcat --compat traditional h 1", COMPAT_TRADITIONAL,
		    "sockcat" },
		{ "sockcat --compat=nc h 1", COMPAT_OPENBSD, "sockcat" },
		{ "nc --compat=native h 1", COMPAT_NATIVE, "nc" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_INT(plan.compat, t[i].compat);
		CHECK_STR(plan.progname, t[i].progname);
	}
	setenv("SOCKCAT_COMPAT", "openbsd", 1);
	if (good("sockcat h 1"))
		CHECK_INT(plan.compat, COMPAT_OPENBSD);
	if (good("ncat h 1"))
		CHECK_INT(plan.compat, COMPAT_OPENBSD);
	if (good("sockcat --compat=native h 1"))
		CHECK_INT(plan.compat, COMPAT_NATIVE);
	unsetenv("SOCKCAT_COMPAT");
}

/* One line, and what became of the values that its option has to do with. */
TEST(letters_mean_what_the_personality_says)
{
	if (good("nc -i 2 h 1"))
		CHECK_INT(plan.interval, 2 * S);
	if (good("ncat -i 2 h 1")) {
		CHECK_INT(plan.interval, 0);
		CHECK_INT(plan.end.idle, 2 * S);
	}
	if (good("ncat -w 2 h 1")) {
		CHECK_INT(plan.connect_timeout, 2 * S);
		CHECK_INT(plan.end.idle, -1);
	}
	if (good("nc.traditional -w 2 -l -p 1")) {
		CHECK_INT(plan.connect_timeout, 2 * S);
		CHECK_INT(plan.accept_timeout, 2 * S);
		CHECK_INT(plan.end.idle, 2 * S);
		CHECK_INT(plan.end.silences, 1);
	}
	if (good("nc.traditional -w 1.5 h 1"))
		CHECK_INT(plan.connect_timeout, S);
	if (good("nc.traditional -w -1 h 1"))
		CHECK_INT(plan.connect_timeout, -1);
	if (good("nc.traditional -k h 1")) {
		CHECK(plan.sock.keepalive);
		CHECK(!plan.keep_open);
	}
	if (good("nc -lk 1")) {
		CHECK(!plan.sock.keepalive);
		CHECK(plan.keep_open);
	}
	if (good("nc -d h 1"))
		CHECK(plan.no_stdin);
	if (good("nc -w 0 h 1")) {
		CHECK_INT(plan.end.idle, MS);
		CHECK_INT(plan.connect_timeout, -1);
	}
	if (good("nc -n h http"))
		CHECK_INT(plan.ports[0].lo, 80);
}

TEST(times_take_units_except_behind_openbsds_letters)
{
	if (good("sockcat -w 500ms -i 1.5 h 1")) {
		CHECK_INT(plan.connect_timeout, 500 * MS);
		CHECK_INT(plan.end.idle, 500 * MS);
		CHECK_INT(plan.interval, 1500 * MS);
	}
	if (good("nc --idle-timeout 2m --connect-timeout=250ms h 1")) {
		CHECK_INT(plan.end.idle, 120 * S);
		CHECK_INT(plan.connect_timeout, 250 * MS);
	}
	if (good("sockcat --wait 3 h 1")) {
		CHECK_INT(plan.connect_timeout, 3 * S);
		CHECK_INT(plan.end.idle, -1);
	}
	if (good("ncat -w 1H h 1"))
		CHECK_INT(plan.connect_timeout, 3600 * S);
}

TEST(values_reach_the_socket_options)
{
	if (!good("sockcat -bDS -I 1000 -O 2000 -M 3 -m 4 -T ef -W 5 "
	    "--keepalive h 1"))
		return;
	CHECK(plan.sock.broadcast);
	CHECK(plan.sock.debug);
	CHECK(plan.sock.md5);
	CHECK(plan.sock.keepalive);
	CHECK_INT(plan.sock.rcvbuf, 1000);
	CHECK_INT(plan.sock.sndbuf, 2000);
	CHECK_INT(plan.sock.ttl, 3);
	CHECK_INT(plan.sock.min_ttl, 4);
	CHECK_INT(plan.sock.tos, 0xb8);
	CHECK_INT(plan.end.max_reads, 5);
	if (good("nc -T 0x10 h 1"))
		CHECK_INT(plan.sock.tos, 16);
	if (good("nc -T 010 h 1"))
		CHECK_INT(plan.sock.tos, 10);
	if (good("nc.traditional -T Minimize-Cost h 1"))
		CHECK_INT(plan.sock.tos, 2);
	if (good("nc.traditional -T whatever h 1"))
		CHECK_INT(plan.sock.tos, -1);
	if (good("nc h 1")) {
		CHECK_INT(plan.sock.tos, -1);
		CHECK_INT(plan.sock.ttl, -1);
		CHECK_INT(plan.sock.min_ttl, -1);
		CHECK_INT(plan.sock.rcvbuf, 0);
	}
}

TEST(ports_are_numbers_services_and_ranges)
{
	if (good("nc h 26-21 http 99")) {
		CHECK_INT(plan.nports, 3);
		CHECK_INT(plan.ports[0].lo, 21);
		CHECK_INT(plan.ports[0].hi, 26);
		CHECK_INT(plan.ports[1].lo, 80);
		CHECK_STR(plan.ports[1].word, "http");
		CHECK_INT(plan.ports[2].hi, 99);
	}
	if (good("nc.traditional h 21-26 26-21")) {
		CHECK_INT(plan.ports[0].lo, 21);
		CHECK_INT(plan.ports[0].hi, 26);
		CHECK_INT(plan.ports[1].lo, 26);
		CHECK_INT(plan.ports[1].hi, 26);
	}
	if (good("ncat h"))
		CHECK_INT(plan.ports[0].lo, 31337);
	if (good("ncat h 0"))
		CHECK_INT(plan.ports[0].lo, 0);
}

TEST(a_service_with_a_hyphen_is_a_service)
{
	if (getservbyname("netbios-ns", "udp") == NULL)
		SKIP("no netbios-ns in the services of this system");
	if (good("nc -u h netbios-ns")) {
		CHECK_INT(plan.ports[0].lo, 137);
		CHECK_INT(plan.ports[0].hi, 137);
	}
	if (good("nc.traditional -u h netbios\\-ns"))
		CHECK_INT(plan.ports[0].lo, 137);
}

TEST(where_to_listen_has_many_forms)
{
	static const struct {
		const char	*line, *host, *port;
	} t[] = {
		{ "nc -l 80", NULL, "80" },
		{ "nc -l -p 80", NULL, "80" },
		{ "nc -l h 80", "h", "80" },
		{ "nc -l -s h -p 80", "h", "80" },
		{ "nc -l 0", NULL, "0" },
		{ "nc -l nosuchservice", NULL, "nosuchservice" },
		{ "sockcat -l 80", NULL, "80" },
		{ "sockcat -l -p 80", NULL, "80" },
		{ "sockcat -l h 80", "h", "80" },
		{ "sockcat -l -s h -p 80", "h", "80" },
		{ "sockcat -l -s h 80", "h", "80" },
		{ "sockcat -l -p 80 h", "h", "80" },
		{ "sockcat -l h:80", "h", "80" },
		{ "sockcat -l [::1]:80", "::1", "80" },
		{ "sockcat -l [::1] 80", "::1", "80" },
		{ "sockcat -l ::1 80", "::1", "80" },
		{ "sockcat -l :80", NULL, "80" },
		{ "sockcat -l h :80", "h", "80" },
		{ "sockcat -l :http -s h", "h", "http" },
		{ "nc -l :80", NULL, ":80" },
		{ "ncat -l", NULL, "31337" },
		{ "ncat -l 80", NULL, "80" },
		{ "ncat -l h", "h", "31337" },
		{ "ncat -l h 80", "h", "80" },
		{ "ncat -l -p 80 h", "h", "80" },
		{ "nc.traditional -l -p 80", NULL, "80" },
		{ "nc.traditional -l", NULL, NULL },
		{ "nc -lU /path", "/path", NULL },
		{ "nc -lU -s /path", "/path", NULL },
		{ "sockcat -lU @name", "@name", NULL },
		{ "ncat -lU /path", "/path", NULL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_INT(plan.mode, PLAN_LISTEN);
		CHECK_STR(plan.local_host, t[i].host);
		CHECK_STR(plan.local_port, t[i].port);
		CHECK(!plan.peer_filter);
	}
	if (good("nc.traditional -l"))
		CHECK(plan.any_port);
	if (good("nc.traditional -l -p 80 h 1-5")) {
		CHECK(plan.peer_filter);
		CHECK_STR(plan.host, "h");
		CHECK_INT(plan.ports[0].hi, 5);
	}
}

TEST(host_and_port_may_be_one_word_in_ours)
{
	static const struct {
		const char	*line, *host;
		unsigned	 port;
	} t[] = {
		{ "sockcat h:80", "h", 80 },
		{ "sockcat h:http", "h", 80 },
		{ "sockcat [::1]:80", "::1", 80 },
		{ "sockcat [::1] 80", "::1", 80 },
		{ "sockcat ::1 80", "::1", 80 },
		{ "sockcat 127.0.0.1:80", "127.0.0.1", 80 },
		{ "sockcat :80", "localhost", 80 },
		{ "sockcat h :80", "h", 80 },
		{ "nc ::1 80", "::1", 80 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_STR(plan.host, t[i].host);
		CHECK_INT(plan.nports, 1);
		CHECK_INT(plan.ports[0].lo, t[i].port);
	}
}

TEST(the_scheme_of_a_url_is_an_option)
{
	static const struct {
		const char		*line, *host;
		enum plan_family	 family;
		enum plan_type		 type;
		bool			 tls;
	} t[] = {
		{ "sockcat tcp://h:80", "h", FAMILY_ANY, TYPE_STREAM, false },
		{ "sockcat TLS://h:80/", "h", FAMILY_ANY, TYPE_STREAM, true },
		{ "sockcat udp://[::1]:80", "::1", FAMILY_ANY, TYPE_DGRAM,
		    false },
		{ "sockcat --tls udp://h:80", "h", FAMILY_ANY, TYPE_DGRAM,
		    true },
		{ "sockcat unix:p", "p", FAMILY_UNIX, TYPE_STREAM, false },
		{ "sockcat -u unix:///p", "/p", FAMILY_UNIX, TYPE_DGRAM,
		    false },
		{ "sockcat -l unix:p", "p", FAMILY_UNIX, TYPE_STREAM, false }
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_STR(plan.host, t[i].host);
		CHECK_INT(plan.family, t[i].family);
		CHECK_INT(plan.type, t[i].type);
		CHECK(plan.tls.on == t[i].tls);
		if (t[i].family == FAMILY_ANY)
			CHECK_INT(plan.ports[0].lo, 80);
	}
	if (good("sockcat -l -k tls://0.0.0.0:5000")) {
		CHECK(plan.tls.on);
		CHECK_STR(plan.local_host, "0.0.0.0");
		CHECK_STR(plan.local_port, "5000");
	}
}

TEST(the_last_family_counts)
{
	if (good("nc -4 -6 h 1"))
		CHECK_INT(plan.family, FAMILY_INET6);
	if (good("nc -4U /path"))
		CHECK_INT(plan.family, FAMILY_UNIX);
	if (good("nc -U -4 h 1"))
		CHECK_INT(plan.family, FAMILY_INET);
	if (good("nc -U -u -s /me /path")) {
		CHECK_STR(plan_proto(&plan), "unix-dgram");
		CHECK_STR(plan.host, "/path");
		CHECK_STR(plan.local_host, "/me");
	}
	if (good("nc -u h 1"))
		CHECK_STR(plan_proto(&plan), "udp");
}

/* near_eof and linger of every way to end the input. */
TEST(the_end_of_the_input_follows_the_options)
{
	static const struct {
		const char	*line;
		enum near_eof	 near;
		int64_t		 linger;
	} t[] = {
		{ "sockcat h 1", NEAR_HALF_CLOSE, -1 },
		{ "sockcat --no-shutdown h 1", NEAR_KEEP, -1 },
		{ "sockcat -q -1 h 1", NEAR_KEEP, -1 },
		{ "sockcat -N -q -1 h 1", NEAR_HALF_CLOSE, -1 },
		{ "sockcat -q 0 h 1", NEAR_HALF_CLOSE, -1 },
		{ "sockcat -q 500ms h 1", NEAR_HALF_CLOSE, 500 * MS },
		{ "sockcat -u -q 0 h 1", NEAR_CLOSE, -1 },
		{ "sockcat -q 2 -u h 1", NEAR_HALF_CLOSE, 2 * S },
		{ "sockcat --send-only h 1", NEAR_CLOSE, -1 },
		{ "sockcat --send-only --no-shutdown h 1", NEAR_CLOSE, -1 },
		{ "nc h 1", NEAR_KEEP, -1 },
		{ "nc -N h 1", NEAR_HALF_CLOSE, -1 },
		{ "nc -q -1 h 1", NEAR_KEEP, -1 },
		{ "nc -N -q -1 h 1", NEAR_HALF_CLOSE, -1 },
		{ "nc -q 0 h 1", NEAR_HALF_CLOSE, -1 },
		{ "nc -q 3 h 1", NEAR_HALF_CLOSE, 3 * S },
		{ "nc -u -q 0 h 1", NEAR_CLOSE, -1 },
		{ "nc.traditional h 1", NEAR_KEEP, -1 },
		{ "nc.traditional -q 0 h 1", NEAR_CLOSE, -1 },
		{ "nc.traditional -q abc h 1", NEAR_CLOSE, -1 },
		{ "nc.traditional -q 3 h 1", NEAR_HALF_CLOSE, 3 * S },
		{ "nc.traditional -q -1 h 1", NEAR_KEEP, -1 },
		{ "ncat h 1", NEAR_HALF_CLOSE, -1 },
		{ "ncat --no-shutdown h 1", NEAR_KEEP, -1 },
		{ "ncat --send-only h 1", NEAR_CLOSE, -1 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!good(t[i].line))
			continue;
		CHECK_INT(plan.end.near_eof, t[i].near);
		CHECK_INT(plan.end.linger, t[i].linger);
	}
}

TEST(the_end_of_the_peer_follows_the_mode)
{
	static const struct {
		const char	*line;
		enum far_eof	 far;
	} t[] = {
		{ "sockcat h 1", FAR_BY_INPUT },
		{ "sockcat -l 1", FAR_BY_INPUT },
		{ "sockcat -lk 1", FAR_IDLE }, { "nc h 1", FAR_WAIT },
		{ "nc -l 1", FAR_BY_INPUT }, { "nc -lk 1", FAR_IDLE },
		{ "nc.traditional h 1", FAR_BY_INPUT },
		{ "nc.traditional -l -p 1", FAR_BY_INPUT },
		{ "ncat h 1", FAR_WAIT }, { "ncat --sctp h 1", FAR_BY_INPUT },
		{ "ncat -l 1", FAR_BY_INPUT }, { "ncat -lk 1", FAR_IDLE },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (good(t[i].line))
			CHECK_INT(plan.end.far_eof, t[i].far);
}

TEST(each_personality_has_its_policy)
{
	if (good("sockcat h 1")) {
		CHECK(plan.end.null_keeps && plan.end.confirm);
		CHECK(!plan.tolerant);
		CHECK(plan.wildcard == WILDCARD_INET6 &&
		    !plan.sock.reuseport);
		CHECK(plan.udp_last_sender);
		CHECK_INT(plan.race_delay, 250 * MS);
		CHECK_INT(plan.block, 65507);
		CHECK_INT(plan.connect_timeout, -1);
	}
	if (good("nc h 1")) {
		CHECK(!plan.end.null_keeps && !plan.end.confirm);
		CHECK(plan.tolerant);
		CHECK(plan.wildcard == WILDCARD_INET &&
		    plan.sock.reuseport);
		CHECK(!plan.udp_last_sender);
		CHECK_INT(plan.race_delay, -1);
		CHECK_INT(plan.block, 16384);
	}
	if (good("nc -6 -l 1"))
		CHECK_INT(plan.wildcard, WILDCARD_INET6);
	if (good("nc.traditional h 1"))
		CHECK_INT(plan.family, FAMILY_INET);
	if (good("ncat h 1")) {
		CHECK_INT(plan.connect_timeout, 10 * S);
		CHECK_INT(plan.wildcard, WILDCARD_BOTH);
		CHECK(plan.numeric_service);
		CHECK(!plan.tolerant);
	}
	if (good("ncat -l localhost 1"))
		CHECK_INT(plan.wildcard, WILDCARD_INET6);
}

TEST(help_and_version_act_where_they_stand)
{
	static const char	*const names[] = {
		"sockcat", "nc", "nc.traditional", "ncat"
	};
	char			 line[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "%s -h -w x", names[i]);
		if (good(line))
			CHECK_INT(plan.mode, PLAN_HELP);
		snprintf(line, sizeof(line), "%s --help", names[i]);
		if (good(line))
			CHECK_INT(plan.mode, PLAN_HELP);
		snprintf(line, sizeof(line), "%s --version h", names[i]);
		if (good(line))
			CHECK_INT(plan.mode, PLAN_VERSION);
	}
	CHECK_INT(wrong("nc -q x -h"), 1);
}

TEST(of_ncats_names_the_first_one_is_abbreviated)
{
	if (good("ncat --ex=true h 1"))
		CHECK_INT(plan.near, PLAN_EXEC);
	if (good("ncat --pro=a h 1"))
		CHECK_STR(plan.proxy.host, "a");
	if (good("ncat --m 7 -l 1"))
		CHECK_INT(plan.serve.max_conns, 7);
	if (good("ncat --compat=ncat --explain --mover copy --pro=a h 1")) {
		CHECK_INT(plan.mover, MOVER_COPY);
		CHECK_INT(plan.mode, PLAN_EXPLAIN);
	}
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat --ex=true h 1"), 1);
	CHECK_INT(plan_of(&plan, "sockcat --pro=a h 1"), 1);
}

/* What such an option needs around it. */
static const char *
words_around(enum act act)
{
	switch (act) {
	case ACT_FRAME_INPUT:
	case ACT_FRAME_OUTPUT:
		return "--framing=len6 h 1";
	case ACT_STDIN:
	case ACT_MERGE:
		return "-lk 1";
	case ACT_DGRAM:
		return "-lu -c x 1";
	case ACT_MCAST_LOOP:
		return "-u h 1";
	case ACT_LISTEN_TLS_MIN:
		return "-l --tls 1";
	case ACT_TLS_MIN:
		return "--tls h 1";
	case ACT_PROXY_PROTOCOL:
	case ACT_PROXY_TYPE:
	case ACT_PROXY_DNS:
		return "-x a h 1";
	default:
		return "h 1";
	}
}

/* A text that fills its array would have no end. */
TEST(texts_of_rows_fit)
{
	const struct option_table	*const tables[] = { &table_native,
					    &table_traditional, &table_ncat };
	const struct option_row		*row;

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (size_t i = 0; i < tables[t]->n; i++) {
			row = &tables[t]->rows[i];
			CHECK(row->name[sizeof(row->name) - 1] == '\0');
			CHECK(row->arg[sizeof(row->arg) - 1] == '\0');
			CHECK(row->noun[sizeof(row->noun) - 1] == '\0');
			CHECK(row->help[sizeof(row->help) - 1] == '\0');
			CHECK(*row->noun != '\0' && *row->help != '\0');
		}
}

/* What stands between an option and its value. */
static const char *
put_gap(const struct option_row *row)
{
	return *row->arg == '\0' ? "" : row->flags & OPT_MAYBE ? "=" : " ";
}

/* An option as it is written, with an argument that it takes. */
static void
put_option(char *buf, size_t size, const struct option_row *row)
{
	const char *const	*choices = actions[row->act].choices;
	char			 option[OPTION_TEXT_MAX];

	snprintf(buf, size, "%s%s%s", option_text(row, row->letter != 0,
	    option), put_gap(row), *row->arg == '\0' ? "" :
	    choices != NULL ? choices[0] : "4");
}

/* A shell that leaves one out hides nothing that would work. */
TEST(options_that_exclude_each_other_are_refused)
{
	const struct option_table	*t = &table_native;
	char				 a[64], b[64], line[160];
	unsigned			 pairs = 0;

	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < i; j++) {
			if (!rules_exclude(t->rows[i].act, t->rows[j].act))
				continue;
			CHECK(rules_exclude(t->rows[j].act, t->rows[i].act));
			put_option(a, sizeof(a), &t->rows[i]);
			put_option(b, sizeof(b), &t->rows[j]);
			snprintf(line, sizeof(line), "sockcat %s %s h 1", a,
			    b);
			CHECK_INT(plan_of(&plan, line), 1);
			CHECK(strncmp(plan_said, "sockcat: ", 9) == 0);
			pairs++;
		}
	CHECK(pairs > 150);
}

TEST(each_word_that_an_option_has_a_choice_of_is_taken)
{
	const struct option_row	*row;
	char			 option[OPTION_TEXT_MAX], line[256];
	unsigned		 options = 0;

	for (size_t i = 0; i < table_native.n; i++) {
		const char *const	*w;

		row = &table_native.rows[i];
		if ((w = actions[row->act].choices) == NULL)
			continue;
		options++;
		option_text(row, row->letter != 0, option);
		for (; *w != NULL; w++) {
			snprintf(line, sizeof(line), "sockcat %s%s%s %s",
			    option, put_gap(row), *w,
			    words_around(row->act));
			CHECK_STR(plan_of(&plan, line) == 0 ? "" : plan_said,
			    "");
			plan_free(&plan);
		}
		snprintf(line, sizeof(line), "sockcat %s%sno-such h 1", option,
		    put_gap(row));
		CHECK_INT(plan_of(&plan, line), 1);
	}
	CHECK(options >= 11);
}

TEST(workers_share_the_clients)
{
	for (int number = 1; number <= 3; number++) {
		CHECK_INT(plan_of(&plan, "sockcat -l -k --echo --workers 3 "
		    "--max-conns 10 --deadline 5 --port-file x 80"), 0);
		plan_seal_worker(&plan, number);
		CHECK_INT(plan.serve.max_conns, number == 1 ? 4 : 3);
		CHECK(plan.deadline == -1);
		CHECK(plan.service.port_file == NULL);
		plan_free(&plan);
	}
}

TEST(options_of_a_chat_alone_are_its_server)
{
	static const char	*const bare[] = { "sockcat", "sockcat -v",
		"sockcat -vv", "sockcat --name x", "sockcat --chat",
		"sockcat --name x --timestamps --bell --raw-text",
		"sockcat --log f", "sockcat --chat -u",
		"sockcat --chat -4 -v" };

	for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
		if (!good(bare[i]))
			continue;
		CHECK_INT(plan.near, PLAN_CHAT);
		CHECK_INT(plan.mode, PLAN_LISTEN);
		CHECK_STR(plan.local_port, "10000");
	}
	if (good("sockcat --chat -p 5"))
		CHECK_STR(plan.local_port, "5");
	if (good("sockcat --chat -v h"))
		CHECK_INT(plan.mode, PLAN_CONNECT);
	CHECK_INT(wrong("nc --chat"), 1);
	CHECK_INT(wrong("nc -v"), 1);
	CHECK_INT(wrong("sockcat -u -v"), 1);
	CHECK_INT(wrong("sockcat -4"), 1);
}

TEST(nothing_of_a_plan_that_was_freed_is_left)
{
	static const char	*const lines[] = {
		"sockcat --proxy h:1 --proxy-auth u:p host:80",
		"sockcat -lk --allow 127.0.0.1 --input f --sockopt "
		    "SO_KEEPALIVE=1 --tcp-info f,1s 127.0.0.1:80",
	};
	static const struct plan nothing;
	struct plan		 p;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		CHECK_INT(plan_of(&p, lines[i]), 0);
		plan_free(&p);
		CHECK(memcmp(&p, &nothing, sizeof(p)) == 0);
		/* Twice is as good as once. */
		plan_free(&p);
	}
}

AFTER
{
	plan_free(&plan);
}

#include <unistd.h>

#include "unit.h"

#include "cli/parse.h"
#include "plan_util.h"

static void
explains(const char *line, const char *text)
{
	const char	*got = plan_explained(line);

	if (strcmp(got, text) == 0)
		return;
	printf("%s:\n%s  and not:\n%s", line, got, text);
	unit_bad = true;
}

TEST(connecting_is_told_as_a_pipeline)
{
	explains("sockcat --explain -C -i 0.5 -w 3 example.com 80 20-25",
	    "personality: native\n"
	    "local: standard input and output\n"
	    "remote: connect (tcp) example.com port 80,20-25; IPv6 or IPv4, "
	    "tried in parallel\n"
	    "send: local -> a line every 500ms -> LF to CR LF -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: tell the peer, go on receiving; if the peer is "
	    "sending, wait for a pause; /dev/null does not count\n"
	    "end of peer: the input has no end: leave at once\n"
	    "success: when the peer has received everything\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: connecting 3s\n"
	    "limit: silence 3s\n");
	explains("nc --explain -4nr -s 10.0.0.1 -p 7 -d -T 16 -W 2 h 1-2",
	    "personality: openbsd\n"
	    "local: standard output\n"
	    "remote: connect (tcp) h port 1-2 at random; IPv4, no names\n"
	    "from: 10.0.0.1 port 7\n"
	    "socket: type of service 16\n"
	    "send: nothing\n"
	    "receive: remote -> local\n"
	    "end of input: say nothing, go on receiving\n"
	    "end of peer: quit\n"
	    "failure: not a reset connection, nor a closed output\n"
	    "limit: reads 2\n");
}

TEST(inputs_are_told_with_what_stands_before_their_lines)
{
	const char	*text = plan_explained("sockcat --explain --input a "
	    "--tag=%f: h 1");

	CHECK(strstr(text, "input: a\n"
	    "inputs: merged by line, each after the tag %f:\n") !=
	    NULL);
	text = plan_explained("sockcat --explain --input a --tag=%n -l -k 1");
	CHECK(strstr(text, "inputs: joined") == NULL);
	CHECK(strstr(text, "merged by line, after the tag %n\n") != NULL);
	text = plan_explained("sockcat --explain --input a --tag=%f -l -k 1");
	CHECK(strstr(text, "inputs: merged by line, each after the tag %f\n") !=
	    NULL);
	CHECK(strstr(text, "one peer after the other") != NULL);
}

TEST(listening_is_told_with_who_may_come)
{
	explains("nc.traditional --explain -l -p 9 -w 1 10.0.0.1 5",
	    "personality: traditional\n"
	    "local: standard input and output\n"
	    "remote: listen (tcp) on any IPv4 address port 9; one peer\n"
	    "peer: 10.0.0.1 port 5 alone\n"
	    "send: local -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: say nothing, go on receiving\n"
	    "end of peer: the input has no end: leave at once\n"
	    "failure: not a reset connection, nor a closed output\n"
	    "limit: connecting 1s\n"
	    "limit: waiting for a peer 1s\n"
	    "limit: the second silence 1s\n");
	explains("ncat -l --explain --send-only",
	    "personality: ncat\n"
	    "local: standard input\n"
	    "remote: listen (tcp) on any address, a socket per family port "
	    "31337; one peer\n"
	    "send: local -> remote\n"
	    "receive: remote -> nowhere\n"
	    "end of input: quit when all is sent\n"
	    "end of peer: go on sending until the input ends\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: connecting 10s\n");
}

TEST(Unix_sockets_and_probes_are_told)
{
	explains("sockcat --explain -uUk -l -q 1500ms /run/me",
	    "personality: native\n"
	    "local: standard input and output\n"
	    "remote: listen (unix-dgram) on /run/me; all senders are heard\n"
	    "send: local -> datagrams of at most 65507 bytes -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: tell the peer, go on receiving\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: after the end of input 1500ms\n");
	explains("nc --explain -z h 80 443",
	    "personality: openbsd\n"
	    "local: nothing\n"
	    "remote: probe (tcp) h port 80,443; IPv6 or IPv4\n");
	explains("nc --explain -z h 0000000000000080-90",
	    "personality: openbsd\n"
	    "local: nothing\n"
	    "remote: probe (tcp) h port 80-90; IPv6 or IPv4\n");
}

/* For tests and measuring, under every name. */
TEST(commands_are_told_with_what_they_get)
{
	explains("sockcat --explain -lk -E -e cat 5",
	    "personality: native\n"
	    "local: program from PATH \"cat\"; gets the socket itself, its "
	    "errors go to the peer\n"
	    "remote: listen (tcp) on any address of both families port 5; at "
	    "most 1000 at once, others wait\n"
	    "when full: a silent peer is dropped: of a host "
	    "with over a quarter of the places, after 1s; of any host, after "
	    "10s\n");
	explains("nc.traditional --explain -l -p 5 -e /bin/cat",
	    "personality: traditional\n"
	    "local: program \"/bin/cat\"; gets the socket itself\n"
	    "remote: listen (tcp) on any IPv4 address port 5; one peer\n");
	explains("sockcat --explain -C -c date --session-timeout=9 h 5",
	    "personality: native\n"
	    "local: /bin/sh -c \"date\"; over pipes\n"
	    "remote: connect (tcp) h port 5; IPv6 or IPv4, tried in parallel\n"
	    "send: local -> LF to CR LF -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: tell the peer, go on receiving\n"
	    "end of peer: go on sending until the input ends\n"
	    "success: when the peer has received everything\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: one session 9s\n");
	explains("sockcat --explain -luk -c date 5",
	    "personality: native\n"
	    "local: /bin/sh -c \"date\"; over pipes, one datagram at a "
	    "time\n"
	    "answers: at most 3 times what a peer has sent, until the peer "
	    "has answered\n"
	    "remote: listen (udp) on any address of both families port 5; at "
	    "most 1000 peers at once, others are ignored\n"
	    "send: local -> datagrams of at most 65507 bytes -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: quit when all is sent\n"
	    "end of peer: go on sending until the input ends\n"
	    "success: when the peer has received everything\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: silence 300s\n");
}

TEST(many_peers_are_told_with_what_joins_them)
{
	explains("sockcat --explain -lk --echo --max-conns 2 5",
	    "personality: native\n"
	    "local: an echo of what the peer sends\n"
	    "remote: listen (tcp) on any address of both families port 5; at "
	    "most 2 at once, others wait\n"
	    "when full: a silent peer is dropped: of a host "
	    "with over a quarter of the places, after 1s\n");
	explains("nc --explain -lk --echo --max-conns 20 5",
	    "personality: openbsd\n"
	    "local: an echo of what the peer sends\n"
	    "remote: listen (tcp) on any IPv4 address port 5; at most 20 at "
	    "once, others wait\n");
	explains("ncat --explain -lk --allow ::1 --denyfile f",
	    "personality: ncat\n"
	    "local: standard input and output\n"
	    "remote: listen (tcp) on any address, a socket per family port "
	    "31337; at most 100 at once, others are turned away\n"
	    "peers: input goes to all, output merged by chunk\n"
	    "allow: ::1\n"
	    "deny: file f\n"
	    "send: local -> remote\n"
	    "receive: remote -> local\n"
	    "end of input: tell the peer, go on receiving\n"
	    "end of peer: send what is there now, then quit\n"
	    "failure: also a reset connection, a closed output\n"
	    "limit: connecting 10s\n");
	explains("sockcat --explain -lku --echo 5",
	    "personality: native\n"
	    "local: an echo of what the peer sends\n"
	    "remote: listen (udp) on any address of both families port 5; "
	    "all senders are heard\n");
}

TEST(a_room_is_told_with_what_passes_between_its_members)
{
	explains("sockcat --explain -l --talk --max-conns 6 "
	    "--password-file f 5",
	    "personality: native\n"
	    "local: standard input and output\n"
	    "remote: listen (tcp) on any address of both families port 5; at "
	    "most 6 at once, others wait\n"
	    "when full: a silent peer is dropped: of a host "
	    "with over a quarter of the places, after 1s\n"
	    "peers: each gets what the others and the input send: lines, "
	    "after names; a password is asked for\n"
	    "room: your name is the login name; what you type goes to all\n"
	    "shown: who comes and leaves, and each line after its speaker's "
	    "name, without control characters\n");
	explains("ncat --explain -l --chat",
	    "personality: ncat\n"
	    "local: standard input\n"
	    "remote: listen (tcp) on any address, a socket per family port "
	    "31337; at most 100 at once, others are turned away\n"
	    "peers: each gets what the others and the input send: data, "
	    "after numbers\n"
	    "limit: connecting 10s\n");
}

TEST(the_mover_can_be_chosen)
{
	struct plan	plan;

	CHECK_INT(plan_of(&plan, "ncat --mover=splice h 1"), 0);
	CHECK_INT(plan.mover, MOVER_SPLICE);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "nc.traditional --mover=copy h 1"), 0);
	CHECK_INT(plan.mover, MOVER_COPY);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat --mover sendfile h 1"), 0);
	CHECK_INT(plan.mover, MOVER_SENDFILE);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat --mover=magic h 1"), 1);
	CHECK_STR(plan_said, "sockcat: --mover must be auto, copy, splice or "
	    "sendfile: magic\n");
}

TEST(messages_are_told_with_their_limits)
{
	explains("sockcat --explain --framing=len6 -i 2 h 5",
	    "personality: native\n"
	    "local: standard input and output\n"
	    "remote: connect (tcp) h port 5; IPv6 or IPv4, tried in parallel\n"
	    "send: local -> a message every 2s -> each line a message (len6) "
	    "of at most 999999 bytes -> remote\n"
	    "receive: remote -> messages (len6) of at most 999999 bytes, LF "
	    "after each -> local\n"
	    "end of input: tell the peer, go on receiving; if the peer is "
	    "sending, wait for a pause; /dev/null does not count\n"
	    "end of peer: the input has no end: leave at once\n"
	    "success: when the peer has received everything\n"
	    "failure: also a reset connection, a closed output\n");
	/* A command does not get the socket, for its bytes are framed. */
	explains("sockcat --explain -l --framing=u32be --max-frame=64M "
	    "-C --frame-input=all --frame-output=raw -c cat 5",
	    "personality: native\n"
	    "local: /bin/sh -c \"cat\"; over pipes\n"
	    "remote: listen (tcp) on any address of both families port 5; one "
	    "peer\n"
	    "send: local -> LF to CR LF -> all of it a message (u32be) of at "
	    "most 67108864 bytes -> remote\n"
	    "receive: remote -> messages (u32be) of at most 67108864 bytes, as "
	    "they are -> local\n"
	    "end of input: tell the peer, go on receiving\n"
	    "end of peer: go on sending until the input ends\n"
	    "success: when the peer has received everything\n"
	    "failure: also a reset connection, a closed output\n");
}

TEST(chats_are_told_with_what_is_shown)
{
	const char	*chat = plan_explained("sockcat --explain --chat h 5 "
	    "--name Ann --timestamps --bell --log=f");

	CHECK(strstr(chat, "\nchat: your name is Ann; ") != NULL);
	CHECK(strstr(chat, "\nroom: if the peer's first line is a room's "
	    "greeting, ") != NULL);
	CHECK(strstr(chat, "\nshown: each line of the peer, without control "
	    "characters; on a terminal after the time and its name, and the "
	    "bell rings\nlog: the transcript, appended to f\n") != NULL);
	chat = plan_explained("sockcat --explain --chat h 5 --raw-text");
	CHECK(strstr(chat, "\nshown: what the peer sends, as it is\n") !=
	    NULL);
	chat = plan_explained("sockcat --explain --talk -l 5 --log=f");
	CHECK(strstr(chat, "\nroom: your name is the login name; ") != NULL);
	CHECK(strstr(chat, "\nshown: who comes and leaves, and each line "
	    "after its speaker's name") != NULL);
	CHECK(strstr(chat, "\nlog: ") != NULL);
}

TEST(messages_that_go_back_are_told_with_their_limit)
{
	const char	*text;

	text = plan_explained("sockcat --explain -l --echo 5 --framing=u16be");
	CHECK(strstr(text, "\nmessages: (u16be) of at most 65535 bytes go "
	    "back") != NULL);
	text = plan_explained("sockcat --explain -u h 5 --framing=u32be");
	CHECK(strstr(text, "(u32be) of at most 65500 bytes") != NULL);
}

TEST(limits_for_a_peer_and_a_host_are_told)
{
	static const char	answers[] = "\nanswers: at most 3 times what a "
				    "peer has sent, until the peer has "
				    "answered\n";

	static const char *const safe[] = {
		"sockcat --explain -l -k --echo --max-conns 1 5",
		"sockcat --explain -l -k --echo --max-conns-per-host 0 5",
		"sockcat --explain -l -k --echo -U path",
		"sockcat --explain -l -k 5",
		"sockcat --explain -l --echo 5"
	};

	CHECK(strstr(plan_explained("sockcat --explain -l -u -c x 5"),
	    answers) != NULL);
	CHECK(strstr(plan_explained("sockcat --explain -u -c x h 5"),
	    answers) == NULL);
	CHECK(strstr(plan_explained("sockcat --explain -l -k --echo "
	    "--max-conns-per-host=4 5"),
	    "\npeers: at most 4 of one host at once\n"
	    "when full: a silent peer is dropped: of a host with "
	    "over a quarter of the places, after 1s; of any host, after "
	    "10s\n") != NULL);
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		CHECK(strstr(plan_explained(safe[i]), "gives way") == NULL);
}

/* The same command line, with standard input from elsewhere. */
static void
explains_end(int input, const char *line, const char *rules)
{
	const char	*got, *from, *to;
	char		 text[512];
	int		 kept = dup(STDIN_FILENO);

	CHECK(kept != -1 && dup2(input, STDIN_FILENO) == STDIN_FILENO);
	got = plan_explained(line);
	(void)dup2(kept, STDIN_FILENO);
	(void)close(kept);
	from = strstr(got, "end of peer: ");
	to = strstr(got, "success: ");
	CHECK(from != NULL && to != NULL);
	if (from == NULL || to == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(to - from), from);
	CHECK_STR(text, rules);
}

TEST(the_end_of_the_peer_is_told_for_the_input_that_there_is)
{
	FILE	*file = tmpfile();
	int	 p[2];

	CHECK(file != NULL && pipe(p) == 0);
	explains_end(fileno(file), "sockcat --explain h 1",
	    "end of peer: the input is a file: send all of it\n");
	explains_end(p[0], "sockcat --explain h 1",
	    "end of peer: only the peer sent data: leave after 0.25 s "
	    "without input\n"
	    "end of peer: both sides sent data: leave after 2 s without "
	    "input\n"
	    "end of peer: only the input gave data: send until the input "
	    "ends\n"
	    "end of peer: neither side sent data: leave after 1 s without "
	    "input, with status 1\n");
	explains_end(p[0], "sockcat --explain -w 500ms -l 1",
	    "end of peer: only the peer sent data: leave after 0.25 s "
	    "without input\n"
	    "end of peer: both sides sent data: leave after 0.5 s without "
	    "input\n"
	    "end of peer: only the input gave data: send until the input "
	    "ends\n"
	    "end of peer: neither side sent data: leave after 0.5 s without "
	    "input, with status 1\n");
	(void)fclose(file);
	(void)close(p[0]);
	(void)close(p[1]);
}

/* ---- Each option is told ------------------------------------------------ */

#define PIN	"SHA256:0000000000000000000000000000000000000000000000000000" \
		"000000000000"

/* Values that no kind of option has by itself. */
static const struct {
	enum act	 act;
	const char	*value;
} samples[] = {
	{ ACT_RAW, "icmp" }, { ACT_FILE, "/dev/null" },
	{ ACT_SOURCE, "::1" }, { ACT_SOURCE_HOP, "10.0.0.1" },
	{ ACT_SOURCE_POINTER, "8" }, { ACT_SOCKOPT, "SO_KEEPALIVE" },
	{ ACT_FORWARD, "h:7" }, { ACT_FORWARD_SOURCE, "::1" },
	{ ACT_TAG, "%n" }, { ACT_SEND_OOB, "x" },
	{ ACT_PROXY_AUTH, "a:b" }, { ACT_PROXY_DNS, "local" },
	{ ACT_PROXY_TYPE, "socks4" }, { ACT_PROXY_PROTOCOL, "4" },
	{ ACT_FRAMING, "u16be" }, { ACT_DGRAM, "block" },
	{ ACT_STDIN, "all" }, { ACT_SANDBOX, "off" },
	{ ACT_TLS_PIN, PIN }, { ACT_LISTEN_TLS_PIN, PIN },
	{ ACT_MCAST_JOIN, "239.1.1.1" }, { ACT_MCAST_LOOP, "off" },
	{ ACT_PEER_FD, "7" }, { ACT_TOS, "ef" }
};

/* Command lines, in one of which each option makes sense. */
static const char *const contexts[] = {
	"h 5", "-l 5", "-l -k 5", "-l -k -e cat 5", "-u h 5", "-u -l 5",
	"-e cat", "-U p", "-U -l p", "--vsock 2 5", "-z h 5", "-x p h 5",
	"-l --talk 5", "--chat h 5", "--chat --tls h 5", "--tls h 5",
	"--tls -l 5", "--tls --tls-cert x h 5", "-l --forward h:6 5",
	"-g h h 5", "-l --forward tls:h:6 --tls 5", "-l --serve-proxy 5",
	"--tls -l --forward tls:h:6 --listen-tls-cert c 5",
	"--tls -l --forward tls:h:6 --listen-tls-client-ca c 5",
	"-l --forward h:5 --forward h:6 5", "-l -k -u -e cat 5",
	"--framing len6 h 5", "-o f h 5", "--progress h 5", "--retry 2 h 5",
	"--drop 5 -u h 5", ""
};

static const char *
sample_of(const struct option_row *row)
{
	const char *const *w = actions[row->act].choices;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (samples[i].act == row->act)
			return samples[i].value;
	if (w == NULL)
		return "5";
	while (w[1] != NULL)
		w++;
	return *w;
}

/* Whether the option changes the explanation of some command line. */
static bool
is_told(const struct option_row *row)
{
	char line[512], without[sizeof(plan_said)];
	char option[OPTION_TEXT_MAX];
	bool takes = *row->arg != '\0' && !(row->flags & OPT_MAYBE);

	(void)option_text(row, row->letter != 0, option);
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		(void)snprintf(line, sizeof(line), "sockcat --explain %s",
		    contexts[i]);
		line[strlen(line) - (*contexts[i] == '\0')] = '\0';
		(void)snprintf(without, sizeof(without), "%s",
		    plan_explained(line));
		(void)snprintf(line, sizeof(line), "sockcat --explain %s%s%s%s"
		    "%s", option, !takes ? "" : row->letter != 0 ? " " : "=",
		    takes ? sample_of(row) : "",
		    *contexts[i] != '\0' ? " " : "", contexts[i]);
		if (*plan_explained(line) != '\0' &&
		    strcmp(plan_said, without) != 0)
			return true;
	}
	return false;
}

TEST(each_option_is_told_unless_its_row_says_that_it_is_not)
{
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row *row = &table_native.rows[i];
		bool told = actions[row->act].told != TOLD_NOT;

		/* The file must hold a user and a password. */
		if (row->act == ACT_PROXY_AUTH_FILE || row->act == ACT_HELP ||
		    row->act == ACT_VERSION || row->act == ACT_LUA_EXEC)
			continue;
		if (is_told(row) == told)
			continue;
		printf("--%s or -%c is %s\n", row->name, row->letter != 0 ?
		    row->letter : '?', told ? "not told" : "told");
		unit_bad = true;
	}
}

BEFORE
{
	/* The rules for the end of the peer depend on the input. */
	CHECK(freopen("/dev/null", "r", stdin) != NULL);
}

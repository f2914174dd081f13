#include "base/num.h"
#include "cli/option.h"

/*
 * What cannot go together, and what follows from all options together.
 */

/* Personalities that a rule is for. */
#define NATIVE		(1u << COMPAT_NATIVE)
#define OPENBSD		(1u << COMPAT_OPENBSD)
#define NCAT		(1u << COMPAT_NCAT)

/* The first option, with (or without) the other one, is refused. */
static const struct conflict {
	unsigned	 who;
	enum act	 one;
	bool		 with;
	enum act	 other;
	const char	*text;
} conflicts[] = {
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_LISTEN,
	    "cannot use -z and -l" },
	{ NATIVE | OPENBSD, ACT_KEEP_OPEN, false, ACT_LISTEN,
	    "must use -l with -k" },
	{ NATIVE | OPENBSD, ACT_DCCP, true, ACT_UNIX,
	    "cannot use -Z and -U" },
	{ NATIVE | OPENBSD, ACT_PROXY, true, ACT_DCCP,
	    "no proxy support for DCCP mode" },
	{ NATIVE | OPENBSD, ACT_PROXY, true, ACT_UDP,
	    "no proxy support for UDP mode" },
	{ NATIVE | OPENBSD, ACT_PROXY, true, ACT_LISTEN,
	    "no proxy support for listen" },
	{ NATIVE | OPENBSD, ACT_PROXY, true, ACT_UNIX,
	    "no proxy support for unix sockets" },
	{ OPENBSD, ACT_PROXY, true, ACT_SOURCE,
	    "no proxy support for local source address" },
	{ NATIVE, ACT_PROXY_PROTOCOL, false, ACT_PROXY,
	    "must use -x with -X" },
	{ NATIVE, ACT_PROXY_USER, false, ACT_PROXY,
	    "must use -x with -P" },
	{ NATIVE, ACT_PROXY_TYPE, false, ACT_PROXY,
	    "must use --proxy with --proxy-type" },
	{ NATIVE, ACT_PROXY_AUTH, false, ACT_PROXY,
	    "must use --proxy with --proxy-auth" },
	{ NATIVE, ACT_PROXY_DNS, false, ACT_PROXY,
	    "must use --proxy with --proxy-dns" },
	{ NATIVE, ACT_RECV_ONLY, true, ACT_SEND_ONLY,
	    "only to send and only to receive leaves nothing to do" },
	{ NATIVE, ACT_HALF_CLOSE, true, ACT_NO_SHUTDOWN,
	    "cannot use -N and --no-shutdown" },
	{ NATIVE | OPENBSD, ACT_EXEC, true, ACT_SH_EXEC,
	    "cannot use -e and -c" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_EXEC,
	    "cannot use -z and -e" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_SH_EXEC,
	    "cannot use -z and -c" },
	{ NATIVE | OPENBSD, ACT_MAX_INFLIGHT, false, ACT_SCAN,
	    "must use -z with --max-inflight" },
	{ NATIVE | OPENBSD, ACT_ECHO, true, ACT_EXEC,
	    "cannot use --echo and -e" },
	{ NATIVE | OPENBSD, ACT_ECHO, true, ACT_SH_EXEC,
	    "cannot use --echo and -c" },
	{ NATIVE, ACT_INET, true, ACT_INET6,
	    "cannot use -4 and -6" },
	{ NATIVE | OPENBSD, ACT_ECHO, true, ACT_SCAN,
	    "cannot use --echo and -z" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_SCAN,
	    "cannot use --input and -z" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_EXEC,
	    "cannot use --input and -e" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_SH_EXEC,
	    "cannot use --input and -c" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_ECHO,
	    "cannot use --input and --echo" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_CHAT,
	    "cannot use --input and --chat" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_BROKER,
	    "cannot use --input and --broker" },
	{ NATIVE | OPENBSD, ACT_INPUT, true, ACT_TALK,
	    "cannot use --input and --talk" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_KEEP_OPEN,
	    "cannot use --chat and -k" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_EXEC,
	    "cannot use --chat and -e" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_SH_EXEC,
	    "cannot use --chat and -c" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_ECHO,
	    "cannot use --chat and --echo" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_SCAN,
	    "cannot use --chat and -z" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_BROKER,
	    "cannot use --chat and --broker" },
	{ NATIVE | OPENBSD, ACT_CHAT, true, ACT_TALK,
	    "cannot use --chat and --talk" },
	{ NATIVE | OPENBSD, ACT_BROKER, false, ACT_LISTEN,
	    "must use -l with --broker" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_EXEC,
	    "cannot use --broker and -e" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_SH_EXEC,
	    "cannot use --broker and -c" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_ECHO,
	    "cannot use --broker and --echo" },
	{ NATIVE | OPENBSD, ACT_TALK, false, ACT_LISTEN,
	    "must use -l with --talk" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_EXEC,
	    "cannot use --talk and -e" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_SH_EXEC,
	    "cannot use --talk and -c" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_ECHO,
	    "cannot use --talk and --echo" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_TALK,
	    "cannot use --broker and --talk" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_STDIN,
	    "cannot use --broker and --stdin" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_MERGE,
	    "cannot use --broker and --merge" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_TAG,
	    "cannot use --broker and --tag" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_INTERVAL,
	    "cannot use --broker and -i" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_LOG,
	    "cannot use --broker and --log" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_TIMESTAMPS,
	    "cannot use --broker and --timestamps" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_STDIN,
	    "cannot use --talk and --stdin" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_MERGE,
	    "cannot use --talk and --merge" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_TAG,
	    "cannot use --talk and --tag" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_INTERVAL,
	    "cannot use --talk and -i" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_FRAME_INPUT,
	    "cannot use --talk and --frame-input" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_FRAME_OUTPUT,
	    "cannot use --talk and --frame-output" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_CRLF,
	    "cannot use --talk and -C" },
	{ NATIVE | OPENBSD, ACT_PASSWORD_FILE, false, ACT_TALK,
	    "must use --talk with --password-file" },
	{ NATIVE | OPENBSD, ACT_BELL, false, ACT_CHAT,
	    "must use --chat with --bell" },
	{ NATIVE | OPENBSD, ACT_RAW_TEXT, false, ACT_CHAT,
	    "must use --chat with --raw-text" },
	{ NATIVE | OPENBSD, ACT_DGRAM, true, ACT_FRAMING,
	    "cannot use --dgram and --framing: a message is a datagram" },
	{ NATIVE | OPENBSD, ACT_FRAME_INPUT, false, ACT_FRAMING,
	    "must use --framing with --frame-input" },
	{ NATIVE | OPENBSD, ACT_FRAME_OUTPUT, false, ACT_FRAMING,
	    "must use --framing with --frame-output" },
	{ NATIVE | OPENBSD, ACT_MAX_FRAME, false, ACT_FRAMING,
	    "must use --framing with --max-frame" },
	{ NATIVE | OPENBSD, ACT_ACCESS, false, ACT_LISTEN,
	    "must use -l with --allow and --deny" },
	{ NATIVE | OPENBSD, ACT_MAX_CONNS, false, ACT_KEEP_OPEN,
	    "must use -l -k with --max-conns" },
	{ NATIVE | OPENBSD, ACT_BACKLOG, false, ACT_LISTEN,
	    "must use -l with --backlog" },
	{ NATIVE | OPENBSD, ACT_BACKLOG, true, ACT_UDP,
	    "cannot use --backlog and -u: datagrams are not accepted" },
	{ NATIVE | OPENBSD, ACT_STDIN, false, ACT_KEEP_OPEN,
	    "must use -l -k with --stdin" },
	{ NATIVE | OPENBSD, ACT_MERGE, false, ACT_KEEP_OPEN,
	    "must use -l -k with --merge" },
	{ NATIVE | OPENBSD, ACT_DGRAM, false, ACT_UDP,
	    "must use -u with --dgram" },
	{ NATIVE | OPENBSD, ACT_RECONNECT, true, ACT_LISTEN,
	    "cannot use --reconnect and -l: there is -k" },
	{ NATIVE | OPENBSD, ACT_RECONNECT, true, ACT_SCAN,
	    "cannot use --reconnect and -z" },
	{ NATIVE | OPENBSD, ACT_RECONNECT, true, ACT_CHAT,
	    "cannot use --reconnect and --chat" },
	{ NATIVE | OPENBSD, ACT_RECONNECT, true, ACT_WAIT_FOR,
	    "cannot use --reconnect and --wait-for" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_RETRY,
	    "cannot use -f and --retry" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_RECONNECT,
	    "cannot use -f and --reconnect" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_WAIT_FOR,
	    "cannot use -f and --wait-for" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_RECONNECT,
	    "cannot use -F and --reconnect" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_WAIT_FOR,
	    "cannot use -F and --wait-for" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_RETRY,
	    "cannot use --inetd and --retry" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_RECONNECT,
	    "cannot use --inetd and --reconnect" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_WAIT_FOR,
	    "cannot use --inetd and --wait-for" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_RETRY,
	    "cannot use --peer-fd and --retry" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_RECONNECT,
	    "cannot use --peer-fd and --reconnect" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_WAIT_FOR,
	    "cannot use --peer-fd and --wait-for" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_LISTEN,
	    "cannot use --wait-for and -l" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_EXEC,
	    "cannot use --wait-for and -e: run it afterwards" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_SH_EXEC,
	    "cannot use --wait-for and -c: run it afterwards" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_ECHO,
	    "cannot use --wait-for and --echo" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_CHAT,
	    "cannot use --wait-for and --chat" },
	{ NATIVE | OPENBSD, ACT_WAIT_FOR, true, ACT_INPUT,
	    "cannot use --wait-for and --input" },
	{ NATIVE, ACT_PASS_FD, true, ACT_LISTEN,
	    "cannot use -F and -l" },
	{ NATIVE, ACT_PASS_FD, true, ACT_SCAN,
	    "cannot use -F and -z" },
	{ OPENBSD, ACT_PASS_FD, true, ACT_UNIX,
	    "cannot use -F and -U" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_EXEC,
	    "cannot use -F and -e" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_SH_EXEC,
	    "cannot use -F and -c" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_ECHO,
	    "cannot use -F and --echo" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_CHAT,
	    "cannot use -F and --chat" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_INPUT,
	    "cannot use -F and --input" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_INETD,
	    "cannot use -F and --inetd" },
	{ NATIVE | OPENBSD, ACT_PASS_FD, true, ACT_PEER_FD,
	    "cannot use -F and --peer-fd" },
	{ NATIVE | OPENBSD, ACT_PORT_FILE, false, ACT_LISTEN,
	    "must use -l with --port-file" },
	{ NATIVE | OPENBSD, ACT_READY_FD, false, ACT_LISTEN,
	    "must use -l with --ready-fd" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_PEER_FD,
	    "cannot use --inetd and --peer-fd" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_LISTEN,
	    "cannot use --inetd and -l" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_SCAN,
	    "cannot use --inetd and -z" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_UDP,
	    "cannot use --inetd and -u" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_SOURCE,
	    "cannot use --inetd and -s" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_SOURCE_PORT,
	    "cannot use --inetd and -p" },
	{ NATIVE | OPENBSD, ACT_INETD, true, ACT_PROXY,
	    "cannot use --inetd and -x" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_LISTEN,
	    "cannot use --peer-fd and -l" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_SCAN,
	    "cannot use --peer-fd and -z" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_UDP,
	    "cannot use --peer-fd and -u" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_SOURCE,
	    "cannot use --peer-fd and -s" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_SOURCE_PORT,
	    "cannot use --peer-fd and -p" },
	{ NATIVE | OPENBSD, ACT_PEER_FD, true, ACT_PROXY,
	    "cannot use --peer-fd and -x" },
	{ NATIVE | OPENBSD, ACT_STATS, true, ACT_SCAN,
	    "cannot use --stats and -z" },
	{ NATIVE, ACT_PASS_FD, true, ACT_CRLF, "cannot use -F and -C" },
	{ NATIVE, ACT_PASS_FD, true, ACT_TELNET, "cannot use -F and -t" },
	{ NATIVE, ACT_PASS_FD, true, ACT_HEX_DUMP, "cannot use -F and -o" },
	{ NATIVE, ACT_PASS_FD, true, ACT_HEX_DUMP_BARE,
	    "cannot use -F and --hex-dump" },
	{ NATIVE, ACT_PASS_FD, true, ACT_OUTPUT,
	    "cannot use -F and --output" },
	{ NATIVE, ACT_PASS_FD, true, ACT_FRAMING,
	    "cannot use -F and --framing" },
	{ NATIVE, ACT_PASS_FD, true, ACT_SESSION_TIMEOUT,
	    "cannot use -F and --session-timeout" },
	{ NATIVE | OPENBSD, ACT_STATS, true, ACT_PASS_FD,
	    "cannot use --stats and -F" },
	{ NATIVE | OPENBSD, ACT_TCP_INFO, true, ACT_SCAN,
	    "cannot use --tcp-info and -z" },
	{ NATIVE | OPENBSD, ACT_TCP_INFO, true, ACT_PASS_FD,
	    "cannot use --tcp-info and -F" },
	{ NATIVE | OPENBSD, ACT_TCP_INFO, true, ACT_UDP,
	    "--tcp-info is about TCP: cannot use -u" },
	{ NATIVE | OPENBSD, ACT_TCP_INFO, true, ACT_UNIX,
	    "--tcp-info is about TCP: cannot use -U" },
	{ NATIVE, ACT_TELNET, true, ACT_UDP,
	    "cannot use -t and -u" },
	{ NATIVE | OPENBSD, ACT_TELNET, true, ACT_ECHO,
	    "cannot use --echo and -t" },
	{ NATIVE | OPENBSD, ACT_INTERVAL, true, ACT_DELAY,
	    "cannot use -i and --delay" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_HEX_DUMP,
	    "cannot use -z and -o" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_HEX_DUMP_BARE,
	    "cannot use -z and --hex-dump" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_OUTPUT,
	    "cannot use -z and --output" },
	{ NATIVE | OPENBSD, ACT_SCAN, true, ACT_FILE,
	    "cannot use -z and -f" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_LISTEN,
	    "cannot use -f and -l" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_UDP,
	    "cannot use -f and -u" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_UNIX,
	    "cannot use -f and -U" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_SOURCE,
	    "cannot use -f and -s" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_SOURCE_PORT,
	    "cannot use -f and -p" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_PROXY,
	    "cannot use -f and a proxy" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_EXEC,
	    "cannot use -f and -e" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_SH_EXEC,
	    "cannot use -f and -c" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_ECHO,
	    "cannot use -f and --echo" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_PASS_FD,
	    "cannot use -f and -F" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_INETD,
	    "cannot use -f and --inetd" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_PEER_FD,
	    "cannot use -f and --peer-fd" },
	{ NATIVE | OPENBSD, ACT_FILE, true, ACT_CHAT,
	    "cannot use -f and --chat" },
	{ NATIVE | OPENBSD, ACT_BROKER, true, ACT_DELAY,
	    "cannot use --broker and --delay" },
	{ NATIVE | OPENBSD, ACT_TALK, true, ACT_DELAY,
	    "cannot use --talk and --delay" },
	{ NCAT, ACT_EXEC, true, ACT_SH_EXEC,
	    "Only one of --exec, --sh-exec, and --lua-exec is allowed." },
	{ NCAT, ACT_BROKER, true, ACT_EXEC,
	    "Invalid option combination: --broker and -e." },
	{ NCAT, ACT_BROKER, true, ACT_SH_EXEC,
	    "Invalid option combination: --broker and -e." },
	{ NCAT, ACT_TALK, true, ACT_EXEC,
	    "Invalid option combination: --broker and -e." },
	{ NCAT, ACT_TALK, true, ACT_SH_EXEC,
	    "Invalid option combination: --broker and -e." },
	{ NCAT, ACT_SCAN, true, ACT_LISTEN,
	    "Services designed for LISTENING can't be used with -z" },
	{ NCAT, ACT_SCAN, true, ACT_EXEC,
	    "Command execution can't be done along with option -z." },
	{ NCAT, ACT_SCAN, true, ACT_SH_EXEC,
	    "Command execution can't be done along with option -z." },
	{ NCAT, ACT_LISTEN, true, ACT_SOURCE,
	    "-l and -s are incompatible.  Specify the address and port to "
	    "bind to like you would a host to connect to." },
	{ NCAT, ACT_KEEP_OPEN, false, ACT_LISTEN,
	    "Invalid option combination: `--keep-open' with connect." },
	{ NCAT, ACT_MAX_CONNS, false, ACT_LISTEN,
	    "Invalid option combination: `--max-conns' with connect." },
	{ NCAT, ACT_TALK, false, ACT_LISTEN,
	    "Invalid option combination: `--chat' with connect." },
	{ NCAT, ACT_ALLOW, false, ACT_LISTEN,
	    "Invalid option combination: allow/deny with connect." },
	{ NCAT, ACT_ALLOWFILE, false, ACT_LISTEN,
	    "Invalid option combination: allow/deny with connect." },
	{ NCAT, ACT_PROXY, true, ACT_UNIX,
	    "Proxy option not supported when using Unix domain sockets." },
	{ NCAT, ACT_PROXY, true, ACT_LISTEN,
	    "Invalid option combination: --proxy and -l." },
	{ NCAT, ACT_PROXY, true, ACT_UDP,
	    "Invalid option combination: --proxy and -u." },
	{ NCAT, ACT_PROXY_TYPE, true, ACT_LISTEN,
	    "--proxy-type with -l is not built in yet." },
	{ NCAT, ACT_PROXY_TYPE, false, ACT_PROXY,
	    "Proxy type (--proxy-type) specified without proxy address "
	    "(--proxy)." },
};

/* A room is open for many without -k. */
static bool
seal_sees(const struct parse *p, enum act act)
{
	return p->seen[act] || (act == ACT_KEEP_OPEN &&
	    p->seen[ACT_LISTEN] && (p->seen[ACT_TALK] ||
	    p->seen[ACT_BROKER]) && !p->seen[ACT_CHAT]);
}

int
check_conflicts(const struct parse *p)
{
	const struct conflict	*c;
	unsigned		 who = 1u << p->plan->compat;

	for (size_t i = 0; i < sizeof(conflicts) / sizeof(*c); i++) {
		c = &conflicts[i];
		if ((c->who & who) != 0 && p->seen[c->one] &&
		    seal_sees(p, c->other) == c->with)
			return refuse(p, "%s", c->text);
	}
	/* A command would have made it possible. */
	if (who == NCAT && p->seen[ACT_UDP] && p->seen[ACT_KEEP_OPEN] &&
	    p->plan->mode == PLAN_LISTEN && !p->seen[ACT_EXEC] &&
	    !p->seen[ACT_SH_EXEC])
		return refuse(p, "UDP mode does not support the -k or "
		    "--keep-open options, except with --exec or --sh-exec.");
	return check_kinds(p);
}

/*
 * -q N: below zero never; zero on a stream only half-closes; otherwise N
 * seconds after the end of the input.
 */
static void
seal_quit(struct parse *p)
{
	struct end_policy	*end = &p->plan->end;

	if (!p->seen[ACT_QUIT] && !p->seen[ACT_QUIT_LOOSE])
		return;
	if (p->quit < 0) {
		if (p->plan->compat == COMPAT_NATIVE &&
		    !p->seen[ACT_HALF_CLOSE])
			end->near_eof = NEAR_KEEP;
	} else if (p->quit > 0) {
		end->near_eof = NEAR_HALF_CLOSE;
		end->linger = p->quit;
	} else if (p->seen[ACT_QUIT_LOOSE] || p->plan->type == TYPE_DGRAM)
		end->near_eof = NEAR_CLOSE;
	else
		end->near_eof = NEAR_HALF_CLOSE;
}

/* -w stands in the place of what is allowed by default. */
static void
seal_silence(struct end_policy *end)
{
	if (end->idle < 0)
		return;
	end->far_limit[RULE_SHARED] = end->far_limit[RULE_EXCHANGED] =
	    end->far_limit[RULE_SILENT] = end->idle;
}

/* Datagrams have no end: who has asked gets answers for so long. */
static void
seal_answers(struct parse *p)
{
	struct end_policy	*end = &p->plan->end;

	if (p->plan->type == TYPE_DGRAM && p->plan->mode == PLAN_CONNECT &&
	    p->plan->near == PLAN_STDIO && !p->seen[ACT_QUIT])
		end->answer_wait = end->idle >= 0 ? end->idle : NSEC_PER_SEC;
}

static void
seal_end(struct parse *p)
{
	struct end_policy	*end = &p->plan->end;

	if (p->seen[ACT_HALF_CLOSE])
		end->near_eof = NEAR_HALF_CLOSE;
	if (p->seen[ACT_NO_SHUTDOWN])
		end->near_eof = NEAR_KEEP;
	seal_quit(p);
	if (p->seen[ACT_SEND_ONLY])
		end->near_eof = NEAR_CLOSE;
	/* Who asks for it by name gets it at once. */
	if (p->seen[ACT_HALF_CLOSE] || p->seen[ACT_SEND_ONLY] ||
	    (p->seen[ACT_QUIT] && p->quit >= 0))
		end->null_keeps = end->delay_half_close = false;
	/* No silence at all is allowed: what is there already still moves. */
	if (end->idle == 0)
		end->idle = NSEC_PER_MSEC;
	/* The original forgives one silence: scripts know its -w as 2 N. */
	if (p->plan->compat == COMPAT_TRADITIONAL)
		end->silences = 1;
	/*
	 * Ncat ends at once and loses the answer; a second is enough for it
	 * and leaves no script waiting.
	 */
	if (p->plan->compat == COMPAT_NCAT && p->plan->type == TYPE_DGRAM &&
	    p->plan->mode == PLAN_CONNECT && end->near_eof == NEAR_HALF_CLOSE)
		end->linger = NSEC_PER_SEC;
	if (p->plan->mode == PLAN_LISTEN)
		end->far_eof = p->plan->keep_open ? FAR_IDLE : FAR_BY_INPUT;
	if (p->plan->compat == COMPAT_NATIVE) {
		seal_silence(end);
		seal_answers(p);
	}
}

int
plan_seal(struct parse *p)
{
	static int	(*const seals[])(struct parse *) = {
		seal_tag,
		seal_chatting,
		seal_tapping,
		seal_serving,
		seal_retry,
		seal_proxying,
		seal_scanning,
		seal_service
	};
	size_t		 i;
	int		 rc;

	if (p->plan->family == FAMILY_INET6)
		p->plan->v4_only_any = false;
	if (p->plan->compat == COMPAT_NATIVE &&
	    p->plan->family == FAMILY_INET6)
		p->plan->v6_only = true;
	/* A host name given to -l stands for its first address, as in Ncat. */
	if (p->plan->local_host != NULL)
		p->plan->two_sockets = false;
	if ((rc = seal_kinds(p)) != 0)
		return rc;
	seal_end(p);
	for (i = 0; i < sizeof(seals) / sizeof(seals[0]); i++)
		if ((rc = seals[i](p)) != 0)
			return rc;
	if (p->seen[ACT_EXPLAIN]) {
		p->plan->subject = p->plan->mode;
		p->plan->mode = PLAN_EXPLAIN;
	}
	return 0;
}

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/subjects.h"

/*
 * The effect of each option on the plan, and the rules about other options.
 * Everything that depends on several options waits for plan_seal, so the
 * order of options does not matter.
 */

/* ---- The words that an option takes ------------------------------------- */

static const char *const compats[] = {
	[COMPAT_NATIVE] = "native", [COMPAT_OPENBSD] = "openbsd",
	[COMPAT_TRADITIONAL] = "traditional", [COMPAT_NCAT] = "ncat", NULL
};
static const char *const framings[] = {
	[FRAME_NONE] = "none", [FRAME_LINE] = "line",
	[FRAME_LEN6] = "len6", [FRAME_U16BE] = "u16be",
	[FRAME_U32BE] = "u32be", [FRAME_NETSTRING] = "netstring", NULL
};
static const char *const frame_inputs[] = { "line", "all", NULL };
static const char *const frame_outputs[] = { "line", "raw", NULL };
static const char *const stdins[] = {
	[STDIN_FIRST] = "first", [STDIN_ALL] = "all",
	[STDIN_LAST] = "last", [STDIN_NONE] = "none", NULL
};
static const char *const merges[] = {
	[MERGE_LINE] = "line", [MERGE_CHUNK] = "chunk", NULL
};
static const char *const dgrams[] = {
	[DGRAM_RECORD] = "record", [DGRAM_LINE] = "line",
	[DGRAM_BLOCK] = "block", NULL
};
static const char *const movers[] = {
	[MOVER_AUTO] = "auto", [MOVER_COPY] = "copy",
	[MOVER_SPLICE] = "splice", [MOVER_SENDFILE] = "sendfile", NULL
};
static const char *const proxy_protocols[] = { "4", "4a", "5", "connect",
	NULL };
static const char *const proxy_types[] = {
	"http", "socks4", "socks4a", "socks5", NULL
};
static const char *const proxy_types_ncat[] = { "http", "socks4", "socks5",
	NULL };
static const char *const proxy_dns[] = {
	[DNS_REMOTE] = "remote", [DNS_LOCAL] = "local",
	[DNS_BOTH] = "both", [DNS_NONE] = "none", NULL
};
static const char *const proxyp_versions[] = { "1", "2", NULL };
static const char *const progress_whens[] = { "force", NULL };
static const char *const sum_kinds[] = {
	[SUM_SHA256] = "sha256", [SUM_SHA1] = "sha1", [SUM_MD5] = "md5",
	[SUM_CRC32C] = "crc32c", [SUM_BLAKE2B] = "blake2b", NULL
};
static const char *const sandboxes[] = {
	[SANDBOX_AUTO] = "auto", [SANDBOX_OFF] = "off",
	[SANDBOX_REQUIRE] = "require", NULL
};
static const char *const stats_forms[] = { "json", NULL };
static const char *const mcast_loops[] = {
	[MCAST_LOOP_OFF] = "off", [MCAST_LOOP_ON] = "on", NULL
};
static const char *const shells[] = { "bash", "zsh", "fish", NULL };
static const char *const tls_versions[] = { "1.2", "1.3", NULL };
/* ncat's; each of them is epoll here. */
static const char *const engines[] = { "epoll", "poll", "select", NULL };

const char *
framing_name(enum frame_format how)
{
	return framings[how];
}

/* ---- Setters ------------------------------------------------------------ */

void *
field_of(struct parse *p)
{
	return (char *)p->plan + actions[p->row->act].field;
}

int
set_field(struct parse *p, const char *arg)
{
	const struct action	*a = &actions[p->row->act];
	void			*field = field_of(p);
	const char		*why = NULL;
	long long		 n = a->min;
	uint64_t		*size = field;
	int64_t			*nsec = field;
	int			 word;

	switch (a->kind) {
	case FIELD_NONE:
		break;
	case FIELD_FLAG:
		*(bool *)field = true;
		break;
	case FIELD_COUNT:
		++*(int *)field;
		break;
	case FIELD_WORD:
	case FIELD_SECOND:
	case FIELD_BITS:
	case FIELD_UNUSED:
		word = arg == NULL ? 0 : word_value(a->choices, arg);
		if (word == -1)
			return refuse_choice(p, arg);
		if (a->kind == FIELD_SECOND)
			*(bool *)field = word == 1;
		if (a->kind == FIELD_BITS)
			*(unsigned *)field |= 1U << word;
		n = arg == NULL ? a->max : a->min + word;
		if (a->kind != FIELD_WORD)
			break;
		/* FALLTHROUGH */
	case FIELD_VALUE:
		*(unsigned *)field = (unsigned)n;
		break;
	case FIELD_INT:
		if ((why = num_int(arg, a->min, a->max, &n)) == NULL)
			*(int *)field = (int)n;
		break;
	case FIELD_SIZE:
		why = num_size(arg, size);
		if (why == NULL && (*size < (uint64_t)a->min ||
		    *size > (uint64_t)a->max))
			why = *size < (uint64_t)a->min ? "too small" :
			    "too large";
		break;
	case FIELD_TIME:
		why = p->dialect->time != NULL ?
		    p->dialect->time(p, arg, nsec) : num_time(arg, nsec);
		if (why == NULL && *nsec < a->min)
			why = "too small";
		break;
	case FIELD_PERCENT:
		why = percent_value(arg, field);
		break;
	case FIELD_AMOUNT:
		why = amount_value(arg, field);
		break;
	case FIELD_STRING:
	case FIELD_FILE:
		*(const char **)field = arg;
		return a->kind == FIELD_FILE ? check_file_name(p, arg) : 0;
	}
	return refuse_value(p, why, arg);
}

/* Any negative number of seconds means never. */
static int
actions_set_quit(struct parse *p, const char *arg)
{
	long long	n;

	p->plan->end.linger = -1;
	return num_int(arg, INT_MIN, -1, &n) == NULL ? 0 : set_field(p, arg);
}

/* -w: connecting, and silence afterwards. */
static int
actions_set_wait(struct parse *p, const char *arg)
{
	int	rc = set_field(p, arg);

	p->plan->end.idle = p->plan->connect_timeout;
	/* OpenBSD's nc does not limit connecting then. */
	if (!p->dialect->strict && p->plan->end.idle == 0)
		p->plan->connect_timeout = -1;
	return rc;
}

/* Any word is a number: the seconds of netcat-traditional, ncat's clients. */
static int
actions_set_loose(struct parse *p, const char *arg)
{
	struct plan	*plan = p->plan;
	long long	 n = loose_value(arg);
	int64_t		 nsec = n < 0 ? -1 : n * NSEC_PER_SEC;

	if (p->row->act == ACT_MAX_CONNS_LOOSE) {
		plan->serve.max_conns = (int)n;
		p->seen[ACT_MAX_CONNS] = true;
		return 0;
	}
	if (p->row->act == ACT_QUIT_LOOSE) {
		plan->end.linger = nsec;
		return 0;
	}
	if (p->row->act == ACT_WAIT_LOOSE)
		plan->connect_timeout = plan->accept_timeout =
		    plan->end.idle = nsec;
	else	/* the tool waits very long for a negative number */
		plan->interval = n < 0 ? INT_MAX * NSEC_PER_SEC : nsec;
	return refuse_value(p, n == 0 ? "invalid" : NULL, arg);
}

/* A number of further tries, or "forever". */
static int
actions_set_retry(struct parse *p, const char *arg)
{
	p->plan->retry.retries = -1;
	return strcmp(arg, "forever") == 0 ? 0 : set_field(p, arg);
}

/* ---- The table ---------------------------------------------------------- */

/* The largest window of TCP: 64 KiB << 14. */
#define BUFFER_MAX	(65536LL << 14)

#define AT(member)	.field = offsetof(struct plan, member)
#define FIELD(member, is) AT(member), .kind = FIELD_##is
#define SETS(member)	FIELD(member, FLAG)
#define STRING(member)	FIELD(member, STRING)
#define PATH(member)	FIELD(member, STRING), .takes = VALUE_FILE
#define TO_FILE(member)	FIELD(member, FILE), .takes = VALUE_FILE
#define SET_TO(member, value)	FIELD(member, VALUE), .min = (value)
#define NUMBER(member, lo, hi)	FIELD(member, INT), .min = (lo), .max = (hi)
#define SIZE(member, lo, hi)	FIELD(member, SIZE), .min = (lo), .max = (hi)
#define TIME(member, least)	FIELD(member, TIME), .min = (least)
#define CHOICE(member, words)	FIELD(member, WORD), .choices = words
/* Words from a number on, and the number of the option alone. */
#define CHOICE_FROM(member, words, first, alone) \
	CHOICE(member, words), .min = (first), .max = (alone)
/* What --explain says of the option, if it was given. */
#define TOLD(in, text)	.told = TOLD_##in, .line = (text)
/* The category of help and manual, and further categories of help. */
#define IN(name)	.category = CATEGORY_##name
#define ALSO(name)	(1u << CATEGORY_##name)
#define OF_PROXY	IN(PROXY), .needs = IS(PROXY), .lax = IS(PROXY)
#define OF_TLS		IN(TLS), .part_of = IS(TLS)
#define OF_GROUPS	IN(DATAGRAM), \
			.never = IS(UNIX) | IS(VSOCK) | IS(INHERIT), \
			.needs = IS(UDP) | IS(RAW)
#define OF_LISTENER_TLS	.needs = IS(LISTEN), OF_TLS
#define OF_TALKS	IN(CHAT), .needs = IS(CHAT) | IS(TALK)

/* Traits that rules name together. */
#define FAMILY		(IS(INET) | IS(INET6) | IS(UNIX) | IS(VSOCK))
#define STREAM_TYPE	(IS(DCCP) | IS(SCTP) | IS(MPTCP))
#define NOT_TCP		(IS(UDP) | IS(UNIX) | IS(VSOCK) | IS(RAW) | STREAM_TYPE)
#define RECORDS		(IS(UDP) | IS(SEQPACKET) | IS(DCCP) | IS(RAW))
#define LOCAL		(IS(SOURCE) | IS(SOURCE_PORT))
#define DIALED		(IS(DEVICE) | IS(LISTEN) | IS(SCAN) | IS(RETRY) | \
			IS(RECONNECT) | IS(WAIT_FOR) | IS(UDP) | LOCAL | \
			IS(PROXY) | FAMILY | STREAM_TYPE | IS(RAW))
#define ROOM		(IS(BROKER) | IS(TALK))
#define NO_FAULTS	(ROOM | IS(SCAN) | IS(PASS) | IS(WAIT_FOR))
#define OF_DATAGRAMS	IN(DEBUG), .also = ALSO(DATAGRAM), .is = IS(CHANCE), \
	.never = NO_FAULTS | IS(INTERVAL) | IS(DGRAM)
#define NEAR_END	(COMMAND | IS(ECHO) | IS(CHAT) | ROOM)

const struct action	actions[ACT_COUNT] = {
	[ACT_INETD] = { IN(SERVICE), .also = ALSO(LISTEN),
	    .is = IS(INHERIT) | IS(SERVER), .never = IS(INHERIT) | DIALED },
	[ACT_PEER_FD] = { IN(SERVICE), .set = set_peer_fd, .is = IS(INHERIT),
	    .never = DIALED | IS(TLS) },
	[ACT_FILE] = { IN(CONNECT), PATH(device), .is = IS(DEVICE),
	    .never = IS(LISTEN) | IS(SCAN) | IS(RETRY) | IS(RECONNECT) |
	    IS(WAIT_FOR) | IS(UDP) | IS(UNIX) | LOCAL | IS(PROXY) | IS(PASS) |
	    COMMAND | IS(ECHO) | IS(CHAT) },
	[ACT_RAW] = { IN(CONNECT), .also = ALSO(DATAGRAM), .set = set_raw,
	    .takes = VALUE_PROTOCOL, .is = IS(RAW),
	    .never = IS(UDP) | IS(UNIX) | IS(VSOCK) | IS(SEQPACKET) |
	    STREAM_TYPE | IS(SCAN) | NEAR_END },
	[ACT_UNIX] = { IN(CONNECT), .also = ALSO(LISTEN) | ALSO(COMMON),
	    SET_TO(family, FAMILY_UNIX), .is = IS(UNIX) },
	[ACT_VSOCK] = { IN(CONNECT), .also = ALSO(LISTEN),
	    SET_TO(family, FAMILY_VSOCK), .is = IS(VSOCK),
	    .never = IS(UNIX) | IS(INET) | IS(INET6) },
	[ACT_SEQPACKET] = { IN(CONNECT), .also = ALSO(LISTEN),
	    .is = IS(SEQPACKET), .never = IS(UDP) | STREAM_TYPE,
	    .needs = IS(UNIX) | IS(VSOCK) },
	[ACT_DCCP] = { IN(CONNECT), .also = ALSO(LISTEN) | ALSO(DATAGRAM),
	    .is = IS(DCCP), .never = IS(UNIX) | IS(VSOCK) | IS(SCTP) | IS(UDP),
	    .lax = IS(UDP) },
	[ACT_SCTP] = { IN(CONNECT), .also = ALSO(LISTEN), .is = IS(SCTP),
	    .never = IS(UDP) | IS(UNIX) | IS(VSOCK) },
	[ACT_MPTCP] = { IN(CONNECT), .also = ALSO(LISTEN), .is = IS(MPTCP),
	    .never = IS(UDP) | IS(UNIX) | IS(VSOCK) | IS(SCTP) | IS(DCCP) },
	[ACT_UDP] = { IN(CONNECT),
	    .also = ALSO(LISTEN) | ALSO(DATAGRAM) | ALSO(COMMON),
	    SET_TO(type, TYPE_DGRAM), .is = IS(UDP) },
	[ACT_INET] = { IN(CONNECT), .also = ALSO(LISTEN),
	    SET_TO(family, FAMILY_INET), .is = IS(INET), .never = IS(INET6),
	    .lax = IS(INET6) },
	[ACT_INET6] = { IN(CONNECT), .also = ALSO(LISTEN),
	    SET_TO(family, FAMILY_INET6), .is = IS(INET6) },
	[ACT_SOURCE] = { IN(CONNECT), .also = ALSO(LISTEN), STRING(local_host),
	    .takes = VALUE_HOST, .is = IS(SOURCE) },
	[ACT_SOURCE_PORT] = { IN(CONNECT), .also = ALSO(LISTEN),
	    STRING(local_port), .takes = VALUE_PORT, .is = IS(SOURCE_PORT) },
	[ACT_SOURCE_HOP] = { IN(CONNECT), .set = set_hops, .takes = VALUE_HOST,
	    .is = IS(ROUTE),
	    .never = IS(UNIX) | IS(VSOCK) | IS(INET6) | IS(LISTEN) },
	[ACT_SOURCE_POINTER] = { IN(CONNECT), .set = set_hop_pointer,
	    .needs = IS(ROUTE) },
	[ACT_GATEWAY] = { .set = set_gateway },
	[ACT_PROXY] = { IN(PROXY), .also = ALSO(CONNECT) | ALSO(COMMON),
	    .set = set_proxy, .takes = VALUE_HOST, .is = IS(PROXY) },
	[ACT_PROXY_PROTOCOL] = { .set = set_proxy_kind,
	    .choices = proxy_protocols, OF_PROXY },
	[ACT_PROXY_USER] = { .set = set_proxy_login, OF_PROXY },
	[ACT_PROXY_TYPE] = { .set = set_proxy_kind, .choices = proxy_types,
	    OF_PROXY },
	[ACT_PROXY_TYPE_NCAT] = { .set = set_proxy_kind,
	    .choices = proxy_types_ncat },
	[ACT_PROXY_AUTH] = { IN(PROXY), .set = set_proxy_login,
	    .needs = IS(PROXY) | IS(PROXY_SERVER),
	    .lax = IS(PROXY) | IS(PROXY_SERVER) },
	[ACT_PROXY_AUTH_FILE] = { IN(PROXY), PATH(proxy.login_file),
	    .needs = IS(PROXY) | IS(PROXY_SERVER) },
	[ACT_PROXY_DNS] = { CHOICE(proxy.dns, proxy_dns), OF_PROXY },
	[ACT_ACCEPT_PROXY] = { IN(PROXY), .also = ALSO(LISTEN),
	    SETS(proxyp.accept), .never = RECORDS,
	    .needs = IS(LISTEN) | IS(INHERIT),
	    TOLD(PROXYP, "PROXY protocol: each client begins with a header, "
	    "whose address counts as the client's") },
	[ACT_SEND_PROXY] = { IN(PROXY), .also = ALSO(CONNECT),
	    CHOICE_FROM(proxyp.send, proxyp_versions, 1, 1),
	    .never = RECORDS | IS(INHERIT) | IS(SCAN) | IS(DEVICE) },

	[ACT_TLS] = { IN(TLS),
	    .also = ALSO(CONNECT) | ALSO(LISTEN) | ALSO(COMMON), SETS(tls.on),
	    .is = IS(TLS),
	    .never = IS(SCAN) | IS(PASS) | IS(DEVICE) | IS(RAW) |
	    IS(SEQPACKET) | IS(DCCP) | IS(BROADCAST) | IS(URGENT) },
	[ACT_TLS_CERT] = { PATH(tls.cert), .is = IS(TLS_CERT), OF_TLS },
	[ACT_TLS_KEY] = { PATH(tls.key), .needs = IS(TLS_CERT), OF_TLS },
	[ACT_TLS_CA] = { .set = set_tls_ca, .takes = VALUE_FILE,
	    .is = IS(TLS_TRUST), OF_TLS },
	[ACT_TLS_CRL] = { PATH(tls.crl), .is = IS(TLS_TRUST), OF_TLS },
	[ACT_TLS_CLIENT_CA] = { PATH(tls.client_ca), .needs = IS(SERVER),
	    OF_TLS },
	[ACT_TLS_NAME] = { STRING(tls.name), .takes = VALUE_HOST,
	    .never = IS(SERVER), OF_TLS },
	[ACT_TLS_PIN] = { .set = set_tls_pin, AT(tls),
	    .is = IS(TLS_TRUST) | IS(TLS_PIN), OF_TLS },
	[ACT_TLS_INSECURE] = { SET_TO(tls.verify, TLS_VERIFY_NONE),
	    .never = IS(SERVER) | IS(TLS_TRUST), OF_TLS },
	[ACT_TLS_VERIFY] = { SET_TO(tls.verify, TLS_VERIFY_PEER),
	    .is = IS(TLS_TRUST), OF_TLS },
	[ACT_TLS_ALPN] = { STRING(tls.alpn), OF_TLS },
	[ACT_TLS_CIPHERS] = { STRING(tls.ciphers), OF_TLS },
	[ACT_TLS_MIN] = { CHOICE_FROM(tls.min, tls_versions, 12, 0), OF_TLS },
	[ACT_TLS_KEYLOG] = { TO_FILE(tls.keylog), OF_TLS },

	[ACT_LISTEN_TLS_CERT] = { PATH(forward.listen_tls.cert),
	    .is = IS(LISTEN_CERT), OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_KEY] = { PATH(forward.listen_tls.key),
	    .needs = IS(LISTEN_CERT), OF_TLS },
	[ACT_LISTEN_TLS_CLIENT_CA] = { PATH(forward.listen_tls.client_ca),
	    OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_CRL] = { PATH(forward.listen_tls.crl),
	    OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_PIN] = { .set = set_tls_pin, AT(forward.listen_tls),
	    OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_ALPN] = { STRING(forward.listen_tls.alpn),
	    OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_CIPHERS] = { STRING(forward.listen_tls.ciphers),
	    OF_LISTENER_TLS },
	[ACT_LISTEN_TLS_MIN] = {
	    CHOICE_FROM(forward.listen_tls.min, tls_versions, 12, 0),
	    OF_LISTENER_TLS },

	[ACT_SCAN] = { IN(SCAN), .also = ALSO(COMMON), .is = IS(SCAN),
	    .never = IS(LISTEN) | COMMAND | IS(ECHO) | IS(CHAT) | IS(TAP) },
	[ACT_MAX_INFLIGHT] = { IN(SCAN),
	    NUMBER(scan.max_inflight, 1, UINT16_MAX), .needs = IS(SCAN) },
	[ACT_RETRY] = { IN(CONNECT), .also = ALSO(TIMING),
	    .set = actions_set_retry, NUMBER(retry.retries, 0, INT_MAX),
	    .is = IS(RETRY) },
	[ACT_RECONNECT] = { IN(CONNECT), .also = ALSO(TIMING),
	    SETS(retry.reconnect), .is = IS(RECONNECT),
	    .never = IS(SCAN) | IS(CHAT) | IS(WAIT_FOR) },
	[ACT_WAIT_FOR] = { IN(CONNECT), .also = ALSO(SCAN) | ALSO(TIMING),
	    .is = IS(WAIT_FOR),
	    .never = IS(LISTEN) | IS(ECHO) | IS(CHAT) | IS(INPUT) },
	[ACT_RETRY_DELAY] = { IN(CONNECT), .also = ALSO(TIMING),
	    TIME(retry.delay, 1),
	    .needs = IS(RETRY) | IS(RECONNECT) | IS(WAIT_FOR) },
	[ACT_PASS_FD] = { IN(SERVICE), .also = ALSO(CONNECT), .is = IS(PASS),
	    .never = COMMAND | IS(ECHO) | IS(CHAT) | IS(INHERIT) | IS(INPUT) |
	    IS(RECONNECT) | IS(WAIT_FOR) | IS(LISTEN) | IS(SCAN) | IS(TAP) |
	    IS(FRAMING) | IS(TELNET) | IS(CRLF) | IS(TOTAL),
	    .lax = IS(LISTEN) | IS(SCAN) | IS(TAP) | IS(FRAMING) | IS(TELNET) |
	    IS(CRLF) | IS(TOTAL) },

	[ACT_INPUT] = { IN(TRANSFER), .set = set_input, .takes = VALUE_FILE,
	    .is = IS(INPUT), .never = NEAR_END | IS(SCAN) },
	[ACT_EDIT] = { IN(TRANSFER), .also = ALSO(CHAT), SETS(edit),
	    TOLD(CHAT, "edited: each line typed at a terminal; shown: received "
	    "text, without control characters"),
	    .never = NEAR_END | IS(INPUT) | IS(FORWARD) | IS(PROXY_SERVER) |
	    IS(PASS) | IS(SCAN) | IS(WAIT_FOR) | IS(KEEP_OPEN) | IS(RECV_ONLY) |
	    IS(SEND_ONLY) | IS(PROGRESS) },
	[ACT_CHAT] = { IN(CHAT), .also = ALSO(COMMON), SET_TO(near, PLAN_CHAT),
	    .is = IS(CHAT),
	    .never = ROOM | IS(KEEP_OPEN) | COMMAND | IS(ECHO) },
	[ACT_BROKER] = { IN(CHAT), .also = ALSO(LISTEN), .set = set_room,
	    .min = HUB_BROKER, .is = IS(BROKER),
	    .never = IS(TALK) | COMMAND | IS(ECHO) | IS(JOIN) | IS(PACE) |
	    IS(FRAMING), .needs = IS(LISTEN) },
	[ACT_TALK] = { IN(CHAT), .also = ALSO(LISTEN), .set = set_room,
	    .min = HUB_TALK, .is = IS(TALK),
	    .never = COMMAND | IS(ECHO) | IS(JOIN) | IS(PACE) | IS(CRLF) |
	    IS(FRAME_FORM) | IS(FRAMING), .needs = IS(LISTEN) },
	[ACT_CHAT_NCAT] = { .set = set_room, .min = HUB_NCAT, .is = IS(TALK) },
	[ACT_ECHO] = { IN(LISTEN), .also = ALSO(EXEC) | ALSO(DEBUG),
	    SET_TO(near, PLAN_ECHO), .is = IS(ECHO),
	    .never = COMMAND | IS(TELNET) },
	[ACT_FORWARD] = { IN(LISTEN), .also = ALSO(PROXY), .set = set_forward,
	    .takes = VALUE_HOST, .is = IS(FORWARD),
	    .never = NEAR_END | IS(PASS) | IS(INPUT) | IS(JOIN) |
	    IS(RECV_ONLY) | IS(SEND_ONLY) | IS(HALF_CLOSE) | IS(NO_SHUTDOWN) |
	    IS(URGENT) | IS(TELNET) | IS(FRAME_FORM),
	    .needs = IS(LISTEN) | IS(FORWARD_ALL) },
	[ACT_FORWARD_ALL] = { IN(LISTEN), .also = ALSO(PROXY),
	    SETS(forward.all), .is = IS(FORWARD_ALL), .never = IS(PROXY),
	    .needs = IS(FORWARD) },
	[ACT_FORWARD_SOURCE] = { IN(LISTEN), .also = ALSO(PROXY),
	    .set = set_forward_source, .takes = VALUE_HOST,
	    .needs = IS(FORWARD) },
	[ACT_FORWARD_TLS] = { .is = IS(TLS) },
	[ACT_SERVE_PROXY] = { IN(PROXY), .also = ALSO(LISTEN),
	    .set = set_serve_proxy, .is = IS(PROXY_SERVER),
	    .never = NEAR_END | IS(FORWARD) | IS(PASS) | IS(INPUT) | IS(JOIN) |
	    IS(RECV_ONLY) | IS(SEND_ONLY) | IS(HALF_CLOSE) | IS(NO_SHUTDOWN) |
	    IS(URGENT) | IS(TELNET) | IS(FRAMING) | IS(CRLF) | IS(PROXY) |
	    IS(UDP) | IS(VSOCK) | IS(SEQPACKET) | IS(RAW) | STREAM_TYPE,
	    .needs = IS(LISTEN) },
	[ACT_ALLOW_TARGET] = { IN(PROXY), .set = set_target,
	    .takes = VALUE_HOST, .needs = IS(PROXY_SERVER) },
	[ACT_DENY_TARGET] = { IN(PROXY), .set = set_target, .takes = VALUE_HOST,
	    .needs = IS(PROXY_SERVER) },
	[ACT_EXEC] = { IN(EXEC), .also = ALSO(COMMON), .set = set_exec,
	    .takes = VALUE_PROGRAM, .is = IS(EXEC), .never = COMMAND },
	[ACT_SH_EXEC] = { IN(EXEC), .also = ALSO(COMMON), .set = set_exec,
	    .takes = VALUE_PROGRAM, .is = IS(EXEC) },
	[ACT_LUA_EXEC] = { IN(EXEC), .set = set_exec, .takes = VALUE_FILE,
	    .is = IS(LUA), .never = IS(EXEC) },
	[ACT_EXEC_STDERR] = { IN(EXEC), SETS(exec.with_stderr),
	    .needs = IS(EXEC) },

	[ACT_AMPLIFY] = { IN(EXEC), .also = ALSO(DATAGRAM),
	    NUMBER(exec.amplify, 0, 1000000), .needs = IS(EXEC),
	    .part_of = IS(UDP) },

	[ACT_LISTEN] = { IN(LISTEN), .also = ALSO(COMMON),
	    .is = IS(LISTEN) | IS(SERVER) },
	[ACT_KEEP_OPEN] = { IN(LISTEN), .also = ALSO(COMMON), SETS(keep_open),
	    .is = IS(KEEP_OPEN), .needs = IS(LISTEN) },
	[ACT_MAX_CONNS] = { IN(LISTEN), NUMBER(serve.max_conns, 1, INT_MAX),
	    .needs = IS(KEEP_OPEN) },
	[ACT_PER_HOST] = { IN(LISTEN), NUMBER(serve.per_host, 0, INT_MAX),
	    .never = IS(UDP), .needs = IS(KEEP_OPEN) },
	[ACT_MAX_CONNS_LOOSE] = { .set = actions_set_loose },
	[ACT_WORKERS] = { IN(LISTEN), NUMBER(serve.workers, 1, WORKERS_MAX),
	    .never = IS(UDP) | IS(UNIX) | IS(VSOCK) | IS(TAP),
	    .needs = COMMAND | IS(ECHO) | IS(FORWARD) | IS(PROXY_SERVER),
	    .part_of = IS(KEEP_OPEN) },
	[ACT_ALLOW] = { IN(LISTEN), .also = ALSO(SERVICE), .set = set_access,
	    .takes = VALUE_HOST },
	[ACT_ALLOWFILE] = { IN(LISTEN), .also = ALSO(SERVICE),
	    .set = set_access, .takes = VALUE_FILE },
	[ACT_DENY] = { IN(LISTEN), .also = ALSO(SERVICE), .set = set_access,
	    .takes = VALUE_HOST },
	[ACT_DENYFILE] = { IN(LISTEN), .also = ALSO(SERVICE), .set = set_access,
	    .takes = VALUE_FILE },
	[ACT_STDIN] = { IN(LISTEN), .also = ALSO(TRANSFER),
	    CHOICE(serve.stdin_for, stdins), .is = IS(JOIN),
	    .needs = IS(KEEP_OPEN) },
	[ACT_MERGE] = { IN(LISTEN), .also = ALSO(TRANSFER),
	    CHOICE(serve.merge, merges), .is = IS(JOIN),
	    .needs = IS(KEEP_OPEN) },
	[ACT_TAG] = { IN(LISTEN), .also = ALSO(TRANSFER), .set = set_tag,
	    .is = IS(JOIN), .needs = IS(INPUT) | IS(KEEP_OPEN) },
	[ACT_USER] = { IN(SERVICE), .also = ALSO(LISTEN), STRING(service.user),
	    .never = IS(SCAN) | IS(WAIT_FOR),
	    TOLD(SERVICE, "user: %, once the sockets are open") },
	[ACT_PORT_FILE] = { IN(SERVICE), .also = ALSO(LISTEN),
	    TO_FILE(service.port_file), .needs = IS(LISTEN),
	    TOLD(SERVICE, "report: the port, to the file %") },
	/* 0, 1 and 2 are the standard streams. */
	[ACT_READY_FD] = { IN(SERVICE), .also = ALSO(LISTEN),
	    NUMBER(service.ready_fd, 3, INT_MAX), .needs = IS(LISTEN),
	    TOLD(SERVICE, "report: the port, to descriptor %") },
	[ACT_SANDBOX] = { IN(SERVICE), CHOICE(sandbox, sandboxes) },
	[ACT_TEST] = { IN(PERSONALITY), .also = ALSO(LISTEN),
	    SETS(service.test), .told = TOLD_NOT },

	[ACT_OOB] = { IN(TRANSFER), SETS(urgent.shown), .is = IS(URGENT),
	    .never = NOT_TCP | NEAR_END | IS(SCAN),
	    TOLD(URGENT, "urgent data: reported, and left in place") },
	[ACT_SEND_OOB] = { IN(TRANSFER), .set = set_send_oob, .is = IS(URGENT),
	    .never = NOT_TCP | NEAR_END | IS(SCAN) },
	[ACT_TELNET] = { IN(TRANSFER), SETS(taps.telnet), .is = IS(TELNET),
	    .never = IS(UDP), .lax = IS(UDP) },
	[ACT_FRAME_INPUT] = { IN(TRANSFER), .also = ALSO(DATAGRAM),
	    FIELD(frame.input_all, SECOND), .choices = frame_inputs,
	    .is = IS(FRAME_FORM), .needs = IS(FRAMING) },
	[ACT_FRAME_OUTPUT] = { IN(TRANSFER), .also = ALSO(DATAGRAM),
	    FIELD(frame.output_raw, SECOND), .choices = frame_outputs,
	    .is = IS(FRAME_FORM), .needs = IS(FRAMING) },
	[ACT_FRAMING] = { IN(TRANSFER), .also = ALSO(DATAGRAM),
	    CHOICE(frame.how, framings), .is = IS(FRAMING) },
	[ACT_MAX_FRAME] = { IN(TRANSFER), .also = ALSO(DATAGRAM),
	    SIZE(frame.max, 1, UINT32_MAX), .needs = IS(FRAMING) },
	[ACT_DGRAM] = { IN(EXEC), .also = ALSO(DATAGRAM), CHOICE(dgram, dgrams),
	    .is = IS(DGRAM), .needs = IS(EXEC) },
	[ACT_CRLF] = { IN(TRANSFER), SETS(crlf), .is = IS(CRLF) },
	[ACT_DELAY] = { TIME(taps.delay, 0), .is = IS(PACE) },
	[ACT_LATENCY] = { IN(DEBUG), .set = set_latency,
	    .is = IS(PACE) | IS(CHANCE) },
	[ACT_RATE_LIMIT] = { IN(TRANSFER), .also = ALSO(TIMING) | ALSO(DEBUG),
	    .set = set_rate_limit, .never = NO_FAULTS },
	[ACT_DROP] = { FIELD(faults.drop, PERCENT), OF_DATAGRAMS,
	    TOLD(FAULT, "fault: % of the datagrams are dropped") },
	[ACT_DUPLICATE] = { FIELD(faults.duplicate, PERCENT), OF_DATAGRAMS,
	    TOLD(FAULT, "fault: % of the datagrams are sent twice") },
	[ACT_REORDER] = { FIELD(faults.reorder, PERCENT), OF_DATAGRAMS,
	    TOLD(FAULT, "fault: % of the datagrams are overtaken by the "
	    "next") },
	[ACT_RESET_AFTER] = { IN(DEBUG), FIELD(faults.reset_after, AMOUNT),
	    .never = NO_FAULTS | IS(UDP) | IS(DEVICE) | IS(JOIN),
	    TOLD(FAULT, "fault: the connection is reset after %") },
	[ACT_STALL_AFTER] = { IN(DEBUG), FIELD(faults.stall_after, AMOUNT),
	    .never = NO_FAULTS, TOLD(FAULT, "fault: the data stops after %") },
	[ACT_SLOW_CLOSE] = { IN(DEBUG), TIME(faults.slow_close, 0),
	    .never = NO_FAULTS,
	    TOLD(FAULT, "fault: the end of the data is passed on % later") },
	[ACT_FAULT_SEED] = { IN(DEBUG), .set = set_fault_seed,
	    .needs = IS(CHANCE) },
	[ACT_INTERVAL] = { IN(TIMING), .also = ALSO(TRANSFER),
	    TIME(interval, 0), .max = UINT_MAX, .is = IS(PACE) | IS(INTERVAL),
	    .never = IS(PACE) },
	[ACT_INTERVAL_LOOSE] = { .set = actions_set_loose },
	[ACT_HEX_DUMP] = { IN(TRANSFER), .also = ALSO(DEBUG),
	    TO_FILE(taps.dump), .is = IS(TAP),
	    TOLD(COPY, "copy: hex dump with directions to %") },
	[ACT_HEX_DUMP_BARE] = { IN(TRANSFER), .also = ALSO(DEBUG),
	    TO_FILE(taps.dump_bare), .is = IS(TAP),
	    TOLD(COPY, "copy: hex dump to %") },
	[ACT_OUTPUT] = { IN(TRANSFER), TO_FILE(taps.output), .is = IS(TAP),
	    TOLD(COPY, "copy: the traffic to %") },
	[ACT_APPEND_OUTPUT] = { IN(TRANSFER), .also = ALSO(DEBUG),
	    SETS(taps.append), .needs = IS(TAP), .lax = IS(TAP),
	    TOLD(COPY, "copies: appended to what the files hold") },
	[ACT_STATS] = { IN(DEBUG), .also = ALSO(SERVICE),
	    CHOICE_FROM(service.stats, stats_forms, STATS_JSON, STATS_TEXT),
	    .never = IS(SCAN) | IS(PASS) },
	[ACT_TCP_INFO] = { IN(DEBUG), .set = set_tcp_info, .takes = VALUE_FILE,
	    .never = IS(SCAN) | IS(PASS) },

	[ACT_PROGRESS] = { IN(TRANSFER), .also = ALSO(COMMON),
	    CHOICE_FROM(progress.when, progress_whens, PROGRESS_FORCE,
	    PROGRESS_TTY),
	    .is = IS(PROGRESS),
	    .never = IS(SCAN) | IS(PASS) | IS(WAIT_FOR) | IS(CHAT) | ROOM },
	/* Of an empty file, nothing is known that could be shown. */
	[ACT_SIZE] = { IN(TRANSFER), SIZE(progress.size, 0, LLONG_MAX),
	    .needs = IS(PROGRESS),
	    TOLD(TRANSFER, "report: the progress, of % bytes") },
	[ACT_SUM] = { IN(TRANSFER), FIELD(sums, BITS), .choices = sum_kinds,
	    TOLD(TRANSFER, "report: digests of each session, to standard "
	    "error: %"),
	    .never = IS(SCAN) | IS(PASS) | IS(WAIT_FOR) | NEAR_END |
	    IS(FORWARD) | IS(PROXY_SERVER) },

	[ACT_RECV_ONLY] = { IN(TRANSFER), SETS(no_stdin), .is = IS(RECV_ONLY) },
	[ACT_SEND_ONLY] = { IN(TRANSFER), SETS(no_stdout),
	    .is = IS(SEND_ONLY) },
	[ACT_HALF_CLOSE] = { IN(TRANSFER), .is = IS(HALF_CLOSE),
	    .never = IS(NO_SHUTDOWN), .lax = IS(NO_SHUTDOWN) },
	[ACT_NO_SHUTDOWN] = { IN(TRANSFER), .is = IS(NO_SHUTDOWN) },
	[ACT_QUIT] = { IN(TIMING), .also = ALSO(TRANSFER),
	    .set = actions_set_quit, TIME(end.linger, 0), .max = INT_MAX },
	[ACT_QUIT_LOOSE] = { .set = actions_set_loose },
	[ACT_WAIT] = { IN(TIMING), .also = ALSO(CONNECT) | ALSO(COMMON),
	    .set = actions_set_wait, TIME(connect_timeout, 0),
	    .max = INT_MAX / 1000 },
	[ACT_WAIT_LOOSE] = { .set = actions_set_loose },
	[ACT_CONNECT_TIMEOUT] = { IN(TIMING), .also = ALSO(CONNECT),
	    TIME(connect_timeout, 0),
	    .never = IS(LISTEN) | IS(INHERIT) | IS(DEVICE) },
	[ACT_IDLE] = { IN(TIMING), .also = ALSO(TRANSFER) | ALSO(LISTEN),
	    TIME(end.idle, 0) },
	[ACT_SESSION_TIMEOUT] = { IN(TIMING), .also = ALSO(LISTEN),
	    TIME(end.total, 0), .is = IS(TOTAL) },
	[ACT_DEADLINE] = { IN(TIMING), TIME(deadline, 1) },
	[ACT_MAX_READS] = { IN(DATAGRAM), .also = ALSO(TRANSFER),
	    NUMBER(end.max_reads, 1, INT_MAX) },

	[ACT_NAME] = { .set = set_name, OF_TALKS },
	[ACT_TIMESTAMPS] = { IN(TRANSFER), .also = ALSO(CHAT), SETS(timestamps),
	    .never = COMMAND | IS(ECHO) | IS(BROKER) | IS(FORWARD) |
	    IS(PROXY_SERVER) | IS(PASS) | IS(SCAN) | IS(WAIT_FOR) |
	    IS(SEND_ONLY) },
	[ACT_LOG] = { TO_FILE(chat.log), OF_TALKS,
	    TOLD(CHAT, "log: the transcript, appended to %") },
	[ACT_BELL] = { IN(CHAT), SETS(chat.bell), .needs = IS(CHAT) },
	[ACT_RAW_TEXT] = { IN(CHAT), SETS(chat.raw_text), .needs = IS(CHAT) },
	[ACT_PASSWORD_FILE] = { IN(CHAT), .also = ALSO(LISTEN),
	    PATH(chat.password_file), .needs = IS(TALK) },
	[ACT_EXPECT] = { IN(CHAT), .also = ALSO(TLS), STRING(chat.expect),
	    .is = IS(TLS_TRUST), .never = IS(TLS_PIN), .needs = IS(CHAT),
	    .part_of = IS(TLS) },

	[ACT_NUMERIC] = { IN(CONNECT), .also = ALSO(LISTEN), SETS(numeric) },
	[ACT_RANDOM] = { IN(SCAN), SETS(random_ports) },
	[ACT_DEBUG] = { IN(DEBUG), SETS(sock.debug), TOLD(SOCKET, "debug") },
	[ACT_BROADCAST] = { IN(DATAGRAM), SETS(sock.broadcast),
	    .is = IS(BROADCAST), TOLD(SOCKET, "broadcast") },
	[ACT_KEEPALIVE] = { IN(CONNECT), .also = ALSO(LISTEN) | ALSO(TIMING),
	    .set = set_keepalive, TOLD(SOCKET, "%") },
	[ACT_KEEPALIVE_SYSTEM] = {
	    SET_TO(sock.keepalive, KEEPALIVE_BY_SYSTEM) },
	[ACT_MD5] = { IN(CONNECT), .also = ALSO(LISTEN), SETS(sock.md5),
	    .never = NOT_TCP, .lax = NOT_TCP, TOLD(SOCKET, "MD5 signatures") },
	[ACT_RCVBUF] = { IN(CONNECT), .also = ALSO(LISTEN),
	    NUMBER(sock.rcvbuf, 1, BUFFER_MAX),
	    TOLD(SOCKET, "receive buffer %") },
	[ACT_SNDBUF] = { IN(CONNECT), .also = ALSO(LISTEN),
	    NUMBER(sock.sndbuf, 1, BUFFER_MAX), TOLD(SOCKET, "send buffer %") },
	[ACT_TOS] = { IN(CONNECT), .also = ALSO(LISTEN), .set = set_tos,
	    NUMBER(sock.tos, 0, 255), .choices = tos_names,
	    TOLD(SOCKET, "type of service %") },
	[ACT_TOS_LOOSE] = { .set = set_tos },
	[ACT_TTL] = { IN(CONNECT), NUMBER(sock.ttl, 0, 255),
	    TOLD(SOCKET, "ttl %") },
	[ACT_MIN_TTL] = { IN(CONNECT), .also = ALSO(LISTEN),
	    NUMBER(sock.min_ttl, 0, 255), TOLD(SOCKET, "least ttl %") },
	[ACT_BACKLOG] = { IN(LISTEN), NUMBER(sock.backlog, 0, INT_MAX),
	    .needs = IS(LISTEN), TOLD(SOCKET, "backlog %") },
	[ACT_MCAST_JOIN] = { IN(DATAGRAM), .also = ALSO(LISTEN),
	    .set = set_mcast_join, .never = IS(UNIX) | IS(VSOCK) | IS(TLS),
	    .needs = IS(UDP) | IS(RAW), .part_of = IS(LISTEN) },
	[ACT_MCAST_TTL] = { NUMBER(sock.mcast.ttl, 0, 255), OF_GROUPS,
	    TOLD(MULTICAST, "ttl %") },
	[ACT_MCAST_IF] = { STRING(sock.mcast.interface),
	    .takes = VALUE_INTERFACE, OF_GROUPS, TOLD(MULTICAST, "on %") },
	[ACT_MCAST_LOOP] = { CHOICE(sock.mcast.loop, mcast_loops), OF_GROUPS,
	    TOLD(MULTICAST, "heard on this host: %") },
	[ACT_RTABLE] = { IN(CONNECT), .set = set_rtable, .told = TOLD_NOT },
	[ACT_SOCKOPT] = { IN(CONNECT), .also = ALSO(LISTEN) | ALSO(DEBUG),
	    .set = set_sockopt, .takes = VALUE_SOCKOPT },
	[ACT_NSOCK_ENGINE] = { IN(PERSONALITY), .kind = FIELD_UNUSED,
	    .choices = engines, .told = TOLD_NOT },
	[ACT_MOVER] = { CHOICE(mover, movers) },
	[ACT_VERBOSE] = { IN(DEBUG), .also = ALSO(COMMON),
	    FIELD(verbose, COUNT), .told = TOLD_NOT },
	[ACT_HELP] = { IN(DEBUG), .takes = VALUE_TOPIC, SET_TO(mode, PLAN_HELP),
	    .told = TOLD_NOT },
	[ACT_VERSION] = { IN(DEBUG), SET_TO(mode, PLAN_VERSION),
	    .told = TOLD_NOT },
	[ACT_MAN] = { IN(DEBUG), SET_TO(mode, PLAN_MANUAL), .told = TOLD_NOT },
	[ACT_COMPLETION] = { IN(DEBUG),
	    CHOICE_FROM(mode, shells, PLAN_BASH, PLAN_BASH),
	    .told = TOLD_NOT },
	[ACT_EXPLAIN] = { IN(DEBUG), .also = ALSO(COMMON), .told = TOLD_NOT },
	[ACT_COMPAT] = { IN(PERSONALITY), .choices = compats },
};

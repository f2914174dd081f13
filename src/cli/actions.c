#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "cli/option.h"

/*
 * What options do to the plan. Everything that depends on several options
 * waits for plan_seal, so that their order does not matter.
 */

static void *
actions_field(struct parse *p, const struct action *a)
{
	return (char *)p->plan + a->field;
}

static int
actions_set_flag(struct parse *p, const struct action *a, const char *arg)
{
	(void)arg;
	*(bool *)actions_field(p, a) = true;
	return 0;
}

static int
actions_set_string(struct parse *p, const struct action *a, const char *arg)
{
	*(const char **)actions_field(p, a) = arg;
	return 0;
}

static int
actions_set_int(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;
	long long	 n;

	if ((why = num_int(arg, a->min, a->max, &n)) != NULL)
		return p->who->bad_value(p, why, arg);
	*(int *)actions_field(p, a) = (int)n;
	return 0;
}

static int
actions_set_time(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;

	if ((why = p->who->time(p, arg, actions_field(p, a))) != NULL)
		return p->who->bad_value(p, why, arg);
	return 0;
}

static int
actions_set_family(struct parse *p, const struct action *a, const char *arg)
{
	(void)arg;
	p->plan->family = (enum plan_family)a->min;
	return 0;
}

static int
actions_set_dgram(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	p->plan->type = TYPE_DGRAM;
	return 0;
}

static int
actions_set_mode(struct parse *p, const struct action *a, const char *arg)
{
	(void)arg;
	p->plan->mode = (enum plan_mode)a->min;
	return 0;
}

/* Seen is all that these need. */
static int
actions_set_seen(struct parse *p, const struct action *a, const char *arg)
{
	(void)p, (void)a, (void)arg;
	return 0;
}

static int
actions_set_numeric_all(struct parse *p, const struct action *a,
    const char *arg)
{
	(void)a, (void)arg;
	p->plan->numeric = p->plan->numeric_service = true;
	return 0;
}

static int
actions_set_verbose(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	p->plan->verbose++;
	return 0;
}

static int
actions_set_quit(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;
	long long	 n;

	(void)a;
	/* Any negative number of seconds is the same: never. */
	if (num_int(arg, INT_MIN, -1, &n) == NULL) {
		p->quit = -1;
		return 0;
	}
	if ((why = p->who->time(p, arg, &p->quit)) != NULL)
		return p->who->bad_value(p, why, arg);
	return 0;
}

/* -w: connecting, and silence afterwards. */
static int
actions_set_wait(struct parse *p, const struct action *a, const char *arg)
{
	int	rc;

	if ((rc = actions_set_time(p, a, arg)) != 0)
		return rc;
	p->plan->end.idle = p->plan->connect_timeout;
	/* The original does not limit connecting then. */
	if (p->plan->compat == COMPAT_OPENBSD && p->plan->end.idle == 0)
		p->plan->connect_timeout = -1;
	return 0;
}

static int
actions_set_quit_loose(struct parse *p, const struct action *a, const char *arg)
{
	long long	n = loose_value(arg);

	(void)a;
	p->quit = n < 0 ? -1 : n * NSEC_PER_SEC;
	return 0;
}

static int
actions_set_wait_loose(struct parse *p, const struct action *a, const char *arg)
{
	long long	n = loose_value(arg);
	int64_t		t = n < 0 ? -1 : n * NSEC_PER_SEC;

	(void)a;
	if (n == 0)
		return p->who->bad_value(p, "invalid", arg);
	p->plan->connect_timeout = p->plan->accept_timeout = t;
	p->plan->end.idle = t;
	return 0;
}

static int
actions_set_interval_loose(struct parse *p, const struct action *a,
    const char *arg)
{
	long long	n = loose_value(arg);

	(void)a;
	if (n == 0)
		return p->who->bad_value(p, "invalid", arg);
	/* A negative pause is a very long one there. */
	p->plan->interval = (n < 0 ? INT_MAX : n) * NSEC_PER_SEC;
	return 0;
}

static int
actions_set_tos(struct parse *p, const struct action *a, const char *arg)
{
	int	tos = p->plan->compat == COMPAT_TRADITIONAL ?
		    tos_traditional(arg) : tos_value(arg);

	(void)a;
	/* The traditional tool sets nothing then, and goes on. */
	if (tos == -1 && p->plan->compat != COMPAT_TRADITIONAL)
		return refuse(p, "illegal tos value %s", arg);
	p->plan->sock.tos = tos;
	return 0;
}

static int
actions_set_rtable(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	return refuse(p, "no alternate routing table support available");
}

#define AT(member)	offsetof(struct plan, member)
/* The largest window of TCP: 64 KiB << 14. */
#define BUFFER_MAX	(65536LL << 14)

const struct action actions[ACT_COUNT] = {
	[ACT_INET] = { actions_set_family, 0, FAMILY_INET, 0, false },
	[ACT_INET6] = { actions_set_family, 0, FAMILY_INET6, 0, false },
	[ACT_UNIX] = { actions_set_family, 0, FAMILY_UNIX, 0, false },
	[ACT_UDP] = { actions_set_dgram, 0, 0, 0, false },
	[ACT_LISTEN] = { actions_set_seen, 0, 0, 0, false },
	[ACT_SCAN] = { actions_set_seen, 0, 0, 0, false },
	[ACT_MAX_INFLIGHT] = { actions_set_int, AT(scan.max_inflight), 1,
	    UINT16_MAX, false },
	[ACT_HELP] = { actions_set_mode, 0, PLAN_HELP, 0, false },
	[ACT_VERSION] = { actions_set_mode, 0, PLAN_VERSION, 0, false },
	[ACT_KEEP_OPEN] = { actions_set_flag, AT(keep_open), 0, 0, false },
	[ACT_NUMERIC] = { actions_set_flag, AT(numeric), 0, 0, false },
	[ACT_NUMERIC_ALL] = { actions_set_numeric_all, 0, 0, 0, false },
	[ACT_VERBOSE] = { actions_set_verbose, 0, 0, 0, false },
	[ACT_RANDOM] = { actions_set_flag, AT(random_ports), 0, 0, false },
	[ACT_SOURCE] = { actions_set_string, AT(local_host), 0, 0, false },
	[ACT_SOURCE_PORT] = { actions_set_string, AT(local_port), 0, 0, false },
	[ACT_HALF_CLOSE] = { actions_set_seen, 0, 0, 0, false },
	[ACT_NO_SHUTDOWN] = { actions_set_seen, 0, 0, 0, false },
	[ACT_EXPLAIN] = { actions_set_seen, 0, 0, 0, false },
	[ACT_COMPAT] = { actions_set_seen, 0, 0, 0, false },
	[ACT_QUIT] = { actions_set_quit, 0, 0, INT_MAX, false },
	[ACT_QUIT_LOOSE] = { actions_set_quit_loose, 0, 0, 0, false },
	[ACT_RECV_ONLY] = { actions_set_flag, AT(no_stdin), 0, 0, false },
	[ACT_SEND_ONLY] = { actions_set_flag, AT(no_stdout), 0, 0, false },
	[ACT_WAIT] = { actions_set_wait, AT(connect_timeout), 0, INT_MAX / 1000,
	    false },
	[ACT_WAIT_LOOSE] = { actions_set_wait_loose, 0, 0, 0, false },
	[ACT_CONNECT_TIMEOUT] = { actions_set_time, AT(connect_timeout), 0, 0,
	    false },
	[ACT_IDLE] = { actions_set_time, AT(end.idle), 0, 0, false },
	[ACT_INTERVAL] = { actions_set_time, AT(interval), 0, UINT_MAX, false },
	[ACT_INTERVAL_LOOSE] = { actions_set_interval_loose, 0, 0, 0, false },
	[ACT_MAX_READS] = { actions_set_int, AT(end.max_reads), 1, INT_MAX,
	    false },
	[ACT_CRLF] = { actions_set_flag, AT(crlf), 0, 0, false },
	[ACT_BROADCAST] = { actions_set_flag, AT(sock.broadcast), 0, 0, false },
	[ACT_DEBUG] = { actions_set_flag, AT(sock.debug), 0, 0, false },
	[ACT_KEEPALIVE] = { actions_set_flag, AT(sock.keepalive), 0, 0, false },
	[ACT_RCVBUF] = { actions_set_int, AT(sock.rcvbuf), 1, BUFFER_MAX,
	    false },
	[ACT_SNDBUF] = { actions_set_int, AT(sock.sndbuf), 1, BUFFER_MAX,
	    false },
	[ACT_TOS] = { actions_set_tos, 0, 0, 0, false },
	[ACT_TTL] = { actions_set_int, AT(sock.ttl), 0, 255, false },
	[ACT_MIN_TTL] = { actions_set_int, AT(sock.min_ttl), 0, 255, false },
	[ACT_MD5] = { actions_set_flag, AT(sock.md5), 0, 0, false },
	[ACT_RTABLE] = { actions_set_rtable, 0, 0, 0, false },
	[ACT_EXEC] = { set_exec, 0, false, 0, false },
	[ACT_SH_EXEC] = { set_exec, 0, true, 0, false },
	[ACT_EXEC_STDERR] = { actions_set_flag, AT(exec.with_stderr), 0, 0,
	    false },
	[ACT_ECHO] = { set_echo, 0, 0, 0, false },
	[ACT_MAX_CONNS] = { set_max_conns, 0, 1, INT_MAX, false },
	[ACT_BACKLOG] = { actions_set_int, AT(sock.backlog), 0, INT_MAX,
	    false },
	[ACT_ALLOW] = { set_access, 0, 0, 0, false },
	[ACT_ALLOWFILE] = { set_access, 0, 0, 0, false },
	[ACT_DENY] = { set_access, 0, 0, 0, false },
	[ACT_DENYFILE] = { set_access, 0, 0, 0, false },
	[ACT_INPUT] = { set_input, 0, 0, 0, false },
	[ACT_STDIN] = { set_choice, AT(serve.stdin_for), 0, 0, false },
	[ACT_MERGE] = { set_choice, AT(serve.merge), 0, 0, false },
	[ACT_TAG] = { set_tag, 0, 0, 0, false },
	[ACT_DGRAM] = { set_choice, AT(dgram), 0, 0, false },
	[ACT_SESSION_TIMEOUT] = { actions_set_time, AT(end.total), 0, 0,
	    false },
	[ACT_CHAT] = { set_near, 0, PLAN_CHAT, 0, false },
	[ACT_BROKER] = { set_hub, 0, HUB_BROKER, 0, false },
	[ACT_TALK] = { set_hub, 0, HUB_TALK, 0, false },
	[ACT_NAME] = { set_name, 0, 0, 0, false },
	[ACT_TIMESTAMPS] = { actions_set_flag, AT(chat.timestamps), 0, 0,
	    false },
	[ACT_BELL] = { actions_set_flag, AT(chat.bell), 0, 0, false },
	[ACT_RAW_TEXT] = { actions_set_flag, AT(chat.raw_text), 0, 0, false },
	[ACT_LOG] = { set_file, AT(chat.log), 0, 0, false },
	[ACT_PASSWORD_FILE] = { actions_set_string, AT(chat.password_file), 0,
	    0, false },
	[ACT_FRAMING] = { set_choice, AT(frame.how), 0, 0, false },
	[ACT_FRAME_INPUT] = { set_second, AT(frame.input_all), 0, 0, false },
	[ACT_FRAME_OUTPUT] = { set_second, AT(frame.output_raw), 0, 0, false },
	[ACT_MAX_FRAME] = { set_max_frame, 0, 0, 0, false },
	[ACT_PROXY] = { set_proxy, 0, 0, 0, false },
	[ACT_PROXY_PROTOCOL] = { set_proxy_protocol, 0, 0, 0, false },
	[ACT_PROXY_TYPE] = { set_proxy_type, 0, 0, 0, false },
	[ACT_PROXY_USER] = { set_proxy_user, 0, 0, 0, false },
	[ACT_PROXY_AUTH] = { set_proxy_auth, 0, 0, 0, false },
	[ACT_PROXY_DNS] = { set_proxy_dns, 0, 0, 0, false },
	[ACT_DEADLINE] = { set_deadline, 0, 0, 0, false },
	[ACT_RETRY] = { set_retry, 0, 0, INT_MAX, false },
	[ACT_RETRY_DELAY] = { set_retry_delay, 0, 0, 0, false },
	[ACT_RECONNECT] = { set_reconnect, 0, 0, 0, false },
	[ACT_WAIT_FOR] = { actions_set_seen, 0, 0, 0, false },
	[ACT_PASS_FD] = { actions_set_seen, 0, 0, 0, false },
	[ACT_PORT_FILE] = { set_file, AT(service.port_file), 0, 0, false },
	[ACT_READY_FD] = { set_ready_fd, 0, 0, 0, false },
	[ACT_INETD] = { set_inetd, 0, 0, 0, false },
	[ACT_PEER_FD] = { set_peer_fd, 0, 0, 0, false },
	[ACT_STATS] = { actions_set_flag, AT(service.stats), 0, 0, false },
	[ACT_TCP_INFO] = { set_tcp_info, 0, 0, 0, false },
	[ACT_SOURCE_HOP] = { set_hop, 0, 0, 0, false },
	[ACT_SOURCE_POINTER] = { set_hop_pointer, 0, 0, 0, false },
	[ACT_VSOCK] = { actions_set_family, 0, FAMILY_VSOCK, 0, false },
	[ACT_SCTP] = { actions_set_seen, 0, 0, 0, false },
	[ACT_DCCP] = { actions_set_seen, 0, 0, 0, false },
	[ACT_MPTCP] = { actions_set_seen, 0, 0, 0, false },
	[ACT_SEQPACKET] = { actions_set_seen, 0, 0, 0, false },
	[ACT_RAW] = { set_raw, 0, 0, 0, false },
	[ACT_OOB] = { actions_set_flag, AT(urgent.shown), 0, 0, false },
	[ACT_SEND_OOB] = { set_send_oob, 0, 0, 0, false },
	[ACT_SOCKOPT] = { set_sockopt, 0, 0, 0, false },
	[ACT_TELNET] = { actions_set_flag, AT(taps.telnet), 0, 0, false },
	[ACT_HEX_DUMP] = { set_file, AT(taps.dump), 0, 0, false },
	[ACT_HEX_DUMP_BARE] = { set_file, AT(taps.dump_bare), 0, 0, false },
	[ACT_OUTPUT] = { set_file, AT(taps.output), 0, 0, false },
	[ACT_APPEND_OUTPUT] = { actions_set_flag, AT(taps.append), 0, 0,
	    false },
	[ACT_DELAY] = { actions_set_time, AT(taps.delay), 0, 0, false },
	[ACT_FILE] = { actions_set_string, AT(device), 0, 0, false },
	[ACT_NSOCK_ENGINE] = { set_nsock_engine, 0, 0, 0, false },
	[ACT_LUA_EXEC] = { set_lua_exec, 0, 0, 0, false },
	[ACT_TEST] = { actions_set_flag, AT(service.test), 0, 0, false },
	[ACT_MOVER] = { set_choice, AT(mover), 0, 0, false },
	[ACT_POLLER] = { set_choice, AT(poller), 0, 0, false },
};

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/option.h"
#include "io/fd.h"

/*
 * A sealed plan in words, as a pipeline: from the near end through what is
 * done to the bytes to the far end, and what ends it. People compare this
 * text; it changes with the plan's meaning only.
 */

/* 1500000000 is "1500ms", 60000000000 is "60s", -1 is "none". */
#define TIME_TEXT_MAX	32

static const char *
explain_time(int64_t nsec, char buf[TIME_TEXT_MAX])
{
	if (nsec < 0)
		snprintf(buf, TIME_TEXT_MAX, "none");
	else if (nsec % NSEC_PER_SEC == 0)
		snprintf(buf, TIME_TEXT_MAX, "%llds",
		    (long long)(nsec / NSEC_PER_SEC));
	else if (nsec % NSEC_PER_MSEC == 0)
		snprintf(buf, TIME_TEXT_MAX, "%lldms",
		    (long long)(nsec / NSEC_PER_MSEC));
	else
		snprintf(buf, TIME_TEXT_MAX, "%.6fs",
		    (double)nsec / (double)NSEC_PER_SEC);
	return buf;
}

/* Nothing is read or written. */
static bool
explain_is_probe(const struct plan *plan)
{
	return plan->subject == PLAN_SCAN || plan->subject == PLAN_WAIT;
}

/* ---- The near end ------------------------------------------------------- */

static void
explain_inputs(const struct plan *plan)
{
	for (size_t i = 0; i < plan->ninputs; i++)
		printf("input: %s\n", plan->inputs[i]);
	if (plan->input_tag != NULL)
		printf("inputs: joined by line behind %s\n", plan->input_tag);
}

/* The command, and how its ends are tied to the peer. */
static void
explain_command(const struct plan *plan)
{
	static const char	*const records[] = {
		[DGRAM_RECORD] = "behind pipes, one datagram at a time",
		[DGRAM_LINE] = "behind pipes, a line is a datagram",
		[DGRAM_BLOCK] = "behind pipes"
	};
	const char		*tie = plan->exec.handover ?
	    "gets the socket itself" : plan->type == TYPE_DGRAM ?
	    records[plan->dgram] : "behind pipes";

	printf("near: %s \"%s\"; %s%s\n", plan->exec.shell ?
	    "/bin/sh -c" : plan->exec.interpreter != NULL ?
	    plan->exec.interpreter : plan->exec.search ? "program from PATH" :
	    "program", plan->exec.command, tie,
	    plan->exec.with_stderr ? ", its errors go to the peer" : "");
}

static void
explain_near(const struct plan *plan)
{
	const char	*what = "standard input and output";

	if (plan->near == PLAN_EXEC) {
		explain_command(plan);
		return;
	}
	if (plan->near == PLAN_ECHO)
		what = "the peer's own bytes";
	else if (plan->near == PLAN_PASS)
		what = "whoever takes the socket from standard output";
	else if (explain_is_probe(plan))
		what = "nothing";
	else if (plan->no_stdin && plan->no_stdout)
		what = "nothing";
	else if (plan->no_stdin)
		what = "standard output";
	else if (plan->no_stdout)
		what = "standard input";
	printf("near: %s\n", what);
	explain_inputs(plan);
}

static void
explain_print_ports(const struct plan *plan)
{
	const char	*gap = "";

	if (plan->family == FAMILY_VSOCK) {
		printf("%s", plan->ports[0].word);
		return;
	}
	for (size_t i = 0; i < plan->nports; i++, gap = ",") {
		printf("%s%u", gap, (unsigned)plan->ports[i].lo);
		if (plan->ports[i].lo != plan->ports[i].hi)
			printf("-%u", (unsigned)plan->ports[i].hi);
	}
}

static const char *
explain_family_text(const struct plan *plan)
{
	static const char	*const names[] = {
		[FAMILY_ANY] = "IPv6 or IPv4", [FAMILY_INET] = "IPv4",
		[FAMILY_INET6] = "IPv6", [FAMILY_UNIX] = "Unix",
		[FAMILY_VSOCK] = "virtual machines"
	};

	return names[plan->family];
}

/* The wildcard address, as this plan means it. */
static const char *
explain_any_text(const struct plan *plan)
{
	if (plan->family == FAMILY_VSOCK)
		return "any CID";
	if (plan->wildcard == WILDCARD_INET || plan->family == FAMILY_INET)
		return "any IPv4 address";
	if (plan->family == FAMILY_INET6)
		return "any IPv6 address";
	return plan->wildcard == WILDCARD_BOTH ?
	    "any address, a socket per family" :
	    "any address of both families";
}

/* What passes between the peers, and the part of whoever serves them. */
static void
explain_hub(const struct plan *plan)
{
	static const char	*const what[] = {
		[HUB_BROKER] = "bytes, as they come",
		[HUB_TALK] = "lines, behind names",
		[HUB_NCAT] = "what was read, behind numbers"
	};

	printf("peers: each gets what the others and the input say: %s%s\n",
	    what[plan->hub], plan->chat.password_file != NULL ?
	    "; a password is asked for" : "");
}

/* How many peers at a time, and what joins them. */
static void
explain_peers(const struct plan *plan)
{
	static const char	*const who[] = {
		[STDIN_FIRST] = "the first", [STDIN_ALL] = "all",
		[STDIN_LAST] = "the last", [STDIN_NONE] = "none"
	};
	const struct plan_serve	*serve = &plan->serve;

	if (serve->concurrent && plan->type == TYPE_DGRAM) {
		printf("; at most %d peers at once, others are not heard\n",
		    serve->max_conns);
		return;
	}
	if (!serve->concurrent) {
		printf("; %s\n", !plan->keep_open ? "one peer" :
		    plan->type == TYPE_DGRAM ? "everybody is heard" :
		    "one peer after the other");
		return;
	}
	printf("; at most %d at once, others %s\n", serve->max_conns,
	    serve->turn_away ? "are turned away" : "wait");
	if (plan->near == PLAN_HUB)
		explain_hub(plan);
	if (plan->near != PLAN_STDIO)
		return;
	printf("peers: input goes to %s, output joined by %s%s%s\n",
	    who[serve->stdin_for],
	    serve->merge == MERGE_LINE ? "line" : "chunk",
	    serve->tag != NULL ? " behind " : "",
	    serve->tag != NULL ? serve->tag : "");
}

static void
explain_access(const struct plan *plan)
{
	for (size_t i = 0; i < plan->naccess; i++)
		printf("%s: %s%s\n", plan->access[i].deny ? "deny" : "allow",
		    plan->access[i].file ? "file " : "",
		    plan->access[i].spec);
}

static void
explain_listen(const struct plan *plan)
{
	printf("far: listen (%s) on ", plan_proto(plan));
	if (plan->service.activated > 0)
		printf("%d of LISTEN_FDS", plan->service.activated);
	else if (plan->family == FAMILY_UNIX)
		printf("%s", plan->local_host);
	else if (!plan_has_ports(plan))
		printf("%s", plan->local_host != NULL ? plan->local_host :
		    explain_any_text(plan));
	else
		printf("%s port %s", plan->local_host != NULL ?
		    plan->local_host : explain_any_text(plan),
		    plan->any_port ? "any" : plan->local_port);
	explain_peers(plan);
	explain_access(plan);
	if (!plan->peer_filter)
		return;
	printf("peer: %s", plan->host);
	if (plan->nports > 0)
		printf(" port ");
	explain_print_ports(plan);
	printf(" alone\n");
}

static void
explain_proxy(const struct plan *plan)
{
	static const char	*const who[] = {
		[DNS_REMOTE] = "it looks up the host",
		[DNS_LOCAL] = "the host is looked up here",
		[DNS_BOTH] = "the host is looked up here, or else by it",
		[DNS_NONE] = "the host is a number"
	};
	const struct proxy_options	*p = &plan->proxy;

	if (p->kind == PROXY_NONE)
		return;
	printf("proxy: %s at %s port %s; %s", proxy_kind_name(p->kind),
	    p->host, p->port, who[p->dns]);
	if (p->login.user != NULL)
		printf("; user %.*s%s", (int)p->login.len, p->login.user,
		    p->login.password != NULL ? " with a password" :
		    p->asks ? ", who is asked for a password" : "");
	putchar('\n');
}

static void
explain_device(const struct plan *plan)
{
	printf("far: %s, in the place of the network\n", plan->device);
}

static void
explain_connect(const struct plan *plan)
{
	if (plan->device != NULL) {
		explain_device(plan);
		return;
	}
	printf("far: %s (%s) %s", plan->subject == PLAN_SCAN ? "probe" :
	    plan->subject == PLAN_WAIT ? "wait for" : "connect",
	    plan_proto(plan), plan->host);
	if (plan_has_ports(plan)) {
		printf(" port ");
		explain_print_ports(plan);
		printf("%s; %s%s", plan->random_ports ? " at random" : "",
		    explain_family_text(plan), plan->numeric ? ", no names" :
		    "");
		if (plan->race_delay >= 0)
			printf(", addresses raced");
	}
	putchar('\n');
	if (plan->family == FAMILY_UNIX && plan->local_host != NULL)
		printf("from: %s\n", plan->local_host);
	else if (plan->local_host != NULL || plan->local_port != NULL)
		printf("from: %s port %s\n",
		    plan->local_host != NULL ? plan->local_host : "any",
		    plan->local_port != NULL ? plan->local_port : "any");
	explain_proxy(plan);
}

static void
explain_inherit(const struct plan *plan)
{
	const struct plan_service	*s = &plan->service;

	if (s->peer_in == s->peer_out)
		printf("far: the peer on descriptor %d\n", s->peer_in);
	else
		printf("far: the peer on descriptors %d and %d\n", s->peer_in,
		    s->peer_out);
}

static const char *
explain_chat_own_name(const struct plan *plan)
{
	return plan->chat.name != NULL && *plan->chat.name != '\0' ?
	    plan->chat.name : "the user";
}

static void
explain_chat(const struct plan *plan)
{
	printf("chat: you are %s; each line you type is sent as it is\n",
	    explain_chat_own_name(plan));
	if (plan->mode == PLAN_CONNECT && plan->type != TYPE_DGRAM)
		printf("a room: if the peer's first line is the greeting of "
		    "one, lines that begin with a colon go to it\n");
	printf("shown: %s%s%s\n", plan->chat.raw_text ?
	    "what the peer sends, as it is" : "each line of the peer, "
	    "without control characters; on a terminal behind ",
	    plan->chat.raw_text ? "" : plan->chat.timestamps ?
	    "the time and its name" : "its name",
	    plan->chat.bell ? ", and the bell rings" : "");
}

static void
explain_talk(const struct plan *plan)
{
	printf("room: you are %s; what you type is said to all\n",
	    explain_chat_own_name(plan));
	printf("shown: who comes and leaves, and each line behind %sits "
	    "speaker's name, without control characters\n",
	    plan->chat.timestamps ? "the time and " : "");
}

static void
explain_people(const struct plan *plan)
{
	if (plan->near == PLAN_CHAT)
		explain_chat(plan);
	if (plan->near == PLAN_HUB && plan->hub == HUB_TALK)
		explain_talk(plan);
	/* Where no flow of the standard streams shows them. */
	if (plan->near == PLAN_ECHO && plan->frame.how != FRAME_NONE)
		printf("messages: (%s) of at most %" PRIu64 " bytes go back; "
		    "the first that is none ends its connection\n",
		    framing_name(plan->frame.how), plan->frame.max);
	if (plan->chat.log != NULL)
		printf("log: what is said, appended to %s\n", plan->chat.log);
}

/* What is reported elsewhere. */
static void
explain_service(const struct plan *plan)
{
	const struct plan_service	*s = &plan->service;
	char				 buf[TIME_TEXT_MAX];

	if (s->port_file != NULL)
		printf("told: the port, to the file %s\n", s->port_file);
	if (s->ready_fd != 0)
		printf("told: the port, to descriptor %d\n", s->ready_fd);
	if (s->stats)
		printf("told: figures of each session, to standard error\n");
	if (s->tcp_info != NULL)
		printf("told: the system's TCP figures every %s, to the file "
		    "%s\n", explain_time(s->tcp_info_every, buf), s->tcp_info);
}

/* What is made of the input; "all" has no end but the input's. */
static void
explain_frames_out(const struct plan *plan)
{
	const struct plan_frame	*frame = &plan->frame;

	if (frame->how != FRAME_NONE)
		printf("%s a message (%s) of at most %" PRIu64 " bytes -> ",
		    frame->input_all ? "all of it" : "each line",
		    framing_name(frame->how), frame->max);
}

static void
explain_frames_in(const struct plan *plan)
{
	const struct plan_frame	*frame = &plan->frame;

	if (frame->how != FRAME_NONE)
		printf("messages (%s) of at most %" PRIu64 " bytes, %s -> ",
		    framing_name(frame->how), frame->max,
		    frame->output_raw ? "as they are" : "LF behind each");
}

static void
explain_copy(const struct plan *plan, const char *what, const char *path)
{
	if (path != NULL)
		printf("copy: %s %s %s\n", what, plan->taps.append ?
		    "at the end of" : "to", path);
}

/* What stands next to the wire, in all modes. */
static void
explain_wire(const struct plan *plan)
{
	const struct plan_taps	*taps = &plan->taps;

	if (plan->subject == PLAN_SCAN)
		return;
	if (taps->telnet)
		printf("telnet: questions are answered, %s\n",
		    taps->telnet_clean ? "and no part of the data" :
		    "and stay in the data");
	explain_copy(plan, "hex dump with directions", taps->dump);
	explain_copy(plan, "hex dump", taps->dump_bare);
	explain_copy(plan, "the traffic", taps->output);
}

/* The pauses of what is sent; the other way there is one kind of them. */
static void
explain_pause(const struct plan *plan, bool sent)
{
	char	buf[TIME_TEXT_MAX];

	if (sent && plan->interval > 0 && plan->taps.delay <= 0)
		printf("a %s %s %s -> ",
		    plan->frame.how != FRAME_NONE ? "message" : "line",
		    plan->taps.gap_first ? "after" : "every",
		    explain_time(plan->interval, buf));
	if (plan->taps.delay > 0)
		printf("a pause of %s -> ",
		    explain_time(plan->taps.delay, buf));
}

/* What the bytes go through. */
static void
explain_flows(const struct plan *plan)
{
	if (explain_is_probe(plan) || plan->near == PLAN_ECHO ||
	    plan->near == PLAN_HUB || plan->near == PLAN_PASS ||
	    plan->exec.handover)
		return;
	if (plan->no_stdin && plan->ninputs == 0)
		printf("send: nothing\n");
	else {
		printf("send: near -> ");
		explain_pause(plan, true);
		if (plan->crlf)
			printf("LF to CR LF -> ");
		explain_frames_out(plan);
		if (plan->type == TYPE_DGRAM)
			printf("datagrams of at most %zu bytes -> ",
			    plan->block);
		printf("far\n");
	}
	printf("receive: far -> ");
	explain_pause(plan, false);
	explain_frames_in(plan);
	printf("%s\n", plan->no_stdout ? "nowhere" : "near");
}

/*
 * Which rules may apply is known from the input that we have; which of the
 * last ones does, when the peer has ended.
 */
static void
explain_far_rules(const struct plan *plan)
{
	const struct fd	in = { .num = STDIN_FILENO,
			    .kind = fd_classify(STDIN_FILENO) };
	const struct fd	out = { .num = STDOUT_FILENO,
			    .kind = fd_classify(STDOUT_FILENO) };
	enum far_rule	rule, last;
	char		text[FAR_RULE_TEXT_MAX];

	rule = last = plan->ninputs > 0 ? RULE_RECEIVED :
	    fd_far_rule(&in, &out);
	/* The output of several sessions stays open. */
	if (rule == RULE_FILTER && plan->keep_open)
		rule = last = RULE_RECEIVED;
	if (rule == RULE_FILTER)
		last = RULE_SHARED;
	if (rule == RULE_RECEIVED)
		last = RULE_SILENT;
	for (; rule <= last; rule++)
		printf("end of peer: %s\n",
		    policy_far_text(&plan->end, rule, text));
}

static void
explain_far_end(const struct plan *plan)
{
	static const char	*const far[] = {
		[FAR_WAIT] = "go on sending until the input ends",
		[FAR_IDLE] = "send what is there now, then over",
		[FAR_KEEP_INPUT] = "send what was read, then over"
	};

	/* Datagrams have no end, and nobody confirms them. */
	if (plan->type == TYPE_DGRAM && plan->near == PLAN_STDIO)
		return;
	if (plan->no_stdin && plan->ninputs == 0)
		printf("end of peer: over\n");
	else if (plan->no_stdout)
		printf("end of peer: %s\n", far[FAR_WAIT]);
	else if (plan->end.far_eof == FAR_BY_INPUT)
		explain_far_rules(plan);
	else
		printf("end of peer: %s\n", far[plan->end.far_eof]);
	if (plan->end.confirm)
		printf("success: when the peer has all\n");
}

static void
explain_ends(const struct plan *plan)
{
	static const char	*const near[] = {
		[NEAR_HALF_CLOSE] = "tell the peer, go on receiving",
		[NEAR_KEEP] = "say nothing, go on receiving",
		[NEAR_CLOSE] = "over when all is sent"
	};

	if (explain_is_probe(plan) || plan->near == PLAN_ECHO ||
	    plan->near == PLAN_HUB || plan->near == PLAN_PASS ||
	    plan->exec.handover)
		return;
	printf("end of input: %s%s%s\n", near[plan->end.near_eof],
	    plan->end.delay_half_close &&
	    plan->end.near_eof == NEAR_HALF_CLOSE ?
	    "; a talking peer when it pauses" : "",
	    plan->end.null_keeps ? "; nothing to send does not count" : "");
	explain_far_end(plan);
	printf("failure: %s, %s\n",
	    plan->quiet_reset ? "not a reset peer" : "a reset peer",
	    plan->closed_stdout_ok ? "not a closed output" :
	    "a closed output");
}

/* How often, and how long the pauses are. */
static void
explain_tries(const struct plan_retry *retry, int n)
{
	char	buf[TIME_TEXT_MAX];

	if (n < 0)
		printf("as often as it takes");
	else
		printf("%d more time%s", n, n == 1 ? "" : "s");
	printf(", after %s", explain_time(retry->delay, buf));
	if (retry->delay_most > retry->delay)
		printf(" and up to %s", explain_time(retry->delay_most, buf));
	putchar('\n');
}

static void
explain_retry(const struct plan *plan)
{
	const struct plan_retry	*retry = &plan->retry;

	if (retry->retries != 0 && !retry->busy_only) {
		printf("a failure: tried again ");
		explain_tries(retry, retry->retries);
	}
	if (retry->reconnect) {
		printf("an end: connected again, tried ");
		explain_tries(retry, retry->returns);
	}
}

static void
explain_limit(const char *name, int64_t nsec)
{
	char	buf[TIME_TEXT_MAX];

	if (nsec >= 0)
		printf("limit: %s %s\n", name, explain_time(nsec, buf));
}

static void
explain_socket_flag(const char **gap, bool on, const char *name)
{
	if (on) {
		printf("%s%s", *gap, name);
		*gap = ", ";
	}
}

static void
explain_socket_number(const char **gap, bool on, const char *name, int n)
{
	if (on) {
		printf("%s%s %d", *gap, name, n);
		*gap = ", ";
	}
}

/* What was asked of the socket; no line when nothing was. */
static void
explain_socket(const struct plan *plan)
{
	const struct sockopt_set	*o = &plan->sock;
	static const char		 none[] = "socket: ";
	const char			*gap = none;

	explain_socket_flag(&gap, o->debug, "debug");
	explain_socket_flag(&gap, o->broadcast, "broadcast");
	explain_socket_flag(&gap, o->keepalive, "keepalive");
	explain_socket_flag(&gap, o->md5, "MD5 signatures");
	explain_socket_number(&gap, o->rcvbuf > 0, "receive buffer", o->rcvbuf);
	explain_socket_number(&gap, o->sndbuf > 0, "send buffer", o->sndbuf);
	explain_socket_number(&gap, o->tos >= 0, "type of service", o->tos);
	explain_socket_number(&gap, o->ttl >= 0, "ttl", o->ttl);
	explain_socket_number(&gap, o->min_ttl >= 0, "least ttl", o->min_ttl);
	explain_socket_number(&gap, o->backlog >= 0, "backlog", o->backlog);
	if (gap != none)
		putchar('\n');
}

static void
explain_kind(const struct plan *plan)
{
	const char	*gap = "route: ";

	for (size_t i = 0; i < plan->nhops; i++, gap = ", ")
		printf("%s%s", gap, plan->hops[i]);
	if (plan->nhops > 0)
		putchar('\n');
	for (size_t i = 0; i < plan->sock.nnamed; i++)
		printf("option: %s=%s\n", plan->sock.named[i].row->name,
		    plan->sock.named[i].text);
	if (plan->urgent.shown)
		printf("urgent data: told of, and left in its place\n");
	if (plan->urgent.sent)
		printf("urgent data: each byte 0x%02x of the input\n",
		    plan->urgent.mark);
}

/* How a range is gone through, and how datagram ports are asked. */
static void
explain_scan(const struct plan *plan)
{
	const struct plan_scan	*scan = &plan->scan;
	char			 buf[TIME_TEXT_MAX];

	if (scan->paced)
		printf("ports: one by one, %s between two\n",
		    explain_time(plan->interval, buf));
	else if (scan->max_inflight > 0)
		printf("ports: at most %d at once\n", scan->max_inflight);
	if (plan->type != TYPE_DGRAM || plan->family == FAMILY_UNIX)
		return;
	if (scan->unasked)
		printf("ask: nothing; every port counts as open\n");
	else
		printf("ask: datagrams of one byte, for %s\n",
		    explain_time(scan->wait, buf));
}

int
plan_explain(const struct plan *plan)
{
	printf("personality: %s\n", dialect_of(plan->compat)->name);
	explain_near(plan);
	if (plan->subject == PLAN_LISTEN)
		explain_listen(plan);
	else if (plan->subject == PLAN_INHERIT)
		explain_inherit(plan);
	else
		explain_connect(plan);
	if (plan->subject == PLAN_SCAN)
		explain_scan(plan);
	explain_people(plan);
	explain_socket(plan);
	explain_kind(plan);
	explain_wire(plan);
	explain_flows(plan);
	explain_ends(plan);
	explain_retry(plan);
	explain_limit("everything", plan->deadline);
	explain_limit("connecting", plan->connect_timeout);
	if (plan->subject == PLAN_LISTEN)
		explain_limit("waiting for a peer", plan->accept_timeout);
	explain_limit(plan->end.silences > 0 ? "the second silence" : "silence",
	    plan->end.idle);
	explain_limit("one session", plan->end.total);
	explain_limit("after the end of input", plan->end.linger);
	if (plan->end.answer_wait > 0)
		explain_limit("silence after the end of input",
		    plan->end.answer_wait);
	if (plan->end.max_reads > 0)
		printf("limit: reads %u\n", plan->end.max_reads);
	explain_service(plan);
	return fflush(stdout) == 0 ? 0 : 1;
}

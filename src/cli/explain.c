#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/subjects.h"
#include "io/fd.h"

/*
 * A sealed plan in words, as a pipeline: from the near end through the
 * filters to the far end, and the ends of sessions. People compare this
 * text; the text changes with the plan's meaning only.
 */

/* Prints a time between two texts. */
static void
explain_time(const char *before, int64_t nsec, const char *after)
{
	char	buf[TIME_TEXT_MAX];

	printf("%s%s%s", before, time_text(nsec, buf), after);
}

static bool
explain_is_probe(const struct plan *plan)
{
	return plan->subject == PLAN_SCAN || plan->subject == PLAN_WAIT;
}

/* ---- The near end ------------------------------------------------------- */

/* The command, and how the command is connected to the peer. */
static void
explain_command(const struct plan *plan)
{
	static const char	*const records[] = {
		[DGRAM_RECORD] = "over pipes, one datagram at a time",
		[DGRAM_LINE] = "over pipes, a line is a datagram",
		[DGRAM_BLOCK] = "over pipes"
	};
	const struct plan_exec	*exec = &plan->exec;

	printf("local: %s \"%s\"; %s%s\n", exec->how == EXEC_SHELL ?
	    "/bin/sh -c" : exec->how == EXEC_SCRIPT ? exec->interpreter :
	    exec->how == EXEC_WORDS ? "program from PATH" : "program",
	    exec->command,
	    exec->handover ? "gets the socket itself" :
	    plan->type == TYPE_DGRAM ? records[plan->dgram] : "over pipes",
	    exec->with_stderr ? ", its errors go to the peer" : "");
	if (exec->amplify > 0 && plan->subject == PLAN_LISTEN &&
	    !plan_has_connections(plan))
		printf("answers: at most %d times what a peer has sent, until "
		    "the peer has answered\n", exec->amplify);
}

static void
explain_near(const struct plan *plan)
{
	static const char	*const stdio[2][2] = {
		{ "standard input and output", "standard input" },
		{ "standard output", "nothing" }
	};

	if (plan->near == PLAN_EXEC)
		explain_command(plan);
	else if (plan->near == PLAN_FORWARD)
		explain_forward(plan);
	else if (plan->near == PLAN_PROXY_SERVER)
		explain_proxy_server(plan);
	else
		printf("local: %s\n", plan->near == PLAN_ECHO ?
		    "an echo of what the peer sends" : plan->near == PLAN_PASS ?
		    "the program that takes the socket from standard output" :
		    explain_is_probe(plan) ? "nothing" :
		    stdio[plan->no_stdin][plan->no_stdout]);
	for (size_t i = 0; i < plan->ninputs; i++)
		printf("input: %s\n", plan->inputs[i]);
	if (plan->input_tag != NULL)
		printf("inputs: merged by line, each after the tag %s\n",
		    plan->input_tag);
}

static void
explain_chat(const struct plan *plan)
{
	const struct plan_chat	*chat = &plan->chat;
	const char		*name = chat->name != NULL &&
				    *chat->name != '\0' ? chat->name :
				    "the login name";

	if (plan->near == PLAN_HUB && plan->hub == HUB_TALK)
		printf("room: your name is %s; what you type goes to all\n"
		    "shown: who comes and leaves, and each line after %sits "
		    "speaker's name, without control characters\n", name,
		    plan->timestamps ? "the time and " : "");
	if (plan->near == PLAN_CHAT)
		printf("chat: your name is %s; each line you type is sent "
		    "as it is\n", name);
	if (plan->near == PLAN_CHAT && plan->subject == PLAN_CONNECT &&
	    plan->type != TYPE_DGRAM)
		printf("room: if the peer's first line is a room's greeting, "
		    "lines that begin with a colon go to the room\n");
	if (plan->near == PLAN_CHAT)
		printf("shown: %s%s%s\n", chat->raw_text ?
		    "what the peer sends, as it is" : "each line of the peer, "
		    "without control characters; on a terminal after ",
		    chat->raw_text ? "" : plan->timestamps ?
		    "the time and its name" : "its name",
		    chat->bell ? ", and the bell rings" : "");
	/* Without flows of the standard streams, which would show them. */
	if (plan->near == PLAN_ECHO && plan->frame.how != FRAME_NONE)
		printf("messages: (%s) of at most %" PRIu64 " bytes go back; "
		    "invalid data ends the connection\n",
		    framing_name(plan->frame.how), plan->frame.max);
	if (plan->near == PLAN_ECHO && plan->serve.tag != NULL)
		printf("shown: what clients say, on standard error, each line "
		    "after the tag %s\n", plan->serve.tag);
	else if (plan->near == PLAN_ECHO && plan->verbose > 0)
		printf("shown: what clients say, on standard error, each line "
		    "after the client's address\n");
	explain_told(plan, TOLD_CHAT, "", "\n");
}

/* ---- The far end -------------------------------------------------------- */

static void
explain_ports(const struct plan *plan)
{
	const char	*gap = "";

	for (size_t i = 0; i < plan->nports; i++, gap = ",") {
		const struct port_range	*range = &plan->ports[i];

		if (plan->family == FAMILY_VSOCK)
			printf("%s", range->word);
		else
			printf(range->lo == range->hi ? "%s%u" : "%s%u-%u",
			    gap, range->lo, range->hi);
	}
}

/* The wildcard address of a listener. */
static const char *
explain_wildcard(const struct plan *plan)
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

/* The number of peers at a time, and how they are joined. */
static void
explain_peers(const struct plan *plan)
{
	static const char	*const who[] = {
		[STDIN_FIRST] = "the first", [STDIN_ALL] = "all",
		[STDIN_LAST] = "the last", [STDIN_NONE] = "none"
	};
	static const char	*const rooms[] = {
		[HUB_BROKER] = "bytes, as they come",
		[HUB_TALK] = "lines, after names",
		[HUB_NCAT] = "data, after numbers"
	};
	const struct plan_serve	*serve = &plan->serve;

	if (!serve->concurrent)
		printf("; %s\n", !plan->keep_open ? "one peer" :
		    plan_has_connections(plan) ? "one peer after the other" :
		    "all senders are heard");
	else if (!plan_has_connections(plan))
		printf("; at most %d peers at once, others are ignored\n",
		    serve->max_conns);
	else
		printf("; at most %d at once, others %s\n", serve->max_conns,
		    serve->turn_away ? "are turned away" : "wait");
	if (serve->concurrent && serve->per_host > 0)
		printf("peers: at most %d of one host at once\n",
		    serve->per_host);
	if (serve->concurrent && plan_has_connections(plan) &&
	    serve->per_host != 0 && serve->max_conns > 1 &&
	    plan->family != FAMILY_UNIX)
		printf("when full: a silent peer is dropped: of a host with "
		    "over a quarter of the places, after 1s%s\n",
		    serve->max_conns < PLACES_FEW ? "" :
		    "; of any host, after 10s");
	if (serve->workers > 0)
		printf("workers: %d processes on one port, each for at most %d "
		    "peers at once\n", serve->workers,
		    (serve->max_conns + serve->workers - 1) / serve->workers);
	if (serve->concurrent && plan->near == PLAN_HUB)
		printf("peers: each gets what the others and the input send: "
		    "%s%s\n", rooms[plan->hub],
		    plan->chat.password_file != NULL ?
		    "; a password is asked for" : "");
	if (serve->concurrent && plan->near == PLAN_STDIO &&
	    plan_has_connections(plan))
		printf("peers: input goes to %s, output merged by %s%s%s\n",
		    who[serve->stdin_for],
		    serve->merge == MERGE_LINE ? "line" : "chunk",
		    serve->tag != NULL ? ", after the tag " : "",
		    serve->tag != NULL ? serve->tag : "");
}

static void
explain_listen(const struct plan *plan)
{
	printf("remote: listen (%s) on ", plan_proto(plan));
	if (plan->service.activated > 0)
		printf("%d of LISTEN_FDS", plan->service.activated);
	else
		printf("%s%s%s", plan->local_host != NULL ? plan->local_host :
		    explain_wildcard(plan), plan_has_ports(plan) ? " port " :
		    "", !plan_has_ports(plan) ? "" : plan->any_port ? "any" :
		    plan->local_port);
	explain_peers(plan);
	for (size_t i = 0; i < plan->naccess; i++)
		printf("%s: %s%s\n", plan->access[i].deny ? "deny" : "allow",
		    plan->access[i].file ? "file " : "",
		    plan->access[i].spec);
	if (!plan->peer_filter)
		return;
	printf("peer: %s%s", plan->host, plan->nports > 0 ? " port " : "");
	explain_ports(plan);
	printf(" alone\n");
}

static void
explain_connect(const struct plan *plan)
{
	static const char	*const families[] = {
		[FAMILY_ANY] = "IPv6 or IPv4", [FAMILY_INET] = "IPv4",
		[FAMILY_INET6] = "IPv6", [FAMILY_UNIX] = "Unix",
		[FAMILY_VSOCK] = "virtual machines"
	};

	printf("remote: %s (%s) %s", plan->subject == PLAN_SCAN ? "probe" :
	    plan->subject == PLAN_WAIT ? "wait for" : "connect",
	    plan_proto(plan), plan->host);
	if (plan_has_ports(plan)) {
		printf(" port ");
		explain_ports(plan);
		printf("%s; %s%s%s", plan->random_ports ? " at random" : "",
		    families[plan->family], plan->numeric ? ", no names" : "",
		    plan->race_delay >= 0 ? ", tried in parallel" : "");
	}
	putchar('\n');
	if (plan->family == FAMILY_UNIX && plan->local_host != NULL)
		printf("from: %s\n", plan->local_host);
	else if (plan->local_host != NULL || plan->local_port != NULL)
		printf("from: %s port %s\n",
		    plan->local_host != NULL ? plan->local_host : "any",
		    plan->local_port != NULL ? plan->local_port : "any");
	if (plan->proxy.kind != PROXY_NONE)
		explain_proxy(&plan->proxy);
}

static void
explain_far(const struct plan *plan)
{
	const struct plan_service	*s = &plan->service;

	if (plan->subject == PLAN_LISTEN)
		explain_listen(plan);
	else if (plan->subject != PLAN_INHERIT && plan->device != NULL)
		printf("remote: %s, instead of the network\n", plan->device);
	else if (plan->subject != PLAN_INHERIT)
		explain_connect(plan);
	else if (s->peer_in == s->peer_out)
		printf("remote: the peer on descriptor %d\n", s->peer_in);
	else
		printf("remote: the peer on descriptors %d and %d\n",
		    s->peer_in, s->peer_out);
}

/* The order of a scan's ports, and how datagram ports are asked. */
static void
explain_scan(const struct plan *plan)
{
	const struct plan_scan	*scan = &plan->scan;

	if (scan->paced)
		explain_time("ports: one by one, ", plan->interval,
		    " between two\n");
	else if (scan->max_inflight > 0)
		printf("ports: at most %d at once\n", scan->max_inflight);
	if (plan->type != TYPE_DGRAM || plan->family == FAMILY_UNIX)
		return;
	if (scan->unasked)
		printf("ask: nothing; every port counts as open\n");
	else
		explain_time("ask: datagrams of one byte, for ", scan->wait,
		    "\n");
}

/* ---- The socket --------------------------------------------------------- */

/* The socket options; without any, there is no line. */
static void
explain_socket(const struct plan *plan)
{
	const struct sockopt_set	*o = &plan->sock;

	explain_told(plan, TOLD_SOCKET, "socket: ", ", ");
	for (size_t i = 0; i < o->mcast.njoins; i++)
		printf("group: join %s\n", o->mcast.joins[i].word);
	explain_told(plan, TOLD_MULTICAST, "multicast: ", ", ");
	for (size_t i = 0; i < plan->nhops; i++)
		printf("%s%s", i == 0 ? "route: " : ", ", plan->hops[i]);
	if (plan->nhops > 0)
		printf(plan->hop_pointer != HOP_POINTER ? "; pointer %d\n" :
		    "\n", plan->hop_pointer);
	for (size_t i = 0; i < o->nnamed; i++)
		printf("option: %s=%s\n", o->named[i].row->name,
		    o->named[i].text);
	explain_told(plan, TOLD_URGENT, "", "\n");
	if (plan->urgent.sent)
		printf("urgent data: each byte 0x%02x of the input\n",
		    plan->urgent.mark);
}

/* ---- The flows ---------------------------------------------------------- */

static const char *
explain_local(const struct plan *plan)
{
	return plan->near == PLAN_FORWARD ? "target" : "local";
}

static void
explain_send(const struct plan *plan)
{
	const struct plan_frame	*frame = &plan->frame;
	bool			 framed = frame->how != FRAME_NONE;

	printf("send: %s -> ", explain_local(plan));
	if (plan->taps.delay > 0)
		explain_time("a pause of ", plan->taps.delay, " -> ");
	else if (plan->interval > 0) {
		printf("a %s ", framed ? "message" : "line");
		explain_time(plan->taps.gap_first ? "after " : "every ",
		    plan->interval, " -> ");
	}
	if (plan->crlf)
		printf("LF to CR LF -> ");
	if (framed)
		printf("%s a message (%s) of at most %" PRIu64 " bytes -> ",
		    frame->input_all ? "all of it" : "each line",
		    framing_name(frame->how), frame->max);
	if (plan->type == TYPE_DGRAM)
		printf("datagrams of at most %zu bytes -> ", plan->block);
	printf("remote\n");
}

static void
explain_receive(const struct plan *plan)
{
	const struct plan_frame	*frame = &plan->frame;

	printf("receive: remote -> ");
	if (plan->taps.delay > 0)
		explain_time("a pause of ", plan->taps.delay, " -> ");
	if (frame->how != FRAME_NONE)
		printf("messages (%s) of at most %" PRIu64 " bytes, %s -> ",
		    framing_name(frame->how), frame->max,
		    frame->output_raw ? "as they are" : "LF after each");
	if (plan->timestamps && plan->near == PLAN_STDIO)
		printf("the time before each line -> ");
	printf("%s\n", plan->no_stdout ? "nowhere" : explain_local(plan));
}

/* ---- The end ------------------------------------------------------------ */

/*
 * The kind of the input determines the rules that may apply; the last rules
 * depend on the side that has sent data when the peer has ended.
 */
static void
explain_far_end(const struct plan *plan)
{
	static const char	*const far[] = {
		[FAR_WAIT] = "go on sending until the input ends",
		[FAR_IDLE] = "send what is there now, then quit",
		[FAR_KEEP_INPUT] = "send what was read, then quit"
	};
	const struct fd	in = { .num = STDIN_FILENO,
			    .kind = fd_classify(STDIN_FILENO) };
	const struct fd	out = { .num = STDOUT_FILENO,
			    .kind = fd_classify(STDOUT_FILENO) };
	enum far_rule	rule, last;
	char		text[FAR_RULE_TEXT_MAX];

	/* Datagrams have no end, and are not acknowledged. */
	if (plan->type == TYPE_DGRAM && plan->near == PLAN_STDIO)
		return;
	rule = plan->ninputs > 0 ? RULE_RECEIVED : fd_far_rule(&in, &out);
	/* The output of several sessions stays open. */
	if (rule == RULE_FILTER && plan->keep_open)
		rule = RULE_RECEIVED;
	last = rule == RULE_FILTER ? RULE_SHARED :
	    rule == RULE_RECEIVED ? RULE_SILENT : rule;
	if (plan->no_stdin && plan->ninputs == 0)
		printf("end of peer: quit\n");
	else if (plan->no_stdout || plan->end.far_eof != FAR_BY_INPUT)
		printf("end of peer: %s\n", far[plan->no_stdout ? FAR_WAIT :
		    plan->end.far_eof]);
	else
		for (; rule <= last; rule++)
			printf("end of peer: %s\n",
			    policy_far_text(&plan->end, rule, text));
	if (plan->end.confirm)
		printf("success: when the peer has received everything\n");
}

static void
explain_ends(const struct plan *plan)
{
	static const char	*const near[] = {
		[NEAR_HALF_CLOSE] = "tell the peer, go on receiving",
		[NEAR_KEEP] = "say nothing, go on receiving",
		[NEAR_CLOSE] = "quit when all is sent"
	};
	const struct end_policy	*end = &plan->end;

	printf("end of input: %s%s%s\n", near[end->near_eof],
	    end->delay_half_close && end->near_eof == NEAR_HALF_CLOSE ?
	    "; if the peer is sending, wait for a pause" : "",
	    end->null_keeps ? "; /dev/null does not count" : "");
	explain_far_end(plan);
	printf("failure: %s\n", plan->tolerant ?
	    "not a reset connection, nor a closed output" :
	    "also a reset connection, a closed output");
}

static void
explain_tries(const char *what, const struct plan_retry *retry, int n)
{
	if (n < 0)
		printf("%s without limit", what);
	else
		printf("%s %d time%s", what, n, n == 1 ? "" : "s");
	explain_time(", after ", retry->delay, "");
	if (retry->delay_most > retry->delay)
		explain_time(" and up to ", retry->delay_most, "");
	putchar('\n');
}

static void
explain_limits(const struct plan *plan)
{
	const struct end_policy		*end = &plan->end;
	const struct plan_retry		*retry = &plan->retry;
	bool				 tls = plan->tls.on &&
					    !plan_is_tls_server(plan) &&
					    plan->connect_timeout < 0 &&
					    plan->handshake > 0;
	const struct { const char *what; int64_t nsec; } limits[] = {
		{ "the whole run ", plan->deadline },
		{ "connecting ", plan->connect_timeout },
		{ "the TLS handshake ", tls ? plan->handshake : -1 },
		{ "waiting for a peer ", plan->subject == PLAN_LISTEN ?
		    plan->accept_timeout : -1 },
		{ end->silences > 0 ? "the second silence " : "silence ",
		    end->idle },
		{ "one session ", end->total },
		{ "after the end of input ", end->linger },
		{ "silence after the end of input ", end->answer_wait > 0 ?
		    end->answer_wait : -1 }
	};

	if (retry->retries != 0 && !retry->busy_only)
		explain_tries("retry:", retry, retry->retries);
	if (retry->reconnect)
		explain_tries("reconnect:", retry,
		    retry->returns);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].nsec >= 0) {
			printf("limit: ");
			explain_time(limits[i].what, limits[i].nsec, "\n");
		}
	if (end->max_reads > 0)
		printf("limit: reads %u\n", end->max_reads);
}

/* Reports to files, descriptors and standard error; the sandbox. */
static void
explain_service(const struct plan *plan)
{
	const struct plan_service	*s = &plan->service;

	explain_told(plan, TOLD_SERVICE, "", "\n");
	if (s->stats != STATS_NONE)
		printf("report: metrics of each session%s, to standard error\n",
		    s->stats == STATS_JSON ? " as JSON" : "");
	if (s->tcp_info != NULL) {
		explain_time("report: TCP metrics every ",
		    s->tcp_info_every, ", to the file ");
		puts(s->tcp_info);
	}
	if (plan->progress.when != PROGRESS_NEVER)
		printf("report: the progress, to standard error%s\n",
		    plan->progress.when == PROGRESS_TTY ?
		    " if that is a terminal" : "");
	explain_told(plan, TOLD_TRANSFER, "", "\n");
	if (plan->sandbox == SANDBOX_OFF || plan->sandbox == SANDBOX_REQUIRE)
		printf("sandbox: %s\n", plan->sandbox == SANDBOX_OFF ? "off" :
		    "required");
}

int
plan_explain(const struct plan *plan)
{
	printf("personality: %s\n", dialects[plan->compat]->name);
	explain_near(plan);
	explain_far(plan);
	explain_copies(plan);
	if (plan->subject == PLAN_SCAN)
		explain_scan(plan);
	explain_told(plan, TOLD_PROXYP, "", "\n");
	explain_proxyp(plan);
	explain_tls(plan);
	explain_chat(plan);
	explain_socket(plan);
	if (plan->taps.telnet && plan->subject != PLAN_SCAN)
		printf("telnet: questions are answered, and %s\n",
		    plan->taps.telnet_clean ? "no part of the data" :
		    "stay in the data");
	if (plan->subject != PLAN_SCAN)
		explain_told(plan, TOLD_COPY, "", "\n");
	explain_faults(plan);
	if (plan->near == PLAN_FORWARD && plan->frame.how == FRAME_NONE) {
		explain_send(plan);
		explain_receive(plan);
	}
	/* Bytes cross between near and far by way of this program. */
	if (!explain_is_probe(plan) && !plan->exec.handover &&
	    (plan->near == PLAN_STDIO || plan->near == PLAN_EXEC ||
	    plan->near == PLAN_CHAT)) {
		if (plan->no_stdin && plan->ninputs == 0)
			printf("send: nothing\n");
		else
			explain_send(plan);
		explain_receive(plan);
		explain_ends(plan);
	}
	explain_limits(plan);
	explain_service(plan);
	return fflush(stdout) == 0 ? 0 : 1;
}

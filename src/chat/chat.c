/*
 * A chat with exactly one peer; and --edit: a person at a terminal, and any
 * peer, for whom lines are edited before they are sent, and text is made inert.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/num.h"
#include "base/diag.h"
#include "base/text.h"
#include "chat/chat.h"
#include "chat/chat_lines.h"
#include "chat/chat_room.h"
#include "chat/chat_tls.h"
#include "chat/group_chat.h"
#include "chat/name_look.h"
#include "chat/transcript.h"
#include "console/console.h"
#include "filter/sanitize.h"

#define NAME_MAX_SHOWN	40
/* After this time, a message says what the chat waits for. */
#define SECURING_LONG	(2 * NSEC_PER_SEC)
#define UNCONFIRMED_LONG	(10 * NSEC_PER_SEC)
/* Between two messages about an unreachable peer. */
#define COMPLAINT_EVERY	(10 * NSEC_PER_SEC)

struct chat {
	struct run		*run;
	bool			 console;	/* a person at a terminal */
	bool			 shown;		/* each line with a name */
	char			 me[CHAT_NAME_MAX];
	char			 peer[CHAT_NAME_MAX];
	char			 host[CHAT_NAME_MAX];	/* the peer's */
	struct chat_names	 names;
	bool			 left;		/* the peer has said so */
	int64_t			 complain_at;	/* no message before */
	struct addr		 peer_addr, local_addr;
	struct transcript	*transcript;
	struct chat_room	 room;
	struct chat_tls		 tls;
	struct task		 leave, info, tell_name;
	struct timer		 unconfirmed;	/* since the last line */
	struct timer		 quitting;	/* since the peer's ":q" */
	struct timer		 securing;	/* since the handshake began */
	struct filter		*early;		/* of commands without a peer */
	struct ring		 unsent;	/* lines of that time */
};

static const char help_room[] =
    ":who, :name NAME and other lines that begin with a colon go to the "
    "room; ::TEXT sends a line that begins with a colon";

/* ":q" acts as the end of the input. */
static void
chat_on_leave(void *arg)
{
	struct chat *c = arg;

	if (c->run->in_session)
		session_near_ended(&c->run->session);
	else
		loop_stop(c->run->loop);
}

/* Obeys commands typed before there is a peer; drops the rest. */
static void
chat_on_early(void *arg)
{
	struct chat *c = arg;
	unsigned char typed[1024];
	const struct iovec iov = { .iov_base = typed,
	    .iov_len = sizeof(typed) };
	struct iovec room[2];
	size_t n = 0;
	enum io io = IO_OK;

	while (c->run->near.in.ready && io == IO_OK) {
		io = half_read(&c->run->near.in, &iov, 1, &n);
		if (io == IO_EOF || io == IO_FAIL)
			loop_stop(c->run->loop);
		if (io != IO_OK || ring_space(&c->unsent, room, 1) == -1)
			return;
		c->early->ops->push(c->early, typed, n, false, &c->unsent);
		if (ring_used(&c->unsent) > 0)
			diag_warnx("not sent: the peer is not here yet");
		ring_free(&c->unsent);
	}
}

/* Runs in the next turn, when the lines typed before have been sent. */
static void
chat_on_info(void *arg)
{
	const struct chat *c = arg;
	const struct run *r = c->run;
	char peer[ENDPOINT_NAME_MAX], own[ENDPOINT_NAME_MAX];
	int64_t rtt;

	if (!r->in_session) {
		diag_warnx("the peer is not here yet");
		return;
	}
	run_peer_name(r->plan, NULL, &c->peer_addr, peer, sizeof(peer));
	run_peer_name(r->plan, NULL, &c->local_addr, own, sizeof(own));
	diag_warnx("%s at %s; here %s", c->peer, peer, own);
	diag_warnx("connected for %" PRId64 " s; sent %" PRIu64
	    " bytes, received %" PRIu64,
	    (loop_now(r->loop) - r->session.started) / NSEC_PER_SEC,
	    r->session.up.ledger.written, r->session.down.ledger.read);
	if (r->far.out.top != NULL && r->far.out.fd != NULL &&
	    (rtt = fd_round_trip(r->far.out.fd)) >= 0)
		diag_warnx("round-trip time %.3f ms",
		    (double)rtt / (double)NSEC_PER_MSEC);
	if (r->session.opt.tcp && session_unacked(&r->session) > 0)
		diag_warnx("%zu bytes not confirmed",
		    session_unacked(&r->session));
	chat_tls_info(&c->tls);
}

/* The peer's system has not acknowledged the last line. */
static void
chat_on_unconfirmed(void *arg)
{
	const struct chat *c = arg;
	const struct run *r = c->run;

	if (r->in_session && r->session.opt.tcp &&
	    session_unacked(&r->session) > 0)
		diag_warnx("not confirmed for %" PRId64 " s: %s may not have "
		    "got the last line", UNCONFIRMED_LONG / NSEC_PER_SEC,
		    c->peer);
}

static void
chat_on_securing_long(void *arg)
{
	const struct chat *c = arg;

	diag_warnx("waiting for the TLS handshake: no answer yet%s",
	    c->console ? "; :q gives up" : "");
}

static void
chat_rename(struct chat *c, const char *name)
{
	if (!chat_names_fit(name)) {
		diag_warnx("a name is a word of at most %d letters, digits, "
		    "dots, - and _", CHAT_NAME_CHARS);
		return;
	}
	(void)strlcpy(c->me, name, sizeof(c->me));
	c->room.offer = c->me;
	chat_names_own(&c->names, name);
	transcript_name(c->transcript, SPEAKER_ME, name);
	chat_room_prompt(&c->room);
	if (!c->run->in_session)
		return;
	c->names.told = true;
	loop_post(c->run->loop, &c->tell_name);
}

/* Returns false if the line is no command, but text. */
static bool
chat_on_command(void *arg, const char *word)
{
	struct chat *c = arg;
	bool room = chat_room_takes_commands(&c->room);

	if (chat_names_is_quit(word))
		loop_post(c->run->loop, &c->leave);
	else if (strcmp(word, ":help") == 0 || strcmp(word, ":h") == 0 ||
	    strcmp(word, "/help") == 0) {
		commands_help(console_edits(&c->run->near));
		chat_tls_help(&c->tls);
		if (room)
			diag_warnx("%s", help_room);
	} else if (strcmp(word, ":info") == 0)
		loop_post(c->run->loop, &c->info);
	else if (chat_tls_command(&c->tls, word, c->peer))
		transcript_name(c->transcript, SPEAKER_PEER, c->peer);
	else if (room)
		return false;
	else if (strcmp(word, ":me") == 0 || strcmp(word, "/me") == 0)
		diag_warnx("usage: %s TEXT", word);
	else if (strncmp(word, ":name ", 6) == 0)
		chat_rename(c, word + 6);
	else if (strcmp(word, ":name") == 0)
		diag_warnx("you are called %s (:name NAME changes that)",
		    c->me);
	else if (word[0] == ':')
		diag_warnx("no such command: %s (:help lists them; :%s sends "
		    "it)", word, word);
	else
		return false;
	return true;
}

/* The peer has sent its name. */
static void
chat_on_name(void *arg, const char *name)
{
	struct chat *c = arg;

	char shown[CHAT_NAME_MAX + ADDR_HOST_MAX];

	if (!chat_tls_allows_name(&c->tls, name, c->peer))
		return;
	/* Two may have one name, and no name has an "@". */
	(void)snprintf(shown, sizeof(shown), "%s%s%s", name,
	    strcasecmp(name, c->me) == 0 ? "@" : "",
	    strcasecmp(name, c->me) == 0 ? c->host : "");
	shown[sizeof(c->peer) - 1] = '\0';
	if (strcmp(shown, c->peer) == 0)
		return;
	diag_warnx("%s is now called %s", c->peer, shown);
	(void)strlcpy(c->peer, shown, sizeof(c->peer));
	transcript_name(c->transcript, SPEAKER_PEER, shown);
}

/* The peer's ":q" is its end, without a LF after a pause. */
static void
chat_on_quit(void *arg, bool whole)
{
	struct chat *c = arg;

	if (whole) {
		c->left = true;
		loop_post(c->run->loop, &c->leave);
	} else
		timer_set(c->run->loop, &c->quitting,
		    loop_now(c->run->loop) + TEXT_PAUSE);
}

static void
chat_on_quitting(void *arg)
{
	struct chat *c = arg;

	if (c->names.quitting)
		chat_on_quit(c, true);
}

static void
chat_tell_later(void *arg)
{
	struct chat *c = arg;

	if (c->console)
		loop_post(c->run->loop, &c->tell_name);
}

static void
chat_tell_name(void *arg)
{
	struct chat *c = arg;
	char line[CHAT_NAME_MAX + 16];

	if (!c->run->in_session)
		return;
	/* The log has the lines typed before, and not this line. */
	c->room.logged = console_waiting(&c->run->near);
	c->room.hidden++;
	chat_names_line(&c->names, line, sizeof(line));
	console_type(&c->run->near, line);
}

static int
chat_open_console(struct chat *c, struct error *err)
{
	struct run *r = c->run;
	char prompt[CHAT_NAME_MAX + 4];
	const struct console_options opt = {
	    .colour = c->shown && console_colour_ok(), .labels = true,
	    .prompt = prompt, .apart = !c->shown,
	    .timestamps = r->plan->timestamps };

	(void)snprintf(prompt, sizeof(prompt), "%s> ", c->me);
	if (endpoint_console(&r->near, r->loop, &opt, err) == -1)
		return -1;
	if (opt.apart && !r->plan->no_stdout &&
	    endpoint_stdout(&r->near, err) == -1)
		return -1;
	c->early = filter_commands(NULL, c->me, chat_on_command, c);
	if (c->early == NULL) {
		error_set(err, errno, "start", "the chat");
		return -1;
	}
	ring_init(&c->unsent, (size_t)64 << 10);
	r->near.notify = chat_on_early;
	r->near.user = c;
	return 0;
}

/* Without a terminal, the standard streams are the near end. */
static int
chat_open_streams(struct run *r, struct error *err)
{
	endpoint_init(&r->near, r->loop);
	if (!r->plan->no_stdin && endpoint_stdin(&r->near, err) == -1)
		return -1;
	return r->plan->no_stdout ? 0 : endpoint_stdout(&r->near, err);
}

static int
chat_open(struct run *r)
{
	struct chat *c = calloc(1, sizeof(*c));
	struct error err;
	int status;

	if (c == NULL) {
		error_set(&err, errno, "start", "the chat");
		return messages_failed(r->plan, &err);
	}
	r->chat = c;
	c->run = r;
	c->leave = (struct task){ .run = chat_on_leave, .arg = c };
	c->info = (struct task){ .run = chat_on_info, .arg = c };
	c->tell_name = (struct task){ .run = chat_tell_name, .arg = c };
	c->unconfirmed = (struct timer){ .fire = chat_on_unconfirmed,
	    .arg = c };
	c->securing = (struct timer){ .fire = chat_on_securing_long,
	    .arg = c };
	c->quitting = (struct timer){ .fire = chat_on_quitting, .arg = c };
	c->names = (struct chat_names){ .learned = chat_on_name,
	    .tell = chat_tell_later, .quits = chat_on_quit, .arg = c };
	c->shown = isatty(STDOUT_FILENO) && !r->plan->no_stdout &&
	    !r->plan->chat.raw_text;
	c->console = isatty(STDIN_FILENO) && !r->plan->no_stdin;
	c->names.heard = c->shown || c->console;
	/* Names are looked at in the sandbox, which opens no library. */
	(void)letters();
	if ((status = chat_tls_open(&c->tls, r->plan, c->console)) != 0)
		return status;
	(void)sanitize_text(chat_own_name(r->plan), c->me, NAME_MAX_SHOWN);
	chat_names_own(&c->names, c->me);
	if (transcript_open(&c->transcript, r->plan, c->me, &err) == -1 ||
	    (c->console ? chat_open_console(c, &err) :
	    chat_open_streams(r, &err)) == -1)
		return messages_failed(r->plan, &err);
	c->room = (struct chat_room){ .run = r, .me = c->me, .peer = c->peer,
	    .shown = c->shown, .names = &c->names, .log = c->transcript,
	    .offer = r->plan->chat.name != NULL ? c->me : NULL,
	    .tls = &c->tls };
	if (c->console)
		chat_room_init(&c->room);
	return 0;
}

void
chat_meet(struct chat *c, const struct addr *peer, const char *host,
    const struct addr *local, bool is_chat)
{
	char text[ADDR_HOST_MAX];

	c->peer_addr = *peer;
	c->local_addr = *local;
	addr_unmap(&c->peer_addr);
	addr_unmap(&c->local_addr);
	if (addr_family(peer) == AF_UNIX)
		host = "peer";
	else if (host == NULL)
		host = addr_host(&c->peer_addr, text, sizeof(text));
	(void)sanitize_text(host, c->host, NAME_MAX_SHOWN);
	(void)strlcpy(c->peer, c->host, sizeof(c->peer));
	c->left = false;
	transcript_name(c->transcript, SPEAKER_PEER, c->peer);
	transcript_mark(c->transcript, "chat with %s begins", c->peer);
	chat_names_meet(&c->names, is_chat);
}

/* Fills the prefix of each line of the peer. */
static void
chat_begin_line(void *arg, char buf[SANITIZE_PREFIX_MAX])
{
	const struct chat *c = arg;
	const struct plan_chat *opt = &c->run->plan->chat;
	char when[16] = "";

	if (c->run->plan->timestamps)
		stamp_now(when, sizeof(when), "%H:%M:%S ");
	if (opt->bell && c->console)
		console_bell(&c->run->near);
	if (c->shown)
		transcript_prefix(buf, SANITIZE_PREFIX_MAX, c->room.line, when,
		    c->peer);
}

static void
chat_log_received(void *arg, const unsigned char *in, size_t n, bool last)
{
	struct chat *c = arg;

	transcript_add(c->transcript, SPEAKER_PEER, in, n, last);
}

static void
chat_on_sent(void *arg, const unsigned char *in, size_t n, bool last)
{
	struct chat *c = arg;

	if (c->console && n > 0)
		timer_set(c->run->loop, &c->unconfirmed,
		    loop_now(c->run->loop) + UNCONFIRMED_LONG);
	if (!chat_room_hides(&c->room, in, n))
		transcript_add(c->transcript, SPEAKER_ME, in, n, last);
}

/* Adds filters of the peer's bytes, after those of the plan. */
static bool
chat_filter_received(struct chat *c, struct filter **chain)
{
	const struct plan_chat *plan = &c->run->plan->chat;
	const struct sanitize_options inert = { .finish_line = c->shown,
	    .prefix = c->shown || plan->bell ? chat_begin_line : NULL,
	    .arg = c };
	struct filter *f = NULL;

	if (!plan->raw_text && (f = filter_sanitize(&inert)) == NULL)
		return false;
	if (c->transcript != NULL &&
	    (f = filter_tee(f, chat_log_received, c)) == NULL)
		return false;
	if ((c->console || !plan->raw_text) &&
	    (f = filter_names(&c->names, f)) == NULL)
		return false;
	if (f == NULL)
		return true;
	if ((f = chat_room_hear(&c->room, f)) != NULL)
		*chain = *chain != NULL ? filter_chain(*chain, f) : f;
	return f != NULL && *chain != NULL;
}

static bool
chat_prepare(struct run *r, struct session_options *opt)
{
	struct chat *c = r->chat;
	struct filter *f = NULL, **sent = &opt->up.filter;

	/*
	 * A person leaves at once, and with the peer; the input of a script
	 * may be answered after its end.
	 */
	if (c->console) {
		opt->policy.near_eof = NEAR_CLOSE;
		opt->policy.far_eof = FAR_IDLE;
		opt->policy.null_keeps = opt->policy.delay_half_close = false;
	}
	if (!chat_filter_received(c, &opt->down.filter))
		return false;
	/* The filters of the typed lines stand before those of the plan. */
	if ((c->console || c->transcript != NULL) &&
	    (f = filter_tee(f, chat_on_sent, c)) == NULL)
		return false;
	if (c->console && (c->room.commands = f =
	    filter_commands(f, c->me, chat_on_command, c)) == NULL)
		return false;
	if (f != NULL)
		*sent = *sent != NULL ? filter_chain(f, *sent) : f;
	return f == NULL || *sent != NULL;
}

static bool
chat_not_delivered(struct run *r, int num)
{
	if (r->plan->type != TYPE_DGRAM)
		return false;
	diag_warnx("%s did not get the last line: %s", r->chat->peer,
	    reason_text(num));
	return true;
}

static bool
chat_may_complain(struct run *r)
{
	struct chat *c = r->chat;
	int64_t now = loop_now(r->loop);

	if (c == NULL || (!c->console && !isatty(STDERR_FILENO)) ||
	    now < c->complain_at)
		return false;
	c->complain_at = now + COMPLAINT_EVERY;
	return true;
}

static void
chat_tell_trying(struct run *r)
{
	/* With -v, each try is reported. */
	if (r->plan->verbose == 0 && r->chat != NULL)
		diag_warnx("still trying%s",
		    r->chat->console ? "; :q gives up" : "");
}

static void
chat_securing(struct run *r, bool begins)
{
	struct chat *c = r->chat;

	if (begins)
		timer_set(r->loop, &c->securing,
		    loop_now(r->loop) + SECURING_LONG);
	else
		timer_clear(r->loop, &c->securing);
}

static void
chat_ended(struct run *r, const struct session *s)
{
	timer_clear(r->loop, &r->chat->unconfirmed);
	timer_clear(r->loop, &r->chat->quitting);
	transcript_mark(r->chat->transcript, "chat with %s ends",
	    r->chat->peer);
	if (s->down.cause == FLOW_EOF || r->chat->left)
		REPORT(r->plan, EVENT_LEFT, .text = r->chat->peer);
	chat_tls_left(&r->chat->tls);
}

static void
chat_close(struct run *r)
{
	struct chat *c = r->chat;

	if (c == NULL)
		return;
	timer_clear(c->run->loop, &c->unconfirmed);
	timer_clear(c->run->loop, &c->quitting);
	timer_clear(c->run->loop, &c->securing);
	loop_unpost(c->run->loop, &c->leave);
	loop_unpost(c->run->loop, &c->info);
	loop_unpost(c->run->loop, &c->tell_name);
	if (transcript_failed(c->transcript) && c->run->status == 0)
		c->run->status = 1;
	transcript_close(c->transcript);
	chat_tls_close(&c->tls);
	filter_free(c->early);
	ring_free(&c->unsent);
	c->run->chat = NULL;
	free(c);
}

static void
chat_adapt_tls(struct run *r, struct tls_options *opt)
{
	if (r->chat != NULL)
		chat_tls_adapt(&r->chat->tls, opt);
}

static const char *
chat_keeps(struct run *r)
{
	return r->chat != NULL ? chat_tls_keeps(&r->chat->tls) : NULL;
}

static void
chat_on_secured(struct run *r, const struct tls_facts *facts)
{
	struct chat *c = r->chat;

	chat_tls_secured(&c->tls, facts, c->peer);
	transcript_name(c->transcript, SPEAKER_PEER, c->peer);
}

/* ---- --edit ------------------------------------------------------------- */

static int
chat_edit_open(struct run *r)
{
	bool shown = isatty(STDOUT_FILENO) && !r->plan->no_stdout;
	const struct console_options opt = { .colour = console_colour_ok(),
	    .apart = !shown, .peer_prompts = shown };
	struct error err;
	int rc;

	if (!isatty(STDIN_FILENO))
		rc = chat_open_streams(r, &err);
	else if ((rc = endpoint_console(&r->near, r->loop, &opt, &err)) == 0 &&
	    !shown && !r->plan->no_stdout)
		rc = endpoint_stdout(&r->near, &err);
	return rc == 0 ? 0 : messages_failed(r->plan, &err);
}

/* Adds the filter of the peer's bytes, after those of the plan. */
static bool
chat_edit_prepare(struct run *r, struct session_options *opt)
{
	struct filter *f = filter_sanitize(&(struct sanitize_options){
	    .finish_line = false });

	(void)r;
	opt->down.filter = opt->down.filter == NULL ? f :
	    filter_chain(opt->down.filter, f);
	return opt->down.filter != NULL;
}

const struct near_ops *
chat_near_ops(const struct plan *plan)
{
	static const struct near_ops ops = {
		.open = chat_open,
		.prepare = chat_prepare,
		.not_delivered = chat_not_delivered,
		.may_complain = chat_may_complain,
		.tell_trying = chat_tell_trying,
		.ended = chat_ended,
		.adapt_tls = chat_adapt_tls,
		.securing = chat_securing,
		.secured = chat_on_secured,
		.keeps = chat_keeps,
		.close = chat_close
	};
	static const struct near_ops operator = {
		.open = group_chat_open_operator
	};
	static const struct near_ops edit = {
		.open = chat_edit_open,
		.prepare = chat_edit_prepare
	};

	if (plan->near == PLAN_CHAT)
		return &ops;
	if (plan->edit)
		return &edit;
	return group_chat_is_attended(plan) ? &operator : NULL;
}

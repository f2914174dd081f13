/*
 * A group chat: its lines, commands and announcements.
 *
 * Laws: the lines are inert, and do not depend on where reads split them; a
 * line of more than GROUP_CHAT_LINE bytes goes on in pieces, none of which
 * ends within a character; a member that has sent only whole lines needs no
 * buffer.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/secret.h"
#include "base/tls.h"
#include "chat/chat_lines.h"
#include "chat/group_chat.h"
#include "chat/transcript.h"
#include "console/console.h"
#include "filter/sanitize.h"
#include "net/socket.h"

/* Each byte of a read may be a line with a name; the first ends a long line. */
#define BURST		((size_t)320 << 10)
/* The most names listed for a new member. */
#define NAMES_SHOWN	20

/* ---- Lines of the room -------------------------------------------------- */

static void
group_chat_log(struct room *room, const char *text, size_t n)
{
	transcript_add(room->log, SPEAKER_PEER, (const unsigned char *)text,
	    n, false);
}

/* "* ...\n"; returns its length. */
__attribute__((format(printf, 2, 0)))
static size_t
group_chat_format(char buf[512], const char *fmt, va_list ap)
{
	(void)strlcpy(buf, "* ", 3);
	(void)vsnprintf(buf + 2, 512 - 3, fmt, ap);
	return strlcat(buf, "\n", 512);
}

/* Sends "* ..." to all members but this (NULL: to all). */
__attribute__((format(printf, 3, 4)))
static void
group_chat_announce(struct room *room, struct member *but, const char *fmt,
    ...)
{
	char buf[512];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = group_chat_format(buf, fmt, ap);
	va_end(ap);
	room_broadcast(room, but != NULL ? &but->hub : NULL, buf, n, true);
	group_chat_log(room, buf, n);
}

/* Sends one line of the room, "* ...", to one member. */
__attribute__((format(printf, 2, 3)))
static void
group_chat_tell(struct hub_member *to, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = group_chat_format(buf, fmt, ap);
	va_end(ap);
	hub_send(to, buf, n);
}

/* ---- Lines of members --------------------------------------------------- */

/* The sender's input is used up for now: sends its lines. */
static void
group_chat_flush(struct room *room, struct hub_member *from)
{
	if (room->nout > 0) {
		room_broadcast(room, from, room->out, room->nout, false);
		group_chat_log(room, room->out, room->nout);
	}
	free(room->out);
	room->out = NULL;
	room->nout = 0;
}

static void
group_chat_announce_member(struct member *m)
{
	if (!m->announced)
		group_chat_announce(m->room, m, "%s has joined",
		    member_called(m));
	m->announced = true;
}

static void
group_chat_rename(struct member *m, const char *name)
{
	const char *wrong = group_chat_name_fault(m, name);
	char former[MEMBER_NAME_MAX];

	(void)strlcpy(former, member_called(m), sizeof(former));
	if (wrong == NULL && !group_chat_name(m, name))
		wrong = "the room is out of memory";
	if (wrong != NULL) {
		group_chat_tell(&m->hub, "%s", wrong);
		return;
	}
	if (m->announced && strcmp(former, name) != 0)
		group_chat_announce(m->room, m, "%s is now called %s", former,
		    name);
	group_chat_announce_member(m);
	group_chat_tell(&m->hub, "you are now called %s", name);
}

/* The words shown to each member by --chat --tls, for the operator. */
static void
group_chat_list_words(struct room *room)
{
	struct tls_facts facts;
	const char *const *w = facts.words;
	const struct member *m;
	unsigned n = 0;

	TAILQ_FOREACH(m, &room->members, link) {
		if (!m->in || !layer_facts(m->conn.ep.in.top, &facts) ||
		    w[0] == NULL)
			continue;
		n++;
		group_chat_tell(&room->near, "the words of %s are: "
		    "%s %s %s %s %s %s", member_called(m), w[0], w[1], w[2],
		    w[3], w[4], w[5]);
	}
	if (n == 0)
		group_chat_tell(&room->near, "no words to compare");
}

/* m: NULL for the operator. */
static void
group_chat_obey(struct room *room, struct member *m, const char *line)
{
	struct hub_member *h = m != NULL ? &m->hub : &room->near;

	if (chat_names_is_quit(line) && m != NULL)
		conn_leave(&m->conn, SESSION_EOF);
	else if (chat_names_is_quit(line))
		room_end(room);
	else if (strcmp(line, ":who") == 0)
		group_chat_list(room, h, "present: ", NULL, UINT32_MAX);
	else if (strcmp(line, ":help") == 0)
		group_chat_tell(h, "%s", m != NULL ?
		    ":name NAME changes your name; :who lists who is here; "
		    ":q or /quit leaves; ::TEXT sends a line that begins with "
		    "a colon" : ":who lists who is here, and from where; :kick "
		    "NAME sends a client away; :words lists the words that "
		    "clients inside TLS see; :q or /quit ends the room; "
		    "::TEXT sends a line that begins with a colon");
	else if (m == NULL && strcmp(line, ":words") == 0)
		group_chat_list_words(room);
	else if (m == NULL && strcmp(line, ":kick") == 0)
		group_chat_tell(h, "usage: :kick NAME");
	else if (m == NULL && strncmp(line, ":kick ", 6) == 0) {
		TAILQ_FOREACH(m, &room->members, link)
			if (m->in && strcmp(member_called(m), line + 6) == 0)
				break;
		if (m != NULL) {
			m->kicked = true;
			conn_leave(&m->conn, SESSION_EOF);
		} else
			group_chat_tell(h, "no member is called %.100s",
			    line + 6);
	} else if (m != NULL && strncmp(line, ":name", 5) == 0 &&
	    (line[5] == ' ' || line[5] == '\0'))
		group_chat_rename(m, line[5] == '\0' ? "" : line + 6);
	else
		group_chat_tell(h,
		    "no such command: %.40s (:help lists them)", line);
}

/* Obeys or passes on a line or a piece, inert. m NULL: the operator. */
static void
group_chat_line(struct room *room, struct member *m, char *line, size_t n,
    bool whole)
{
	struct hub_member *from = m != NULL ? &m->hub : &room->near;
	const char *name;

	if (m != NULL && !(whole && strncmp(line, ":name ", 6) == 0))
		group_chat_announce_member(m);
	/* ":name", but not ":)" nor ":D". */
	if (whole && (chat_names_is_quit(line) || (line[0] == ':' &&
	    isalpha((unsigned char)line[1]) &&
	    isalpha((unsigned char)line[2])))) {
		group_chat_flush(room, from);
		group_chat_obey(room, m, line);
		return;
	}
	if (m == NULL) {
		if (room->hub.n == 0 && !room->told_empty)
			group_chat_tell(from, "not sent: you are alone here");
		room->told_empty = room->hub.n == 0;
	}
	if (whole && line[0] == ':' && line[1] == ':') {
		line++;
		n--;
	}
	name = m != NULL ? member_called(m) : room->operator;
	if (room->nout + strlen(name) + n + 4 > GROUP_CHAT_RECORD)
		group_chat_flush(room, from);
	if (room->out == NULL &&
	    (room->out = malloc(GROUP_CHAT_RECORD)) == NULL) {
		room_report_loss(room, n + 1);
		return;
	}
	room->nout += (size_t)snprintf(room->out + room->nout,
	    GROUP_CHAT_RECORD - room->nout, "<%s> ", name);
	memcpy(room->out + room->nout, line, n);
	room->nout += n;
	room->out[room->nout++] = '\n';
}

/* ---- Bytes become lines ------------------------------------------------- */

static void
group_chat_end_line(struct room *room, struct member *m, struct line_buf *l,
    bool whole)
{
	if (!buf_reserve(&l->text, 1)) {
		room_report_loss(room, l->text.used + 1);
		return;
	}
	l->text.mem[l->text.used] = '\0';
	group_chat_line(room, m, l->text.mem, l->text.used,
	    whole && !l->long_line);
	l->text.used = 0;
	l->long_line = !whole;
}

/* Passes on a piece of an overlong line; the piece ends with a character. */
static void
group_chat_cut(struct room *room, struct member *m, struct line_buf *l)
{
	size_t n = l->text.used, more, most = 3;
	char rest[4];

	while (most-- > 0 && ((unsigned char)l->text.mem[n] & 0xc0) == 0x80)
		n--;
	more = l->text.used + 1 - n;
	memcpy(rest, l->text.mem + n, more);
	l->text.used = n;
	group_chat_end_line(room, m, l, false);
	memcpy(l->text.mem, rest, more);
	l->text.used += more;
}

static void
group_chat_add(struct room *room, struct member *m, struct line_buf *l,
    const char *text, size_t n)
{
	for (; n > 0; text++, n--) {
		if (*text == '\n') {
			if (l->text.used > 0 || !(l->long_line || l->paused))
				group_chat_end_line(room, m, l, true);
			l->long_line = l->paused = false;
			if (m != NULL && !m->in)
				return;		/* the member left */
			continue;
		}
		if (!buf_reserve(&l->text, 2)) {
			room_report_loss(room, n);
			return;
		}
		l->paused = false;
		l->text.mem[l->text.used] = *text;
		if (l->text.used == GROUP_CHAT_LINE - 1)
			group_chat_cut(room, m, l);
		else
			l->text.used++;
	}
}

/* m: NULL for the operator. n 0: nothing follows, so the last line ends. */
static void
group_chat_input(struct room *room, struct member *m, const unsigned char *in,
    size_t n)
{
	const struct sanitize_options opt = { .finish_line = true };
	struct line_buf *l = m != NULL ? &m->lines : &room->lines;
	struct buf_cache *buf_cache = loop_buf_cache(room->run->loop);
	struct iovec iov[2];
	int cnt;

	/*
	 * Between two lines all members share the room's filter: a filter costs
	 * more memory than the rest of a listening member.
	 */
	if (l->clean == NULL) {
		l->clean = room->clean != NULL ? room->clean :
		    filter_sanitize(&opt);
		room->clean = NULL;
	}
	if (l->clean != NULL)
		ring_borrow(&room->scratch, buf_cache);
	if (l->clean == NULL || ring_space(&room->scratch, iov, 1) == -1) {
		room_report_loss(room, n > 0 ? n : l->text.used);
		return;
	}
	l->clean->ops->push(l->clean, in, n, n == 0, &room->scratch);
	if (sanitize_is_idle(l->clean)) {
		if (room->clean == NULL)
			room->clean = l->clean;
		else
			filter_free(l->clean);
		l->clean = NULL;
	}
	cnt = ring_data(&room->scratch, iov, SIZE_MAX);
	for (int i = 0; i < cnt && (m == NULL || m->in); i++)
		group_chat_add(room, m, l, iov[i].iov_base, iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	ring_give(&room->scratch, buf_cache);
	group_chat_flush(room, m != NULL ? &m->hub : &room->near);
	if (l->text.used == 0)
		buf_free(&l->text);
}

/* ---- Coming and going --------------------------------------------------- */

/* The member has given the password, or there is no password. */
static void
group_chat_admit(struct member *m)
{
	struct room *room = m->room;
	bool alone = room->nin == 0 && !group_chat_has_operator(room);
	char text[MEMBER_NAME_MAX + 64];
	struct addr peer;

	group_chat_number(m);
	(void)snprintf(text, sizeof(text), "%s%s%s", &ROOM_WELCOME[2],
	    member_called(m), alone ? ROOM_ALONE : ROOM_HERE);
	group_chat_list(room, &m->hub, text, m, NAMES_SHOWN);
	group_chat_tell(&m->hub, ":q leaves, :help tells more");
	room->told_empty = false;
	/* A chat of ours may take its name at once, and is announced by it. */
	if (sockopt_peer_tos(&m->conn.ep.in_bottom.fd,
	    member_peer(m, &peer)) == CHAT_TOS)
		m->line_begun = conn_now(&m->conn);
	else
		group_chat_announce_member(m);
	room_admit(m);
}

static void
group_chat_arrived(struct member *m)
{
	if (m->room->password_len > 0)
		group_chat_ask(m, ROOM_ASKS "\n");
	else
		group_chat_admit(m);
}

static void
group_chat_received(struct room *room, struct member *m,
    const unsigned char *in, size_t n)
{
	bool right = false;
	size_t done = 0;

	if (m != NULL && !m->in && n > 0)
		done = group_chat_take_password(m, in, n, &right);
	if (right)
		group_chat_admit(m);
	if (m == NULL || (m->in && (n == 0 || done < n)))
		group_chat_input(room, m, in != NULL ? in + done : NULL,
		    n - done);
	if (m == NULL && n == 0 && !room->ending &&
	    group_chat_is_attended(room->run->plan))
		group_chat_tell(&room->near,
		    "the room goes on without you: ^C ends it");
}

/* After a pause, takes a begun line as whole: some clients send no LF. */
static void
group_chat_paused(struct member *m)
{
	if (m->in && !m->announced) {
		group_chat_announce_member(m);
		return;
	}
	if (m->in)
		group_chat_input(m->room, m, NULL, 0);
	else if (m->judge_at == 0 && (m->lines.text.used > 0 || m->overlong) &&
	    group_chat_judge_in_turn(m))
		group_chat_admit(m);
	m->lines.paused = true;
}

/*
 * The time of judge_at has come. Frees the bytes after the password when they
 * were passed on, as if they had come just now.
 */
static void
group_chat_judge_held(struct member *m)
{
	struct buf after = m->after;

	m->after = (struct buf){ .mem = NULL };
	m->judge_at = 0;
	m->hub.rests = false;
	if (group_chat_judge(m))
		group_chat_admit(m);
	if (after.used > 0 && m->conn.state == CONN_SERVING)
		m->hub.received(&m->hub, (const unsigned char *)
		    buf_data(&after), after.used);
	if (after.cap > 0)
		explicit_bzero(after.mem, after.cap);
	buf_free(&after);
	hub_wake(&m->hub);
}

static const char *
group_chat_leaving_room(struct member *m, char *buf, size_t size)
{
	struct room *room = m->room;
	double idle = (double)room->run->plan->end.idle /
	    (double)NSEC_PER_SEC;
	char time[48];		/* "60 seconds", "0.5 seconds" */

	group_chat_announce_member(m);
	switch (m->conn.cause) {
	case SESSION_IDLE:
		(void)snprintf(time, sizeof(time), "%.10g second%s", idle,
		    idle == 1 ? "" : "s");
		group_chat_announce(room, m,
		    "%s said nothing for %s and is gone", member_called(m),
		    time);
		(void)snprintf(buf, size, "* you said nothing for %s\n",
		    time);
		return buf;
	case SESSION_TOTAL:
		group_chat_announce(room, m, "the time of %s is over",
		    member_called(m));
		return "* your time is over\n";
	case SESSION_INTERRUPTED:
		return "* the room is closed\n";
	default:
		break;
	}
	group_chat_announce(room, m, m->conn.slow ?
	    "%s was too slow and is gone" : m->kicked ?
	    "%s was sent away" : "%s has left", member_called(m));
	if (m->kicked)
		return "* the operator has sent you away\n";
	return m->conn.slow ? NULL : "* goodbye\n";
}

static const char *
group_chat_leaving(struct member *m, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX];
	struct addr peer;

	if (m->in)
		return group_chat_leaving_room(m, buf, size);
	if (m->conn.cause == SESSION_IDLE)
		return "\n* too late\n";
	if (m->refused_until != 0) {
		(void)snprintf(buf, size, "* too many wrong passwords: try "
		    "again in %d seconds\n", (int)((m->refused_until -
		    conn_now(&m->conn)) / NSEC_PER_SEC + 1));
		return buf;
	}
	if (m->tries < GROUP_CHAT_TRIES)
		return NULL;
	group_chat_tell(&m->room->near, "%s did not know the password",
	    addr_family(member_peer(m, &peer)) == AF_UNIX ? "somebody" :
	    addr_host(&peer, host, sizeof(host)));
	return "* wrong password, goodbye\n";
}

static void
group_chat_operator_missed(struct room *room, uint64_t n)
{
	if (room->near.hub == NULL)
		return;
	hub_send(&room->near, "\n", 1);
	group_chat_tell(&room->near, "%" PRIu64 " bytes were not shown", n);
}

/* ---- The operator's console --------------------------------------------- */

int
group_chat_open_operator(struct run *r)
{
	char name[MEMBER_NAME_MAX], prompt[MEMBER_NAME_MAX + 4];
	const struct console_options opt = { .colour = console_colour_ok(),
	    .labels = true,
	    .prompt = prompt, .timestamps = r->plan->timestamps };
	struct error err;

	group_chat_own_name(r->plan, name);
	(void)snprintf(prompt, sizeof(prompt), "%s> ", name);
	return endpoint_console(&r->near, r->loop, &opt, &err) == 0 ? 0 :
	    messages_failed(r->plan, &err);
}

/* ---- The room ----------------------------------------------------------- */

static void
group_chat_close_lines(struct line_buf *l)
{
	filter_free(l->clean);
	buf_free(&l->text);
}

static void
group_chat_gone(struct member *m)
{
	group_chat_forget_name(m);
	group_chat_close_lines(&m->lines);
	buf_free(&m->after);
}

static int
group_chat_open(struct room *room)
{
	const struct plan *plan = room->run->plan;
	struct error err;
	int status = group_chat_read_password(room);

	if (status != 0)
		return status;
	group_chat_open_names(room);
	group_chat_own_name(plan, room->operator);
	name_look_at(room->operator, &room->operator_look);
	room->operator_is_numbered = name_is_numbered(room->operator);
	error_set(&err, ENOMEM, "prepare", "the room");
	if (room->password_len > 0)
		room->guard = password_guard_new();
	if ((room->password_len > 0 && room->guard == NULL) ||
	    transcript_open(&room->log, plan, room->operator, &err) == -1)
		return messages_failed(plan, &err);
	transcript_line_of(room->log, LINE_OF_MEMBER);
	transcript_mark(room->log, "the room is open");
	return 0;
}

static void
group_chat_close(struct room *room)
{
	group_chat_close_lines(&room->lines);
	filter_free(room->clean);
	secret_free(room->password);
	free(room->guard);
	transcript_mark(room->log, "the room is closed");
	if (transcript_failed(room->log) && room->run->status == 0)
		room->run->status = 1;
	transcript_close(room->log);
	free(room->out);
}

const struct room_kind room_group_chat = {
	.read = GROUP_CHAT_READ,
	.burst = BURST,
	.record = GROUP_CHAT_RECORD,
	.scratch = GROUP_CHAT_READ * 16 + 256,
	.listening_is_idle = true,
	.reports_end = true,
	.open = group_chat_open,
	.close = group_chat_close,
	.arrived = group_chat_arrived,
	.received = group_chat_received,
	.paused = group_chat_paused,
	.judge = group_chat_judge_held,
	.leaving = group_chat_leaving,
	.gone = group_chat_gone,
	.operator_missed = group_chat_operator_missed
};

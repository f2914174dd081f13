/*
 * A group chat: lines, names, and who is there.
 *
 * Laws: what a client says is made inert once, and stands behind "<its
 * name> "; what begins with "* " is ours; so nobody can speak for another,
 * or for the room. Whoever has not said the password hears nothing of the
 * room, and nobody hears of it.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "chat/talk_console.h"
#include "chat/talk_door.h"
#include "chat/talk_names.h"
#include "chat/talk_speech.h"
#include "chat/talk_words.h"
#include "chat/transcript.h"

/*
 * Each of the bytes of a small read may be a line, with a name before it; and
 * the first may end a long one.
 */
#define TALK_BURST	((size_t)320 << 10)
/* Lines of one speaker go together, up to so much. */
#define LINES_MOST	(TALK_LINE + 256)

/* Who is welcomed is told so many names. */
#define NAMES_SHOWN	20

/* ---- Words of the room ------------------------------------------------- */

static void
talk_add_to_log(struct room *room, const char *text, size_t n)
{
	if (room->log != NULL)
		transcript_lines(room->log, text, n);
}

static void
talk_say(struct room *room, struct hub_member *from, const char *text, size_t n)
{
	room_say(room, from, text, n);
	talk_add_to_log(room, text, n);
}

/* "* ..." to all but one. */
__attribute__((format(printf, 3, 4)))
static void
talk_announce(struct room *room, struct guest *but, const char *fmt, ...)
{
	char buf[512] = "* ";
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(buf + 2, sizeof(buf) - 3, fmt, ap);
	va_end(ap);
	n = strlen(buf);
	buf[n++] = '\n';
	talk_say(room, but != NULL ? &but->member : NULL, buf, n);
}

__attribute__((format(printf, 2, 3)))
static void
talk_tell(struct hub_member *m, const char *fmt, ...)
{
	char buf[512] = "* ";
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(buf + 2, sizeof(buf) - 3, fmt, ap);
	va_end(ap);
	n = strlen(buf);
	buf[n++] = '\n';
	hub_send(m, buf, n);
}

/* ---- Lines ------------------------------------------------------------- */

/* What was put together of this speaker's lines goes out. */
static void
talk_flush_lines(struct room *room, struct hub_member *from)
{
	if (room->nlines > 0)
		talk_say(room, from, room->lines, room->nlines);
	room->nlines = 0;
}

void
talk_flush(struct room *room, struct hub_member *from)
{
	talk_flush_lines(room, from);
	free(room->lines);
	room->lines = NULL;
}

static void
talk_say_line(struct room *room, struct hub_member *from, const char *name,
    const char *line, size_t n)
{
	size_t need = strlen(name) + n + 4;

	if (room->nlines + need > LINES_MOST)
		talk_flush_lines(room, from);
	if (room->lines == NULL &&
	    (room->lines = malloc(LINES_MOST)) == NULL) {
		room_lost(room, n + 1);
		return;
	}
	room->nlines += (size_t)snprintf(room->lines + room->nlines,
	    LINES_MOST - room->nlines, "<%s> ", name);
	memcpy(room->lines + room->nlines, line, n);
	room->nlines += n;
	room->lines[room->nlines++] = '\n';
}

/* ":name", but not ":)" nor ":D". */
static bool
talk_is_command(const char *line)
{
	return strcmp(line, "/quit") == 0 || strcmp(line, ":q") == 0 ||
	    (line[0] == ':' && isalpha((unsigned char)line[1]) &&
	    isalpha((unsigned char)line[2]));
}

static const char help[] =
    ":name NAME is what you are called; :who tells who is here; :q or /quit "
    "leaves; ::TEXT says a line that begins with a colon";

static bool
talk_is_quit(const char *line)
{
	return strcmp(line, ":q") == 0 || strcmp(line, ":quit") == 0 ||
	    strcmp(line, "/quit") == 0;
}

static void
talk_rename_guest(struct guest *g, const char *name)
{
	struct hub_member *m = &g->member;
	const char *wrong = talk_name_fault(g, name);

	if (wrong != NULL) {
		talk_tell(m, "%s", wrong);
		return;
	}
	if (strcmp(g->name, name) != 0)
		talk_announce(g->room, g, "%s is now called %s", g->name, name);
	talk_name_take(g, name);
	talk_tell(m, "you are now called %s", name);
}

static void
talk_obey_guest(struct guest *g, const char *line)
{
	struct hub_member *m = &g->member;

	if (talk_is_quit(line))
		room_part(g, PART_LEFT);
	else if (strcmp(line, ":who") == 0)
		talk_tell_names(g->room, m, "here are: ", NULL, UINT32_MAX);
	else if (strcmp(line, ":help") == 0)
		talk_tell(m, "%s", help);
	else if (strncmp(line, ":name", 5) == 0 &&
	    (line[5] == ' ' || line[5] == '\0'))
		talk_rename_guest(g, line[5] == '\0' ? "" : line + 6);
	else
		talk_tell(m, "no such command: %.40s (:help lists them)", line);
}

static void
talk_obey_operator(struct room *room, const char *line)
{
	struct hub_member *m = &room->near;

	if (talk_is_quit(line))
		room_end(room);
	else if (strcmp(line, ":who") == 0)
		talk_tell_names(room, m, "here are: ", NULL, UINT32_MAX);
	else if (strcmp(line, ":help") == 0)
		talk_tell(m,
		    ":who tells who is here, and from where; :q or /quit "
		    "ends the room");
	else
		talk_tell(m, "no such command: %.40s (:help lists them)", line);
}

/* Whoever speaks to nobody is to know it. */
static void
talk_tell_if_empty(struct room *room)
{
	if (room->hub.n == 0 && !room->told_empty)
		talk_tell(&room->near, "nobody is here to hear that");
	room->told_empty = room->hub.n == 0;
}

/* A whole line, or a piece of a very long one, inert and ended by a NUL. */
void
talk_line(struct room *room, struct guest *g, char *line, size_t n,
    bool whole)
{
	struct hub_member *from = g != NULL ? &g->member : &room->near;
	const char *name = g != NULL ? g->name : room->operator;

	if (whole && talk_is_command(line)) {
		talk_flush_lines(room, from);
		if (g != NULL)
			talk_obey_guest(g, line);
		else
			talk_obey_operator(room, line);
		return;
	}
	if (g == NULL)
		talk_tell_if_empty(room);
	if (whole && line[0] == ':' && line[1] == ':') {
		line++;
		n--;
	}
	talk_say_line(room, from, name, line, n);
}

/* ---- Coming and going -------------------------------------------------- */

void
talk_let_in(struct guest *g)
{
	struct room *room = g->room;
	char text[GUEST_NAME_MAX + 64];

	talk_name_give(g);
	(void)snprintf(text, sizeof(text), "%s%s" TALK_HERE "%s",
	    &TALK_WELCOME[2], g->name,
	    room->hub.n == 0 && !talk_has_operator(room) ? "is " : "are: ");
	talk_tell_names(room, &g->member, text, g, NAMES_SHOWN);
	talk_tell(&g->member, ":q leaves, :help tells more");
	talk_announce(room, NULL, "%s is here", g->name);
	room->told_empty = false;
	room_let_in(g);
}

static void
talk_came(struct guest *g)
{
	struct error err;

	if (!talk_open_speech(&g->speech)) {
		error_set(&err, errno, "serve", "a client");
		(void)g->conn.run->messages->failed(g->conn.run->plan, &err);
		g->part = PART_REFUSED;
		hub_finish(&g->member, "* the room has no memory left\n");
	} else if (g->room->password.len > 0)
		talk_door_meet(g);
	else
		talk_let_in(g);
}

static void
talk_said(struct guest *g, const unsigned char *in, size_t n)
{
	size_t done = 0;

	if (!g->in && n > 0)
		done = talk_door_hear(g, in, n);
	if (g->in && (n == 0 || done < n))
		talk_speak(g->room, g, in != NULL ? in + done : NULL, n - done);
}

/* What it has begun to say is all: some clients end no line. */
static void
talk_paused(struct guest *g)
{
	struct speech *s = &g->speech;

	if (g->in)
		talk_speak(g->room, g, NULL, 0);
	else
		talk_door_paused(g);
	s->paused = true;
}

/* "60 seconds", "0.5 seconds" */
static const char *
talk_time_text(int64_t nsec, char *buf, size_t size)
{
	double s = (double)nsec / (double)NSEC_PER_SEC;

	(void)snprintf(buf, size, "%.10g second%s", s, s == 1 ? "" : "s");
	return buf;
}

static const char *
talk_leaves_as_guest(struct guest *g, char *buf, size_t size)
{
	struct room *room = g->room;
	char time[48];

	switch (g->part) {
	case PART_IDLE:
		(void)talk_time_text(room->run->plan->end.idle, time,
		    sizeof(time));
		talk_announce(room, g, "%s said nothing for %s and is gone",
		    g->name, time);
		(void)snprintf(buf, size, "* you said nothing for %s\n",
		    time);
		return buf;
	case PART_TIME:
		talk_announce(room, g, "the time of %s is over", g->name);
		return "* your time is over\n";
	case PART_SLOW:
		talk_announce(room, g, "%s was too slow and is gone", g->name);
		return NULL;
	case PART_CLOSED:
		return "* the room is closed\n";
	default:
		talk_announce(room, g, "%s has left", g->name);
		return "* good bye\n";
	}
}

static const char *
talk_leaves(struct guest *g, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX];

	if (g->in)
		return talk_leaves_as_guest(g, buf, size);
	if (g->part == PART_IDLE)
		return "\n* too late\n";
	if (g->tries < TALK_TRIES)
		return NULL;
	talk_tell(&g->room->near, "%s did not know the password",
	    addr_family(&g->peer) == AF_UNIX ? "somebody" :
	    addr_host(&g->peer, host, sizeof(host)));
	return "* that is not it, good bye\n";
}

static void
talk_operator_said(struct room *room, const unsigned char *in, size_t n)
{
	talk_speak(room, NULL, in, n);
	if (n == 0 && talk_console_fits(room->run->plan) && !room->ending)
		talk_tell(&room->near,
		    "the room goes on without you: ^C ends it");
}

static void
talk_operator_missed(struct room *room, uint64_t n)
{
	diag_warnx("standard output was too slow (%" PRIu64 " bytes lost)",
	    n);
	if (room->near.hub == NULL)
		return;
	hub_send(&room->near, "\n", 1);
	talk_tell(&room->near, "%" PRIu64 " bytes were not shown", n);
}

static void
talk_free_guest(struct guest *g)
{
	if (g->speech.clean != NULL)
		filter_free(g->speech.clean);
	talk_forget(&g->speech);
}

const struct room_kind room_talk = {
	.read = TALK_READ,
	.burst = TALK_BURST,
	.record = LINES_MOST,
	.only_speech = true,
	.tells_end = true,
	.came = talk_came,
	.said = talk_said,
	.paused = talk_paused,
	.leaves = talk_leaves,
	.operator_said = talk_operator_said,
	.operator_missed = talk_operator_missed,
	.free_guest = talk_free_guest
};

/* ---- The room ---------------------------------------------------------- */

int
talk_open(struct room *room)
{
	const struct plan *plan = room->run->plan;
	const char *name = plan->chat.name;
	struct error err;
	int status;

	ring_init(&room->scratch, TALK_SCRATCH);
	if ((status = talk_door_open(room)) != 0)
		return status;
	talk_own_name(name, room->operator);
	name_look_at(room->operator, &room->operator_look);
	error_set(&err, ENOMEM, "prepare", "the room");
	if (!talk_open_speech(&room->speech))
		return room->run->messages->failed(plan, &err);
	if (plan->chat.log == NULL || (room->log = transcript_open(plan,
	    plan->chat.log, room->operator)) != NULL)
		return 0;
	error_set(&err, errno, "write to", "%s", plan->chat.log);
	return room->run->messages->failed(plan, &err);
}

void
talk_close(struct room *room)
{
	if (room->speech.clean != NULL)
		filter_free(room->speech.clean);
	talk_forget(&room->speech);
	password_forget(&room->password);
	if (transcript_failed(room->log) && room->run->status == 0)
		room->run->status = 1;
	transcript_close(room->log);
	free(room->lines);
}

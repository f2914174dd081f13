#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "chat/chat_lines.h"
#include "chat/chat_room.h"
#include "chat/chat_tls.h"
#include "chat/group_chat.h"
#include "filter/sanitize.h"
#include "filter_rig.h"

#define WELCOME	ROOM_WELCOME "user1" ROOM_HERE "Ada\n"
#define SHOWN	"[host] welcome, you are user1; present: Ada\n"

static struct chat_room	 room;
static struct filter	*commands;
static struct chat_names names;
static struct plan	 plan;
static bool		 is_shown = true;
static struct run	 run;
static struct chat_tls	 tls;

static void
on_prefix(void *arg, char buf[SANITIZE_PREFIX_MAX])
{
	static const char *const marks[] = { [LINE_OF_PEER] = "<host> ",
	    [LINE_OF_ROOM] = "[host] ", [LINE_OF_MEMBER] = "" };

	(void)arg;
	(void)strlcpy(buf, marks[room.line],
	    SANITIZE_PREFIX_MAX);
}

static bool
on_command(void *arg, const char *line)
{
	(void)arg, (void)line;
	return false;
}

static void
no_message(void *arg, const char *text)
{
	(void)arg, (void)text;
}

static struct filter *
begin(void)
{
	const struct sanitize_options inert = { .finish_line = true,
	    .prefix = on_prefix };

	plan.mode = PLAN_CONNECT;
	run.plan = &plan;
	diag_redirect(no_message, NULL);
	commands = filter_commands(NULL, "Eva", on_command, NULL);
	if (commands == NULL)
		abort();
	room = (struct chat_room){ .run = &run, .me = "Eva", .peer = "host",
	    .shown = is_shown, .names = &names, .commands = commands,
	    .tls = &tls };
	chat_room_init(&room);
	return chat_room_hear(&room, filter_sanitize(&inert));
}

/* What is shown of all that a peer says, pushed in pieces of this size. */
static const char *
shown(const char *in, size_t n, size_t piece)
{
	struct filter	*f = begin();
	const char	*out = filter_text(f, in, n, piece, true);

	filter_free(f);
	filter_free(commands);
	return out;
}

static void
check(const char *in, const char *want)
{
	size_t	piece, n = strlen(in);

	for (piece = 1; piece <= n; piece++)
		CHECK_STR(shown(in, n, piece), want);
}

TEST(a_peer_is_no_room_unless_its_first_line_says_so)
{
	check("hello\n<a> b\n* c\n",
	    "<host> hello\n<host> <a> b\n<host> * c\n");
	check("\n" WELCOME, "<host> \n<host> " WELCOME);
	check("* welcome", "<host> * welcome\n");
	check(ROOM_WELCOME "a b\n<a> b\n",
	    "<host> " ROOM_WELCOME "a b\n<host> <a> b\n");
	check(ROOM_ASKS ".\n<a> b\n", "<host> " ROOM_ASKS ".\n<host> <a> b\n");
	check(ROOM_ASKS, "<host> " ROOM_ASKS "\n");
	check("x" WELCOME, "<host> x" WELCOME);
}

TEST(lines_of_a_rooms_members_need_no_prefix)
{
	check(WELCOME "<Ada> hi\n* x is here\n<x> <Ada> no\n",
	    SHOWN "<Ada> hi\n[host] x is here\n<x> <Ada> no\n");
	check(WELCOME "<Ada> hi\r\n\r\n<x> unfinished",
	    SHOWN "<Ada> hi\n[host] \n<x> unfinished\n");
}

TEST(no_line_of_a_room_begins_like_one_of_ours)
{
	check(WELCOME "* * x\n*\n**\n Eva> x\nEva> x\n", SHOWN
	    "[host] * x\n[host] *\n[host] **\n[host]  Eva> x\n[host] Eva> x\n");
	check(WELCOME "\r* x\n\033* x\n\t* x\n", SHOWN
	    "[host] \\015* x\n[host] \\033* x\n[host] \t* x\n");
	check(WELCOME "<\n<Ada\n<*",
	    SHOWN "[host] <\n[host] <Ada\n[host] <*\n");
	/* Whoever says them, they are not our own words. */
	check(WELCOME "<Eva> x\n<eva> y\n<Evan> z\n",
	    SHOWN "[host] <Eva> x\n[host] <eva> y\n<Evan> z\n");
}

/* A room proves no key of its members. */
TEST(no_member_of_a_room_has_the_name_of_a_known_peer)
{
	for (int i = 0; i < TLS_SHA256; i++)
		buf_str(&tls.known.list, "5a");
	buf_str(&tls.known.list, " Ada\n");
	tls.on = tls.secured = true;
	check(WELCOME "<Ada> x\n<ada> y\n<Adam> z\n",
	    SHOWN "[host] <Ada> x\n[host] <ada> y\n<Adam> z\n");
	known_peers_close(&tls.known);
	tls.on = tls.secured = false;
}

TEST(a_name_that_has_no_end_is_none)
{
	char	in[512], *end;

	end = stpcpy(in, WELCOME "<");
	memset(end, 'a', 300);
	strcpy(end + 300, "> x\n");
	CHECK(strncmp(shown(in, strlen(in), 7) + strlen(SHOWN), "[host] <aa",
	    10) == 0);
}

TEST(the_prompt_of_a_room_is_not_shown)
{
	check(ROOM_ASKS "\n" ROOM_PROMPT "* wrong password\n" ROOM_PROMPT
	    WELCOME "password: x\n<Ada> y\n",
	    "[host] this room asks for a password\n[host] wrong password\n"
	    SHOWN "[host] password: x\n<Ada> y\n");
	check(ROOM_ASKS "\n" ROOM_PROMPT "\n" WELCOME,
	    "[host] this room asks for a password\n" SHOWN);
	check(ROOM_ASKS "\r\npass\n<Ada> x\n" ROOM_PROMPT,
	    "[host] this room asks for a password\n[host] pass\n"
	    "[host] <Ada> x\n");
}

/* Only a greeting is looked for where no prefix of ours is shown. */
TEST(where_nothing_is_added_nothing_is_taken_away)
{
	static const char in[] = ROOM_ASKS "\n" ROOM_PROMPT WELCOME
	    "* x\n<Ada> hi\n";
	const char *text;
	char plain[1024];
	size_t used = 0;

	is_shown = false;
	for (text = shown(in, strlen(in), 3); *text != '\0'; text++) {
		/* The test's own prefixes are left out. */
		if (strncmp(text, "[host] ", 7) == 0)
			text += 7;
		plain[used++] = *text;
	}
	plain[used] = '\0';
	CHECK_STR(plain, in);
	is_shown = true;
}

static bool
hides(const char *line)
{
	return chat_room_hides(&room, (const unsigned char *)line,
	    strlen(line));
}

TEST(only_passwords_and_the_name_are_kept_from_the_log)
{
	struct filter	*f;
	struct ring	 ring;
	struct iovec	 iov[2];
	const char	*asks = ROOM_ASKS "\n", *in = WELCOME;

	f = begin();
	room.offer = "Eva";
	ring_init(&ring, 32768);
	(void)ring_space(&ring, iov, 1);
	CHECK(!hides("early\n"));
	f->ops->push(f, (const unsigned char *)asks, strlen(asks), false,
	    &ring);
	CHECK(chat_room_takes_commands(&room));
	CHECK(hides("secret"));
	CHECK(hides("\n"));
	CHECK(hides("secret\n"));
	f->ops->push(f, (const unsigned char *)in, strlen(in), false, &ring);
	CHECK(hides(":name Eva"));
	CHECK(hides("\n"));
	CHECK(!hides("hello\n"));
	CHECK(!hides("and more\n"));
	CHECK(names.off);
	ring_free(&ring);
	filter_free(f);
	filter_free(commands);
}

TEST(who_waits_for_a_call_is_in_no_room)
{
	run.plan = &plan;
	plan.mode = PLAN_LISTEN;
	room = (struct chat_room){ .run = &run, .tls = &tls };
	chat_room_init(&room);
	CHECK_INT(room.state, ROOM_NONE);
	plan.mode = PLAN_CONNECT;
	plan.type = TYPE_DGRAM;
	chat_room_init(&room);
	CHECK_INT(room.state, ROOM_NONE);
	CHECK(chat_room_hear(&room, NULL) == NULL);
	plan.type = TYPE_STREAM;
	CHECK(!chat_room_takes_commands(&room));
	CHECK_INT(room.line, LINE_OF_PEER);
}

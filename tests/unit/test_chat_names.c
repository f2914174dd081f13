#include <string.h>

#include "chat/chat_lines.h"
#include "filter_rig.h"

static struct chat_names	names;
static char			peer[CHAT_NAME_MAX];
static int			told, quits, maybe_quits;

static void
on_learned(void *arg, const char *name)
{
	(void)arg;
	(void)strlcpy(peer, name, sizeof(peer));
}

static void
on_tell(void *arg)
{
	(void)arg;
	told++;
}

static void
on_quits(void *arg, bool whole)
{
	(void)arg;
	quits += whole;
	maybe_quits += !whole;
}

static void
begin(const char *own)
{
	names = (struct chat_names){ .learned = on_learned, .tell = on_tell,
	    .quits = on_quits, .heard = true };
	chat_names_own(&names, own);
	peer[0] = '\0';
	told = quits = maybe_quits = 0;
}

/* Text passes unchanged, and lines that are obeyed are not shown. */
static void
hear_in(const char *line, size_t piece, const char *shown)
{
	struct filter	*f = filter_names(&names, NULL);

	CHECK_STR(filter_text(f, line, strlen(line), piece, false), shown);
	filter_free(f);
}

static void
hear(const char *line)
{
	hear_in(line, 4096, line);
}

static void
obey(const char *line)
{
	hear_in(line, 4096, "");
}

TEST(a_name_is_one_inert_word)
{
	char	line[CHAT_NAME_MAX + 16];

	CHECK(chat_names_fit("Eva"));
	CHECK(chat_names_fit("Zo\303\253-2_x.y"));
	CHECK(chat_names_fit("123456789012345678901234"));
	CHECK(!chat_names_fit("1234567890123456789012345"));
	CHECK(!chat_names_fit(""));
	CHECK(!chat_names_fit("Eva has left"));
	CHECK(!chat_names_fit("Eva>"));
	CHECK(!chat_names_fit("Eva\302\240"));
	CHECK(!chat_names_fit("Eva\033[m"));
	CHECK(!chat_names_fit("Eva\342\200\256"));
	CHECK(!chat_names_fit("Ev\377a"));
	begin("Eva Maria <x>\033");
	chat_names_line(&names, line, sizeof(line));
	CHECK_STR(line, "* this is Eva_Maria__x__\n");
	CHECK(chat_names_fit(names.own));
}

TEST(a_told_name_is_taken_and_answered_once)
{
	size_t	piece;

	for (piece = 1; piece < 30; piece++) {
		begin("Eva");
		hear_in("hello\n* this is Bob\r\n", piece, "hello\n");
		CHECK_STR(peer, "Bob");
		CHECK(told == 1);
		hear_in("* this is Rob\n", piece, "");
		CHECK_STR(peer, "Rob");
		CHECK(told == 1);
	}
}

TEST(a_name_that_forges_is_not_taken)
{
	static const char *const	lines[] = {
		"* this is Bob has left\n", "* this is \n", "* this is\n",
		"* this is <Bob\n", " * this is Bob\n",
		"* this is Bob\033[2J\n", "this is Bob\n"
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin("Eva");
		hear(lines[i]);
		CHECK_STR(peer, "");
		CHECK(told == 0);
	}
}

TEST(only_a_chat_is_told_unasked)
{
	begin("Eva");
	chat_names_meet(&names, false);
	hear("how are you? \n");
	CHECK(told == 0);
	chat_names_meet(&names, true);
	CHECK(told == 1);
	obey("* this is Bob\n");
	CHECK_STR(peer, "Bob");
	CHECK(told == 1);
	/* The next peer is another one. */
	chat_names_meet(&names, true);
	CHECK(told == 2);
}

TEST(two_people_may_have_one_name)
{
	begin("Eva");
	chat_names_meet(&names, true);
	obey("* this is eva\n");
	CHECK_STR(peer, "eva");
	begin("Eva");
	chat_names_meet(&names, false);
	obey("* this is Eva\n");
	CHECK_STR(peer, "Eva");
	CHECK(told == 1);
}

TEST(an_echo_of_our_name_is_no_name)
{
	begin("Eva");
	names.told = true;
	hear("* this is Eva\n");
	CHECK_STR(peer, "");
}

TEST(a_room_is_told_nothing)
{
	begin("Eva");
	names.off = true;
	hear("* this is Bob\n:q\n");
	CHECK_STR(peer, "");
	CHECK(told == 0 && quits == 0);
	/* The next peer may be no room. */
	chat_names_meet(&names, false);
	obey("* this is Bob\n");
	CHECK_STR(peer, "Bob");
}

TEST(a_script_sees_names_as_text)
{
	begin("Eva");
	names.heard = false;
	hear("* this is Bob\n");
	CHECK_STR(peer, "");
	obey(":q\n");
	CHECK(quits == 1);
}

TEST(a_peer_leaves_by_a_line_that_says_so)
{
	for (size_t piece = 1; piece < 20; piece++) {
		begin("Eva");
		hear_in("a\n:q\r\n:quit\n/quit\n", piece, "a\n");
		CHECK(quits == 3);
		begin("Eva");
		hear_in(":q!\n :q\n:\n\n/q\n:quite", piece,
		    ":q!\n :q\n:\n\n/q\n:quite");
		CHECK(quits == 0);
		CHECK(!names.quitting);
	}
	begin("Eva");
	obey("/quit");
	CHECK(quits == 0 && maybe_quits == 1 && names.quitting);
}

TEST(long_lines_are_text)
{
	char	line[512];

	memset(line, 'x', sizeof(line));
	memcpy(line, "* this is ", 10);
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	begin("Eva");
	hear_in(line, 100, line);
	CHECK_STR(peer, "");
	obey("* this is Bob\n");
	CHECK_STR(peer, "Bob");
}

/*
 * What a terminal is sent of text that comes in pieces.
 */

#include "base/text.h"
#include "console/screen.h"
#include "unit.h"

#define COLS	10

static unsigned	hidden;

static void
hide(struct editor *e)
{
	(void)e;
	hidden++;
}

static char	prompt[100];

static void
set_prompt(struct editor *e, const char *text)
{
	(void)e;
	(void)snprintf(prompt, sizeof(prompt), "%s",
	    text != NULL ? text : "none");
}

static const struct editor_ops quiet = { .hide = hide, .prompt = set_prompt };
static struct editor	editor = { .ops = &quiet };
static struct screen	screen = { .out = { .num = -1 }, .editor = &editor,
	.scroll = { .screen = &screen.buf, .cols = COLS } };

static void
say(const char *text)
{
	screen_text(&screen, text, strlen(text));
}

static const char *
sent(void)
{
	static char text[4096];

	(void)snprintf(text, sizeof(text), "%.*s", (int)screen.buf.used,
	    buf_data(&screen.buf));
	buf_take(&screen.buf, screen.buf.used);
	return text;
}

TEST(lines_are_shown_when_they_are_whole)
{
	hidden = 0;
	say("ab");
	CHECK_STR(sent(), "");
	CHECK_INT(hidden, 0);
	CHECK(screen_is_torn(&screen));
	say("c\nd\ne");
	CHECK_STR(sent(), "abc\r\nd\r\n");
	CHECK(hidden > 0);
	say("\n");
	CHECK_STR(sent(), "e\r\n");
	CHECK(!screen_is_torn(&screen));
}

TEST(a_pause_shows_what_there_is)
{
	say("who?");
	screen_pause(&screen);
	CHECK_STR(sent(), "who?\r\n");
	say("me\n");
	CHECK_STR(sent(), "  me\r\n");
}

TEST(a_character_in_two_pieces_is_one)
{
	say("abcdefghi\346");
	say("\274\242\n\346\274\242\n");
	CHECK_STR(sent(), "abcdefghi\r\n  \346\274\242\r\n"
	    "\346\274\242\r\n");
	say("ab\346\274");
	screen_pause(&screen);
	CHECK_STR(sent(), "ab\r\n");
	CHECK(screen_is_torn(&screen));
	say("\242\n");
	CHECK_STR(sent(), "  \346\274\242\r\n");
}

TEST(a_colour_in_two_pieces_is_one)
{
	say("a\033[3");
	screen_pause(&screen);
	CHECK_STR(sent(), "a\r\n");
	say("6mb\033[");
	say("0m\n");
	CHECK_STR(sent(), "\033[36m  b\033[0m\r\n");
}

TEST(an_unfinished_line_is_the_prompt)
{
	screen.peer_prompts = true;
	say("one\nlogin: ");
	screen_pause(&screen);
	CHECK_STR(sent(), "one\r\n");
	CHECK_STR(prompt, "login: ");
	screen_typed(&screen);
	CHECK_STR(prompt, "none");
	say("two\n");
	CHECK_STR(sent(), "two\r\n");

	/* The peer goes on before a line was typed. */
	say("a");
	screen_pause(&screen);
	say("b");
	CHECK_STR(prompt, "none");
	screen_pause(&screen);
	CHECK_STR(prompt, "ab");
	say("c\n");
	CHECK_STR(sent(), "abc\r\n");
	CHECK_STR(prompt, "none");
}

TEST(a_line_that_is_no_prompt_is_shown)
{
	char text[71];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	screen.scroll.cols = 100;
	screen.peer_prompts = true;
	(void)strlcpy(prompt, "none", sizeof(prompt));
	say(text);
	screen_pause(&screen);
	CHECK_STR(prompt, "none");
	CHECK(strncmp(sent(), text, sizeof(text) - 1) == 0);
	/* What follows a typed line begins a row of its own. */
	screen_typed(&screen);
	say("next\n");
	CHECK_STR(sent(), "next\r\n");

	say("end");
	screen_pause(&screen);
	CHECK_STR(prompt, "end");
	screen_settle(&screen);
	CHECK_STR(prompt, "none");
	CHECK_STR(sent(), "end\r\n");
	say("\n");
	(void)sent();
	screen.scroll.cols = COLS;
}

TEST(an_end_of_prompts_shows_no_other_text)
{
	say("half ");
	screen_settle(&screen);
	CHECK_STR(sent(), "");
	say("whole\n");
	CHECK_STR(sent(), "half whole\r\n");
}

AFTER
{
	screen_free(&screen);
}

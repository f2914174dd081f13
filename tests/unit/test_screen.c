/*
 * What a terminal is sent of text that comes in pieces.
 */
#include <locale.h>

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

static const struct editor_ops quiet = { .hide = hide };
static struct editor	editor = { &quiet };
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

static void
lines_are_shown_when_they_are_whole(void)
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

static void
a_pause_shows_what_there_is(void)
{
	say("who?");
	screen_pause(&screen);
	CHECK_STR(sent(), "who?\r\n");
	say("me\n");
	CHECK_STR(sent(), "  me\r\n");
}

static void
a_character_in_two_pieces_is_one(void)
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

static void
a_colour_in_two_pieces_is_one(void)
{
	say("a\033[3");
	screen_pause(&screen);
	CHECK_STR(sent(), "a\r\n");
	say("6mb\033[");
	say("0m\n");
	CHECK_STR(sent(), "\033[36m  b\033[0m\r\n");
}

int
main(void)
{
	locale_t utf8 = text_locale();

	if (utf8 != (locale_t)0)
		(void)uselocale(utf8);
	unit_run("lines are shown when they are whole",
	    lines_are_shown_when_they_are_whole);
	unit_run("a pause shows what there is", a_pause_shows_what_there_is);
	unit_run("a character in two pieces is one",
	    a_character_in_two_pieces_is_one);
	unit_run("a colour in two pieces is one",
	    a_colour_in_two_pieces_is_one);
	screen_free(&screen);
	(void)uselocale(LC_GLOBAL_LOCALE);
	if (utf8 != (locale_t)0)
		freelocale(utf8);
	return unit_end();
}

/*
 * Keys from bytes.
 */
#include "base/text.h"
#include "console/keys.h"
#include "unit.h"

static char	seen[256];

static void
note(const struct key *k)
{
	char bytes[4], *to = seen + strlen(seen);
	size_t n, room = sizeof(seen) - strlen(seen);

	switch (k->what) {
	case KEY_TEXT:
		n = text_encode(k->c, bytes);
		(void)snprintf(to, room, "%.*s", (int)n, bytes);
		break;
	case KEY_EDIT:
		if (k->seq[0] == 0x1b)
			(void)snprintf(to, room, "<M-%c>", (char)k->seq[1]);
		else
			(void)snprintf(to, room, "<C-%c>",
			    (char)((k->seq[0] & 0x7f) ^ 0x40));
		break;
	case KEY_DELETE:
		(void)snprintf(to, room, "<Del>");
		break;
	case KEY_END:
		(void)snprintf(to, room, "<End>");
		break;
	case KEY_ENTER:
		(void)snprintf(to, room, "<Enter>");
		break;
	case KEY_CLEAR:
		(void)snprintf(to, room, "<Clear>");
		break;
	case KEY_SEARCH:
		(void)snprintf(to, room, "<Search>");
		break;
	case KEY_CANCEL:
		(void)snprintf(to, room, "<Cancel>");
		break;
	case KEY_PASTE_BEGIN:
		(void)snprintf(to, room, "<Paste>");
		break;
	case KEY_PASTE_END:
		(void)snprintf(to, room, "<Pasted>");
		break;
	}
}

static const char *
typed(const char *text)
{
	struct keys k = { .erase = 0x7f, .eof = 4, .interrupt = 3 };
	struct key out[KEYS_MOST];
	size_t i, n;

	seen[0] = '\0';
	for (; *text != '\0'; text++) {
		n = keys_byte(&k, (unsigned char)*text, out);
		CHECK(n <= KEYS_MOST);
		for (i = 0; i < n; i++)
			note(&out[i]);
	}
	return seen;
}

TEST(text_is_text)
{
	CHECK_STR(typed("a\tb~ \303\251\346\274\242\360\237\230\200."),
	    "a\tb~ \303\251\346\274\242\360\237\230\200.");
}

TEST(bytes_that_are_no_characters_stay)
{
	CHECK_STR(typed("a\377b"), "a\377b");
	CHECK_STR(typed("a\303b"), "a\303b");
	CHECK_STR(typed("\342\202x"), "\342\202x");
	CHECK_STR(typed("\360\237\230\n"), "\360\237\230<Enter>");
	CHECK_STR(typed("\300\200\340\200\200\355\240\200\364\220\200\200x"),
	    "\300\200\340\200\200\355\240\200\364\220\200\200x");
	CHECK_STR(typed("\303\303\251"), "\303\303\251");
}

TEST(sequences_and_control_characters_are_keys)
{
	CHECK_STR(typed("\033[A\033[B\033OC\033OD"), "<C-P><C-N><C-F><C-B>");
	CHECK_STR(typed("\033[H\033[4~\033[3~x"), "<C-A><C-E><Del>x");
	CHECK_STR(typed("\033[1;5D\033b\033F"), "<M-b><M-b><M-f>");
	CHECK_STR(typed("\001\005\025\004\r\n\014"),
	    "<C-A><C-E><C-U><End><Enter><Enter><Clear>");
	CHECK_STR(typed("\030\030\030x"), "<C-X>x");
}

TEST(unknown_sequences_are_swallowed)
{
	CHECK_STR(typed("a\033[201~b\033[2000~c"), "abc");
	CHECK_STR(typed("a\033[1;2;3;4;5;6;7;8;9Ab"), "ab");
	CHECK_STR(typed("a\033xb\033\033\033zc"), "abc");
	CHECK_STR(typed("a\017\023b"), "ab");
	CHECK_STR(typed("\033[<0;1;2M|"), "|");
}

TEST(a_sequence_that_was_cut_off_holds_nothing_back)
{
	CHECK_STR(typed("\033[1\nabc"), "<Enter>abc");
	CHECK_STR(typed("\033\303\251"), "\303\251");
	CHECK_STR(typed("\033[\346\274\242"), "\346\274\242");
	CHECK_STR(typed("\033\n"), "<Enter>");
}

TEST(a_quote_takes_the_next_character_as_it_is)
{
	CHECK_STR(typed("\026\033[x\026\026\026a"), "\033[x\026a");
	CHECK_STR(typed("\026\n"), "<Enter>");
}

TEST(a_search_begins_and_is_given_up)
{
	CHECK_STR(typed("\022a\007\022b\003"),
	    "<Search>a<Cancel><Search>b<Cancel>");
}

TEST(a_paste_is_text_between_its_marks)
{
	CHECK_STR(typed("\033[200~a\rb\n\tc\033[201~d\003"),
	    "<Paste>a<Enter>b<Enter>\tc<Pasted>d<Cancel>");
	CHECK_STR(typed("\033[200~\025\004\177\033[A\033\033[20\001"
	    "\033[201~\001"),
	    "<Paste>\025\004\177\033[A\033\033[20\001<Pasted><C-A>");
	CHECK_STR(typed("\033[200~\346\274\242\342\202\033[201~\033[C"),
	    "<Paste>\346\274\242\342\202<Pasted><C-F>");
	CHECK_STR(typed("\033[200~\033[200~\342\202\033[20x\033[201~"),
	    "<Paste>\033[200~\342\202\033[20x<Pasted>");
}

TEST(a_paste_without_its_end_can_be_ended)
{
	struct keys k = { .erase = 0x7f, .eof = 4 };
	struct key out[KEYS_MOST];
	const char *text = "\033[200~a\033[20";

	for (; *text != '\0'; text++)
		(void)keys_byte(&k, (unsigned char)*text, out);
	keys_end_paste(&k);
	CHECK(keys_byte(&k, '\r', out) == 1 && out[0].what == KEY_ENTER);
}

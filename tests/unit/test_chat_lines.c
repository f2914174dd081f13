#include <string.h>

#include "chat/chat_lines.h"
#include "filter_rig.h"

static char	commands[512], seen[4096];
static size_t	nseen;

/* "text" is a command that says no: it is text after all. */
static bool
on_command(void *arg, const char *line)
{
	(void)arg;
	strlcat(commands, line, sizeof(commands));
	strlcat(commands, "|", sizeof(commands));
	return strcmp(line, ":text") != 0 && strcmp(line, "/qu") != 0 &&
	    strcmp(line, "/m") != 0 && strcmp(line, "/") != 0;
}

static void
on_seen(void *arg, const unsigned char *in, size_t n, bool last)
{
	(void)arg, (void)last;
	if (n > 0)
		memcpy(seen + nseen, in, n);
	nseen += n;
	seen[nseen] = '\0';
}

/* All of it, pushed in pieces of this size; what goes on. */
static const char *
sent(const char *in, size_t piece)
{
	struct filter	*f = filter_commands(filter_tee(NULL, on_seen, NULL),
	    "eva", on_command, NULL);
	const char	*out;

	commands[0] = seen[0] = '\0';
	nseen = 0;
	out = filter_text(f, in, strlen(in), piece, true);
	filter_free(f);
	CHECK_STR(seen, out);
	return out;
}

static void
check(const char *in, const char *want, const char *obeyed)
{
	size_t	piece;

	for (piece = 1; piece <= strlen(in); piece++) {
		CHECK_STR(sent(in, piece), want);
		CHECK_STR(commands, obeyed);
	}
}

TEST(text_goes_on_as_it_is)
{
	check("hello\n\nworld: x\n", "hello\n\nworld: x\n", "");
	check("no end", "no end", "");
	check("/quitter\n/qu\n / \n", "/quitter\n/qu\n / \n", "/qu|");
}

TEST(a_line_with_a_colon_is_a_command)
{
	check(":q\n", "", ":q|");
	check("a\n:info\nb\n", "a\nb\n", ":info|");
	check("/quit\n", "", "/quit|");
	check("/help\n", "", "/help|");
	check("/helpless\n/usr/bin\n/\n", "/helpless\n/usr/bin\n/\n", "/|");
	check(":q", "", ":q|");
	check(":\n", "", ":|");
	check(":text\n", ":text\n", ":text|");
}

TEST(two_colons_are_one_that_is_sent)
{
	check("::q\n", ":q\n", "");
	check("::\n", ":\n", "");
	check(":::\n", "::\n", "");
}

TEST(me_says_what_one_does)
{
	check(":me waves\n", "* eva waves\n", "");
	check(":me \n", "* eva \n", "");
	check(":me\n", "", ":me|");
	check(":me x\n:me y\n", "* eva x\n* eva y\n", "");
	check("/me waves\n", "* eva waves\n", "");
	check("/me\n", "", "/me|");
	check("/m\n/meow\n", "/m\n/meow\n", "/m|");
}

TEST(a_room_gets_both_colons_and_a_secret_stays_as_it_is)
{
	static char	 out[1024];
	static const char in[] = "::x\n:me waves\n:text\n:q\n";
	struct filter	*f;
	struct ring	 ring;
	struct iovec	 iov[2];
	enum commands_mode mode;

	for (mode = COMMANDS_ROOM; mode <= COMMANDS_SECRET; mode++) {
		commands[0] = '\0';
		f = filter_commands(NULL, "eva", on_command, NULL);
		ring_init(&ring, sizeof(out));
		if (f == NULL || ring_space(&ring, iov, 1) == -1)
			abort();
		commands_mode(f, mode);
		f->ops->push(f, (const unsigned char *)in, strlen(in), false,
		    &ring);
		memset(out, 0, sizeof(out));
		(void)ring_data(&ring, iov, sizeof(out));
		memcpy(out, iov[0].iov_base, iov[0].iov_len);
		/* Here ":me waves" is taken for an unknown command. */
		CHECK_STR(out, mode == COMMANDS_ROOM ?
		    "::x\n* eva waves\n:text\n" : "::x\n:text\n");
		CHECK_STR(commands, mode == COMMANDS_ROOM ? ":text|:q|" :
		    ":me waves|:text|:q|");
		ring_free(&ring);
		filter_free(f);
	}
}

TEST(a_long_line_is_text)
{
	char	line[COMMAND_MAX * 2];

	memset(line, 'x', sizeof(line));
	line[0] = ':';
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	check(line, line, "");
	/* The longest that is a command, and one more. */
	line[COMMAND_MAX - 1] = '\n';
	line[COMMAND_MAX] = '\0';
	CHECK_STR(sent(line, 7), "");
	memset(line + 1, 'x', COMMAND_MAX - 1);
	line[COMMAND_MAX] = '\n';
	line[COMMAND_MAX + 1] = '\0';
	CHECK_STR(sent(line, 7), line);
}

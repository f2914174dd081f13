#include <string.h>

#include "chat/chat_names.h"
#include "unit.h"

static struct chat_names	names;
static char			peer[CHAT_NAME_MAX];
static int			told;

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
begin(const char *own)
{
	names = (struct chat_names){ .learned = on_learned, .tell = on_tell };
	chat_names_own(&names, own);
	peer[0] = '\0';
	told = 0;
}

/* Push the text in pieces of this size; what comes out. */
static const char *
pushed(struct filter *f, const char *in, size_t piece)
{
	static char	 out[4096];
	struct ring	 ring;
	struct iovec	 iov[2];
	size_t		 n = strlen(in), len, used = 0, i;
	int		 cnt;

	ring_init(&ring, sizeof(out) - 1);
	if (f == NULL || ring_space(&ring, iov, 1) == -1)
		abort();
	for (i = 0; i < n; i += len) {
		len = n - i < piece ? n - i : piece;
		f->ops->push(f, (const unsigned char *)in + i, len, false,
		    &ring);
	}
	CHECK(ring_used(&ring) <= n * f->ops->growth + f->ops->tail);
	cnt = ring_data(&ring, iov, sizeof(out));
	for (i = 0; (int)i < cnt; i++) {
		memcpy(out + used, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
	}
	out[used] = '\0';
	ring_free(&ring);
	return out;
}

/* What passes is never changed by being heard. */
static void
hear_in(const char *line, size_t piece)
{
	struct filter	*f = filter_names(&names, NULL, false);

	CHECK_STR(pushed(f, line, piece), line);
	filter_free(f);
}

static void
hear(const char *line)
{
	hear_in(line, 4096);
}

static const char *
say(const char *line)
{
	struct filter	*f = filter_names(&names, NULL, true);
	const char	*out = pushed(f, line, 3);

	filter_free(f);
	return out;
}

static void
a_name_is_one_inert_word(void)
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

static void
a_told_name_is_taken_and_answered_once(void)
{
	size_t	piece;

	for (piece = 1; piece < 30; piece++) {
		begin("Eva");
		hear_in("hello\n* this is Bob\r\n", piece);
		CHECK_STR(peer, "Bob");
		CHECK(told == 1);
		hear_in("* this is Rob\n", piece);
		CHECK_STR(peer, "Rob");
		CHECK(told == 1);
	}
}

static void
a_name_that_forges_is_not_taken(void)
{
	static const char *const	lines[] = {
		"* this is Bob has left\n", "* this is \n", "* this is\n",
		"* this is <Bob\n", "* this is EVA\n", " * this is Bob\n",
		"* this is Bob\033[2J\n", "this is Bob\n"
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin("Eva");
		hear(lines[i]);
		CHECK_STR(peer, "");
		CHECK(told == 0);
	}
}

static void
only_a_reply_of_several_words_is_marked(void)
{
	begin("Eva");
	CHECK_STR(say("hello, you\n"), "hello, you\n");
	hear("hi\n");
	CHECK_STR(say("yes\n1\n\n"), "yes\n1\n\n");
	CHECK_STR(say(" a b\n* Eva waves\n"), " a b\n* Eva waves\n");
	CHECK_STR(say("how are you?\n"), "how are you? \n");
	CHECK_STR(say("and your dog?\n"), "and your dog?\n");
}

static void
an_answer_to_an_open_question_is_not_marked(void)
{
	begin("Eva");
	hear("welcome\npassword: ");
	CHECK_STR(say("open sesame now\n"), "open sesame now\n");
}

static void
a_mark_is_answered_with_the_name(void)
{
	begin("Eva");
	hear("how are you? \n");
	CHECK(told == 0);		/* to nothing that we said */
	say("hello\n");
	hear("fine \n");
	hear("two blanks  \n");
	hear("not marked\n");
	CHECK(told == 0);
	hear("fine, you? \n");
	CHECK(told == 1);
	hear("and again \n");
	CHECK(told == 1);
}

static void
an_echo_of_our_mark_is_none(void)
{
	begin("Eva");
	say("x\n");
	hear("x\n");
	CHECK_STR(say("how are you?\n"), "how are you? \n");
	hear("how are you? \n");
	hear("Server: how are you? \n");
	CHECK(told == 0);
	hear("not bad \n");
	CHECK(told == 1);
}

static void
a_room_is_told_nothing(void)
{
	begin("Eva");
	say("x\n");
	hear("password: * welcome, you are user1; here are: user2\n");
	CHECK_STR(say("hello to all\n"), "hello to all\n");
	hear("how are you? \n* this is Bob\n");
	CHECK_STR(peer, "");
	begin("Eva");
	say("x\n");
	hear("<user4> how are you? \n");
	CHECK(told == 0);
}

static void
long_lines_are_text(void)
{
	char	line[2 * CHAT_LINE_MAX];

	memset(line, 'x', sizeof(line));
	line[5] = ' ';
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	begin("Eva");
	hear_in(line, 100);
	CHECK(names.heard);
	CHECK_STR(say(line), line);
	CHECK_STR(say("a b\n"), "a b \n");
}

int
main(void)
{
	unit_run("a name is one inert word", a_name_is_one_inert_word);
	unit_run("a told name is taken, and answered once",
	    a_told_name_is_taken_and_answered_once);
	unit_run("a name that forges is not taken",
	    a_name_that_forges_is_not_taken);
	unit_run("only a reply of several words is marked",
	    only_a_reply_of_several_words_is_marked);
	unit_run("an answer to an open question is not marked",
	    an_answer_to_an_open_question_is_not_marked);
	unit_run("a mark is answered with the name",
	    a_mark_is_answered_with_the_name);
	unit_run("an echo of our mark is none", an_echo_of_our_mark_is_none);
	unit_run("a room is told nothing", a_room_is_told_nothing);
	unit_run("long lines are text", long_lines_are_text);
	return unit_end();
}

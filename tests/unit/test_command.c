/*
 * The command of -e and -c: its words, and what its environment tells.
 */
#include "net.h"
#include "serve/command.h"

static struct command	cmd;
static struct addr	peer, local;
static char		mark[] = "SOCKCAT_COMMAND=1.2";

static void
fresh(const char *command)
{
	memset(&plan, 0, sizeof(plan));
	plan.family = FAMILY_ANY;
	plan.type = TYPE_STREAM;
	plan.near = PLAN_EXEC;
	plan.exec.command = command;
	peer = addr_of("127.0.0.2", 5001);
	local = addr_of("127.0.0.1", 80);
}

static void
make(void)
{
	CHECK_INT(command_make(&cmd, &plan, &peer, &local, mark), 0);
}

/* The words, each in angle brackets. */
static const char *
words(void)
{
	static char text[4096];
	size_t i;

	text[0] = '\0';
	for (i = 0; cmd.argv[i] != NULL; i++) {
		strlcat(text, "<", sizeof(text));
		strlcat(text, cmd.argv[i], sizeof(text));
		strlcat(text, ">", sizeof(text));
	}
	return text;
}

/* The value of a variable; how many of that name there are. */
static const char *
value(const char *name, int *times)
{
	const char *found = NULL;
	size_t i, len = strlen(name);

	*times = 0;
	for (i = 0; cmd.envp[i] != NULL; i++)
		if (strncmp(cmd.envp[i], name, len) == 0 &&
		    cmd.envp[i][len] == '=') {
			found = cmd.envp[i] + len + 1;
			++*times;
		}
	return found;
}

/* Both names tell it, once each. */
static void
expect_fact(const char *name, const char *want)
{
	static const char *const prefixes[] = { "NCAT_", "SOCKCAT_" };
	char full[64];
	size_t i;
	int times;

	for (i = 0; i < 2; i++) {
		(void)snprintf(full, sizeof(full), "%s%s", prefixes[i], name);
		CHECK_STR(value(full, &times), want);
		CHECK_INT(times, 1);
	}
}

static void
expect_words(const char *command, const char *path, const char *want)
{
	fresh(command);
	plan.exec.how = EXEC_WORDS;
	make();
	CHECK_STR(cmd.path, path);
	CHECK_STR(words(), want);
	command_free(&cmd);
}

TEST(a_command_is_cut_at_blanks)
{
	expect_words("echo hi", "echo", "<echo><hi>");
	expect_words("x", "x", "<x>");
	expect_words(" \t a  b\t\nc ", "a", "<a><b><c>");
	expect_words("a b c d e f g h i j k l m n o p",
	    "a", "<a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p>");
	/* Quotes mean nothing: there is no shell. */
	expect_words("/bin/echo 'a b' \"c\" $HOME *", "/bin/echo",
	    "</bin/echo><'a><b'><\"c\"><$HOME><*>");
}

/* As ncat 7.93 cuts them. */
TEST(a_backslash_takes_the_next_character_as_it_is)
{
	static const char *const cases[][2] = {
		{ "x one two\\ three", "<x><one><two three>" },
		{ "x a\\\\b g\\h", "<x><a\\b><gh>" },
		{ "x \\\"q\\\"", "<x><\"q\">" },
		{ "x end\\", "<x><end>" },
		{ "x \\ ", "<x>< >" },
		{ "x \"a b\"", "<x><\"a><b\">" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(cases[i][0]);
		plan.exec.how = EXEC_ESCAPED;
		make();
		CHECK_STR(words(), cases[i][1]);
		command_free(&cmd);
	}
}

TEST(an_interpreter_gets_the_whole_text_as_a_file)
{
	char lua[] = "/usr/bin/lua5.4";

	fresh("my script.lua");
	plan.exec.how = EXEC_SCRIPT;
	plan.exec.interpreter = lua;
	make();
	CHECK_STR(cmd.path, lua);
	CHECK_STR(words(), "</usr/bin/lua5.4><my script.lua>");
	command_free(&cmd);
}

TEST(without_cutting_it_is_one_path)
{
	fresh("/usr/bin/my program");
	make();
	CHECK_STR(cmd.path, "/usr/bin/my program");
	CHECK_STR(words(), "<my program>");
	command_free(&cmd);
	fresh("cat");
	make();
	CHECK_STR(cmd.path, "cat");
	CHECK_STR(words(), "<cat>");
	command_free(&cmd);
}

TEST(a_shell_gets_the_whole_text)
{
	fresh("  exit $((1 + 2)) ");
	plan.exec.how = EXEC_SHELL;
	make();
	CHECK_STR(cmd.path, "/bin/sh");
	CHECK_STR(words(), "<sh><-c><  exit $((1 + 2)) >");
	command_free(&cmd);
	/* The shortest there is. */
	fresh(":");
	plan.exec.how = EXEC_SHELL;
	make();
	CHECK_STR(words(), "<sh><-c><:>");
	command_free(&cmd);
}

TEST(the_environment_tells_who_is_there)
{
	fresh("x");
	make();
	expect_fact("REMOTE_ADDR", "127.0.0.2");
	expect_fact("REMOTE_PORT", "5001");
	expect_fact("LOCAL_ADDR", "127.0.0.1");
	expect_fact("LOCAL_PORT", "80");
	expect_fact("PROTO", "TCP");
	command_free(&cmd);
	fresh("x");
	plan.type = TYPE_DGRAM;
	peer = addr_of("::1", 65535);
	make();
	expect_fact("REMOTE_ADDR", "::1");
	expect_fact("REMOTE_PORT", "65535");
	expect_fact("PROTO", "UDP");
	command_free(&cmd);
}

TEST(a_Unix_socket_has_a_path_and_no_port)
{
	char path[108];

	fresh("x");
	plan.family = FAMILY_UNIX;
	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(addr_unix(&local, path), 0);
	memset(&peer, 0, sizeof(peer));		/* one without a name */
	peer.u.sa.sa_family = AF_UNIX;
	peer.len = sizeof(sa_family_t);
	make();
	expect_fact("LOCAL_ADDR", path);
	expect_fact("LOCAL_PORT", "");
	expect_fact("REMOTE_ADDR", "");
	expect_fact("REMOTE_PORT", "");
	expect_fact("PROTO", "UNIX");
	command_free(&cmd);
}

TEST(what_was_inherited_is_kept_but_not_believed)
{
	int times;

	(void)setenv("NCAT_REMOTE_ADDR", "1.2.3.4", 1);
	(void)setenv("SOCKCAT_PROTO", "SCTP", 1);
	(void)setenv("NCAT_REMOTE_ADDRESS", "another one", 1);
	(void)setenv("SOCKCAT_TEST", "a=b=c", 1);
	(void)setenv("SOCKCAT_EMPTY", "", 1);
	fresh("x");
	make();
	expect_fact("REMOTE_ADDR", "127.0.0.2");
	expect_fact("PROTO", "TCP");
	CHECK_STR(value("NCAT_REMOTE_ADDRESS", &times), "another one");
	CHECK_STR(value("SOCKCAT_TEST", &times), "a=b=c");
	CHECK_STR(value("SOCKCAT_COMMAND", &times), "1.2");
	CHECK_INT(times, 1);
	CHECK_STR(value("SOCKCAT_EMPTY", &times), "");
	CHECK_STR(value("PATH", &times), getenv("PATH"));
	/* Our own environment is not touched. */
	CHECK_STR(getenv("NCAT_REMOTE_ADDR"), "1.2.3.4");
	CHECK_STR(getenv("NCAT_LOCAL_ADDR"), NULL);
	command_free(&cmd);
	(void)unsetenv("NCAT_REMOTE_ADDR");
	(void)unsetenv("SOCKCAT_PROTO");
	(void)unsetenv("NCAT_REMOTE_ADDRESS");
	(void)unsetenv("SOCKCAT_TEST");
	(void)unsetenv("SOCKCAT_EMPTY");
}

TEST(an_empty_environment_will_do)
{
	char *none[] = { NULL }, **was = environ;
	size_t n;

	environ = none;
	fresh("x");
	make();
	environ = was;
	for (n = 0; cmd.envp[n] != NULL; n++)
		;
	CHECK_INT(n, 11);
	expect_fact("PROTO", "TCP");
	command_free(&cmd);
}
